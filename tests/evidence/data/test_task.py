"""What is asked, recognised from the target, and the score that decides."""

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    get_scorer,
    get_scorer_names,
    log_loss,
    make_scorer,
    roc_auc_score,
)

from ketwise.evidence.data.scorers import NegativeRelativeError
from ketwise.evidence.data.tables import load, table
from ketwise.evidence.data.task import MANY, NUMBER, TWO, deciding_score, other_scores, recognise


def target(values):
    values = list(values)
    return table(np.arange(len(values))[:, None], pd.Series(values, name="y")).y


@pytest.mark.parametrize(
    ("values", "kind", "classes"),
    [
        (["b", "a"] * 10, TWO, ["a", "b"]),
        ([True, False] * 10, TWO, ["False", "True"]),
        ([-1, 1] * 10, TWO, ["-1", "1"]),
        ([-1.0, 1.0] * 10, TWO, ["-1", "1"]),
        ([0, 1, 2] * 10, MANY, ["0", "1", "2"]),
        (["10", "9", "x"] * 10, MANY, ["10", "9", "x"]),
        ([0.5, 1.5] * 10, NUMBER, []),
        (range(30), NUMBER, []),
        ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], NUMBER, []),
    ],
)
def test_kinds(values, kind, classes):
    task = recognise(target(values))
    assert (task.kind, task.classes) == (kind, classes)
    if classes:
        assert sum(task.counts) == len(list(values))
        assert [task.classes[code] for code in task.y[:1]] == [str(next(iter(values))).removesuffix(".0")]


def test_what_is_recognised_is_said():
    assert recognise(load("iris").y).said == (
        "A classification: target takes 3 classes, setosa (50 rows), versicolor (50 rows), virginica (50 rows)."
    )
    assert "two classes" in recognise(load("breast_cancer").y).said
    assert recognise(load("diabetes").y).said == "A regression: target takes 214 different numeric values in 442 rows."


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["a"] * 20, "'y' is 'a' in every row: nothing to predict; check --target"),
        ([1.0] * 20, "'y' is '1' in every row"),
        ([f"name {i}" for i in range(200)], "an identifier or a number written as text"),
        ([1.5], "1 row of data: too few"),
        (["a", "b"], "2 rows of data: too few"),
    ],
)
def test_targets_that_cannot_be_predicted(values, message):
    with pytest.raises(ValueError, match=message):
        recognise(target(values))


def test_the_deciding_scores():
    two, many, number = (recognise(load(name).y) for name in ("breast_cancer", "iris", "diabetes"))
    assert deciding_score(two, None).name == "roc_auc"
    assert deciding_score(many, None).name == "balanced_accuracy"
    assert "0.33 is chance" in deciding_score(many, None).meaning
    score = deciding_score(number, None)
    assert score.most == 0

    class Mean:
        def predict(self, X):
            return np.full(len(X), number.y.mean())

    assert score.of(Mean(), number.y, number.y) == pytest.approx(-1, abs=1e-12)
    assert deciding_score(two, "accuracy").name == "accuracy"
    assert deciding_score(two, NegativeRelativeError(2.0)).label == "NegativeRelativeError"
    with pytest.raises(ValueError, match="did you mean roc_auc"):
        deciding_score(two, "rocauc")
    with pytest.raises(ValueError, match="scoring must be"):
        deciding_score(two, 3)


def rare(share, n=200):
    return recognise(target(np.where(np.arange(n) < share * n, "ill", "well")))


def test_a_rare_class_changes_the_default():
    assert deciding_score(rare(0.1), None).name == "roc_auc"  # a tenth is not rare
    score = deciding_score(rare(0.095), None)
    assert (score.name, score.most) == ("average_precision", 1)
    assert "rarer class, ill, are ranked first: 1 is perfect, 0.095 is chance" in score.meaning


class Ranking(ClassifierMixin, BaseEstimator):
    """Ranks rows by their first column, larger meaning class 1."""

    classes_ = np.array([0, 1])

    def decision_function(self, X):
        return X[:, 0]


