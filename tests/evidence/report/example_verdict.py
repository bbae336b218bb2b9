"""Complete records made from random numbers, one of every kind, for the page to show: nothing is trained here."""

from functools import cache

import numpy as np

from ketwise.evidence.inference.correlated import compare
from ketwise.evidence.inference.posterior import Draws, Posterior
from ketwise.evidence.record import Verdict
from ketwise.evidence.wording import headline
from tests.evidence.report.example_parts import (
    make_alerts,
    make_circuit,
    make_decision_map,
    make_device,
    make_diagnosis,
    make_memory,
    make_portrait,
    make_predictions,
    make_stopped,
    memory_facts,
)

KINDS = ("two", "many", "regression", "map", "stopped", "time", "memory")
QUANTUM = ("fidelity kernel", "projected kernel", "re-uploading circuit", "hardware-efficient circuit")
CLASSICAL = ("dummy", "logistic regression", "RBF SVM", "random forest", "gradient boosting", "MLP", "XGBoost")
CLASSES = {"two": ["benign", "malignant"], "many": [str(digit) for digit in range(10)], "regression": []}
CLASSES |= {"map": ["setosa", "versicolor", "virginica"], "stopped": ["no", "yes"], "time": ["legitimate", "fraud"]}
CLASSES["memory"] = ["inactive", "active"]
ROPE = 0.01


