"""What is seen on the terminal while a verdict is measured: every model's score so far, and the time left."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

import numpy as np

from ketwise.evidence.wording import number, seconds, visible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleRenderable, Group

    from ketwise.evidence.trials.measure import Step


class LiveProgress:
    """A table that fills as trials end, on standard error; where that is no terminal, a line a provisional verdict."""

    def __init__(self, console: "Console | None" = None) -> None:
        from rich.console import Console
        from rich.live import Live

        self._console = Console(file=sys.stderr) if console is None else console
        self._live = (
            Live(console=self._console, transient=True, refresh_per_second=4) if self._console.is_terminal else None
        )
        self._scores: dict[str, list[float]] = {}
        self._clock: dict[str, list[float]] = {}
        self._provisional: str | None = None
        self._said = False

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def __call__(self, step: "Step") -> None:
        """Take in one step."""
        if not self._said:
            self._said = True
            self._print(*step.said)
        if step.trial is not None:
            self._scores.setdefault(step.trial.model, []).append(step.trial.score)
            self._clock.setdefault(step.trial.model, []).append(step.trial.fit_seconds)
        if step.provisional is not None:
            self._provisional = step.provisional
            if self._live is None:
                self._print(step.provisional)
        if self._live is not None:
            self._live.update(self._view(step))

    def _print(self, *lines: str) -> None:
        for line in lines:
            self._console.print(visible(line), markup=False, highlight=False, soft_wrap=True)

    def _view(self, step: "Step") -> "Group":
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
        for title in ("model", "score so far", "one fit", "folds"):
            table.add_column(title, justify="left" if title == "model" else "right")
        for model, scores in sorted(self._scores.items(), key=lambda item: -float(np.mean(item[1]))):
            spent = float(np.mean(self._clock[model]))
            table.add_row(Text(visible(model)), number(float(np.mean(scores))), seconds(spent), str(len(scores)))
        left = "" if step.seconds_left is None else f", about {seconds(step.seconds_left)} left"
        bar = ProgressBar(total=max(1, step.total), completed=step.done, width=40)
        parts: list[ConsoleRenderable] = [table, Text("")]
        if self._provisional is not None:
            parts += [Text(self._provisional), Text("")]
        running = f" Running: {visible(', '.join(dict.fromkeys(step.running)))}." if step.running else ""
        what = f"{step.stage[:1].upper()}{step.stage[1:]}: {step.done} of {step.total} done{left}.{running}"
        return Group(*parts, bar, Text(f"{what} Ctrl-C stops and reports what is complete.", style="dim"))
