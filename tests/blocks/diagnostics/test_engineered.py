"""Labels made for a quantum kernel saturate the geometric difference, and are recognised; natural ones are not."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from ketwise.blocks.diagnostics.engineered import engineered_labels, reach
from ketwise.blocks.diagnostics.geometry import geometric_difference, model_complexity
from ketwise.blocks.encodings import iqp
from ketwise.blocks.kernels import fidelity

SETS = {"cancer": load_breast_cancer, "diabetes": load_diabetes, "iris": load_iris, "wine": load_wine}


def kernels(name, rows=150):
    """Four classical kernels and the fidelity kernel of a set's first components, with its targets."""
    X, y = SETS[name](return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(X))[:rows]
    X, y = StandardScaler().fit_transform(X[chosen]), y[chosen]
    Z = MinMaxScaler((-np.pi / 2, np.pi / 2)).fit_transform(PCA(min(5, X.shape[1])).fit_transform(X))
    classical = [rbf_kernel(Z, gamma=gamma) for gamma in (0.03, 0.1, 0.3, 1.0, 3.0)]
    return classical, fidelity(iqp(Z.shape[1], repeats=2), Z), y


@pytest.mark.parametrize("regularisation", [0.01, 1.0])
def test_made_labels_saturate_the_difference(regularisation):
    classical, quantum, _ = kernels("wine")
    quantum = quantum + 1e-3 * np.eye(len(quantum))
    y = engineered_labels(classical[2], quantum, regularisation)
    ratio = model_complexity(classical[2], y, regularisation).weights / model_complexity(quantum, y, 0.0).weights
    assert np.sqrt(ratio) == pytest.approx(geometric_difference(classical[2], quantum, regularisation), rel=1e-6)
    signs = engineered_labels(classical[2], quantum, regularisation, classes=True)
    assert set(signs) == {-1.0, 1.0}
    assert abs(signs.sum()) <= 1
    assert np.mean(signs == np.sign(y - np.median(y))) > 0.99


@pytest.mark.parametrize("name", SETS)
def test_natural_labels_are_not_called_engineered(name):
    classical, quantum, y = kernels(name)
    is_classes = name != "diabetes"
    labels = np.eye(3)[y] if is_classes else y
    found = reach(classical, quantum, labels, classes=is_classes)
    assert not found.engineered
    assert found.ratio < 1.05
    noise = np.random.default_rng(1).choice([-1.0, 1.0], len(y))
    assert not reach(classical, quantum, noise, classes=True).engineered


@pytest.mark.parametrize("name", ["cancer", "diabetes", "wine"])
@pytest.mark.parametrize("classes", [True, False])
def test_made_labels_are_called_engineered(name, classes):
    classical, quantum, _ = kernels(name)
    y = engineered_labels(classical[2], quantum, 0.01, classes=classes)
    assert reach(classical, quantum, y, classes=classes).engineered


@pytest.mark.parametrize("name", ["diabetes", "wine"])
def test_a_part_of_the_rows_is_enough(name):
    """As a fold sees them: the labels were made from more rows than are looked at."""
    classical, quantum, _ = kernels(name)
    y = engineered_labels(classical[2], quantum, 0.01, classes=True)
    some = np.random.default_rng(0).permutation(len(y))[:120]
    square = np.ix_(some, some)
    assert reach([K[square] for K in classical], quantum[square], y[some], classes=True).engineered


def test_no_kernel_to_compare_with_is_refused():
    with pytest.raises(ValueError, match="at least one kernel"):
        reach([], np.eye(3), [1.0, 2.0, 3.0], classes=False)
