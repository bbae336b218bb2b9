"""Bound circuits give the states of the circuit with the same parameters, and a trained kernel enters a machine."""

import numpy as np
import pytest
from sklearn.svm import SVC

import ketwise as kw
from ketwise.blocks.circuits.bound import bound
from ketwise.blocks.encodings import ENCODINGS
from tests.random_circuits import random_circuit

RNG = np.random.default_rng(0)
TRAINED = [name for name, build in ENCODINGS.items() if build(3).n_params]


@pytest.mark.parametrize("seed", range(6))
def test_random_circuits_keep_their_states(seed):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, 3, 20)
    w, rows = rng.normal(size=circuit.n_params), rng.normal(size=(4, circuit.n_features))
    given = rows if circuit.n_features else None
    made = bound(circuit, w)
    assert (made.n_params, made.n_features, len(made)) == (0, circuit.n_features, len(circuit))
    expected = circuit.compile(kw.State())(w if circuit.n_params else None, given)
    np.testing.assert_allclose(made.compile(kw.State())(None, given), expected, atol=1e-12)


@pytest.mark.parametrize("name", TRAINED)
def test_encodings_and_their_twins(name):
    encoding = ENCODINGS[name](3)
    w, rows = RNG.normal(size=encoding.n_params), RNG.uniform(-0.9, 0.9, (4, 3))
    for one, other in ((encoding, encoding.bind(w)), (encoding.twin(), encoding.bind(w).twin())):
        expected = kw.kernels.fidelity(one, rows, params=w)
        np.testing.assert_allclose(kw.kernels.fidelity(other, rows), expected, atol=1e-12)


def test_a_trained_kernel_in_a_machine_and_a_file(tmp_path):
    encoding = kw.encodings.hubregtsen(3)
    w, rows = RNG.normal(size=encoding.n_params), RNG.uniform(-1, 1, (30, 3))
    y = rows[:, 0] * rows[:, 1] > 0
    with pytest.raises(ValueError, match=r"or encoding\.bind\(params\) with trained ones"):
        kw.QuantumKernelClassifier(encoding).fit(rows, y)
    model = kw.QuantumKernelClassifier(encoding.bind(w), scale=None, bandwidth=1.0).fit(rows, y)
    kernel = kw.kernels.fidelity(encoding, rows, params=w)
    expected = SVC(kernel="precomputed").fit(kernel, y).decision_function(kernel)
    np.testing.assert_allclose(model.decision_function(rows), expected, atol=1e-9)
    again = kw.load(kw.save(model, tmp_path / "m.ketwise"))
    np.testing.assert_array_equal(again.decision_function(rows), model.decision_function(rows))


def test_another_number_of_parameters_is_refused():
    with pytest.raises(ValueError, match=r"params must have shape"):
        bound(kw.Circuit(1).ry(kw.params(1)[0], 0), [0.1, 0.2])
