"""Recorded answers stand in for the model: every score from them is the score from the model itself."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.metrics import get_scorer
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC

from ketwise.evidence.trials.recorded import Recorded


def data(n_classes):
    X, y = make_classification(200, 6, n_informative=5, n_redundant=0, n_classes=n_classes, random_state=1)
    return pd.DataFrame(X), y


TWO = ["roc_auc", "average_precision", "accuracy", "balanced_accuracy", "f1", "neg_log_loss", "neg_brier_score"]
MANY = ["accuracy", "balanced_accuracy", "f1_macro", "roc_auc_ovr", "roc_auc_ovo_weighted", "neg_log_loss"]


@pytest.mark.parametrize(
    "model", [LogisticRegression(), SVC(), GaussianNB(), RandomForestClassifier(9), RidgeClassifier()]
)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_scores_from_answers_are_scores_from_the_model(model, n_classes):
    X, y = data(n_classes)
    fitted = model.fit(X[:120], y[:120])
    held = X.iloc[120:]
    recorded = Recorded.of(fitted, held, n_classes)
    for name in TWO if n_classes == 2 else MANY:
        if recorded.probabilities is None and name.startswith(("neg_", "roc_auc_ov")):
            continue  # the model gives none
        score = get_scorer(name)
        assert score(recorded, held, y[120:]) == score(fitted, held, y[120:]), name
        some = held.iloc[[5, 3, 3, 70, 8, 40, 41, 42, 43, 44, 45, 46]]
        truth = y[some.index]
        assert score(recorded, some, truth) == score(fitted, some, truth), name


def test_numbers():
    X, y = data(2)
    fitted = Ridge().fit(X[:120], X[:120][0] + y[:120])
    recorded = Recorded.of(fitted, X.iloc[120:], 0)
    for name in ("r2", "neg_mean_absolute_error", "neg_root_mean_squared_error"):
        assert get_scorer(name)(recorded, X.iloc[130:150], y[130:150]) == pytest.approx(
            get_scorer(name)(fitted, X.iloc[130:150], y[130:150]), rel=1e-12
        )


class Says:
    """Answers with what it was given, whatever it is asked about."""

    def __init__(self, said, probabilities=None):
        self.said = said
        if probabilities is not None:
            self.predict_proba = lambda X: probabilities

    def predict(self, X):
        return self.said


SIX = pd.DataFrame({"a": np.arange(6.0)})


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
@pytest.mark.parametrize("kind", [float, np.float32, int, object])
def test_a_column_of_answers_is_one_a_row(shape, kind):
    said = np.array([0, 1, 1, 0, 1, 0]).astype(kind).reshape(shape)
    for n_classes, dtype in ((0, float), (2, np.int64)):
        labels = Recorded.of(Says(said), SIX, n_classes).labels
        assert labels.shape == (6,)
        assert labels.dtype == dtype
        assert labels.tolist() == [0, 1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("said", "n_classes", "message"),
    [
        (np.zeros((6, 2)), 0, r"predict returned shape \(6, 2\) for 6 rows: it must be \(6,\)"),
        (np.zeros(5), 0, r"shape \(5,\) for 6 rows"),
        (np.zeros((1, 6)), 2, r"shape \(1, 6\)"),
        (np.array(["one"] * 6), 0, "returned 'one', which is no number"),
        ([1, -1] * 3, 2, "the label -1, which is no class: y was given as the codes 0 to 1"),
        ([0, 1, 2, 3, 2, 1], 3, "the label 3, .* codes 0 to 2"),
        ([0, 0.5] * 3, 2, "the label 0.5"),
        ([0, np.nan] * 3, 2, "the label nan"),
        (["0", "1"] * 3, 2, "the label '0'"),
        (np.array(["no", 1] * 3, dtype=object), 2, "the label 'no'"),
    ],
)
def test_answers_that_are_none_are_refused(said, n_classes, message):
    with pytest.raises(ValueError, match=message):
        Recorded.of(Says(said), SIX, n_classes)


def test_probabilities_have_a_column_a_class():
    with pytest.raises(ValueError, match=r"predict_proba returned shape \(6, 1\) for 6 rows: it must be \(6, 2\)"):
        Recorded.of(Says(np.zeros(6), np.full((6, 1), 0.5)), SIX, 2)


def test_they_cannot_be_fitted():
    with pytest.raises(TypeError, match="cannot be fitted"):
        Recorded(np.arange(2), np.zeros(2), np.zeros((2, 1)), None, 0).fit(None, None)
    with pytest.raises(AttributeError, match="no probabilities"):
        Recorded(np.arange(2), np.zeros(2), np.zeros((2, 1)), None, 2).predict_proba(pd.DataFrame({"a": [1.0]}))
