"""Circuits and observables there and back: the same unitary, the same bits, and symbols where arguments were."""

import numpy as np
import pytest
from sklearn.datasets import make_moons

qml = pytest.importorskip("pennylane", reason="PennyLane is an extra")

import ketwise as kw  # noqa: E402
from tests.random_circuits import random_circuit, random_observable  # noqa: E402


def states(circuit: kw.Circuit, params: np.ndarray, features: np.ndarray) -> np.ndarray:
    return circuit.compile(kw.State())(params, features, np.eye(1 << circuit.n_qubits))


def theirs(circuit: kw.Circuit, params: np.ndarray, features: np.ndarray) -> np.ndarray:
    """PennyLane's own matrix of the exported circuit, a row a first state; its last wire is our qubit 0."""
    order = range(circuit.n_qubits - 1, -1, -1)
    return np.asarray(qml.matrix(kw.to_pennylane(circuit), wire_order=order)(params, features)).T


def test_random_circuits_there_and_back() -> None:
    rng = np.random.default_rng(5)
    for _ in range(40):
        n = int(rng.integers(1, 6))
        circuit = random_circuit(rng, n, 12)
        params, features = rng.normal(size=circuit.n_params), rng.normal(size=circuit.n_features)
        expected = states(circuit, params, features)
        np.testing.assert_allclose(theirs(circuit, params, features), expected, atol=1e-11)
        back = kw.from_pennylane(kw.to_pennylane(circuit), params, features, features="features", wires=range(n))
        assert (back.n_params, back.n_features) == (circuit.n_params, circuit.n_features)
        np.testing.assert_allclose(states(back, params, features), expected, atol=1e-11)


@pytest.mark.parametrize("wire", [0, 1, 2])
def test_a_flip_of_one_wire_flips_that_qubit(wire: int) -> None:
    circuit = kw.from_pennylane(qml.tape.QuantumScript([qml.X(wire)]), wires=range(3))
    assert np.flatnonzero(circuit.compile(kw.State())()) == [1 << wire]
    back = qml.tape.make_qscript(kw.to_pennylane(circuit))()
    assert back.operations == [qml.X(wire)]
    three = kw.Circuit(3).x(wire)
    there = qml.QNode(lambda: (kw.to_pennylane(three)(), qml.state())[1], qml.device("default.qubit", wires=3))()
    assert np.flatnonzero(there) == [1 << (2 - wire)]


def test_a_ladder_of_angles_keeps_its_order() -> None:
    def ladder(angles):
        for wire in range(4):
            qml.RY(angles[wire], wires=wire)

    circuit = kw.from_pennylane(ladder, np.zeros(4))
    angles = np.array([0.1, 0.5, 1.1, 2.3])
    found = circuit.compile([kw.Z(q) for q in range(4)])(angles)
    np.testing.assert_allclose(found, np.cos(angles), atol=1e-12)


def test_labels_that_are_no_numbers_stand_in_the_order_given() -> None:
    tape = qml.tape.QuantumScript([qml.RX(0.3, "b"), qml.CNOT(["b", "a"])])
    by_default, chosen = kw.from_pennylane(tape), kw.from_pennylane(tape, wires=["a", "b"])
    assert by_default.ops[1].support == (0, 1)
    assert chosen.ops[1].support == (1, 0)
    with pytest.raises(ValueError, match=r"missing: \['b'\]"):
        kw.from_pennylane(tape, wires=["a", "c"])


def test_observables_there_and_back() -> None:
    rng = np.random.default_rng(6)
    for _ in range(20):
        observable = random_observable(rng, 4)
        operator = kw.to_pennylane(observable)
        expected = observable.to_matrix(4)
        np.testing.assert_allclose(qml.matrix(operator, wire_order=[3, 2, 1, 0]), expected, atol=1e-12)
        np.testing.assert_allclose(kw.from_pennylane(operator).to_matrix(4), expected, atol=1e-12)
    assert kw.from_pennylane(kw.to_pennylane(kw.identity() * 0.5)) == kw.identity() * 0.5


def test_a_hermitian_matrix_is_a_sum_of_words_and_another_matrix_is_refused() -> None:
    matrix = np.array([[1, 2 - 1j], [2 + 1j, -3]])
    found = kw.from_pennylane(qml.Hermitian(matrix, wires=0))
    np.testing.assert_allclose(found.to_matrix(1), matrix, atol=1e-12)
    with pytest.raises(ValueError, match="no real sum of Pauli words"):
        kw.from_pennylane(qml.RX(0.3, wires=0))


