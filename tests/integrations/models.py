"""Every estimator of the package, set to fit quickly, and data that all of them take."""

import numpy as np
from sklearn.datasets import load_iris

import ketwise as kw

_DESCENT = {"convergence_interval": 25, "max_steps": 60, "learning_rate": 0.1, "random_state": 0}
_SHORT = {"max_iter": 3, "random_state": 0}

ESTIMATORS = [
    kw.QuantumKernelClassifier(),
    kw.QuantumKernelClassifier(kernel="projected"),
    kw.QuantumKernelRegressor(),
    kw.SpectrumSurrogateClassifier(random_state=0),
    kw.SpectrumSurrogateRegressor(random_state=0),
    kw.AlignedRBFClassifier(),
    kw.AlignedRBFRegressor(),
    kw.VariationalClassifier(**_SHORT),
    kw.VariationalClassifier(optimizer="adam", early_stopping=True, **_SHORT),
    kw.VariationalClassifier(optimizer=kw.optimizers.SPSA(), loss=kw.losses.hinge, **_SHORT),
    kw.VariationalRegressor(**_SHORT),
    kw.CircuitClassifier(**_DESCENT),
    kw.QuantumMetricLearner(n_layers=1, **_DESCENT),
    kw.ProjectedKernelClassifier(random_state=0),
    kw.QuantumRandomFeatures(20, random_state=0),
    kw.QuantumReservoir(2, random_state=0),
    kw.Quanvolution(random_state=0),
    kw.BornMachine(n_layers=1, **_SHORT),
    kw.QuantumAutoencoder(n_layers=1, n_init=1, **_SHORT),
    kw.QuantumOneClass(n_layers=1, n_init=1, **_SHORT),
    kw.QuantumKernelKMeans(random_state=0),
    kw.QuantumKernelPCA(),
    kw.AssociativeMemory("kernel", encoding="real"),
    kw.AssociativeMemoryClassifier(n_levels=4),
    kw.AssociativeMemoryImputer("hopfield", random_state=0),
]
NAMES = [f"{type(e).__name__}-{k}" for k, e in enumerate(ESTIMATORS)]
#: What says something about rows; a model has one of these at least.
METHODS = ("decision_function", "predict_proba", "predict", "transform", "score_samples", "distribution")


def flowers():
    """Return 60 rows of two kinds of iris with their names."""
    X, y = load_iris(return_X_y=True)
    rows = np.random.default_rng(0).permutation(100)[:60] + 50
    return X[rows], np.array(["setosa", "versicolor", "virginica"])[y[rows]]


def targets(estimator, y):
    """Return the names, or for a regression numbers."""
    return (y == "virginica").astype(float) if type(estimator).__name__.endswith("Regressor") else y


def outputs(model, X):
    """Return what the model says about rows, by every method it has."""
    found = {name: np.asarray(getattr(model, name)(X)) for name in METHODS if hasattr(model, name)}
    assert found
    return found


def assert_same(one, two, X):
    """Refuse models that differ in a bit."""
    expected, got = outputs(one, X), outputs(two, X)
    assert list(expected) == list(got)
    for name, values in expected.items():
        np.testing.assert_array_equal(got[name], values, err_msg=name)
