"""One trial: nothing from the test rows is used, the best inner configuration is chosen, failures are said."""

import json
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, clone
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, make_scorer, roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from ketwise.evidence.data import alerts
from ketwise.evidence.data.columns import choose_columns, preparation, used_frame
from ketwise.evidence.data.tables import table
from ketwise.evidence.data.task import deciding_score, recognise
from ketwise.evidence.models.opponents import QUANTUM, Opponent, Situation
from ketwise.evidence.models.quantum import quantum_opponents
from ketwise.evidence.trials.calibration import Calibrated
from ketwise.evidence.trials.fitting import Bench, circuit_facts, fitted_pipeline
from ketwise.evidence.trials.folds import Layout, outer_folds
from ketwise.evidence.trials.protocol import Trial, fit_once, try_model
from ketwise.words.result import plain, rich

RNG = np.random.default_rng(11)
N = 90
LABELS = RNG.integers(0, 2, N)
FRAME = pd.DataFrame(
    {
        "a": LABELS + RNG.normal(0, 1, N),
        "b": np.where(RNG.random(N) < 0.1, np.nan, LABELS + RNG.normal(0, 2, N)),
        "word": np.where(RNG.random(N) < 0.1, None, RNG.choice(["u", "v", "w"], N)),
        "c": RNG.normal(0, 1, N),
    }
)


def bench(frame=FRAME):
    data = table(frame, pd.Series(LABELS, name="y"))
    task = recognise(data.y)
    columns = choose_columns(data, alerts.find(data, task))
    return Bench(used_frame(data, columns), task, columns, deciding_score(task, None), seed=4)


def model(make, **more):
    return Opponent("m", QUANTUM, "", make, {"k": 1}, {"k": [1, 3, 9]}, **more)


def neighbours(settings, situation):
    return KNeighborsClassifier(settings["k"])


K = [{"k": 1}, {"k": 9}, {"k": 3}]


def test_the_test_rows_do_not_touch_what_is_learned():
    clean = bench()
    fold = outer_folds(clean.task, (3, 1), 0)[1]
    wild = FRAME.copy()
    wild.loc[fold.test, ["a", "b", "c"]] = 1e6 * RNG.normal(size=(len(fold.test), 3))
    wild.loc[fold.test, "word"] = "never seen"
    dirty = bench(wild)
    opponent = model(neighbours, most_columns=2)
    first, second = (try_model(which, opponent, fold, K) for which in (clean, dirty))
    assert first.inner.tobytes() == second.inner.tobytes()
    assert first.chosen == second.chosen
    fitted = [fitted_pipeline(which, opponent, K[0], fold.index, fold.train) for which in (clean, dirty)]
    rows = clean.X.iloc[fold.train]
    assert fitted[0][:-1].transform(rows).tobytes() == fitted[1][:-1].transform(rows).tobytes()
    assert first.score != second.score


def test_the_chosen_configuration_is_the_best_inside():
    here = bench()
    for fold in outer_folds(here.task, (3, 2), 0):
        trial = try_model(here, model(neighbours), fold, K)
        assert trial.inner.shape == (3, 3)
        assert trial.inner_score == trial.inner.mean(axis=1).max()
        again = fit_once(here, model(neighbours), fold, K[trial.chosen])
        assert again["score"] == trial.score
        assert trial.n_rows == len(fold.train)
        assert trial.n_columns == 7  # three numbers, three words and the word for a gap


@pytest.mark.parametrize("most", [None, 3])
def test_inner_scores_are_those_of_a_whole_pipeline(most):
    here = bench()
    fold = outer_folds(here.task, (3, 1), 0)[0]
    trial = try_model(here, model(neighbours, most_columns=most), fold, K)
    reduction = "passthrough" if most is None else PCA(most)
    for split, (train, test) in enumerate(fold.inner):
        pipeline = clone(make_pipeline(preparation(here.columns), reduction, KNeighborsClassifier(9)))
        pipeline.fit(here.X.iloc[fold.train[train]], here.task.y[fold.train[train]])
        said = pipeline.predict_proba(here.X.iloc[fold.train[test]])[:, 1]
        assert trial.inner[1, split] == roc_auc_score(here.task.y[fold.train[test]], said)


