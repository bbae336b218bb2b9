"""A whole verdict: reproducible, fair, complete, and right where the answer is known."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import ketwise as kw
from ketwise.evidence import prepared as roster
from ketwise.evidence.inference.correlated import compare, correlated_posterior
from ketwise.evidence.record import Verdict, report_paths
from ketwise.evidence.verdict import verdict
from ketwise.program.backends import default


def numbers(result):
    """The JSON without what the clock decides."""
    document = result.to_dict()
    document.pop("timings")
    return json.dumps(document, sort_keys=True)


@pytest.fixture
def quick_verdict(quick, two_classes):
    return lambda **more: verdict(*two_classes, **({"cv": 3, "configurations": 3, "n_jobs": 1} | more))


def test_the_same_seed_gives_the_same_numbers(quick_verdict):
    first = quick_verdict()
    assert numbers(first) == numbers(quick_verdict())
    assert numbers(first) != numbers(quick_verdict(random_state=1))


def test_the_number_of_processes_changes_nothing(quick_verdict):
    assert numbers(quick_verdict()) == numbers(quick_verdict(n_jobs=2))


def test_json_there_and_back(quick_verdict):
    first = quick_verdict()
    again = Verdict.from_json(first.to_json())
    assert again.to_json() == first.to_json()
    assert again.to_html() == first.to_html()
    pd.testing.assert_frame_equal(again.table, first.table)


def test_the_answer_follows_from_the_folds(quick_verdict):
    result = quick_verdict(rope=0.02)
    table = result.table
    assert list(table.columns[:5]) == ["model", "side", "fold", "score", "inner_score"]
    assert len(table) == 3 * 3
    champions = table[table.champion].pivot(index="fold", columns="side", values="score")
    differences = (champions["quantum"] - champions["classical"]).to_numpy()
    assert result.differences.tolist() == differences.tolist()
    expected = compare(correlated_posterior(differences, 0.5), 0.02, 120)
    assert result.outcome == expected.outcome
    assert result.difference == expected.posterior.mean
    assert result.interval == list(expected.posterior.interval())
    assert result.probabilities["better"] == expected.better
    assert sum(result.probabilities[key] for key in ("worse", "same", "better")) == pytest.approx(1, abs=1e-12)
    for (_, _), row in table.groupby(["side", "fold"]):
        assert row[row.champion].inner_score.item() == row.inner_score.max()
    assert str(result) == result.sentence


def test_a_model_more_changes_no_other_model(quick_verdict):
    before, after = quick_verdict().table, quick_verdict(against={"mine": RandomForestClassifier(5)}).table
    columns = ["model", "fold", "score", "inner_score", "settings"]
    kept = after[after.model != "mine"][columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(before[columns], kept)
    assert (after[after.model == "mine"].side == "classical").all()


def test_given_models_join_their_sides(quick_verdict):
    result = quick_verdict(models={"theirs": KNeighborsClassifier(3)}, against={"incumbent": LogisticRegression()})
    sides = dict(zip(result.table.model, result.table.side, strict=True))
    assert (sides["theirs"], sides["incumbent"]) == ("quantum", "classical")
    assert "models={...}, against={...}" in result.command


def test_known_answers(quick_verdict, two_classes):
    X, _ = two_classes

    noise = np.random.default_rng(0).integers(0, 2, 120)
    nothing = verdict(X, noise, cv=(3, 2), configurations=3, n_jobs=1)
    assert nothing.outcome in ("CANNOT TELL", "NO USEFUL GAIN")
    assert abs(nothing.champions["classical"]["mean"] - 0.5) < 0.15
    same = quick_verdict(
        models={"line": LogisticRegression()}, against={"copy": LogisticRegression()}, configurations=1
    )
    assert same.differences.tolist() == [0.0] * 3  # the same model on both sides, and the better one on each
    assert same.outcome == "NO USEFUL GAIN"
    assert same.interval == [0.0, 0.0]


def test_a_clear_win_is_called(quick, monkeypatch):
    rng = np.random.default_rng(2)
    X = rng.uniform(-1, 1, size=(300, 3))
    y = (np.abs(X[:, 0]) > 0.5).astype(int)  # neighbours can, a line cannot
    result = verdict(X, y, cv=(5, 2), configurations=4, n_jobs=1)
    assert result.outcome == "HELPS"
    assert result.sentence.startswith("A quantum model helps: best quantum model 0.9")
    # Turned round, the other side wins by as much: the champions swap their sides.
    turned = verdict(X, y, models={"line": LogisticRegression()}, cv=(5, 2), configurations=4, n_jobs=1)
    assert turned.champions["quantum"]["models"][0]["name"] == "ket neighbours"
    quantum, classical = roster.quantum_opponents, roster.classical_opponents
    monkeypatch.setattr(roster, "quantum_opponents", lambda kind: [_moved(row, "quantum") for row in classical(kind)])
    monkeypatch.setattr(
        roster, "classical_opponents", lambda kind: [_moved(row, "classical") for row in quantum(kind)[:1]]
    )
    lost = verdict(X, y, cv=(5, 2), configurations=4, n_jobs=1)
    assert (lost.outcome, lost.clearly_worse) == ("NO USEFUL GAIN", True)
    assert lost.difference == pytest.approx(-result.difference, abs=1e-12)
    assert lost.headline == "No useful gain, and worse"


def _moved(row, side):
    from dataclasses import replace

    return replace(row, side=side)


def test_regression_and_many_classes(quick):
    rng = np.random.default_rng(4)
    X = rng.normal(size=(100, 3))
    number = verdict(X, X[:, 0] + rng.normal(0, 0.3, 100), cv=(4, 1), configurations=3, n_jobs=1)
    assert number.score["name"] == "neg_rmse_over_sd"
    assert number.champions["classical"]["mean"] == pytest.approx(-0.3, abs=0.08)
    many = verdict(X, np.digitize(X[:, 0], [-0.5, 0.5]), cv=(4, 1), configurations=3, n_jobs=1)
    assert (many.score["name"], many.settings["class_weight"]) == ("balanced_accuracy", "balanced")
    for result in (number, many):
        assert result.to_html()


def test_many_rows_are_sampled_and_a_second_line_has_them_all(quick, monkeypatch):
    monkeypatch.setattr("ketwise.evidence.trials.folds.MOST_ROWS", 50)
    rng = np.random.default_rng(4)
    X = rng.normal(size=(300, 6))
    result = verdict(X, (X[:, 0] > 0).astype(int), cv=(3, 1), configurations=3, n_jobs=1)
    assert result.table.n_train.unique().tolist() == [50]
    assert any("200 training rows of a fold 50 were sampled" in note for note in result.data["notes"])
    assert [line["name"] for line in result.second_lines] == [
        "best classical, on the quantum models' columns",
        "best classical, on all training rows",
    ]
    assert result.settings["test_to_train"] == 0.5


def test_progress_is_told(quick_verdict):
    steps = []
    quick_verdict(progress=steps.append)
    assert steps[0].trial is None
    assert "two classes" in steps[0].said[0]
    models = [step for step in steps if step.stage == "models"]
    assert [step.done for step in models] == list(range(10))
    assert {step.total for step in models} == {9}
    assert models[-1].seconds_left == 0
    assert all(step.seconds_left > 0 for step in models[4:-1])
    provisional = [step.provisional for step in models if step.provisional]
    assert len(provisional) == 1  # after the second of three folds
    assert provisional[0].startswith("After 2 of 3 folds: ")
    assert list(dict.fromkeys(step.stage for step in steps)) == [
        "models", "ablations", "best classical, on the quantum models' columns", "portraits", "diagnosis",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"rope": -1}, "rope is the smallest difference"),
        ({"rope": float("nan")}, "rope is the smallest difference"),
        ({"configurations": 0}, "configurations must be a whole number"),
        ({"configurations": 500}, "the smallest grid has 12"),
        ({"n_jobs": 0}, "n_jobs must be"),
        ({"random_state": -1}, "random_state must be"),
        ({"random_state": np.random.default_rng(0)}, "random_state must be"),
        ({"scoring": "acuracy"}, "did you mean accuracy"),
        ({"scoring": "roc_auc_ovr_weird"}, "no score is named"),
        ({"models": {"linear": LogisticRegression()}}, "'linear' is no free name"),
        ({"cv": 1}, "at least 2 folds"),
    ],
)
def test_bad_arguments(quick_verdict, more, message):
    with pytest.raises(ValueError, match=message):
        quick_verdict(**more)


def test_a_random_seed_is_recorded(quick_verdict):
    first = quick_verdict(random_state=None)
    assert numbers(quick_verdict(random_state=first.seeds["random_state"])) == numbers(first)


def test_saving_writes_both_files(quick_verdict, tmp_path):
    result = quick_verdict()
    written = result.save(tmp_path / "answer.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["answer.html", "answer.json"]
    assert written[0].read_text("utf-8") == result.to_html()
    assert Verdict.from_json(written[1].read_text("utf-8")).sentence == result.sentence
    with pytest.raises(ValueError, match=r"ends in \.html"):
        report_paths(tmp_path / "answer.json")
    assert "<iframe" in result._repr_html_()


def test_the_real_models():
    """Both sides as they are, on the smallest data that makes sense."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 9))
    y = (X[:, 0] + 0.3 * rng.normal(size=60) > 0).astype(int)
    result = verdict(X, y, cv=(2, 1), configurations=2, n_jobs=1)
    assert {
        "dummy", "logistic regression", "RBF SVM", "random forest", "gradient boosting", "MLP",
        "fidelity kernel", "projected kernel", "re-uploading circuit", "hardware-efficient circuit",
    } <= set(result.table.model)  # fmt: skip
    assert numbers(result) == numbers(verdict(X, y, cv=(2, 1), configurations=2, n_jobs=2))
    quantum = [model for model in result.models if model["side"] != "classical"]
    assert all(model["circuit"]["n_qubits"] == 8 and model["n_columns"] == [8] for model in quantum)
    assert [line["kind"] for line in result.ablations] == ["entanglement", "spectrum", "rbf"]
    assert result.circuit["drawing"].startswith("q0:")
    assert result.diagnosis["kernel"]["matrix"].shape[0] > 10
    assert result.device["qubits"] == 8
    number = verdict(X, X[:, 0] + 0.1 * rng.normal(size=60), cv=(2, 1), configurations=2, n_jobs=1)
    assert "ridge regression" in set(number.table.model)
    assert [line["kind"] for line in number.ablations] == ["entanglement", "spectrum", "rbf"]


def test_a_missing_native_engine_is_said_aloud_or_refused(quick, two_classes, monkeypatch):
    """Trials record warnings; once the only one about NumPy's speed was lost among them."""
    monkeypatch.setattr(default, "instruction_sets", tuple)
    monkeypatch.delenv("KETWISE_REQUIRE_NATIVE", raising=False)
    default.default_backend.cache_clear()
    try:
        with pytest.warns(kw.NativeMissingWarning, match="hundreds of times slower"):
            result = kw.verdict(*two_classes, cv=(2, 1), configurations=2, n_jobs=1)
        assert result.versions["engine"] == "reference (NumPy)"
        monkeypatch.setenv("KETWISE_REQUIRE_NATIVE", "1")
        default.default_backend.cache_clear()
        with pytest.raises(ImportError, match="KETWISE_REQUIRE_NATIVE is set"):
            kw.verdict(*two_classes, cv=(2, 1), configurations=2, n_jobs=1)
    finally:
        default.default_backend.cache_clear()
