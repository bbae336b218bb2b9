"""The open quantum Hopfield network of infinitely many spins: mean-field equations, stationary states and phases.

The network of finitely many spins is in ``open_hopfield.py``.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import positive_int, real_number, shape_error

Array = NDArray[np.float64]

#: The mean over patterns runs over half of all ``2**n_patterns`` columns.
MAX_PATTERNS = 12
#: Below this temperature the state without overlap is unstable, whatever the field: 1/T - 1 exceeds the decay of y.
FORGETFUL = 2.0 / 3.0


class MeanField(NamedTuple):
    """Components along the patterns over time: ``sum_i xi_i <sigma_i> / n`` with sigma z, y or x.

    Attributes
    ----------
    times : (n_times,) array
    overlaps, y, x : (n_times, n_patterns) array
    """

    times: Array
    overlaps: Array
    y: Array
    x: Array


class StationaryState(NamedTuple):
    """A stationary state of a network with one pattern; x is 0 in all of them.

    Attributes
    ----------
    overlap, y : float
    eigenvalues : (2,) complex array
        Of the motion of small deviations in overlap and y.
    """

    overlap: float
    y: float
    eigenvalues: NDArray[np.complex128]

    @property
    def stable(self) -> bool:
        """Whether all small deviations decay."""
        return bool(self.eigenvalues.real.max() < 0)


def hopfield_mean_field(
    overlap: Any,
    *,
    transverse_field: float,
    temperature: float,
    time: float,
    n_times: int = 101,
    y: Any = None,
    x: Any = None,
) -> MeanField:
    """Solve the equations of few random patterns and infinitely many spins.

    ``m_k' = <xi_k tanh(sum_l xi_l m_l / T)> - m_k + 2 Omega y_k``, ``y_k' = -2 Omega m_k - y_k / 2`` and ``x_k' =
    -x_k / 2``, with the mean over all columns ``xi`` of +1 and -1; for one pattern it is ``tanh(m / T)``.

    Parameters
    ----------
    overlap : float or (n_patterns,) array
        At the start; up to 12 patterns.
    transverse_field, temperature, time, n_times
        As for :func:`open_hopfield`.
    y, x : float or (n_patterns,) array, optional
        At the start. Default 0, as for spins that are known or maximally mixed.

    Returns
    -------
    MeanField

    Raises
    ------
    ValueError
        For bad numbers, and for components whose squares add up to more than 1, which no spins have.

    Notes
    -----
    The equations are exact for infinitely many spins and a finite number of independent patterns: the fluctuations of a
    field and the jumps' effect on the coherence of other spins are of order ``1 / n``. SciPy integrates them, with a
    relative error of 1e-8 a step. Rotondo et al., J. Phys. A 51, 115301 (2018).

    Examples
    --------
    >>> found = hopfield_mean_field(0.1, transverse_field=0.0, temperature=0.5, time=50)
    >>> found.overlaps[-1].round(4), np.tanh(found.overlaps[-1] / 0.5).round(4)
    (array([0.9575]), array([0.9575]))
    """
    from scipy.integrate import solve_ivp

    field, beta = real_number("transverse_field", transverse_field), 1.0 / above_zero("temperature", temperature)
    times = evenly_spaced(time, n_times)
    start = _start(overlap, y, x)
    p = start.shape[1]
    columns = np.array([[1 - 2 * (column >> k & 1) for k in range(p)] for column in range(1 << p - 1)])

    def slope(_: float, flat: Array) -> Array:
        m, across = flat.reshape(2, p)
        driven = np.tanh(beta * (columns @ m)) @ columns / len(columns)
        return np.concatenate([driven - m + 2.0 * field * across, -2.0 * field * m - across / 2.0])

    found = solve_ivp(slope, (0.0, times[-1]), start[:2].ravel(), "LSODA", times, rtol=1e-8, atol=1e-10)
    m, across = found.y.T.reshape(-1, 2, p).transpose(1, 0, 2)
    return MeanField(times, m, across, start[2] * np.exp(-times[:, None] / 2.0))


def hopfield_stationary_states(transverse_field: float, temperature: float) -> tuple[StationaryState, ...]:
    """Return the stationary states of a network with one pattern, with none first, then with positive overlap.

    They solve ``m (1 + 8 Omega**2) = tanh(m / T)`` with ``y = -4 Omega m``. Below ``T = 1 / (1 + 8 Omega**2)`` there is
    one of positive overlap; its mirror image, of the inverse pattern, is not listed.

    Parameters
    ----------
    transverse_field, temperature : float
        As for :func:`open_hopfield`.

    Returns
    -------
    tuple of StationaryState

    Examples
    --------
    >>> [(round(s.overlap, 4), s.stable) for s in hopfield_stationary_states(0.2, 0.5)]
    [(0.0, False), (0.6546, True)]
    """
    from scipy.optimize import brentq

    field, t = real_number("transverse_field", transverse_field), above_zero("temperature", temperature)
    stiffness = 1.0 + 8.0 * field**2
    overlaps = [0.0]
    if t * stiffness < 1.0 - 1e-12:  # closer to it the overlap is lost in rounding
        below = 0.5 * math.sqrt(3.0 * t**3 * (1.0 / t - stiffness))  # tanh(u) > u - u**3 / 3
        above = 1.000001 / stiffness
        overlaps.append(brentq(lambda m: math.tanh(m / t) - stiffness * m, below, above, xtol=1e-15))
    found = []
    for m in overlaps:
        pull = (1.0 - (stiffness * m) ** 2) / t - 1.0
        eigenvalues = np.linalg.eigvals(np.array([[pull, 2.0 * field], [-2.0 * field, -0.5]]))
        found.append(StationaryState(m, -4.0 * field * m, eigenvalues.astype(np.complex128)))
    return tuple(found)


def hopfield_phase(transverse_field: float, temperature: float) -> Literal["retrieval", "paramagnetic", "limit cycle"]:
    """Return what becomes of a large network that starts in one of few stored patterns.

    Parameters
    ----------
    transverse_field, temperature : float
        As for :func:`open_hopfield`.

    Returns
    -------
    "retrieval", "paramagnetic" or "limit cycle"
        The overlap settles away from 0, at 0, or oscillates between pattern and inverse for ever. Close to the cycles
        it may swing over first and settle at the inverse.

    Notes
    -----
    From ``T = 2/3`` on the flow of overlap and y contracts everywhere, so that no cycle is possible (Bendixson): it is
    retrieval below ``T = 1 / (1 + 8 Omega**2)`` and paramagnetic from there on. Below 2/3 the state without overlap is
    unstable, and where the other stationary states are unstable too, or are not there, all that is left is a cycle
    (Poincaré and Bendixson). Where they are stable a cycle may be there as well, for other starts than near them. The
    stored pattern lies outside of it, on the edge of what spins can do, and so ends in the cycle if there is one: it is
    followed from one change of sign to the next, until they repeat or there are no more. Next to the boundary at which
    the cycle goes, within about 1e-6 of the field, a network that lingers counts as cycling.

    Rotondo et al., J. Phys. A 51, 115301 (2018) find these three phases; the boundaries given here are derived from the
    equations of :func:`hopfield_mean_field`.

    Examples
    --------
    >>> hopfield_phase(0.1, 0.3), hopfield_phase(0.1, 1.2), hopfield_phase(1.0, 0.3)
    ('retrieval', 'paramagnetic', 'limit cycle')
    """
    states = hopfield_stationary_states(transverse_field, temperature)
    if temperature >= FORGETFUL:
        return "retrieval" if len(states) > 1 else "paramagnetic"
    if len(states) == 1 or not states[1].stable:
        return "limit cycle"
    return "limit cycle" if _cycles(abs(float(transverse_field)), 1.0 / float(temperature)) else "retrieval"


def _cycles(field: float, beta: float) -> bool:
    """Whether the overlap that starts at 1 changes its sign for ever."""
    from scipy.integrate import solve_ivp

    def slope(_: float, point: Array) -> list[float]:
        m, y = point
        return [math.tanh(beta * m) - m + 2.0 * field * y, -2.0 * field * m - y / 2.0]

    def gone(_: float, point: Array) -> float:
        return float(point[0])

    gone.terminal, gone.direction = True, -1.0  # type: ignore[attr-defined]
    start, last = (1.0, 0.0), math.inf
    while True:
        turn = solve_ivp(slope, (0.0, 1000.0), start, "LSODA", events=gone, rtol=1e-9, atol=1e-11)
        if turn.status != 1:
            return False
        y = -float(turn.y_events[0][0, 1])  # the equations are the same for the mirror image
        if last - y < 1e-6:
            return True
        start, last = (0.0, y), y


def _start(overlap: Any, y: Any, x: Any) -> Array:
    """Return the three components ``(3, n_patterns)`` of the patterns, checked."""
    given = np.atleast_1d(np.array(overlap, dtype=np.float64))
    if given.ndim != 1 or not 1 <= len(given) <= MAX_PATTERNS:
        raise shape_error("overlap", f"() or (n_patterns,), of up to {MAX_PATTERNS} patterns", given.shape)
    rows = [given]
    for name, other in (("y", y), ("x", x)):
        row = np.zeros(len(given)) if other is None else np.atleast_1d(np.array(other, dtype=np.float64))
        if row.shape != given.shape:
            raise shape_error(name, f"({len(given)},)", row.shape)
        rows.append(row)
    start = np.array(rows)
    if not np.sum(start**2) <= 1.0 + 1e-12:
        raise ValueError(
            f"the squares of overlap, y and x must add up to at most 1, got {np.sum(start**2):.6g}: spins cannot have "
            "more in common with independent patterns"
        )
    return start


def above_zero(name: str, given: Any) -> float:
    """Convert to a finite number above 0."""
    value = real_number(name, given)
    if value <= 0.0:
        raise ValueError(f"{name} must be above 0, got {value}")
    return value


def evenly_spaced(time: Any, n_times: Any) -> Array:
    """Return ``n_times`` times from 0 to ``time``."""
    times: Array = np.linspace(0.0, above_zero("time", time), positive_int("n_times", n_times, minimum=2))
    return times
