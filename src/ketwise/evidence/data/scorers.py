"""scikit-learn's scores by name: whether one fits the task, what it asks of a model, and its best value."""

import difflib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

_COMMON_NAMES = {
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "pr_auc": "average_precision",
    "auprc": "average_precision",
    "ap": "average_precision",
    "rmse": "neg_root_mean_squared_error",
    "mse": "neg_mean_squared_error",
    "mae": "neg_mean_absolute_error",
    "mape": "neg_mean_absolute_percentage_error",
    "mcc": "matthews_corrcoef",
    "log_loss": "neg_log_loss",
    "logloss": "neg_log_loss",
    "brier": "neg_brier_score",
}
# The least target that a score is defined for.
_LEAST = {
    "neg_mean_poisson_deviance": 0.0,
    "neg_mean_gamma_deviance": np.nextafter(0, 1),
    "neg_mean_squared_log_error": np.nextafter(-1, 0),
    "neg_root_mean_squared_log_error": np.nextafter(-1, 0),
}


@dataclass(frozen=True)
class NegativeRelativeError:
    """Root mean squared error over a fixed standard deviation, with the sign turned."""

    sd: float

    def __call__(self, estimator: Any, X: Any, y: np.ndarray) -> float:
        """Score a fitted estimator."""
        return -float(np.sqrt(np.mean((np.asarray(estimator.predict(X)) - y) ** 2))) / self.sd


@dataclass(frozen=True)
class NegativeAbsoluteError:
    """Mean absolute error over a fixed standard deviation, with the sign turned."""

    sd: float

    def __call__(self, estimator: Any, X: Any, y: np.ndarray) -> float:
        """Score a fitted estimator."""
        return -float(np.mean(np.abs(np.asarray(estimator.predict(X)) - y))) / self.sd


@dataclass(frozen=True)
class Scorer:
    """A score of scikit-learn's that fits the task."""

    of: Callable[[Any, Any, np.ndarray], float]
    most: float | None
    needs_probabilities: bool


def fitting_scorer(name: str, n_classes: int, positive: int | None, y: np.ndarray) -> Scorer:
    """Find a score by name and check that it can score this task.

    Parameters
    ----------
    name : str
    n_classes : int
        0 for numbers.
    positive : int or None
        Code of the class that average precision is about, for two classes.
    y : (n_rows,) array
        Class codes or numbers.

    Raises
    ------
    ValueError
        One sentence: there is no such score, or it is for another task; and which ones would do.
    """
    from sklearn.metrics import average_precision_score, get_scorer, get_scorer_names, make_scorer

    if name not in get_scorer_names():
        common = _COMMON_NAMES.get(name.lower().replace("-", "_"))
        near = [common] if common else difflib.get_close_matches(name[:200], get_scorer_names(), 3, 0.4)
        raise ValueError(f"no score is named {name[:60]!r}: did you mean {' or '.join(near) or 'roc_auc'}?")
    found: Any = get_scorer(name)
    if name == "average_precision" and positive is not None:
        asked = ("decision_function", "predict_proba")
        found = make_scorer(average_precision_score, response_method=asked, pos_label=positive)
    if name == "f1_macro":
        from sklearn.metrics import f1_score

        found = make_scorer(f1_score, average="macro", zero_division=0.0)
    use = _use_instead(name, n_classes, set(get_scorer_names()))
    family = found._score_func.__module__
    for_numbers = family.endswith("_regression")
    if ".cluster" in family:
        raise ValueError(f"scoring={name!r} compares clusterings, not predictions: use {use}")
    if for_numbers and n_classes:
        raise ValueError(f"scoring={name!r} is for numbers, and {n_classes} classes are predicted here: use {use}")
    if not for_numbers and not n_classes:
        raise ValueError(f"scoring={name!r} is for classes, and a number is predicted here: use {use}")
    if n_classes and not _can_score(found, n_classes):
        raise ValueError(f"scoring={name!r} does not fit a target of {n_classes} classes: use {use}")
    if name in _LEAST and float(np.min(y)) < _LEAST[name]:
        raise ValueError(f"scoring={name!r} is not defined for a target as low as {float(np.min(y)):g}: use {use}")
    unbounded = name == "positive_likelihood_ratio"
    most = None if unbounded else 0.0 if name.startswith("neg_") else 1.0
    return Scorer(found, most, found._response_method == "predict_proba")


def asks_probabilities(scoring: Callable[..., float]) -> bool:
    """Whether a score that was given may ask for probabilities: a scorer says what it asks, any other function may."""
    asked = getattr(scoring, "_response_method", None)
    if asked is None:
        return not isinstance(scoring, (NegativeRelativeError, NegativeAbsoluteError))
    return set([asked] if isinstance(asked, str) else asked) == {"predict_proba"}


def _can_score(scorer: Any, n_classes: int) -> bool:
    """Whether a score can be computed, without a warning, of a small model that is right in three rows of four."""
    from sklearn.linear_model import LogisticRegression

    truth = np.repeat(np.arange(n_classes), 4)
    X = np.eye(n_classes)[truth]
    y = truth.copy()
    y[::4] = (truth[::4] + 1) % n_classes
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = LogisticRegression().fit(X, y)
        warnings.simplefilter("error")
        try:
            return bool(np.isfinite(scorer(model, X, y)))
        except (ValueError, TypeError, AttributeError, Warning):
            return False


def _use_instead(name: str, n_classes: int, known: set[str]) -> str:
    if not n_classes:
        return "neg_root_mean_squared_error, neg_mean_absolute_error or r2, or leave it out"
    if n_classes == 2:
        return "roc_auc, average_precision or balanced_accuracy, or leave it out"
    several = [other for other in (f"{name}_macro", f"{name}_ovr") if other in known]
    return ", ".join([*several, "balanced_accuracy"]) + " or matthews_corrcoef, or leave it out"
