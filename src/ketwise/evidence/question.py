"""What a verdict is asked: the settings that its numbers depend on, checked; and what tells one run from another."""

import hashlib
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ketwise.evidence.data.tables import Table
from ketwise.evidence.digest import digest
from ketwise.evidence.models.opponents import Opponent, Settings

if TYPE_CHECKING:
    from ketwise.evidence.trials.folds import Fold, Split


@dataclass(frozen=True)
class Question:
    """The arguments of a verdict, as :func:`ketwise.verdict` describes them, checked.

    ``asked`` are the words that named data, columns and models on a command line, if that is where it came from.

    Raises
    ------
    ValueError
        For an argument that makes no sense: what, and what to do.
    """

    models: Mapping[str, Any] | None = None
    against: Mapping[str, Any] | None = None
    scoring: str | Callable[..., float] | None = None
    rope: float = 0.01
    cv: Any = None
    configurations: int = 12
    budget: float | None = None
    random_state: int | None = 0
    asked: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (isinstance(self.rope, (int, float)) and 0 <= self.rope < np.inf):
            raise ValueError(f"rope is the smallest difference that matters, a number of at least 0, got {self.rope!r}")
        if not _whole(self.configurations) or self.configurations < 1:
            raise ValueError(f"configurations must be a whole number of at least 1, got {self.configurations!r}")
        if self.budget is not None and not (
            isinstance(self.budget, (int, float)) and not isinstance(self.budget, bool) and 0 < self.budget < np.inf
        ):
            raise ValueError(f"budget must be a positive number of seconds, got {self.budget!r}")
        if self.random_state is None:
            drawn = int(np.random.SeedSequence().generate_state(1)[0]) & 0x7FFFFFFF
            object.__setattr__(self, "random_state", drawn)
        if not _whole(self.random_state) or not 0 <= int(self.random_state or 0) < 2**31:
            raise ValueError(
                f"random_state must be None or a whole number from 0 to 2147483647, got {self.random_state!r}"
            )
        if isinstance(self.cv, Iterator):  # it can be read only once, and is needed again by ``best`` and ``replay``
            object.__setattr__(self, "cv", list(self.cv))

    @property
    def seed(self) -> int:
        """The seed, drawn where none was given."""
        return int(self.random_state or 0)

    def with_folds(self, folds: "Sequence[Fold]") -> "Question":
        """The same question where a splitter, which may draw anew each time, gives the folds that were drawn."""
        if not hasattr(self.cv, "split"):
            return self
        return replace(self, cv=Drawn(repr(self.cv), [(fold.train_all, fold.test) for fold in folds]))

    def fingerprint(
        self,
        data: Table,
        folds: "Sequence[Fold]",
        opponents: Sequence[Opponent],
        tried: Mapping[str, list[Settings]],
        versions: Mapping[str, str],
    ) -> dict[str, Any]:
        """Everything the numbers depend on, to compare with an earlier run's; the budget is free to change."""
        given = {**(self.models or {}), **(self.against or {})}
        return {
            "data": data.sha256,
            "target": data.target,
            "seed": self.seed,
            "rope": float(self.rope),
            "scoring": self.scoring if isinstance(self.scoring, str) else _content(self.scoring),
            "folds": {"number": len(folds), "rows": _rows(folds)},
            "models": {
                opponent.name: {"about": opponent.about, "tried": tried[opponent.name]} for opponent in opponents
            },
            "given": {name: _content(estimator) for name, estimator in given.items()},
            "versions": dict(versions),
        }


@dataclass(frozen=True)
class Drawn:
    """Folds that a splitter drew, in its place and under its name."""

    name: str
    splits: "list[Split]"

    def get_n_splits(self, *given: Any) -> int:
        """How many there are."""
        return len(self.splits)

    def split(self, *given: Any) -> "Iterator[Split]":
        """Give the pairs of training and test rows."""
        yield from self.splits

    def __repr__(self) -> str:
        return self.name


def _content(value: Any) -> str:
    """A hash of what it holds; what cannot be read equals nothing, not even itself, so that no run goes on from it."""
    try:
        return f"{type(value).__name__} {digest(value)[:32]}"
    except ValueError as error:
        return f"{error}, run {secrets.token_hex(4)}"


def _rows(folds: "Sequence[Fold]") -> str:
    """A hash of the rows of all folds, inner ones included."""
    whole = hashlib.sha256()
    for fold in folds:
        for rows in (fold.train, fold.test, fold.train_all, *(part for split in fold.inner for part in split)):
            whole.update(len(rows).to_bytes(8, "little") + np.asarray(rows, dtype="<i8").tobytes())
    return whole.hexdigest()[:32]


def _whole(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def processes(n_jobs: int | None) -> int:
    """Number of processes: by default one a processor.

    Raises
    ------
    ValueError
        For anything but None, -1 or a whole number of at least 1.
    """
    from ketwise.evidence.trials.parallel import usable_cpus

    if n_jobs is None or (_whole(n_jobs) and n_jobs == -1):
        return usable_cpus()
    if not _whole(n_jobs) or n_jobs < 1:
        raise ValueError(f"n_jobs must be a whole number of at least 1, got {n_jobs!r}")
    return int(n_jobs)
