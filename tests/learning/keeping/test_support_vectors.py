"""Support vectors as numbers decide as libsvm does, to the last bit."""

import numpy as np
import pytest
from sklearn.svm import SVC

from ketwise.learning.keeping.support_vectors import SupportVectors


def kernels(n_classes, seed):
    rng = np.random.default_rng(seed)
    X, new, y = rng.normal(size=(90, 3)), rng.normal(size=(200, 3)), rng.integers(0, n_classes, 90)
    distances = [((rows[:, np.newaxis] - X) ** 2).sum(axis=2) for rows in (X, new)]
    return np.exp(-distances[0]), np.exp(-distances[1]), np.array(["a", "b", "c", "d", "e"])[y]


@pytest.mark.parametrize("C", [0.1, 100.0])
@pytest.mark.parametrize("n_classes", [2, 3, 5])
def test_it_decides_as_libsvm_does(n_classes, C):
    K, new, y = kernels(n_classes, n_classes)
    svc = SVC(kernel="precomputed", C=C, class_weight="balanced").fit(K, y)
    kept = SupportVectors.of(svc)
    rows = new[:, svc.support_]
    np.testing.assert_array_equal(kept.decision_function(rows), svc.decision_function(new))
    np.testing.assert_array_equal(kept.predict(rows), svc.predict(new))
    alone = np.concatenate([kept.decision_function(row[np.newaxis]) for row in rows])
    np.testing.assert_array_equal(alone, kept.decision_function(rows))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_ties_are_broken_as_libsvm_breaks_them(n_classes):
    K = np.eye(2 * n_classes)
    y = np.arange(2 * n_classes) % n_classes
    svc = SVC(kernel="precomputed").fit(K, y)
    nothing_in_common = np.zeros((1, len(K)))
    kept = SupportVectors.of(svc)
    rows = nothing_in_common[:, svc.support_]
    np.testing.assert_array_equal(kept.decision_function(rows), svc.decision_function(nothing_in_common))
    np.testing.assert_array_equal(kept.predict(rows), svc.predict(nothing_in_common))


@pytest.mark.parametrize("settings", [{"kernel": "rbf"}, {"break_ties": True}, {"decision_function_shape": "ovo"}])
def test_other_decisions_are_refused(settings):
    K, _, y = kernels(3, 0)
    with pytest.raises(ValueError, match="only those on a precomputed kernel with the default decisions are kept"):
        SupportVectors.of(SVC(**{"kernel": "precomputed"} | settings).fit(K, y))


GOOD = {
    "classes_": np.array([0, 1, 2]),
    "n_support_": np.array([1, 2, 1]),
    "dual_coef_": np.ones((2, 4)),
    "intercept_": np.zeros(3),
}


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("classes_", np.array([0]), "n_support_ must hold a whole number for each of 1 classes"),
        ("n_support_", np.array([1, 2]), "n_support_ must hold a whole number for each of 3 classes"),
        ("n_support_", np.array([1.0, 2.0, 1.0]), "n_support_ must hold a whole number"),
        ("n_support_", np.array([-1, 4, 1]), "dual_coef_ must have shape"),
        ("n_support_", np.array([2**62, 2**62, 2**62]), "dual_coef_ must have shape"),
        ("dual_coef_", np.ones((2, 5)), r"dual_coef_ must have shape \(2, 4\), got \(2, 5\)"),
        ("dual_coef_", np.full((2, 4), np.nan), "must be finite"),
        ("intercept_", np.zeros(2), r"intercept_ must have shape \(3,\), got \(2,\)"),
    ],
)
def test_numbers_that_do_not_agree_are_refused(name, value, message):
    SupportVectors(**GOOD)
    with pytest.raises(ValueError, match=message):
        SupportVectors(**GOOD | {name: value})
