"""Methods of the estimator against the circuits and closed forms that they stand for, and against each other."""

import math

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

import ketwise as kw
from ketwise.blocks.memory import hamming_distances, probabilistic_simulation, similarities
from ketwise.learning.memory.answers import Weighed, stored_rows
from ketwise.learning.memory.method import Method
from ketwise.learning.memory.methods import METHODS, method_of

PATTERNS = np.array([[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 0, 1, 0]], dtype=np.uint8)
PROBE = np.array([[0.0, 0.0, 0.0, 1.0]])
EXACT = 1e-12
WEIGHING = [name for name, method in METHODS.items() if method.weighs]


def answer(method, patterns, probes):
    method = method_of(method)
    return method.answer(method.store(patterns, 0), probes, 0)


def random_memory(seed, n_bits=9, n_patterns=7, unknown=0.3):
    rng = np.random.default_rng(seed)
    patterns = rng.integers(0, 2, (n_patterns, n_bits)).astype(np.uint8)
    probes = rng.integers(0, 2, (5, n_bits)).astype(float)
    probes[:, 1:][rng.random((5, n_bits - 1)) < unknown] = np.nan
    return patterns, probes


@pytest.mark.parametrize(("b", "success"), [(1, 0.5), (2, 0.375), (4, 0.265625)])
def test_the_probabilistic_memory_has_its_published_numbers(b, success):
    near = math.cos(math.pi / 8) ** (2 * b)
    found = answer(kw.memory.Probabilistic(n_controls=b), PATTERNS, PROBE)
    assert found.success[0] == pytest.approx(success, abs=EXACT)
    assert found.posterior[0, 0] == pytest.approx(near / (4 * success), abs=EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_the_probabilistic_memory_is_what_its_gates_give(seed):
    patterns, probes = random_memory(seed, n_bits=6)
    found = answer(kw.memory.Probabilistic(n_controls=3), patterns, probes)
    for k, probe in enumerate(probes):
        gates = probabilistic_simulation(patterns, probe, n_controls=3)
        assert found.success[k] == pytest.approx(gates.success, abs=EXACT)
        np.testing.assert_allclose(found.posterior[k], gates.posterior, atol=EXACT)


@pytest.mark.parametrize("seed", range(3))
def test_phases_are_a_product_of_qubits(seed):
    """The fidelity of rotations about Y, by the engine: ``cos((a - b) / 2)**2`` a qubit."""
    rng = np.random.default_rng(seed)
    patterns, probes = rng.integers(0, 2, (7, 5)).astype(np.uint8), rng.integers(0, 2, (4, 5)).astype(float)
    angle = kw.encodings.angle(5)
    overlaps = kw.kernels.fidelity(angle, 0.4 * np.pi * probes, 0.4 * np.pi * patterns)
    found = answer(kw.memory.Kernel(bandwidth=0.4, power=3), patterns, probes)
    np.testing.assert_allclose(found.success, (overlaps**3).mean(axis=1), atol=EXACT)
    np.testing.assert_allclose(found.posterior, overlaps**3 / (overlaps**3).sum(axis=1, keepdims=True), atol=EXACT)
    named = answer(kw.memory.Kernel("angle", bandwidth=0.4, power=3), patterns, probes)
    np.testing.assert_allclose(named.posterior, found.posterior, atol=EXACT)


def test_half_a_turn_a_bit_halves_the_fidelity_and_a_whole_one_ends_it():
    distances = hamming_distances(PATTERNS, PROBE)
    found = answer(kw.memory.Kernel(power=1), PATTERNS, PROBE)
    np.testing.assert_allclose(found.posterior, 0.5**distances / (0.5**distances).sum(), atol=EXACT)
    whole = answer(kw.memory.Kernel(power=1, bandwidth=1.0), PATTERNS, PATTERNS.astype(float))
    np.testing.assert_allclose(whole.posterior, np.eye(4), atol=EXACT)
    none = answer(kw.memory.Kernel(power=1, bandwidth=1.0), PATTERNS, PROBE)
    assert none.success[0] == 0.0
    np.testing.assert_array_equal(none.posterior, np.full((1, 4), 0.25))


def test_a_softmax_of_fidelities():
    fidelities = 0.5 ** hamming_distances(PATTERNS, PROBE)
    weights = np.exp(5 * fidelities)
    found = answer(kw.memory.Kernel(beta=5.0), PATTERNS, PROBE)
    np.testing.assert_allclose(found.posterior, weights / weights.sum(), atol=EXACT)
    assert found.success.tolist() == [1.0]


def test_real_rows_are_amplitudes_or_phases():
    rng = np.random.default_rng(0)
    patterns, probes = rng.normal(size=(6, 4)), rng.normal(size=(3, 4))
    found = answer(kw.memory.Amplitude(copies=2), patterns, probes)
    passed = ((1 + similarities(patterns, probes)) / 2) ** 2
    np.testing.assert_allclose(found.success, passed.mean(axis=1), atol=EXACT)
    low, width = patterns.min(axis=0), np.ptp(patterns, axis=0)
    inside = np.clip((probes - low) / width, 0, 1)
    product = np.array([[np.prod(np.cos(np.pi / 4 * (a - (b - low) / width)) ** 2) for b in patterns] for a in inside])
    found = answer(kw.memory.Kernel(power=1), patterns, probes)
    np.testing.assert_allclose(found.success, product.mean(axis=1), atol=EXACT)
    gap = probes.copy()
    gap[:, 2] = np.nan
    product = np.array(
        [[np.prod((np.cos(np.pi / 4 * (a - (b - low) / width)) ** 2)[[0, 1, 3]]) for b in patterns] for a in inside]
    )
    found = answer(kw.memory.Kernel(power=1), patterns, gap)
    np.testing.assert_allclose(found.success, product.mean(axis=1), atol=EXACT)


def test_bits_as_amplitudes_fall_with_the_distance_alone():
    """With the constant the fidelity at distance d of n known bits is ``(1 - d / n)**2`` for a probe without gaps."""
    patterns, probes = random_memory(1, unknown=0.0)
    distances = hamming_distances(patterns, probes)
    expected = ((1 + (1 - distances / 9) ** 2) / 2) ** 16
    found = answer("amplitude", patterns, probes)
    np.testing.assert_allclose(found.success, expected.mean(axis=1), atol=EXACT)
    assert answer("amplitude", PATTERNS, PATTERNS.astype(float)).posterior.argmax(axis=1).tolist() == [0, 1, 2, 3]


def test_bits_with_gaps_are_the_amplitudes_that_are_said():
    """-1 and 1 for bits, 0 for what is unknown, and a constant as long as all that is known: rows of real numbers."""
    patterns, probes = random_memory(2, unknown=0.4)
    rows = np.column_stack([2.0 * patterns - 1.0, np.full(len(patterns), 3.0)])
    known = ~np.isnan(probes)
    given = np.column_stack([np.where(known, 2.0 * np.nan_to_num(probes) - 1.0, 0.0), np.sqrt(known.sum(axis=1))])
    expected = kw.memory.amplitude_recall(rows, given, copies=5)
    found = answer(kw.memory.Amplitude(copies=5), patterns, probes)
    np.testing.assert_allclose(found.success, expected.success, atol=EXACT)
    np.testing.assert_allclose(found.posterior, expected.posterior, atol=EXACT)


@pytest.mark.parametrize(("n_patterns", "b"), [(1, 1), (2, 2), (5, 6), (8, 6), (9, 8)])
def test_by_default_there_are_twice_as_many_controls_as_the_number_of_patterns_has_bits(n_patterns, b):
    patterns, probes = random_memory(3, n_patterns=n_patterns)
    default, named = (answer(kw.memory.Probabilistic(n_controls=c), patterns, probes) for c in (None, b))
    np.testing.assert_array_equal(default.posterior, named.posterior)
    assert METHODS["probabilistic"].cost(patterns).n_qubits == 9 + 2 + b


@pytest.mark.parametrize("name", ["probabilistic", "kernel", "amplitude"])
@pytest.mark.parametrize("seed", range(5))
def test_what_weighs_by_distances_has_the_nearest_as_its_likeliest(name, seed):
    patterns, probes = random_memory(seed, n_bits=20, n_patterns=30)
    nearest = answer("nearest", patterns, probes).posterior > 0
    found = answer(name, patterns, probes).posterior
    np.testing.assert_array_equal(np.isclose(found, found.max(axis=1, keepdims=True), rtol=1e-9), nearest)


@pytest.mark.parametrize("name", WEIGHING)
def test_weights_add_up_to_one_and_equal_rows_share_theirs(name):
    patterns, probes = random_memory(4)
    patterns[3] = patterns[0]
    found = answer(name, patterns, probes)
    assert isinstance(found, Weighed)
    np.testing.assert_allclose(found.posterior.sum(axis=1), 1.0, atol=EXACT)
    np.testing.assert_allclose(found.posterior[:, 3], found.posterior[:, 0], atol=EXACT)
    assert ((found.success >= 0) & (found.success <= 1)).all()


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_one_says_what_a_device_does_and_counts(name):
    method = METHODS[name]
    assert isinstance(method, Method)
    cost = method.cost(PATTERNS)
    assert cost.device
    assert cost.operations > 0
    assert (cost.n_qubits > 0) == method.quantum
    assert method == type(method)(**vars(method))


def test_costs_of_storage_are_those_of_the_circuit():
    circuit = kw.memory.probabilistic_storage(PATTERNS, pattern_register=False, toffoli=True)
    retrieval = kw.memory.probabilistic_retrieval(np.ones(4), n_controls=3, pattern_register=False)
    cost = kw.memory.Probabilistic(n_controls=3).cost(PATTERNS)
    assert cost.storage_gates == len(circuit)
    assert max(len(op.support) for op in circuit.ops) <= 3
    assert circuit.depth() <= cost.storage_depth <= 2 * circuit.depth()
    assert cost.n_qubits == retrieval.n_qubits
    # A probe of ones needs none of the NOTs that are counted for one of zeros.
    assert cost.recall_gates == len(retrieval) + 2 * 4
    steps = kw.memory.grover_best(PATTERNS, PATTERNS[0], modified=True)[0]
    recall = kw.memory.grover_circuit(PATTERNS[0], steps, patterns=PATTERNS, modified=True)
    assert kw.memory.Grover(modified=True).cost(PATTERNS).recall_gates >= len(recall)


def test_neighbours_are_those_of_scikit_learn_where_no_distances_tie():
    patterns = np.tri(9, 8, -1, dtype=np.uint8)  # pattern k has k ones: distances from nothing are 0, 1, 2, ...
    y = np.array([0, 1, 1, 0, 1, 0, 0, 1, 1])
    for k in (1, 3, 6, 9, 20):
        found = kw.AssociativeMemoryClassifier(kw.memory.Nearest(k)).fit(patterns, y).predict_proba(np.zeros((1, 8)))
        theirs = KNeighborsClassifier(min(k, 9), metric="hamming").fit(patterns, y).predict_proba(np.zeros((1, 8)))
        np.testing.assert_allclose(found, theirs, rtol=1e-12)


def test_neighbours_at_one_distance_count_alike_in_any_order():
    patterns = np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 1]], dtype=np.uint8)
    for order in (np.arange(5), np.arange(5)[::-1]):
        posterior = kw.memory.Nearest(2).answer(patterns[order], np.zeros((1, 3)), 0).posterior[0]
        assert posterior[np.argsort(order)].tolist() == [0.25, 0.25, 0.25, 0.25, 0.0]
    assert kw.memory.Nearest().cost(patterns).n_qubits == 0


