"""Encodings without entanglement that keep the products of features."""

import numpy as np
import pytest

from ketwise.blocks.encodings import ENCODINGS, named, option_names
from ketwise.blocks.encodings.separable import features_and_products, products_around, separable
from ketwise.blocks.kernels import fidelity, projected
from ketwise.blocks.preparation.premap import IDENTITY
from ketwise.words.observable import Z

POLYNOMIAL = [name for name in ENCODINGS if named(name, 2).premap is IDENTITY]


@pytest.mark.parametrize("name", POLYNOMIAL)
@pytest.mark.parametrize("n_features", [1, 2, 4])
def test_nothing_is_entangled_and_every_product_is_laid(name, n_features):
    encoding = separable(name, n_features)
    assert encoding.circuit.n_two_qubit() == 0
    assert encoding.n_features == n_features
    laid = {
        tuple(index for kind, index in monomial if kind == 0)
        for op in encoding.circuit.ops
        if op.angle is not None
        for monomial in op.angle.terms
    } - {()}
    assert laid == {tuple(index for _, index in next(iter(a.terms))) for a in features_and_products(n_features)}


@pytest.mark.parametrize("name", ENCODINGS)
def test_it_is_the_twin_of_the_encoding_of_a_table_with_the_products_as_columns(name):
    X = np.random.default_rng(0).uniform(-1, 1, size=(7, 3))
    table = np.column_stack([X, X[:, 0] * X[:, 1], X[:, 0] * X[:, 2], X[:, 1] * X[:, 2]])
    options = {"n_qubits": 3} if "n_qubits" in option_names(name) else {}
    wide = named(name, 6, **options).twin()
    params = np.random.default_rng(1).normal(size=wide.n_params) if wide.n_params else None
    outputs = [Z(q) for q in range(wide.n_qubits)]
    np.testing.assert_allclose(
        separable(name, 3).compile(outputs)(params, X), wide.compile(outputs)(params, table), atol=1e-14
    )
    np.testing.assert_array_equal(separable(name, 3).start_params(), wide.start_params())
    assert (separable(name, 3).n_features, separable(name, 3).circuit.n_two_qubit()) == (3, 0)


def test_what_products_may_be_is_what_the_premap_takes():
    assert separable("chebyshev", 2, scale=0.25).domain == (-2.0, 2.0)  # products up to 4
    assert separable("chebyshev", 2, scale=2.0).domain == (-0.5, 0.5)


def test_iqp_of_eight_features_has_its_kernels_in_closed_form():
    """Each of 36 qubits is H and one RZ(t): fidelity cos(t / 2)**2, Bloch vector (cos t, sin t, 0)."""
    X = 0.7 * np.random.default_rng(0).normal(size=(9, 8))
    turns = np.column_stack([X, *(X[:, i] * X[:, j] for i in range(8) for j in range(i + 1, 8))])
    apart = turns[:, np.newaxis] - turns
    encoding = separable("iqp", 8)
    assert encoding.n_qubits == 36
    np.testing.assert_allclose(fidelity(encoding, X), np.prod(np.cos(apart / 2) ** 2, axis=2), atol=1e-13)
    expected = np.exp(-0.4 * (1 - np.cos(apart)).sum(axis=2))
    np.testing.assert_allclose(projected(encoding, X, gamma=0.4), expected, atol=1e-13)


def test_options_are_handed_on():
    assert separable("iqp", 3, repeats=2).circuit.counts()["h"] == 12
    assert separable("reuploading", 4, n_qubits=2, layers=None).n_qubits == 2


def test_products_around_do_nothing_where_they_start():
    circuit = products_around(3)
    states = circuit.compile([Z(q) for q in range(3)])
    np.testing.assert_allclose(states(np.zeros(circuit.n_params), [[1.0, 2.0, 3.0]]), 1.0)
    w = np.zeros(9)
    w[[4, 5]] = 0.5, 0.1  # the second product, x0 x2, on the second qubit
    np.testing.assert_allclose(states(w, [[1.0, 2.0, 3.0]]), [[1.0, np.cos(0.5 * 3.0 + 0.1), 1.0]])
