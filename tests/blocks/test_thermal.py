"""Thermal states against SciPy's matrix exponential, the closed form of a spin in a field, and finite differences."""

import numpy as np
import pytest
from scipy.linalg import expm

import ketwise as kw
from ketwise.blocks.thermal import Thermal

RNG = np.random.default_rng(0)


def random_model(n_qubits, words, temperature=0.7):
    x, w = kw.features(2), kw.params(len(words))
    return Thermal(
        n_qubits, tuple(words), tuple(w[k] * x[k % 2] + 0.3 * k for k in range(len(words))), temperature=temperature
    )


WORDS = {
    "two qubits joined": (2, [kw.Z(0), kw.X(1), kw.Z(0) * kw.Z(1), kw.Y(0)]),
    "three, of which one is alone": (3, [kw.X(0) * kw.Z(2), kw.Y(1), kw.X(1), kw.Z(0), kw.Y(2)]),
    "four in two pairs": (4, [kw.X(0) * kw.X(3), kw.Z(1) * kw.Y(2), kw.Z(3), kw.X(1)]),
    "a qubit that no word acts on": (2, [kw.X(0)]),
}


def exact(model, observables, params, row):
    n = model.n_qubits
    hamiltonian = sum((params[k] * row[k % 2] + 0.3 * k) * word.to_matrix(n) for k, word in enumerate(model.words))
    rho = expm(-hamiltonian / model.temperature)
    rho /= np.trace(rho)
    return [np.trace(rho @ o.to_matrix(n)).real for o in observables]


@pytest.mark.parametrize("name", WORDS)
def test_expectations_are_those_of_the_matrix_exponential(name):
    n_qubits, words = WORDS[name]
    model = random_model(n_qubits, words)
    observables = [kw.Z(0), 0.5 * kw.X(0) + kw.Z(1) * kw.X(0) - 2.0, kw.Y(n_qubits - 1) * kw.Z(0)]
    params, rows = RNG.normal(size=model.n_params), RNG.normal(size=(5, model.n_features))
    found = model.compile(observables)(params, rows)
    np.testing.assert_allclose(found, [exact(model, observables, params, row) for row in rows], atol=1e-12)


@pytest.mark.parametrize("name", WORDS)
def test_gradients_are_finite_differences(name):
    n_qubits, words = WORDS[name]
    model = random_model(n_qubits, words)
    program = model.compile([kw.Z(0), kw.X(0) * kw.Z(1) + kw.Y(1)])
    params, rows = RNG.normal(size=model.n_params), RNG.normal(size=(3, model.n_features))
    cotangent = RNG.normal(size=(3, 2))
    _, residual = program.forward(params, rows)
    d_params, d_features, d_state = program.backward(residual, cotangent)
    assert d_state is None
    step = 1e-6

    def loss(w, x):
        return (program(w, x) * cotangent).sum()

    for k in range(len(params)):
        e = step * np.eye(len(params))[k]
        assert d_params[k] == pytest.approx((loss(params + e, rows) - loss(params - e, rows)) / (2 * step), abs=1e-8)
    for b, j in np.ndindex(rows.shape):
        e = np.zeros_like(rows)
        e[b, j] = step
        assert d_features[b, j] == pytest.approx(
            (loss(params, rows + e) - loss(params, rows - e)) / (2 * step), abs=1e-8
        )


def test_a_spin_in_a_field():
    """``H = a Z + b X`` has ``<Z> = -(a / r) tanh(r / T)`` with ``r = sqrt(a**2 + b**2)``."""
    x = kw.features(2)
    spin = Thermal(1, (kw.Z(0), kw.X(0)), (x[0], x[1]), temperature=1.7)
    a, b = rows = RNG.normal(size=(2, 6))
    r = np.hypot(a, b)
    np.testing.assert_allclose(spin.compile(kw.Z(0))(None, rows.T)[:, 0], -a / r * np.tanh(r / 1.7), atol=1e-14)


def test_equal_energies_have_a_derivative():
    """At ``H = 0`` the response of <P> to its own field is ``-1 / T``."""
    x = kw.features(1)
    program = Thermal(2, (kw.X(0) * kw.Y(1),), (x[0],), temperature=4.0).compile(kw.X(0) * kw.Y(1))
    _, residual = program.forward(None, [[0.0]])
    np.testing.assert_allclose(program.backward(residual, [[1.0]])[1], [[-0.25]], atol=1e-14)


def test_low_temperatures_give_the_ground_state_and_no_overflow():
    model = random_model(2, WORDS["two qubits joined"][1], temperature=1e-4)
    params, row = RNG.normal(size=4), RNG.normal(size=2)
    hamiltonian = sum((params[k] * row[k % 2] + 0.3 * k) * word.to_matrix(2) for k, word in enumerate(model.words))
    ground = np.linalg.eigh(hamiltonian)[1][:, 0]
    expected = (ground.conj() @ kw.Z(0).to_matrix(2) @ ground).real
    assert model.compile(kw.Z(0))(params, row) == pytest.approx([expected], abs=1e-10)


def test_many_independent_qubits_cost_little():
    x = kw.features(12)
    fields = Thermal(12, tuple(kw.Z(q) for q in range(12)), tuple(x))
    rows = RNG.normal(size=(4, 12))
    expected = np.prod(-np.tanh(rows[:, [0, 5, 11]]), axis=1)
    np.testing.assert_allclose(fields.compile(kw.Z(0) * kw.Z(5) * kw.Z(11))(None, rows)[:, 0], expected, atol=1e-14)


def test_what_does_not_fit_is_refused_before_it_is_allocated():
    x = kw.features(1)
    words = tuple(kw.X(q) * kw.X(q + 1) for q in range(19))
    with pytest.raises(MemoryError, match="the matrices of a thermal state on 20 qubits needs.*largest that fits is"):
        Thermal(20, words, (x[0],) * 19).compile(kw.Z(0))


@pytest.mark.parametrize(
    ("words", "coefficients", "temperature", "message"),
    [
        ((kw.Z(0),), (), 1.0, "as many coefficients as words"),
        ((kw.Z(0),), (1.0,), 0.0, "temperature must be positive"),
        ((2.0 * kw.Z(0),), (1.0,), 1.0, "one Pauli word with coefficient 1"),
        ((kw.Z(3),), (1.0,), 1.0, "acts on qubit 3"),
    ],
)
def test_bad_models_are_refused(words, coefficients, temperature, message):
    with pytest.raises(ValueError, match=message):
        Thermal(1, words, coefficients, temperature)
