"""A verdict in which the memory classifier is the quantum champion: right where the answer is known, and complete."""

import numpy as np
import pandas as pd
import pytest

import ketwise as kw
from ketwise.evidence import prepared as roster
from ketwise.evidence.record import Verdict
from ketwise.evidence.trials import ablated
from ketwise.evidence.verdict import verdict
from tests.evidence.conftest import quick_ablations, quick_classical, quick_quantum
from tests.evidence.report.markup import Page
from tests.evidence.test_verdict import numbers

QUICK = {"cv": (3, 1), "configurations": 3, "n_jobs": 1}
RNG = np.random.default_rng(4)
BITS = RNG.integers(0, 2, (120, 4))
#: Which no line can tell, and every stored row can: all sixteen rows come many times.
PARITY = np.where(BITS[:, 0] ^ BITS[:, 1], "odd", "even")


@pytest.fixture(scope="module")
def only_memory():
    """The memory alone on the quantum side, a guess and a line on the other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roster, "quantum_opponents", lambda is_classification: [])
        patch.setattr(roster, "classical_opponents", quick_classical)
        yield


@pytest.fixture(scope="module")
def result(only_memory):
    return verdict(BITS, PARITY, **QUICK)


def test_parity_is_known_to_the_memory_and_its_twin_alone(result):
    assert result.outcome == "HELPS"
    assert result.champions["quantum"]["models"] == [{"name": "memory classifier", "folds": 3}]
    assert result.champions["quantum"]["mean"] == 1.0
    (twin,) = result.ablations
    assert (twin["kind"], twin["name"]) == ("neighbours", "nearest neighbours by Hamming distance")
    assert twin["mean"] > 0.9
    assert twin["says"] == "Nothing beyond counting nearest neighbours is shown."
    assert twin["folds"] == 3
    assert "The best quantum model is a memory: its answer is a closed formula" in result.sentence
    assert "Without entanglement" not in result.sentence


def test_the_report_says_its_cost_and_that_it_is_classically_exact(result):
    Page(result.to_html()).assert_sound()
    text = Page(result.to_html()).text
    assert (result.circuit["n_bits"], result.circuit["n_patterns"], result.circuit["probes"]) == (4, 80, 40)
    for words in (
        "classically exact and cheap",
        "Gates that store",
        "Success of a run",
        "Nothing is trained on a device.",
        f"{result.circuit['storage_cx']:,} CX",
        "rows of 4 bits",
        "The memory classifier gets them before that: it stores bits.",
    ):
        assert words in text, words
    assert result.device["predict_one"]["shots"] == round(1000 * result.circuit["repetitions"])
    assert result.portraits["quantum"]["importance"]["drops"].mean(axis=1)[:2].min() > 0.2
    again = Verdict.from_json(result.to_json())
    assert again.to_html() == result.to_html()


def test_replay_and_a_ledger_change_nothing(result, tmp_path):
    assert numbers(result) == numbers(result.replay())
    ledger = tmp_path / "run.jsonl"
    verdict(BITS, PARITY, **QUICK, ledger=ledger)
    lines = ledger.read_text().splitlines(keepends=True)
    ledger.write_text("".join(lines[:6]))  # as if it had been killed there
    assert numbers(verdict(BITS, PARITY, **QUICK, ledger=ledger)) == numbers(result)
    assert len(ledger.read_text().splitlines()) == len(lines)


def test_the_best_model_is_the_memory_and_can_be_kept(result, tmp_path):
    best = result.best
    assert (best.name, best.side) == ("memory classifier", "quantum")
    assert (best.predict(BITS) == PARITY).all()
    assert [name for name, _ in best.pipeline[0].steps] == ["columns", "constants"]
    again = kw.load(best.save(tmp_path / "best.ketwise"))
    np.testing.assert_array_equal(again.predict_proba(BITS), best.predict_proba(BITS))


def test_many_classes_are_weighted_and_two_columns_have_a_map(only_memory):
    X = RNG.normal(size=(150, 2))
    result = verdict(pd.DataFrame(X, columns=["a", "b"]), np.digitize(X[:, 0] * X[:, 1], [-0.3, 0.3]), **QUICK)
    assert (result.settings["class_weight"], result.score["name"]) == ("balanced", "balanced_accuracy")
    assert result.champions["quantum"]["mean"] > 0.7
    assert result.decision_map is not None
    assert result.circuit["n_bits"] > 2
    Page(result.to_html()).assert_sound()


def test_probabilities_are_calibrated_as_the_others_are(only_memory):
    result = verdict(BITS, PARITY, **QUICK, scoring="neg_log_loss")
    assert result.settings["calibrated"]
    assert result.champions["quantum"]["mean"] > -0.1
    assert result.champions["classical"]["mean"] < -0.6


def test_where_champions_differ_each_ablation_is_of_the_folds_that_have_it(monkeypatch):
    """Champions by inner scores are forced: the stand-in in two folds of five, the memory in the others."""
    from ketwise.evidence.trials.tally import Tally

    monkeypatch.setattr(roster, "quantum_opponents", quick_quantum)
    monkeypatch.setattr(roster, "classical_opponents", quick_classical)
    real = ablated.ablations
    monkeypatch.setattr(ablated, "ablations", lambda one, kind: quick_ablations(one, kind) or real(one, kind))
    champions = Tally.champions

    def forced(self, side):
        if side != "quantum":
            return champions(self, side)
        names = ["ket neighbours", "memory classifier", "memory classifier", "ket neighbours", "memory classifier"]
        return [self.trials[names[fold.index], fold.index] for fold in self.folds]

    monkeypatch.setattr(Tally, "champions", forced)
    result = verdict(BITS, PARITY, **QUICK | {"cv": (5, 1)})
    lines = {line["kind"]: line for line in result.ablations}
    assert {kind: line["folds"] for kind, line in lines.items()} == {"entanglement": 2, "neighbours": 3}
    memory = [row["score"] for row in result.scores if row["model"] == "memory classifier" and row["fold"] in (1, 2, 4)]
    assert lines["neighbours"]["difference"]["mean"] == pytest.approx(
        np.mean(memory) - np.mean(lines["neighbours"]["scores"]), abs=1e-12
    )
    assert lines["neighbours"]["about"].endswith("In 3 of 5 folds: in those whose champion it can be made of.")
    assert "a memory in 3 of 5 folds" in result.sentence
    assert "Without entanglement" not in result.sentence
    assert "Quantum, entanglement removed" not in result.to_html()
