"""Values of angles for one call: those shared by all samples once, those that differ a row a sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class AngleValues:
    """All angles of a circuit, in radians and float64 whatever the precision of the state.

    Attributes
    ----------
    batch : int
    shared : (n_angles,) array
        Value of every angle that is the same for all samples; unused elsewhere.
    rows : (batch, n_rows) array
        Angles that differ from sample to sample.
    column : (n_angles,) int32 array
        Column of ``rows`` in which an angle stands, -1 for a shared one.
    """

    batch: int
    shared: NDArray[np.float64]
    rows: NDArray[np.float64]
    column: NDArray[np.int32]

    def full(self) -> NDArray[np.float64]:
        """Return ``(batch, n_angles)``."""
        whole = np.tile(self.shared, (self.batch, 1))
        differing = np.flatnonzero(self.column >= 0)
        whole[:, differing] = self.rows[:, self.column[differing]]
        return whole
