"""Designs of the literature beside the same circuits built of PennyLane's templates; wire 0 is its leftmost qubit."""

import warnings

import numpy as np
import pytest

from ketwise.learning.networks.circuits import CircuitCentric, DataReuploading, IQPVariational, TreeTensor
from ketwise.learning.networks.dressed import Dressed

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    qml = pytest.importorskip("pennylane", reason="PennyLane is not installed: pip install pennylane")

RNG = np.random.default_rng(5)


def on(n_wires, function):
    """Return the values of a quantum function on every row."""
    device = qml.device("default.qubit", wires=n_wires)
    return lambda rows: np.array([np.asarray(qml.QNode(function, device)(row), dtype=float) for row in rows])


def started(design, n_columns):
    network = design.build(n_columns)
    theta = network.start(np.random.RandomState(0))
    params, values = np.split(theta, [network.n_params])
    return network, theta, params, values


def padded(X, size):
    rows = np.hstack([X, np.full((len(X), size - X.shape[1]), 1.0 / size)])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize(("n_copies", "n_columns"), [(1, 3), (2, 3), (1, 10), (3, 2)])
def test_circuit_centric(n_copies, n_columns):
    network, theta, params, (bias,) = started(CircuitCentric(n_copies, 2), n_columns)
    X = RNG.normal(size=(4, n_columns))
    each = int(np.ceil(np.log2(n_columns)))
    n_wires = n_copies * each

    def circuit(row):
        state = row
        for _ in range(n_copies - 1):
            state = np.kron(state, row)
        qml.AmplitudeEmbedding(state, wires=range(n_wires))
        qml.StronglyEntanglingLayers(params.reshape(2, n_wires, 3), wires=range(n_wires))
        return qml.expval(qml.PauliZ(0))

    expected = on(n_wires, circuit)(padded(X, 2**each)) + bias
    np.testing.assert_allclose(network.scores(theta, X), expected, atol=1e-10)


@pytest.mark.parametrize("n_columns", [2, 3, 10])
def test_tree_tensor(n_columns):
    network, theta, params, (bias,) = started(TreeTensor(), n_columns)
    n_wires = {2: 1, 3: 2, 10: 4}[n_columns]
    X = RNG.normal(size=(4, n_columns))

    def circuit(row):
        qml.AmplitudeEmbedding(row, wires=range(n_wires))
        w = iter(params)
        step = 1
        while step < n_wires:
            for wire in range(0, n_wires, step):
                qml.RY(next(w), wires=wire)
            for wire in range(0, n_wires, 2 * step):
                qml.CNOT(wires=[wire + step, wire])
            step *= 2
        qml.RY(next(w), wires=0)
        return qml.expval(qml.PauliZ(0))

    expected = on(n_wires, circuit)(padded(X, 2**n_wires)) + bias
    np.testing.assert_allclose(network.scores(theta, X), expected, atol=1e-10)


@pytest.mark.parametrize("n_columns", [2, 4])
def test_iqp_variational(n_columns):
    network, theta, params, _ = started(IQPVariational(2, 3), n_columns)
    X = RNG.normal(size=(4, n_columns))

    def circuit(row):
        qml.IQPEmbedding(row, wires=range(n_columns), n_repeats=2)
        weights = params.reshape(3, n_columns, 3)
        qml.StronglyEntanglingLayers(weights, wires=range(n_columns), imprimitive=qml.CZ)
        return qml.expval(qml.PauliZ(0) @ qml.PauliZ(1))

    np.testing.assert_allclose(network.scores(theta, X), on(n_columns, circuit)(X), atol=1e-10)


@pytest.mark.parametrize("n_columns", [2, 10])
def test_data_reuploading(n_columns):
    layers, n_wires = 3, -(-n_columns // 3)
    network, theta, params, _ = started(DataReuploading(layers, "all"), n_columns)
    X = RNG.normal(size=(4, n_columns))
    scales = np.zeros((layers + 1, 3 * n_wires))
    scales[:, :n_columns] = params[: (layers + 1) * n_columns].reshape(layers + 1, n_columns)
    turns = params[(layers + 1) * n_columns :].reshape(layers + 1, n_wires, 3)

    def circuit(row):
        laid = np.pad(row, (0, 3 * n_wires - n_columns))
        for layer in range(layers + 1):
            angles = (laid * scales[layer]).reshape(n_wires, 3)
            for wire in range(n_wires):
                if layer < layers:
                    qml.Rot(*angles[wire], wires=wire)
                    qml.Rot(*turns[layer, wire], wires=wire)
                else:
                    qml.Rot(*(angles[wire] + turns[layer, wire]), wires=wire)
            if layer < layers:
                for wire in range(layer % 2, n_wires - 1, 2):
                    qml.CZ(wires=[wire, wire + 1])
        return [qml.expval(qml.PauliZ(wire)) for wire in range(n_wires)]

    expected = on(n_wires, circuit)(X).reshape(4, n_wires).mean(axis=1)
    np.testing.assert_allclose(network.scores(theta, X), expected, atol=1e-10)


@pytest.mark.parametrize("n_columns", [2, 3])
def test_dressed(n_columns):
    network, theta, params, values = started(Dressed(2), n_columns)
    X = RNG.normal(size=(4, n_columns))
    layer, inner = params[: n_columns**2].reshape(n_columns, n_columns), params[n_columns**2 :].reshape(2, n_columns)

    def circuit(row):
        angles = np.pi / 2 * np.tanh(layer @ row)
        for wire in range(n_columns):
            qml.Hadamard(wires=wire)
            qml.RY(angles[wire], wires=wire)
        for turns in inner:
            for wire in range(n_columns):
                qml.RY(turns[wire], wires=wire)
            for wire in range(n_columns if n_columns > 2 else 1):
                qml.CNOT(wires=[wire, (wire + 1) % n_columns])
        return [qml.expval(qml.PauliZ(wire)) for wire in range(n_columns)]

    neurons = on(n_columns, circuit)(X) @ values.reshape(2, n_columns).T
    np.testing.assert_allclose(network.scores(theta, X), neurons[:, 1] - neurons[:, 0], atol=1e-10)
