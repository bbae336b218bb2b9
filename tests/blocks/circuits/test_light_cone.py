"""Light cones: outside, derivatives are exactly zero; inside, they are not, but where a gate does nothing."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.circuits.light_cone import light_cone, light_cones
from tests.random_circuits import random_circuit


@pytest.mark.parametrize("seed", range(25))
def test_outside_the_cone_there_is_no_derivative(seed):
    rng = np.random.default_rng(700 + seed)
    circuit = random_circuit(rng, 6, 16, dense=True)
    outputs = [kw.Z(0), kw.X(1) * kw.Z(5), kw.Y(3) + 0.5 * kw.Z(4)]
    w, x = rng.normal(size=(4, circuit.n_params)), rng.normal(size=(4, circuit.n_features))
    jacobian = circuit.compile(outputs).jacobian(w, x)
    for output, derivatives in zip(outputs, jacobian.transpose(1, 0, 2), strict=True):
        outside = sorted(set(range(circuit.n_params)) - set(light_cone(circuit, output).params))
        # Of an operation that cancels with its inverse, rounding is left.
        assert np.abs(derivatives[:, outside]).max(initial=0.0) < 1e-14


def brickwork(n_qubits, layers):
    """RY and RX on every qubit, and CZ on the even and the odd pairs in turn."""
    w = iter(kw.params(2 * n_qubits * layers))
    circuit = kw.Circuit(n_qubits)
    for layer in range(layers):
        for q in range(n_qubits):
            circuit.ry(next(w), q).rx(next(w), q)
        for q in range(layer % 2, n_qubits - 1, 2):
            circuit.cz(q, q + 1)
    return circuit


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_brickwork_cone_grows_by_at_most_two_qubits_a_layer(layers):
    circuit = brickwork(12, layers)
    cone = light_cone(circuit, kw.Z(5))
    # The last CZ are diagonal, as is Z.
    assert cone.qubits == {1: (5,), 2: (4, 5), 3: (4, 5, 6, 7)}[layers]
    slopes = circuit.compile(kw.Z(5)).jacobian(np.random.default_rng(0).normal(size=(3, circuit.n_params)))
    seen = np.flatnonzero(np.abs(slopes).max(axis=(0, 1)) > 1e-12)
    assert tuple(seen.tolist()) == cone.params


def test_words_of_one_observable_are_joined():
    circuit = brickwork(8, 1)
    both = light_cone(circuit, kw.Z(0) + kw.X(7) * kw.X(6))
    assert both.qubits == (0, 6, 7)
    assert both.locality == 2
    assert light_cone(circuit, kw.identity()).params == ()


def test_probabilities_and_overlaps():
    circuit = brickwork(4, 1)
    zero = np.eye(16)[0]
    (of_two,) = light_cones(circuit, kw.Probabilities([1, 2]))
    assert (of_two.locality, of_two.qubits) == (2, (1, 2))
    (of_all,) = light_cones(circuit, kw.Overlap(zero))
    assert (of_all.locality, of_all.params) == (4, tuple(range(circuit.n_params)))
    assert [c.qubits for c in light_cones(circuit, kw.Expectations([kw.Z(0), kw.Z(3)]))] == [(0,), (3,)]


def test_too_few_qubits():
    with pytest.raises(ValueError, match="acts on qubit 3"):
        light_cone(kw.Circuit(2), kw.Z(3))
