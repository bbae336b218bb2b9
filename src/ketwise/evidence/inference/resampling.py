"""Bootstrap resamples of test rows, as counts of each row: within classes, or in blocks where rows follow in time."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

_CHUNK = 1 << 17  # numbers held at a time: a megabyte, which stays in the cache
_FEWEST_DRAWS = 100


def row_counts(strata: ArrayLike | None, n: int, draws: int, seed: int) -> np.ndarray:
    """How often each row is drawn, with replacement, in every resample; every stratum keeps its size.

    Parameters
    ----------
    strata : (n,) array or None
        Class of every row: no resample then lacks one.
    n : int
        Rows.
    draws : int
        Resamples.
    seed : int

    Returns
    -------
    (draws, n) array of uint8
        A row is drawn once on average, and more than 255 times with probability below 1e-500.

    Notes
    -----
    Efron and Tibshirani, An Introduction to the Bootstrap (1993). Given to all models, the counts pair them.

    Examples
    --------
    >>> counts = row_counts([0, 0, 1, 1, 1], 5, draws=4, seed=0)
    >>> counts[:, :2].sum(axis=1).tolist(), counts[:, 2:].sum(axis=1).tolist()
    ([2, 2, 2, 2], [3, 3, 3, 3])
    """
    rng = np.random.default_rng(seed)
    labels = np.zeros(n) if strata is None else np.asarray(strata)
    if labels.shape != (n,) or n < 1:
        raise ValueError(f"strata must have shape ({n},) with at least one row, got {labels.shape}")
    counts = np.empty((draws, n), dtype=np.uint8)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        for part in _parts(draws, len(rows)):
            size = part.stop - part.start
            counts[part, rows] = _tallied(rng.integers(0, len(rows), (size, len(rows))), len(rows))
    return counts


def block_counts(n: int, block: int, draws: int, seed: int) -> np.ndarray:
    """How often each row is drawn where whole blocks of consecutive rows are, the last row being followed by the first.

    Parameters
    ----------
    n : int
        Rows, in the order of time.
    block : int
        Rows in a block; the last block of a resample is cut so that it has ``n`` rows.
    draws : int
        Resamples.
    seed : int

    Returns
    -------
    (draws, n) array of uint8

    Notes
    -----
    The circular block bootstrap of Politis and Romano (1992); unlike moving blocks it draws every row alike.

    Examples
    --------
    >>> block_counts(6, block=6, draws=2, seed=0)  # one block, wherever it starts
    array([[1, 1, 1, 1, 1, 1],
           [1, 1, 1, 1, 1, 1]], dtype=uint8)
    """
    if not 1 <= block <= n:
        raise ValueError(f"a block has at least one row and at most all {n}, got {block}")
    rng = np.random.default_rng(seed)
    lengths = np.full(math.ceil(n / block), block)
    lengths[-1] = n - block * (len(lengths) - 1)
    counts = np.empty((draws, n), dtype=np.uint8)
    for part in _parts(draws, 2 * n):
        starts = rng.integers(0, n, (part.stop - part.start, len(lengths)))
        # +1 where a block starts and -1 behind its end: the running sum is the cover of a circle unrolled twice.
        covered = np.cumsum(_tallied(starts, 2 * n + 1) - _tallied(starts + lengths, 2 * n + 1), axis=1)
        counts[part] = covered[:, :n] + covered[:, n : 2 * n]
    return counts


def block_length(series: ArrayLike) -> int:
    """Length of blocks for the circular block bootstrap of the mean of a series, chosen from its autocorrelations.

    Parameters
    ----------
    series : (n,) or (n_series, n) array
        In the order of time; of several the longest length counts.

    Returns
    -------
    int
        1 for a series without autocorrelation (or that never changes), at most ``min(3 sqrt(n), n / 3)``.

    Notes
    -----
    Politis and White, Econometric Reviews 23, 53 (2004), corrected by Patton, Politis and White, 28, 372 (2009):
    ``(2 G² / D)^(1/3) n^(1/3)`` with flat-top weights on the autocovariances up to twice the lag from which they are
    insignificant.

    Examples
    --------
    >>> block_length(np.tile([1.0, -1.0, -1.0, 1.0], 8)) > 1
    True
    """
    every = np.atleast_2d(np.asarray(series, dtype=float))
    if every.ndim != 2 or every.shape[1] < 1 or not np.isfinite(every).all():
        raise ValueError(f"a series must have shape (n,) or (n_series, n) and be finite, got {every.shape}")
    return max(_block_length(one) for one in every)


def _block_length(series: np.ndarray) -> int:
    n = len(series)
    most = max(1, math.ceil(min(3 * math.sqrt(n), n / 3)))
    if n < 9 or np.ptp(series) == 0:
        return 1
    significant = 2 * math.sqrt(math.log10(n) / n)
    run = max(5, math.ceil(math.sqrt(math.log10(n))))
    lags = min(n - 1, math.ceil(math.sqrt(n)) + run)
    centred = series - series.mean()
    covariance = np.array([centred[lag:] @ centred[: n - lag] for lag in range(lags + 1)]) / n
    small = np.abs(covariance[1:] / covariance[0]) < significant
    last = next((lag for lag in range(lags - run + 1) if small[lag : lag + run].all()), None)
    width = lags if last is None else min(lags, 2 * max(1, last))
    lag = np.arange(1, width + 1)
    weight = np.where(lag <= width / 2, 1.0, 2 * (1 - lag / width))
    slope = 2 * float(np.sum(weight * lag * covariance[1 : width + 1]))
    spectrum = float(covariance[0] + 2 * np.sum(weight * covariance[1 : width + 1]))
    if spectrum <= 0:
        return most
    length = (2 * slope**2 / (4 / 3 * spectrum**2)) ** (1 / 3) * n ** (1 / 3)
    return int(min(most, max(1, round(length))))


def averaged(scores: Sequence[np.ndarray]) -> np.ndarray:
    """Mean over folds of scores that were resampled inside each fold, independently of the others.

    Parameters
    ----------
    scores : sequence of (draws,) arrays
        One a fold; NaN where a resample has no score, as where it lacks a class. Those are left out.

    Returns
    -------
    (draws_kept,) array
        As many as the fold with the fewest has.

    Raises
    ------
    ValueError
        If a fold has fewer than 100 scores.

    Examples
    --------
    >>> averaged([np.arange(200.0), np.append(np.nan, np.ones(199))])[:3]
    array([0.5, 1. , 1.5])
    """
    found = [fold[np.isfinite(fold)] for fold in scores]
    fewest = min(range(len(found)), key=lambda fold: len(found[fold]))
    kept = len(found[fewest])
    if kept < _FEWEST_DRAWS:
        raise ValueError(
            f"the score is defined on only {kept} of {len(scores[fewest])} resamples of the test rows of fold "
            f"{fewest + 1}, too few for an interval: use fewer folds, or a score that needs no rare class"
        )
    return np.asarray(np.mean([fold[:kept] for fold in found], axis=0))


def _parts(draws: int, width: int) -> list[slice]:
    """Slices of the resamples, each with a bounded number of numbers."""
    size = max(1, _CHUNK // max(1, width))
    return [slice(start, min(start + size, draws)) for start in range(0, draws, size)]


def _tallied(places: np.ndarray, n: int) -> np.ndarray:
    """How often each of ``n`` places occurs in every row of ``places``."""
    shifted = places + np.arange(len(places))[:, None] * n
    return np.bincount(shifted.ravel(), minlength=len(places) * n).reshape(len(places), n)