def test_rows_are_found_by_their_bits():
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 2, (40, 70)).astype(np.uint8)
    stored[7] = stored[3]
    bits = np.concatenate([stored[[7, 20]], 1 - stored[:1]])
    assert stored_rows(bits, stored).tolist() == [3, 20, -1]


@pytest.mark.parametrize(
    ("method", "error", "message"),
    [
        ("hopfeild", ValueError, "method must be one of probabilistic, grover"),
        (kw.memory.Probabilistic, TypeError, "a name or a value such as kw.memory.Probabilistic()"),
        (3, TypeError, "got 3"),
    ],
)
def test_what_is_no_method_is_named(method, error, message):
    with pytest.raises(error, match=message):
        kw.AssociativeMemory(method).fit(PATTERNS)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (kw.memory.Probabilistic(n_controls=0), "n_controls must be a whole number of at least 1"),
        (kw.memory.Probabilistic(n_controls=1, temperature=1.0), "not both"),
        (kw.memory.Probabilistic(temperature=-1.0), "temperature must be above 0"),
        (kw.memory.Grover(modified=True, iterations=1), "iterations must be a whole number of at least 2"),
        (kw.memory.Amplitude(copies=0), "copies must be a whole number of at least 1"),
        (kw.memory.Kernel(power=1.0, beta=1.0), "one of the two"),
        (kw.memory.Kernel(power=0.0), "power must be above 0"),
        (kw.memory.Kernel(bandwidth=0.0), "bandwidth must be positive"),
        (kw.memory.Kernel("fourier"), "must be one of"),
        (kw.memory.Kernel(kw.encodings.iqp(3)), "takes 3 features, the patterns have 4 columns"),
        (kw.memory.Hopfield("storkey"), "rule"),
        (kw.memory.Dense(beta=1.0, power=2.0), "beta"),
        (kw.memory.Nearest(0), "n_neighbors must be a whole number of at least 1"),
    ],
)
def test_bad_settings_are_named(method, message):
    with pytest.raises(ValueError, match=message):
        kw.AssociativeMemory(method).fit(PATTERNS).recall(PROBE)


def test_an_encoding_with_a_qubit_a_column_is_for_few_columns_that_are_all_known():
    with pytest.raises(ValueError, match="encoding='iqp' takes a qubit for each of 11 columns.*use encoding='phase'"):
        kw.AssociativeMemory(kw.memory.Kernel("iqp")).fit(np.eye(11))
    memory = kw.AssociativeMemory(kw.memory.Kernel("iqp")).fit(PATTERNS)
    with pytest.raises(ValueError, match="row 0, column 2 is unknown; only encoding='phase' leaves a column aside"):
        memory.recall([[0, 1, None, 1]])
