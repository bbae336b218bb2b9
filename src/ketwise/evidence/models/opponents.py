"""A row of the verdict: a model, how it is built, the grid that its configurations are drawn from; users' own too."""

import itertools
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

CLASSICAL, QUANTUM, ABLATION = "classical", "quantum", "ablation"

Settings = dict[str, Any]


@dataclass(frozen=True)
class Situation:
    """What a model is built for: ``n_columns`` after preparation and reduction, the seed, the weighting of classes."""

    is_classification: bool
    n_columns: int
    seed: int
    class_weight: str | None


@dataclass(frozen=True)
class Opponent:
    """A model that takes part: how it is built from one configuration, and which configurations there are.

    Parameters
    ----------
    name : str
        As shown, and the key by which it is seeded.
    side : {"classical", "quantum", "ablation"}
    about : str
        One sentence for the report.
    make : callable (settings, situation) -> estimator
    default : dict
        The first configuration.
    grid : dict of list
        The others are drawn from its product, without replacement.
    most_columns : int or None
        More columns than this are reduced by principal components, inside the fold.
    takes_table : bool
        Sees the columns as they came, not prepared: it prepares them itself.
    ablation_of : str or None
        Name of the quantum model that this one is with something taken away; its configurations are drawn alike.
    kind : {"", "entanglement", "spectrum", "rbf", "neighbours"}
        What is left out or stands in, for an ablation.
    scaled : bool
        False sees the prepared columns before they are scaled: gaps filled, text one-hot.
    """

    name: str
    side: str
    about: str
    make: Callable[[Settings, Situation], Any]
    default: Settings
    grid: Mapping[str, list[Any]]
    most_columns: int | None = None
    takes_table: bool = False
    ablation_of: str | None = None
    kind: str = ""
    scaled: bool = True

    def configurations(self, count: int, seed: int) -> list[Settings]:
        """The default, then ``count - 1`` different ones drawn from the grid; fewer where the grid is smaller.

        Examples
        --------
        >>> from ketwise.evidence.models.classical import classical_opponents
        >>> forest = classical_opponents(True)[3]
        >>> forest.configurations(3, seed=0)[0]
        {'max_features': 'sqrt', 'min_samples_leaf': 1, 'max_depth': None}
        """
        every = [dict(zip(self.grid, values, strict=True)) for values in itertools.product(*self.grid.values())]
        others = [settings for settings in every if settings and settings != self.default]
        order = np.random.default_rng([seed, *_key(self.ablation_of or self.name)]).permutation(len(others))
        return [dict(self.default)] + [others[index] for index in order[: count - 1]]

    def seed(self, seed: int, fold: int) -> int:
        """The seed of this model in an outer fold: independent of which other models take part."""
        state = np.random.SeedSequence([seed, fold, *_key(self.name)]).generate_state(1)
        return int(state[0]) & 0x7FFFFFFF


def _key(name: str) -> tuple[int, int]:
    text = name.encode("utf-8", "surrogatepass")
    return zlib.crc32(text), zlib.adler32(text)


def fewest_configurations(opponents: list[Opponent]) -> int:
    """The largest number of configurations that every model with something to tune can offer."""
    return min(math.prod(len(values) for values in opponent.grid.values()) for opponent in opponents if opponent.grid)


def powers(base: float, low: float, high: float, count: int) -> list[float]:
    """Return powers of a base, rounded to three digits so that they print as they are.

    Examples
    --------
    >>> powers(10, -1, 1, 3)
    [0.1, 1.0, 10.0]
    """
    return [float(f"{base**exponent:.3g}") for exponent in np.linspace(low, high, count)]


@dataclass(frozen=True)
class Given:
    """Builds an estimator that the user gave: a clone, seeded where it has a ``random_state`` that was left open."""

    estimator: Any

    def __call__(self, settings: Settings, situation: Situation) -> Any:
        """Return a fresh clone."""
        from sklearn.base import clone

        fresh = clone(self.estimator)
        open_seeds = [
            name for name, value in fresh.get_params().items() if name.endswith("random_state") and value is None
        ]
        return fresh.set_params(**dict.fromkeys(open_seeds, situation.seed)) if open_seeds else fresh


def given_opponents(given: Mapping[str, Any] | None, side: str, argument: str, taken: set[str]) -> list[Opponent]:
    """Rows for estimators the user gave by name; ``taken`` are names in use, and grows.

    Raises
    ------
    ValueError
        For what is no scikit-learn estimator or cannot be cloned, or a name used twice.
    """
    from sklearn.base import clone, is_classifier, is_regressor

    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise ValueError(f"{argument} must be a dict of name -> estimator, got {type(given).__name__}")
    opponents = []
    for name, estimator in given.items():
        if not isinstance(name, str) or not name.strip() or name in taken:
            raise ValueError(f"{argument}: {name!r} is no free name for a model; taken are {', '.join(sorted(taken))}")
        if isinstance(estimator, type) or not (hasattr(estimator, "fit") and hasattr(estimator, "get_params")):
            raise ValueError(
                f"{argument}[{name!r}] must be a scikit-learn estimator (with fit and get_params), got {estimator!r}"
            )
        try:
            fresh = clone(estimator)
            fresh.get_params()
            repr(estimator)  # kept, to tell one run from another
            known = is_classifier(estimator) or is_regressor(estimator)
        except Exception as error:
            raise ValueError(
                f"{argument}[{name!r}] cannot be cloned and shown as scikit-learn does it with any estimator: "
                f"{type(error).__name__}: {' '.join(str(error).split())[:300]}; its __init__ must store every argument "
                "as it is under the argument's name, and change none"
            ) from error
        if not known:
            raise ValueError(
                f"{argument}[{name!r}] must be a classifier or a regressor, got {type(estimator).__name__}"
            )
        taken.add(name)
        about = f"Given by the user as it is, not tuned here: {type(estimator).__name__}."
        opponents.append(Opponent(name, side, about, Given(estimator), {}, {}, takes_table=_holds_pipeline(estimator)))
    return opponents


def _holds_pipeline(estimator: Any) -> bool:
    """Whether a Pipeline prepares the columns, itself or inside of what searches, calibrates or wraps it."""
    from sklearn.pipeline import Pipeline

    while not isinstance(estimator, Pipeline):
        parameters = estimator.get_params(deep=False)
        inner = parameters.get("estimator", parameters.get("regressor"))
        if not hasattr(inner, "get_params") or isinstance(inner, type):
            return False
        estimator = inner
    return True
