"""k-means and PCA in the space of a kernel: with a linear kernel they are scikit-learn's."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_iris, make_blobs
from sklearn.decomposition import PCA, KernelPCA
from sklearn.metrics import adjusted_rand_score

import ketwise as kw
from ketwise.learning.kernel_kmeans import QuantumKernelKMeans, kernel_kmeans
from ketwise.learning.kernel_pca import QuantumKernelPCA, coordinates, principal_axes

X, Y = load_iris(return_X_y=True)


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 5])
def test_a_linear_kernel_gives_the_clusters_of_kmeans(n_clusters):
    theirs = KMeans(n_clusters, n_init=20, random_state=0).fit(X)
    ours = kernel_kmeans(X @ X.T, n_clusters, n_init=20, rng=np.random.RandomState(0))
    assert ours.inertia == pytest.approx(theirs.inertia_, rel=1e-9)
    assert adjusted_rand_score(ours.labels, theirs.labels_) == 1.0


def test_a_fixed_point_has_every_row_at_its_nearest_mean():
    ours = kernel_kmeans(X @ X.T, 4, n_init=1, rng=np.random.RandomState(1))
    means = np.array([X[ours.labels == c].mean(axis=0) for c in range(4)])
    distances = ((X[:, np.newaxis] - means) ** 2).sum(axis=2)
    np.testing.assert_array_equal(np.argmin(distances, axis=1), ours.labels)
    assert ours.inertia == pytest.approx(distances.min(axis=1).sum())


def test_no_cluster_is_left_empty():
    rows = np.array([[0.0], [0.0], [0.0], [1.0]])
    for seed in range(20):
        found = kernel_kmeans(rows @ rows.T, 3, n_init=1, rng=np.random.RandomState(seed))
        assert len(np.unique(found.labels)) == 3


def test_predictions_are_by_the_same_means():
    rows, truth = make_blobs(90, centers=4, cluster_std=0.6, random_state=3)
    model = QuantumKernelKMeans(4, random_state=0).fit(rows)
    np.testing.assert_array_equal(model.predict(rows), model.labels_)
    assert adjusted_rand_score(model.labels_, truth) > 0.9
    assert model.inertia_ < QuantumKernelKMeans(2, random_state=0).fit(rows).inertia_


def test_the_quantum_kernel_is_the_one_that_is_asked_for():
    model = QuantumKernelKMeans(3, kw.encodings.angle(4), kernel="projected", gamma=2.0, random_state=0).fit(X)
    kernel = kw.kernels.projected(kw.encodings.angle(4), model.preparation_.transform(X), gamma=2.0)
    again = kernel_kmeans(kernel, 3, rng=np.random.RandomState(0))
    np.testing.assert_array_equal(again.labels, model.labels_)


def test_a_linear_kernel_gives_the_coordinates_of_pca():
    values, vectors = principal_axes(X @ X.T, 3)
    found = coordinates(X[:7] @ X.T, (X @ X.T).mean(axis=0), values, vectors)
    expected = PCA(3).fit(X).transform(X[:7])
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=1e-10)


def test_it_is_kernel_pca_of_the_quantum_kernel():
    model = QuantumKernelPCA(3, bandwidth=0.5).fit(X)
    Z = model.preparation_.transform(X)
    kernel = kw.kernels.fidelity(model.encoding_, Z)
    theirs = KernelPCA(3, kernel="precomputed").fit(kernel)
    np.testing.assert_allclose(model.transform(X), theirs.transform(kernel), atol=1e-10)
    np.testing.assert_allclose(model.transform(X), model.fit(X).fit_transform(X), atol=0)


def test_axes_that_are_not_there_are_left_out():
    line = np.linspace(0, 1, 9)[:, np.newaxis]
    values, vectors = principal_axes(line @ line.T, 4)
    assert vectors.shape == (9, 1)
    assert len(values) == 1
    with pytest.raises(ValueError, match="the kernel is the same for all rows"):
        principal_axes(np.ones((4, 4)), 2)


@pytest.mark.parametrize("make", [QuantumKernelKMeans, QuantumKernelPCA])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kernel": "linear"}, "kernel must be one of"),
        ({"encoding": "reuploading"}, "trained parameters and a kernel trains none"),
        ({"bandwidth": 0.0}, "bandwidth must be positive"),
    ],
)
def test_bad_settings_are_named(make, settings, message):
    with pytest.raises(ValueError, match=message):
        make(**settings).fit(X)
