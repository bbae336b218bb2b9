"""What is believed about a difference: Student's t (with the normal distribution as its limit), or bootstrap draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike


class Distribution(Protocol):
    """What :class:`Posterior` and :class:`Draws` share, and all that outcome, sentence and picture ask for."""

    @property
    def mean(self) -> float:
        """The difference itself: what was measured."""

    @property
    def scale(self) -> float:
        """Its standard error; 0 where nothing varies."""

    def below(self, x: float) -> float:
        """Probability of lying below ``x``."""

    def above(self, x: float) -> float:
        """Probability of lying above ``x``."""

    def interval(self, mass: float = 0.95) -> tuple[float, float]:
        """Central interval that holds ``mass`` of the probability."""

    def density(self, x: ArrayLike) -> np.ndarray:
        """Density at ``x``, of the shape of ``x``; zero everywhere for a point mass, which has none."""

    def to_dict(self) -> dict[str, Any]:
        """What :func:`posterior_from` reads."""


@dataclass(frozen=True)
class Posterior:
    """Student's t over a mean: ``mean + scale * t(degrees)``; a point mass where ``scale`` is 0.

    ``degrees`` may be ``math.inf``: the normal distribution.

    Examples
    --------
    >>> round(Posterior(mean=0.0, scale=1.0, degrees=1).above(1.0), 12)  # Cauchy: 1/2 - arctan(1)/pi
    0.25
    """

    mean: float
    scale: float
    degrees: float

    def below(self, x: float) -> float:
        """Probability of lying below ``x``."""
        from scipy.special import stdtr

        if self.scale == 0:
            return float(self.mean < x)
        return float(stdtr(self.degrees, (x - self.mean) / self.scale))

    def above(self, x: float) -> float:
        """Probability of lying above ``x``; computed from the tail itself, so that small ones are exact."""
        return Posterior(-self.mean, self.scale, self.degrees).below(-x)

    def interval(self, mass: float = 0.95) -> tuple[float, float]:
        """Central interval that holds ``mass`` of the probability."""
        from scipy.special import stdtrit

        half = float(stdtrit(self.degrees, 0.5 + mass / 2)) * self.scale
        return self.mean - half, self.mean + half

    def density(self, x: ArrayLike) -> np.ndarray:
        """Density at ``x``; zero everywhere for a point mass, which has none."""
        from scipy.stats import t

        points = np.asarray(x, dtype=float)
        if self.scale == 0:
            return np.zeros_like(points)
        return np.asarray(t.pdf(points, self.degrees, loc=self.mean, scale=self.scale))

    def to_dict(self) -> dict[str, Any]:
        """``{"kind": "t", "mean", "scale", "degrees"}``."""
        return {"kind": "t", "mean": self.mean, "scale": self.scale, "degrees": self.degrees}


@dataclass(frozen=True, eq=False)
class Draws:
    """Bootstrap draws of a difference around the measured one.

    Probabilities are ``(count + 1/2) / (n_draws + 1)``: never exactly 0 or 1, which no finite number of draws can
    show, and the two sides of a point no draw hits sum to 1. Intervals are the percentiles that belong to them.

    Parameters
    ----------
    mean : float
        The difference measured on the rows themselves.
    draws : (n_draws,) array
        The same difference on resampled rows.

    Raises
    ------
    ValueError
        For fewer than two draws or a number that is not finite.

    Examples
    --------
    >>> draws = Draws(mean=2.0, draws=np.array([1.0, 2.0, 3.0]))
    >>> draws.below(2.5), draws.above(2.5), draws.above(9.0)
    (0.625, 0.375, 0.125)
    """

    mean: float
    draws: np.ndarray

    def __post_init__(self) -> None:
        draws = np.asarray(self.draws, dtype=float)
        if draws.ndim != 1 or len(draws) < 2:
            raise ValueError(f"draws must have shape (n_draws,) with at least two draws, got {draws.shape}")
        if not (np.isfinite(draws).all() and np.isfinite(self.mean)):
            raise ValueError("the mean or a draw is not finite: leave out resamples on which the score is undefined")
        object.__setattr__(self, "draws", draws)

    @property
    def scale(self) -> float:
        """Standard deviation of the draws: the bootstrap's standard error."""
        return 0.0 if np.ptp(self.draws) == 0 else float(np.std(self.draws, ddof=1))

    def below(self, x: float) -> float:
        """Probability of lying below ``x``."""
        return (int(np.count_nonzero(self.draws < x)) + 0.5) / (len(self.draws) + 1)

    def above(self, x: float) -> float:
        """Probability of lying above ``x``."""
        return (int(np.count_nonzero(self.draws > x)) + 0.5) / (len(self.draws) + 1)

    def interval(self, mass: float = 0.95) -> tuple[float, float]:
        """Percentile interval that holds ``mass`` of the draws."""
        # The k-th smallest of B draws stands at k / (B + 1): the middle of the jump that `below` makes there.
        low, high = np.quantile(self.draws, [0.5 - mass / 2, 0.5 + mass / 2], method="weibull")
        return float(low), float(high)

    def density(self, x: ArrayLike) -> np.ndarray:
        """Gaussian kernel estimate of the density at ``x``; zero everywhere where all draws are equal."""
        from scipy.stats import gaussian_kde

        points = np.asarray(x, dtype=float)
        if self.scale == 0:
            return np.zeros_like(points)
        return np.asarray(gaussian_kde(self.draws)(points.ravel())).reshape(points.shape)

    def to_dict(self) -> dict[str, Any]:
        """``{"kind": "draws", "mean", "draws": (n_draws,) array}``."""
        return {"kind": "draws", "mean": self.mean, "draws": self.draws}


def posterior_from(stored: Mapping[str, Any]) -> Posterior | Draws:
    """Read what ``to_dict`` wrote.

    Raises
    ------
    ValueError
        If it is of another kind.

    Examples
    --------
    >>> posterior_from(Posterior(0.1, 0.02, 9).to_dict())
    Posterior(mean=0.1, scale=0.02, degrees=9)
    """
    kind = stored.get("kind")
    if kind == "t":
        return Posterior(stored["mean"], stored["scale"], stored["degrees"])
    if kind == "draws":
        return Draws(stored["mean"], np.asarray(stored["draws"], dtype=float))
    raise ValueError(f"a posterior is of kind 't' or 'draws', got {kind!r}: was it written by another version?")
