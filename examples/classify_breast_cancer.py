"""Quantum classifiers on a real data set, beside a naive guess, an SVM, and the same models without entanglement.

Every model sees the same splits and learns scaling and reduction inside them, with its default settings. This is a
first look: `ketwise verdict breast_cancer` tunes both sides and says what the differences are worth.

    python examples/classify_breast_cancer.py
"""

import time

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

import ketwise as kw

N_FOLDS = 5


def models() -> dict[str, object]:
    """Return every model by the name that is printed."""
    return {
        "always the larger class": DummyClassifier(),
        "SVM": make_pipeline(StandardScaler(), SVC()),
        "quantum kernel": kw.QuantumKernelClassifier(n_qubits=8),
        "quantum kernel, no entanglement": kw.QuantumKernelClassifier(n_qubits=8, entangled=False),
        "re-uploading": kw.VariationalClassifier(n_qubits=8, random_state=0),
        "re-uploading, no entanglement": kw.VariationalClassifier(n_qubits=8, entangled=False, random_state=0),
    }


def standard_error(scores: np.ndarray) -> float:
    """Return the error of a mean over folds that share training rows (Nadeau, Bengio, 2003)."""
    return float(np.sqrt((1 / len(scores) + 1 / (N_FOLDS - 1)) * scores.var(ddof=1)))


def main() -> dict[str, float]:
    """Print accuracy and seconds of each model; return the mean accuracies."""
    X, y = load_breast_cancer(return_X_y=True)
    splits = StratifiedKFold(N_FOLDS, shuffle=True, random_state=0)
    means = {}
    print(f"{len(X)} samples, {X.shape[1]} columns, {N_FOLDS} folds\n")
    print(f"{'':34}{'accuracy':>18}{'seconds a fold':>18}")
    for name, model in models().items():
        start = time.perf_counter()
        scores = cross_val_score(model, X, y, cv=splits)
        seconds = (time.perf_counter() - start) / len(scores)
        means[name] = float(scores.mean())
        print(f"{name:34}{scores.mean():10.3f} ± {standard_error(scores):.3f}{seconds:18.2f}")
    return means


if __name__ == "__main__":
    main()
