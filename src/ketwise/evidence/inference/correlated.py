"""The Bayesian correlated t-test on paired fold differences, and the outcome it leads to. Numbers only, no wording."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketwise.evidence.inference.posterior import Distribution, Posterior

HELPS = "HELPS"
NO_USEFUL_GAIN = "NO USEFUL GAIN"
AHEAD = "AHEAD, USEFULNESS NOT SHOWN"
CANNOT_TELL = "CANNOT TELL"


@dataclass(frozen=True)
class Comparison:
    """What a difference says: its posterior, three probabilities around the margin, and the outcome.

    ``worse`` is P(difference < -rope), ``same`` P(|difference| <= rope), ``better`` P(difference > rope) and ``ahead``
    P(difference > 0). ``rows_needed`` is the number of rows that would settle it, only where it cannot be told.
    """

    posterior: Distribution
    worse: float
    same: float
    better: float
    ahead: float
    outcome: str
    clearly_worse: bool
    rows_needed: int | None


def correlated_posterior(scores: ArrayLike, test_to_train: float) -> Posterior:
    """Posterior of the mean of scores (or of paired differences of scores) from overlapping training sets.

    Parameters
    ----------
    scores : (n_folds,) array
        One number an outer fold, repeats one after the other.
    test_to_train : float
        Rows in a test fold divided by all others. Where models learn from a sample of the others, still all of them:
        folds that train on samples share less, so that the variance errs on the safe side
        (``benchmarks/calibration.py``).

    Returns
    -------
    Posterior
        Student's t with ``n_folds - 1`` degrees, scale ``sqrt(s**2 * (1 / n_folds + test_to_train))``.

    Raises
    ------
    ValueError
        For fewer than two folds or a number that is not finite.

    Notes
    -----
    Variance: Nadeau and Bengio, Machine Learning 52, 239 (2003). Posterior under the flat prior: Corani and Benavoli,
    Machine Learning 100, 285 (2015); Benavoli et al., JMLR 18, 77 (2017).

    Examples
    --------
    >>> posterior = correlated_posterior([0.1, 0.3], test_to_train=1.0)
    >>> round(posterior.mean, 12), round(posterior.scale**2, 12)
    (0.2, 0.03)
    """
    folds = np.asarray(scores, dtype=float)
    if folds.ndim != 1 or len(folds) < 2:
        raise ValueError(f"scores must have shape (n_folds,) with at least two folds, got {folds.shape}")
    if not np.isfinite(folds).all():
        raise ValueError(
            f"the score of fold {int(np.argmin(np.isfinite(folds)))} is not finite: no comparison can be made"
        )
    # Equal scores must give exactly 0: a rounding residue in the mean would make a posterior of width 1e-17.
    variance = 0.0 if np.ptp(folds) == 0 else float(np.var(folds, ddof=1))
    mean = float(folds[0]) if variance == 0 else float(np.mean(folds))
    return Posterior(mean, math.sqrt(variance * (1 / len(folds) + test_to_train)), len(folds) - 1)


def compare(posterior: Distribution, rope: float, n_rows: int) -> Comparison:
    """Compare two sides from what is known about their difference, quantum - classical.

    Parameters
    ----------
    posterior : Posterior or Draws
        Of the difference, in units of the deciding score, larger meaning better.
    rope : float
        The smallest difference that matters: the region of practical equivalence is [-rope, rope].
    n_rows : int
        Rows that the uncertainty shrinks with: those of the data, or of the held-out file.

    Notes
    -----
    Outcomes, in this order: HELPS where P(difference > rope) >= 0.95; NO USEFUL GAIN where that is <= 0.05 (clearly
    worse where P(difference < -rope) >= 0.95); AHEAD, USEFULNESS NOT SHOWN where P(difference > 0) >= 0.975; else
    CANNOT TELL.

    Examples
    --------
    >>> compare(Posterior(mean=0.05, scale=0.01, degrees=9), rope=0.01, n_rows=500).outcome
    'HELPS'
    """
    worse, better = posterior.below(-rope), posterior.above(rope)
    ahead = posterior.above(0.0)
    rows_needed = None
    if better >= 0.95:
        outcome = HELPS
    elif better <= 0.05:
        outcome = NO_USEFUL_GAIN
    elif ahead >= 0.975:
        outcome = AHEAD
    else:
        outcome = CANNOT_TELL
        rows_needed = math.ceil(n_rows * (1.64 * posterior.scale / rope) ** 2) if rope > 0 else None
    return Comparison(
        posterior=posterior,
        worse=worse,
        same=max(0.0, 1.0 - worse - better),
        better=better,
        ahead=ahead,
        outcome=outcome,
        clearly_worse=outcome == NO_USEFUL_GAIN and worse >= 0.95,
        rows_needed=rows_needed,
    )
