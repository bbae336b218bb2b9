"""How far a report has come: what a callback is told, and the line that is printed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ketwise.evidence.wording import seconds as in_words


@dataclass(frozen=True)
class Progress:
    """Where the measurement stands.

    Attributes
    ----------
    said : str
        The memory that comes next; empty at the end.
    done, total : int
        Memories.
    seconds, seconds_left : float
        So far; and to go, if the others take as long.
    """

    said: str
    done: int
    total: int
    seconds: float
    seconds_left: float

    def __str__(self) -> str:
        left = f", about {in_words(self.seconds_left)} left" if 0 < self.done < self.total else ""
        return f"{self.done} of {self.total} memories measured{left}" + (f"  {self.said}" if self.said else "")


class Watch:
    """Tells a callback, or prints to standard error: one line that changes on a terminal, else one for every tenth."""

    def __init__(self, progress: Any, total: int):
        if not isinstance(progress, bool) and progress is not None and not callable(progress):
            raise TypeError(f"progress must be True, False or callable with a Progress, got {progress!r}")
        self._callback: Callable[[Progress], Any] | None = None
        if progress is True:
            self._callback = self._print
        elif callable(progress):
            self._callback = progress
        self._total, self._start = total, time.monotonic()

    def tell(self, done: int, said: str) -> None:
        """Tell how many are done, and what comes next."""
        if self._callback is not None:
            seconds = time.monotonic() - self._start
            left = seconds / max(1, done) * (self._total - done)
            self._callback(Progress(said, done, self._total, seconds, left))

    def _print(self, now: Progress) -> None:
        if sys.stderr.isatty():
            end = "\n" if now.done == now.total else ""
            print(f"\r\x1b[K{str(now)[:110]}", end=end, file=sys.stderr, flush=True)
        elif now.done == now.total or now.done % max(1, now.total // 10) == 0:
            print(now, file=sys.stderr, flush=True)