def test_a_trial_survives_json_to_the_bit():
    here = bench()
    fold = outer_folds(here.task, (3, 1), 0)[0]
    trial = try_model(here, model(neighbours), fold, K)
    again = Trial.from_dict(rich(json.loads(json.dumps(plain(trial.to_dict(), "")))))
    assert again.inner.tobytes() == trial.inner.tobytes()
    assert again.recorded.values.tobytes() == trial.recorded.values.tobytes()
    assert again.recorded.rows.dtype == trial.recorded.rows.dtype
    assert (again.score, again.chosen, again.remarks) == (trial.score, trial.chosen, trial.remarks)


def test_a_score_of_probabilities_calibrates_every_model_alike():
    """A linear SVM gives no probabilities; its scores are turned into some as those of any other model are."""
    here = replace(bench(), score=deciding_score(bench().task, "neg_log_loss"))
    fold = outer_folds(here.task, (3, 1), 0)[0]
    for make in (lambda settings, situation: LinearSVC(), lambda settings, situation: GaussianNB()):
        trial = try_model(here, model(make), fold, K[:1])
        assert isinstance(fitted_pipeline(here, model(make), K[0], 0, fold.train)[-1], Calibrated)
        said = trial.recorded.probabilities
        assert trial.score == -log_loss(here.task.y[fold.test], said)
        assert trial.score > -0.7  # saying one half everywhere costs log 2


def test_columns_are_reduced_and_a_pipeline_sees_them_as_they_came():
    here = bench()
    fold = outer_folds(here.task, (3, 1), 0)[0]
    assert fit_once(here, model(neighbours, most_columns=2), fold, K[0])["n_columns"] == 2
    seen = []

    class Looks(DummyClassifier):
        def fit(self, X, y):
            seen.append(list(X.columns))
            return super().fit(np.zeros((len(X), 1)), y)

    fit_once(here, model(lambda settings, situation: Looks(), takes_table=True), fold, K[0])
    assert seen == [["a", "b", "c", "word"]]


def test_some_failures_are_remarked_and_all_failures_stop():
    here = bench()
    fold = outer_folds(here.task, (3, 1), 0)[2]

    def moody(settings, situation):
        if settings["k"] < 9:
            raise RuntimeError("k is  too\nsmall")
        warnings.warn("a bit slow", stacklevel=1)
        return KNeighborsClassifier(9)

    trial = try_model(here, model(moody), fold, K)
    assert trial.chosen == 1
    assert np.isnan(trial.inner[[0, 2]]).all()
    assert trial.remarks == {"UserWarning: a bit slow": 4, "RuntimeError: k is too small": 6}
    with pytest.raises(ValueError, match="m failed in fold 3: RuntimeError: k is too small"):
        try_model(here, model(moody), fold, K[:1])


def test_a_model_that_predicts_nonsense_is_named():
    here = bench()
    fold = outer_folds(here.task, (3, 1), 0)[0]

    class Nonsense(LogisticRegression):
        def decision_function(self, X):
            return np.full(len(X), np.nan)

    with pytest.raises(ValueError, match="m failed in fold 1: ValueError"):
        fit_once(here, model(lambda settings, situation: Nonsense()), fold, K[0])


def numbers():
    y = pd.Series(np.nan_to_num(FRAME.b) + 0.1 * FRAME.a, name="y")
    data = table(FRAME[["a", "c"]], y)
    task = recognise(data.y)
    columns = choose_columns(data, alerts.find(data, task))
    return Bench(used_frame(data, columns), task, columns, deciding_score(task, None), seed=4)


class Plain(RegressorMixin, BaseEstimator):
    """Least squares, with nothing that ends in an underscore, and predictions of the shape asked for."""

    def __init__(self, shape=(-1,)):
        self.shape = shape

    def fit(self, X, y):
        self.weights = np.linalg.lstsq(np.c_[X, np.ones(len(X))], y, rcond=None)[0]

    def predict(self, X):
        return (np.c_[X, np.ones(len(X))] @ self.weights).reshape(self.shape)


