"""The sparse engine agrees with the dense one, carries any number of qubits, and refuses what does not fit."""

import tracemalloc

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine import memory, sparse, sparse_run
from ketwise.engine.sparse import SparseState, packed, unpacked
from ketwise.engine.sparse_run import run_sparse
from tests.random_circuits import random_circuit, random_state


@pytest.mark.parametrize("seed", range(40))
def test_random_circuits_agree_with_the_reference(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    circuit, x, w = random_circuit(rng, n, 30), rng.normal(size=3), rng.normal(size=4)
    expected = circuit.compile(kw.State(), backend=kw.Reference())(w, x)
    run = run_sparse(circuit, w, x)
    np.testing.assert_allclose(run.state.dense(), expected, atol=1e-13)
    assert run.state.norm == pytest.approx(1, abs=1e-12)
    assert len(run.terms) == len(circuit) + 1
    assert run.terms[-1] == run.state.n_terms


@pytest.mark.parametrize("seed", range(10))
def test_an_initial_state_agrees_with_the_native_engine(seed):
    rng = np.random.default_rng(seed)
    circuit, x, w = random_circuit(rng, 5, 20), rng.normal(size=3), rng.normal(size=4)
    start = random_state(rng, 1, 5)[0]
    rows = np.array([[i >> q & 1 for q in range(5)] for i in range(32)])
    run = run_sparse(circuit, w, x, SparseState.of(rows, start))
    np.testing.assert_allclose(run.state.dense(), circuit.compile(kw.State())(w, x, start), atol=1e-13)


@pytest.mark.parametrize("seed", range(12))
def test_qubits_across_words_do_what_they_do_within_one(seed):
    """The same circuit on qubits 0 to 6, and on seven of 200 that lie in four words."""
    rng = np.random.default_rng(seed)
    small, x, w = random_circuit(rng, 7, 25), rng.normal(size=3), rng.normal(size=4)
    places = [int(q) for q in rng.permutation([0, 63, 64, 65, 127, 128, 199])]
    wide = kw.Circuit(200, n_features=3, n_params=4)
    for op in small.ops:
        controls = {places[q]: value for q, value in op.controls}
        wide.append(op.gate, [places[q] for q in op.qubits], op.angle, controls)
    expected = small.compile(kw.State())(w, x)
    found = run_sparse(wide, w, x).state
    index = found.bits(places).astype(int) @ (1 << np.arange(7))
    state = np.zeros(128, dtype=complex)
    state[index] = found.amplitudes
    np.testing.assert_allclose(state, expected, atol=1e-13)
    others = [q for q in range(200) if q not in places]
    assert not found.bits(others).any()


def test_cancelled_amplitudes_are_dropped_and_counted():
    circuit = kw.Circuit(3)
    for _ in range(4):
        for q in range(3):
            circuit.h(q)
    run = run_sparse(circuit)
    assert run.state.n_terms == 1
    assert run.most_terms == 8
    assert 0 <= run.dropped < 1e-28
    assert run.terms[:4].tolist() == [1, 2, 4, 8]


def test_growth_that_does_not_fit_is_refused_before_it_happens(monkeypatch):
    monkeypatch.setattr(memory, "available_bytes", lambda: 20 << 20)
    circuit = kw.Circuit(100)
    for q in range(100):
        circuit.h(q)
    with pytest.raises(MemoryError, match=r"\d+ nonzero amplitudes on 100 qubits needs .* can be used; the largest"):
        run_sparse(circuit)


@pytest.mark.parametrize("n_qubits", [17, 90, 300])
@pytest.mark.parametrize("gate", ["h", "rx", "controlled"])
def test_the_peak_stays_below_what_was_counted(n_qubits, gate, monkeypatch):
    asked = []
    real = sparse_run.require_terms
    monkeypatch.setattr(sparse_run, "require_terms", lambda n, q: (asked.append((n, q)), real(n, q)))
    circuit, last = kw.Circuit(n_qubits), n_qubits - 1
    circuit.x(last)
    for k in range(16):
        q = k * (n_qubits // 17)
        if gate == "h":
            circuit.h(q)
        elif gate == "rx":
            circuit.rx(0.3, q)
        else:
            circuit.h(q, {last: 1})
    tracemalloc.start()
    run_sparse(circuit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    monkeypatch.undo()
    terms = max(n for n, _ in asked)
    needed = []
    monkeypatch.setattr(sparse, "require_count", lambda what, n, bytes_for: needed.append(bytes_for(n)))
    sparse.require_terms(terms, n_qubits)
    assert terms == 1 << 16
    assert needed[0] / 3 < peak < needed[0]


def test_a_state_of_many_qubits_has_no_dense_form():
    with pytest.raises(MemoryError, match="a state vector on 100 qubits needs"):
        SparseState.zero(100).dense()


def test_post_selection_overlap_amplitudes_and_probabilities():
    state = SparseState.of([[0, 0, 1], [1, 1, 0], [1, 0, 0]], [0.6, 0.48, 0.64j])
    probability, after = state.given({0: 1})
    assert probability == pytest.approx(0.64)
    np.testing.assert_allclose(sorted(np.abs(after.amplitudes)), [0.6, 0.8])
    assert state.given({0: 0, 1: 1}) == (0.0, None)
    bits, weights = state.probabilities([1])
    assert bits.tolist() == [[0], [1]]
    np.testing.assert_allclose(weights, [0.36 + 0.4096, 0.2304])
    other = SparseState.of([[1, 0, 0], [1, 1, 1]], [1j, 5.0])
    assert state.overlap(other) == pytest.approx(-0.64j * 1j)
    np.testing.assert_allclose(state.amplitudes_at([[1, 0, 0], [1, 1, 1], [0, 0, 1]]), [0.64j, 0, 0.6])


def test_equal_rows_add_and_keys_are_in_order():
    state = SparseState.of([[1, 1], [0, 1], [1, 1]], [0.5, 1.0, 0.25])
    assert state.keys.tolist() == [[2, 3]]
    assert state.amplitudes.tolist() == [1.0, 0.75]


@pytest.mark.parametrize("n_bits", [1, 7, 8, 9, 63, 64, 65, 128, 129])
def test_packing_round_trips(n_bits):
    table = np.random.default_rng(n_bits).integers(0, 2, (5, n_bits))
    keys = packed(table)
    assert keys.shape == (-(-n_bits // 64), 5)
    assert (unpacked(keys, range(n_bits)) == table).all()
    for row, key in zip(table, keys.T, strict=True):
        assert sum(int(word) << 64 * k for k, word in enumerate(key)) == sum(int(b) << q for q, b in enumerate(row))


def test_samples_follow_the_probabilities_and_the_seed():
    state = SparseState.of([[0] * 70, [1] * 70], [0.6, 0.8])
    drawn = state.sample(20_000, seed=4)
    assert drawn.shape == (20_000, 70)
    assert (drawn == drawn[:, :1]).all()
    assert drawn[:, 0].mean() == pytest.approx(0.64, abs=4 * np.sqrt(0.64 * 0.36 / 20_000))
    assert (state.sample(20_000, seed=4) == drawn).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: SparseState.of([[0, 2]], [1.0]), "bits must be 0 or 1"),
        (lambda: SparseState.of([0, 1], [1.0]), r"bits must have shape \(n_terms, n_qubits\), got \(2,\)"),
        (lambda: SparseState.of([[0, 1]], [1.0, 2.0]), r"amplitudes must have shape \(1,\), got \(2,\)"),
        (lambda: SparseState.zero(2).overlap(SparseState.zero(3)), "on 2 and on 3 qubits"),
        (lambda: SparseState.zero(2).bits([2]), "qubit 2 is out of range"),
        (lambda: run_sparse(kw.Circuit(2), initial=SparseState.zero(3)), "initial state has 3 qubits, the circuit 2"),
        (lambda: run_sparse(kw.Circuit(1).rx(kw.params(1)[0], 0)), "params is missing"),
        (lambda: run_sparse(kw.Circuit(1).rx(kw.params(1)[0], 0), [[0.1], [0.2]]), "one row of params"),
        (lambda: run_sparse(kw.Circuit(1).rx(kw.params(1)[0] ** 9, 0), [1e300]), "not finite"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