@pytest.mark.parametrize("name", [None, "average_precision"])
def test_average_precision_is_of_the_rarer_class(name):
    task = rare(0.05)  # class 0 is the rare one
    values = np.random.default_rng(0).normal(size=len(task.y))
    score = deciding_score(task, name)
    expected = average_precision_score(task.y == 0, -values)
    assert score.of(Ranking(), values[:, None], task.y) == pytest.approx(expected, abs=1e-12)
    assert average_precision_score(task.y == 1, values) != pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("name", ["accuracy", "f1_micro", "recall_micro"])
def test_accuracy_is_refused_where_a_class_is_rare(name):
    assert deciding_score(rare(0.1), name).name == name
    with pytest.raises(
        ValueError, match=r"'ill' has 5.0% of the rows, and always answering 'well' would be right in 95"
    ):
        deciding_score(rare(0.05), name)
    many = recognise(target(["a"] * 3 + ["b", "c"] * 50))
    with pytest.raises(ValueError, match="use balanced_accuracy or matthews_corrcoef"):
        deciding_score(many, name)


def test_the_score_is_fixed_without_held_out_rows():
    y = target(["ill"] * 5 + ["well"] * 95 + ["ill"] * 100)
    assert deciding_score(recognise(y), None).name == "roc_auc"
    assert deciding_score(recognise(y, held_out=100), None).name == "average_precision"
    numbers = target([*np.linspace(-1, 1, 50), *np.full(10, 1e6)])
    assert deciding_score(recognise(numbers, held_out=10), None).of.sd == pytest.approx(np.std(np.linspace(-1, 1, 50)))


def test_a_class_that_is_in_held_out_rows_only():
    with pytest.raises(ValueError, match="'y' takes 'maybe', 'perhaps' only in the held-out rows .3 rows."):
        recognise(target(["no", "yes"] * 10 + ["perhaps", "maybe", "maybe"]), held_out=3)
    assert recognise(target([0, 1] * 10 + [2.5]), held_out=0).kind == NUMBER


TASKS = {TWO: target(["a", "b"] * 10), MANY: target(["a", "b", "c"] * 10), NUMBER: target(np.linspace(0.5, 9, 30))}


class Sure(ClassifierMixin, BaseEstimator):
    """Knows the class, which is the first column."""

    def __init__(self, n_classes, probabilities=True):
        self.n_classes, self.probabilities = n_classes, probabilities
        self.classes_ = np.arange(n_classes)

    def predict(self, X):
        return X[:, 0].astype(int)

    def decision_function(self, X):
        each = np.eye(self.n_classes)[self.predict(X)]
        return each[:, 1] if self.n_classes == 2 else each

    def predict_proba(self, X):
        if not self.probabilities:
            raise AttributeError("no probabilities")
        return np.eye(self.n_classes)[self.predict(X)]


class Knows(RegressorMixin, BaseEstimator):
    """Knows the number."""

    def predict(self, X):
        return X[:, 0]


def named(task, name):
    try:
        return deciding_score(task, name), None
    except ValueError as error:
        return None, str(error)


@pytest.mark.parametrize("kind", TASKS)
@pytest.mark.parametrize("name", get_scorer_names())
def test_every_score_fits_and_works_or_is_refused_in_a_sentence(name, kind):
    task = recognise(TASKS[kind])
    assert task.kind == kind
    n_classes = len(task.classes)
    model = Knows() if kind == NUMBER else Sure(n_classes)
    score, refused = named(task, name)
    if score is None:
        assert refused.startswith(f"scoring={name!r} ")
        assert ": use " in refused
        assert "\n" not in refused
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn's about perfect models
        value = score.of(model, task.y[:, None].astype(float), task.y)
    assert np.isfinite(value) or score.most is None
    assert score.most is None or value == pytest.approx(score.most, abs=1e-9)
    if kind != NUMBER:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                score.of(Sure(n_classes, probabilities=False), task.y[:, None].astype(float), task.y)
            except AttributeError:
                assert score.needs_probabilities
            else:
                assert not score.needs_probabilities


