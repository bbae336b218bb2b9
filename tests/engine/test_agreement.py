"""The native engine against the NumPy oracle on random circuits: every operation, output and instruction set."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import instruction_sets
from tests.random_circuits import random_circuit, random_outputs, random_state

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")

N_CIRCUITS = 2000
CHUNK = 250


def bound(outputs, dtype) -> np.ndarray | float:
    """1e-12 in double precision, 5e-6 times the observable's 1-norm in single precision."""
    if dtype == "complex128":
        scale, unit = 1e-12, 1e-12
    else:
        scale, unit = 5e-6, 5e-6
    if isinstance(outputs, kw.Expectations):
        return scale * np.array([max(1.0, o.norm1()) for o in outputs.observables])
    return unit


def problem(seed: int):
    rng = np.random.default_rng(seed)
    n_qubits = int(rng.integers(1, 11))
    circuit = random_circuit(rng, n_qubits, int(rng.integers(1, 30)))
    outputs = random_outputs(rng, n_qubits)
    batch = int(rng.choice([1, 2, 7, 9]))
    params = rng.normal(size=(batch, circuit.n_params) if rng.random() < 0.3 else circuit.n_params)
    features = rng.normal(size=(batch, circuit.n_features))
    initial = random_state(rng, batch, n_qubits) if rng.random() < 0.4 else None
    return rng, circuit, outputs, (params, features, initial)


def cotangent(rng, values):
    weights = rng.normal(size=values.shape)
    return weights + 1j * rng.normal(size=values.shape) if np.iscomplexobj(values) else weights


@pytest.mark.parametrize("first", range(0, N_CIRCUITS, CHUNK))
def test_values_and_gradients_agree_with_the_reference(first):
    for seed in range(first, first + CHUNK):
        rng, circuit, outputs, inputs = problem(seed)
        native, oracle = circuit.compile(outputs), circuit.compile(outputs, backend=kw.Reference())
        values, residual = native.forward(*inputs)
        expected, expected_residual = oracle.forward(*inputs)
        assert np.all(np.abs(values - expected) <= bound(native.outputs, "complex128")), seed
        single = circuit.compile(outputs, dtype="complex64")(*inputs)
        assert np.all(np.abs(single - expected) <= bound(native.outputs, "complex64")), seed
        weights = cotangent(rng, expected)
        ours, theirs = native.backward(residual, weights), oracle.backward(expected_residual, weights)
        for mine, other in zip(ours, theirs, strict=True):
            assert (mine is None) == (other is None)
            if mine is not None:
                assert mine.shape == other.shape
                np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-10, err_msg=str(seed))


@pytest.mark.parametrize("isa", instruction_sets())
@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_every_instruction_set(isa, dtype):
    for seed in range(5000, 5120):
        rng, circuit, outputs, inputs = problem(seed)
        native = circuit.compile(outputs, backend=kw.Native(isa), dtype=dtype)
        assert native.backend.name == f"native ({isa})"
        oracle = circuit.compile(outputs, backend=kw.Reference())
        values, residual = native.forward(*inputs)
        expected, expected_residual = oracle.forward(*inputs)
        assert np.all(np.abs(values - expected) <= bound(native.outputs, dtype)), seed
        weights = cotangent(rng, expected)
        ours, theirs = native.backward(residual, weights), oracle.backward(expected_residual, weights)
        tolerance = 1e-10 if dtype == "complex128" else 2e-4
        for mine, other in zip(ours, theirs, strict=True):
            if mine is not None:
                np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance, err_msg=str(seed))


