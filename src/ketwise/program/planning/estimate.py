"""A plan as data: what each backend would cost, which one to take, and the table that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ketwise.engine.memory import NOT_WORTH_A_LOOK, readable
from ketwise.words.draw_table import html_table
from ketwise.words.result import Result

HEAD = ("backend", "memory", "time", "shots", "remarks")
_SPANS = ((365.25 * 86_400.0, "years"), (86_400.0, "days"), (3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What one backend would cost; None where there is no such cost, or none is known.

    Attributes
    ----------
    backend : str
    runs : bool
        Whether it can.
    exact : bool
        Whether the outputs have no noise of shots.
    bytes_needed, bytes_available : int or None
        Memory of the run; 16 MiB stands for anything up to that.
    largest_n_qubits : int or None
        The most qubits with which a circuit like this would fit.
    seconds : float or None
    circuits, shots, shots_a_circuit : int or None
        For a device: runs of a circuit with other angles or another measurement setting, and shots in all and of each.
    standard_error : float or None
        Of the noisiest output, from those shots.
    money : float or None
        USD.
    says : str
        What stands behind it, or why it cannot run.
    """

    backend: str
    runs: bool
    exact: bool = False
    bytes_needed: int | None = None
    bytes_available: int | None = None
    largest_n_qubits: int | None = None
    seconds: float | None = None
    circuits: int | None = None
    shots: int | None = None
    shots_a_circuit: int | None = None
    standard_error: float | None = None
    money: float | None = None
    says: str = ""

    def row(self) -> tuple[str, ...]:
        """Return the estimate as cells of the table."""
        shots = "exact" if self.exact and self.runs else ""
        if self.shots is not None and self.circuits is not None and self.shots_a_circuit is not None:
            shots = f"{self.circuits:,} x {self.shots_a_circuit:,}"
        remarks = [self.says] if self.says else []
        if self.standard_error is not None:
            remarks.insert(0, f"±{self.standard_error:.2g}, {self.money:,.2f} USD")
        return self.backend, self._memory(), spoken(self.seconds), shots, "; ".join(remarks)

    def _memory(self) -> str:
        if self.bytes_needed is None or self.bytes_available is None:
            return ""
        need = "16 MiB or less" if self.bytes_needed <= NOT_WORTH_A_LOOK else readable(self.bytes_needed)
        return f"{need} of {readable(self.bytes_available)}, up to {self.largest_n_qubits} qubits"


@dataclass(frozen=True, kw_only=True, repr=False)
class Plan(Result):
    """What each backend would cost for a program, and which one to take.

    Attributes
    ----------
    n_qubits, n_operations, batch : int
    gradient : bool
        Whether the costs are those of values and gradient.
    backends : list of dict
        The fields of an :class:`Estimate` each; :attr:`estimates` has them as such.
    pick : str
        The backend to take, "" where none can run it.
    reason : str
    """

    n_qubits: int
    n_operations: int
    batch: int
    gradient: bool
    backends: list[dict[str, Any]]
    pick: str
    reason: str

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """One a backend."""
        return tuple(Estimate(**fields) for fields in self.backends)

    def __getitem__(self, backend: str) -> Estimate:
        """Return the estimate of the backend whose name begins so, as in ``plan["native"]``."""
        for estimate in self.estimates:
            if estimate.backend.startswith(backend):
                return estimate
        known = ", ".join(repr(estimate.backend) for estimate in self.estimates)
        raise KeyError(f"no backend of this plan is named {backend!r}; there are {known}")

    def _title(self) -> str:
        what = "values and gradient" if self.gradient else "values"
        rows = f"{self.batch:,} sample{'s' * (self.batch != 1)}"
        return f"{what} of {rows}: {self.n_qubits} qubits, {self.n_operations:,} operations"

    def __repr__(self) -> str:
        rows = [HEAD, *(estimate.row() for estimate in self.estimates)]
        return "\n".join([self._title(), *_aligned(rows), f"pick: {self.pick or 'none'} - {self.reason}"])

    def _repr_html_(self) -> str:
        table = html_table([estimate.row() for estimate in self.estimates], HEAD, self._title())
        return f"<div>{table}{html_table([('pick', self.pick or 'none', self.reason)])}</div>"


def planned(estimates: Sequence[Estimate], **fields: Any) -> Plan:
    """Return the plan of these estimates: the fastest exact backend that can, else the fastest of the others."""
    able = sorted((e for e in estimates if e.runs), key=lambda e: (not e.exact, e.seconds or 0.0))
    backends = [asdict(estimate) for estimate in estimates]
    if not able:
        whys = "; ".join(f"{e.backend}: {e.says}" for e in estimates)
        return Plan(backends=backends, pick="", reason=f"nothing here can run it ({whys})", **fields)
    best, *others = able
    if best.exact:
        beside = ", ".join(f"{each.backend} {spoken(each.seconds)}" for each in others)
        reason = f"exact in {spoken(best.seconds)}" + (f"; beside it: {beside}" if beside else "")
    else:
        most = max((each.largest_n_qubits or 0 for each in estimates), default=0)
        reason = f"no simulator here holds {fields['n_qubits']} qubits, {most} at most"
    return Plan(backends=backends, pick=best.backend, reason=reason, **fields)


def spoken(seconds: float | None) -> str:
    """Return a duration in the unit that suits it.

    Examples
    --------
    >>> spoken(3.2e-5), spoken(0.0123), spoken(7200.0), spoken(1e12), spoken(None)
    ('32 µs', '12 ms', '2 h', '31,688 years', '')
    """
    if seconds is None:
        return ""
    for size, name in _SPANS:
        if seconds >= size:
            amount = seconds / size
            return f"{amount:,.0f} {name}" if amount >= 10 else f"{amount:.2g} {name}"
    return f"{seconds * 1e6:.0f} µs"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
