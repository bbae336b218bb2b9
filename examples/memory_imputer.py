"""Gaps in a table of categories filled by associative memories, beside the imputers of scikit-learn.

The table is a survey of 6,366 women about their marriages (Fair, Journal of Political Economy, 1978), which statsmodels
brings: nine columns of four to seven answers each; the one number in it becomes yes or no. Whole rows are stored;
entries of other rows are deleted at random and filled. Then the table itself has the gaps, as tables do, and a memory
can only store the rows that have none.

    python examples/memory_imputer.py [--repeats 10] [--picture build/memory_imputer.svg]

Needs statsmodels (`pip install 'ketwise[test]'`).
"""

import argparse
import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from memory_picture import COLOURS, INK, UNKNOWN, WRONG, Cell, grid, large, over_splits, page, save, table
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

import ketwise as kw
from ketwise.evidence.report.png import image, tinted

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)
N_TEST = 300
MOST_FREQUENT = "most frequent"
#: In the picture, of all there are.
DRAWN = ("probabilistic", "kernel", "k-NN, one-hot", MOST_FREQUENT)


def load() -> tuple[np.ndarray, list[str]]:
    """Return category numbers ``(n_rows, n_columns)``, in the order of the answers, and the columns' names."""
    try:
        from statsmodels.datasets import fair
    except ImportError:
        raise SystemExit("this example needs statsmodels: pip install 'ketwise[test]'") from None
    data = fair.load_pandas().data
    data["affairs"] = data["affairs"] > 0
    codes = [np.unique(data[name], return_inverse=True)[1] for name in data]
    return np.array(codes, dtype=float).T, [str(name).replace("_", " ") for name in data]


