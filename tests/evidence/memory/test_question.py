"""What a report can be asked, and how it refuses the rest; patterns read from tables."""

import numpy as np
import pandas as pd
import pytest

import ketwise as kw
from ketwise.evidence.memory.given_patterns import bits_of
from ketwise.evidence.memory.pieces import Piece, pieces_of
from ketwise.evidence.memory.probing import part_of, random_memory
from ketwise.evidence.memory.question import Question

FEW = {"n_bits": 8, "methods": ["nearest"], "loads": [0.5], "noise_rates": [], "progress": False, "repeats": 2}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ["hopfeld"]}, "method must be one of probabilistic, grover"),
        ({"methods": "hopfeld"}, "method must be one of probabilistic, grover"),
        ({"methods": []}, "methods is empty"),
        ({"methods": 3}, "methods must be names"),
        ({"methods": ["nearest", "nearest"]}, "'nearest' is given twice"),
        ({"methods": [kw.memory.Nearest()]}, r"has no name; give a dict such as \{'mine': Nearest\(n_neighbors=1\)\}"),
        ({"methods": {"": "nearest"}}, "a name must be a text"),
        ({"methods": {3: "nearest"}}, "a name must be a text"),
        ({"n_bits": 1}, "n_bits must be a whole number of at least 2, got 1"),
        ({"n_bits": 8.5}, "n_bits must be a whole number"),
        ({"loads": [0.0]}, "loads must be above 0"),
        ({"loads": 0.1}, "loads must be a sequence of numbers, got 0.1"),
        ({"loads": "0.1"}, "loads must be a sequence of numbers"),
        ({"loads": [np.nan]}, "loads must be finite"),
        ({"loads": ["many"]}, "loads must be a real number"),
        ({"load": -1}, "load must be above 0"),
        ({"flips": [0.2, 1.1]}, "flips must be at most 1, got 1.1"),
        ({"flips": [-0.1]}, "flips must not be negative"),
        ({"unknown": [1.0]}, "unknown must be below 1, got 1: something of a probe must be known"),
        ({"fixed_flips": 2}, "fixed_flips must be at most 1"),
        ({"fixed_unknown": 1}, "fixed_unknown must be below 1"),
        ({"noise_rates": [2]}, "noise_rates must be at most 1"),
        ({"repeats": 1}, "repeats must be a whole number of at least 2"),
        ({"probes": 0}, "probes must be a whole number of at least 1"),
        ({"trajectories": 1}, "trajectories must be a whole number of at least 2"),
        ({"small_bits": 1}, "small_bits must be a whole number of at least 2"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"seed": None}, "seed must be a whole number, so that the report can say it"),
        ({"seed": np.random.default_rng(0)}, "seed must be a whole number, so that the report can say it"),
        ({"methods": ["open-hopfield"], "n_bits": 40}, "no method takes 40 bits; open-hopfield"),
        ({"methods": ["nearest", "open-hopfield"], "n_bits": 40, "small_bits": 30}, "'open-hopfield' does not take"),
        ({"methods": ["nearest", "open-hopfield"], "n_bits": 40, "small_bits": None}, "'open-hopfield' does not take"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(options, message):
    with pytest.raises(ValueError, match=message):
        kw.memory.report(**(FEW | options))


def test_a_progress_that_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="progress must be True, False or callable"):
        kw.memory.report(**(FEW | {"progress": "yes"}))


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ([], "the memory is empty"),
        ([[0, 1, np.nan]], "NaN"),
        ([[0, 1, np.inf]], "infinity"),
        ([[0, 1], [1]], "same length"),
        ([["a", "b"]], "patterns must be an array of bits"),
        ([[0], [1]], "patterns have a single bit"),
        (np.zeros((2, 2, 2)), "dim"),
    ],
)
def test_patterns_that_are_none_are_refused(patterns, message):
    with pytest.raises(ValueError, match=message):
        kw.memory.report(patterns, methods=["nearest"], noise_rates=[], progress=False)


@pytest.mark.parametrize("name", ["n_bits", "loads", "load"])
def test_given_patterns_fix_the_load(name):
    with pytest.raises(ValueError, match=f"{name} is for random patterns, and patterns were given"):
        kw.memory.report([[0, 1], [1, 1]], **{name: [0.1] if name == "loads" else 3})


def test_tables_are_read_as_the_estimator_reads_them():
    expected = [[0, 1, 0], [1, 0, 1]]
    for table in (
        expected,
        [[-1, 1, -1], [1, -1, 1]],
        np.array([[0.1, 7.0, -2.0], [0.3, 6.0, 9.0]]),
        pd.DataFrame({"<b>a": [0.1, 0.3], "b": [7, 6], "c": [False, True]}),
    ):
        assert bits_of(table).tolist() == expected


def test_memories_are_the_same_for_the_same_seed_and_new_for_every_repeat():
    first, again, other = (random_memory(3, 20, 40, repeat, 5) for repeat in (0, 0, 1))
    assert (first.patterns == again.patterns).all()
    assert (first.orders == again.orders).all()
    assert (first.patterns != other.patterns).any()
    assert abs(random_memory(0, 300, 300, 0, 1).patterns.mean() - 0.5) < 0.01
    part = part_of(first.patterns, 0, 7, 0, 99)
    assert len({row.tobytes() for row in part.patterns} & {row.tobytes() for row in first.patterns}) == 7
    assert sorted(part.rows) == list(range(7))


def test_probes_have_as_many_broken_bits_as_asked_and_more_hold_fewer():
    memory = random_memory(0, 10, 30, 0, 10)
    before = np.zeros((10, 30), dtype=bool)
    for count in range(31):
        broken = memory.probes("flipped", count) != memory.truth
        assert (broken.sum(axis=1) == count).all()
        assert (broken | ~before).all()
        assert (np.isnan(memory.probes("unknown", count)) == broken).all()
        before = broken
    assert (memory.probes("none", 0) == memory.truth).all()


def test_shares_become_whole_bits_once_and_leave_one_known():
    question = Question(
        patterns=None,
        n_bits=10,
        methods={},
        named=False,
        loads=(0.01, 0.02, 0.5),
        load=0.3,
        flips=(0.0, 0.01, 0.1, 0.12),
        unknown=(0.99,),
        fixed_flips=0.1,
        fixed_unknown=0.5,
        noise_rates=(),
        repeats=2,
        probes=5,
        trajectories=2,
        small_bits=4,
        seed=0,
    )
    found = pieces_of(question, small=True)
    assert found[:3] == [Piece("noise", 10, 3, (("flipped", k),)) for k in (0, 1)] + [
        Piece("noise", 10, 3, (("unknown", 9),))
    ]
    assert [(piece.curve, piece.n_patterns) for piece in found[3:]] == [
        ("capacity", 1),
        ("capacity", 5),
        ("small", 1),
        ("small", 2),
        ("small-noise", 3),
    ]
