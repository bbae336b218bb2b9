"""Running pieces of work on several processes: the same numbers for any number of them, stopped or not.

Finished pieces go to a ledger; a stop (Ctrl-C, or a budget that is spent) keeps them and starts no more.
"""

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ketwise.evidence.trials.ledger import Ledger

INTERRUPTED, BUDGET = "interrupted", "budget"


@dataclass(frozen=True)
class Piece:
    """A call that gives a dict of plain values and arrays, under a key that is its own in the whole run."""

    key: str
    function: Callable[..., dict[str, Any]]
    arguments: tuple[Any, ...]


class _Interrupted(BaseException):
    """Ctrl-C. No KeyboardInterrupt: a model in training would take it for its own and let the run go on."""


def usable_cpus() -> int:
    """Processors this process may use (affinity and cgroup quota counted)."""
    from joblib import cpu_count

    return int(cpu_count())


class Crew:
    """Processes that do pieces of work.

    Parameters
    ----------
    n_jobs : int
        Processes; 1 works in this one.
    ledger : Ledger, optional
        Pieces it holds are not done again; others are added as they end.
    budget : float, optional
        Seconds from now after which nothing more is started.

    Attributes
    ----------
    stopped : "interrupted", "budget" or None
        Once set, only what the ledger holds is still given.
    """

    def __init__(self, n_jobs: int, ledger: Ledger | None = None, budget: float | None = None) -> None:
        self.n_jobs = n_jobs
        self.stopped: str | None = None
        self._ledger = ledger
        self._deadline = None if budget is None else time.monotonic() + budget
        self._asked = self._waiting = False

    def run(self, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, dict[str, Any]]]:
        """Yield every finished piece, in the order in which they end; those in the ledger first.

        An exception ends all processes before it goes on.
        """
        found = {} if self._ledger is None else self._ledger.found
        yield from ((piece, found[piece.key]) for piece in pieces if piece.key in found)
        left = [piece for piece in pieces if piece.key not in found]
        if not left or self._must_stop():
            return
        finished = _as_finished(left, self.n_jobs)
        try:
            while not self._must_stop():
                try:
                    self._waiting = True
                    index, value = next(finished)
                except StopIteration:
                    return
                except _Interrupted:
                    continue
                finally:
                    self._waiting = False
                if self._ledger is not None:
                    self._ledger.add(left[index].key, value)
                yield left[index], value
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that tasks are cut short is what was wanted
                finished.close()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Within, Ctrl-C stops the work and keeps what is finished. Outside the main thread nothing can be heard."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        if self._waiting:
            self._waiting = False
            raise _Interrupted
        return

    def _must_stop(self) -> bool:
        if self.stopped is None:
            if self._asked:
                self.stopped = INTERRUPTED
            elif self._deadline is not None and time.monotonic() > self._deadline:
                self.stopped = BUDGET
        return self.stopped is not None


def _as_finished(pieces: Sequence[Piece], n_jobs: int) -> Generator[tuple[int, dict[str, Any]], None, None]:
    if n_jobs == 1:
        for index, piece in enumerate(pieces):
            yield index, piece.function(*piece.arguments)
        return
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend="loky", n_jobs=n_jobs, inner_max_num_threads=1):
        # One task at a time and few ahead, so that what is running is known.
        pool = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2*n_jobs")
        with _deaf_to_interrupts():
            results = pool(delayed(_call)(index, piece) for index, piece in enumerate(pieces))
        yield from results


def _call(index: int, piece: Piece) -> tuple[int, dict[str, Any]]:
    # Several processes share the machine: one engine thread each.
    os.environ["KETWISE_NUM_THREADS"] = "1"
    return index, piece.function(*piece.arguments)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started in here never hear Ctrl-C, so that they have no traceback to print; this one ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
