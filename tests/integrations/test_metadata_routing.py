"""scikit-learn's metadata routing: groups reach the splitter, weights the step that asks, and nothing is dropped."""

import numpy as np
import pytest
import sklearn
from sklearn.base import clone
from sklearn.metrics import accuracy_score, get_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from tests.integrations.models import ESTIMATORS, NAMES, flowers


@pytest.fixture(autouse=True)
def routing():
    with sklearn.config_context(enable_metadata_routing=True):
        yield


class Watched(GroupKFold):
    """Keeps the groups that it was given."""

    def split(self, X, y=None, groups=None):
        self.seen = groups
        yield from super().split(X, y, groups)


def test_groups_reach_the_splitter_through_a_grid_search():
    X, y = flowers()
    groups = np.arange(len(X)) // 6
    splitter = Watched(3)
    pipeline = make_pipeline(StandardScaler(), kw.QuantumKernelClassifier())
    grid = {"quantumkernelclassifier__bandwidth": [0.1, 0.5]}
    search = GridSearchCV(pipeline, grid, cv=splitter).fit(X, y, groups=groups)
    np.testing.assert_array_equal(splitter.seen, groups)
    splits = [*GroupKFold(3).split(X, y, groups)]
    for k, bandwidth in enumerate(grid["quantumkernelclassifier__bandwidth"]):
        model = clone(pipeline).set_params(quantumkernelclassifier__bandwidth=bandwidth)
        scores = [clone(model).fit(X[a], y[a]).score(X[b], y[b]) for a, b in splits]
        assert search.cv_results_["mean_test_score"][k] == pytest.approx(np.mean(scores))


def test_weights_reach_the_scorer_that_asks():
    X, y = flowers()
    weights = np.linspace(0.1, 3.0, len(X))
    scorer = get_scorer("accuracy").set_score_request(sample_weight=True)
    model = kw.QuantumKernelClassifier(bandwidth=0.05)
    found = cross_validate(model, X, y, cv=GroupKFold(2), scoring=scorer, return_indices=True,
                           params={"sample_weight": weights, "groups": np.arange(len(X)) % 2})  # fmt: skip
    for k, (train, test) in enumerate(zip(found["indices"]["train"], found["indices"]["test"], strict=True)):
        predicted = clone(model).fit(X[train], y[train]).predict(X[test])
        assert found["test_score"][k] == accuracy_score(y[test], predicted, sample_weight=weights[test])
    assert clone(model).set_score_request(sample_weight=True).fit(X, y).score(X, y, sample_weight=weights) > 0.5


def test_weights_reach_a_step_that_asks_and_only_that():
    X, y = flowers()
    weights = np.linspace(0.1, 3.0, len(X))
    scaler = StandardScaler().set_fit_request(sample_weight=True)
    pipeline = make_pipeline(scaler, kw.QuantumKernelClassifier()).fit(X, y, sample_weight=weights)
    by_hand = StandardScaler().fit(X, sample_weight=weights)
    alone = kw.QuantumKernelClassifier().fit(by_hand.transform(X), y)
    np.testing.assert_array_equal(pipeline.decision_function(X), alone.decision_function(by_hand.transform(X)))


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=NAMES)
def test_weights_are_refused_where_none_are_honoured(estimator):
    """No ``fit`` here takes weights, so that none can be asked for, and none disappears."""
    X, y = flowers()
    assert not hasattr(estimator, "set_fit_request")
    with pytest.raises(TypeError, match="sample_weight"):
        clone(estimator).fit(X, y, sample_weight=np.ones(len(X)))
    with pytest.raises(TypeError, match="sample_weight"):
        make_pipeline("passthrough", clone(estimator)).fit(X, y, sample_weight=np.ones(len(X)))


def test_the_classes_of_partial_fit_can_be_asked_for():
    model = kw.VariationalClassifier().set_partial_fit_request(classes=True)
    assert model.get_metadata_routing().partial_fit.requests == {"classes": True}
