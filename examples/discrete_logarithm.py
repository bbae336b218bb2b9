"""A concept on which a quantum kernel wins, and what that is worth: the discrete logarithm.

The labels of Liu, Arunachalam and Temme, Nature Physics 17, 1013 (2021): p is a prime, g a generator of the numbers
1 .. p - 1 under multiplication mod p, and x is +1 where its logarithm to the base g lies in one half of the exponents.
To whoever cannot take the logarithm the labels look like noise. The kernel compares the states

    |phi(x)> = 2**(-k/2) sum_i |x g**i mod p>,  i < 2**k,

which are intervals of exponents; a quantum computer prepares them with Shor's modular arithmetic. Here the engine runs
the circuits and gives the overlaps.

    python examples/discrete_logarithm.py [PRIME]
"""

import sys
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, validate_data

import ketwise as kw

N_TRAIN, MOST_TESTED = 200, 1000


def generator(p: int) -> int:
    """Return the smallest number whose powers mod the prime p are all of 1 .. p - 1."""
    factors = {q for q in range(2, p) if (p - 1) % q == 0 and all(q % d for d in range(2, int(q**0.5) + 1))}
    return next(g for g in range(2, p) if all(pow(g, (p - 1) // q, p) != 1 for q in factors))


def powers(p: int, g: int) -> np.ndarray:
    """Return g**i mod p for i = 0 .. p - 2."""
    values = [1]
    for _ in range(p - 2):
        values.append(values[-1] * g % p)
    return np.array(values)


def logarithms(p: int, g: int) -> np.ndarray:
    """Return a table of p entries: entry x is the exponent i with g**i = x mod p; entry 0 is not used."""
    table = np.zeros(p, dtype=int)
    table[powers(p, g)] = np.arange(p - 1)
    return table


def labels(x: np.ndarray, p: int, g: int, s: int) -> np.ndarray:
    """Return 1 where the logarithm of x lies in [s, s + (p - 3) / 2], going round, and 0 elsewhere."""
    return ((logarithms(p, g)[x] - s) % (p - 1) <= (p - 3) // 2).astype(int)


def interval_width(p: int) -> int:
    """Return k. The paper takes 2**k = 2**n / poly(n) in n = ceil(log2 p) qubits; here n - 3, about p/8 exponents.

    Wider intervals blur the boundaries of the concept; narrower ones hold too few of 200 training points to meet.
    """
    return p.bit_length() - 3


def states(x: np.ndarray, p: int, g: int, k: int) -> np.ndarray:
    """Return the states of the numbers x, (len(x), 2**n), as the engine prepares them; no logarithm is taken.

    H on k qubits makes all exponents below 2**k; one permutation of the basis takes i to g**i mod p, a second one,
    the number's own, v to x v mod p.
    """
    n = p.bit_length()
    exponentiate = np.arange(1 << n)
    exponentiate[: p - 1], exponentiate[p - 1] = powers(p, g), 0
    prepare = kw.Circuit(n)
    for q in range(k):
        prepare.h(q)
    start = prepare.permutation(exponentiate, *range(n)).compile(kw.State())()
    rows = np.empty((len(x), 1 << n), dtype=complex)
    for row, number in zip(rows, x, strict=True):
        multiply = np.arange(1 << n)
        multiply[:p] = number * multiply[:p] % p
        row[:] = kw.Circuit(n).permutation(multiply, *range(n)).compile(kw.State())(initial_state=start)
    return rows


def overlaps(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the fidelities (len(left), len(right)), as outputs of a program whose initial states are ``left``."""
    n = left.shape[1].bit_length() - 1
    return np.asarray(kw.Circuit(n).compile(kw.Overlap(right))(initial_state=left))


class DiscreteLogKernelClassifier(ClassifierMixin, BaseEstimator):
    """Support vector classifier on the states of the numbers in the first column; other columns are not looked at."""

    def __init__(self, p: int = 1021, C: float = 1e4):
        self.p = p
        self.C = C

    def fit(self, X: Any, y: Any) -> Self:
        """Fit on numbers X[:, 0] out of 1 .. p - 1 and labels y."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.g_, self.k_ = generator(self.p), interval_width(self.p)
        self.states_ = self._states(X)
        self.svc_ = SVC(kernel="precomputed", C=self.C).fit(overlaps(self.states_, self.states_), y)
        self.classes_ = self.svc_.classes_
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return signed distances."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(self.svc_.decision_function(overlaps(self._states(X), self.states_)))

    def predict(self, X: Any) -> np.ndarray:
        """Return labels."""
        return self.classes_[(self.decision_function(X) > 0).astype(int)]

    def _states(self, X: np.ndarray) -> np.ndarray:
        return states(np.rint(X[:, 0]).astype(int), self.p, self.g_, self.k_)


def table(x: np.ndarray, p: int) -> np.ndarray:
    """Return what every model gets: the number, and its bits."""
    return np.column_stack([x, (x[:, None] >> np.arange(p.bit_length())) & 1]).astype(float)


def classical_models() -> dict[str, GridSearchCV]:
    """Return an RBF support vector machine and a random forest, both tuned by cross-validation."""
    svm = make_pipeline(StandardScaler(), SVC())
    grid = {"svc__C": [0.1, 1, 10, 100], "svc__gamma": [0.01, 0.1, 1, 10, 100, 1000]}
    forest = RandomForestClassifier(60, random_state=0)
    return {
        "RBF support vector machine": GridSearchCV(svm, grid, cv=3),
        "random forest": GridSearchCV(forest, {"max_features": [0.3, 1.0], "min_samples_leaf": [1, 5]}, cv=3),
    }


def accuracies(p: int, seed: int = 0) -> dict[str, float]:
    """Train every model on 200 numbers and return its accuracy on the others, at most 1,000 of them."""
    rng = np.random.default_rng(seed)
    g = generator(p)
    x = rng.permutation(np.arange(1, p))
    y = labels(x, p, g, int(rng.integers(p - 1)))
    train, test = slice(None, N_TRAIN), slice(N_TRAIN, N_TRAIN + MOST_TESTED)
    found = {}
    kernel = DiscreteLogKernelClassifier(p)
    found["quantum kernel"] = kernel.fit(x[train, None], y[train]).score(x[test, None], y[test])
    columns = {"the number": x[:, None].astype(float), "its bits": table(x, p)[:, 1:]}
    for name, model in classical_models().items():
        for told, X in columns.items():
            found[f"{name}, {told}"] = model.fit(X[train], y[train]).score(X[test], y[test])
    X = logarithms(p, g)[x][:, None].astype(float)
    svm = classical_models()["RBF support vector machine"]
    found["RBF support vector machine, given the logarithm"] = svm.fit(X[train], y[train]).score(X[test], y[test])
    return found


def verdict(p: int = 1021, rows: int = 240, folds: int = 3, configurations: int = 2, **more: Any) -> Any:
    """Return the verdict on numbers and bits, where the kernel joins the quantum side."""
    rng = np.random.default_rng(1)
    x = rng.permutation(np.arange(1, p))[:rows]
    y = labels(x, p, generator(p), int(rng.integers(p - 1)))
    # A pipeline is given the columns as they came: the kernel needs the number itself, not its scaled value.
    kernel = make_pipeline(DiscreteLogKernelClassifier(p))
    return kw.verdict(
        table(x, p),
        np.where(y, "first half", "second half"),
        models={"discrete-log kernel": kernel},
        cv=(folds, 1),
        configurations=configurations,
        **more,
    )


NOTE = (
    "What this is worth: the separation is asymptotic and rests on the assumption that discrete logarithms are hard "
    "for classical computers. At this size they are not, which is why this runs at all. And the kernel wins because "
    "it was told what the labels depend on: a classical model given log_g(x) as a column wins too, with accuracy "
    "{given_the_logarithm:.3f}."
)


def main(p: int = 1021, **more: Any) -> tuple[dict[str, float], str]:
    """Print accuracies, the note and the verdict; return the accuracies and the outcome."""
    g = generator(p)
    print(f"p = {p}, g = {g}, {p.bit_length()} qubits, intervals of {1 << interval_width(p)} exponents")
    print(f"{N_TRAIN} numbers to train on, {min(MOST_TESTED, p - 1 - N_TRAIN)} others to test\n")
    found = accuracies(p)
    for name, accuracy in found.items():
        print(f"{name:50}{accuracy:8.3f}")
    print("\n" + NOTE.format(given_the_logarithm=found["RBF support vector machine, given the logarithm"]) + "\n")
    result = verdict(p, **more)
    print(result)
    return found, result.outcome


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
