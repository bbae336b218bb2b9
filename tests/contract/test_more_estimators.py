"""The estimators that are no classifier or regressor with ``entangled`` and ``bandwidth``: what all of them must do."""

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_limits

from ketwise.learning.autoencoder import QuantumAutoencoder, QuantumOneClass
from ketwise.learning.born_machine import BornMachine
from ketwise.learning.circuit_classifier import CircuitClassifier
from ketwise.learning.kernel_kmeans import QuantumKernelKMeans
from ketwise.learning.kernel_pca import QuantumKernelPCA
from ketwise.learning.memory.classifier import AssociativeMemoryClassifier
from ketwise.learning.memory.imputer import AssociativeMemoryImputer
from ketwise.learning.metric_learner import QuantumMetricLearner
from ketwise.learning.networks.boltzmann import Boltzmann
from ketwise.learning.networks.circuits import SeparableVariational
from ketwise.learning.projected_kernel import ProjectedKernelClassifier
from ketwise.learning.quanvolution import Quanvolution
from ketwise.learning.random_features import QuantumRandomFeatures
from ketwise.learning.reservoir import QuantumReservoir

# Short intervals: the checks look at the contract, not at how well it is trained.
QUICK = {"convergence_interval": 25, "max_steps": 200, "learning_rate": 0.1, "random_state": 0}
ESTIMATORS = [
    CircuitClassifier(**QUICK),
    CircuitClassifier(Boltzmann(entangled=False), **QUICK),
    QuantumMetricLearner(n_layers=1, **QUICK),
    ProjectedKernelClassifier(random_state=0),
    QuantumRandomFeatures(20, random_state=0),
    QuantumReservoir(2, random_state=0),
    BornMachine(n_layers=1, max_iter=20, random_state=0),
    QuantumAutoencoder(n_layers=1, n_init=1, max_iter=20, random_state=0),
    QuantumOneClass(n_layers=1, n_init=1, max_iter=20, random_state=0),
    QuantumKernelKMeans(random_state=0),
    QuantumKernelPCA(),
    AssociativeMemoryClassifier(n_levels=4),
    AssociativeMemoryClassifier("kernel", encoding="real"),
    AssociativeMemoryImputer(),
    AssociativeMemoryImputer("kernel", encoding="real", strategy="mean"),
]
NAMES = [f"{type(e).__name__}-{k}" for k, e in enumerate(ESTIMATORS)]

pytestmark = [
    pytest.mark.filterwarnings("ignore::ketwise.learning.preprocessing.ReductionWarning"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def data(estimator):
    X, y = load_iris(return_X_y=True)
    rows = np.random.default_rng(0).permutation(100)[:60] + 50  # two classes
    return X[rows], np.array(["setosa", "versicolor", "virginica"])[y[rows]]


EVERY = dict(zip(NAMES, ESTIMATORS, strict=True)) | {"Quanvolution": Quanvolution(random_state=0)}


@pytest.fixture(params=EVERY)
def estimator(request):
    return clone(EVERY[request.param])


def those(applies):
    """Parametrise over the estimators that a test is about."""
    return pytest.mark.parametrize("estimator", [name for name in EVERY if applies(EVERY[name])], indirect=True)


def outputs(model, X):
    """Return what it says about each row, by every method it has."""
    methods = ("decision_function", "predict_proba", "predict", "transform", "score_samples")
    found = [np.asarray(getattr(model, name)(X)) for name in methods if hasattr(model, name)]
    assert found
    return found


def test_a_row_does_not_depend_on_the_others(estimator):
    X, y = data(estimator)
    model = estimator.fit(X, y)
    together, backwards = outputs(model, X), outputs(model, X[::-1])
    alone = [outputs(model, row[np.newaxis]) for row in X]
    for k, whole in enumerate(together):
        np.testing.assert_array_equal(backwards[k][::-1], whole)
        np.testing.assert_array_equal(np.concatenate([each[k] for each in alone]), whole)


def test_it_is_the_same_again_and_for_any_number_of_threads(estimator, monkeypatch):
    X, y = data(estimator)
    found = []
    for threads in ("1", "2"):
        monkeypatch.setenv("KETWISE_NUM_THREADS", threads)
        with threadpool_limits(int(threads)):
            found.append(outputs(clone(estimator).fit(X, y), X))
    for one, two in zip(*found, strict=True):
        np.testing.assert_array_equal(one, two)


def test_frames_with_column_names(estimator):
    X, y = data(estimator)
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    model = estimator.fit(frame, pd.Series(y))
    np.testing.assert_array_equal(model.feature_names_in_, frame.columns)
    for named, plain in zip(outputs(model, frame), outputs(clone(estimator).fit(X, y), X), strict=True):
        np.testing.assert_array_equal(named, plain)
    method = next(n for n in ("predict", "transform", "score_samples") if hasattr(model, n))
    with pytest.raises(ValueError, match="feature names should match"):
        getattr(model, method)(frame[["b", "a", "c", "d"]])


@those(is_classifier)
def test_string_labels(estimator):
    X, y = data(estimator)
    model = estimator.fit(X, y)
    assert list(model.classes_) == ["versicolor", "virginica"]
    assert set(model.predict(X)) <= set(y)


@those(lambda estimator: hasattr(estimator, "transform"))
def test_columns_out_have_names_in_frames(estimator):
    X, y = data(estimator)
    out = clone(estimator).set_output(transform="pandas").fit(X, y).transform(X)
    assert list(out.columns) == list(estimator.fit(X, y).get_feature_names_out())


def test_clones_and_pickles(estimator):
    X, y = data(estimator)
    model = estimator.fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    for one, two in zip(outputs(model, X), outputs(again, X), strict=True):
        np.testing.assert_array_equal(one, two)
    assert clone(model).get_params() == model.get_params()


def test_designs_in_a_pipeline_and_a_grid():
    X, y = data(None)
    grid = {"circuitclassifier__design": [SeparableVariational(), Boltzmann(entangled=False)]}
    search = GridSearchCV(make_pipeline(StandardScaler(), CircuitClassifier(**QUICK)), grid, cv=2, n_jobs=2).fit(X, y)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
