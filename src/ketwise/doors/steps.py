"""What is seen on the terminal while something of known length is done: a bar with the time left, or a line a stage."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ketwise.evidence.wording import visible

if TYPE_CHECKING:
    from rich.console import Console


class Steps:
    """Stages one after the other, each of so many steps, on standard error; where no terminal is, a line a stage."""

    def __init__(self, console: "Console | None" = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._console = Console(file=sys.stderr) if console is None else console
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def begin(self, what: str, total: int) -> None:
        """Start a stage; what was before it is done."""
        for task in self._bar.task_ids:
            self._bar.remove_task(task)
        self._bar.add_task(visible(what), total=total)
        if not self._console.is_terminal:
            self._console.print(visible(what), markup=False, highlight=False, soft_wrap=True)

    def advance(self, by: int = 1) -> None:
        """So many more steps of the stage are done."""
        self._bar.advance(self._bar.task_ids[-1], by)