@pytest.mark.parametrize(
    ("kind", "fits"),
    [
        (TWO, {"roc_auc", "f1", "average_precision", "neg_log_loss", "accuracy", "matthews_corrcoef"}),
        (MANY, {"roc_auc_ovr", "f1_macro", "balanced_accuracy", "neg_log_loss", "top_k_accuracy"}),
        (NUMBER, {"r2", "neg_mean_absolute_error", "neg_mean_gamma_deviance", "d2_absolute_error_score"}),
    ],
)
def test_what_fits(kind, fits):
    task = recognise(TASKS[kind])
    for name in fits:
        assert deciding_score(task, name).name == name
    for name in {"roc_auc", "r2", "f1", "top_k_accuracy", "rand_score"} - fits:
        with pytest.raises(ValueError, match=f"scoring='{name}' "):
            deciding_score(task, name)


def test_scores_that_need_positive_numbers():
    below = recognise(target(np.linspace(-2, 9, 30)))
    for name in ("neg_mean_gamma_deviance", "neg_mean_poisson_deviance", "neg_mean_squared_log_error"):
        with pytest.raises(ValueError, match="is not defined for a target as low as -2: use"):
            deciding_score(below, name)


def test_other_scores():
    names = {kind: [score.name for score in other_scores(recognise(y))] for kind, y in TASKS.items()}
    assert names == {
        TWO: ["roc_auc", "average_precision", "balanced_accuracy", "accuracy"],
        MANY: ["balanced_accuracy", "accuracy", "f1_macro"],
        NUMBER: ["neg_rmse_over_sd", "neg_mae_over_sd", "r2"],
    }
    number = recognise(TASKS[NUMBER])
    absolute = other_scores(number)[1].of
    shifted = absolute(Knows(), number.y[:, None] + 2, number.y)
    assert shifted == pytest.approx(-2 / np.std(number.y))


def test_scores_travel_to_other_processes():
    for y in TASKS.values():
        task = recognise(y)
        for score in [deciding_score(task, None), *other_scores(task)]:
            assert pickle.loads(pickle.dumps(score)).name == score.name


def test_common_names_of_scores_are_understood():
    two, number = recognise(TASKS[TWO]), recognise(TASKS[NUMBER])
    for given, meant in (("auc", "roc_auc"), ("logloss", "neg_log_loss"), ("RMSE", "neg_root_mean_squared_error")):
        with pytest.raises(ValueError, match=f"did you mean {meant}\\?"):
            deciding_score(two if meant != "neg_root_mean_squared_error" else number, given)
        assert get_scorer(meant)


def test_a_function_may_be_the_score():
    assert deciding_score(recognise(TASKS[TWO]), lambda model, X, y: 0.0).label == "given score"
    assert deciding_score(recognise(TASKS[TWO]), NegativeRelativeError(1.0)).given


def test_a_function_may_ask_for_probabilities():
    """A scorer of scikit-learn's says what it asks; whoever writes another function may ask for them too."""
    two, number = recognise(TASKS[TWO]), recognise(TASKS[NUMBER])
    asks = {
        make_scorer(log_loss, response_method="predict_proba", greater_is_better=False): True,
        make_scorer(log_loss, response_method=("predict_proba",), greater_is_better=False): True,
        make_scorer(roc_auc_score, response_method=("decision_function", "predict_proba")): False,
        make_scorer(accuracy_score): False,
        (lambda model, X, y: -log_loss(y, model.predict_proba(X))): True,
    }
    for scoring, wanted in asks.items():
        score = deciding_score(two, scoring)
        assert score.needs_probabilities is wanted, scoring
        assert score.given
        assert not deciding_score(number, scoring).needs_probabilities


def test_classes_are_told_apart_to_the_last_sign():
    """NumPy's own text drops NULs at the end."""
    assert recognise(target(["a", "a\0"] * 10)).classes == ["a", "a\0"]
