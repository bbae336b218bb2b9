"""The deciding score of recorded answers on resampled rows: at once from the counts where the score is a known one."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from ketwise.evidence.data.task import Score

if TYPE_CHECKING:
    import pandas as pd

    from ketwise.evidence.trials.recorded import Recorded

Weighted = Callable[[np.ndarray], np.ndarray]  # (draws, n) weights of rows -> (draws,) scores

_CHUNK = 1 << 17  # weights held at a time: a megabyte, which stays in the cache
_CHECKED_DRAWS = 2


def resampled_scores(
    score: Score, recorded: "Recorded", rows_X: "pd.DataFrame", truth: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Score of a fitted model's recorded answers on every resample of its test rows.

    Parameters
    ----------
    score : Score
    recorded : Recorded
        Answers for (at least) the rows of ``rows_X``.
    rows_X : (n, n_columns) DataFrame
        Its index numbers the rows.
    truth : (n,) array
        Class codes or numbers.
    counts : (draws, n) array of int
        How often each row stands in each resample.

    Returns
    -------
    (draws,) array
        NaN where the score is undefined, as where a resample lacks a class that it needs.

    Notes
    -----
    Cost: about ten array operations of ``draws * n`` numbers for ROC AUC, average precision, accuracy, balanced
    accuracy, R², squared and absolute errors; any other score is computed ``draws`` times. A score is taken for a known
    one by its name, and only if it agrees with it on the rows themselves and on the first resamples.
    """
    weights = np.vstack([np.ones((1, len(truth)), dtype=counts.dtype), counts[:_CHECKED_DRAWS]])
    # An error on the rows themselves is the score's own and goes through; on a resample it means: undefined here.
    expected = np.append(
        float(score.of(recorded, rows_X, truth)), _one_by_one(score, recorded, rows_X, truth, weights[1:])
    )
    for quick in _by_weights(score, recorded, rows_X, truth):
        found = quick(weights.astype(float))
        defined = np.isfinite(found)  # elsewhere scikit-learn may give a number, such as 0, that stands for none
        if defined.any() and np.allclose(found[defined], expected[defined], rtol=0, atol=1e-9):
            size = max(1, _CHUNK // max(1, len(truth)))
            parts = [quick(counts[start : start + size].astype(float)) for start in range(0, len(counts), size)]
            return np.concatenate(parts)
    return _one_by_one(score, recorded, rows_X, truth, counts)


def _one_by_one(
    score: Score, recorded: "Recorded", rows_X: "pd.DataFrame", truth: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    import warnings

    found = np.full(len(counts), np.nan)
    for draw, count in enumerate(counts):
        rows = np.repeat(np.arange(len(truth)), count)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found[draw] = score.of(recorded, rows_X.iloc[rows], truth[rows])
            except Exception:  # any function may be a score, and may refuse rows of one class as it likes
                continue
    return found


def _by_weights(score: Score, recorded: "Recorded", rows_X: "pd.DataFrame", truth: np.ndarray) -> list[Weighted]:
    """What a score of that name may be as a function of weights, for this task; none where the name is not known."""
    if recorded.n_classes == 0:
        return _of_errors(score, recorded.predict(rows_X) - truth, truth)
    if score.name in ("accuracy", "balanced_accuracy"):
        right = recorded.predict(rows_X) == truth
        return [mean_of(right.astype(float)) if score.name == "accuracy" else balanced_accuracy(truth, right)]
    if recorded.n_classes == 2 and score.name in ("roc_auc", "average_precision"):
        values = recorded.decision_function(rows_X)
        if score.name == "roc_auc":
            return [roc_auc(truth == 1, values)]
        return [average_precision(truth == 1, values), average_precision(truth == 0, -values)]  # of either class
    return []


def _of_errors(score: Score, error: np.ndarray, truth: np.ndarray) -> list[Weighted]:
    sd = getattr(score.of, "sd", 1.0)
    squared, absolute = mean_of(error**2), mean_of(np.abs(error))
    known: dict[str, Weighted] = {
        "neg_rmse_over_sd": lambda weights: -np.sqrt(squared(weights)) / sd,
        "neg_mae_over_sd": lambda weights: -absolute(weights) / sd,
        "neg_root_mean_squared_error": lambda weights: -np.sqrt(squared(weights)),
        "neg_mean_squared_error": lambda weights: -squared(weights),
        "neg_mean_absolute_error": lambda weights: -absolute(weights),
        "r2": r2(error, truth),
    }
    return [known[score.name]] if score.name in known else []


def mean_of(values: np.ndarray) -> Weighted:
    """Weighted mean of one value a row."""
    return lambda weights: (weights @ values) / weights.sum(axis=1)


def balanced_accuracy(truth: np.ndarray, right: np.ndarray) -> Weighted:
    """Mean over the classes that occur of the share that was recognised."""
    of_class = (truth[:, None] == np.unique(truth)).astype(float)

    def score(weights: np.ndarray) -> np.ndarray:
        there = weights @ of_class
        recognised = weights @ (of_class * right[:, None])
        recall = np.divide(recognised, there, out=np.zeros_like(there), where=there > 0)
        return np.asarray(recall.sum(axis=1) / (there > 0).sum(axis=1))

    return score


def r2(error: np.ndarray, truth: np.ndarray) -> Weighted:
    """One minus the squared error over the squared distance from the resample's own mean; NaN without spread."""
    centred = truth - truth.mean()

    def score(weights: np.ndarray) -> np.ndarray:
        total = weights.sum(axis=1)
        spread = weights @ centred**2 - (weights @ centred) ** 2 / total
        lost = weights @ error**2
        # Below the rounding of the sums there is no spread: all rows of the resample have one value.
        return np.divide(
            spread - lost, spread, out=np.full(len(total), np.nan), where=spread > 1e-13 * (weights @ centred**2)
        )

    return score


def roc_auc(positive: np.ndarray, values: np.ndarray) -> Weighted:
    """Share of pairs in order, ties by half; NaN where a class is missing."""
    grouped = _grouped(positive, values)

    def score(weights: np.ndarray) -> np.ndarray:
        ones, zeros = grouped(weights)
        below = np.cumsum(zeros, axis=1) - zeros / 2
        pairs = ones.sum(axis=1) * zeros.sum(axis=1)
        return np.divide((ones * below).sum(axis=1), pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)

    return score


def average_precision(positive: np.ndarray, values: np.ndarray) -> Weighted:
    """Mean precision over the positives as the threshold falls; NaN where a class is missing."""
    grouped = _grouped(positive, -values)

    def score(weights: np.ndarray) -> np.ndarray:
        ones, zeros = grouped(weights)
        found, called = np.cumsum(ones, axis=1), np.cumsum(ones + zeros, axis=1)
        precision = np.divide(found, called, out=np.zeros_like(found), where=called > 0)
        total, others = ones.sum(axis=1), zeros.sum(axis=1)
        return np.divide(
            (ones * precision).sum(axis=1), total, out=np.full(len(total), np.nan), where=(total > 0) & (others > 0)
        )

    return score


def _grouped(positive: np.ndarray, values: np.ndarray) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Weights of positives and of negatives at each different value, smallest value first."""
    order = np.argsort(values, kind="stable")
    ranked, ones = values[order], positive[order].astype(float)
    starts = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))

    def groups(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sorted_weights = weights[:, order]
        of_ones = np.add.reduceat(sorted_weights * ones, starts, axis=1)
        return of_ones, np.add.reduceat(sorted_weights, starts, axis=1) - of_ones

    return groups
