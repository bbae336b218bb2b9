"""The classical side, one row a model, with the grid its configurations are drawn from."""

from typing import Any

from ketwise.evidence.models.boosted import boosted_opponents
from ketwise.evidence.models.opponents import CLASSICAL, Opponent, Settings, Situation, powers


def _dummy(settings: Settings, situation: Situation) -> Any:
    from sklearn.dummy import DummyClassifier, DummyRegressor

    return DummyClassifier(strategy="prior") if situation.is_classification else DummyRegressor()


def _linear(settings: Settings, situation: Situation) -> Any:
    from sklearn.linear_model import LogisticRegression, Ridge

    if situation.is_classification:
        return LogisticRegression(**settings, max_iter=5000, class_weight=situation.class_weight)
    return Ridge(**settings)


def _support_vectors(settings: Settings, situation: Situation) -> Any:
    from sklearn.svm import SVC, SVR

    # gamma is stated in units of 1 / columns: columns have variance 1, so 1 is scikit-learn's own default.
    gamma = settings["gamma"] / situation.n_columns
    if situation.is_classification:
        return SVC(C=settings["C"], gamma=gamma, class_weight=situation.class_weight, random_state=situation.seed)
    return scaled_target(SVR(C=settings["C"], gamma=gamma))


def _forest(settings: Settings, situation: Situation) -> Any:
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    if situation.is_classification:
        return RandomForestClassifier(
            **settings, n_estimators=100, class_weight=situation.class_weight, random_state=situation.seed
        )
    return RandomForestRegressor(**settings, n_estimators=100, random_state=situation.seed)


def _boosting(settings: Settings, situation: Situation) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if situation.is_classification:
        return HistGradientBoostingClassifier(
            **settings, class_weight=situation.class_weight, early_stopping=False, random_state=situation.seed
        )
    return HistGradientBoostingRegressor(**settings, early_stopping=False, random_state=situation.seed)


def _network(settings: Settings, situation: Situation) -> Any:
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    from ketwise.evidence.models.weighted import WeightedClassifier

    # On the few rows that a verdict trains on, L-BFGS is several times faster than Adam and reaches better scores.
    shared = {
        "hidden_layer_sizes": (settings["width"],) * settings["depth"],
        "alpha": settings["alpha"],
        "solver": "lbfgs",
        "max_iter": 100,
        "random_state": situation.seed,
    }
    if situation.is_classification:
        return WeightedClassifier(MLPClassifier(**shared), class_weight=situation.class_weight)
    return scaled_target(MLPRegressor(**shared))


def scaled_target(regressor: Any) -> Any:
    """The regressor, trained on a target of mean 0 and standard deviation 1."""
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.preprocessing import StandardScaler

    return TransformedTargetRegressor(regressor=regressor, transformer=StandardScaler())


def classical_opponents(is_classification: bool) -> list[Opponent]:
    """The classical side: what scikit-learn has, and boosted trees of other libraries where these are installed."""
    strength = powers(10, -4, 4, 65)
    if is_classification:
        linear = ("logistic regression", "A weighted sum of the columns.", {"C": 1.0}, {"C": strength})
    else:
        linear = ("ridge regression", "A weighted sum of the columns.", {"alpha": 1.0}, {"alpha": strength})
    guess = "Always says the commonest class." if is_classification else "Always says the mean."
    return [
        Opponent("dummy", CLASSICAL, f"{guess} Nothing to tune; shows what no model is worth.", _dummy, {}, {}),
        Opponent(linear[0], CLASSICAL, linear[1], _linear, linear[2], linear[3]),
        Opponent(
            "RBF SVM",
            CLASSICAL,
            "A support vector machine with the Gaussian kernel; gamma in units of 1 / columns.",
            _support_vectors,
            {"C": 1.0, "gamma": 1.0},
            {"C": powers(2, -3, 9, 13), "gamma": powers(2, -6, 3, 10)},
        ),
        Opponent(
            "random forest",
            CLASSICAL,
            "100 trees on resampled rows.",
            _forest,
            {"max_features": "sqrt" if is_classification else 1.0, "min_samples_leaf": 1, "max_depth": None},
            {
                "max_features": ["sqrt", "log2", 0.2, 0.4, 0.7, 1.0],
                "min_samples_leaf": [1, 2, 4, 8],
                "max_depth": [None, 12, 6],
            },
        ),
        Opponent(
            "gradient boosting",
            CLASSICAL,
            "Histogram gradient boosting: trees that correct each other.",
            _boosting,
            {
                "learning_rate": 0.1,
                "max_iter": 100,
                "max_leaf_nodes": 31,
                "min_samples_leaf": 20,
                "l2_regularization": 0.0,
            },
            {
                "learning_rate": [0.03, 0.06, 0.1, 0.2],
                "max_iter": [50, 100, 150],
                "max_leaf_nodes": [4, 8, 15, 31],
                "min_samples_leaf": [5, 10, 20],
                "l2_regularization": [0.0, 1.0],
            },
        ),
        Opponent(
            "MLP",
            CLASSICAL,
            "A neural network with one or two hidden layers.",
            _network,
            {"width": 64, "depth": 1, "alpha": 1.0 if is_classification else 3.16},
            {"width": [16, 32, 64, 128], "depth": [1, 2], "alpha": powers(10, -2, 2, 9)},
        ),
        *boosted_opponents(),
    ]
