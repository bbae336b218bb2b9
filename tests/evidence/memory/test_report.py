"""The numbers of a report against closed forms, published limits and the estimator; its record and its files."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, sem
from sklearn.utils import check_random_state

import ketwise as kw
from ketwise.evidence.memory.device import DeviceMemory, device_row
from ketwise.evidence.memory.probing import random_memory
from ketwise.evidence.memory.recalling import recall_measures

QUIET = {"progress": False, "noise_rates": []}


def report(*args, **options):
    return kw.memory.report(*args, **(QUIET | options))


def only(table, **wanted):
    """Rows with these values."""
    for name, value in wanted.items():
        table = table[np.isclose(table[name], value) if isinstance(value, float) else table[name] == value]
    return table


@pytest.fixture(scope="module")
def small():
    """Every method on 6 bits, with all curves."""
    return report(
        n_bits=6,
        loads=[1.0],
        load=0.5,
        flips=[0.25],
        unknown=[0.5],
        repeats=2,
        probes=4,
        noise_rates=[0.0, 0.01],
        trajectories=5,
    )


def test_success_of_random_patterns_is_its_binomial_mean():
    """Every other pattern's distance from a probe is binomial, whatever is flipped: P0 has a closed mean."""
    n, p, b = 30, 6, 3
    memory = {"three": kw.memory.Probabilistic(n_controls=b)}
    found = report(n_bits=n, load=p / n, loads=[], methods=memory, flips=[0.2], unknown=[0.4], repeats=150).table

    def expected(n_known, own):
        d = np.arange(n_known + 1)
        other = np.sum(binom.pmf(d, n_known, 0.5) * np.cos(np.pi * d / (2 * n_known)) ** (2 * b))
        return (math.cos(math.pi * own / (2 * n_known)) ** (2 * b) + (p - 1) * other) / p

    for damage, n_known, own in (("flipped", 30, 6), ("unknown", 18, 0)):
        row = only(found, damage=damage).iloc[0]
        assert 0 < row.success_error < 0.02
        assert abs(row.success - expected(n_known, own)) < 4 * row.success_error


def test_two_complements_have_closed_forms_for_every_probe():
    """With one control P0 is 1/2, and the pattern k bits away is read with cos(pi k / 2 n) squared."""
    found = report(np.array([[0] * 8, [1] * 8]), methods={"one": kw.memory.Probabilistic(n_controls=1), "c": "nearest"})
    noise = only(found.table, curve="noise", damage="flipped")
    for row in only(noise, method="one").itertuples():
        assert row.repetitions == pytest.approx(2, abs=1e-12)
        assert row.read == pytest.approx(math.cos(math.pi * row.broken / 16) ** 2, abs=1e-12)
        assert row.exact == (1.0 if row.broken < 4 else 0.5)
        assert row.overlap == (1.0 if row.broken < 4 else 0.0)
    assert set(only(noise, method="c").exact) == {1.0, 0.5}
    assert found.settings["n_patterns"] == 2
    assert set(found.table.curve) == {"noise", "parts"}


def test_the_table_has_means_and_scipys_standard_errors(small):
    table = small.table
    for name in ("overlap", "exact", "read", "success"):
        np.testing.assert_allclose(table[name], small.recall[name].mean(axis=1), rtol=1e-13)
        np.testing.assert_allclose(table[f"{name}_error"], sem(small.recall[name], axis=1), rtol=1e-9, atol=1e-13)
    assert len(small.recall["exact"][0]) == small.settings["repeats"] == 2


def test_repetitions_are_the_inverse_of_success(small):
    recall = small.recall
    single = recall["success"] > 0
    assert (recall["repetitions"][single] >= 1 / recall["success"][single] - 1e-9).all()  # a mean of inverses
    classical = np.array(recall["side"]) == "classical"
    assert (recall["repetitions"][classical] == 1).all()
    assert (recall["runs"][classical] == 1).all()


def test_hebb_fails_between_a_tenth_and_a_fifth_and_the_pseudo_inverse_does_not():
    """Amit, Gutfreund, Sompolinsky: about 0.138 patterns a bit; Personnaz: independent patterns are stable."""
    found = report(
        n_bits=200,
        methods=["hopfield", "pseudo-inverse"],
        loads=[0.05, 0.1, 0.2, 0.3],
        flips=[],
        unknown=[],
        repeats=2,
        probes=10,
    ).table
    hebb = only(found, method="hopfield", damage="none").set_index("load").overlap
    assert hebb[0.05] > 0.99
    assert hebb[0.1] > 0.95
    assert hebb[0.2] < 0.85
    assert hebb[0.3] < 0.6
    assert (only(found, method="pseudo-inverse", damage="none").exact == 1).all()


