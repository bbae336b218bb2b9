"""What every estimator must do: scikit-learn's own checks, and the tools that people put around estimators."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_diabetes, load_iris
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_limits

import ketwise as kw

ESTIMATORS = [
    kw.QuantumKernelClassifier(),
    kw.QuantumKernelRegressor(),
    kw.QuantumKernelClassifier(kernel="projected"),
    kw.QuantumKernelRegressor(kernel="projected"),
    kw.SpectrumSurrogateClassifier(random_state=0),
    kw.SpectrumSurrogateRegressor(random_state=0),
    kw.AlignedRBFClassifier(),
    kw.AlignedRBFRegressor(),
    kw.VariationalClassifier(random_state=0),
    kw.VariationalRegressor(random_state=0),
]
CLASSIFIERS = [e for e in ESTIMATORS if is_classifier(e)]
NAMES = [type(e).__name__ for e in ESTIMATORS]


@parametrize_with_checks(ESTIMATORS)
@pytest.mark.filterwarnings("ignore::ketwise.learning.preprocessing.ReductionWarning")
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def data(estimator, n_rows=90):
    """Return rows of a real data set, shuffled, with string labels for a classifier."""
    X, y = (load_iris if is_classifier(estimator) else load_diabetes)(return_X_y=True)
    rows = np.random.default_rng(0).permutation(len(X))[:n_rows]
    labels = np.array(["setosa", "versicolor", "virginica"])
    return X[rows, :4], labels[y[rows]] if is_classifier(estimator) else y[rows]


@pytest.fixture(params=ESTIMATORS, ids=NAMES)
def estimator(request):
    return clone(request.param)


@pytest.fixture
def fitted(estimator):
    X, y = data(estimator)
    return estimator.fit(X, y), X, y


def test_it_learns(fitted):
    model, X, y = fitted
    assert model.score(X, y) > (0.9 if is_classifier(model) else 0.3)


def test_prediction_does_not_depend_on_the_other_rows(fitted):
    model, X, _ = fitted
    methods = [model.predict] if not is_classifier(model) else [model.decision_function]
    if hasattr(model, "predict_proba"):
        methods.append(model.predict_proba)
    for method in methods:
        together = method(X)
        alone = np.concatenate([method(row[np.newaxis]) for row in X])
        np.testing.assert_array_equal(method(X[::-1])[::-1], together)
        np.testing.assert_array_equal(alone, together)


def test_it_is_the_same_again_and_for_any_number_of_threads(estimator, monkeypatch):
    X, y = data(estimator)
    outputs = []
    for threads in ("1", "2"):
        monkeypatch.setenv("KETWISE_NUM_THREADS", threads)
        with threadpool_limits(int(threads)):
            model = clone(estimator).fit(X, y)
            outputs.append(model.decision_function(X) if is_classifier(model) else model.predict(X))
    np.testing.assert_array_equal(outputs[0], outputs[1])


def test_string_labels(fitted):
    model, X, y = fitted
    if is_classifier(model):
        assert set(model.classes_) == set(y)
        assert set(model.predict(X)) <= set(y)


def test_frames_with_column_names(estimator):
    X, y = data(estimator)
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"])
    model = estimator.fit(frame, pd.Series(y))
    np.testing.assert_array_equal(model.feature_names_in_, frame.columns)
    np.testing.assert_array_equal(model.predict(frame), clone(estimator).fit(X, y).predict(X))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(frame[["b", "a", "c", "d"]])


def test_a_pipeline_that_hands_on_frames(estimator):
    X, y = data(estimator)
    pipeline = make_pipeline(StandardScaler(), estimator).set_output(transform="pandas")
    pipeline.fit(pd.DataFrame(X, columns=list("abcd")), y)
    assert list(pipeline[-1].feature_names_in_) == list("abcd")
    assert "entangled" in repr(clone(pipeline).set_params(**{f"{pipeline.steps[-1][0]}__entangled": False}))


def test_grid_search_in_two_processes(estimator):
    X, y = data(estimator, n_rows=40)
    pipeline = make_pipeline(StandardScaler(), estimator)
    last = pipeline.steps[-1][0]
    grid = {f"{last}__bandwidth": [0.01, 0.5], f"{last}__entangled": [True, False]}
    search = GridSearchCV(pipeline, grid, cv=2, n_jobs=2).fit(X, y)
    scores = search.cv_results_["mean_test_score"]
    assert np.isfinite(scores).all()
    assert len(set(scores)) > 1


def test_clones_and_pickles(fitted):
    model, X, _ = fitted
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert clone(model).get_params() == model.get_params()
    own = clone(model).set_params(**{_circuit_name(model): kw.encodings.iqp(4, repeats=2)})
    assert getattr(clone(own), _circuit_name(model)) == kw.encodings.iqp(4, repeats=2)


def _circuit_name(estimator):
    return "encoding" if "encoding" in estimator.get_params() else "circuit"


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=[type(e).__name__ for e in CLASSIFIERS])
def test_calibration(estimator):
    X, y = data(estimator)
    model = CalibratedClassifierCV(clone(estimator), cv=3).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=[type(e).__name__ for e in CLASSIFIERS])
def test_balanced_class_weights_find_the_rare_class(estimator):
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(0, 1, (140, 2)), rng.normal(1, 1, (14, 2))])
    y = np.repeat(["common", "rare"], [140, 14])
    recall = [
        (clone(estimator).set_params(class_weight=weight).fit(X, y).predict(X[140:]) == "rare").mean()
        for weight in (None, "balanced")
    ]
    assert recall[1] > recall[0] + 0.2


def test_cross_validation_of_defaults_has_no_warning(estimator):
    X, y = data(estimator)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(cross_val_score(estimator, X, y, cv=3)).all()


def test_reduction_warns_unless_chosen(estimator):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 14)), np.arange(60) % 2
    with pytest.warns(kw.ReductionWarning, match="X has 14 columns, reduced by PCA to the (8|10) features"):
        clone(estimator).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = clone(estimator).set_params(n_qubits=3).fit(X, y)
        assert model.preparation_.pca.n_components_ == 3


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"scale": "log"}, "scale must be one of"),
        ({"reduce": "umap"}, "reduce must be"),
        ({"bandwidth": 0.0}, "bandwidth must be positive"),
        ({"reduce": None, "n_qubits": 3, "circuit": "iqp"}, "columns, the circuit 'iqp' takes 3"),
        ({"n_qubits": 9, "circuit": "iqp"}, "n_qubits=9, but X has 4 columns"),
        ({"circuit": "fourier"}, "must be one of angle, iqp"),
        ({"circuit": kw.encodings.iqp(5)}, "takes 5 features, X has 4 columns"),
        ({"circuit": kw.encodings.iqp(4), "n_qubits": 3}, "n_qubits=3 contradicts"),
        ({"circuit": kw.Circuit(2).h(0)}, "no data can enter"),
    ],
)
def test_bad_settings_are_named(estimator, settings, message):
    X, y = data(estimator, n_rows=30)
    renamed = {_circuit_name(estimator) if k == "circuit" else k: v for k, v in settings.items()}
    with pytest.raises(ValueError, match=message):
        estimator.set_params(**renamed).fit(X, y)


def test_what_is_no_circuit_is_refused(estimator):
    with pytest.raises(TypeError, match="an Encoding or a Circuit is needed, got 3"):
        estimator.set_params(**{_circuit_name(estimator): 3}).fit(*data(estimator))
