"""The probabilistic memory: published numbers by every path, and properties of random memories."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.memory import (
    hamming_distances,
    probabilistic_recall,
    probabilistic_retrieval,
    probabilistic_simulation,
    probabilistic_storage,
    registers,
    storage_cost,
    stored_state,
    thermodynamics,
)
from ketwise.engine import memory as bytes_of_memory
from ketwise.engine.sparse_run import run_sparse

PATTERNS = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 0, 1, 0]])
PROBE = [0, 0, 0, 1]
#: Distances 1, 1, 3, 3 of 4 bits: P0 is the mean of cos(pi d / 8)**(2 b).
NEAR, FAR = (2 + math.sqrt(2)) / 4, (2 - math.sqrt(2)) / 4
#: b -> P0 and the posterior of a near and of a far pattern, to six digits.
KNOWN = {
    1: (0.5, 0.426777, 0.073223),
    2: (0.375, 0.485702, 0.014298),
    4: (0.265625, 0.499567, 0.000433),
}
EXACT = 1e-12


def dense_recall(patterns, probe, b, pattern_register):
    """Success and posterior from the native engine's state of the whole circuit."""
    n = len(probe)
    places = registers(n, n_controls=b, pattern_register=pattern_register)
    options = {"n_controls": b, "pattern_register": pattern_register}
    circuit = probabilistic_storage(patterns, **options) + probabilistic_retrieval(probe, **options)
    weight = np.abs(circuit.compile(kw.State())()) ** 2
    index = np.arange(len(weight))
    passed = np.all([(index >> q) & 1 == 0 for q in places.controls], axis=0)
    success = weight[passed].sum()
    numbers = np.asarray(patterns) @ (1 << np.arange(n))
    shares = np.array([weight[passed & (index % (1 << n) == number)].sum() for number in numbers])
    repeated = np.array([np.count_nonzero(numbers == number) for number in numbers])
    return success, shares / success / repeated


@pytest.mark.parametrize("b", KNOWN)
@pytest.mark.parametrize("path", ["closed form", "dense", "dense compact", "sparse", "sparse compact", "all controls"])
def test_the_known_numbers(path, b):
    if path == "closed form":
        success, posterior, repetitions = probabilistic_recall(PATTERNS, PROBE, n_controls=b)
        assert repetitions == pytest.approx(1 / success, abs=EXACT)
    elif path == "all controls":
        circuit = probabilistic_storage(PATTERNS, n_controls=b) + probabilistic_retrieval(PROBE, n_controls=b)
        state = run_sparse(circuit).state
        success, after = state.given(dict.fromkeys(registers(4, n_controls=b).controls, 0))
        places = np.zeros((4, state.n_qubits), dtype=int)
        places[:, :4] = PATTERNS
        posterior = np.abs(after.amplitudes_at(places)) ** 2
    elif path.startswith("sparse"):
        found = probabilistic_simulation(PATTERNS, PROBE, n_controls=b, pattern_register="compact" not in path)
        success, posterior = found.success, found.posterior
    else:
        success, posterior = dense_recall(PATTERNS, PROBE, b, "compact" not in path)
    given, near, far = KNOWN[b]
    assert success == pytest.approx(given, abs=EXACT)
    np.testing.assert_allclose(posterior, [near, near, far, far], atol=5e-7)
    exact = np.array([NEAR, NEAR, FAR, FAR]) ** b
    np.testing.assert_allclose(posterior, exact / exact.sum(), atol=EXACT)


def random_patterns(rng, n_bits, n_patterns):
    """Distinct where that many are."""
    count = min(n_patterns, 1 << n_bits)
    numbers = rng.choice(1 << n_bits, size=count, replace=False)
    return (numbers[:, None] >> np.arange(n_bits)) & 1