def test_trainable_arguments_become_parameters_and_data_features() -> None:
    device = qml.device("default.qubit", wires=3)

    @qml.qnode(device)
    def model(inputs, weights, offset):
        qml.AngleEmbedding(inputs, wires=range(2))
        qml.RX(offset + 2 * weights[1, 0] * inputs[1], wires=2)
        qml.CRZ(weights[0, 1], wires=[2, 0])
        return qml.expval(qml.Z(0))

    inputs, weights = qml.numpy.array([0.1, 0.2], requires_grad=False), qml.numpy.ones((2, 2))
    circuit = kw.from_pennylane(model, inputs, weights, 0.3)
    assert (circuit.n_qubits, circuit.n_features, circuit.n_params) == (3, 2, 5)
    assert circuit.ops[2].angle == kw.params(5)[4] + 2 * kw.params(5)[2] * kw.features(2)[1]
    assert circuit == kw.from_pennylane(model, np.zeros(2), np.zeros((2, 2)), 0.0, features="inputs")
    values = np.random.default_rng(7).normal(size=7)
    expected = model(values[:2], values[2:6].reshape(2, 2), values[6])
    assert circuit.compile(kw.from_pennylane(qml.Z(0)))(values[2:], values[:2])[0] == pytest.approx(expected)


def test_of_a_tape_what_it_trains_becomes_parameters() -> None:
    tape = qml.tape.QuantumScript([qml.RX(0.1, 0), qml.RY(0.2, 0), qml.Rot(0.3, 0.4, 0.5, 0)], trainable_params=[1, 3])
    circuit = kw.from_pennylane(tape, features=[0])
    w, x = kw.params(2), kw.features(1)
    assert circuit == kw.Circuit(1).rx(x[0], 0).ry(w[0], 0).rot(0.3, w[1], 0.5, 0)


def test_what_cannot_be_traced_is_refused_with_a_way_out() -> None:
    def with_sine(x):
        qml.RX(np.sin(x[0]), wires=0)

    with pytest.raises(ValueError, match="with_sine does more with its arguments than index, add and multiply"):
        kw.from_pennylane(with_sine, np.zeros(1))
    qnode = qml.transforms.merge_rotations(qml.QNode(lambda x: qml.RX(x, 0), qml.device("default.qubit")))
    with pytest.raises(ValueError, match="a QNode with transforms cannot be read"):
        kw.from_pennylane(qnode, 0.1)
    with pytest.raises(ValueError, match="features names"):
        kw.from_pennylane(with_sine, np.zeros(1), features="y")
    with pytest.raises(ValueError, match="is broadcast"):
        kw.from_pennylane(qml.tape.QuantumScript([qml.RX([0.1, 0.2], 0)]))
    with pytest.raises(TypeError, match="a QNode, a function, a tape or an operator"):
        kw.from_pennylane(3)
    with pytest.raises(ValueError, match=r"params must have shape \(1,\) or \(batch, 1\), got None"):
        kw.to_pennylane(kw.Circuit(1).rx(kw.params(1)[0], 0))()
    with pytest.raises(TypeError, match="a Circuit or an Observable"):
        kw.to_pennylane(3)


def test_an_exported_circuit_broadcasts_and_has_gradients_of_pennylane() -> None:
    x, w = kw.features(2), kw.params(2)
    circuit = kw.Circuit(2).ry(w[0] * x[0] + w[1], 0).cx(0, 1).rz(x[1], 1).ry(0.5 * w[1], 1)
    ansatz = kw.to_pennylane(circuit)

    @qml.qnode(qml.device("default.qubit", wires=2))
    def model(params, features):
        ansatz(params, features)
        return qml.expval(qml.Z(1))

    params, features = qml.numpy.array([0.4, 0.7]), np.random.default_rng(8).normal(size=(5, 2))
    program = circuit.compile(kw.Z(1))
    np.testing.assert_allclose(model(params, features), program(params, features)[:, 0], atol=1e-12)
    gradient = qml.grad(lambda p: qml.math.sum(model(p, features)))(params)
    np.testing.assert_allclose(gradient, program.vjp(params, features, np.ones((5, 1)))[1], atol=1e-12)


@pytest.fixture
def model() -> kw.VariationalClassifier:
    @qml.qnode(qml.device("default.qubit", wires=2))
    def circuit(inputs, weights):
        for layer in range(2):
            qml.AngleEmbedding(inputs, wires=range(2), rotation="Y")
            qml.StronglyEntanglingLayers(weights[layer : layer + 1], wires=range(2))
        return qml.expval(qml.Z(0))

    ours = kw.from_pennylane(circuit, np.zeros(2), np.zeros((2, 2, 3)), features="inputs")
    return kw.VariationalClassifier(circuit=ours, max_iter=30, random_state=0)


def test_a_qnode_is_a_classifier(model: kw.VariationalClassifier) -> None:
    X, y = make_moons(200, noise=0.1, random_state=0)
    assert model.fit(X[:100], y[:100]).score(X[100:], y[100:]) > 0.85


@pytest.mark.long
def test_a_qnode_is_a_model_of_the_verdict(model: kw.VariationalClassifier) -> None:
    X, y = make_moons(60, noise=0.1, random_state=0)
    found = kw.verdict(X, y, models={"my QNode": model}, cv=(2, 1), configurations=1, random_state=0, n_jobs=1)
    (mine,) = [entry for entry in found.models if entry["name"] == "my QNode"]
    assert mine["side"] == "quantum"
    assert mine["mean"] > 0.7
