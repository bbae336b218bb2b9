"""Quantum kernels as functions."""

import numpy as np
import pytest

from ketwise.blocks.encodings import angle, iqp, reuploading
from ketwise.blocks.kernels import fidelity, projected, quantum
from ketwise.engine import memory, native
from ketwise.words.angle import features
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import State


def rows(n_rows, n_features=3, seed=0):
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


@pytest.mark.parametrize("n_features", [1, 3, 7])
def test_it_is_the_squared_overlap_of_states(n_features):
    A, B = rows(5, n_features), rows(4, n_features, seed=1)
    states = [iqp(n_features).compile(State())(None, X) for X in (A, B)]
    np.testing.assert_allclose(fidelity(iqp(n_features), A, B), np.abs(states[0] @ states[1].conj().T) ** 2, atol=1e-13)


@pytest.mark.parametrize("n_rows", [0, 1, 63, 64, 65, 150])
def test_of_one_set_it_is_exactly_symmetric_with_ones_and_positive(n_rows):
    X = rows(n_rows)
    kernel = fidelity(iqp(3, repeats=2), X)
    assert kernel.shape == (n_rows, n_rows)
    np.testing.assert_array_equal(kernel, kernel.T)
    np.testing.assert_array_equal(np.diag(kernel), 1.0)
    np.testing.assert_allclose(kernel, fidelity(iqp(3, repeats=2), X, X), atol=1e-14)
    if n_rows:
        assert np.linalg.eigvalsh(kernel).min() > -1e-12


@pytest.mark.parametrize("block", [1, 7, 64, 1000])
def test_an_entry_has_the_same_bits_in_any_company_and_any_block(block, monkeypatch):
    A, B = rows(70), rows(40, seed=1)
    whole = fidelity(iqp(3), A, B)
    monkeypatch.setattr(quantum, "BLOCK", block)
    np.testing.assert_array_equal(fidelity(iqp(3), A, B), whole)
    np.testing.assert_array_equal(fidelity(iqp(3), A[10:11], B[5:6]), whole[10:11, 5:6])
    np.testing.assert_array_equal(fidelity(iqp(3), B, A), whole.T)
    off_diagonal = ~np.eye(70, dtype=bool)
    np.testing.assert_array_equal(fidelity(iqp(3), A)[off_diagonal], fidelity(iqp(3), A, A)[off_diagonal])


def test_each_sample_is_encoded_once(monkeypatch):
    calls = []
    program = iqp(3).compile(State())

    class Counting:
        def __call__(self, params, X):
            calls.append(len(X))
            return program(params, X)

    monkeypatch.setattr(type(iqp(3)), "compile", lambda *_, **__: Counting())
    fidelity(iqp(3), rows(9))
    fidelity(iqp(3), rows(9), rows(4))
    assert calls == [9, 4, 9]


def test_a_circuit_params_and_single_precision_are_taken():
    X = rows(6, 2)
    by_hand = Circuit(2).ry(features(2)[0], 0).ry(features(2)[1], 1)
    np.testing.assert_array_equal(fidelity(by_hand, X), fidelity(angle(2), X))
    np.testing.assert_allclose(fidelity(angle(2), X, dtype="complex64"), fidelity(angle(2), X), atol=1e-5)
    encoding = reuploading(2, layers=2)
    params = np.random.default_rng(0).normal(size=encoding.n_params)
    states = encoding.compile(State())(params, X)
    np.testing.assert_allclose(fidelity(encoding, X, params=params), np.abs(states @ states.conj().T) ** 2, atol=1e-13)


@pytest.mark.parametrize(
    ("A", "B", "message"),
    [
        ([1.0, 2.0, 3.0], None, r"A must have shape \(n_samples, n_features\), got \(3,\)"),
        ([[1.0, 2.0]], None, r"A must have shape .*got \(1, 2\)"),
        ([[1.0, 2.0, 3.0]], [[1.0, 2.0]], r"B must have shape .*got \(1, 2\)"),
        ([[1.0, np.nan, 3.0]], None, "A must be finite: row 0, column 1"),
    ],
)
def test_wrong_tables_are_refused(A, B, message):
    with pytest.raises(ValueError, match=message):
        fidelity(iqp(3), A, B)


def test_what_does_not_fit_is_refused_before_it_is_allocated(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 100 << 20)
    monkeypatch.setattr(type(iqp(2)), "compile", lambda *_, **__: pytest.fail("it went on"))
    most = 17 if native.instruction_sets() else 14  # 40 states of 2 MiB; with NumPy several copies of them
    message = rf"a kernel matrix of 40 x 40 samples on 20 qubits needs .* largest that fits is {most} qubits"
    with pytest.raises(MemoryError, match=message):
        fidelity(iqp(20, pairs="linear"), rows(40, 20))


