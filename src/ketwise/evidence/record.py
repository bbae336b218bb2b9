"""What a verdict keeps: the answer, everything it rests on, and its views as table, page and files."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ketwise.words.result import Result
from ketwise.words.store import writable_path, write_files

if TYPE_CHECKING:
    import pandas as pd

    from ketwise.evidence.best import Best
    from ketwise.evidence.source import Source


@dataclass(frozen=True, kw_only=True)
class Verdict(Result):
    """Whether a quantum model helps, and everything that says so.

    Attributes
    ----------
    outcome : str
        HELPS, NO USEFUL GAIN, "AHEAD, USEFULNESS NOT SHOWN" or CANNOT TELL.
    sentence : str
        The verdict in plain words.
    difference, interval : float, [low, high]
        Quantum champion minus classical champion in units of the deciding score, and its 95 % interval.
    probabilities : dict
        Of the quantum champion being ``worse`` (by more than ``rope``), the ``same``, ``better``, and ``ahead`` at all.
    alerts : list of dict
        Remarks about the data: code, title, text, columns, dropped.
    ablations : list of dict
        The quantum champion with something taken away, beside itself.
    stopped : dict or None
        Why the run ended early, where it did: the comparison is then incomplete.

    The other fields are described in ``docs/formats.md``.
    """

    outcome: str
    clearly_worse: bool
    headline: str
    sentence: str
    difference: float
    interval: list[float]
    probabilities: dict[str, float]
    posterior: dict[str, Any]
    inference: dict[str, str]
    differences: np.ndarray
    rows_needed: int | None
    score: dict[str, Any]
    other_scores: list[dict[str, Any]]
    task: dict[str, Any]
    data: dict[str, Any]
    alerts: list[dict[str, Any]]
    champions: dict[str, Any]
    models: list[dict[str, Any]]
    ablations: list[dict[str, Any]]
    second_lines: list[dict[str, Any]]
    scores: list[dict[str, Any]]
    predictions: dict[str, Any]
    portraits: dict[str, Any] | None
    decision_map: dict[str, Any] | None
    diagnosis: dict[str, Any] | None
    circuit: dict[str, Any] | None
    device: dict[str, Any] | None
    stopped: dict[str, Any] | None
    command: str

    @property
    def table(self) -> "pd.DataFrame":
        """Tidy: one row a model and outer fold, with scores, settings and seconds."""
        import pandas as pd

        clock = pd.DataFrame(self.timings["trials"])
        return pd.DataFrame(self.scores).merge(clock, on=["model", "fold"], validate="one_to_one")

    @property
    def best(self) -> "Best":
        """The model to use: the side that won, tuned once more on all rows and fitted to them, on first use.

        The quantum side where the outcome is HELPS or AHEAD, USEFULNESS NOT SHOWN; else the classical one, which costs
        less. Takes the columns as they were given.

        Raises
        ------
        ValueError
            If this verdict was read from a file: it holds the numbers, not the data.
        """
        return self._source("best").best(self)

    def replay(self) -> "Verdict":
        """Run everything again, from the same data: the same numbers, apart from ``timings``.

        Raises
        ------
        ValueError
            If this verdict was read from a file, with the command that gives the same numbers.
        """
        return self._source("replay()").replay()

    def to_html(self) -> str:
        """The report: one page without scripts that needs no network."""
        from ketwise.evidence.report.page import page

        return page(self)

    def save(self, path: str | os.PathLike[str] = "report.html") -> list[Path]:
        """Write the report and, beside it, the same as JSON; both or neither.

        Raises
        ------
        OSError
            If the place cannot be written to.
        """
        html, document = report_paths(path)
        return write_files({html: self.to_html(), document: self.to_json()})

    def save_table(self, path: str | os.PathLike[str]) -> Path:
        """Write :attr:`table` as CSV or Parquet, by the ending of the name.

        Raises
        ------
        OSError, ValueError, ImportError
            If the place cannot be written to, the ending is another one, or Parquet is asked for without pyarrow.
        """
        from ketwise.evidence.data.table_file import table_bytes, table_path

        target = table_path(path)
        flat = self.table.assign(settings=[str(settings) for settings in self.table.settings])
        return write_files({target: table_bytes(flat, target.suffix)})[0]

    def from_source(self, source: "Source") -> "Verdict":
        """Remember the data that this was made from, for :attr:`best` and :meth:`replay`."""
        object.__setattr__(self, "_from", source)
        return self

    def _source(self, wanted: str) -> "Source":
        source: Source | None = getattr(self, "_from", None)
        if source is None:
            raise ValueError(
                f"{wanted} needs the data, and this verdict was read from a file: run it again with {self.command}"
            )
        return source

    def _repr_html_(self) -> str:
        from ketwise.evidence.report.page import frame

        return frame(self)

    def __str__(self) -> str:
        return self.sentence


def report_paths(path: str | os.PathLike[str]) -> tuple[Path, Path]:
    """Check that the page and the JSON beside it can be written, before any long work; returns both paths.

    Raises
    ------
    OSError, ValueError
        One sentence on what is wrong with the name or the place.
    """
    html = Path(path)
    if html.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"the report is a page: give it a name that ends in .html, not {str(path)!r}")
    document = html.with_suffix(".json")
    writable_path(html)
    writable_path(document)
    return html, document
