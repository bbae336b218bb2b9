"""Metric tensors and Lie algebras against PennyLane's."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.diagnostics.lie_algebra import lie_algebra
from ketwise.blocks.gradients.metric_tensor import metric_tensor
from ketwise.words.circuit import Circuit

qml = pytest.importorskip("pennylane", reason="PennyLane is not installed: pip install pennylane")

GATES = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ, "rzz": qml.IsingZZ, "cx": qml.CNOT, "cz": qml.CZ}


def their_circuit(circuit: Circuit):
    """The circuit on their wires, a parameter an angle; the metric does not care which wire is which bit."""

    @qml.qnode(qml.device("default.qubit", wires=circuit.n_qubits + 1))
    def theirs(w):
        for op in circuit.ops:
            gate = GATES[op.name]
            if op.angle is None:
                gate(wires=op.support)
            else:
                ((_, index),) = next(iter(op.angle.terms))
                gate(w[index], wires=op.support)
        return qml.expval(qml.PauliZ(0))

    return theirs


def mixed() -> Circuit:
    w = kw.params(8)
    circuit = kw.Circuit(3).ry(w[0], 0).rx(w[1], 1).cx(0, 2).rzz(w[2], 0, 1).rz(w[3], 2)
    return circuit.cz(1, 2).rx(w[4], 0).ry(w[5], 2).cx(2, 1).rx(w[6], 1).rzz(w[7], 1, 2)


@pytest.mark.parametrize(("approx", "name"), [(None, "full"), ("block-diag", "block"), ("diag", "diagonal")])
@pytest.mark.parametrize("circuit", [kw.ansatz.hardware_efficient(3, 2), kw.ansatz.strongly_entangling(2, 2), mixed()])
def test_metric_tensors(circuit, approx, name):
    w = qml.numpy.array(np.random.default_rng(0).uniform(-3, 3, circuit.n_params), requires_grad=True)
    theirs = qml.metric_tensor(their_circuit(circuit), approx=approx)(w)
    np.testing.assert_allclose(metric_tensor(circuit, np.asarray(w), approx=name), theirs, atol=1e-12)


def pauli_sum(observable: kw.Observable):
    """Their sentence for an observable, its words read from the right."""
    terms = {}
    for word, c in zip(observable.words(), observable.coefficients, strict=True):
        letters = {q: letter for q, letter in enumerate(word[::-1]) if letter != "I"}
        terms[qml.pauli.PauliWord(letters)] = float(c)
    return qml.pauli.PauliSentence(terms)


@pytest.mark.parametrize("seed", range(12))
def test_dimensions_of_lie_algebras(seed):
    rng = np.random.default_rng(seed)
    generators = []
    for _ in range(int(rng.integers(2, 4))):
        words = {
            "".join(rng.choice(list("IXYZ"), 3)): float(rng.integers(1, 4)) for _ in range(int(rng.integers(1, 4)))
        }
        words.pop("III", None)
        if words:
            generators.append(kw.Observable(words))
    theirs = qml.lie_closure([pauli_sum(each) for each in generators], pauli=True)
    assert lie_algebra(generators).dimension == len(theirs)
