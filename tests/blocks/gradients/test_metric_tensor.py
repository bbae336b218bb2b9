"""The Fubini-Study metric against closed forms and against finite differences of fidelities."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.gradients.metric_tensor import metric_tensor, quantum_fisher
from tests.random_circuits import random_circuit


def from_fidelities(circuit, w, x=None, step=2e-3):
    """1 - |<psi(w + u)|psi(w - u)>|**2 is 4 u'gu to second order: by polarisation, Richardson once."""

    def infidelity(u):
        program = circuit.compile(kw.State())
        a, b = program(w + u, x), program(w - u, x)
        return (1 - abs(np.vdot(a, b)) ** 2) / 4

    def quadratic(u):
        return (16 * infidelity(u / 2) - infidelity(u)) / 3

    n = len(w)
    units = np.eye(n) * step
    metric = np.zeros((n, n))
    for i in range(n):
        for j in range(n):
            metric[i, j] = (quadratic(units[i] + units[j]) - quadratic(units[i] - units[j])) / 4
    return metric / step**2


def test_a_sphere():
    """RY(a) RZ(b): d a**2 / 4 + sin(a)**2 d b**2 / 4."""
    w = kw.params(2)
    for a in (0.0, 0.4, 2.1):
        found = metric_tensor(kw.Circuit(1).ry(w[0], 0).rz(w[1], 0), [a, 1.3])
        np.testing.assert_allclose(found, np.diag([0.25, np.sin(a) ** 2 / 4]), atol=1e-14)


def test_a_product_of_rotations_is_flat():
    circuit = kw.Circuit(3)
    for q, w in enumerate(kw.params(3)):
        circuit.ry(w, q)
    np.testing.assert_allclose(quantum_fisher(circuit, [0.1, 0.2, 0.3]), np.eye(3), atol=1e-13)


def test_ghz_is_as_sensitive_as_can_be():
    """One angle that turns n qubits of a GHZ state by RZ: n**2, the Heisenberg limit; of a product, n."""
    n, w = 5, kw.params(1)[0]
    ghz, product = kw.Circuit(n).h(0), kw.Circuit(n)
    for q in range(n):
        product.h(q)
        if q:
            ghz.cx(0, q)
    for circuit, expected in ((ghz, n**2), (product, n)):
        for q in range(n):
            circuit.rz(w, q)
        np.testing.assert_allclose(quantum_fisher(circuit, [0.7]), [[expected]], atol=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_random_circuits_with_controls_shared_symbols_and_products(seed):
    rng = np.random.default_rng(500 + seed)
    circuit = random_circuit(rng, 3, 14, dense=True)
    w, x = rng.normal(size=circuit.n_params), rng.normal(size=circuit.n_features)
    if not circuit.n_params:
        pytest.fail("this draw tests nothing: choose another seed")
    found = metric_tensor(circuit, w, x if circuit.n_features else None)
    np.testing.assert_allclose(found, from_fidelities(circuit, w, x if len(x) else None), rtol=1e-6, atol=2e-6)
    assert np.linalg.eigvalsh(found).min() > -1e-12


def test_batches_are_rows_for_themselves():
    rng = np.random.default_rng(0)
    model = kw.encodings.reuploading(2, layers=2)
    w, x = rng.normal(size=(5, model.n_params)), rng.normal(size=(5, 2))
    whole = metric_tensor(model, w, x)
    assert whole.shape == (5, model.n_params, model.n_params)
    for row in range(5):
        np.testing.assert_allclose(whole[row], metric_tensor(model, w[row], x[row]), atol=1e-14)
    np.testing.assert_allclose(metric_tensor(model, w[0], x)[3], metric_tensor(model, w[0], x[3]), atol=1e-14)


def test_blocks_and_diagonal_are_parts_of_the_whole():
    circuit = kw.ansatz.hardware_efficient(3, layers=1)
    w = np.random.default_rng(1).normal(size=circuit.n_params)
    full, block, diagonal = (metric_tensor(circuit, w, approx=name) for name in ("full", "block", "diagonal"))
    np.testing.assert_array_equal(diagonal, np.diag(np.diag(full)))
    # RY of a layer, then RZ, then what follows the CNOTs: runs of three parameters.
    mask = np.kron(np.eye(4), np.ones((3, 3)))
    np.testing.assert_array_equal(block, full * mask)
    assert np.abs(full - block).max() > 0.01


def test_a_gate_that_joins_qubits_ends_a_layer():
    """RZ, CNOT, RZ: generators Z0 and Z0 Z1, whose covariance is cos(b) sin(a)**2 after RX(a) and RX(b)."""
    a, b, w = 0.5, 0.9, kw.params(2)
    circuit = kw.Circuit(2).rx(a, 0).rx(b, 1).rz(w[0], 0).cx(0, 1).rz(w[1], 1)
    full, block = (metric_tensor(circuit, [0.4, 0.7], approx=name) for name in ("full", "block"))
    assert full[0, 1] == pytest.approx(np.cos(b) * np.sin(a) ** 2 / 4, rel=1e-12)
    assert block[0, 1] == 0
    # Without the CNOT they are one layer.
    pair = kw.Circuit(2).h(0).cx(0, 1).rz(w[0], 0).rz(w[1], 1)
    np.testing.assert_allclose(metric_tensor(pair, [0.4, 0.7], approx="block"), np.full((2, 2), 0.25), atol=1e-15)


def test_a_circuit_without_parameters_and_bad_arguments():
    assert metric_tensor(kw.Circuit(1).h(0)).shape == (0, 0)
    with pytest.raises(ValueError, match="approx must be 'full', 'block' or 'diagonal', got 'blocks'"):
        metric_tensor(kw.Circuit(1), approx="blocks")
    with pytest.raises(ValueError, match=r"params must have shape"):
        metric_tensor(kw.ansatz.sim(1), [0.1])
    with pytest.raises(ValueError, match="must agree in their batch, got 2 and 3 rows"):
        metric_tensor(kw.encodings.reuploading(1, layers=1), np.zeros((2, 4)), np.zeros((3, 1)))
    wide = kw.Circuit(30).rx(kw.params(1)[0], 0)
    with pytest.raises(MemoryError, match="the derivatives of a state by 1 rotations on 30 qubits"):
        metric_tensor(wide, [0.1])
