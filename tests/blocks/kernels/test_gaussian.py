"""The Gaussian kernel beside scikit-learn's, and the bits of its entries."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import euclidean_distances, rbf_kernel

from ketwise.blocks.kernels.gaussian import gaussian, squared_distances

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("length", [1, 24, 65])
def test_it_is_scikit_learns(length):
    A, B = RNG.normal(size=(30, length)), RNG.normal(size=(20, length))
    np.testing.assert_allclose(gaussian(A, B, gamma=0.2), rbf_kernel(A, B, gamma=0.2), atol=1e-13)
    np.testing.assert_allclose(squared_distances(A, B), euclidean_distances(A, B, squared=True), atol=1e-12)


def test_of_one_set_it_is_symmetric_with_ones_and_no_distance_is_negative():
    A = np.repeat(RNG.normal(size=(1, 5)), 70, axis=0) + 1e-9 * RNG.normal(size=(70, 5))
    kernel = gaussian(A, gamma=3.0)
    np.testing.assert_array_equal(kernel, kernel.T)
    np.testing.assert_array_equal(np.diag(kernel), 1.0)
    assert squared_distances(A, A.copy()).min() >= 0


def test_an_entry_has_the_same_bits_in_any_company():
    A, B = RNG.normal(size=(130, 9)), RNG.normal(size=(70, 9))
    whole = gaussian(A, B)
    np.testing.assert_array_equal(gaussian(A[7:8], B[66:67]), whole[7:8, 66:67])
    np.testing.assert_array_equal(gaussian(B, A), whole.T)
