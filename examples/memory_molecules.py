"""Molecules recalled by their fingerprints: what memories make of scaffolds they have never seen, and at what cost.

Morgan fingerprints of BBBP (does a molecule cross the blood-brain barrier?) are split by Bemis-Murcko scaffold. The
memories store the molecules of the training scaffolds that cross it and recall one for every held-out molecule: how
alike is it to the best one there? Then all molecules are stored with their labels, beside k-NN and logistic regression.

    python examples/memory_molecules.py [--splits 5] [--picture build/memory_molecules.svg]

Needs RDKit (`pip install 'ketwise[chem]'`), and the table where KETWISE_DATA says, or in ../shared/data. Grover's
search is left out: it finds what agrees with all known bits, which no molecule of another scaffold does.
"""

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from memory_picture import Cell, grid, large, over_splits, page, save, table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.neighbors import KNeighborsClassifier

import ketwise as kw

try:
    from rdkit import Chem, RDLogger
    from rdkit.Chem.Draw import rdMolDraw2D
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
    from rdkit.Chem.Scaffolds import MurckoScaffold
except ImportError:
    raise SystemExit("this example needs RDKit: pip install 'ketwise[chem]'") from None

DATA = Path(os.environ.get("KETWISE_DATA", Path(__file__).parents[2] / "shared" / "data")) / "molecules"
N_BITS, RADIUS = 1024, 2
HELD_OUT = 0.2
#: By name: the method and how fingerprints enter it. "real" takes 0 and 1 as amplitudes: fidelity is squared cosine.
MEMORIES = {
    "probabilistic": ("probabilistic", "bits"),
    "kernel": ("kernel", "bits"),
    "amplitude": ("amplitude", "bits"),
    "amplitude, real": ("amplitude", "real"),
    "hopfield": ("hopfield", "bits"),
    "pseudo-inverse": ("pseudo-inverse", "bits"),
    "dense": ("dense", "bits"),
    "nearest": ("nearest", "bits"),
}
BEST = "nearest by Tanimoto"
#: In the picture, of all the above.
DRAWN = ("probabilistic", "amplitude, real", BEST)


class Molecules(NamedTuple):
    """Molecules with fingerprints ``(n, N_BITS)``, labels, and their scaffolds, plain and generic."""

    smiles: np.ndarray
    bits: np.ndarray
    labels: np.ndarray
    scaffolds: np.ndarray
    generic: np.ndarray


def load() -> Molecules:
    """Return BBBP; what cannot be read or contradicts itself is counted and listed."""
    RDLogger.DisableLog("rdApp.*")
    given = pd.read_csv(DATA / "BBBP.csv")
    given["molecule"] = [Chem.MolFromSmiles(text) for text in given["smiles"]]
    invalid = given[given["molecule"].isna()]
    valid = given[given["molecule"].notna()].copy()
    valid["canonical"] = [Chem.MolToSmiles(molecule) for molecule in valid["molecule"]]
    both = valid.groupby("canonical")["p_np"].transform("nunique") > 1
    kept = valid[~both].drop_duplicates("canonical")
    print(f"{len(given)} rows, of which {len(invalid)} are no valid SMILES for RDKit and are left out:")
    print("".join(f"  {row['name']}: {row.smiles}\n" for _, row in invalid.iterrows()), end="")
    print(f"{valid.loc[both, 'canonical'].nunique()} molecules are there with both labels and are left out too:")
    print("".join(f"  {text}\n" for text in valid.loc[both, "canonical"].unique()), end="")
    print(f"{(~both).sum() - len(kept)} rows repeat a molecule with its label; {len(kept)} molecules remain")
    morgan = GetMorganGenerator(radius=RADIUS, fpSize=N_BITS)
    scaffolds = [MurckoScaffold.MurckoScaffoldSmiles(mol=molecule) for molecule in kept["molecule"]]
    generic = {
        text: Chem.MolToSmiles(MurckoScaffold.MakeScaffoldGeneric(Chem.MolFromSmiles(text))) for text in set(scaffolds)
    }
    return Molecules(
        kept["canonical"].to_numpy(dtype=str),
        np.array([morgan.GetFingerprintAsNumPy(molecule) for molecule in kept["molecule"]], dtype=float),
        kept["p_np"].to_numpy(),
        np.array(scaffolds),
        np.array([generic[text] for text in scaffolds]),
    )


