"""Encodings against the same circuits of Qiskit and PennyLane, which define them."""

import numpy as np
import pytest

from ketwise.blocks.encodings import amplitude, angle, pauli, qaoa
from ketwise.words.outputs import State

RNG = np.random.default_rng(0)


def states(encoding, rows, params=None):
    return encoding.compile(State())(params, rows)


@pytest.mark.parametrize(
    ("words", "n_features"), [(["Z", "YY", "XZX"], 3), (["X", "ZY"], 2), (["Y", "XYZ"], 4), (["Z", "ZZ", "ZZZ"], 4)]
)
@pytest.mark.parametrize(("blocks", "entanglement"), [("linear", "linear"), ("all", "full")])
def test_pauli_is_qiskits(words, n_features, blocks, entanglement):
    library = pytest.importorskip("qiskit.circuit.library")
    info = pytest.importorskip("qiskit.quantum_info")
    x = RNG.uniform(0, 2 * np.pi, n_features)
    theirs = library.pauli_feature_map(n_features, reps=2, paulis=words, entanglement=entanglement)
    ours = states(pauli(n_features, words=words, blocks=blocks), x)
    overlap = np.vdot(ours, info.Statevector(theirs.assign_parameters(x)).data)
    assert abs(overlap) ** 2 == pytest.approx(1, abs=1e-12)


def little_endian(state):
    """PennyLane's first wire is the highest bit."""
    n = int(np.log2(len(state)))
    return np.asarray(state).reshape([2] * n).transpose().reshape(-1)


@pytest.mark.parametrize("axis", ["x", "y", "z"])
@pytest.mark.parametrize(("n_features", "n_wires"), [(1, 1), (2, 2), (2, 3), (4, 4)])
def test_qaoa_is_pennylanes(n_features, n_wires, axis):
    qml = pytest.importorskip("pennylane")
    x = RNG.normal(size=n_features)
    shape = qml.QAOAEmbedding.shape(n_layers=2, n_wires=n_wires)
    w = RNG.normal(size=shape)

    @qml.qnode(qml.device("default.qubit", wires=n_wires))
    def theirs():
        qml.QAOAEmbedding(x, w, wires=range(n_wires), local_field=axis.upper())
        return qml.state()

    encoding = qaoa(n_features, layers=2, more_qubits=n_wires - n_features, axis=axis)
    np.testing.assert_allclose(states(encoding, x, w.ravel()), little_endian(theirs()), atol=1e-12)


def test_angle_and_amplitude_are_pennylanes():
    qml = pytest.importorskip("pennylane")
    x = RNG.normal(size=6)

    @qml.qnode(qml.device("default.qubit", wires=3))
    def by_amplitudes():
        qml.AmplitudeEmbedding(x[:5], wires=[2, 1, 0], normalize=True, pad_with=0.4)
        return qml.state()

    @qml.qnode(qml.device("default.qubit", wires=3))
    def by_angles():
        qml.AngleEmbedding(x[:3], wires=range(3), rotation="Y")
        return qml.state()

    np.testing.assert_allclose(states(amplitude(5, pad=0.4), x[:5]), little_endian(by_amplitudes()), atol=1e-12)
    np.testing.assert_allclose(states(angle(3), x[:3]), little_endian(by_angles()), atol=1e-12)
