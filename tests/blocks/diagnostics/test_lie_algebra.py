"""Dimensions of dynamical Lie algebras that are known, and ranks of matrices for the rest."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.diagnostics.lie_algebra import lie_algebra
from ketwise.blocks.diagnostics.pauli_sums import commutator, of_observable, pulled_back
from tests.random_circuits import random_circuit

X, Y, Z = kw.X, kw.Y, kw.Z


def total(terms):
    whole = 0 * kw.identity()
    for term in terms:
        whole = whole + term
    return whole


def rank_of_matrices(generators, n_qubits):
    """The dimension by brute force: dense commutators, and the rank of all of them, over the real numbers."""
    basis, fresh = np.zeros((0, 2 * 4**n_qubits)), [1j * g.to_matrix(n_qubits) for g in generators]
    start = list(fresh)
    while fresh:
        new = fresh.pop()
        row = np.concatenate([new.real.ravel(), new.imag.ravel()])
        if np.linalg.norm(row) < 1e-9:
            continue
        row /= np.linalg.norm(row)
        trial = np.vstack([basis, row])
        if np.linalg.matrix_rank(trial, tol=1e-8) == len(trial):
            basis = trial
            fresh += [new @ g - g @ new for g in start]
    return len(basis)


def test_one_qubit():
    assert lie_algebra([X(0)]).dimension == 1
    found = lie_algebra([X(0), Y(0)])
    assert (found.dimension, found.controllable, found.of_words) == (3, True, True)
    assert lie_algebra(X(0) + Y(0)).dimension == 1
    assert lie_algebra([X(0) + Z(0), Z(0)]).dimension == 3


@pytest.mark.parametrize("n", [2, 3, 4, 6, 8])
def test_an_ising_chain_in_a_transverse_field(n):
    """Free fermions: n (2 n - 1) with a field of its own for every spin, n**2 with one (Kökcü et al., 2022)."""
    bonds, fields = [Z(q) * Z(q + 1) for q in range(n - 1)], [X(q) for q in range(n)]
    assert lie_algebra(bonds + fields).dimension == n * (2 * n - 1)
    together = lie_algebra([total(bonds), total(fields)])
    assert (together.dimension, together.of_words) == (n**2, False)


@pytest.mark.parametrize("n", [3, 4, 5, 6])
def test_an_ising_ring(n):
    """3 n - 1: Allcock, Santha, Yuan, Zhang (2024), QAOA on a cycle."""
    ring = total(Z(q) * Z((q + 1) % n) for q in range(n))
    assert lie_algebra([ring, total(X(q) for q in range(n))]).dimension == 3 * n - 1


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_controllable(n):
    generators = [p(q) for p in (X, Y) for q in range(n)] + [Z(q) * Z(q + 1) for q in range(n - 1)]
    found = lie_algebra(generators)
    assert found.dimension == found.full == 4**n - 1
    assert found.controllable


def test_local_turns_stay_local_and_commuting_ones_are_counted():
    assert lie_algebra(kw.ansatz.sim(1, 5)).dimension == 15
    assert lie_algebra([Z(0), Z(1), Z(0) * Z(1)]).dimension == 3
    # Products of the generators of the same subspace: the Heisenberg chain conserves the spin.
    chain = [total(p(q) * p(q + 1) for p in (X, Y, Z)) for q in range(2)]
    assert lie_algebra(chain).dimension == rank_of_matrices(chain, 3)


@pytest.mark.parametrize("seed", range(6))
def test_random_generators_against_the_rank_of_matrices(seed):
    rng = np.random.default_rng(seed)
    letters = np.array(list("IXYZ"))
    generators = []
    for _ in range(2):
        words = {"".join(rng.choice(letters, 3)): 1.0 for _ in range(int(rng.integers(1, 4)))}
        words.pop("III", None)
        if words:
            generators.append(kw.Observable(words))
    if generators:
        assert lie_algebra(generators).dimension == rank_of_matrices(generators, 3)


def test_a_circuit_of_one_symbol_for_many_gates_has_their_sum():
    w = kw.params(2)
    circuit = kw.Circuit(4)
    for q in range(3):
        circuit.rzz(w[0], q, q + 1)
    for q in range(4):
        circuit.rx(2 * w[1], q)
    assert lie_algebra(circuit).dimension == 16
    assert lie_algebra(circuit + circuit.shift(params=2)).dimension == 16
    # Neighbours that do not commute are no sum.
    assert lie_algebra(kw.Circuit(1).rx(w[0], 0).rz(w[0], 0)).dimension == 3


def test_controlled_rotations_and_phases():
    """CRY of both directions: antisymmetric matrices of the three states beside |00>, so(3)."""
    w = kw.params(2)
    assert lie_algebra(kw.Circuit(2).cry(w[0], 0, 1).cry(w[1], 1, 0)).dimension == 3
    # A rotation of a qubit where another is 0, and one where it is 1: two directions, not one.
    assert lie_algebra(kw.Circuit(2).rz(w[0], 1, {0: 0}).rz(w[1], 1, {0: 1})).dimension == 2
    # The identity of a phase is left out: two diagonal generators.
    assert lie_algebra(kw.Circuit(2).p(w[0], 0).cp(w[1], 0, 1)).dimension == 2
    assert lie_algebra(kw.Circuit(1).gphase(w[0])).dimension == 0


def test_fixed_gates_are_pulled_through():
    """H turns Z into X, T turns X into (X - Y)/sqrt 2: RZ alone is one direction, with them between all three."""
    w = kw.params(3)
    assert lie_algebra(kw.Circuit(1).rz(w[0], 0).rz(w[1], 0)).dimension == 1
    assert lie_algebra(kw.Circuit(1).rz(w[0], 0).h(0).rz(w[1], 0)).dimension == 3
    assert lie_algebra(kw.Circuit(1).rz(w[0], 0).rx(0.3, 0).rz(w[1], 0)).dimension == 3
    layered = kw.ansatz.strongly_entangling(3, layers=2)
    assert lie_algebra(layered).controllable
    assert lie_algebra(kw.ansatz.strongly_entangling(3, layers=1)).dimension == 9


@pytest.mark.parametrize("seed", range(10))
def test_pulled_back_is_conjugation(seed):
    rng = np.random.default_rng(900 + seed)
    n = 3
    circuit = kw.Circuit(n)
    for op in random_circuit(rng, n, 12, dense=False).ops:
        if op.angle is None:
            circuit.append(op.gate, op.qubits, None, dict(op.controls))
    circuit.ccx(0, 1, 2).ry(0.7, 1, {0: 0}).t(2)
    observable = kw.Observable({"XYZ": 0.5, "IZY": -1.0, "XII": 2.0})
    unitary = np.stack([circuit.compile(kw.State())(initial_state=row) for row in np.eye(8)], axis=1)
    expected = unitary.conj().T @ observable.to_matrix(n) @ unitary
    found = pulled_back(of_observable(observable), circuit.ops)
    made = np.zeros((8, 8), dtype=complex)
    for (x, z), value in found.items():
        bits = np.array([[word >> q & 1 for q in range(n)] for word in (x, z)], dtype=bool)
        made += kw.Observable.from_arrays(bits[:1], bits[1:], [value]).to_matrix(n)
    np.testing.assert_allclose(made, expected, atol=1e-12)


def test_commutator_is_that_of_matrices():
    rng = np.random.default_rng(3)
    a, b = (kw.Observable({"".join(rng.choice(list("IXYZ"), 2)): rng.normal() for _ in range(4)}) for _ in range(2))
    made = np.zeros((4, 4), dtype=complex)
    for (x, z), value in commutator(of_observable(a), of_observable(b)).items():
        bits = np.array([[word >> q & 1 for q in range(2)] for word in (x, z)], dtype=bool)
        made += kw.Observable.from_arrays(bits[:1], bits[1:], [value]).to_matrix(2)
    left, right = a.to_matrix(2), b.to_matrix(2)
    np.testing.assert_allclose(made, (left @ right - right @ left) / 2j, atol=1e-14)


def test_limits_and_bad_arguments():
    with pytest.raises(ValueError, match="more than 10 dimensions: raise limit"):
        lie_algebra(kw.ansatz.strongly_entangling(3, layers=2), limit=10)
    with pytest.raises(ValueError, match="more than 10 dimensions"):
        lie_algebra([X(0) + Z(1) * X(2), Y(1) + Z(0) * X(1), Z(2) + X(1)], limit=10)
    with pytest.raises(TypeError, match="generators must be a circuit or a sequence of observables"):
        lie_algebra([])
