"""The memory of Ventura and Martinez: storage, and recall by Grover iterations, by gates and by classes."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.memory import (
    from_integers,
    grover_best,
    grover_circuit,
    grover_read,
    grover_recall,
    ventura_martinez_storage,
)
from ketwise.engine.sparse_run import run_sparse

EXACT = 1e-12
PATTERNS = from_integers([0, 3, 6, 9, 12, 15], 4)
PROBE = [0, 1, 1, 0]  # 6


def state_after(patterns, probe, steps, modified):
    storage = ventura_martinez_storage(patterns)
    recall = grover_circuit(probe, steps, patterns=patterns, modified=modified, n_qubits=storage.n_qubits)
    n = len(probe)
    weight = np.abs((storage + recall).compile(kw.State())()) ** 2
    assert weight[1 << n :].sum() < EXACT
    return weight[: 1 << n]


def test_the_known_numbers_by_gates_and_by_classes():
    """Six patterns of four bits and the probe 0110; for the modified recall one step after the two special ones."""
    ordinary = [0.3750, 0.4401, 0.3009, 0.0880]
    np.testing.assert_allclose(grover_recall(PATTERNS, PROBE, 4).success[1:], ordinary, atol=5e-5)
    assert grover_recall(PATTERNS, PROBE, 3, modified=True).success[3] == pytest.approx(0.9902, abs=5e-5)
    by_gates = [state_after(PATTERNS, PROBE, k, False)[6] for k in range(1, 5)]
    np.testing.assert_allclose(by_gates, ordinary, atol=5e-5)
    assert state_after(PATTERNS, PROBE, 3, True)[6] == pytest.approx(0.9902, abs=5e-5)
    # By hand, in units of 1/sqrt(6): 1.5, then 2.25 after the special step, then 2.4375.
    by_hand = [1 / 6, 1.5**2 / 6, 2.25**2 / 6, 2.4375**2 / 6]
    np.testing.assert_allclose(grover_recall(PATTERNS, PROBE, 3, modified=True).success, by_hand, atol=EXACT)


@pytest.mark.parametrize(("n", "k", "expected"), [(4, 3, 0.961319), (6, 6, 0.996586)])
def test_a_memory_of_everything_is_grovers_search(n, k, expected):
    everything, probe = from_integers(range(1 << n), n), [1] * n
    exact = math.sin((2 * k + 1) * math.asin(math.sqrt(1 / (1 << n)))) ** 2
    assert exact == pytest.approx(expected, abs=5e-7)
    assert grover_recall(everything, probe, k).success[k] == pytest.approx(exact, abs=EXACT)
    assert state_after(everything, probe, k, False)[-1] == pytest.approx(exact, abs=EXACT)


@pytest.mark.parametrize("unknown", [0, 1, 3])
def test_several_matches_in_a_memory_of_everything(unknown):
    everything, probe = from_integers(range(64), 6), [None] * unknown + [0] * (6 - unknown)
    angle = math.asin(math.sqrt((1 << unknown) / 64))
    found = grover_recall(everything, probe, 9).success
    np.testing.assert_allclose(found, np.sin((2 * np.arange(10) + 1) * angle) ** 2, atol=EXACT)


def random_memory(rng, most_bits):
    n = int(rng.integers(1, most_bits + 1))
    patterns = rng.integers(0, 2, (int(rng.integers(1, 65)), n))
    probe = rng.integers(0, 2, n).astype(float)
    unknown = rng.random(n) < 0.4
    unknown[rng.integers(n)] = False
    probe[unknown] = np.nan
    return patterns, probe


@pytest.mark.parametrize("modified", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_classes_agree_with_gates(seed, modified):
    """With unknown bits, and with patterns that come several times."""
    patterns, probe = random_memory(np.random.default_rng(seed), 5)
    n = len(probe)
    numbers = patterns @ (1 << np.arange(n))
    strings = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1
    agrees = np.all(np.isnan(probe) | (strings == probe), axis=1)
    stored = np.isin(np.arange(1 << n), numbers)
    found = grover_recall(patterns, probe, 4, modified=modified)
    for k in range(5):
        weight = state_after(patterns, probe, k, modified)
        classes = [weight[a & b].sum() for a, b in ((stored, agrees), (stored, ~agrees), (~stored, agrees))]
        np.testing.assert_allclose([found.success[k], found.disagreeing[k], found.spurious[k]], classes, atol=EXACT)
    np.testing.assert_allclose(found.success + found.disagreeing + found.spurious + found.other, 1, atol=EXACT)
    repeated = np.array([np.count_nonzero(numbers == number) for number in numbers])
    np.testing.assert_allclose(found.posterior, weight[numbers] / repeated, atol=EXACT)


@pytest.mark.parametrize("seed", range(20))
def test_storage_prepares_the_superposition_in_any_order(seed):
    rng = np.random.default_rng(seed)
    n, p = int(rng.integers(1, 11)), int(rng.integers(1, 65))
    patterns = rng.integers(0, 2, (p, n))
    if seed % 2:
        patterns = np.unique(patterns, axis=0)
    shares = np.bincount(patterns @ (1 << np.arange(n)), minlength=1 << n) / len(patterns)
    for order in (np.arange(len(patterns)), rng.permutation(len(patterns))):
        circuit = ventura_martinez_storage(patterns[order], strict=bool(seed % 2))
        run = run_sparse(circuit)
        assert circuit.n_qubits == 2 * n + 1
        assert not run.state.bits(range(n, circuit.n_qubits)).any()
        amplitudes = np.zeros(1 << n, dtype=complex)
        amplitudes[run.state.bits(range(n)).astype(int) @ (1 << np.arange(n))] = run.state.amplitudes
        assert np.vdot(np.sqrt(shares), amplitudes) == pytest.approx(1, abs=EXACT)
        assert run.most_terms <= len(patterns) + 1


def test_the_storage_is_linear_in_patterns_times_bits():
    rng = np.random.default_rng(1)
    for p, n in ((20, 16), (20, 128), (200, 16)):
        patterns = rng.integers(0, 2, (p, n))
        counts = ventura_martinez_storage(patterns).counts()
        distinct = len(np.unique(patterns, axis=0))
        assert counts["ccx"] == 2 * (n - 1) * distinct
        assert counts["cry"] == distinct
        assert sum(counts.values()) <= (3 * n + 2) * distinct + 1


@pytest.mark.parametrize("modified", [False, True])
@pytest.mark.parametrize("seed", [*range(20), 2901, 2911, 2966, 2994])  # in the last four a minimum comes first
def test_the_best_step_is_the_first_maximum(seed, modified):
    """Before it, and for half a period from the start, nothing is higher."""
    patterns, probe = random_memory(np.random.default_rng(seed), 8)
    steps, success = grover_best(patterns, probe, modified=modified)
    start = 2 * modified
    half = math.floor(np.pi / (2 * math.asin(math.sqrt(0.5 ** np.count_nonzero(~np.isnan(probe))))))
    found = grover_recall(patterns, probe, max(steps + 2, half + start), modified=modified).success
    assert found[steps] == pytest.approx(success, abs=EXACT)
    assert found[start : steps + 2].max() <= success + 1e-8
    assert found[start : start + half + 1].max() <= success + 1e-8


def test_large_memories_are_followed_in_closed_form():
    """Sixty bits, half of them unknown: a billion agree and some 2**15 steps are the best."""
    rng = np.random.default_rng(60)
    patterns = rng.integers(0, 2, (300, 60))
    probe = patterns[0].astype(float)
    probe[30:] = np.nan
    steps, success = grover_best(patterns, probe)
    found = grover_recall(patterns, probe, 1000)
    assert success >= found.success.max() - EXACT
    assert found.success[0] == pytest.approx(1 / 300)
    np.testing.assert_allclose(found.success + found.disagreeing + found.spurious + found.other, 1, atol=1e-9)
    assert steps <= 2**16


@pytest.mark.parametrize("p", [1, 2, 5, 14])
def test_one_match_cannot_be_raised_above_what_the_page_says(p):
    patterns = from_integers(range(p), 4)
    bound = 1 / p + (p - 1) ** 2 / (p * 15)
    found = grover_recall(patterns, patterns[0], 200).success.max()
    assert bound - 0.05 < found <= bound + EXACT


def test_nothing_that_agrees_is_never_found():
    found = grover_recall([[0, 0, 0], [0, 1, 0]], [1, 1, 1], 5)
    assert not found.success.any()
    assert grover_best([[0, 0, 0], [0, 1, 0]], [1, 1, 1]) == (0, 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: grover_circuit([0, 1], 2, modified=True), "give patterns"),
        (lambda: grover_circuit([0, 1], 2, modified=True, patterns=[[0, 1, 1]]), "2 bits, the patterns have 3"),
        (lambda: grover_circuit([0, 1], -1), "iterations must be a whole number of at least 0"),
        (lambda: grover_circuit([None, None], 1), "nothing is known of probe 0"),
        (lambda: grover_circuit([0, 1], 1, n_qubits=1), "n_qubits must be a whole number of at least 2"),
        (lambda: grover_recall([], [0], 1), "the memory is empty"),
        (lambda: grover_recall([[0] * 1001], [0] * 1001, 1), "at most 1000 bits"),
        (lambda: grover_recall([[0, 1]], [0, 1, 1], 1), r"probes must have shape \(2,\)"),
        (lambda: ventura_martinez_storage([[0, 1], [0, 1]], strict=True), "pattern 1 equals pattern 0"),
        (lambda: from_integers([4], 2), "pattern 4 does not fit into 2 bits: the greatest is 3"),
        (lambda: from_integers([-1], 2), "at least 0"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("modified", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_what_is_read_after_any_number_of_steps_is_what_going_through_them_gives(seed, modified):
    patterns, probe = random_memory(np.random.default_rng(seed), 8)
    for steps in range(2 * modified, 12):
        there = grover_recall(patterns, probe, steps, modified=modified)
        found = grover_read(patterns, probe, steps, modified=modified)
        assert found.success == pytest.approx(there.success[-1], abs=EXACT)
        if found.success > EXACT:
            agrees = np.all(np.isnan(probe) | (patterns == probe), axis=1)
            expected = np.where(agrees, there.posterior, 0.0) / there.success[-1]
            np.testing.assert_allclose(found.posterior, expected, atol=1e-10)
        elif found.success == 0.0:
            np.testing.assert_array_equal(found.posterior, np.full(len(patterns), 1 / len(patterns)))


def test_where_nothing_stored_can_be_read_the_posterior_is_the_memory():
    """Of one bit and one pattern that agrees, a step moves all that there is to the string that was never stored."""
    found = grover_read([[1]], [1], 1)
    assert found.success == pytest.approx(0.0, abs=EXACT)
    np.testing.assert_array_equal(found.posterior, [1.0])


def test_default_steps_of_a_read_are_the_best():
    best, success = grover_best(PATTERNS, PROBE, modified=True)
    found = grover_read(PATTERNS, PROBE, modified=True)
    assert (found.iterations, found.success) == (best, success)
    with pytest.raises(ValueError, match="iterations must be a whole number of at least 2"):
        grover_read(PATTERNS, PROBE, 1, modified=True)
