"""Several tests at once: Holm's correction, and the one-sided p-value of a correlated t-test."""

import numpy as np
from numpy.typing import ArrayLike

from ketwise.evidence.inference.posterior import Distribution


def holm(p_values: ArrayLike) -> np.ndarray:
    """Adjusted p-values: rejecting those of at most α makes any false rejection at most α likely.

    Parameters
    ----------
    p_values : (n_tests,) array

    Returns
    -------
    (n_tests,) array
        In the order given.

    Raises
    ------
    ValueError
        For numbers outside [0, 1].

    Notes
    -----
    Step-down: the smallest is multiplied by the number of tests, the next by one less, and so on; none is below one
    before it. Holds whatever the tests have in common. Holm, Scandinavian Journal of Statistics 6, 65 (1979).

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(12).tolist()
    [0.03, 0.06, 0.06]
    """
    found = np.asarray(p_values, dtype=float)
    if found.ndim != 1 or not ((found >= 0) & (found <= 1)).all():
        raise ValueError(f"p-values must have shape (n_tests,) and lie between 0 and 1, got {p_values!r}")
    order = np.argsort(found, kind="stable")
    raised = found[order] * np.arange(len(found), 0, -1)
    adjusted = np.empty_like(found)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(raised))
    return adjusted


def one_sided_p_value(posterior: Distribution) -> float:
    """Probability of a difference at least this large where there is none: the smaller, the surer that it is positive.

    Parameters
    ----------
    posterior : Posterior or Draws
        Of the difference. For :func:`correlated_posterior` this is the p-value of the corrected resampled t-test
        (Nadeau and Bengio, 2003): under the flat prior it equals the posterior probability of a negative difference.

    Returns
    -------
    float
        1/2 where nothing varies and the difference is 0.

    Examples
    --------
    >>> from ketwise.evidence.inference.posterior import Posterior
    >>> round(one_sided_p_value(Posterior(mean=2.0, scale=1.0, degrees=2)), 12)  # 1/2 - 1/sqrt(6)
    0.091751709536
    """
    below, above = posterior.below(0.0), posterior.above(0.0)
    return below + max(0.0, 1.0 - below - above) / 2
