"""The fixed-order product: right, and the same bits wherever a row stands."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from ketwise.blocks.kernels.product import TILE, fixed_order_product

SHAPES = [(1, 1, 1), (3, 5, 2), (TILE - 1, TILE + 1, TILE), (TILE, TILE, 2 * TILE), (130, 70, 200), (0, 3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_the_product(shape):
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(shape[0], shape[2])), rng.normal(size=(shape[1], shape[2]))
    np.testing.assert_allclose(fixed_order_product(A, B), A @ B.T, rtol=0, atol=1e-12)


def test_a_symmetric_product_is_symmetric_and_the_same():
    A = np.random.default_rng(1).normal(size=(150, 90))
    half, whole = fixed_order_product(A, A, symmetric=True), fixed_order_product(A, A)
    np.testing.assert_array_equal(half, half.T)
    np.testing.assert_array_equal(half, whole)


@pytest.mark.parametrize("rows", [slice(0, 1), slice(7, 8), slice(60, 140), slice(None, None, -1)])
def test_a_row_has_the_same_bits_in_any_company(rows):
    rng = np.random.default_rng(2)
    A, B = rng.normal(size=(150, 300)), rng.normal(size=(90, 300))
    np.testing.assert_array_equal(fixed_order_product(A[rows], B), fixed_order_product(A, B)[rows])
    np.testing.assert_array_equal(fixed_order_product(A, B[rows]), fixed_order_product(A, B)[:, rows])


def test_the_number_of_threads_changes_no_bit():
    rng = np.random.default_rng(3)
    A, B = rng.normal(size=(300, 500)), rng.normal(size=(200, 500))
    results = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads):
            results.append(fixed_order_product(A, B))
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)
