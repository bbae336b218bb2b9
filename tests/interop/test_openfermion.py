"""Observables to and from OpenFermion, against its own matrices."""

import numpy as np
import pytest

import ketwise as kw
from tests.random_circuits import random_observable

openfermion = pytest.importorskip(
    "openfermion", reason='OpenFermion is not installed: pip install "ketwise[openfermion]"'
)


@pytest.mark.parametrize("seed", range(10))
def test_the_same_matrix_there_and_back(seed):
    ours = random_observable(np.random.default_rng(seed), 3, 5)
    theirs = kw.to_openfermion(ours)
    # OpenFermion's matrices have qubit 0 highest in the index.
    places = [int(f"{k:03b}"[::-1], 2) for k in range(8)]
    matrix = openfermion.get_sparse_operator(theirs, n_qubits=3).toarray()[np.ix_(places, places)]
    np.testing.assert_allclose(ours.to_matrix(3), matrix, atol=1e-14)
    assert kw.from_openfermion(theirs) == ours


def test_which_qubit_is_which():
    theirs = openfermion.QubitOperator("X0 Y2", 0.5) - openfermion.QubitOperator("Z1")
    assert kw.from_openfermion(theirs) == 0.5 * kw.X(0) * kw.Y(2) - kw.Z(1)
    assert kw.to_openfermion(0.5 * kw.X(0) * kw.Y(2) - kw.Z(1)) == theirs


def test_the_particle_number_by_jordan_wigner():
    """Terms of a fermionic operator: the number of particles on two modes has the eigenvalues 0, 1, 1, 2."""
    number = openfermion.FermionOperator("0^ 0") + openfermion.FermionOperator("1^ 1")
    ours = kw.from_openfermion(openfermion.jordan_wigner(number))
    np.testing.assert_allclose(np.linalg.eigvalsh(ours.to_matrix(2)), [0, 1, 1, 2], atol=1e-14)


def test_nothing_and_constants():
    assert kw.from_openfermion(openfermion.QubitOperator()).n_terms == 0
    assert kw.from_openfermion(kw.to_openfermion(2 * kw.identity())) == 2 * kw.identity()


def test_what_is_refused():
    with pytest.raises(ValueError, match="not Hermitian"):
        kw.from_openfermion(openfermion.QubitOperator("X0", 1j))
    with pytest.raises(TypeError, match="takes a QubitOperator"):
        kw.from_openfermion("X0")
    with pytest.raises(TypeError, match="takes an Observable"):
        kw.to_openfermion("X0")
