"""Calibration: how often the verdict is right where the answer is known. Its own folds, champions and posteriors.

Three learners a side "quantum", six a side "classical", as in ``exchangeable.py``. Goals:

- no learner better (five sizes, two classes and regression): HELPS in at most 2 % of the problems, and the 95 %
  intervals hold the truth in at least 93 %;
- the quantum side better by 0.03 in ROC AUC on 2,000 rows (areas of the other side up to 0.8, 0.85, 0.9 or 0.95, as
  many problems of each): HELPS in at least 90 %.

    python benchmarks/calibration.py --check

Beside them: the same without the correction for shared training rows, which must fail; power for other differences and
sizes; test rows that follow each other in time; and held-out rows. ``--share 0.1`` runs a tenth of the problems.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from exchangeable import CLASSICAL_LEARNERS, QUANTUM_LEARNERS, World, extra_for, fit, views

from ketwise.evidence.data.task import NUMBER, TWO, Task, deciding_score
from ketwise.evidence.inference.correlated import AHEAD, CANNOT_TELL, HELPS, NO_USEFUL_GAIN, compare
from ketwise.evidence.inference.correlated import correlated_posterior as corrected
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, Opponent
from ketwise.evidence.trials.folds import MOST_ROWS, Fold, Layout, outer_folds
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.recorded import Recorded
from ketwise.evidence.trials.tally import Tally
from ketwise.evidence.trials.uncertainty import uncertainty_of

FALSE_HELPS, COVERAGE, POWER = 0.02, 0.93, 0.90
BASE, AREAS = 0.85, (0.8, 0.85, 0.9, 0.95)  # of a learner that was trained on infinitely many rows
GOAL = (0.03, 2000)  # the win that must be seen: difference, rows
ROPE = 0.01
KINDS = ("null", "win", "time", "held-out")
OUTCOMES = (HELPS, AHEAD, CANNOT_TELL, NO_USEFUL_GAIN)
UNCORRECTED = "5 × 5, not corrected"
OUT = Path(__file__).parents[1] / "build" / "benchmarks" / "calibration.jsonl"


@dataclass(frozen=True)
class Cell:
    """Many problems of one kind: "null", "win", "time" or "held-out"; ``held_out`` rows of ``rows`` are for testing."""

    kind: str
    world: World
    rows: int
    problems: int
    difference: float = 0.0
    held_out: int = 0

    @property
    def name(self) -> str:
        """As printed: the task, with the area of a learner that was trained on infinitely many rows."""
        task = "regression" if self.world.area is None else f"two classes, {self.world.area}"
        return task + f", autocorrelation {self.world.drift}" * bool(self.world.drift)


def cells(share: float = 1.0, kinds: Sequence[str] = KINDS) -> Iterator[Cell]:
    """The study, or these kinds of it; ``share`` of its problems."""

    def count(problems: int) -> int:
        return max(8, round(share * problems))

    for area, rows in [(BASE, 100), (BASE, 200), (BASE, 500), (BASE, 1000), (BASE, 2000), (None, 200), (None, 1000)]:
        if "null" in kinds:
            yield Cell("null", World(area), rows, count(500))
    wins = [(BASE, difference, rows) for difference in (0.01, 0.02, 0.03, 0.05) for rows in (200, 500, 1000, 2000)]
    wins = [win for win in wins if win[1:] != GOAL] + [(area, *GOAL) for area in AREAS]
    for area, difference, rows in wins * ("win" in kinds):
        world = World(area, extra_for(area, difference, min(MOST_ROWS, rows * 4 // 5)))
        yield Cell("win", world, rows, count(400 if (difference, rows) == GOAL else 200), difference)
    for area, drift, rows in ((BASE, 0.0, 500), (BASE, 0.7, 500), (BASE, 0.7, 1500), (None, 0.7, 1000)):
        if "time" in kinds:
            yield Cell("time", World(area, drift=drift), rows, count(200))
    for area, held_out in ((BASE, 100), (BASE, 300), (None, 100), (None, 300)):
        if "held-out" in kinds:
            yield Cell("held-out", World(area), 500 + held_out, count(500), held_out=held_out)


def answers(cell: Cell, number: int) -> dict[str, dict[str, Any]]:
    """One problem: for every design its interval, outcome and the truth."""
    rng = np.random.default_rng([number, cell.rows, round(1000 * cell.difference)])
    X, y = cell.world.draw(cell.rows, rng)
    seen = views(rng)
    if cell.world.area is None:
        task = Task(NUMBER, y, [], [], "", cell.held_out)
    else:
        task = Task(TWO, y, ["0", "1"], np.bincount(y).tolist(), "", cell.held_out)
    layout = Layout(time=np.arange(cell.rows) if cell.kind == "time" else None, held_out=cell.held_out)
    seed = int(rng.integers(2**31 - 1000))
    cv = {"null": (5, 5), "win": (5, 5), "time": (5, 1), "held-out": None}[cell.kind]
    folds = outer_folds(task, cv, seed, layout)
    score = deciding_score(task, None if cell.world.area is None else "roc_auc")
    bench = SimpleNamespace(X=pd.DataFrame(index=np.arange(cell.rows)), task=task, score=score, seed=seed)
    trials, truths = {}, {}
    for fold in folds:
        for trial, truth in _trials(cell.world, X, y, seen, fold):
            trials[trial.model, fold.index], truths[trial.model, fold.index] = trial, truth

    def answer(folds: Sequence[Fold], correct: bool = True) -> dict[str, Any]:
        tally = Tally(_opponents(), {}, folds, trials, uncertainty_of(bench, folds, layout))
        ahead, behind = tally.champions(QUANTUM), tally.champions(CLASSICAL)
        posterior = tally.uncertainty.gap(ahead, behind) if correct else corrected(tally.differences(), 0.0)
        gains = [
            truths[one.model, one.fold] - truths[other.model, other.fold]
            for one, other in zip(ahead, behind, strict=True)
        ]
        low, high = posterior.interval()
        found = compare(posterior, ROPE, tally.n_rows).outcome
        return {"mean": posterior.mean, "low": low, "high": high, "outcome": found, "truth": float(np.mean(gains))}

    if layout.kind == "time":
        return {"5 stretches": answer(folds)}
    if layout.kind == "held-out":
        return {"held out": answer(folds)}
    designs = {"5 × 5": answer(folds), "5 × 2": answer(folds[:10])}
    return designs | ({UNCORRECTED: answer(folds, correct=False)} if cell.kind == "null" else {})


def _opponents() -> list[Opponent]:
    sides = [QUANTUM] * QUANTUM_LEARNERS + [CLASSICAL] * CLASSICAL_LEARNERS
    return [Opponent(str(number), side, "", lambda *_: None, {}, {}) for number, side in enumerate(sides)]


def _trials(world: World, X: np.ndarray, y: np.ndarray, seen: np.ndarray, fold: Fold) -> Iterator[tuple[Trial, float]]:
    """Every learner in one fold, with its true score."""
    learned, answers = X[fold.train], y[fold.train]
    inner = []
    for train, test in fold.inner:
        weights, offsets = fit(world, learned[train], answers[train], seen)
        inner.append(world.scores(learned[test] @ weights + offsets, answers[test]))
    weights, offsets = fit(world, learned, answers, seen)
    said = X[fold.test] @ weights + offsets
    n_classes = 0 if world.area is None else 2
    for number, (score, truth) in enumerate(
        zip(world.scores(said, y[fold.test]), world.truth(weights, offsets), strict=True)
    ):
        values = said[:, number]
        recorded = Recorded(fold.test, values if n_classes == 0 else values > 0, values[:, None], None, n_classes)
        tried = np.array([[split[number] for split in inner]])
        yield Trial(str(number), fold.index, tried, 0, float(score), 0, 0, 0, len(learned), X.shape[1], recorded), truth


def summary(cell: Cell, found: Sequence[dict[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """One record a design: shares of outcomes, coverage, and how wide intervals are against how wide they should be.

    The truth is that of learners trained as these were: each problem's own where the models are taken as trained (time,
    held-out rows), the mean over the problems where the intervals speak of the learning too.
    """
    records = []
    for design in found[0]:
        each = [problem[design] for problem in found]
        mean, low, high, own = (np.array([one[key] for one in each]) for key in ("mean", "low", "high", "truth"))
        truth = own if cell.kind in ("time", "held-out") else 0.0 if cell.kind == "null" else own.mean()
        outcomes = Counter(one["outcome"] for one in each)
        records.append(
            {
                **asdict(cell),
                "data": cell.name,
                "design": design,
                "truth": float(own.mean()),
                "covered": float(np.mean((low <= truth) & (truth <= high))),
                "spread": float(np.std(mean - truth)),
                "half_width": float(np.mean(high - low)) / 2,
                **{outcome: outcomes[outcome] / len(each) for outcome in OUTCOMES},
            }
        )
    return records


def run(cell: Cell, n_jobs: int) -> list[dict[str, Any]]:
    """All problems of a cell."""
    from joblib import Parallel, delayed, parallel_config

    if n_jobs == 1:
        return summary(cell, [answers(cell, number) for number in range(cell.problems)])
    with parallel_config(backend="loky", n_jobs=n_jobs, inner_max_num_threads=1):
        return summary(cell, Parallel()(delayed(answers)(cell, number) for number in range(cell.problems)))


def pooled(records: Sequence[dict[str, Any]], key: str) -> tuple[float, int]:
    """Mean of a share over all problems, and their number."""
    problems = sum(record["problems"] for record in records)
    return sum(record[key] * record["problems"] for record in records) / max(1, problems), problems


def verdicts(records: Sequence[dict[str, Any]], slack: float = 0.0) -> list[tuple[str, bool]]:
    """Each goal in words, and whether it is met; ``slack`` standard errors of a share are forgiven."""
    nulls, wins = ([r for r in records if r["kind"] == kind and r["design"] == "5 × 5"] for kind in ("null", "win"))
    wins = [r for r in wins if (r["difference"], r["rows"]) == GOAL]
    uncorrected = [r for r in records if r["design"] == UNCORRECTED]
    found = []
    for words, (share, n), goal, sign in (
        ("no learner better: HELPS", pooled(nulls, HELPS), FALSE_HELPS, 1),
        ("no learner better: intervals that hold the truth", pooled(nulls, "covered"), COVERAGE, -1),
        ("better by 0.03, 2,000 rows: HELPS", pooled(wins, HELPS), POWER, -1),
        ("not corrected, which must fail: intervals that hold the truth", pooled(uncorrected, "covered"), COVERAGE, 1),
    ):
        forgiven = slack * np.sqrt(goal * (1 - goal) / max(1, n)) * (-1 if "must fail" in words else 1)
        met = bool(sign * (share - goal) <= forgiven)
        bound = "at most" if sign > 0 else "at least"
        if n:
            found.append(
                (f"{words} in {share:.1%} of {n}; goal {bound} {goal:.0%}: {'met' if met else 'NOT met'}", met)
            )
    return found


def table(records: Sequence[dict[str, Any]]) -> str:
    """Markdown, one row a cell and design."""
    measured = ["data", "rows", "folds", "truth", "interval holds it", "half width"]
    head = [*measured, *(outcome.capitalize() for outcome in OUTCOMES), "problems"]
    lines = [" | ".join(head), " | ".join("---" for _ in head)]
    for r in records:
        rows = f"{r['rows'] - r['held_out']:,} + {r['held_out']}" if r["held_out"] else f"{r['rows']:,}"
        shares = [f"{100 * r[outcome]:.1f} %" for outcome in OUTCOMES]
        numbers = [f"{r['truth']:.4f}".replace("-", "−"), f"{100 * r['covered']:.1f} %", f"{r['half_width']:.3f}"]
        lines.append(" | ".join([r["data"], rows, r["design"], *numbers, *shares, str(r["problems"])]))
    return "\n".join(f"| {line} |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the problems")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="kinds of problems")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--check", action="store_true", help="exit code 1 when a goal is not met")
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args()

    options.out.parent.mkdir(parents=True, exist_ok=True)
    records: list[dict[str, Any]] = []
    with options.out.open("w") as out:
        for cell in cells(options.share, options.only):
            print(f"{cell.kind}: {cell.name}, {cell.rows} rows, {cell.difference:+.2f}", file=sys.stderr, flush=True)
            found = run(cell, options.jobs)
            records += found
            out.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in found)
    for kind in options.only:
        print(f"\n{kind}\n\n{table([record for record in records if record['kind'] == kind])}")
    judged = verdicts(records)
    print("", *(words for words, _ in judged), f"every cell: {options.out}", sep="\n")
    return 1 if options.check and not all(met for _, met in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