def test_long_circuits_agree():
    """Hundreds of operations: every merge window of the planner is passed."""
    for seed in range(9000, 9006):
        rng = np.random.default_rng(seed)
        circuit = random_circuit(rng, 6, 400)
        observables = [kw.Z(0), kw.X(1) * kw.Y(4), kw.Z(5) * kw.Z(2)]
        inputs = rng.normal(size=circuit.n_params), rng.normal(size=(3, circuit.n_features))
        native = circuit.compile(observables)
        oracle = circuit.compile(observables, backend=kw.Reference())
        np.testing.assert_allclose(native(*inputs), oracle(*inputs), atol=1e-12)
        weights = rng.normal(size=(3, 3))
        for mine, other in zip(native.vjp(*inputs, weights), oracle.vjp(*inputs, weights), strict=True):
            np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-9)


def test_many_diagonal_rotations_cross_the_size_of_a_diagonal_pass():
    for n_terms in (23, 24, 25, 49):
        circuit = kw.Circuit(4)
        w = kw.params(n_terms)
        for q in range(4):
            circuit.h(q)
        for k in range(n_terms):
            a, b = k % 4, (k + 1 + k % 3) % 4
            circuit.rzz(w[k], a, b) if k % 5 else circuit.cp(w[k], a, b)
        for q in range(4):
            circuit.h(q)
        params = np.random.default_rng(n_terms).normal(size=n_terms)
        outputs = [kw.Z(q) for q in range(4)]
        native, oracle = circuit.compile(outputs), circuit.compile(outputs, backend=kw.Reference())
        np.testing.assert_allclose(native(params), oracle(params), atol=1e-12)
        np.testing.assert_allclose(native.jacobian(params), oracle.jacobian(params), atol=1e-12)


def test_controlled_not_moves_no_amplitude():
    """X, CX and SWAP are relabelling: they add no pass."""
    circuit = kw.Circuit(3).x(0).cx(0, 1).swap(1, 2).x(2, {1: 0})
    program = circuit.compile(kw.State())
    assert program._plan.compiled.costs64(False) == []
    state = program()
    oracle = circuit.compile(kw.State(), backend=kw.Reference())()
    np.testing.assert_array_equal(state, oracle)


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
@pytest.mark.parametrize("n_qubits", [5, 6, 7, 8])
@pytest.mark.parametrize("n_terms", [1, 7, 8, 9, 17])
def test_many_diagonal_terms_cross_the_blocks_in_which_they_are_summed(n_terms, n_qubits, dtype):
    """Terms go eight at a time, rows 64 at a time."""
    rng = np.random.default_rng(n_terms)
    words = rng.permutation(np.arange(1, 1 << n_qubits))[:n_terms]
    observables = []
    for word in words:
        z = [(int(word) >> q) & 1 for q in range(n_qubits)]
        observables.append(kw.Observable.from_arrays([np.zeros(n_qubits)], [z], [rng.normal()]))
    w = kw.params(2 * n_qubits)
    circuit = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.ry(w[q], q).rz(w[n_qubits + q], q).rxx(w[q] * w[0], q, (q + 1) % n_qubits)
    params = rng.normal(size=(3, 2 * n_qubits))
    for outputs in (observables, [sum(observables[1:], observables[0])]):
        native = circuit.compile(outputs, dtype=dtype)
        oracle = circuit.compile(outputs, backend=kw.Reference())
        scale = max(o.norm1() for o in native.outputs.observables)
        tolerance = (1e-12 if dtype == "complex128" else 5e-6) * max(1.0, scale)
        weights = rng.normal(size=(3, native.n_outputs))
        np.testing.assert_allclose(native(params), oracle(params), rtol=0, atol=tolerance)
        found, expected = (p.vjp(params, None, weights)[1] for p in (native, oracle))
        np.testing.assert_allclose(found, expected, rtol=0, atol=100 * tolerance)


