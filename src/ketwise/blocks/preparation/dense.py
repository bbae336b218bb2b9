"""Circuits that prepare given amplitudes on all basis states from one- and two-qubit gates, and the angles they need.

A state is prepared by a tree of turns, each of which splits one amplitude into two. The circuit is always the same; the
amplitudes enter by the angles, which are differentiable functions of them. A few basis states cost less:
``sparse.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.preparation.premap import Array, PreMap
from ketwise.words.angle import Angle, features
from ketwise.words.checks import complex_array, positive_int, real_number, shape_error
from ketwise.words.circuit import Circuit


class Prepared(NamedTuple):
    """A circuit whose angles are the features, and its entanglement-free twin with the same ones."""

    circuit: Circuit
    twin: Circuit


def turn(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the angle of the turn that splits an amplitude into a and b, and that amplitude."""
    return 2.0 * np.arctan2(b, a), np.hypot(a, b)


def turn_back(a: Array, b: Array, before: Array, d_angle: Array, d_before: Array) -> tuple[Array, Array]:
    """Return the gradients by a and b. Where both are 0 a stands for a small positive number."""
    safe = np.where(before > 0, before, 1.0)
    cosine, sine = np.where(before > 0, a / safe, 1.0), b / safe
    along = np.where(before > 0, 2.0 * d_angle / safe, 0.0)
    return d_before * cosine - along * sine, d_before * sine + along * cosine


def refuse_zero_rows(norms: Array, what: str) -> None:
    """Refuse rows of norm 0."""
    if not (norms > 0).all():
        raise ValueError(
            f"{what}: row {int(np.argmin(norms > 0))} is all zeros, and a state of norm 0 cannot be prepared; drop the "
            "row, or add a constant feature (pad=1.0 does where the row is padded)"
        )


@dataclass(frozen=True)
class _AmplitudeAngles:
    n_qubits: int
    pad: float

    def levels(self, X: Array) -> tuple[list[tuple[Array, Array, Array]], list[Array]]:
        """Return (a, b, amplitude before) and the angles, by qubit from the lowest to the highest."""
        values = np.full((len(X), 1 << self.n_qubits), self.pad)
        values[:, : X.shape[1]] = X
        turns, angles = [], []
        for _ in range(self.n_qubits):
            a, b = np.ascontiguousarray(values[:, 0::2]), np.ascontiguousarray(values[:, 1::2])
            angle, values = turn(a, b)
            turns.append((a, b, values))
            angles.append(angle)
        refuse_zero_rows(values[:, 0], "amplitude encoding")
        return turns, angles

    def __call__(self, X: Array) -> Array:
        return np.hstack([_uniform_angles(angle) for angle in reversed(self.levels(X)[1])])


@dataclass(frozen=True)
class _AmplitudeAnglesBack:
    forward: _AmplitudeAngles

    def __call__(self, X: Array, cotangent: Array) -> Array:
        turns, angles = self.forward.levels(X)
        start, d_values = 0, np.zeros((len(X), 1))
        for (a, b, before), angle in zip(reversed(turns), reversed(angles), strict=True):
            width = angle.shape[1]
            d_angle = _branch_cotangents(cotangent[:, start : start + width])
            d_a, d_b = turn_back(a, b, before, d_angle, d_values)
            d_values = np.stack([d_a, d_b], axis=2).reshape(len(X), -1)
            start += width
        return d_values[:, : X.shape[1]]


def amplitude_angles(n_features: int, n_qubits: int | None = None, pad: float = 0.0) -> PreMap:
    """Return the angles of :func:`dense_preparation` for the rows as amplitudes, normalised.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default as few as will do.
    pad : float
        Amplitude, before normalising, of the basis states from ``n_features`` on.

    Raises
    ------
    ValueError
        When a row is all zeros.

    Notes
    -----
    Where two neighbouring amplitudes are both exactly 0, a derivative by the second is given as 0. Möttönen et al.,
    Quantum Information and Computation 5, 467 (2005).

    Examples
    --------
    >>> amplitude_angles(2).forward(np.array([[3.0, 3.0]])).round(4)
    array([[1.5708]])
    """
    n_features = positive_int("n_features", n_features)
    least = max(1, (n_features - 1).bit_length())
    n_qubits = least if n_qubits is None else positive_int("n_qubits", n_qubits)
    if n_qubits < least:
        raise ValueError(f"{n_features} amplitudes need {least} qubits, got n_qubits={n_qubits}")
    forward = _AmplitudeAngles(n_qubits, real_number("pad", pad))
    settings = (("n_features", n_features), ("n_qubits", n_qubits), ("pad", forward.pad))
    return PreMap("amplitude_angles", forward, _AmplitudeAnglesBack(forward), n_features, settings=settings)