def test_regressors_that_scikit_learn_would_call_unfitted_and_that_answer_in_a_column():
    here = numbers()
    fold = outer_folds(here.task, (3, 1), 0)[0]
    flat, column = (
        try_model(here, model(lambda settings, situation, shape=shape: Plain(shape)), fold, K[:1])
        for shape in ((-1,), (-1, 1))
    )
    assert flat.inner.tobytes() == column.inner.tobytes()
    assert flat.score == column.score > -1.2
    with pytest.raises(ValueError, match=r"m failed in fold 1: ValueError: predict returned shape \(1, \d+\) for"):
        try_model(here, model(lambda settings, situation: Plain((1, -1))), fold, K[:1])


class Signs(ClassifierMixin, BaseEstimator):
    """Ranks well, and names the classes -1 and 1."""

    def fit(self, X, y):
        self.inner = GaussianNB().fit(X, y)
        return self

    def decision_function(self, X):
        return self.inner.predict_proba(X)[:, 1]

    def predict(self, X):
        return 2 * self.inner.predict(X) - 1


def test_labels_that_are_no_codes_are_said_in_the_first_trial():
    here = bench()
    fold = outer_folds(here.task, (3, 1), 0)[0]
    with pytest.raises(
        ValueError, match="m failed in fold 1: ValueError: predict returned the label -1, .* codes 0 to 1"
    ):
        try_model(here, model(lambda settings, situation: Signs()), fold, K[:1])


def test_scores_that_are_not_finite_are_said():
    here = replace(bench(), score=deciding_score(bench().task, lambda model, X, y: float("nan")))
    fold = outer_folds(here.task, (3, 1), 0)[0]
    with pytest.raises(ValueError, match="m failed in fold 1: its score is not finite"):
        try_model(here, model(neighbours), fold, K)


@pytest.mark.parametrize(
    "scoring",
    [
        make_scorer(log_loss, response_method="predict_proba", greater_is_better=False),
        lambda model, X, y: -log_loss(y, model.predict_proba(X)),
    ],
)
def test_a_given_score_may_ask_for_probabilities(scoring):
    here = replace(bench(), score=deciding_score(bench().task, scoring))
    fold = outer_folds(here.task, (3, 1), 0)[0]
    trial = try_model(here, model(lambda settings, situation: LinearSVC()), fold, K[:1])
    named = replace(here, score=deciding_score(here.task, "neg_log_loss"))
    assert trial.score == pytest.approx(
        try_model(named, model(lambda settings, situation: LinearSVC()), fold, K[:1]).score
    )


def test_calibration_keeps_groups_whole():
    """Every row three times: neighbours are sure of a copy, and must not be asked about one."""
    frame, labels = pd.concat([FRAME] * 3, ignore_index=True), np.tile(LABELS, 3)
    data = table(frame, pd.Series(labels, name="y"))
    task = recognise(data.y)
    columns = choose_columns(data, alerts.find(data, task))
    layout = Layout(groups=np.tile(np.arange(N), 3))
    score = deciding_score(task, "neg_log_loss")
    torn = Bench(used_frame(data, columns), task, columns, score, seed=4)
    fold = outer_folds(task, (3, 1), 0, layout)[0]
    sure, whole = (
        fit_once(which, model(neighbours), fold, K[0])["score"] for which in (torn, replace(torn, layout=layout))
    )
    assert whole > -0.7  # about what saying one half everywhere costs
    assert sure < whole - 0.3


@pytest.mark.parametrize("kind", [True, False])
def test_circuits_of_the_quantum_models_are_counted(kind):
    X = RNG.normal(size=(20, 3))
    y = (X[:, 0] > 0).astype(int) if kind else X[:, 0]
    for row in quantum_opponents(kind):
        settings = replace(row).default
        fitted = row.make(settings, Situation(kind, 3, 0, None)).fit(X, y)
        facts = circuit_facts(fitted)
        assert facts["n_qubits"] == 3
        assert facts["gates"] == sum(facts["counts"].values())
        assert facts["two_qubit_gates"] > 0
    assert circuit_facts(LogisticRegression()) == {}
