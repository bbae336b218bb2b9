"""Where training starts: parameters ``(n_params,)``, in radians, drawn so that gradients can be seen."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.sampling import Seed
from ketwise.words.checks import positive_int, real_number

Array = NDArray[np.float64]


def uniform(n_params: int, *, seed: Seed = None) -> Array:
    """Return angles uniform on [-pi, pi]: the start from which deep circuits have barren plateaus.

    Examples
    --------
    >>> uniform(3, seed=0).shape
    (3,)
    """
    return np.random.default_rng(seed).uniform(-math.pi, math.pi, positive_int("n_params", n_params, minimum=0))


def small_angle(n_params: int, scale: float = 0.1, *, seed: Seed = None) -> Array:
    """Return angles uniform on [-scale, scale]: every rotation starts near the identity.

    Parameters
    ----------
    n_params : int
    scale : float
        Radians.
    seed : int, numpy.random.Generator or None

    Notes
    -----
    A domain whose side falls as one over the root of the depth keeps gradients polynomial: Wang, Qi, Ferrie, Dong,
    arXiv:2302.06858 (2023).

    Examples
    --------
    >>> bool(abs(small_angle(1000, 0.2, seed=0)).max() <= 0.2)
    True
    """
    scale = _scale("scale", scale)
    return np.random.default_rng(seed).uniform(-scale, scale, positive_int("n_params", n_params, minimum=0))


def gaussian_variance(locality: int, layers: int) -> float:
    """Return ``1 / (4 S (L + 2))``, the variance of :func:`gaussian`.

    Examples
    --------
    >>> gaussian_variance(1, 2)
    0.0625
    """
    return 1.0 / (4.0 * positive_int("locality", locality) * (positive_int("layers", layers, minimum=0) + 2))


def gaussian(n_params: int, *, locality: int, layers: int, seed: Seed = None) -> Array:
    """Return normal angles of variance ``1 / (4 S (L + 2))``, which bound the gradient of an S-local observable.

    Parameters
    ----------
    n_params : int
    locality : int
        S, the most qubits that a Pauli word of the observable acts on.
    layers : int
        L, layers of the circuit.
    seed : int, numpy.random.Generator or None

    Notes
    -----
    For layers of RX and RY and of CZ gates, and a word O that is not the identity, the expected squared norm of the
    gradient is then at least ``L / (S**S (L + 2)**(S + 1)) * Tr(O rho)**2``, whatever the number of qubits; ``rho`` is
    the state that goes in. Zhang, Liu, Hsieh, Tao, NeurIPS 35, 18612 (2022), theorem 4.1.

    Examples
    --------
    >>> bool(abs(gaussian(100_000, locality=1, layers=2, seed=0).var() - 1 / 16) < 1e-3)
    True
    """
    spread = math.sqrt(gaussian_variance(locality, layers))
    return np.random.default_rng(seed).normal(0.0, spread, positive_int("n_params", n_params, minimum=0))


def identity_blocks(n_params: int, n_blocks: int = 1, *, seed: Seed = None) -> Array:
    """Return angles at which :func:`ketwise.ansatz.identity_blocks` is the identity: each half of a block the same.

    Parameters
    ----------
    n_params : int
        Of the whole circuit: ``2 * n_blocks`` times as many as half a block has.
    n_blocks : int
    seed : int, numpy.random.Generator or None

    Notes
    -----
    The halves are uniform on [-pi, pi]. Grant, Wossnig, Ostaszewski, Benedetti, Quantum 3, 214 (2019).

    Examples
    --------
    >>> w = identity_blocks(12, 2, seed=0)
    >>> bool((w[0:3] == w[3:6]).all() and (w[6:9] == w[9:12]).all())
    True
    """
    n_params, n_blocks = positive_int("n_params", n_params, minimum=0), positive_int("n_blocks", n_blocks)
    if n_params % (2 * n_blocks):
        raise ValueError(f"{n_blocks} blocks of two equal halves need a multiple of {2 * n_blocks} values: {n_params}")
    half = n_params // (2 * n_blocks)
    drawn = np.random.default_rng(seed).uniform(-math.pi, math.pi, (n_blocks, 1, half))
    return np.ascontiguousarray(np.broadcast_to(drawn, (n_blocks, 2, half))).reshape(-1)


def layerwise(n_params: int, active: slice | NDArray[np.intp], *, scale: float = math.pi, seed: Seed = None) -> Array:
    """Return zeros but for the values of one layer, uniform on [-scale, scale]: layers are trained one after another.

    Parameters
    ----------
    n_params : int
    active : slice or array of int
        The parameters of the layer that is trained first.
    scale : float
    seed : int, numpy.random.Generator or None

    Notes
    -----
    Skolik et al., Quantum Machine Intelligence 3, 5 (2021).

    Examples
    --------
    >>> layerwise(4, slice(0, 2), seed=0).round(2)
    array([ 0.86, -1.45,  0.  ,  0.  ])
    """
    scale = _scale("scale", scale)
    start = np.zeros(positive_int("n_params", n_params, minimum=0))
    start[active] = np.random.default_rng(seed).uniform(-scale, scale, start[active].shape)
    return start


def _scale(name: str, given: float) -> float:
    number = real_number(name, given)
    if number < 0:
        raise ValueError(f"{name} must not be negative, got {number}")
    return number
