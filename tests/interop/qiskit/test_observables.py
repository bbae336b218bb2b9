"""Observables to and from Qiskit's operators."""

import numpy as np
import pytest

import ketwise as kw
from tests.random_circuits import random_observable

pytest.importorskip("qiskit", reason='Qiskit is not installed: pip install "ketwise[qiskit]"')

from qiskit.circuit import Parameter
from qiskit.quantum_info import Operator, Pauli, SparseObservable, SparsePauliOp


@pytest.mark.parametrize("seed", range(10))
def test_there_and_back(seed):
    rng = np.random.default_rng(seed)
    ours = random_observable(rng, 4, 5)
    theirs = kw.qiskit.sparse_pauli_op(ours, 4)
    np.testing.assert_allclose(theirs.to_matrix(), ours.to_matrix(4), atol=1e-14)
    assert kw.qiskit.observable(theirs) == ours


def test_qubit_zero_is_rightmost():
    assert kw.qiskit.observable(SparsePauliOp(["IIX", "IZI"], [1.0, 2.0])) == kw.X(0) + 2 * kw.Z(1)
    assert kw.qiskit.sparse_pauli_op(kw.X(0) + 2 * kw.Y(1), 3).equiv(SparsePauliOp(["IIX", "IYI"], [1.0, 2.0]))


def test_other_kinds():
    assert kw.qiskit.observable(Pauli("-XY")) == -1 * kw.X(1) * kw.Y(0)
    assert kw.qiskit.observable("XY") == kw.X(1) * kw.Y(0)
    projector = SparseObservable.from_list([("0I+", 2.0)])
    expected = np.kron(np.diag([1, 0]), np.kron(np.eye(2), np.full((2, 2), 0.5))) * 2
    np.testing.assert_allclose(kw.qiskit.observable(projector).to_matrix(3), expected, atol=1e-15)


def test_nothing_and_constants():
    zero = kw.Z(0) - kw.Z(0)
    assert kw.qiskit.observable(kw.qiskit.sparse_pauli_op(zero, 2)) == zero
    np.testing.assert_array_equal(Operator(kw.qiskit.sparse_pauli_op(3 * kw.identity())).data, 3 * np.eye(2))


def test_what_is_refused():
    with pytest.raises(ValueError, match="real coefficients"):
        kw.qiskit.observable(SparsePauliOp(["XX"], [1j]))
    with pytest.raises(ValueError, match="assign_parameters"):
        kw.qiskit.observable(SparsePauliOp(["XX"], np.array([Parameter("a")])))
    with pytest.raises(TypeError, match="is made of a SparsePauliOp"):
        kw.qiskit.observable(kw.Z(0))
    with pytest.raises(TypeError, match="takes an Observable"):
        kw.qiskit.sparse_pauli_op("ZZ")
    with pytest.raises(ValueError, match="acts on qubit 2"):
        kw.qiskit.sparse_pauli_op(kw.Z(2), 2)
