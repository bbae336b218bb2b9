"""Parts of an example record, from random numbers: predictions, portraits, a map, diagnostics, a circuit, costs."""

import numpy as np

import ketwise as kw
from ketwise.evidence.explain.memory import memory_remarks


def make_predictions(rng, kind, n_rows, n_classes):
    fold = np.arange(n_rows) % 5
    row = rng.permutation(n_rows)
    if n_classes == 0:
        truth = rng.normal(150, 70, n_rows)
        sides = {
            side: (truth * 0.6 + 60 + rng.normal(0, off, n_rows))[:, None]
            for side, off in (("quantum", 42), ("classical", 36))
        }
        sides = {side: {"labels": np.zeros(n_rows, dtype=int), "values": values} for side, values in sides.items()}
        return {"row": row, "fold": fold, "truth": truth, **sides}
    truth = rng.choice(n_classes, n_rows, p=[0.98, 0.02] if kind == "time" else None)
    sides = {}
    for side, gap in (("quantum", 2.2), ("classical", 2.6)):
        if n_classes == 2:
            values = rng.normal(gap * truth - gap / 2, 1.0)[:, None]
            labels = (values[:, 0] > 0).astype(int)
        else:
            values = rng.normal(0, 1, (n_rows, n_classes)) + gap * np.eye(n_classes)[truth]
            labels = values.argmax(axis=1)
        sides[side] = {"labels": labels, "values": values}
    return {"row": row, "fold": fold, "truth": truth, **sides}


def make_portrait(rng, names, predictions, side, level, n_rows):
    values = predictions[side]["values"]
    probabilities = None
    if predictions["truth"].dtype.kind == "i":
        wide = np.hstack([-values, values]) if values.shape[1] == 1 else 2 * values
        probabilities = np.exp(wide) / np.exp(wide).sum(axis=1, keepdims=True)
    sizes = np.geomspace(40, n_rows * 0.8, 6).round().astype(int)
    drops = rng.exponential(0.03, (len(names), 1)) * np.exp(-np.arange(len(names)) / 4)[:, None] + rng.normal(
        0, 0.004, (len(names), 5)
    )
    learned = level - 0.6 / np.sqrt(sizes)[:, None] + rng.normal(0, 0.01, (6, 5)) + (0.01 if side == "classical" else 0)
    return {
        "importance": {"columns": list(names), "drops": drops},
        "learning": {"rows": sizes, "scores": learned},
        "probabilities": probabilities,
    }


def make_decision_map(rng, names, predictions):
    x, y = np.linspace(-3, 3, 70), np.linspace(-2, 2, 70)
    wave = np.sin(2 * x)[None, :] + y[:, None]
    centres = np.array([[-1.5, -1], [0, 1], [1.5, -0.5]])
    points = centres[predictions["truth"]] + rng.normal(0, 0.45, (len(predictions["truth"]), 2))
    straight = np.digitize(x[None, :] + 0.4 * y[:, None], [-0.8, 0.9])
    maps = {"quantum": np.digitize(wave, [-0.6, 0.7]).astype(float), "classical": straight.astype(float)}
    return {"columns": names, "x": x, "y": y, **maps, "points": points, "truth": predictions["truth"]}


def make_diagnosis(rng, kind, classes, n_rows):
    if kind == "memory":
        nothing = dict.fromkeys(("kernel", "geometry", "gradient", "spectrum"))
        said = {"engineered": False, "remarks": memory_remarks(memory_facts())}
        return {"model": "memory classifier", "shots": 1000} | nothing | said
    truth = np.sort(rng.integers(0, len(classes), 60)) if classes else np.sort(rng.normal(150, 70, 60))
    places = rng.normal(0, 1, (60, 3)) + (1.5 * np.eye(60, 3)[truth % 3] if classes else 0)
    matrix = np.exp(-0.4 * ((places[:, None] - places[None]) ** 2).sum(axis=2))
    strength = np.logspace(-6, 2, 9)
    return {
        "model": "fidelity kernel",
        "shots": 1000,
        "kernel": {
            "mean": 0.31, "sd": 0.17, "least": 0.002, "most": 0.98, "shot_noise": 0.0146, "share_below_noise": 0.021,
            "alignment_labels": 0.24, "alignment_rbf": 0.93, "rbf_gamma": 0.031, "rbf_alignment_labels": 0.29,
            "matrix": matrix, "truth": truth,
        },
        "geometry": {
            "rows": n_rows,
            "regularisation": strength,
            "difference": 20 / (1 + strength**0.3),
            "s_classical": 400 / (1 + strength**0.5),
            "s_quantum": 700 / (1 + strength**0.5),
            "says": "The geometric difference is small: a classical kernel can do what this one does.",
        },
        "gradient": {
            "mean": 3.2e-4, "least": 1.1e-5, "most": 2.0e-3, "shots_to_see": 310_000,
            "says": "The gradient can be seen with enough shots.",
        },
        "spectrum": {"size": None, "log10_bound": 11.3, "says": "The spectrum is too large to list."},
        "engineered": False,
        "remarks": ["Eight qubits are simulated with ease on any laptop."],
    }  # fmt: skip


def make_circuit():
    circuit = kw.encodings.iqp(5).circuit + kw.ansatz.strongly_entangling(5, layers=3)
    facts = {"n_qubits": 5, "depth": 40, "gates": 120, "two_qubit_gates": 56, "n_params": 48, "counts": {"rz": 64}}
    return facts | {"model": "fidelity kernel", "drawing": str(circuit)}


def memory_facts():
    gates = {"n_qubits": 210, "storage_gates": 152_675, "storage_cx": 7_140_912, "storage_depth": 52_006}
    return gates | {"recall_gates": 5_412, "n_patterns": 455, "n_bits": 166, "operations": 5_460.0}


def make_memory():
    found = {"success": 3.2e-5, "repetitions": 31_250.0, "repetitions_worst": 2.1e6, "probes": 114, "n_controls": 42}
    return {"model": "memory classifier"} | memory_facts() | found | {"device": "stores and compares", "drawing": ""}


def make_device():
    one = {"circuits": 103_285.0, "shots": 103_285_000.0, "seconds": 61_971.0, "money": 67_135.25}
    return {
        "qubits": 8,
        "depth": 40,
        "two_qubit_gates": 56,
        "assumptions": [
            "1,000 shots a circuit.",
            "600 µs a shot, everything included.",
            "$0.30 a task and $0.00035 a shot.",
        ],
        "train": one,
        "predict_one": one | {"circuits": 455.0, "shots": 455_000.0, "seconds": 273.0, "money": 295.75},
        "says": "Training once would take 17 hours and about $67,000 on a device with these prices.",
        "payable": False,
    }


def make_stopped(n_folds):
    said = f"Stopped after {n_folds} of 25 folds, because the budget was spent. The comparison is incomplete."
    return {"why": "budget", "said": said, "folds_done": n_folds, "folds": 25}


def make_alerts(names):
    texts = {
        "KW001": ("A column that numbers the rows", f"{names[0]} has another value in every row; it was dropped."),
        "KW004": ("Very uneven classes", "malignant has 2 % of the rows: name the score that matters with --scoring."),
    }
    return [
        {"code": code, "title": title, "text": text, "columns": [names[0]], "dropped": code == "KW001"}
        for code, (title, text) in texts.items()
    ]
