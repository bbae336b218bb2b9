"""Every width and size at which the engine changes its way, against the NumPy oracle, at the promised precision.

Groups of a pass go block by block from 12 qubits on, factors of phases are tabled up to 14, states are kept for the
reverse sweep while they fit into a core's share of the last cache, tiles are summed in blocks.
"""

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import instruction_sets
from ketwise.program.program import Program
from ketwise.words.outputs import as_outputs

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")

UNIT = {"complex128": 1e-12, "complex64": 5e-6}


def random_layers(rng, n_qubits: int, n_layers: int) -> kw.Circuit:
    """Rotations of every kind, shared and by sample in the same passes, phases with and without controls.

    Each angle is one symbol, so that its derivative is at most the 1-norm of what is measured.
    """
    x, w = kw.features(8), kw.params(12)
    circuit = kw.Circuit(n_qubits, n_features=8, n_params=12)

    def angle(part: float):
        return x[int(rng.integers(8))] if rng.random() < part else w[int(rng.integers(12))]

    for layer in range(n_layers):
        part = (0.3, 0.0, 0.15)[layer % 3]
        for q in range(n_qubits):
            (circuit.ry, circuit.rx)[int(rng.integers(2))](angle(part), q)
        for q in range(n_qubits):
            if rng.random() < 0.5:
                circuit.rz(angle(part), q)
            elif rng.random() < 0.5:
                (circuit.s, circuit.t, circuit.h)[int(rng.integers(3))](q)
        for _ in range(3 if n_qubits > 2 else 1):
            a, b, *rest = (int(q) for q in rng.permutation(n_qubits))
            circuit.rzz(angle(part), a, b).cp(angle(part), b, a).cx(a, b)
            if rest:
                circuit.z(a, {b: 1, rest[0]: 0}).crx(angle(part), rest[0], a)
                circuit.rotation(kw.Y(a) * kw.X(b) * kw.Z(rest[0]), angle(part))
                circuit.rotation(kw.Z(a) * kw.Z(b), angle(part), {rest[0]: 0})
    return circuit