def dense_preparation(n_qubits: int) -> Prepared:
    """Return the circuit that prepares any real amplitudes, with the angles of :func:`amplitude_angles` as features.

    Qubits are turned from the highest to the lowest, each by an angle that depends on all higher ones.

    Parameters
    ----------
    n_qubits : int

    Returns
    -------
    Prepared
        With ``2**n - 1`` RY and ``2**n - 2`` CX; in the twin each qubit is turned by the mean of its angles.

    Notes
    -----
    Möttönen et al., Quantum Information and Computation 5, 467 (2005).

    Examples
    --------
    >>> dense_preparation(3).circuit.counts()
    Counter({'ry': 7, 'cx': 6})
    """
    n_qubits = positive_int("n_qubits", n_qubits)
    x = features((1 << n_qubits) - 1)
    circuit, twin = (Circuit(n_qubits, n_features=len(x)) for _ in range(2))
    start = 0
    for target in reversed(range(n_qubits)):
        controls = list(range(target + 1, n_qubits))
        width = 1 << len(controls)
        uniformly_controlled(circuit, "ry", x[start : start + width], target, controls)
        twin.ry(x[start], target)  # the first of them is the mean over the branches
        start += width
    return Prepared(circuit, twin)


def uniformly_controlled(circuit: Circuit, gate: str, angles: list[Angle], target: int, controls: list[int]) -> None:
    """Append the rotation whose angle depends on the controls, as ``2**k`` rotations and as many CX.

    Branch j turns by ``sum_i (-1)**(j . g_i) angles[i]``, with g_i the Gray code of i.
    """
    for i, angle in enumerate(angles):
        getattr(circuit, gate)(angle, target)
        if controls:
            bit = min(((i + 1) & -(i + 1)).bit_length() - 1, len(controls) - 1)
            circuit.cx(controls[bit], target)


def _walsh_hadamard(values: Array) -> Array:
    """Return the sums with signs ``(-1)**(i . j)`` over the last axis, added in a fixed order."""
    width = values.shape[1]
    step = 1
    while step < width:
        pairs = values.reshape(len(values), -1, 2, step)
        a, b = pairs[:, :, 0], pairs[:, :, 1]
        values = np.stack([a + b, a - b], axis=2).reshape(len(values), width)
        step *= 2
    return values


def gray_code(width: int) -> NDArray[np.intp]:
    """Return the numbers below ``width`` in the order in which neighbours differ in one bit."""
    index = np.arange(width)
    return index ^ (index >> 1)


def _uniform_angles(branches: Array) -> Array:
    """Return the rotations' angles from the branches' angles."""
    width = branches.shape[1]
    return _walsh_hadamard(branches)[:, gray_code(width)] / width


def _branch_cotangents(cotangent: Array) -> Array:
    width = cotangent.shape[1]
    scattered = np.empty_like(cotangent)
    scattered[:, gray_code(width)] = cotangent
    return _walsh_hadamard(scattered) / width


def prepare(amplitudes: Any) -> Circuit:
    """Return a circuit without features that prepares the given state, up to a global phase.

    Parameters
    ----------
    amplitudes : (2**n,) array
        Real or complex; normalised here. Shorter ones are filled up with zeros.

    Returns
    -------
    Circuit
        With ``2**n - 2`` CX for real amplitudes and twice as many for complex ones.

    Raises
    ------
    ValueError
        When all amplitudes are 0.

    Examples
    --------
    >>> import ketwise as kw
    >>> prepare([1.0, 0.0, 0.0, 1.0]).compile(kw.State())().real.round(4)
    array([0.7071, 0.    , 0.    , 0.7071])
    """
    given = complex_array("amplitudes", amplitudes)
    if given.ndim != 1 or not len(given):
        raise shape_error("amplitudes", "(2**n,)", given.shape)
    if not np.isfinite(given).all():
        raise ValueError("amplitudes must be finite")
    n_qubits = max(1, (len(given) - 1).bit_length())
    values = np.zeros(1 << n_qubits, dtype=complex)
    values[: len(given)] = given
    real = not values.imag.any()
    angles = amplitude_angles(len(values)).forward((values.real if real else np.abs(values))[np.newaxis])[0]
    circuit, start = Circuit(n_qubits), 0
    for target in reversed(range(n_qubits)):
        controls = list(range(target + 1, n_qubits))
        numbers = [Angle.of(value) for value in angles[start : start + (1 << len(controls))]]
        uniformly_controlled(circuit, "ry", numbers, target, controls)
        start += len(numbers)
    if not real:
        _append_phases(circuit, np.angle(values))
    return circuit


def _append_phases(circuit: Circuit, phases: Array) -> None:
    """Append the phases of the basis states, up to a common one: differences by the lowest qubit first."""
    for target in range(circuit.n_qubits):
        a, b = phases[0::2], phases[1::2]
        turns = _uniform_angles((b - a)[np.newaxis])[0]
        controls = list(range(target + 1, circuit.n_qubits))
        uniformly_controlled(circuit, "rz", [Angle.of(value) for value in turns], target, controls)
        phases = 0.5 * (a + b)
