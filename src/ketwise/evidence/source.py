"""Where a verdict came from, kept in memory beside its numbers: to run it again, or to fit the model it found best."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ketwise.evidence.data.tables import Table
from ketwise.evidence.question import Question

if TYPE_CHECKING:
    from ketwise.evidence.best import Best
    from ketwise.evidence.record import Verdict


@dataclass(frozen=True)
class Source:
    """The table, the question, and the number of processes."""

    table: Table
    question: Question
    n_jobs: int
    _fitted: dict[str, "Best"] = field(default_factory=dict)

    def best(self, verdict: "Verdict") -> "Best":
        """Fit once, then remember."""
        if "best" not in self._fitted:
            from ketwise.evidence.best import fit_best

            self._fitted["best"] = fit_best(verdict, self)
        return self._fitted["best"]

    def replay(self) -> "Verdict":
        """The same again."""
        from ketwise.evidence.verdict import judge

        return judge(self.table, self.question, n_jobs=self.n_jobs)
