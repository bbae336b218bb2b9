"""Real patterns as amplitudes: swap tests by gates and in closed form; kernel memories against their formulas."""

import numpy as np
import pytest
from scipy.special import softmax

import ketwise as kw
from ketwise.blocks.memory import (
    amplitude_recall,
    amplitude_storage,
    kernel_recall,
    kernel_weights,
    similarities,
    swap_test,
    swap_test_memory,
)
from ketwise.engine import memory as bytes_of_memory

EXACT = 1e-12


@pytest.mark.parametrize("n_features", [1, 2, 3, 4, 7])
def test_the_swap_test_passes_with_its_closed_form(n_features):
    rng = np.random.default_rng(n_features)
    a, b = rng.normal(size=(2, n_features))
    circuit = swap_test(a, b)
    passed = circuit.compile(kw.Probabilities([circuit.n_qubits - 1]))()[0]
    fidelity = (a @ b) ** 2 / (a @ a) / (b @ b)
    assert passed == pytest.approx((1 + fidelity) / 2, abs=EXACT)
    assert similarities([a], b)[0] == pytest.approx(fidelity, abs=EXACT)


def test_the_swap_test_of_complex_rows():
    a, b = [1, 1j], [1, -1j]
    passed = swap_test(a, b).compile(kw.Probabilities([2]))()[0]
    assert passed == pytest.approx(0.5, abs=EXACT)
    assert swap_test(a, a).compile(kw.Probabilities([2]))()[0] == pytest.approx(1, abs=EXACT)


@pytest.mark.parametrize(
    ("n_patterns", "n_features", "copies"), [(1, 2, 1), (2, 2, 1), (3, 4, 1), (5, 3, 1), (3, 2, 2)]
)
def test_recall_by_gates_agrees_with_the_closed_form(n_patterns, n_features, copies):
    rng = np.random.default_rng(n_patterns)
    patterns, probe = rng.normal(size=(n_patterns, n_features)), rng.normal(size=n_features)
    circuit = swap_test_memory(patterns, probe, copies=copies)
    weight = np.abs(circuit.compile(kw.State())()) ** 2
    index = np.arange(len(weight))
    m = max(1, (n_features - 1).bit_length())
    passed = np.all([(index >> q) & 1 == 0 for q in range(circuit.n_qubits - copies, circuit.n_qubits)], axis=0)
    k_bits = (n_patterns - 1).bit_length()
    number = (index >> (copies * m)) & ((1 << k_bits) - 1)
    found = amplitude_recall(patterns, probe, copies=copies)
    assert weight[passed].sum() == pytest.approx(found.success, abs=EXACT)
    shares = [weight[passed & (number == k)].sum() / weight[passed].sum() for k in range(n_patterns)]
    np.testing.assert_allclose(shares, found.posterior, atol=EXACT)
    assert found.repetitions == pytest.approx(1 / found.success)


def test_storage_prepares_every_pattern_beside_its_number():
    patterns = np.array([[3.0, 4.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 0.0, 2.0]])
    state = amplitude_storage(patterns).compile(kw.State())()
    expected = np.zeros((4, 4))
    expected[:3, :3] = patterns / np.linalg.norm(patterns, axis=1, keepdims=True) / np.sqrt(3)
    np.testing.assert_allclose(state, expected.reshape(-1), atol=EXACT)


def test_a_batch_is_its_rows():
    rng = np.random.default_rng(0)
    patterns, probes = rng.normal(size=(6, 5)), rng.normal(size=(4, 5))
    together = amplitude_recall(patterns, probes, copies=40)
    for row, probe in enumerate(probes):
        one = amplitude_recall(patterns, probe, copies=40)
        np.testing.assert_allclose(together.posterior[row], one.posterior, atol=EXACT)
        assert together.success[row] == pytest.approx(one.success, abs=EXACT)
        assert together.best[row] == np.argmax(similarities(patterns, probe))


def test_weights_are_scipys_softmax_and_normalised_powers():
    rng = np.random.default_rng(1)
    values = rng.random((3, 7))
    np.testing.assert_allclose(kernel_weights(values, beta=9.0), softmax(9.0 * values, axis=1), atol=EXACT)
    np.testing.assert_allclose(
        kernel_weights(values, power=2.5), values**2.5 / np.sum(values**2.5, axis=1, keepdims=True), atol=EXACT
    )
    np.testing.assert_allclose(kernel_weights([1e-300, 2e-300], power=50), [0, 1], atol=1e-14)
    assert kernel_weights([0.0, 0.0], power=3).tolist() == [0.5, 0.5]
    np.testing.assert_allclose(kernel_weights([-1000.0, 1000.0], beta=1e6), [0, 1])


def test_with_dot_products_it_is_a_modern_hopfield_network():
    """One step of Ramsauer et al.: X softmax(beta X^T xi)."""
    rng = np.random.default_rng(2)
    stored, probe = rng.normal(size=(5, 8)), rng.normal(size=8)
    found = kernel_recall(stored, stored @ probe, beta=0.7)
    np.testing.assert_allclose(found.recalled, stored.T @ softmax(0.7 * stored @ probe), atol=EXACT)
    assert found.best == np.argmax(stored @ probe)


def test_with_a_quantum_kernel_it_is_a_weighted_mean_of_fidelities():
    rng = np.random.default_rng(3)
    patterns, probes = rng.random((6, 3)), rng.random((2, 3))
    kernel = kw.kernels.fidelity(kw.encodings.iqp(3), probes, patterns)
    found = kernel_recall(patterns, kernel, power=2)
    weights = kernel**2 / (kernel**2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.recalled, weights @ patterns, atol=EXACT)


def test_what_does_not_fit_is_refused(monkeypatch):
    monkeypatch.setattr(bytes_of_memory, "available_bytes", lambda: 20 << 20)
    with pytest.raises(MemoryError, match="a circuit for every amplitude on 17 qubits"):
        amplitude_storage(np.ones((1 << 10, 1 << 7)))
    with pytest.raises(MemoryError, match=r"4000 probes needs"):
        similarities(np.ones((1000, 2)), np.ones((4000, 2)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: similarities([], [1.0]), "the memory is empty"),
        (lambda: similarities([[1.0, 2.0], [0.0, 0.0]], [1.0, 0.0]), "row 1 is all zeros"),
        (lambda: similarities([[1.0, np.inf]], [1.0, 0.0]), "row 0, column 1 is inf"),
        (lambda: similarities([[1.0], [1.0, 2.0]], [1.0]), "all of the same length"),
        (lambda: similarities([[1.0, 2.0]], [1.0]), r"probes must have shape \(2,\)"),
        (lambda: swap_test([1.0, 0.0], [1.0]), "rows of one length"),
        (lambda: swap_test_memory([[1.0, 0.0]], [1.0]), r"probe must have shape \(2,\), got \(1,\)"),
        (lambda: amplitude_recall([[1.0]], [1.0], copies=0), "copies must be a whole number"),
        (lambda: kernel_weights([0.1]), "one of the two"),
        (lambda: kernel_weights([0.1], beta=1, power=1), "one of the two"),
        (lambda: kernel_weights([0.1], power=0), "power must be above 0"),
        (lambda: kernel_weights([-0.1], power=1), "at least 0"),
        (lambda: kernel_weights([np.nan], beta=1), "finite"),
        (lambda: kernel_weights([], beta=1), "similarities must have shape"),
        (lambda: kernel_recall([[1.0]], [0.1, 0.2], beta=1), r"patterns must have shape \(2, n_features\)"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
