"""The verdict on numbers made up for it, whose intervals are known; readings against the binomial distribution."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from ketwise.evidence.memory.judging import BETTER, OPEN, SAME, WORSE, headline, sentences, verdict
from ketwise.evidence.memory.recalling import runs_to_tell

FIXED = {"flipped": 0.1, "unknown": 0.5}


def row(method, side, exact, *, damage="flipped", share=0.1, repetitions=5.0, curve="noise", runs=1.0):
    many = np.full(len(exact), 1.0)
    measures = {"exact": np.array(exact), "overlap": many, "read": 0.8 * many, "success": many / repetitions}
    measures |= {"repetitions": repetitions * many, "runs": runs * many}
    where = {"curve": curve, "method": method, "side": side, "n_bits": 50, "n_patterns": 10, "load": 0.2}
    return where | {"damage": damage, "broken": 5, "share": share, "probes": 10} | measures


def price(method, side, gates=1000.0, operations=40.0):
    where = {"curve": "noise", "method": method, "side": side, "n_bits": 50, "n_patterns": 10, "load": 0.2}
    counted = {"storage_gates": gates, "storage_cx": gates, "storage_depth": gates, "recall_gates": 0.0}
    return where | {"n_qubits": 60.0} | counted | {"operations": operations}


PRICES = [price("q", "quantum"), price("c", "classical"), price("d", "classical", operations=7.0)]
PRICES += [price("e", "classical", operations=1.0)]


def judged(*rows):
    return verdict(rows, PRICES, FIXED)


def test_the_interval_is_students_of_the_paired_differences():
    """Differences 0.1, 0.2, 0.3: mean 0.2, standard error 0.1 / sqrt 3, t with two degrees 4.3027."""
    found = judged(row("q", "quantum", [0.5, 0.6, 0.4]), row("c", "classical", [0.6, 0.8, 0.7]))["flipped"]
    half = 4.302653 * 0.1 / math.sqrt(3)
    assert found["difference"] == pytest.approx(0.2)
    assert found["interval"] == pytest.approx([0.2 - half, 0.2 + half], abs=1e-6)
    assert found["outcome"] == OPEN  # from 0.05 worse to 0.45 better
    assert found["matches"] == []
    assert found["quantum"] == {"method": "q", "mean": pytest.approx(0.5), "error": pytest.approx(0.1 / math.sqrt(3))}


@pytest.mark.parametrize(
    ("quantum", "classical", "outcome", "words"),
    [
        ([0.5, 0.5], [0.5, 0.5], SAME, "A classical memory does as well, and costs less"),
        ([0.5, 0.5], [0.7, 0.7], BETTER, "A classical memory recalls more"),
        ([0.9, 0.9], [0.7, 0.7], WORSE, "A quantum memory recalls more"),
        ([0.9, 0.5], [0.5, 0.4], OPEN, "Too few probes to tell which recalls more"),
        ([0.51, 0.51], [0.5, 0.5], SAME, "A classical memory does as well, and costs less"),
        ([0.5, 0.5], [0.5005, 0.4995], SAME, "A classical memory does as well, and costs less"),
    ],
)
def test_every_outcome_has_its_words(quantum, classical, outcome, words):
    found = judged(row("q", "quantum", quantum), row("c", "classical", classical))
    assert found["flipped"]["outcome"] == outcome
    assert headline(found) == words
    said = " ".join(sentences(found, [], None, None))
    assert ("No classical memory here does as well." in said) == (outcome == WORSE)
    assert "5.0 repetitions of 1,000 gates, 5,000 in all, on 60 qubits" in said


def test_of_those_that_match_the_cheapest_is_named_first():
    rows = [row(name, "classical", [0.5, 0.5]) for name in "cd"]
    found = judged(row("q", "quantum", [0.5, 0.5]), *rows, row("e", "classical", [0.4, 0.4]))
    assert found["flipped"]["matches"] == ["d", "c"]
    assert found["flipped"]["classical"]["method"] == "d"  # as good as c, and cheaper
    said = sentences(found, [], None, None)[0]
    words = "d is the cheapest that does as well or better (at most 2 % worse, with 95 %), with 7 operations an answer."
    assert f"{words} So does c." in said


def test_costs_less_is_said_only_where_it_does():
    rows = row("q", "quantum", [0.5, 0.5], repetitions=1.0), row("c", "classical", [0.5, 0.5])
    found = verdict(rows, [price("q", "quantum", gates=30.0), price("c", "classical")], FIXED)
    assert headline(found) == "A classical memory does as well"


def test_damages_may_end_differently():
    found = judged(
        row("q", "quantum", [0.9, 0.9]),
        row("c", "classical", [0.7, 0.7]),
        row("q", "quantum", [0.5, 0.5], damage="unknown", share=0.5),
        row("c", "classical", [0.7, 0.7], damage="unknown", share=0.5),
    )
    assert headline(found) == "A quantum memory recalls more, a classical one elsewhere"


def test_scores_are_means_over_shares_and_prices_are_said_at_one():
    rows = [row("q", "quantum", [level] * 2, share=share, repetitions=times) for share, level, times in SHARES]
    rows += [row("c", "classical", [0.6] * 2, share=share) for share, _, _ in SHARES]
    found = judged(*rows)["flipped"]
    assert found["quantum"]["mean"] == pytest.approx(0.6)
    assert (found["price"]["share"], found["price"]["repetitions"]) == (0.15, 4.0)
    assert found["shares"] == [0.0, 0.15, 0.4]


SHARES = [(0.0, 1.0, 2.0), (0.15, 0.8, 4.0), (0.4, 0.0, 99.0)]


def test_a_side_alone_is_not_compared():
    found = judged(row("q", "quantum", [0.5, 0.5]))
    assert found == {}
    assert headline(found) == "Nothing to compare"
    assert "not both measured" in sentences(found, [], None, None)[0]
    assert judged(row("q", "quantum", [1, 1], curve="small"), row("c", "classical", [1, 1], curve="small")) == {}


def test_what_is_not_counted_or_never_succeeds_is_said():
    uncounted = [price("q", "quantum", gates=math.nan), PRICES[1]]
    rows = row("q", "quantum", [0.5, 0.5], runs=math.nan), row("c", "classical", [0.5, 0.5])
    assert "its gates are not counted here" in sentences(verdict(rows, uncounted, FIXED), [], None, None)[0]
    never = row("q", "quantum", [0.5, 0.5], repetitions=math.inf)
    assert "a run of q may never succeed" in sentences(judged(never, rows[1]), [], None, None)[0]
    tied = row("q", "quantum", [0.5, 0.5], runs=math.inf)
    assert "cannot be told from the second by readings" in sentences(judged(tied, rows[1]), [], None, None)[0]
    several = row("q", "quantum", [0.5, 0.5], runs=65.0)
    assert "takes about 65 readings" in sentences(judged(several, rows[1]), [], None, None)[0]


def test_errors_are_told_at_about_one_in_a_repetition():
    keys = ("success", "right", "spurious")
    device = [{"rate": r, **dict.fromkeys(keys, 0.5), "right": 0.9 - r} for r in (0.0, 0.001, 0.01, 0.1)]
    facts = {"n_patterns": 4, "n_bits": 6, "n_controls": 4, "gates": 120}
    said = sentences({}, device, facts, "Stopped early: 3 of 9 memories were measured.")
    assert "at a rate of 0.01 a gate a reading is right with 89 % instead of 90 %" in said[1]
    assert said[2] == "Stopped early: 3 of 9 memories were measured."


@pytest.mark.parametrize("first", [0.55, 0.6, 0.8])
def test_readings_for_the_likeliest_are_what_the_binomial_needs(first):
    """Of two outcomes the first leads where more than half of the readings show it."""
    runs = int(runs_to_tell(np.array([[1 - first, first]]))[0])
    assert binom.sf(runs / 2, runs, first) == pytest.approx(0.95, abs=0.03)


def test_readings_of_what_is_certain_or_tied():
    assert runs_to_tell(np.array([[1.0], [1.0]])).tolist() == [1.0, 1.0]
    assert runs_to_tell(np.array([[0.0, 1.0], [0.5, 0.5]])).tolist() == [1.0, math.inf]
