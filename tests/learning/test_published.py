"""Published accuracies on public data sets (Bowles, Ahmed, Schuld 2024, arXiv:2403.07059), to one test sample."""

import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

import ketwise as kw
from tests.shared_data import SHARED_DATA

FOLDER = SHARED_DATA / "bowles"

# data set: published test accuracy of the IQP kernel and of the SVC
PUBLISHED = {
    "linearly_separable_2d": (1.0, 1.0),
    "linearly_separable_3d": (0.9833, 0.9833),
    "linearly_separable_10d": (0.8167, 0.9833),
    "mnist_3-5_2d-250": (0.7280, 0.7360),
    "mnist_3-5_10d-250": (0.9520, 0.9440),
}

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no published data in {FOLDER}; set KETWISE_DATA")


@pytest.fixture(params=PUBLISHED)
def split(request):
    tables = [np.loadtxt(FOLDER / f"{request.param}_{part}.csv", delimiter=",") for part in ("train", "test")]
    (X, y), (X_test, y_test) = ((table[:, :-1], table[:, -1]) for table in tables)
    return X, y, X_test, y_test, PUBLISHED[request.param]


def accuracy(model, grid, split):
    X, y, X_test, y_test, _ = split
    return GridSearchCV(model, grid).fit(X, y).score(X_test, y_test)


def test_iqp_kernel(split):
    model = kw.QuantumKernelClassifier(encoding="iqp", scale="minmax", bandwidth=1.0)
    reached = accuracy(model, {"repeats": [1, 5, 10], "C": [0.1, 1, 10, 100]}, split)
    assert reached == pytest.approx(split[-1][0], abs=1.01 / len(split[3]))


def test_svc(split):
    reached = accuracy(SVC(), {"gamma": [0.001, 0.01, 0.1, 1], "C": [0.1, 1, 10, 100]}, split)
    assert reached == pytest.approx(split[-1][1], abs=1.01 / len(split[3]))