@pytest.mark.parametrize("seed", range(16))
@pytest.mark.parametrize("pattern_register", [True, False])
@pytest.mark.parametrize("toffoli", [True, False])
def test_storage_prepares_the_uniform_superposition(seed, pattern_register, toffoli):
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(1, 11)), int(rng.integers(1, 65))
    patterns = random_patterns(rng, n, p)
    circuit = probabilistic_storage(patterns, pattern_register=pattern_register, toffoli=toffoli)
    run = run_sparse(circuit)
    expected = stored_state(patterns, pattern_register=pattern_register)
    np.testing.assert_allclose(np.abs(expected.amplitudes) ** 2, 1 / len(patterns), atol=1e-15)
    assert run.state.overlap(expected) == pytest.approx(1, abs=EXACT)
    assert run.most_terms <= len(patterns) + 1
    assert not run.state.bits(range(n, circuit.n_qubits)).any()


@pytest.mark.parametrize(("n", "p"), [(1, 2), (2, 3), (5, 20), (8, 64), (10, 64)])
def test_storage_on_the_dense_engine(n, p):
    patterns = random_patterns(np.random.default_rng(n), n, p)
    expected = np.zeros(1 << n)
    expected[patterns @ (1 << np.arange(n))] = 1 / math.sqrt(p)
    for pattern_register in (False, True) if n <= 5 else (False,):
        state = probabilistic_storage(patterns, pattern_register=pattern_register).compile(kw.State())()
        assert np.vdot(expected, state[: 1 << n]) == pytest.approx(1, abs=EXACT)


def test_the_order_of_storage_does_not_matter():
    rng = np.random.default_rng(5)
    patterns = random_patterns(rng, 6, 20)
    first = run_sparse(probabilistic_storage(patterns)).state
    for _ in range(3):
        other = run_sparse(probabilistic_storage(rng.permutation(patterns))).state
        assert (other.keys == first.keys).all()
        np.testing.assert_allclose(other.amplitudes, first.amplitudes, atol=EXACT)


@pytest.mark.parametrize("pattern_register", [True, False])
def test_patterns_given_twice_count_twice(pattern_register):
    patterns = PATTERNS[[0, 1, 1, 2, 1, 3]]
    state = probabilistic_storage(patterns, pattern_register=pattern_register).compile(kw.State())()
    weights = np.bincount(patterns @ [1, 2, 4, 8], minlength=16) / 6
    np.testing.assert_allclose(np.abs(state[:16]) ** 2, weights, atol=EXACT)
    closed = probabilistic_recall(patterns, PROBE, n_controls=2)
    success, posterior = dense_recall(patterns, PROBE, 2, pattern_register)
    assert success == pytest.approx(closed.success, abs=EXACT)
    np.testing.assert_allclose(posterior, closed.posterior, atol=EXACT)
    simulated = probabilistic_simulation(patterns, PROBE, n_controls=2, pattern_register=pattern_register)
    np.testing.assert_allclose(simulated.posterior, closed.posterior, atol=EXACT)
    with pytest.raises(ValueError, match="pattern 2 equals pattern 1"):
        probabilistic_storage(patterns, strict=True)


@pytest.mark.parametrize("seed", range(12))
def test_random_recalls_agree_with_the_closed_form(seed):
    """Gate by gate and in closed form, with duplicates and unknown bits."""
    rng = np.random.default_rng(seed)
    n, p, b = int(rng.integers(1, 8)), int(rng.integers(1, 30)), int(rng.integers(1, 5))
    patterns = rng.integers(0, 2, (p, n))
    probe = rng.integers(0, 2, n).astype(float)
    probe[rng.random(n) < 0.3] = np.nan
    probe[0] = 1
    closed = probabilistic_recall(patterns, probe, n_controls=b)
    places = ~np.isnan(probe)
    distances = (patterns[:, places] != probe[places]).sum(axis=1)
    terms = np.where(distances == places.sum(), 0, np.cos(np.pi * distances / (2 * places.sum())) ** (2 * b))
    assert closed.success == pytest.approx(terms.mean(), abs=EXACT)
    for pattern_register in (True, False):
        found = probabilistic_simulation(patterns, probe, n_controls=b, pattern_register=pattern_register)
        assert found.success == pytest.approx(closed.success, abs=EXACT)
        np.testing.assert_allclose(found.posterior, closed.posterior, atol=EXACT)


