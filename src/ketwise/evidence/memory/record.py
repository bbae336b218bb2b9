"""What a report on associative memories keeps: curves as tidy tables, the verdict, and its views and files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ketwise.evidence.record import report_paths
from ketwise.words.result import Result
from ketwise.words.store import write_files

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class MemoryReport(Result):
    """Capacity and noise curves of associative memories, quantum beside classical.

    Attributes
    ----------
    headline : str
        The verdict in a few words.
    said : list of str
        The verdict in plain words, paragraph by paragraph.
    verdict : dict of str -> dict
        By kind of damage ("flipped", "unknown"): the best quantum and the best classical memory, their difference, the
        classical memories that match, and what a reading costs.
    recall : dict of str -> list or array
        Columns of the table of recalls; measures have shape (n_rows, repeats): see :attr:`table`.
    price : dict of str -> list or array
        Columns: qubits and gates of one repetition, and operations of the method's classical form. Gates that are not
        counted are NaN.
    device : dict of str -> array
        Columns: the probabilistic memory at each rate of errors in its gates.
    device_facts : dict or None
        The memory whose gates err.
    left_out : list of dict
        Methods that do not take these patterns, with what they say.
    data : dict
        Whether patterns were given, and what identifies them.
    stopped : str or None
        Where the run was interrupted.
    command : str
        The call that measures the same again.

    The other fields are those of :class:`~ketwise.words.result.Result`.
    """

    headline: str
    said: list[str]
    verdict: dict[str, dict[str, Any]]
    recall: dict[str, Any]
    price: dict[str, Any]
    device: dict[str, Any]
    device_facts: dict[str, Any] | None
    left_out: list[dict[str, str]]
    data: dict[str, Any]
    stopped: str | None
    command: str

    @property
    def sentence(self) -> str:
        """The verdict as one paragraph."""
        return f"{self.headline}: " + " ".join(self.said)

    @property
    def table(self) -> pd.DataFrame:
        """Tidy: one row a curve, method, memory and share of broken bits.

        ``curve`` is "noise" (shares vary), "capacity" (loads vary), "small" and "small-noise" (the same with few bits)
        or "parts" (of a given table). Measures are means over the repeats, each with its standard error in the column
        of the same name with ``_error``: ``overlap``, ``exact``, ``read``, ``success``, ``repetitions``, ``runs``.
        """
        import pandas as pd

        found: dict[str, Any] = {}
        for name, column in self.recall.items():
            if np.ndim(column) == 2:
                found[name], found[f"{name}_error"] = mean_and_error(column)
            else:
                found[name] = column
        return pd.DataFrame(found)

    @property
    def price_table(self) -> pd.DataFrame:
        """Tidy: one row a method and memory."""
        import pandas as pd

        return pd.DataFrame(self.price)

    @property
    def device_table(self) -> pd.DataFrame:
        """Tidy: one row a rate of errors in the gates."""
        import pandas as pd

        return pd.DataFrame(self.device)

    def to_html(self) -> str:
        """The report: one page without scripts that needs no network."""
        from ketwise.evidence.memory.page import page

        return page(self)

    def save(self, path: str | os.PathLike[str] = "memory.html") -> list[Path]:
        """Write the page and, beside it, the same as JSON; both or neither.

        Raises
        ------
        OSError, ValueError
            If the place cannot be written to, or the name does not end in .html.
        """
        html, document = report_paths(path)
        return write_files({html: self.to_html(), document: self.to_json()})

    def _repr_html_(self) -> str:
        from ketwise.evidence.memory.page import frame

        return frame(self)

    def __str__(self) -> str:
        return self.sentence


def mean_and_error(measures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error over the last axis; infinite values have an infinite mean, whose error is NaN.

    Examples
    --------
    >>> mean_and_error(np.array([[1.0, 3.0], [1.0, np.inf]]))
    (array([ 2., inf]), array([ 1., nan]))
    """
    mean = measures.mean(axis=-1)
    finite = np.isfinite(mean)
    error = np.full(mean.shape, np.nan)
    error[finite] = measures[finite].std(axis=-1, ddof=1) / np.sqrt(measures.shape[-1])
    return mean, error