@pytest.mark.parametrize("n_bits", [6, 64, 65])
def test_the_likeliest_answer_of_the_probabilistic_memory_is_the_nearest(n_bits):
    """Of different patterns: one given twice counts twice, and may outweigh a nearer one."""
    options = {"methods": ["probabilistic", "nearest"], "repeats": 3}
    if n_bits == 6:
        numbers = np.random.default_rng(2).choice(64, 20, replace=False)
        found = report(kw.memory.from_integers(numbers, 6), **options)
    else:
        found = report(n_bits=n_bits, loads=[0.1, 0.5, 2.0], load=0.5, **options)
    quantum, classical = (only(found.table, method=name).reset_index() for name in ("probabilistic", "nearest"))
    assert len(quantum) > 15
    assert quantum.exact.min() < 0.9
    for measure in ("overlap", "exact"):
        assert quantum[measure].tolist() == classical[measure].tolist()


@pytest.mark.parametrize("name", ["probabilistic", "amplitude", "kernel", "dense", "hopfield", "pseudo-inverse"])
def test_measures_are_those_of_the_estimator(name):
    seed = int(check_random_state(0).randint(np.iinfo(np.int32).max))
    memory = random_memory(1, 9, 20, repeat=0, n_probes=9)._replace(seed=seed)
    probes = memory.probes("flipped", 4)
    method = kw.memory.METHODS[name]
    found = recall_measures(method, method.store(memory.patterns, 0), memory, probes)
    estimator = kw.AssociativeMemory(name, encoding="bits", random_state=0).fit(memory.patterns)
    recalled = estimator.recall(probes)
    read = estimator.distribution(probes)[np.arange(9), memory.rows]
    assert found["read"] == pytest.approx(read.mean(), abs=1e-12)
    assert found["success"] == pytest.approx(recalled.success.mean(), abs=1e-12)
    assert found["repetitions"] == pytest.approx(recalled.repetitions.mean())
    assert found["exact"] == np.mean(recalled.rows == memory.rows)
    wrong = (recalled.patterns != memory.truth).sum(axis=1)
    assert found["overlap"] == pytest.approx(np.mean(1 - wrong / 10))


def test_a_success_of_grover_agrees_with_the_probe():
    """One pattern agrees: then a run that succeeds reads it, and P0 is near 1 / p where iterations do not help."""
    found = report(n_bits=40, methods=["grover"], loads=[], load=0.2, flips=[0.1], unknown=[0.3], repeats=2).table
    assert set(found.damage) == {"unknown"}
    row = found.iloc[0]
    assert row["read"] == row["exact"] == row["overlap"] == 1
    assert row["repetitions"] == pytest.approx(8, rel=1e-6)


def test_prices_are_those_of_the_estimator(small):
    prices = small.price_table
    patterns = random_memory(0, 6, 6, 0, 4).patterns
    for name in ("probabilistic", "grover", "nearest", "hopfield"):
        cost = kw.AssociativeMemory(name, encoding="bits").fit(patterns).cost(patterns[:1]).each
        row = only(prices, method=name, curve="capacity", n_patterns=6).iloc[0]
        assert (row.n_qubits, row.storage_gates, row.recall_gates, row.operations) == (
            cost.n_qubits,
            cost.storage_gates,
            cost.recall_gates,
            cost.operations,
        )
    uncounted = only(prices, method="hopfield-inversion").storage_gates
    assert uncounted.isna().all()


def test_without_errors_the_gates_give_the_closed_form(small):
    assert small.device["rate"].tolist() == [0.0, 0.01]
    patterns = np.array([[0, 1, 1, 0], [1, 1, 1, 1], [0, 0, 0, 1]], dtype=np.uint8)
    probe = np.array([0.0, 1.0, 1.0, 1.0])
    found = device_row(DeviceMemory(patterns, probe, 3), 0.0, 10, 0)
    closed = kw.memory.probabilistic_recall(patterns, probe, n_controls=3)
    assert found["success"] == pytest.approx(closed.success, abs=1e-12)
    assert found["right"] == pytest.approx(closed.posterior[0], abs=1e-12)
    assert found["spurious"] == pytest.approx(0, abs=1e-12)


def test_with_errors_after_every_gate_nothing_is_left_but_chance():
    """The last gates mix every qubit: controls read 0 with 1/2 each, and every string of 3 bits is as likely."""
    patterns = np.array([[0, 1, 1], [1, 1, 0]], dtype=np.uint8)
    found = device_row(DeviceMemory(patterns, np.array([0.0, 1.0, 0.0]), 2), 1.0, 400, 1)
    assert abs(found["success"] - 0.25) < 4 * found["success_error"]
    assert abs(found["right"] - 1 / 8) < 4 * found["right_error"]
    assert abs(found["spurious"] - 6 / 8) < 4 * found["spurious_error"]


def test_every_method_is_measured_and_those_that_hold_known_bits_only_with_unknown_ones(small):
    table = small.table
    assert set(table.method) == set(kw.memory.METHODS)
    assert set(table.curve) == {"noise", "capacity"}
    for name in ("grover", "hopfield-inversion"):
        assert set(only(table, method=name).damage) == {"unknown"}
    assert small.left_out == []
    held = report(n_bits=8, methods={"clamped": kw.memory.Dense(clamp=True), "free": "dense"}, loads=[0.5], repeats=2)
    assert set(only(held.table, method="clamped").damage) == {"unknown"}
    assert set(only(held.table, method="free").damage) == {"none", "flipped", "unknown"}


