"""The frequencies that a circuit's expectations can contain as functions of the data: all, or a draw of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding
from ketwise.engine.sampling import Seed
from ketwise.words import checks
from ketwise.words.angle import FEATURE, Angle
from ketwise.words.circuit import Circuit, Op

Array = NDArray[np.float64]

#: Frequencies that agree to so many digits, in units of the largest coefficient, are one: the rest is rounding.
DIGITS = 9


@dataclass(frozen=True)
class Spectrum:
    """Frequency vectors over monomials of the features: an expectation is a sum of ``c exp(i frequency @ monomials)``.

    Attributes
    ----------
    monomials : tuple of tuple of int
        The features in each product: ``(0,)`` is ``x[0]``, ``(0, 2)`` is ``x[0]*x[2]``.
    frequencies : (n_frequencies, n_monomials) array
        With every frequency also its negative, and 0.
    weights : (n_frequencies,) array
        Which share of the pairs of eigenvalues has that difference; of a draw, which share was drawn. They sum to 1.
    """

    monomials: tuple[tuple[int, ...], ...]
    frequencies: Array
    weights: Array

    def products(self, features: Array) -> Array:
        """Return the ``(n_samples, n_monomials)`` values of the monomials."""
        products = [np.multiply.reduce([features[:, index] for index in monomial]) for monomial in self.monomials]
        return np.stack(products, axis=1) if products else np.zeros((len(features), 0))

    def half(self) -> Spectrum:
        """Return one of each pair of a frequency and its negative, with the weight of both."""
        if not self.monomials:
            return self
        unit = float(np.abs(self.frequencies).max()) or 1.0
        keys = np.round(self.frequencies / unit, DIGITS)
        lead = np.take_along_axis(keys, (keys != 0).argmax(axis=1)[:, np.newaxis], axis=1)
        turned = np.where(lead < 0, -self.frequencies, self.frequencies)
        return Spectrum(self.monomials, *_merged(turned, self.weights, unit))


def frequencies(circuit: Encoding | Circuit, *, params: Any = None, limit: int = 10_000) -> Spectrum:
    """Return every frequency that an expectation of the circuit can contain.

    Each rotation that depends on the data contributes a difference of two eigenvalues of its generator times its
    angle: -1, 0 or 1 times the angle in shares 1/4, 1/2, 1/4 for an uncontrolled one. All sums of these are the
    spectrum; coefficients can still vanish, for instance where a rotation acts on one of its eigenstates.

    Parameters
    ----------
    circuit : Encoding or Circuit
    params : (n_params,) array, optional
        Trained values at which the angles are taken. Default: where training of the encoding starts.
    limit : int
        Most frequencies.

    Returns
    -------
    Spectrum

    Raises
    ------
    ValueError
        Where there are more than ``limit``.

    Notes
    -----
    Features are those that the circuit sees, after a pre-map. Schuld, Sweke, Meyer, PRA 103, 032430 (2021).

    Examples
    --------
    >>> import ketwise as kw
    >>> x = kw.features(1)
    >>> found = frequencies(kw.Circuit(1).rx(x[0], 0).ry(x[0], 0))
    >>> found.frequencies.ravel(), 16 * found.weights
    (array([-2., -1.,  0.,  1.,  2.]), array([1., 4., 6., 4., 1.]))
    """
    checks.positive_int("limit", limit)
    monomials, uploads = _uploads(circuit, params)
    unit = max((float(np.abs(upload.vector).max()) for upload in uploads), default=1.0)
    found, weights = np.zeros((1, len(monomials))), np.ones(1)
    for upload in uploads:
        sums = found[:, np.newaxis] + upload.differences[:, np.newaxis] * upload.vector
        shares = weights[:, np.newaxis] * upload.shares
        found, weights = _merged(sums.reshape(-1, len(monomials)), shares.ravel(), unit)
        if len(found) > limit:
            raise ValueError(
                f"the circuit has more than {limit} frequencies, at most 10**{log10_bound(circuit, params):.1f}: use "
                "sample_frequencies, or raise limit"
            )
    return Spectrum(monomials, found, weights)


def sample_frequencies(
    circuit: Encoding | Circuit, n_samples: int, *, params: Any = None, seed: Seed = None
) -> Spectrum:
    """Return frequencies drawn by their shares, with replacement: how often each was drawn is its weight.

    Parameters
    ----------
    circuit : Encoding or Circuit
    n_samples : int
    params : (n_params,) array, optional
        As for :func:`frequencies`.
    seed : int, numpy.random.Generator or None

    Returns
    -------
    Spectrum
        With at most ``n_samples`` frequencies; a negative is drawn for itself.

    Notes
    -----
    Random Fourier features from them are what Landman et al., arXiv:2210.13200 (2022), call distinct sampling.

    Examples
    --------
    >>> import ketwise as kw
    >>> sample_frequencies(kw.encodings.iqp(8, repeats=2), 100, seed=0).frequencies.shape
    (100, 36)
    """
    n_samples = checks.positive_int("n_samples", n_samples)
    monomials, uploads = _uploads(circuit, params)
    unit = max((float(np.abs(upload.vector).max()) for upload in uploads), default=1.0)
    rng = np.random.default_rng(seed)
    drawn = np.zeros((n_samples, len(monomials)))
    for upload in uploads:
        drawn += rng.choice(upload.differences, size=(n_samples, 1), p=upload.shares) * upload.vector
    return Spectrum(monomials, *_merged(drawn, np.full(n_samples, 1.0 / n_samples), unit))


def by_monomial(
    circuit: Encoding | Circuit, *, params: Any = None, limit: int = 10_000
) -> dict[tuple[int, ...], Array]:
    """Return the frequencies in each feature, or product of features, alone: with the others held fixed.

    Parameters
    ----------
    circuit : Encoding or Circuit
    params : (n_params,) array, optional
        As for :func:`frequencies`.
    limit : int
        Most frequencies of one monomial.

    Returns
    -------
    dict
        By monomial, as in :class:`Spectrum`: an ascending array, with every frequency its negative, and 0.

    Raises
    ------
    ValueError
        Where one has more than ``limit``.

    Examples
    --------
    >>> import ketwise as kw
    >>> by_monomial(kw.encodings.exponential(1, uploads=2))[(0,)]  # 1 and 3 times the angle
    array([-4., -3., -2., -1.,  0.,  1.,  2.,  3.,  4.])
    """
    checks.positive_int("limit", limit)
    monomials, uploads = _uploads(circuit, params)
    found = {}
    for column, monomial in enumerate(monomials):
        parts = [(upload.vector[column], upload.differences) for upload in uploads if upload.vector[column] != 0.0]
        unit = max(abs(factor) for factor, _ in parts)
        sums = np.zeros((1, 1))
        for factor, differences in parts:
            wide = (sums + factor * differences).reshape(-1, 1)
            sums = _merged(wide, np.ones(len(wide)), unit)[0]
            if len(sums) > limit:
                raise ValueError(f"the product of features {monomial} has more than {limit} frequencies: raise limit")
        found[monomial] = np.sort(sums[:, 0]) + 0.0
    return found


def log10_bound(circuit: Encoding | Circuit, params: Any = None) -> float:
    """Return the decimal logarithm of an upper bound on the number of frequencies, however many there are.

    Examples
    --------
    >>> import ketwise as kw
    >>> round(10 ** log10_bound(kw.encodings.angle(8)))  # 3**8
    6561
    """
    return float(sum(np.log10(len(upload.differences)) for upload in _uploads(circuit, params)[1]))


@dataclass(frozen=True)
class _Upload:
    """All rotations whose angles are one polynomial or its negative: its coefficients, and the sums of differences."""

    vector: Array
    differences: Array
    shares: Array


def _uploads(circuit: Encoding | Circuit, params: Any) -> tuple[tuple[tuple[int, ...], ...], list[_Upload]]:
    """Return the monomials of the data and what each distinct angle contributes."""
    if params is None:
        params = circuit.start_params() if isinstance(circuit, Encoding) else np.zeros(circuit.n_params)
    trained = checks.values("params", params, circuit.n_params)[0][0]
    ops = (circuit.circuit if isinstance(circuit, Encoding) else circuit).ops
    steps = [(_of_data(op.angle, trained), _differences(op)) for op in ops if op.angle is not None]
    rotations = [(angle, step) for angle, step in steps if angle and len(step) > 1]
    monomials = tuple(sorted({name for angle, _ in rotations for name in angle}, key=lambda name: (len(name), name)))
    unit = max((abs(value) for angle, _ in rotations for value in angle.values()), default=1.0)
    found: dict[tuple[float, ...], _Upload] = {}
    for angle, step in rotations:
        vector = np.array([angle.get(name, 0.0) for name in monomials])
        key = np.round(vector / unit, DIGITS)
        if not key.any():
            continue
        sign = np.sign(key[np.flatnonzero(key)[0]])
        name = tuple(key * sign + 0.0)
        shares = np.convolve(found[name].shares, step) if name in found else step
        reach = 0.25 * (len(shares) - 1)
        vector = found[name].vector if name in found else vector * sign
        found[name] = _Upload(vector, np.linspace(-reach, reach, len(shares)), shares)
    return monomials, [_whole(upload) for upload in found.values()]


def _whole(upload: _Upload) -> _Upload:
    """Drop the differences that cannot occur: without controls there are no halves."""
    possible = upload.shares > 0
    return _Upload(upload.vector, upload.differences[possible], upload.shares[possible])


def _of_data(angle: Angle, trained: Array) -> dict[tuple[int, ...], float]:
    """Return the coefficients of the monomials in features, with the trained values put in."""
    found: dict[tuple[int, ...], float] = {}
    for monomial, value in angle.terms.items():
        name = tuple(index for kind, index in monomial if kind == FEATURE)
        factor = float(np.prod([trained[index] for kind, index in monomial if kind != FEATURE]))
        if name:
            found[name] = found.get(name, 0.0) + value * factor
    return {name: value for name, value in found.items() if value != 0.0}


def _differences(op: Op) -> Array:
    """Return the shares of the differences -1, -1/2, 0, 1/2, 1 of two eigenvalues, or ``[1.0]`` for a global phase."""
    active = 0.5 ** len(op.controls)  # elsewhere the eigenvalue is 0
    if op.gate.pauli == "":  # and here 1/2 alone
        half = active * (1.0 - active)
        return np.array([0.0, half, 1.0 - 2.0 * half, half, 0.0]) if op.controls else np.ones(1)
    whole, half = 0.25 * active**2, active * (1.0 - active)
    return np.array([whole, half, 1.0 - 2.0 * (whole + half), half, whole])


def _merged(vectors: Array, weights: Array, unit: float) -> tuple[Array, Array]:
    """Return the distinct rows in a fixed order, with the summed weights."""
    if not vectors.shape[1]:
        return vectors[:1], weights.sum(keepdims=True)
    keys = np.round(vectors / unit, DIGITS) + 0.0
    _, first, owner = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    summed: Array = np.bincount(owner.reshape(-1), weights=weights).astype(np.float64)
    return vectors[first], summed