@pytest.mark.parametrize("n_qubits", range(1, 14))
def test_every_width(n_qubits):
    """One more qubit at a time, past every cache and every run of rows."""
    rng = np.random.default_rng(n_qubits)
    circuit = random_circuit(rng, n_qubits, 25)
    outputs = [kw.Z(q) for q in range(n_qubits)] + [kw.X(n_qubits - 1)]
    inputs = rng.normal(size=circuit.n_params), rng.normal(size=(2, circuit.n_features))
    native, oracle = circuit.compile(outputs), circuit.compile(outputs, backend=kw.Reference())
    weights = rng.normal(size=(2, n_qubits + 1))
    for mine, other in zip(native.vjp(*inputs, weights), oracle.vjp(*inputs, weights), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-10, atol=1e-10)


def kinds(circuit: kw.Circuit) -> list[str]:
    return [cost.kind for cost in circuit.compile(kw.State())._plan.costs()]


def test_fixed_gates_on_one_qubit_merge_and_cancel():
    assert kinds(kw.Circuit(2).h(0).h(1).h(0).h(1)) == []
    assert kinds(kw.Circuit(1).s(0).s(0).z(0)) == []
    assert kinds(kw.Circuit(2).cx(0, 1).x(0).y(0).z(0).cx(0, 1)) == ["phases"]  # a global phase
    merged = kw.Circuit(2).h(0).s(0).h(0).t(1).cx(0, 1).h(1).x(1)
    oracle = merged.compile(kw.State(), backend=kw.Reference())()
    np.testing.assert_allclose(merged.compile(kw.State())(), oracle, atol=1e-15)


@pytest.mark.parametrize("n_qubits", [2, 3, 6, 15])
def test_fixed_rotations_alone_may_flip_the_same(n_qubits):
    """H on a qubit whose flip another one shares, after a CX: a pass of flips without any angle."""
    circuit = kw.Circuit(n_qubits, n_params=1)
    for q in range(n_qubits):
        circuit.ry(kw.params(1)[0], q)
    for _ in range(3):
        circuit.z(1).h(1).cx(0, 1).z(1).h(1).cz(1, 0)
    ours, oracle = (circuit.compile([kw.Z(0), kw.X(1)], backend=backend) for backend in (None, kw.Reference()))
    np.testing.assert_allclose(ours([0.3]), oracle([0.3]), atol=1e-13)
    np.testing.assert_allclose(ours.jacobian([0.3]), oracle.jacobian([0.3]), atol=1e-12)


def test_words_that_flip_the_same_are_one_pass():
    """The eight words of a double excitation commute; so do XX and YY, and controlled rotations of one qubit."""
    w = kw.params(8)
    excitation = kw.Circuit(4)
    for k, word in enumerate(["XXXY", "XXYX", "XYXX", "YXXX", "YYYX", "YYXY", "YXYY", "XYYY"]):
        letters = [{"X": kw.X, "Y": kw.Y}[letter](q) for q, letter in enumerate(word)]
        excitation.rotation(math.prod(letters[1:], start=letters[0]), w[k])
    assert kinds(excitation) == ["flips"]
    exchange = kw.Circuit(4).rxx(w[0], 0, 1).ryy(w[1], 0, 1).rxx(w[2], 2, 3).ryy(w[3], 2, 3)
    assert kinds(exchange) == ["flips", "flips"]
    controlled = kw.Circuit(3).rx(w[0], 0, {1: 1}).rx(w[1], 0, {1: 0, 2: 1}).rx(w[2], 0)
    assert kinds(controlled) == ["flips"]
    for circuit in (excitation, exchange, controlled):
        start = np.random.default_rng(0).normal(size=(1 << circuit.n_qubits, 2)) @ [1, 1j]
        start /= np.linalg.norm(start)
        params = np.random.default_rng(1).normal(size=circuit.n_params)
        outputs = [kw.Z(0) * kw.X(1), kw.Y(0)]
        ours, oracle = (circuit.compile(outputs, backend=backend) for backend in (None, kw.Reference()))
        np.testing.assert_allclose(ours(params, None, start), oracle(params, None, start), atol=1e-14)
        jacobians = [program.jacobian(params, None, start) for program in (ours, oracle)]
        np.testing.assert_allclose(*jacobians, atol=1e-13)
