"""Values of angles for one call: those shared by all samples once, those that differ a row a sample."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class AngleValues(NamedTuple):
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


class Wanted(NamedTuple):
    """Which derivatives a reverse sweep gives; what is left out stays 0 and costs nothing where the engine can skip it.

    Attributes
    ----------
    angles : (n_angles,) bool array
    initial_state : bool
    by_sample : bool
        Every angle's derivative has a row a sample, ``(batch, n_angles)``, even where its value is shared.
    """

    angles: NDArray[np.bool_]
    initial_state: bool = False
    by_sample: bool = False


def as_wanted(
    d_angles: NDArray[np.float64], angles: AngleValues, wanted: Wanted
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Return ``d_shared (n_angles,)`` and ``d_rows`` from the derivatives of every sample, ``(batch, n_angles)``."""
    if wanted.by_sample:
        return None, d_angles
    d_shared = np.where(angles.column < 0, d_angles.sum(axis=0), 0.0)
    return d_shared, d_angles[:, np.flatnonzero(angles.column >= 0)]
