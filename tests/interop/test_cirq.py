"""Circuits written for Cirq have the same unitary, global phase included, with numbers and with symbols."""

import numpy as np
import pytest

import ketwise as kw
from tests.random_circuits import random_circuit

cirq = pytest.importorskip("cirq", reason='Cirq is not installed: pip install "ketwise[cirq]"')

TOLERANCE = 1e-10


def unitary(circuit, n_qubits):
    """With qubit 0 lowest in the index; Cirq's own order has it highest."""
    return circuit.unitary(qubit_order=cirq.LineQubit.range(n_qubits)[::-1])


@pytest.mark.parametrize("seed", range(60))
def test_random_circuits(seed):
    rng = np.random.default_rng(seed)
    n_qubits = int(rng.integers(1, 5))
    ours = random_circuit(rng, n_qubits, int(rng.integers(1, 20)))
    params, features = rng.normal(size=ours.n_params), rng.normal(size=ours.n_features)
    expected = ours.compile(kw.State())(params, features, np.eye(1 << n_qubits, dtype=complex)).T
    bound = kw.to_cirq(ours, features=features, params=params)
    np.testing.assert_allclose(unitary(bound, n_qubits), expected, rtol=0, atol=TOLERANCE)
    values = {f"w{k}": v for k, v in enumerate(params)} | {f"x{k}": v for k, v in enumerate(features)}
    resolved = cirq.resolve_parameters(kw.to_cirq(ours), values)
    np.testing.assert_allclose(unitary(resolved, n_qubits), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("qubit", [0, 1])
def test_which_qubit_is_which(qubit):
    made = kw.to_cirq(kw.Circuit(3).x(qubit))
    assert [op for op in made.all_operations() if op.gate == cirq.X] == [cirq.X(cirq.LineQubit(qubit))]
    measured = cirq.Simulator(seed=1).run(made + cirq.measure(*cirq.LineQubit.range(3), key="m"))
    assert measured.measurements["m"][0].tolist() == [int(q == qubit) for q in range(3)]


def test_an_ry_ladder():
    w = kw.params(4)
    ours = kw.Circuit(4)
    for q in range(4):
        ours.ry(w[q], q)
    for q in range(3):
        ours.cx(q, q + 1)
    params = [0.1, 0.4, 0.7, 1.0]
    state = kw.to_cirq(ours, params=params).final_state_vector(qubit_order=cirq.LineQubit.range(4)[::-1])
    np.testing.assert_allclose(state, ours.compile(kw.State())(params), atol=1e-6)


def test_idle_qubits_stay():
    assert len(kw.to_cirq(kw.Circuit(3).h(1)).all_qubits()) == 3


def test_what_is_refused():
    with pytest.raises(TypeError, match="takes a Circuit"):
        kw.to_cirq(cirq.Circuit())
    with pytest.raises(ValueError, match="params must hold 1 numbers, got 2"):
        kw.to_cirq(kw.Circuit(1).rx(kw.params(1)[0], 0), params=[1.0, 2.0])