def scaffold_split(scaffolds: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows to store and rows to hold out: whole scaffolds, in random order, until enough are held out."""
    names, of_row, counts = np.unique(scaffolds, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    before = np.concatenate([[0], np.cumsum(counts[order])[:-1]])
    held_out = np.isin(of_row, order[before < HELD_OUT * len(scaffolds)])
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)


def different(bits: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the rows without those whose fingerprint came before: stereoisomers would count several times."""
    return rows[np.sort(np.unique(bits[rows], axis=0, return_index=True)[1])]


def tanimoto(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the similarities ``(n_a, n_b)`` of fingerprints."""
    common = a @ b.T
    return common / np.maximum(a.sum(axis=1)[:, np.newaxis] + b.sum(axis=1) - common, 1)


def recall(
    molecules: Molecules, stored: np.ndarray, held_out: np.ndarray, memories: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Return what every memory recalls for the held-out molecules: rows, similarities, scaffolds, costs.

    A pattern of the method's own, which is no stored molecule, has a similarity of 0.
    """
    patterns, probes = molecules.bits[stored], molecules.bits[held_out]
    alike = tanimoto(probes, patterns)
    best = alike.max(axis=1)
    same = molecules.generic[held_out][:, np.newaxis] == molecules.generic[stored]
    found: dict[str, dict[str, Any]] = {}
    for name in memories:
        method, encoding = MEMORIES[name]
        memory = kw.AssociativeMemory(method, encoding=encoding, random_state=0).fit(patterns)
        answer = memory.recall(probes)
        own = tanimoto(probes, answer.patterns).diagonal()
        found[name] = {
            "rows": answer.rows,
            "alike": np.where(answer.rows >= 0, own, 0.0),
            "is best": np.isclose(own, best) & (answer.rows >= 0),
            "same scaffold": (answer.rows >= 0) & same[np.arange(len(probes)), answer.rows],
            "stored": answer.rows >= 0,
            "repetitions": answer.repetitions,
            "probability": answer.probabilities,
            "cost": memory.cost(probes[:1]).each,
        }
    rows = alike.argmax(axis=1)
    there = np.arange(len(probes))
    found[BEST] = {
        "rows": rows,
        "alike": best,
        "is best": np.ones(len(probes), dtype=bool),
        "same scaffold": same[there, rows],
        "stored": np.ones(len(probes), dtype=bool),
        "possible": same.any(axis=1),
    }
    return found


def say_recall(splits: list[dict[str, dict[str, Any]]], n_held_out: int, n_stored: int) -> None:
    """Print what is recalled, and what it takes."""
    rows = []
    for name in splits[0]:
        columns = ("alike", "is best", "same scaffold", "stored")
        means = ([split[name][what].mean() for split in splits] for what in columns)
        rows.append([name, *(over_splits(values, n_held_out, n_stored) for values in means)])
    possible = over_splits([split[BEST]["possible"].mean() for split in splits], n_held_out, n_stored)
    print(f"\n### Recalled for {n_held_out} held-out molecules, {n_stored} stored (first of {len(splits)} splits)\n")
    head = ["memory", "Tanimoto", "as alike as the best", "same generic scaffold", "is a stored molecule"]
    print(table(head, rows))
    print("(A pattern of the method's own that is no stored molecule has similarity 0.)")
    print(f"A molecule of the same generic scaffold is stored for {possible} of them.")
    rows = []
    for name in [name for name in splits[0] if name != BEST]:
        each, answer = splits[0][name]["cost"], splits[0][name]
        line = ["–"] * 5
        if each.n_qubits:
            runs = float(np.median(answer["repetitions"] / np.maximum(answer["probability"], 1e-300)))
            repetitions = large(float(np.median(answer["repetitions"])))
            gates = each.storage_gates + each.recall_gates
            line = [str(each.n_qubits), large(each.storage_gates), repetitions, large(runs), large(gates * runs)]
        rows.append([name, *line, large(each.operations)])
    print("\nWhat one recall takes (medians)\n")
    head = ["memory", "qubits", "gates of a storage", "runs for a success", "runs until the answer is read"]
    print(table([*head, "gates for that", "classical operations"], rows))


def classifiers() -> dict[str, tuple[Any, dict[str, list]]]:
    """Return every classifier with the settings to choose from; the first of a memory's is its default."""

    def memory(method: Any, encoding: str = "bits") -> kw.AssociativeMemoryClassifier:
        return kw.AssociativeMemoryClassifier(method, encoding=encoding)

    probabilistic = [kw.memory.Probabilistic(n_controls=b) for b in (30, 100, 300, 1000, 3000)]
    kernel = [kw.memory.Kernel(power=1, bandwidth=width) for width in (0.05, 0.1, 0.2, 0.3, 0.5)]
    amplitude = [kw.memory.Amplitude(copies=copies) for copies in (4, 16, 64, 256)]
    return {
        "probabilistic, as it comes": (memory("probabilistic"), {}),
        "probabilistic": (memory("probabilistic"), {"method": probabilistic}),
        "kernel, as it comes": (memory("kernel"), {}),
        "kernel": (memory("kernel"), {"method": kernel}),
        "amplitude, real, as it comes": (memory("amplitude", "real"), {}),
        "amplitude, real": (memory("amplitude", "real"), {"method": amplitude}),
        "nearest": (memory("nearest"), {}),
        "k-NN, Tanimoto": (
            KNeighborsClassifier(metric="jaccard", weights="distance", algorithm="brute"),
            {"n_neighbors": [1, 5, 15, 45]},
        ),
        "logistic regression": (LogisticRegression(max_iter=1000), {"C": [0.01, 0.1, 1.0, 10.0]}),
    }


def classify(
    molecules: Molecules, train: np.ndarray, test: np.ndarray, models: dict[str, tuple[Any, dict[str, list]]]
) -> dict[str, tuple[float, Any]]:
    """Return the ROC AUC of every classifier and the setting that three folds of training scaffolds chose."""
    found = {}
    for name, (model, choices) in models.items():
        # The Jaccard metric is for booleans, and says so.
        X = molecules.bits.astype(bool) if isinstance(model, KNeighborsClassifier) else molecules.bits
        chosen: Any = ""
        if choices:
            search = GridSearchCV(model, choices, scoring="roc_auc", cv=GroupKFold(3), refit=False)
            search.fit(X[train], molecules.labels[train], groups=molecules.scaffolds[train])
            ((setting, chosen),) = search.best_params_.items()
            model.set_params(**{setting: chosen})
        scores = model.fit(X[train], molecules.labels[train]).predict_proba(X[test])[:, 1]
        found[name] = (float(roc_auc_score(molecules.labels[test], scores)), chosen)
    return found


def drawn(molecules: Molecules, stored: np.ndarray, held_out: np.ndarray, found: dict, count: int = 6) -> str:
    """Return held-out molecules and what is recalled for them as SVG; they stand evenly in the order of the table."""
    width, height = 170.0, 120.0
    some = np.linspace(0, len(held_out) - 1, count).astype(int)
    rows: list[tuple[str, list[Cell]]] = [
        ("held out", [(molecule_svg(molecules.smiles[held_out[k]], width, height), "", False) for k in some])
    ]
    for name in DRAWN:
        cells: list[Cell] = []
        for k in some:
            same = bool(found[name]["same scaffold"][k])
            note = f"{found[name]['alike'][k]:.2f}, {'same' if same else 'another'} scaffold"
            picture = molecule_svg(molecules.smiles[stored[found[name]["rows"][k]]], width, height)
            cells.append((picture, note, not found[name]["is best"][k]))
        rows.append((name, cells))
    title = f"{len(stored):,} molecules stored, none of a held-out scaffold; Tanimoto similarity of what is recalled"
    legend = (
        "Same scaffold: Bemis-Murcko scaffolds that are equal with all atoms carbon and all bonds single. "
        "Red: another stored molecule is more alike."
    )
    return page([grid(title, [""] * count, rows, (width, height))], "Molecules and what memories recall", legend)


def molecule_svg(smiles: str, width: float, height: float) -> str:
    """Return a molecule on white as SVG elements."""
    canvas = rdMolDraw2D.MolDraw2DSVG(int(width), int(height))
    rdMolDraw2D.PrepareAndDrawMolecule(canvas, Chem.MolFromSmiles(smiles))
    canvas.FinishDrawing()
    text = canvas.GetDrawingText()
    inside = text[text.index("<!-- END OF HEADER -->") : text.rindex("</svg>")]
    return f'<svg width="{width:g}" height="{height:g}">{inside}</svg>'


def main(
    n_splits: int = 5,
    picture: str = "build/memory_molecules.svg",
    memories: Sequence[str] = tuple(MEMORIES),
    with_classifiers: bool = True,
) -> dict:
    """Print the tables and write the picture; return what each split gave."""
    start = time.perf_counter()
    molecules = load()
    recalls, scores = [], []
    sizes = (0, 0, 0)
    for seed in range(n_splits):
        train, held_out = scaffold_split(molecules.scaffolds, seed)
        actives = different(molecules.bits, train[molecules.labels[train] == 1])
        recalls.append(recall(molecules, actives, held_out, memories))
        if with_classifiers:
            scores.append(classify(molecules, train, held_out, classifiers()))
        if not seed:
            sizes = (len(held_out), len(actives), len(train))
            save(picture, drawn(molecules, actives, held_out, recalls[0]))
    say_recall(recalls, *sizes[:2])
    if scores:
        print(f"\n### ROC AUC on held-out scaffolds, {sizes[2]} molecules stored\n")
        rows = [
            [
                name,
                over_splits([split[name][0] for split in scores], sizes[0], sizes[2]),
                str(scores[0][name][1]),
            ]
            for name in scores[0]
        ]
        print(table(["model", "ROC AUC", "chosen in the first split"], rows))
    print(f"\n{time.perf_counter() - start:.0f} seconds")
    return {"recall": recalls, "scores": scores}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--picture", default="build/memory_molecules.svg")
    given = parser.parse_args()
    main(given.splits, given.picture)