def observables(n_qubits: int):
    """One diagonal, one flipping, and a sum of both with a 1-norm of 6."""
    last = n_qubits - 1
    word = kw.X(0) * kw.Y(last) if last else kw.X(0)
    return [kw.Z(last), 2.5 * word - 1.5 * kw.Z(0) + 2 * kw.identity(), kw.Y(n_qubits // 2)]


def check(circuit, outputs, params, features, initial=None, *, dtype="complex128"):
    """Values, and gradients of the fused sweep and of one from kept final states, against the oracle's."""
    native = circuit.compile(outputs, dtype=dtype)
    oracle = circuit.compile(outputs, backend=kw.Reference())
    expected, expected_residual = oracle.forward(params, features, initial)
    norms = np.array([o.norm1() for o in native.outputs.observables])
    weights = np.random.default_rng(0).normal(size=expected.shape)
    slopes = oracle.backward(expected_residual, weights)
    values, residual = native.forward(params, features, initial)
    fused = native.vjp(params, features, weights, initial)
    np.testing.assert_array_equal(fused[0], values)
    assert np.all(np.abs(values - expected) <= UNIT[dtype] * np.maximum(1, norms))
    # A symbol stands in some rotations, a shared one in those of every sample.
    most = UNIT[dtype] * (np.abs(weights) @ norms).sum() * max(4, len(circuit.ops) / 8)
    for found in (fused[1:], native.backward(residual, weights)):
        for mine, other in zip(found, slopes, strict=False):  # the fused sweep has none by the first state
            assert (mine is None) == (other is None)
            if mine is not None:
                np.testing.assert_allclose(mine, other, rtol=0, atol=most)
    return native


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("n_qubits", [2, 5, 6, 11, 12, 13, 14, 15])
def test_widths(n_qubits, dtype):
    rng = np.random.default_rng(n_qubits)
    circuit = random_layers(rng, n_qubits, 3)
    params, features = rng.uniform(-4, 4, 12), rng.uniform(-4, 4, (3, 8))
    check(circuit, observables(n_qubits), params, features, dtype=dtype)


@pytest.mark.parametrize("n_qubits", [12, 15])
def test_widths_from_a_given_state(n_qubits):
    """The reverse sweep goes to the first state, and takes it and the places in it for what they are."""
    rng = np.random.default_rng(n_qubits)
    initial = rng.normal(size=(2, 1 << n_qubits)) + 1j * rng.normal(size=(2, 1 << n_qubits))
    initial /= np.linalg.norm(initial, axis=1, keepdims=True)
    params, features = rng.uniform(-4, 4, 12), rng.uniform(-4, 4, (2, 8))
    check(random_layers(rng, n_qubits, 2), observables(n_qubits), params, features, initial)


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("n_qubits", [14, 15])
def test_shared_phases_on_either_side_of_the_tables(n_qubits, dtype):
    """All angles shared: phases take up the scale that rotations left out, from a table or one made for each tile."""
    w = kw.params(3)
    circuit = kw.Circuit(n_qubits)
    for layer in range(2):
        for q in range(n_qubits):
            circuit.rx(w[0] if q % 2 else w[1], q)
        circuit.cz(0, n_qubits - 1).s(1).t(2).crz(w[2], 3, 4)
        for q in range(layer, n_qubits - 1):
            circuit.rzz(w[2], q, q + 1)
    for q in range(n_qubits):
        circuit.ry(w[1], q)
    check(circuit, observables(n_qubits), np.array([1.1, -0.8, 0.6]), np.zeros((1, 0)), dtype=dtype)


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("n_qubits", [10, 12])
def test_states_are_kept_up_to_a_number_of_passes(n_qubits, dtype):
    """One layer more at a time: read back up to a number of states, undone from there on."""
    rng, seen = np.random.default_rng(n_qubits), []
    for n_layers in range(1, 6) if n_qubits == 12 else (3, 9, 20):
        circuit = random_layers(rng, n_qubits, 1)
        circuit = sum((random_layers(rng, n_qubits, 1) for _ in range(n_layers - 1)), circuit)
        params, features = rng.uniform(-3, 3, 12), rng.uniform(-3, 3, (2, 8))
        program = check(circuit, observables(n_qubits), params, features, dtype=dtype)
        seen.append(program._plan.keeps)
    assert set(seen) == {True, False}


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("batch", [1, 7, 8, 9, 15, 16, 17, 33])
@pytest.mark.parametrize("n_qubits", [1, 2, 3, 4])
def test_shared_and_own_angles_meet_in_one_pass_whatever_the_batch(n_qubits, batch, dtype):
    """Of rotations, of phases with and without controls; with phases first, last, and twice in a row."""
    x, w = kw.features(2), kw.params(3)
    circuit = kw.Circuit(n_qubits, n_features=2, n_params=3)
    for layer in range(2):
        for q in range(n_qubits):
            circuit.ry(w[q % 3] if (q + layer) % 2 else x[q % 2], q).h(q).rx(w[(q + 1) % 3], q)
        for q in range(n_qubits - 1):
            circuit.cp(w[2], q, q + 1).rzz(x[1], q, q + 1).cz(q, q + 1).cp(x[0], q + 1, q)
            circuit.cry(x[0] if layer else w[0], q, q + 1)
        circuit.rz(w[1], 0).rz(x[0], 0).rx(x[1], n_qubits - 1).rx(w[2], n_qubits - 1)
    rng = np.random.default_rng(batch)
    params, features = rng.uniform(-3, 3, 3), rng.uniform(-3, 3, (batch, 2))
    check(circuit, observables(n_qubits), params, features, dtype=dtype)


@pytest.mark.parametrize("n_terms", range(1, 9))
def test_any_number_of_rotations_in_a_pass(n_terms):
    """Three go together, or two; four are two and two: real and imaginary ones, on flips that overlap after CX."""
    w = kw.params(2 * n_terms)
    circuit = kw.Circuit(8)
    for q in range(7):
        circuit.h(q).cx(q, q + 1)
    for k in range(n_terms):
        circuit.ry(w[k], k)
    circuit.cz(0, 7).rz(w[0], 3)
    for k in range(n_terms):
        circuit.rx(w[n_terms + k], 7 - k)
    params = np.random.default_rng(n_terms).uniform(-3, 3, 2 * n_terms)
    check(circuit, [kw.Z(q) for q in range(8)] + [kw.X(0)], params, np.zeros((1, 0)))


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize(("n_qubits", "batch"), [(3, 1), (3, 19), (7, 1), (7, 19), (12, 9), (15, 1)])
@pytest.mark.parametrize("kind", ["fixed", "shared", "own"])
def test_words_that_flip_the_same(kind, n_qubits, batch, dtype):
    """All fixed, with a shared angle among them, or one of each sample; with controls; real and imaginary; twice."""
    x, w = kw.features(2), kw.params(2)
    circuit = kw.Circuit(n_qubits, n_features=2, n_params=2)
    symbols = {"fixed": [], "shared": [w[0], w[1]], "own": [x[0], w[1]]}[kind]
    real = np.array([[0.8, -0.6], [0.6, 0.8]])
    for q in range(n_qubits):
        circuit.ry(w[0], q)
    for layer in range(2):
        for a, b in ((0, 1), (n_qubits - 1, 1)):
            circuit.unitary(real, b).cx(a, b).unitary(real, b)  # as Y on b, and as Y on b times Z on a
            for angle in symbols:
                circuit.rxx(angle, a, b).ryy(angle, a, b).rx(angle, b, {a: layer}).ry(angle, a, {b: 1})
            circuit.z(a).h(a).cx(b, a).z(a).h(a)
        circuit.rz(w[1], 1).cz(0, 2)
    rng = np.random.default_rng(n_qubits)
    params, features = rng.uniform(-3, 3, 2), rng.uniform(-3, 3, (batch, 2))
    program = check(circuit, observables(n_qubits), params, features, dtype=dtype)
    assert "flips" in {cost.kind for cost in program._plan.costs()}


@pytest.mark.parametrize("dtype", UNIT)
@pytest.mark.parametrize("flips", [False, True])
@pytest.mark.parametrize(("n_qubits", "counts"), [(1, (1, 2)), (6, (3, 30)), (7, (2, 9, 40)), (9, (1, 13, 16, 19, 60))])
def test_factors_by_sample_come_from_any_number_of_tables(n_qubits, counts, flips, dtype):
    """One table of all places, products of two to four, none; with fixed and controlled phases, and words that flip."""
    rng = np.random.default_rng(n_qubits)
    x, w = kw.features(3), kw.params(2)
    for n_words in counts:
        circuit = kw.Circuit(n_qubits, n_features=3, n_params=2)
        for q in range(n_qubits):
            circuit.ry(w[q % 2], q)
        for k in range(n_words):
            qubits = [int(q) for q in np.flatnonzero(rng.random(n_qubits) < 0.4)] or [k % n_qubits]
            word = kw.identity()
            for q in qubits:
                word = word * (kw.X(q) if flips and q == qubits[0] else kw.Z(q))
            controls = {q: 0 for q in range(n_qubits) if q not in qubits} if k == 5 else {}
            circuit.rotation(word, x[k % 3] if k % 4 else w[0], dict(list(controls.items())[:2]))
        if not flips:
            circuit.s(0)
            if n_qubits > 1:
                circuit.cz(0, n_qubits - 1)
        for q in range(n_qubits):
            circuit.rx(w[1], q)
        params, features = rng.uniform(-3, 3, 2), rng.uniform(-3, 3, (9, 3))
        check(circuit, observables(n_qubits), params, features, dtype=dtype)


def test_tables_by_sample_are_made_again_where_all_are_too_many_to_keep():
    """280 passes with 32 rows of 128 bytes each are more than a MiB: each pass makes its own again."""
    x, w = kw.features(2), kw.params(1)
    circuit = kw.Circuit(8, n_features=2, n_params=1)
    for layer in range(280):
        for q in range(8):
            circuit.ry(w[0], q).rz(x[(layer + q) % 2], q)
    rng = np.random.default_rng(5)
    program = check(circuit, observables(8), np.array([0.3]), rng.uniform(-0.1, 0.1, (2, 2)))
    assert len(program._plan.costs()) == 560


@pytest.mark.parametrize("dtype", UNIT)
def test_the_planner_leaves_no_single_qubit_matrix(dtype):
    """A matrix on one qubit is phases and a rotation, also where it holds zeros and where its qubit was flipped."""
    rng = np.random.default_rng(2)
    matrices = [np.linalg.qr(rng.normal(size=(2, 2)) + 1j * rng.normal(size=(2, 2)))[0] for _ in range(4)]
    matrices += [np.diag([1j, -1]), np.array([[0, 1j], [1, 0]]), np.array([[1, 1], [1, -1]]) / np.sqrt(2)]
    circuit = kw.Circuit(3).h(0).cx(0, 1).x(1).cx(1, 2)
    for k, matrix in enumerate(matrices):
        circuit.unitary(matrix, k % 3).cx(k % 3, (k + 1) % 3)
    outputs = as_outputs(kw.State())
    program = Program(circuit, outputs, kw.Native(), np.dtype(dtype))
    assert {cost.kind for cost in program._plan.costs()} == {"rotations", "phases"}
    expected = circuit.compile(kw.State(), backend=kw.Reference())()
    np.testing.assert_allclose(program(), expected, rtol=0, atol=UNIT[dtype])


@pytest.mark.parametrize("isa", instruction_sets())
@pytest.mark.parametrize("n_qubits", [3, 7, 12, 13])
def test_single_precision_keeps_its_digits_over_many_equal_terms(n_qubits, isa):
    """Terms of one size, each rounded the same way: summed one by one in float32 they would lose four digits."""
    w = kw.params(3)
    circuit = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.h(q)
    circuit.rz(w[0], 0).rx(w[1], n_qubits - 1).rotation(kw.Y(n_qubits - 1) * kw.Z(1), w[2])
    outputs = [kw.Y(0), kw.X(n_qubits - 1), kw.Z(n_qubits - 1), kw.Z(1) * kw.Z(n_qubits - 1)]
    params = np.array([0.7, 0.4, 1.1])
    single = circuit.compile(outputs, dtype="complex64", backend=kw.Native(isa))
    oracle = circuit.compile(outputs, backend=kw.Reference())
    np.testing.assert_allclose(single(params), oracle(params), rtol=0, atol=1e-6)
    np.testing.assert_allclose(single.jacobian(params), oracle.jacobian(params), rtol=0, atol=1e-6)
