"""Digests: equal for what behaves alike, in every process; different wherever a number could come out differently."""

import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from scipy.stats import loguniform
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.gaussian_process.kernels import RBF
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import ketwise as kw
from ketwise.evidence.digest import digest


def circuit(angle=1.0, qubits=(0, 1), gate="cx"):
    """Circuits whose repr is the same."""
    x, w = kw.features(2), kw.params(2)
    made = kw.Circuit(2).h(0).ry(angle * w[0] * x[0] + w[1] * x[1], 1)
    return getattr(made, gate)(*qubits)


def scored(beta):
    return lambda truth, guess: beta * np.mean(truth == guess)


GRID = {f"name{k}": [k] for k in range(30)}
DIFFERENT = {
    "angle": (circuit(), circuit(1.0 + 1e-12)),
    "qubits": (circuit(), circuit(qubits=(1, 0))),
    "gate": (circuit(), circuit(gate="cz")),
    "encoding": (kw.encodings.iqp(2), kw.encodings.iqp(2) + kw.Circuit(2).h(0)),
    "estimator": tuple(kw.VariationalClassifier(circuit(angle)) for angle in (1.0, 2.0)),
    "grid": tuple(GridSearchCV(LogisticRegression(), {"C": list(range(100)) + [last]}) for last in (1, 2)),
    "distribution": tuple(RandomizedSearchCV(LogisticRegression(), {"C": loguniform(1, top)}) for top in (2, 3)),
    "array": (np.zeros(2000), np.eye(1, 2000, 1000)[0]),
    "objects": (np.array([1, "a"], dtype=object), np.array([1, "b"], dtype=object)),
    "seed": (np.random.default_rng(1), np.random.default_rng(2)),
    "nested": tuple(make_pipeline(StandardScaler(with_mean=on), LogisticRegression()) for on in (True, False)),
    "function": tuple(FunctionTransformer(function) for function in (np.log1p, np.expm1)),
    "kernel": tuple(GaussianProcessClassifier(RBF(length)) for length in (1.0, 2.0)),
    "lambda": (lambda x: x + 1, lambda x: x + 2),
    "closure": (scored(1), scored(2)),
    "fitted": tuple(FrozenEstimator(LogisticRegression().fit([[0], [1], [2]], y)) for y in ([0, 0, 1], [0, 1, 1])),
    "method": ({"a": 1}.get, {"a": 2}.get),
    "type": (1, True),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_what_differs_has_another_digest(case):
    first, second = DIFFERENT[case]
    assert digest(first) == digest(first)
    assert digest(first) != digest(second)


def test_circuits_that_are_equal_have_one():
    assert repr(circuit()) == repr(circuit(2.0))
    assert digest(circuit()) == digest(circuit())


def test_fitting_an_estimator_changes_nothing():
    model = make_pipeline(StandardScaler(), LogisticRegression())
    before = digest(model)
    model.fit(np.eye(4), [0, 1, 0, 1])
    assert digest(model) == before


def test_a_circle_ends():
    loop = [1]
    loop.append(loop)
    other = [2]
    other.append(other)
    assert digest(loop) != digest(other)


OWN = """
    from sklearn.base import BaseEstimator, ClassifierMixin
    import numpy as np
    LEVEL = {level}
    TAGS = {{"b", "a", "c"}}
    def helper(x):
        return x * {factor}
    class Base(BaseEstimator, ClassifierMixin):
        def look(self, X):
            return super().__sklearn_tags__(), helper(X), TAGS
    class Mine(Base):
        {comment}
        def __init__(self, depth=1):
            self.depth = depth
        def fit(self, X, y):
            return self if LEVEL else [value for value in (lambda: X)()]
        @property
        def size(self):
            return {size}
    def score(estimator, X, y):
        return {{"red", "green", "blue"}} and Mine(estimator)
    everything = [Mine(), score, helper, {{"x", "y", "z"}}]
    if __name__ == "__main__":
        from ketwise.evidence.digest import digest
        print(*(digest(each) for each in everything))
"""
AS_IT_IS = {"level": 1, "factor": 2, "size": 3, "comment": ""}


def _run(folder, seed, **changes):
    file = folder / "mine.py"
    file.write_text(textwrap.dedent(OWN.format(**AS_IT_IS | changes)))
    done = subprocess.run(
        [sys.executable, file.name],
        cwd=folder,
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_own_code_is_the_same_in_every_process_and_told_apart_by_what_it_does(tmp_path):
    first = _run(tmp_path, 1)
    assert first == _run(tmp_path, 2)
    assert first == _run(tmp_path, 3, comment="# no more than a remark")
    for change, same in (({"level": 0}, 2), ({"size": 4}, 2), ({"factor": 3}, 3)):
        changed = _run(tmp_path, 1, **change)
        assert changed[0] != first[0], change
        assert changed[1] != first[1], change  # names the class
        assert changed[same:] == first[same:]


class Moody:
    def __reduce_ex__(self, protocol):
        raise RuntimeError("not today")


class Forgets(LogisticRegression):
    def __init__(self, level=1):
        self.strength = level


@pytest.mark.parametrize("value", [(n for n in range(3)), threading.Lock(), Moody(), [Moody()], Forgets()])
def test_what_cannot_be_read_is_said(value):
    with pytest.raises(ValueError, match="cannot be compared"):
        digest(value)
