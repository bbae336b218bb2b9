"""What is asked, recognised from the target, and the score that decides."""

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data.tables import load, table
from ketwise.evidence.data.task import MANY, NUMBER, TWO, NegativeRelativeError, deciding_score, recognise


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