def test_a_probe_opposite_to_every_pattern_has_an_answer():
    """P0 is exactly 0; the posterior is the memory, as for every probe at one distance from all patterns."""
    patterns = [[0, 1, 0], [0, 1, 0]]
    for found in (
        probabilistic_recall(patterns, [1, 0, 1], n_controls=3),
        probabilistic_simulation(patterns, [1, 0, 1], n_controls=3),
    ):
        assert found.success < 1e-30
        np.testing.assert_allclose(found.posterior, [0.5, 0.5])
    exact = probabilistic_recall(patterns, [[1, 0, 1], [0, 1, 0]])
    assert exact.success.tolist() == [0.0, 1.0]
    assert exact.repetitions.tolist() == [math.inf, 1.0]
    almost = probabilistic_recall(patterns, [1, 0, 0], n_controls=3)
    np.testing.assert_allclose(almost.posterior, [0.5, 0.5])


def test_many_controls_do_not_underflow():
    found = probabilistic_recall([[0, 0, 1], [0, 1, 1]], [1, 1, 0], n_controls=100_000)
    np.testing.assert_allclose(found.posterior, [0, 1], atol=1e-300)
    assert found.best == 1


def test_distances_agree_with_scipy():
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(3)
    for n in (1, 63, 64, 65, 784):
        patterns, probes = rng.integers(0, 2, (300, n)), rng.integers(0, 2, (501, n))
        expected = np.rint(cdist(probes, patterns, "hamming") * n)
        assert (hamming_distances(patterns, probes) == expected).all()


def test_the_temperature_is_that_of_a_boltzmann_distribution():
    distances = hamming_distances(PATTERNS, PROBE)
    for b in (1, 2, 4, 7.5):
        recalled = probabilistic_recall(PATTERNS, PROBE, temperature=1 / b)
        energies = -2 * np.log(np.cos(np.pi * distances / 8))
        weights = np.exp(-b * energies)
        np.testing.assert_allclose(recalled.posterior, weights / weights.sum(), atol=EXACT)
        found = thermodynamics(distances, 4, 1 / b)
        assert found.success == pytest.approx(recalled.success, abs=EXACT)
        assert found.free_energy == pytest.approx(found.energy - found.entropy / b, abs=EXACT)
        assert found.free_energy == pytest.approx(-np.log(weights.sum()) / b, abs=EXACT)
        # S = -dF/dT
        step = 1e-5
        upper, lower = (thermodynamics(distances, 4, 1 / b + d).free_energy for d in (step, -step))
        assert found.entropy == pytest.approx((lower - upper) / (2 * step), abs=1e-6)
    hot = thermodynamics(distances, 4, 1e9)
    assert hot.entropy == pytest.approx(math.log(4), abs=1e-6)
    assert thermodynamics([3, 3], 3, 1.0) == (math.inf, math.inf, pytest.approx(math.log(2)), 0.0)


@pytest.mark.parametrize("pattern_register", [True, False])
@pytest.mark.parametrize("toffoli", [True, False])
@pytest.mark.parametrize(("n", "p"), [(1, 2), (2, 4), (3, 5), (4, 7), (9, 12)])
def test_the_cost_is_that_of_the_circuit(n, p, pattern_register, toffoli):
    patterns = random_patterns(np.random.default_rng(p), n, p)
    options = {"pattern_register": pattern_register, "toffoli": toffoli}
    circuit, cost = probabilistic_storage(patterns, **options), storage_cost(patterns, **options)
    counts = circuit.counts()
    marks = counts["c" * n + "x"] if n > 2 and not toffoli else 0
    assert (cost.x, cost.cx, cost.ccx, cost.turns) == (counts["x"], counts["cx"], counts["ccx"], counts["cry"])
    assert cost.marks == marks
    assert cost.gates == len(circuit)
    assert cost.n_qubits == circuit.n_qubits
    assert cost.depth >= circuit.depth()
    if not toffoli:
        assert cost.depth == circuit.depth()
    written_out = storage_cost(patterns, pattern_register=pattern_register, toffoli=True)
    assert cost.cx_total == written_out.cx + 6 * written_out.ccx + 2 * written_out.turns


def test_the_cost_is_linear_in_patterns_times_bits():
    rng = np.random.default_rng(0)
    each = [
        storage_cost(rng.integers(0, 2, (p, n)), toffoli=True, pattern_register=register).gates / (p * n)
        for register in (True, False)
        for p, n in ((50, 32), (50, 512), (400, 64))
    ]
    assert max(each[:3]) < 16
    assert max(each[3:]) < 18