def test_qubits_that_nothing_joins_need_no_common_state():
    """H and RZ(x) on 40 qubits of their own: the fidelity is the product of cos(d / 2)**2."""
    X, B = rows(6, 40), rows(3, 40, seed=1)
    for other in (None, B):
        apart = X[:, np.newaxis] - (X if other is None else other)
        kernel = fidelity(iqp(40, pairs="none"), X, other)
        np.testing.assert_allclose(kernel, np.prod(np.cos(apart / 2) ** 2, axis=2), atol=1e-13)


@pytest.mark.parametrize("gamma", [0.3, 2.0])
def test_projected_of_rotations_about_y_in_closed_form(gamma):
    """The Bloch vector of RY(x) is (sin x, 0, cos x): two are 2 - 2 cos(d) apart, squared."""
    A, B = rows(8, 5), rows(6, 5, seed=1)
    expected = np.exp(-gamma * (1 - np.cos(A[:, np.newaxis] - B)).sum(axis=2))
    np.testing.assert_allclose(projected(angle(5), A, B, gamma=gamma), expected, atol=1e-14)


@pytest.mark.parametrize("n_features", [2, 4, 9])
def test_projected_is_the_distance_of_partial_traces(n_features):
    """The definition itself: reduced density matrices of the whole states, Frobenius' norm of their difference."""
    encoding, A, B = iqp(n_features, repeats=2), rows(7, n_features), rows(5, n_features, seed=1)

    def reduced(X):
        states = encoding.compile(State())(None, X).reshape(len(X), *[2] * n_features)
        matrices = []
        for qubit in range(n_features):
            first = np.moveaxis(states, n_features - qubit, 1).reshape(len(X), 2, -1)  # qubit 0 is the last axis
            matrices.append(np.einsum("bik,bjk->bij", first, first.conj()))
        return np.stack(matrices, axis=1)

    apart = reduced(A)[:, np.newaxis] - reduced(B)
    expected = np.exp(-0.8 * (np.abs(apart) ** 2).sum(axis=(2, 3, 4)))
    np.testing.assert_allclose(projected(encoding, A, B, gamma=0.8), expected, atol=1e-13)


@pytest.mark.parametrize("n_rows", [0, 1, 65, 150])
def test_projected_of_one_set_is_exactly_symmetric_with_ones_and_positive(n_rows):
    X = rows(n_rows)
    kernel = projected(iqp(3), X)
    assert kernel.shape == (n_rows, n_rows)
    np.testing.assert_array_equal(kernel, kernel.T)
    np.testing.assert_array_equal(np.diag(kernel), 1.0)
    np.testing.assert_allclose(kernel, projected(iqp(3), X, X), atol=1e-14)
    if n_rows:
        assert np.linalg.eigvalsh(kernel).min() > -1e-12
        assert kernel.max() == 1.0


def test_a_projected_entry_has_the_same_bits_in_any_company():
    A, B = rows(70), rows(40, seed=1)
    whole = projected(iqp(3), A, B)
    np.testing.assert_array_equal(projected(iqp(3), A[10:11], B[5:6]), whole[10:11, 5:6])
    np.testing.assert_array_equal(projected(iqp(3), B, A), whole.T)
    off_diagonal = ~np.eye(70, dtype=bool)
    np.testing.assert_array_equal(projected(iqp(3), A)[off_diagonal], projected(iqp(3), A, A)[off_diagonal])


def test_projected_takes_circuits_params_and_single_precision():
    encoding, X = reuploading(2, layers=2), rows(6, 2)
    params = np.random.default_rng(0).normal(size=encoding.n_params)
    kernel = projected(encoding, X, params=params)
    np.testing.assert_array_equal(projected(encoding.circuit, X, params=params), kernel)
    np.testing.assert_allclose(projected(encoding, X, params=params, dtype="complex64"), kernel, atol=1e-5)
    with pytest.raises(ValueError, match="params is missing"):
        projected(encoding, X)


@pytest.mark.parametrize("gamma", [0.0, -1.0, np.inf, "1", None])
def test_a_gamma_that_is_not_positive_is_refused(gamma):
    with pytest.raises(ValueError, match="gamma must be"):
        projected(iqp(3), rows(3), gamma=gamma)


def test_a_projected_kernel_that_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 10 << 20)
    monkeypatch.setattr(type(iqp(2)), "compile", lambda *_, **__: pytest.fail("it went on"))
    with pytest.raises(MemoryError, match="a kernel matrix of 3000 x 3000 samples"):
        projected(iqp(3), rows(3000))
