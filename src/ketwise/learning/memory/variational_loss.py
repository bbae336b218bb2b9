"""What a variational memory is trained by: its program, broken copies of patterns, and the loss of what they become."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ketwise.program.program import Program
from ketwise.words.angle import features
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Z

Array = NDArray[np.float64]


def memory_program(circuit: Circuit) -> Program:
    """Return the program whose features are values in [0, 1], as RY angles of pi each, and whose outputs are all Z."""
    n, encoding = circuit.n_qubits, Circuit(circuit.n_qubits)
    for q, x in enumerate(features(n)):
        encoding.ry(math.pi * x, q)
    return (encoding + circuit).compile([Z(q) for q in range(n)])


def recall_loss(
    program: Program, given: Array, targets: Array, applications: int = 1
) -> Callable[[Array], tuple[float, Array]]:
    """Return the mean squared difference from the targets after each application, as a function of the parameters.

    Parameters
    ----------
    program : Program
        Of :func:`memory_program`.
    given, targets : (n_rows, n_bits) array
        Values in [0, 1].
    applications : int

    Returns
    -------
    callable
        ``theta (n_params,) -> (value, gradient)``.

    Examples
    --------
    >>> import math
    >>> from ketwise.words.angle import params
    >>> program = memory_program(Circuit(1).ry(params(1)[0], 0))
    >>> value, gradient = recall_loss(program, np.array([[0.0]]), np.array([[0.0]]))(np.array([math.pi / 2]))
    >>> round(value, 6), gradient.round(6)  # of sin(w / 2)**4
    (0.25, array([0.5]))
    """
    n_applications = positive_int("applications", applications)

    def loss_and_gradient(theta: Array) -> tuple[float, Array]:
        at, kept, total = given, [], 0.0
        for _ in range(n_applications):
            outputs, residual = program.forward(theta, at)
            at = 0.5 - 0.5 * outputs
            kept.append((residual, at - targets))
            total += float(np.mean((at - targets) ** 2))
        gradient, slope = np.zeros_like(theta), np.zeros_like(targets)
        for residual, difference in reversed(kept):
            slope = slope + 2.0 * difference / (n_applications * difference.size)
            of_params, slope, _ = program.backward(residual, -0.5 * slope, wanted=("params", "features"))
            gradient += of_params
        return total / n_applications, gradient

    return loss_and_gradient


def broken_copies(patterns: Array, flip: float, unknown: float, rng: np.random.Generator) -> Array:
    """Return the patterns with bits flipped, or else unknown, which is 1/2, at these rates."""
    flipped = rng.random(patterns.shape) < flip
    lost = rng.random(patterns.shape) < unknown
    return np.where(lost, 0.5, np.where(flipped, 1.0 - patterns, patterns))
