"""Gradients by parameter shift as a device would measure them: exact values and variances, and simulated shots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import angle_derivatives, freed
from ketwise.learning.optimizers.landscape import Sampled
from ketwise.program.polynomial import AngleMap
from ketwise.program.shift import FOUR_TERMS, TWO_TERMS
from ketwise.words.angle import PARAM
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Observable

Array = NDArray[np.float64]


def shot_gradient(
    circuit: Circuit, observable: Observable, features: Array | None = None
) -> Callable[[Array, NDArray[np.int64], Any], Sampled]:
    """Return a function that draws a gradient of the mean over rows of an expectation.

    Parameters
    ----------
    circuit : Circuit
    observable : Observable
        Measured as one, in its eigenbasis: a shot has the variance ``<O**2> - <O>**2``.
    features : (n_rows, n_features) array, optional
        As the circuit takes them.

    Returns
    -------
    callable
        ``(theta (n_params,), shots (n_params,), rng) -> Sampled``: normal draws with the exact mean, and the exact
        variance that so many shots a circuit leave.

    Notes
    -----
    Shots count for every circuit, parameter and row: two circuits for a rotation, four for a controlled one. Cost: all
    shifted circuits of all rows in one batched call.

    Examples
    --------
    >>> import ketwise as kw
    >>> sampled = shot_gradient(kw.Circuit(1).ry(kw.params(1)[0], 0), kw.Z(0))
    >>> found = sampled(np.array([0.0]), np.array([100]), np.random.default_rng(0))
    >>> found.variance.round(12), found.spent  # both shifted circuits are at the equator: (1 + 1) / 4
    (array([0.5]), 200)
    """
    rotations = [op for op in circuit.ops if op.gate.is_rotation]
    angles = [op.angle for op in rotations if op.angle is not None]
    trained = [k for k, angle in enumerate(angles) if angle.sizes()[PARAM]]
    rules = [FOUR_TERMS if rotations[k].controls else TWO_TERMS for k in trained]
    rows = np.zeros((1, circuit.n_features)) if features is None else np.atleast_2d(features)
    lowered = AngleMap(angles, circuit.n_features, circuit.n_params)
    program = freed(circuit).compile([observable, observable * observable])

    def sampled(theta: Array, shots: NDArray[np.int64], rng: Any) -> Sampled:
        params = np.tile(theta, (len(rows), 1))
        values = lowered.values(params, rows, len(rows), True).full()
        moved = [
            values + sign * shift * (np.arange(len(angles)) == k)
            for k, rule in zip(trained, rules, strict=True)
            for _, shift in rule
            for sign in (1.0, -1.0)
        ]
        outputs = program(np.concatenate(moved)).reshape(-1, 2, len(rows), 2)  # term, sign, row, <O> and <O**2>
        means, variances = outputs[..., 0], np.maximum(outputs[..., 1] - outputs[..., 0] ** 2, 0.0)
        slopes, noises = np.zeros((2, len(rows), len(trained)))
        at = 0
        for a, rule in enumerate(rules):
            for coefficient, _ in rule:
                slopes[:, a] += coefficient * (means[at, 0] - means[at, 1])
                noises[:, a] += coefficient**2 * variances[at].sum(axis=0)
                at += 1
        chain = angle_derivatives([angles[k] for k in trained], params, rows)
        gradient = np.einsum("ra,rap->p", slopes, chain) / len(rows)
        variance = np.einsum("ra,rap->p", noises, chain**2) / len(rows) ** 2
        circuits = np.array([2 * len(rule) for rule in rules]) @ (chain != 0).sum(axis=0)
        drawn = gradient + np.sqrt(variance / shots) * rng.standard_normal(len(theta))
        return Sampled(drawn, variance, int((shots * circuits).sum()))

    return sampled
