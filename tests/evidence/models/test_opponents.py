"""The rosters as data: every row can be built, offers enough configurations, and is drawn and seeded reproducibly."""

import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, is_classifier, is_regressor
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.decomposition import PCA
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import shuffle
from threadpoolctl import threadpool_limits

from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.opponents import (
    CLASSICAL,
    QUANTUM,
    Given,
    Situation,
    fewest_configurations,
    given_opponents,
)
from ketwise.evidence.models.quantum import quantum_opponents

ROSTERS = {kind: classical_opponents(kind) + quantum_opponents(kind) for kind in (True, False)}
ROWS = [pytest.param(kind, row, id=f"{row.name}-{kind}") for kind, rows in ROSTERS.items() for row in rows]


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_every_row_builds_what_it_says(kind, row):
    situation = Situation(kind, n_columns=4, seed=7, class_weight="balanced" if kind else None)
    configurations = row.configurations(12, seed=3)
    assert configurations[0] == row.default
    assert len(configurations) == (12 if row.grid else 1)
    assert len({str(sorted(settings.items(), key=str)) for settings in configurations}) == len(configurations)
    for settings in configurations:
        assert set(settings) == set(row.default)
        estimator = row.make(settings, situation)
        assert is_classifier(estimator) is kind
        assert is_regressor(estimator) is not kind
    assert row.configurations(12, seed=3) == configurations
    assert not row.grid or row.configurations(12, seed=4) != configurations


@pytest.mark.parametrize("kind", [True, False])
def test_who_takes_part(kind):
    linear = "logistic regression" if kind else "ridge regression"
    classical = ["dummy", linear, "RBF SVM", "random forest", "gradient boosting", "MLP"]
    assert [row.name for row in ROSTERS[kind] if row.side == CLASSICAL][:6] == classical
    quantum = ["fidelity kernel", "projected kernel", "re-uploading circuit", "hardware-efficient circuit"]
    assert [row.name for row in ROSTERS[kind] if row.side == QUANTUM] == quantum
    assert all(row.most_columns == (8 if row.side == QUANTUM else None) for row in ROSTERS[kind])
    assert all(row.ablation_of is None and not row.kind for row in ROSTERS[kind])


@pytest.mark.parametrize(("kind", "row"), [row for row in ROWS if row.values[1].grid])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_first_configurations_are_sensible(kind, row):
    """On scikit-learn's small sets, prepared as in a verdict, the first configuration is no embarrassment."""
    X, y = shuffle(*(load_breast_cancer if kind else load_diabetes)(return_X_y=True), random_state=0)
    n_columns = row.most_columns or X.shape[1]
    model = row.make(row.default, Situation(kind, n_columns, 0, None))
    steps = [StandardScaler()] + ([PCA(n_columns)] if row.most_columns else [])
    with threadpool_limits(1):
        pipeline = make_pipeline(*steps, model).fit(X[:300], y[:300])
        assert pipeline.score(X[300:], y[300:]) > (0.92 if kind else 0.3)


@pytest.mark.parametrize("kind", [True, False])
def test_grids_are_large_enough_and_classes_weighted_alike(kind):
    assert fewest_configurations(ROSTERS[kind]) >= 50
    weighted = [
        row.make(row.default, Situation(kind, 4, 7, "balanced")).get_params().get("class_weight")
        for row in ROSTERS[kind]
        if row.grid
    ]
    assert weighted == ["balanced" if kind else None] * len(weighted)


def test_seeds_differ_by_model_fold_and_seed_and_by_nothing_else():
    rows = ROSTERS[True]
    seeds = {(row.name, fold, seed): row.seed(seed, fold) for row in rows for fold in range(10) for seed in (0, 1)}
    assert len(set(seeds.values())) == len(seeds)
    assert seeds["dummy", 3, 1] == classical_opponents(True)[0].seed(1, 3)
    assert all(0 <= value < 2**31 for value in seeds.values())


def test_given_estimators():
    taken = {"dummy"}
    given = {"mine": SGDClassifier(), "pipe": make_pipeline(StandardScaler(), LogisticRegression())}
    rows = given_opponents(given, CLASSICAL, "against", taken)
    assert [(row.name, row.side, row.takes_table) for row in rows] == [
        ("mine", CLASSICAL, False),
        ("pipe", CLASSICAL, True),
    ]
    assert rows[0].configurations(12, 0) == [{}]
    assert taken == {"dummy", "mine", "pipe"}
    assert given_opponents(None, QUANTUM, "models", taken) == []
    situation = Situation(True, 4, 99, None)
    built = rows[0].make({}, situation)
    assert built is not given["mine"]
    assert built.random_state == 99
    assert given["mine"].random_state is None
    assert Given(SGDClassifier(random_state=1))({}, situation).random_state == 1


@pytest.mark.parametrize(
    ("estimator", "table"),
    [
        (GridSearchCV(make_pipeline(StandardScaler(), SGDClassifier()), {}), True),
        (BaggingClassifier(CalibratedClassifierCV(make_pipeline(SGDClassifier()))), True),
        (TransformedTargetRegressor(make_pipeline(StandardScaler(), Ridge())), True),
        (GridSearchCV(SGDClassifier(), {}), False),
        (BaggingClassifier(), False),
        (TransformedTargetRegressor(), False),
    ],
)
def test_what_wraps_a_pipeline_sees_the_columns_as_they_came(estimator, table):
    (row,) = given_opponents({"mine": estimator}, CLASSICAL, "against", set())
    assert row.takes_table is table


class StoresNothing(ClassifierMixin, BaseEstimator):
    def __init__(self, depth=3):
        pass

    def fit(self, X, y):
        return self


class StoresAnother(StoresNothing):
    def __init__(self, depth=3):
        self.depth = [depth]


class CannotBeShown(StoresNothing):
    def __init__(self):
        pass

    def __repr__(self):
        raise KeyError("nothing to show")


class TellsNothing(StoresNothing):
    def get_params(self, deep=True):
        raise RuntimeError("no\nparameters")


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (StoresNothing, "AttributeError: .*depth"),
        (StoresAnother, "RuntimeError: Cannot clone"),
        (CannotBeShown, "KeyError: 'nothing to show'"),
        (TellsNothing, "RuntimeError: no parameters"),
    ],
)
def test_what_cannot_be_cloned_or_shown_is_refused_with_the_reason(kind, reason):
    with pytest.raises(ValueError, match=rf"against\['mine'\] cannot be cloned and shown .*{reason}"):
        given_opponents({"mine": kind()}, CLASSICAL, "against", set())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([SGDClassifier()], "models must be a dict of name -> estimator, got list"),
        ({"dummy": SGDClassifier()}, "'dummy' is no free name"),
        ({" ": SGDClassifier()}, "no free name"),
        ({1: SGDClassifier()}, "1 is no free name"),
        ({"a": SGDClassifier}, "must be a scikit-learn estimator"),
        ({"a": "svm"}, "must be a scikit-learn estimator"),
        ({"a": StandardScaler()}, "must be a classifier or a regressor, got StandardScaler"),
    ],
)
def test_what_is_no_model_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        given_opponents(given, QUANTUM, "models", {"dummy"})