def test_what_does_not_fit_is_measured_with_few_bits_and_said():
    found = report(n_bits=20, methods=["open-hopfield", "nearest"], loads=[0.1], small_bits=4, repeats=2, probes=2)
    assert set(only(found.table, method="open-hopfield").curve) == {"small", "small-noise"}
    assert set(only(found.table, method="nearest").curve) == {"noise", "capacity", "small", "small-noise"}
    few = only(found.table, method="nearest", curve="small-noise")
    assert [row.broken for row in few.itertuples() if row.damage == "flipped"] == [0, 1, 2]
    assert [row.broken for row in few.itertuples() if row.damage == "unknown"] == [0, 1, 2, 3]
    assert set(few.n_patterns) == {3}
    assert (few.exact[few.broken == 0] == 1).all()
    assert [(one["method"], one["where"]) for one in found.left_out] == [("open-hopfield", "20 bits")]
    assert "12 bits" in found.left_out[0]["why"]


def test_what_takes_long_is_measured_only_if_it_is_named():
    patterns = np.random.default_rng(0).integers(0, 2, (3, 600))
    found = report(patterns, flips=[0.1], unknown=[0.5], repeats=2, probes=2)
    assert {one["method"] for one in found.left_out} == {"hopfield-inversion", "open-hopfield", "variational"}
    said = {one["method"]: one["why"] for one in found.left_out}
    assert said["hopfield-inversion"] == "an answer takes 1.7 billion operations: name it in methods to measure it"
    assert "trained anew for every set of patterns" in said["variational"]


def test_the_record_survives_json_and_the_same_seed_gives_the_same(small, tmp_path):
    again = kw.memory.MemoryReport.from_json(small.to_json())
    for name in ("table", "price_table", "device_table"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(small, name))
    assert again.to_json() == small.to_json()
    assert again.to_html() == small.to_html()
    page, document = small.save(tmp_path / "memory.html")
    assert page.read_text("utf-8") == small.to_html()
    assert document.read_text("utf-8") == small.to_json()
    assert str(small) == small.sentence
    options = {"n_bits": 12, "methods": ["probabilistic", "hopfield"], "loads": [0.5], "repeats": 2}
    one, two, other = (report(**options, seed=seed) for seed in (4, 4, 5))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert not one.table.equals(other.table)


@pytest.mark.parametrize("name", ["page.txt", "none/memory.html"])
def test_a_place_that_cannot_be_written_is_refused(small, tmp_path, name):
    with pytest.raises((ValueError, OSError), match="ends in .html|does not exist"):
        small.save(tmp_path / name)


def test_the_command_measures_the_same_again():
    found = report(n_bits=12, methods=["probabilistic", "nearest"], loads=[0.5], flips=[0.25], repeats=2, seed=3)
    again = eval(found.command.replace("seed=3", "seed=3, progress=False"), {"kw": kw})
    pd.testing.assert_frame_equal(again.table, found.table)
    patterns = [[0, 1, 1], [1, 0, 0]]
    given = report(patterns, methods={"mine": kw.memory.Nearest()}, repeats=2)
    assert given.command.startswith("kw.memory.report(patterns, methods={'mine': Nearest(n_neighbors=1)}")


def test_equal_patterns_and_a_single_one_are_recalled():
    found = report([[0, 1, 1, 0]] * 3 + [[1, 0, 0, 1]], methods=["probabilistic", "nearest", "hopfield"], flips=[0.0])
    noise = only(found.table, curve="noise", damage="flipped", broken=0)
    assert (only(noise, side="quantum").exact == 1).all()
    one = report(pd.DataFrame({"a": [3.0], "b": [1.0], "c": [2.0]}), methods=["probabilistic", "nearest"])
    assert (one.table.exact == 1).all()
    assert one.data["given"]
    assert len(one.data["sha256"]) == 64


def test_ctrl_c_loses_nothing_that_is_measured():
    told = []

    def stop_at(count):
        def progress(now):
            told.append(now)
            if now.done == count:
                raise KeyboardInterrupt

        return progress

    options = {"n_bits": 8, "methods": ["probabilistic", "nearest"], "loads": [0.5], "flips": [0, 0.5], "repeats": 2}
    found = kw.memory.report(**options, progress=stop_at(1))
    assert found.stopped.startswith("Stopped early: 1 of ")
    assert found.stopped in found.said
    assert len(found.table) == 2
    assert "Stopped early" in found.to_html()
    assert [now.done for now in told] == [0, 1]
    assert "0 of" in str(told[0])
    with pytest.raises(KeyboardInterrupt):
        kw.memory.report(**options, progress=stop_at(0))
    found = report(**options)
    assert found.stopped is None


def test_progress_is_printed_to_standard_error(capsys):
    kw.memory.report(n_bits=4, methods=["nearest"], loads=[0.5], noise_rates=[], repeats=2)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "memories measured" in printed.err
    report(n_bits=4, methods=["nearest"], loads=[0.5], repeats=2)
    assert capsys.readouterr().err == ""
