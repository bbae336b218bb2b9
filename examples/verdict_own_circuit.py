"""Your own circuit, and the model it has to beat, in a verdict beside the built-in ones.

The circuit joins the quantum side and the incumbent the classical one; both sides are judged on the same folds. The
page is written to the folder given, or to this one.

    python examples/verdict_own_circuit.py [FOLDER]
"""

import sys
from pathlib import Path

from sklearn.datasets import load_wine
from sklearn.ensemble import ExtraTreesClassifier

import ketwise as kw


def own_circuit(n_qubits: int = 4) -> kw.Circuit:
    """Return a small circuit in which each feature sets an angle and pairs of neighbours meet."""
    x, w = kw.features(n_qubits), kw.params(3 * n_qubits)
    circuit = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.h(q).ry(w[q] * x[q], q)
    for q in range(n_qubits):
        circuit.rzz(w[n_qubits + q] * x[q] * x[(q + 1) % n_qubits], q, (q + 1) % n_qubits)
    for q in range(n_qubits):
        circuit.ry(w[2 * n_qubits + q], q)
    return circuit


def main(folder: str = ".", folds: int = 3, configurations: int = 4) -> str:
    """Print the sentence and the mean score of each model; write the page; return the outcome."""
    data = load_wine(as_frame=True)
    result = kw.verdict(
        data.data,
        data.target_names[data.target],
        models={"own circuit": kw.VariationalClassifier(circuit=own_circuit(), max_iter=40)},
        against={"incumbent": ExtraTreesClassifier(50)},
        cv=(folds, 1),
        configurations=configurations,
    )
    print(result, "\n")
    print(result.table.groupby(["side", "model"])[["score", "fit_seconds"]].mean().round(3).to_string(), "\n")
    for alert in result.alerts:
        print(f"{alert['code']} {alert['text']}")
    page, numbers = result.save(Path(folder) / "own_circuit.html")
    print(f"\n{page}\n{numbers}")
    return result.outcome


if __name__ == "__main__":
    main(*sys.argv[1:2])
