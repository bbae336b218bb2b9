"""The reservoir against pure states on as many fresh qubits as steps, and in cases that can be written down."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

import ketwise as kw
from ketwise.learning.reservoir import QuantumReservoir, drive, ising_evolution

RNG = np.random.default_rng(0)


def test_the_identity_keeps_the_last_value_and_no_other():
    values = RNG.uniform(-1, 1, (4, 5, 2))
    for step, populations in enumerate(drive(np.eye(8), values)):
        one, other = np.sin(values[:, step] / 2).T ** 2
        expected = np.stack([(1 - one) * (1 - other), one * (1 - other), (1 - one) * other, one * other], axis=1)
        np.testing.assert_allclose(populations[:, :4], expected, atol=1e-14)
        np.testing.assert_allclose(populations[:, 4:], 0.0, atol=1e-14)


def test_a_swap_moves_the_value_before_into_the_memory():
    swap = np.eye(4)[[0, 2, 1, 3]]
    values = RNG.uniform(-1, 1, (3, 4, 1))
    seen = drive(swap, values)
    for step in range(1, 4):
        now, before = np.sin(values[:, step, 0] / 2) ** 2, np.sin(values[:, step - 1, 0] / 2) ** 2
        np.testing.assert_allclose(seen[step][:, 2:].sum(axis=1), now, atol=1e-14)  # moved to qubit 1
        np.testing.assert_allclose(seen[step][:, 1::2].sum(axis=1), before, atol=1e-14)


@pytest.mark.parametrize("n_inputs", [1, 2])
def test_a_reset_is_a_fresh_qubit(n_inputs):
    """The same unitary on the memory and on new qubits at every step, as a pure state; the old ones are traced out."""
    n_memory, n_steps = 2, 3
    unitary = ising_evolution(n_inputs + n_memory, 1.3, 0.4, np.random.RandomState(0))
    values = RNG.uniform(-2, 2, (2, n_steps, n_inputs))
    seen = drive(unitary, values)
    total = n_steps * n_inputs + n_memory
    memory = list(range(n_steps * n_inputs, total))
    for row in range(2):
        circuit = kw.Circuit(total)
        for step in range(n_steps):
            fresh = list(range(step * n_inputs, (step + 1) * n_inputs))
            for q, value in zip(fresh, values[row, step], strict=True):
                circuit.ry(float(value), q)
            circuit.unitary(unitary, *fresh, *memory)
            expected = circuit.compile(kw.Probabilities([*fresh, *memory]))()
            np.testing.assert_allclose(seen[step][row], expected, atol=1e-12)


def test_the_evolution_is_of_the_hamiltonian_that_is_given():
    """No couplings at field h and time t: phases exp(-i t h Z), nothing else."""

    class Still:
        def uniform(self, low, high):
            return 0.0

    unitary = ising_evolution(2, 0.7, 0.3, Still())
    z = np.diag((kw.Z(0) + kw.Z(1)).to_matrix(2)).real
    np.testing.assert_allclose(unitary, np.diag(np.exp(-1j * 0.7 * 0.3 * z)), atol=1e-13)


def test_it_forgets_the_distant_past():
    X = RNG.uniform(size=(20, 40))
    other = X.copy()
    other[:, :20] = RNG.uniform(size=(20, 20))
    model = QuantumReservoir(2, random_state=1, scale=None).fit(X)
    assert np.abs(model.transform(X) - model.transform(other)).max() < 0.02
    other[:, -1] = RNG.uniform(size=20)
    assert np.abs(model.transform(X) - model.transform(other)).max() > 0.1


def test_it_remembers_the_step_before():
    """Its features predict the value before the last one; the last value alone does not."""
    X = RNG.uniform(size=(300, 10))
    target = X[:, -2]
    model = make_pipeline(QuantumReservoir(4, random_state=0), Ridge(1e-6)).fit(X[:200], target[:200])
    assert model.score(X[200:], target[200:]) > 0.7
    assert Ridge().fit(X[:200, -1:], target[:200]).score(X[200:, -1:], target[200:]) < 0.1


def test_every_step_ends_with_the_last_one():
    X = RNG.uniform(size=(4, 6))
    last = QuantumReservoir(2, n_inputs=2, random_state=0).fit(X)
    every = QuantumReservoir(2, n_inputs=2, every_step=True, random_state=0).fit(X)
    np.testing.assert_array_equal(every.transform(X)[:, -10:], last.transform(X))
    assert len(every.get_feature_names_out()) == every.transform(X).shape[1] == 30


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="n_inputs=4 values a step, and 6 is no multiple"):
        QuantumReservoir(n_inputs=4).fit(np.ones((2, 6)))
    with pytest.raises(MemoryError, match="the evolution of a reservoir on 20 qubits"):
        QuantumReservoir(19).fit(np.ones((2, 6)))
