"""The memory as an estimator: what it recalls, how it grows, what it refuses."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.datasets import load_digits
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

import ketwise as kw
from ketwise.engine import memory as bytes_of_memory
from ketwise.learning.memory.methods import METHODS

PATTERNS = [[0, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1], [1, 0, 1, 0]]
PROBE = [[0, 0, 0, 1]]


@parametrize_with_checks([kw.AssociativeMemory(), kw.AssociativeMemory("dense"), kw.AssociativeMemory("kernel")])
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


@pytest.fixture(params=METHODS)
def name(request):
    return request.param


def test_stored_patterns_are_recalled(name):
    """Few random patterns, that every method can hold."""
    patterns = np.random.default_rng(3).integers(0, 2, (2, 10))
    memory = kw.AssociativeMemory(name, random_state=0).fit(patterns)
    found = memory.recall(patterns)
    np.testing.assert_array_equal(found.patterns, patterns)
    np.testing.assert_array_equal(found.rows, [0, 1])
    assert ((found.probabilities > 0) & (found.probabilities <= 1 + 1e-12)).all()
    assert memory.score(patterns) == 1.0


def test_missing_bits_are_completed(name):
    patterns = np.random.default_rng(3).integers(0, 2, (2, 10))
    probes = patterns.astype(float)
    probes[:, ::3] = np.nan
    memory = kw.AssociativeMemory(name, random_state=0).fit(patterns)
    assert memory.score(probes, patterns) == 1.0


def test_the_order_of_storage_does_not_matter(name):
    rng = np.random.default_rng(5)
    patterns = rng.integers(0, 2, (3, 8))
    probes = patterns.astype(float)
    probes[:, 2:4] = np.nan
    order = [2, 0, 1]
    there = kw.AssociativeMemory(name, random_state=0).fit(patterns).distribution(probes)
    back = kw.AssociativeMemory(name, random_state=0).fit(patterns[order]).distribution(probes)
    if METHODS[name].trains:  # another order of training samples is another training
        np.testing.assert_array_equal(back.argmax(axis=1), np.argsort(order)[there.argmax(axis=1)])
    else:
        np.testing.assert_allclose(back, there[:, order], atol=1e-12)


def test_one_more_pattern_is_as_if_it_had_been_there_from_the_start(name):
    rng = np.random.default_rng(6)
    patterns = rng.normal(size=(3, 7))
    whole = kw.AssociativeMemory(name, random_state=0).fit(patterns)
    grown = kw.AssociativeMemory(name, random_state=0).partial_fit(patterns[:1])
    for pattern in patterns[1:]:
        grown.partial_fit([pattern])
    for one, two in zip(whole.recall(patterns), grown.recall(patterns), strict=True):
        np.testing.assert_array_equal(one, two)


def test_a_probe_does_not_depend_on_the_others(name):
    rng = np.random.default_rng(7)
    patterns, probes = rng.integers(0, 2, (4, 9)), rng.integers(0, 2, (6, 9))
    memory = kw.AssociativeMemory(name, random_state=0).fit(patterns)
    together, backwards = memory.recall(probes), memory.recall(probes[::-1])
    for k, whole in enumerate(together):
        np.testing.assert_array_equal(backwards[k][::-1], whole)
        alone = np.concatenate([memory.recall(probe[np.newaxis])[k] for probe in probes])
        np.testing.assert_array_equal(alone, whole)
    np.testing.assert_array_equal(
        np.concatenate([memory.bit_probabilities(probe[np.newaxis]) for probe in probes]),
        memory.bit_probabilities(probes),
    )


def test_known_numbers():
    found = kw.AssociativeMemory(kw.memory.Probabilistic(n_controls=2)).fit(PATTERNS).recall(PROBE)
    assert found.success[0] == pytest.approx(0.375, abs=1e-12)
    assert found.repetitions[0] == pytest.approx(8 / 3, abs=1e-11)
    assert found.probabilities[0] == pytest.approx(0.485702, abs=5e-7)
    assert found.patterns.tolist() == [[0, 0, 0, 0]]


def test_equal_patterns_count_together_unless_refused():
    patterns = [*PATTERNS, PATTERNS[1]]
    memory = kw.AssociativeMemory(kw.memory.Probabilistic(n_controls=2)).fit(patterns)
    shares = memory.distribution([PATTERNS[1]])[0]
    found = memory.recall([PATTERNS[1]])
    assert shares[1] == shares[4]
    assert found.probabilities[0] == pytest.approx(shares[1] + shares[4], abs=1e-15)
    assert found.rows.tolist() == [1]
    with pytest.raises(ValueError, match="pattern 4 equals pattern 1"):
        kw.AssociativeMemory(strict=True).fit(patterns)
    # Of two that are as near the one that was given twice is read twice as often, and explains the probe no better.
    twice = kw.AssociativeMemory().fit([[1, 0], [0, 1], [0, 1]])
    assert twice.recall([[1, 1]]).rows.tolist() == [0]
    np.testing.assert_allclose(twice.distribution([[1, 1]]), 1 / 3)
    np.testing.assert_allclose(twice.recall([[1, 1]]).probabilities, 1 / 3)


def test_patterns_come_back_as_they_were_given():
    """Grey levels are stored black and white, and the stored image is recalled with its grey."""
    images = load_digits().data[:20]
    memory = kw.AssociativeMemory().fit(images)
    broken = images.copy()
    broken[:, 40:] = np.nan
    np.testing.assert_array_equal(memory.recall(broken).patterns, images)
    assert kw.AssociativeMemory("hopfield").fit([[-1, 1, 1], [1, 1, -1]]).recall([[-1, 1, 1]]).patterns.min() == -1


def test_what_was_never_stored_is_marked():
    """The complement of a stored pattern is an attractor of a Hopfield network, and no row of the memory."""
    pattern = np.random.default_rng(0).integers(0, 2, 30)
    memory = kw.AssociativeMemory("hopfield", random_state=0).fit([pattern])
    found = memory.recall([1 - pattern])
    assert found.rows.tolist() == [-1]
    np.testing.assert_array_equal(found.patterns[0], 1 - pattern)
    assert memory.distribution([1 - pattern]).tolist() == [[0.0]]
    assert memory.distribution([pattern]).tolist() == [[1.0]]
    twice = kw.AssociativeMemory("hopfield", random_state=0).fit([pattern, pattern])
    assert twice.distribution([pattern]).tolist() == [[0.5, 0.5]]


def test_a_probe_at_the_full_distance_from_all_has_the_memory_as_its_answer():
    memory = kw.AssociativeMemory().fit([[0, 0, 1], [0, 0, 1]])
    found = memory.recall([[1, 1, 0]])
    assert found.success.tolist() == [0.0]
    assert found.repetitions.tolist() == [math.inf]
    assert memory.distribution([[1, 1, 0]]).tolist() == [[0.5, 0.5]]


def test_samples_follow_the_distribution():
    memory = kw.AssociativeMemory(kw.memory.Probabilistic(n_controls=2), random_state=0).fit(PATTERNS)
    drawn = memory.sample(4000, [PROBE[0], PATTERNS[2]])
    assert drawn.shape == (2, 4000, 4)
    expected = memory.distribution([PROBE[0], PATTERNS[2]])
    shares = np.array([[(each == pattern).all(axis=1).mean() for pattern in PATTERNS] for each in drawn])
    error = np.sqrt(expected * (1 - expected) / 4000)
    assert (np.abs(shares - expected) <= 4 * error).all()
    itself = memory.sample(4000)
    shares = [(itself == pattern).all(axis=1).mean() for pattern in PATTERNS]
    np.testing.assert_allclose(shares, 0.25, atol=4 * math.sqrt(0.25 * 0.75 / 4000))
    np.testing.assert_array_equal(memory.sample(5, PROBE), memory.sample(5, PROBE))


def test_probabilities_of_bits_are_the_means_of_the_distribution():
    memory = kw.AssociativeMemory(kw.memory.Probabilistic(n_controls=2)).fit(PATTERNS)
    np.testing.assert_allclose(
        memory.bit_probabilities(PROBE), memory.distribution(PROBE) @ np.array(PATTERNS), atol=1e-15
    )


def test_costs_count_every_repetition_with_its_storage():
    memory = kw.AssociativeMemory(kw.memory.Probabilistic(n_controls=2)).fit(PATTERNS)
    cost = memory.cost(PROBE)
    each = cost.each.storage_gates + cost.each.recall_gates
    assert cost.gates[0] == pytest.approx(each / 0.375)
    assert cost.error_free(0.0) == 1.0
    assert cost.error_free(0.001) == pytest.approx(0.999**each)
    classical = kw.AssociativeMemory("nearest").fit(PATTERNS).cost(PROBE)
    assert (classical.gates[0], classical.each.n_qubits) == (0.0, 0)


def test_real_numbers_go_to_the_methods_that_take_them():
    rows = np.random.default_rng(0).normal(size=(5, 3))
    for name in ("amplitude", "kernel"):
        memory = kw.AssociativeMemory(name, encoding="real").fit(rows)
        assert memory.code_ is None
        assert memory.recall(rows).rows.tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="'nearest' stores bits: use encoding='threshold'"):
        kw.AssociativeMemory("nearest", encoding="real").fit(rows)
    with pytest.raises(ValueError, match="pattern 1 equals pattern 0"):
        kw.AssociativeMemory("kernel", encoding="real", strict=True).fit([[0.1, 0.2], [0.1, 0.2]])


def test_an_undamaged_image_is_recalled_whatever_was_stored_more_often():
    """Thresholding makes equal images of different ones: they must not win over what is nearer."""
    images = load_digits().data
    memory = kw.AssociativeMemory().fit(images)
    found = memory.recall(images[:300])
    np.testing.assert_array_equal(memory.code_.bits(found.patterns), memory.code_.bits(images[:300]))


def test_a_score_of_frames_is_without_a_warning_and_leaves_gaps_aside():
    frame = pd.DataFrame(PATTERNS, columns=list("abcd")).astype(float)
    memory = kw.AssociativeMemory().fit(frame)
    gap = frame.mask(np.eye(4, dtype=bool))
    assert memory.score(frame) == memory.score(frame, frame) == memory.score(gap) == memory.score(gap, frame) == 1.0


def test_frames_keep_their_names():
    frame = pd.DataFrame(PATTERNS, columns=list("abcd"))
    memory = kw.AssociativeMemory().fit(frame)
    assert list(memory.feature_names_in_) == list("abcd")
    with pytest.raises(ValueError, match="feature names should match"):
        memory.recall(frame[["b", "a", "c", "d"]])


@pytest.mark.parametrize(
    ("patterns", "settings", "message"),
    [
        ([], {}, "the memory is empty: give at least one pattern"),
        ([[0, 1], [0, 1, 1]], {}, "patterns must all have the same length, got lengths 2 to 3"),
        ([[0, 1], [0, 2]], {"encoding": "bits"}, "row 1, column 1 is 2, which is not in the alphabet"),
        ([[0, 1], [0, 1]], {"encoding": "signs"}, "row 0, column 0 is 0"),
        ([[0, 1], [0, None]], {}, "patterns must be complete: row 1, column 1 is missing"),
        ([[0, 1], [0, math.inf]], {}, "contains infinity"),
        ([["a", "b"]], {}, "an array of bits, got <U1|values that are no numbers"),
        ([0, 1, 1], {}, "Expected 2D array, got 1D array"),
        ([[0, 1], [1, 0]], {"encoding": "ascii"}, "encoding must be one of"),
    ],
)
def test_bad_patterns_are_refused(patterns, settings, message):
    with pytest.raises(ValueError, match=message):
        kw.AssociativeMemory(**settings).fit(patterns)


@pytest.mark.parametrize(
    ("probes", "message"),
    [
        ([[0, 1, 1]], "X has 3 features, but AssociativeMemory is expecting 4 features"),
        ([[0, 1, 1, 1], [None, None, None, None]], "nothing is known of probe 1"),
        ([[0, 1, 1, 0.5]], "row 0, column 3 is 0.5, which is not in the alphabet"),
        ([[0, 1], [0, 1, 1]], "probes must all have the same length"),
        ([[0, 1, 1, math.inf]], "infinity"),
        ([], "Expected 2D array"),
    ],
)
def test_bad_probes_are_refused_and_the_memory_stays(probes, message):
    memory = kw.AssociativeMemory(encoding="bits").fit(PATTERNS)
    before = memory.recall(PROBE)
    for ask in (memory.recall, memory.distribution, memory.score, memory.cost):
        with pytest.raises(ValueError, match=message):
            ask(probes)
    np.testing.assert_array_equal(memory.recall(PROBE).patterns, before.patterns)


def test_a_refused_pattern_leaves_the_memory_as_it_was():
    memory = kw.AssociativeMemory(encoding="bits", strict=True).fit(PATTERNS)
    for bad in ([[0, 0, 0, 2]], [PATTERNS[0]], [[0, 1]]):
        with pytest.raises(ValueError, match="alphabet|equals|features"):
            memory.partial_fit(bad)
    np.testing.assert_array_equal(memory.patterns_, PATTERNS)
    assert memory.recall(PATTERNS).rows.tolist() == [0, 1, 2, 3]


def test_an_empty_memory_says_so():
    for ask in ("recall", "distribution", "cost"):
        with pytest.raises(NotFittedError):
            getattr(kw.AssociativeMemory(), ask)(PROBE)
    with pytest.raises(NotFittedError):
        kw.AssociativeMemory().sample(3)


def test_more_than_the_memory_of_the_machine_is_refused_before_it_is_taken(monkeypatch):
    rng = np.random.default_rng(0)
    memory = kw.AssociativeMemory().fit(rng.integers(0, 2, (3000, 8)))
    monkeypatch.setattr(bytes_of_memory, "available_bytes", lambda: 30 << 20)
    with pytest.raises(MemoryError, match="10000 probes needs .* the largest that fits is"):
        memory.recall(rng.integers(0, 2, (10000, 8)))


def test_repetitions_are_refused_before_anything_is_trained(monkeypatch):
    monkeypatch.setattr(
        "ketwise.learning.memory.completing_methods.train_variational_memory", lambda *_, **__: pytest.fail("trained")
    )
    with pytest.raises(ValueError, match="pattern 1 equals pattern 0"):
        kw.AssociativeMemory("variational", strict=True).fit([PATTERNS[0], PATTERNS[0]])


def test_a_score_needs_a_truth_for_each_probe_and_leaves_labels_aside():
    memory = kw.AssociativeMemory().fit(PATTERNS)
    with pytest.raises(ValueError, match=r"1 probes need true patterns of shape \(1, 4\), got \(2, 4\)"):
        memory.score(PROBE, PATTERNS[:2])
    assert memory.score(PATTERNS, [0, 1, 0, 1]) == 1.0
    assert memory.score(PROBE, [PATTERNS[0]]) == 1.0
    assert memory.score(PROBE, [PATTERNS[1]]) == 0.0


def test_clones_keep_their_settings():
    memory = kw.AssociativeMemory(kw.memory.Kernel(power=3.0), encoding="categories", random_state=4)
    assert clone(memory).get_params() == memory.get_params()
    assert "power=3.0" in repr(clone(memory))