def delete(rows: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return the rows with a share of all entries deleted, but never a whole row."""
    gaps = np.zeros(rows.size, dtype=bool)
    gaps[rng.permutation(rows.size)[: round(share * rows.size)]] = True
    gaps = gaps.reshape(rows.shape)
    blank = np.flatnonzero(gaps.all(axis=1))
    gaps[blank, rng.integers(rows.shape[1], size=len(blank))] = False
    return np.where(gaps, np.nan, rows)


class OneHot:
    """An imputer of numbers on a column for each category; the category with the greatest number is taken."""

    def __init__(self, imputer: Any, sizes: Sequence[int]):
        self.imputer, self.sizes = imputer, sizes

    def fit(self, X: np.ndarray) -> "OneHot":
        self.imputer.fit(self._wide(X))
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        ends = np.cumsum(self.sizes)
        filled = np.split(self.imputer.transform(self._wide(X)), ends[:-1], axis=1)
        return np.array([part.argmax(axis=1) for part in filled], dtype=float).T

    def _wide(self, X: np.ndarray) -> np.ndarray:
        columns = zip(X.T[:, :, np.newaxis], self.sizes, strict=True)
        return np.hstack([np.where(np.isnan(column), np.nan, column == range(size)) for column, size in columns])


def imputers(sizes: Sequence[int]) -> dict[str, Any]:
    """Return every imputer by the name that is printed."""

    def memory(method: str) -> kw.AssociativeMemoryImputer:
        return kw.AssociativeMemoryImputer(method, encoding="categories", random_state=0)

    return {
        "probabilistic": memory("probabilistic"),
        "kernel": memory("kernel"),
        "amplitude": memory("amplitude"),
        "hopfield": memory("hopfield"),
        "dense": memory("dense"),
        "nearest": memory("nearest"),
        MOST_FREQUENT: SimpleImputer(strategy="most_frequent"),
        "k-NN, numbers": KNNImputer(n_neighbors=15),
        "k-NN, one-hot": OneHot(KNNImputer(n_neighbors=15), sizes),
        "iterative, numbers": IterativeImputer(random_state=0),
        # On one-hot columns the others of a category add up to what the first guess says: it never moves.
        "iterative, trees": IterativeImputer(
            ExtraTreesClassifier(30, min_samples_leaf=5, random_state=0),
            initial_strategy="most_frequent",
            max_iter=3,
            random_state=0,
        ),
    }


def filled(imputer: Any, rows: np.ndarray, sizes: Sequence[int]) -> np.ndarray:
    """Return the rows filled with whole category numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = imputer.transform(rows)
    return np.clip(np.round(found), 0, np.array(sizes) - 1)


def recovered(found: np.ndarray, truth: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return the share of deleted entries that are right again, over all and by column."""
    right = (found == truth) & gaps
    return np.concatenate([[right.sum() / gaps.sum()], right.sum(axis=0) / np.maximum(gaps.sum(axis=0), 1)])


def measure(
    data: np.ndarray,
    repeats: int,
    n_stored: int | None,
    n_test: int,
    shares: Sequence[float],
    names: Sequence[str] | None,
    itself: bool,
) -> tuple[dict, dict]:
    """Return shares recovered by imputer and share deleted, ``(repeats, 1 + n_columns)``, and one example of each.

    With ``itself`` the stored rows have gaps of the same share too.
    """
    sizes = [int(column.max()) + 1 for column in data.T]
    scores: dict[tuple[str, float], list[np.ndarray]] = {}
    examples: dict[str, dict] = {}
    for repeat in range(repeats):
        rng = np.random.default_rng(repeat)
        order = rng.permutation(len(data))
        truth = data[order[:n_test]]
        stored = data[order[n_test:][:n_stored]]
        models = {name: model for name, model in imputers(sizes).items() if names is None or name in names}
        for share in shares:
            probes = delete(truth, share, rng)
            gaps = np.isnan(probes)
            known = delete(stored, share, rng) if itself else stored
            for name, model in models.items():
                if itself or share == shares[0]:
                    with warnings.catch_warnings():
                        warnings.simplefilter("ignore", ConvergenceWarning)
                        model.fit(known)
                found = filled(model, probes, sizes)
                scores.setdefault((name, share), []).append(recovered(found, truth, gaps))
                if not repeat and share == shares[len(shares) // 2]:
                    examples[name] = {"truth": truth, "probes": probes, "found": found, "sizes": sizes}
    return {key: np.array(each) for key, each in scores.items()}, examples


def say_cost(data: np.ndarray, n_test: int, n_stored: int | None) -> None:
    """Print what filling a row takes on a device, and on a computer."""
    order = np.random.default_rng(0).permutation(len(data))
    probes = delete(data[order[:n_test]], 0.3, np.random.default_rng(1))
    rows = []
    for method in ("probabilistic", "kernel", "amplitude", "nearest"):
        memory = kw.AssociativeMemory(method, encoding="categories").fit(data[order[n_test:][:n_stored]])
        cost, found = memory.cost(probes), memory.recall(probes)
        line = ["–"] * 5
        if cost.each.n_qubits:
            line = [str(cost.each.n_qubits), large(cost.each.storage_gates), large(cost.each.storage_cx)]
            line += [large(float(np.median(found.repetitions))), large(float(np.median(cost.gates)))]
        rows.append([f"{method}, {memory.n_bits_} bits", *line, large(cost.each.operations)])
    print("\nWhat one sample for one row takes, 30 % deleted (medians)\n")
    head = ["memory", "qubits", "gates of a storage", "CX of a storage", "runs for a success", "gates for it"]
    print(table([*head, "classical operations"], rows))


def drawn(examples: dict[str, dict], names: Sequence[str], n_rows: int = 30) -> str:
    """Return rows of the table, as they are, with gaps, and filled, as SVG; a cell is darker for a higher answer."""
    first = next(iter(examples.values()))
    truth, gaps = first["truth"][:n_rows], np.isnan(first["probes"][:n_rows])
    top = np.array(first["sizes"]) - 1.0
    width, height = 9 * 13.0, n_rows * 13.0

    def panel(values: np.ndarray, which: np.ndarray) -> str:
        least = np.where(which == WRONG, 0.4, 0.15)
        strength = np.where(which == UNKNOWN, 0.35, least + (1 - least) * values / top)
        frame = f'<rect class="frame" width="{width:g}" height="{height:g}"/>'
        return str(image(tinted(COLOURS, strength, which), 0, 0, width, height)) + frame

    plain = np.full(truth.shape, INK)
    cells: list[Cell] = [(panel(truth, plain), "", False)]
    cells.append((panel(truth, np.where(gaps, UNKNOWN, INK)), f"{gaps.sum()} gaps", False))
    for name in DRAWN:
        found = examples[name]["found"][:n_rows]
        wrong = found != truth
        cells.append((panel(found, np.where(wrong, WRONG, INK)), f"{wrong.sum()} wrong", bool(wrong.any())))
    legend = f"Columns: {', '.join(names)}. Darker: the later answer. Red: filled wrongly. Grey: deleted."
    drawing = grid(
        f"{n_rows} of {len(first['truth'])} rows", ["truth", "probe", *DRAWN], [("", cells)], (width, height)
    )
    return page([drawing], "Gaps in a table and what imputers make of them", legend)


def main(
    repeats: int = 10,
    picture: str = "build/memory_imputer.svg",
    n_stored: int | None = None,
    n_test: int = N_TEST,
    shares: Sequence[float] = SHARES,
    imputed: Sequence[str] | None = None,
) -> dict[str, dict[tuple[str, float], np.ndarray]]:
    """Print the tables and write the picture.

    Returns
    -------
    dict
        For whole rows stored, and for rows with gaps: by imputer and share deleted the shares recovered
        ``(repeats, 1 + n_columns)``, over all and by column.
    """
    start = time.perf_counter()
    data, names = load()
    stored = len(data) - n_test if n_stored is None else n_stored
    print(f"{len(data)} rows of {len(names)} columns: {', '.join(names)}")
    results = {}
    for itself in (False, True):
        scores, examples = measure(data, repeats, n_stored, n_test, shares, imputed, itself)
        results["gaps" if itself else "whole"] = scores
        done = list(dict.fromkeys(name for name, _ in scores))
        what = "with gaps as many; memories store those that have none" if itself else "without gaps"
        print(f"\n### Deleted entries recovered; {stored} rows {what}, {n_test} others filled\n")
        rows = [[name, *(over_splits(scores[name, s][:, 0], n_test, stored) for s in shares)] for name in done]
        print(table(["imputer", *(f"{100 * share:.0f} % deleted" for share in shares)], rows))
        if itself:
            whole = [round(stored * (1 - share) ** len(names)) for share in shares]
            print(f"\nRows without gaps, as expected: {', '.join(map(str, whole))}.")
            continue
        middle = shares[len(shares) // 2]
        print(f"\nBy column, {100 * middle:.0f} % deleted\n")
        rows = [[name, *(f"{each:.2f}" for each in scores[name, middle][:, 1:].mean(axis=0))] for name in done]
        print(table(["imputer", *names], rows))
        say_cost(data, n_test, n_stored)
        save(picture, drawn(examples, names))
    print(f"\n{time.perf_counter() - start:.0f} seconds")
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--picture", default="build/memory_imputer.svg")
    given = parser.parse_args()
    main(given.repeats, given.picture)
