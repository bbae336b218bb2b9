"""DeLong's comparison of two areas under the ROC curve on the same rows, by midranks."""

import math

import numpy as np
from numpy.typing import ArrayLike

from ketwise.evidence.inference.posterior import Posterior


def auc_difference(truth: ArrayLike, values_a: ArrayLike, values_b: ArrayLike) -> Posterior:
    """Difference of two areas under the ROC curve, ``a - b``, on the same rows.

    Parameters
    ----------
    truth : (n,) array
        0 or 1.
    values_a, values_b : (n,) arrays
        What two models say of every row; larger means class 1.

    Returns
    -------
    Posterior
        Normal; a point mass where both order every pair alike.

    Raises
    ------
    ValueError
        For arrays of other shapes, values that are not finite, or a class with fewer than two rows.

    Notes
    -----
    Variance of correlated areas: DeLong, DeLong and Clarke-Pearson, Biometrics 44, 837 (1988). In O(n log n) by
    midranks: Sun and Xu, IEEE Signal Processing Letters 21, 1389 (2014).

    Examples
    --------
    >>> truth, good, bad = [0, 0, 0, 1, 1, 1], [1, 2, 4, 3, 5, 6], [3, 1, 5, 2, 6, 4]
    >>> round(auc_difference(truth, good, bad).mean, 12)  # 8 and 6 of 9 pairs in order
    0.222222222222
    """
    classes, values = np.asarray(truth), np.stack([np.asarray(v, dtype=float) for v in (values_a, values_b)])
    if classes.ndim != 1 or values.shape != (2, len(classes)):
        raise ValueError(f"truth and values must be of one shape (n,), got {classes.shape} and {values.shape[1:]}")
    if not np.isfinite(values).all():
        raise ValueError("a value is not finite: rows that a model says nothing about cannot be ranked")
    if not np.isin(classes, (0, 1)).all():
        raise ValueError("truth must be 0 or 1: the ROC curve is of two classes")
    positive = classes == 1
    n_positive = int(np.count_nonzero(positive))
    n_negative = len(classes) - n_positive
    if min(n_positive, n_negative) < 2:
        raise ValueError(
            f"{n_positive} rows of class 1 and {n_negative} of class 0: an area needs two of each to know its variance"
        )
    of_positives, of_negatives = placements(values, positive)
    gaps = of_positives[0] - of_positives[1], of_negatives[0] - of_negatives[1]
    variance = sum(_variance(gap) / len(gap) for gap in gaps)
    return Posterior(float(np.mean(gaps[0])), math.sqrt(variance), math.inf)


def placements(values: np.ndarray, positive: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share of the other class that each row stands right of, ties by half.

    Parameters
    ----------
    values : (n_models, n) array
    positive : (n,) array of bool

    Returns
    -------
    (n_models, n_positive) array, (n_models, n_negative) array
        For positives the share of negatives below, for negatives the share of positives above. The mean of either is
        the area under the ROC curve.
    """
    from scipy.stats import rankdata

    ranks = rankdata(values, axis=1)
    n_positive = int(np.count_nonzero(positive))
    below = (ranks[:, positive] - rankdata(values[:, positive], axis=1)) / (len(positive) - n_positive)
    above = 1 - (ranks[:, ~positive] - rankdata(values[:, ~positive], axis=1)) / n_positive
    return below, above


def _variance(gap: np.ndarray) -> float:
    # Equal gaps must give exactly 0, not a rounding residue.
    return 0.0 if np.ptp(gap) == 0 else float(np.var(gap, ddof=1))