def test_five_hundred_patterns_of_64_bits_gate_by_gate():
    rng = np.random.default_rng(64)
    patterns = rng.integers(0, 2, (500, 64))
    run = run_sparse(probabilistic_storage(patterns, n_controls=1))
    assert abs(run.state.overlap(stored_state(patterns, n_controls=1))) ** 2 > 1 - EXACT
    assert run.most_terms <= 501
    probe = patterns[7].astype(float)
    probe[:9] = 1 - probe[:9]
    probe[40:] = np.nan
    found = probabilistic_simulation(patterns, probe, n_controls=6, memory=run.state)
    closed = probabilistic_recall(patterns, probe, n_controls=6)
    assert found.success == pytest.approx(closed.success, abs=EXACT)
    np.testing.assert_allclose(found.posterior, closed.posterior, atol=EXACT)


def test_ten_thousand_patterns_of_784_bits_in_closed_form():
    rng = np.random.default_rng(784)
    patterns = rng.integers(0, 2, (10_000, 784), dtype=np.uint8)
    probes = patterns[:20] ^ (rng.random((20, 784)) < 0.2)
    found = probabilistic_recall(patterns, probes, n_controls=200)
    assert found.best.tolist() == list(range(20))
    one = probabilistic_recall(patterns, probes[3], n_controls=200)
    assert (one.posterior == found.posterior[3]).all()
    assert one.success == found.success[3]


def test_what_does_not_fit_is_refused(monkeypatch):
    patterns = np.random.default_rng(0).integers(0, 2, (2000, 64))
    monkeypatch.setattr(bytes_of_memory, "available_bytes", lambda: 20 << 20)
    with pytest.raises(MemoryError, match=r"5000 probes needs .* the largest that fits is \d+ probes"):
        probabilistic_recall(patterns, np.zeros((5000, 64)))
    with pytest.raises(MemoryError, match=r"\d+ operations needs"):
        probabilistic_storage(patterns, pattern_register=False)
    with pytest.raises(MemoryError, match=r"5000 probes needs"):
        hamming_distances(patterns, np.zeros((5000, 64)))


@pytest.mark.parametrize(
    ("patterns", "probe", "message"),
    [
        ([], [0], "the memory is empty"),
        ([[0, 1], [1]], [0, 1], "patterns must all have the same length, got lengths 1 to 2"),
        ([[0, 2]], [0, 1], "patterns must be 0 or 1: row 0, column 1 is 2"),
        ([[0, -1]], [0, 1], "column 1 is -1"),
        ([[0.0, np.nan]], [0, 1], "column 1 is nan"),
        (["01"], [0, 1], r"write 0110 as \[0, 1, 1, 0\]"),
        ([0, 1], [0, 1], r"patterns must have shape \(n_patterns, n_bits\), got \(2,\)"),
        ([[0, 1]], [0, 1, 1], r"probes must have shape \(2,\) or \(n_probes, 2\), got \(3,\)"),
        ([[0, 1]], [0, 3], "probes must be 0, 1, or NaN for unknown: row 0, column 1 is 3"),
        ([[0, 1]], [None, np.nan], "nothing is known of probe 0"),
        ([[0, 1]], [[0, 1], [np.nan, np.nan]], "nothing is known of probe 1"),
    ],
)
def test_bad_patterns_and_probes_are_refused(patterns, probe, message):
    with pytest.raises(ValueError, match=message):
        probabilistic_recall(patterns, probe)
    if np.ndim(probe) == 1:
        with pytest.raises(ValueError, match=message):
            probabilistic_simulation(patterns, probe)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_controls": 0}, "n_controls must be a whole number of at least 1"),
        ({"temperature": 0.0}, "temperature must be above 0"),
        ({"temperature": 1.0, "n_controls": 1}, "not both"),
    ],
)
def test_bad_settings_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        probabilistic_recall([[0, 1]], [0, 1], **options)


def test_a_circuit_takes_one_probe():
    with pytest.raises(ValueError, match="one probe, got 2"):
        probabilistic_retrieval([[0, 1], [1, 1]], 2)
