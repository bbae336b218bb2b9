"""Derivatives from shifted evaluations: for every backend that can only run, such as hardware."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues, Wanted, as_wanted
from ketwise.program.backends.base import Backend
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Outputs, State

# d f/d angle = sum of coefficient * (f(angle + shift) - f(angle - shift)).
TWO_TERMS = ((0.5, math.pi / 2),)
FOUR_TERMS = (
    ((math.sqrt(2) + 1) / (4 * math.sqrt(2)), math.pi / 2),
    (-(math.sqrt(2) - 1) / (4 * math.sqrt(2)), 3 * math.pi / 2),
)


def shifted_derivatives(
    backend: Backend,
    plan: Any,
    circuit: Circuit,
    outputs: Outputs,
    angles: AngleValues,
    initial: NDArray[Any] | None,
    cotangent: NDArray[Any],
    wanted: Wanted,
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64]]:
    """Return ``d_shared`` and ``d_rows`` of ``sum(cotangent * outputs)`` from runs of shifted circuits.

    Notes
    -----
    Cost: 2 circuits a sample for a rotation, 4 for a controlled one. Schuld et al., PRA 99, 032331 (2019); four
    terms: Anselmetti et al., New J. Phys. 23, 113010 (2021).
    """
    if isinstance(outputs, State):
        raise TypeError("a state has no parameter-shift rule: ask for expectations, probabilities or overlaps")
    full = angles.full()
    d_angles = np.zeros(full.shape)
    rotations = [op for op in circuit.ops if op.gate.is_rotation]
    every = np.arange(full.shape[1], dtype=np.int32)
    for a, op in enumerate(rotations):
        if not wanted.angles[a]:
            continue
        for coefficient, shift in FOUR_TERMS if op.controls else TWO_TERMS:
            for sign in (1.0, -1.0):
                moved = full.copy()
                moved[:, a] += sign * shift
                values = backend.run(plan, AngleValues(angles.batch, angles.shared, moved, every), initial)
                d_angles[:, a] += sign * coefficient * (values.astype(np.float64) * cotangent).sum(axis=1)
    return as_wanted(d_angles, angles, wanted)