@cache
def example(kind: str) -> Verdict:
    """One of ``KINDS``: two classes, many, a regression, a map, stopped early, in order of time, a memory ahead."""
    rng = np.random.default_rng(KINDS.index(kind))
    n_rows, n_columns = {"many": (900, 64), "map": (150, 2), "regression": (442, 10)}.get(kind, (569, 30))
    n_folds = {"stopped": 7, "time": 5}.get(kind, 25)
    classes = CLASSES[kind]
    level = -0.55 if kind == "regression" else 0.96
    names = [f"column {k}" for k in range(n_columns)]
    if kind == "two":
        names[:4] = ["worst concave points", "mean perimeter", "worst radius", "area error (in square micrometres)"]
    models = [_model(rng, name, "quantum", level - 0.01 * k, n_folds, n_columns) for k, name in enumerate(QUANTUM)]
    models += [
        _model(rng, name, "classical", level - 0.06 + 0.011 * k, n_folds, n_columns) for k, name in enumerate(CLASSICAL)
    ]
    if kind == "memory":
        models[0] |= {"name": "memory classifier", "circuit": memory_facts(), "n_columns": [n_columns]}
    models[4]["scores"][:] = -1.0 if kind == "regression" else 0.5
    models[4] |= {"mean": models[4]["scores"][0], "interval": [models[4]["scores"][0]] * 2}
    champions = {"quantum": models[0], "classical": models[-1]}
    differences = champions["quantum"]["scores"] - champions["classical"]["scores"]
    posterior = _posterior(rng, kind, differences)
    found = compare(posterior, ROPE, n_rows)
    predictions = make_predictions(rng, kind, n_rows, len(classes))
    whole = kind != "stopped"
    portraits = {side: make_portrait(rng, names, predictions, side, level, n_rows) for side in champions}
    label = {"regression": "−RMSE/sd", "many": "balanced accuracy", "map": "balanced accuracy"}.get(kind, "ROC AUC")
    return Verdict(
        outcome=found.outcome,
        clearly_worse=found.clearly_worse,
        headline=headline(found),
        sentence=f"{headline(found)}: numbers drawn at random, to look at the page. All quantum models were "
        "simulated on this CPU; a win would be the model's, not a quantum computer's.",
        difference=posterior.mean,
        interval=list(posterior.interval()),
        probabilities={"worse": found.worse, "same": found.same, "better": found.better, "ahead": found.ahead},
        posterior=posterior.to_dict(),
        inference={
            "kind": "blocks" if kind == "time" else "folds",
            "name": "a block bootstrap of test rows" if kind == "time" else "Bayesian correlated t-test",
            "said": "Said by the statistics, in a sentence or two.",
        },
        differences=differences,
        rows_needed=None,
        score={"name": "a score", "label": label, "meaning": "larger is better, 1 is perfect"},
        other_scores=[
            {
                "name": name,
                "label": name.replace("_", " "),
                "quantum": {"mean": 0.95, "interval": [0.93, 0.97]},
                "classical": {"mean": 0.96, "interval": [0.94, 0.98]},
            }
            for name in ("balanced_accuracy", "average_precision", "log_loss_with_a_long_name")
        ],
        task={
            "kind": "regression" if not classes else "two classes" if len(classes) == 2 else "many classes",
            "classes": classes,
            "counts": [n_rows // max(len(classes), 1)] * len(classes),
            "rarest": len(classes) - 1 if classes else None,
            "said": f"A task with {len(classes)} classes, recognised.",
        },
        data={
            "name": "breast_cancer.csv",
            "source": "A file that nobody wrote",
            "target": "diagnosis",
            "rows": n_rows,
            "columns": n_columns,
            "held_out": 0,
            "groups": None,
            "used": names,
            "text_columns": [],
            "constant": [],
            "identifiers": ["id"],
            "missing": [{"column": names[0], "count": 3}],
            "notes": ["1 column with gaps: " + names[0] + " (3)."],
            "sha256": "0123456789abcdef" * 4,
        },
        alerts=make_alerts(names) if kind != "map" else [],
        champions={side: _champion(model, side, n_folds) for side, model in champions.items()},
        models=models,
        ablations=_ablations(rng, kind, champions["quantum"], n_folds) if whole else [],
        second_lines=[_line(rng, "the best classical model on the quantum models' columns", level - 0.01, n_folds)],
        scores=_rows(models, champions, n_folds),
        predictions=predictions,
        portraits=portraits if whole else None,
        decision_map=make_decision_map(rng, names, predictions) if kind == "map" else None,
        diagnosis=make_diagnosis(rng, kind, classes, n_rows) if whole else None,
        circuit=make_memory() if kind == "memory" else make_circuit(),
        device=make_device() if whole else None,
        stopped=None if whole else make_stopped(n_folds),
        command="ketwise verdict breast_cancer.csv --target diagnosis --seed 0 --folds 5 --repeats 5",
        settings={
            "rope": ROPE,
            "scoring": "roc_auc",
            "configurations": 12,
            "cv": [5, 5],
            "outer_folds": n_folds,
            "planned_folds": 25,
            "inner_folds": 3,
            "split": "time" if kind == "time" else "shuffled",
            "test_to_train": 0.25,
            "n_train": [n_rows * 4 // 5 - 1, n_rows * 4 // 5],
            "most_rows": 1000,
            "most_qubits": 8,
            "class_weight": "balanced" if kind == "time" else None,
            "budget": None if whole else 300.0,
        },
        seeds={"random_state": 0},
        versions={"ketwise": "0.1.0", "numpy": "2.0.0", "engine": "native avx2"},
        timings={
            "started": "2026-01-02T03:04:05+00:00",
            "seconds": 212.0,
            "processes": 2,
            "machine": "Linux x86_64",
            "trials": [
                {"model": m["name"], "fold": fold, "fit_seconds": 10 ** (k % 5 - 2.7)}
                | {"predict_seconds": 0.01, "tuning_seconds": 4.0}
                for k, m in enumerate(models)
                for fold in range(n_folds)
            ],
        },
    )  # fmt: skip


def _posterior(rng, kind, differences):
    if kind == "time":
        return Draws(0.004, rng.normal(0.004, 0.006, 2000))
    return Posterior(float(differences.mean()), 0.005, len(differences) - 1)


def _line(rng, name, mean, n_folds, **more):
    scores = mean + rng.normal(0, 0.012, n_folds)
    return {
        "name": name,
        "mean": float(scores.mean()),
        "interval": [mean - 0.014, mean + 0.014],
        "scores": scores,
        **more,
    }


def _model(rng, name, side, mean, n_folds, n_columns):
    settings = [{"C": float(10**k), "bandwidth": 0.5 * k, "max_depth": None} for k in range(12)]
    tried = [
        {
            "settings": one,
            "inner_mean": mean - 0.002 * k,
            "chosen": 3 if k < 8 else 0,
            "outer_mean": mean if k < 8 else None,
        }
        for k, one in enumerate(settings)
    ]
    facts = {"n_qubits": 8, "depth": 40, "gates": 120, "two_qubit_gates": 56, "n_params": 48, "counts": {"rz": 64}}
    return _line(
        rng,
        name,
        mean,
        n_folds,
        side=side,
        about=f"About {name}, in one sentence.",
        n_columns=[min(n_columns, 8) if side == "quantum" else n_columns],
        inner=np.zeros((n_folds, 12)),
        tried=[] if name == "dummy" else tried,
        remarks=[{"text": "it did not converge", "count": 4}] if name == "MLP" else [],
        circuit=facts if side == "quantum" else None,
    )


def _champion(model, side, n_folds):
    counts = [{"name": model["name"], "folds": n_folds - 2}, {"name": "second " + side, "folds": 2}]
    return {key: model[key] for key in ("mean", "interval", "scores")} | {"name": side, "models": counts}


def _rows(models, champions, n_folds):
    leading = {model["name"] for model in champions.values()}
    return [
        {
            "model": model["name"],
            "side": model["side"],
            "fold": fold,
            "score": float(model["scores"][fold]),
            "inner_score": 0.9,
            "champion": model["name"] in leading,
            "n_train": 455,
            "n_test": 114,
            "n_columns": 8,
            "settings": {},
        }
        for model in models
        for fold in range(n_folds)
    ]


def _ablations(rng, kind, champion, n_folds):
    kinds = {
        "entanglement": ("entanglement removed", -0.003, 0.71),
        "spectrum": ("classical surrogate of the same spectrum", 0.004, 0.2),
        "rbf": ("RBF kernel aligned to the quantum one", 0.021, 0.0004),
    }
    if kind == "memory":
        kinds = {"neighbours": ("nearest neighbours by Hamming distance", 0.002, 0.4)}
    return [
        _line(
            rng,
            name,
            champion["mean"] - gap,
            n_folds,
            kind=kind,
            folds=n_folds,
            about="What was taken away, in a sentence that is long enough to need a second line on most screens.",
            difference={"mean": gap, "interval": [gap - 0.012, gap + 0.011]},
            ahead=1 - p,
            p_value=p,
            p_holm=min(1.0, 3 * p),
            says="No contribution of entanglement is shown." if p > 0.05 else "The quantum kernel does more than that.",
        )
        for kind, (name, gap, p) in kinds.items()
    ]
