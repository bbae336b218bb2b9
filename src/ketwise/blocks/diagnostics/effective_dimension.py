"""How many directions of its parameters a model of probabilities uses: Fisher information and effective dimension."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.checks import positive_int, real_number, shape_error

Array = NDArray[np.float64]

#: Probabilities below this are taken as it: where one is 0, so is its derivative.
_LEAST = 1e-12


def fisher_information(probabilities: Any, jacobian: Any) -> Array:
    """Return the Fisher information of a model of class probabilities, averaged over samples.

    Parameters
    ----------
    probabilities : (n_samples, n_classes) array
        Of each class for each sample; rows sum to 1.
    jacobian : (n_samples, n_classes, n_params) array
        Their derivatives.

    Returns
    -------
    (n_params, n_params) array
        The mean over samples of ``sum_c dp_c dp_c' / p_c``: the expectation over labels is taken, not a draw.

    Examples
    --------
    >>> fisher_information([[0.5, 0.5]], [[[0.5], [-0.5]]])
    array([[1.]])
    """
    p, dp = np.asarray(probabilities, dtype=np.float64), np.asarray(jacobian, dtype=np.float64)
    if p.ndim != 2 or not len(p):
        raise shape_error("probabilities", "(n_samples, n_classes)", p.shape)
    if dp.ndim != 3 or dp.shape[:2] != p.shape:
        raise shape_error("jacobian", f"({len(p)}, {p.shape[1]}, n_params)", dp.shape)
    if p.min() < -1e-6 or not np.allclose(p.sum(axis=1), 1.0, rtol=0.0, atol=1e-6):
        raise ValueError("probabilities must not be negative, and rows must sum to 1")
    weights = np.where(p > _LEAST, 1.0 / np.maximum(p, _LEAST), 0.0)
    return np.asarray(np.einsum("sc,sci,scj->ij", weights, dp, dp, optimize=True) / len(p))


def fisher_informations(program: Any, params: Any, features: Any = None, *, classes: Any = None) -> Array:
    """Return the Fisher information of a program's probabilities at each of several parameter vectors.

    Parameters
    ----------
    program : Program
        With ``kw.Probabilities`` as outputs.
    params : (n_draws, n_params) array
    features : (n_samples, n_features) array, optional
        Where the program has features.
    classes : (n_outputs,) array of int, optional
        The class of each basis state, such as its parity; by default every basis state is a class of its own.

    Returns
    -------
    (n_draws, n_params, n_params) array

    Examples
    --------
    >>> import ketwise as kw
    >>> program = kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Probabilities([0]))  # p = cos(w/2)**2
    >>> fisher_informations(program, [[0.3], [1.2]]).round(12).ravel()
    array([1., 1.])
    """
    draws = np.asarray(params, dtype=np.float64)
    if draws.ndim != 2:
        raise shape_error("params", "(n_draws, n_params)", draws.shape)
    groups = np.arange(program.n_outputs) if classes is None else np.asarray(classes)
    if groups.shape != (program.n_outputs,) or groups.dtype.kind not in "iu" or groups.min() < 0:
        raise ValueError(f"classes must be {program.n_outputs} whole numbers, one a basis state, got {classes!r}")
    summed = np.eye(int(groups.max()) + 1)[groups]
    found = []
    for w in draws:
        values = np.atleast_2d(program(w, features)) @ summed
        jacobian = program.jacobian(w, features)
        jacobian = jacobian[np.newaxis] if jacobian.ndim == 2 else jacobian
        found.append(fisher_information(values, np.einsum("soi,oc->sci", jacobian, summed)))
    return np.stack(found)


def effective_dimension(fishers: Any, n_samples: int, *, gamma: float = 1.0) -> float:
    """Return the effective dimension of a model from its Fisher information at random parameters.

    Parameters
    ----------
    fishers : (n_draws, n_params, n_params) array
        At parameters drawn uniformly from those that the model may take.
    n_samples : int
        Rows of data that the model is trained on.
    gamma : float
        In (0, 1].

    Returns
    -------
    float
        0 where the Fisher information is zero everywhere. Where it is the same multiple of the identity everywhere,
        ``d log(1 + k) / log(k)`` with ``k = gamma n / (2 pi log n)``, which tends to ``d = n_params``.

    Raises
    ------
    ValueError
        Where ``n_samples`` is so few that k is not above 1: the definition has no meaning there.

    Notes
    -----
    ``2 log(mean(sqrt(det(1 + k F)))) / log(k)``, with F scaled so that its mean trace is d. Abbas et al., Nature
    Computational Science 1, 403 (2021), equation 2.

    Examples
    --------
    >>> effective_dimension(np.zeros((5, 3, 3)), 1000)
    0.0
    >>> round(effective_dimension([np.eye(3)], 10**12), 2)
    3.0
    """
    matrices = np.asarray(fishers, dtype=np.float64)
    if matrices.ndim != 3 or not len(matrices) or matrices.shape[1] != matrices.shape[2]:
        raise shape_error("fishers", "(n_draws, n_params, n_params)", matrices.shape)
    if not np.isfinite(matrices).all():
        raise ValueError("fishers must be finite")
    gamma, n_samples = real_number("gamma", gamma), positive_int("n_samples", n_samples, minimum=2)
    if not 0 < gamma <= 1:
        raise ValueError(f"gamma must be above 0 and at most 1, got {gamma}")
    k = gamma * n_samples / (2 * math.pi * math.log(n_samples))
    if k <= 1:
        raise ValueError(f"gamma n / (2 pi log n) must be above 1, got {k:.3g}: take more than {n_samples} samples")
    eigenvalues = np.maximum(np.linalg.eigvalsh((matrices + matrices.transpose(0, 2, 1)) / 2), 0.0)
    trace = float(eigenvalues.sum(axis=1).mean())
    if trace == 0.0:
        return 0.0
    halves = 0.5 * np.log1p(k * eigenvalues * (matrices.shape[1] / trace)).sum(axis=1)
    peak = float(halves.max())
    return float(2.0 * (peak + math.log(np.exp(halves - peak).mean())) / math.log(k))
