"""Exact probabilities in place of counts: what a sampler without shots puts into a register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives import SamplerPubResult

#: Probabilities up to this are rounding of amplitudes that are zero, and are not listed.
LEAST = 1e-15


class Distribution:
    """Probabilities of a classical register, for every binding, with the methods that counts have.

    Attributes
    ----------
    shape : tuple of int
        Of the bindings.
    num_bits : int
        Of the register.
    """

    def __init__(self, table: NDArray[np.float64], rows: NDArray[np.int64], bits: Sequence[int | None]):
        self._table, self._rows, self._bits = table, rows, tuple(bits)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the bindings."""
        return self._rows.shape

    @property
    def num_bits(self) -> int:
        """Bits of the register."""
        return len(self._bits)

    @property
    def num_shots(self) -> None:
        """None: nothing was drawn."""
        return None

    def __getitem__(self, index: Any) -> Distribution:
        return Distribution(self._table, np.asarray(self._rows[index]), self._bits)

    def __repr__(self) -> str:
        return f"Distribution(shape={self.shape}, num_bits={self.num_bits})"

    def get_probabilities(self, loc: int | tuple[int, ...] | None = None) -> dict[str, float]:
        """Return bit string -> probability at one binding; without ``loc``, the mean over all of them."""
        # A circuit without parameters has one binding and no axis; qiskit-machine-learning asks for its first.
        rows = np.atleast_1d(self._rows)
        rows = rows.reshape(-1) if loc is None else np.atleast_1d(rows[loc]).reshape(-1)
        weights = self._table[rows].mean(axis=0)
        indices = np.flatnonzero(weights > LEAST)
        # A register may be wider than the integers of NumPy, though the qubits measured into it are few.
        values = np.zeros(len(indices), dtype=np.int64 if self.num_bits < 63 else object)
        for k, source in enumerate(self._bits):
            if source is not None:
                values |= (indices >> source & 1).astype(values.dtype) << k
        found: dict[str, float] = {}
        for value, weight in zip(values.tolist(), weights[indices].tolist(), strict=True):
            word = format(value, f"0{self.num_bits}b") if self._bits else ""
            found[word] = found.get(word, 0.0) + weight
        return found

    def get_counts(self, loc: int | tuple[int, ...] | None = None) -> dict[str, float]:
        """Return the probabilities: fractions of shots without end."""
        return self.get_probabilities(loc)

    @staticmethod
    def concatenate_bits(items: Sequence[Distribution]) -> Distribution:
        """Return the joint distribution of several registers of one result, the first one lowest."""
        first = items[0]
        if any(each._table is not first._table or each._rows is not first._rows for each in items):
            raise ValueError("only registers of the same result have a joint distribution")
        return Distribution(first._table, first._rows, [bit for each in items for bit in each._bits])


class ExactResult(SamplerPubResult):
    """A result that holds distributions; registers join into their joint distribution."""

    def join_data(self, names: Any = None) -> Distribution:
        """Return the joint distribution of the registers, by default of all in their order."""
        chosen = list(self.data) if names is None else list(names)
        unknown = [name for name in chosen if name not in self.data]
        if unknown or not chosen:
            raise ValueError(f"names must be registers out of {list(self.data)}, got {chosen}")
        return Distribution.concatenate_bits([self.data[name] for name in chosen])
