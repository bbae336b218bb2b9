"""How sure a score or a difference is: from folds that share training rows, or from the rows of test stretches."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from ketwise.evidence.data.task import Score
from ketwise.evidence.inference.correlated import correlated_posterior
from ketwise.evidence.inference.delong import auc_difference
from ketwise.evidence.inference.posterior import Distribution, Draws
from ketwise.evidence.inference.resampling import averaged, block_counts, block_length, row_counts
from ketwise.evidence.inference.weighted import resampled_scores
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.folds import Fold, Layout
from ketwise.evidence.trials.protocol import Trial

DRAWS = 2000


class Uncertainty(Protocol):
    """What a tally asks: how sure one line is, and the difference of two."""

    @property
    def kind(self) -> str:
        """One of "folds", "blocks" and "rows"."""

    @property
    def name(self) -> str:
        """The method, as statisticians call it."""

    @property
    def said(self) -> str:
        """What it rests on, in one sentence."""

    def level(self, trials: Sequence[Trial]) -> Distribution:
        """Of the mean score of one line, a trial a fold."""

    def gap(self, ahead: Sequence[Trial], behind: Sequence[Trial]) -> Distribution:
        """Of the mean difference of two lines, fold by fold."""

    def by(self, score: Score) -> "Uncertainty":
        """The same for another score."""


@dataclass(frozen=True)
class FromFolds:
    """The Bayesian correlated t-test: folds differ, and share training rows."""

    folds: int
    test_to_train: float
    kind: str = "folds"
    name: str = "Bayesian correlated t-test"

    @property
    def said(self) -> str:
        """What it rests on."""
        return (
            f"Student's t with {self.folds - 1} degrees on the {self.folds} differences, variance corrected for "
            f"overlapping training rows: s² (1/{self.folds} + {self.test_to_train:.2f})."
        )

    def level(self, trials: Sequence[Trial]) -> Distribution:
        """Of the mean over the folds."""
        return correlated_posterior([trial.score for trial in trials], self.test_to_train)

    def gap(self, ahead: Sequence[Trial], behind: Sequence[Trial]) -> Distribution:
        """Of the mean paired difference."""
        differences = [one.score - other.score for one, other in zip(ahead, behind, strict=True)]
        found = correlated_posterior(differences, self.test_to_train)
        if found.scale == 0 and not all(map(_same_answers, ahead, behind)):
            # Scores that tie in every fold only say that no fold could tell the two apart: by less than about a row.
            row = 1 / float(np.mean([len(trial.recorded.rows) for trial in ahead]))
            return replace(found, scale=row * math.sqrt(1 / len(differences) + self.test_to_train))
        return found

    def by(self, score: Score) -> "Uncertainty":
        """Scores are in the trials."""
        return self


@dataclass(frozen=True)
class FromRows:
    """A bootstrap of the test rows inside every fold, the same draws for all models; models are taken as trained.

    With ``blocks``, stretches of rows that follow each other are drawn. For ROC AUC on one set of exchangeable rows the
    difference has DeLong's closed form instead.
    """

    bench: Bench
    folds: Sequence[Fold]
    blocks: bool
    _scores: dict[int, tuple[Trial, np.ndarray]] = field(default_factory=dict)
    _counts: dict[int, np.ndarray] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """By what is drawn."""
        return "blocks" if self.blocks else "rows"

    @property
    def name(self) -> str:
        """By what is drawn, and for the area under the ROC curve in closed form."""
        if self.blocks:
            return "block bootstrap over test rows"
        return "DeLong's test" if self._delong else "paired bootstrap over test rows"

    @property
    def said(self) -> str:
        """What it rests on."""
        if self.blocks:
            lengths = sorted({self._block(fold) for fold in self.folds})
            return (
                f"{DRAWS:,} draws of blocks of {' or '.join(map(str, lengths))} test rows in a row, the same for all "
                "models; each fold's models as they were trained."
            )
        rows = sum(len(fold.test) for fold in self.folds)
        how = (
            "variance from the placements of each row among those of the other class"
            if self._delong
            else f"{DRAWS:,} draws"
        )
        return f"The {rows:,} held-out rows, {how}; the models as they were trained once."

    @property
    def _delong(self) -> bool:
        return not self.blocks and self.bench.score.name == "roc_auc" and len(self.folds) == 1

    def level(self, trials: Sequence[Trial]) -> Distribution:
        """Of the score, averaged over the folds."""
        draws = averaged([self._drawn(trial) for trial in trials])
        return Draws(float(np.mean([trial.score for trial in trials])), draws)

    def gap(self, ahead: Sequence[Trial], behind: Sequence[Trial]) -> Distribution:
        """Of the difference, on the same draws."""
        if self._delong:
            truth = self.bench.task.y[self.folds[0].test]
            one, other = (trial.recorded.values[:, 0] for trial in (ahead[0], behind[0]))
            return auc_difference(truth, one, other)
        pairs = list(zip(ahead, behind, strict=True))
        draws = averaged([self._drawn(one) - self._drawn(other) for one, other in pairs])
        return Draws(float(np.mean([one.score - other.score for one, other in pairs])), draws)

    def by(self, score: Score) -> "Uncertainty":
        """The same draws of rows, for another score."""
        return FromRows(replace(self.bench, score=score), self.folds, self.blocks, _counts=self._counts)

    def _drawn(self, trial: Trial) -> np.ndarray:
        """Scores of a trial on every draw of its fold's test rows; remembered, because champions are models too."""
        if id(trial) not in self._scores:
            fold = next(fold for fold in self.folds if fold.index == trial.fold)
            rows, truth = self.bench.X.iloc[fold.test], self.bench.task.y[fold.test]
            try:
                drawn = resampled_scores(self.bench.score, trial.recorded, rows, truth, self._counted(fold))
            except Exception as error:
                raise ValueError(
                    f"{self.bench.score.label} cannot be computed again on other draws of the test rows "
                    f"({type(error).__name__}: {error}): with rows in time or held out, a score of your own may ask a "
                    "model for predict, decision_function and predict_proba only, and for the rows it was given"
                ) from error
            # The trial is kept too: its id is its own only while it lives.
            self._scores[id(trial)] = (trial, drawn)
        return self._scores[id(trial)][1]

    def _counted(self, fold: Fold) -> np.ndarray:
        if fold.index not in self._counts:
            n, seed = len(fold.test), self.bench.seed + fold.index
            if self.blocks:
                counts = block_counts(n, self._block(fold), DRAWS, seed)
            else:
                strata = self.bench.task.y[fold.test] if self.bench.task.is_classification else None
                counts = row_counts(strata, n, DRAWS, seed)
            self._counts[fold.index] = counts
        return self._counts[fold.index]

    def _block(self, fold: Fold) -> int:
        return block_length(self.bench.task.y[fold.test].astype(float))


def _same_answers(one: Trial, other: Trial) -> bool:
    return np.array_equal(one.recorded.values, other.recorded.values)


def uncertainty_of(bench: Bench, folds: Sequence[Fold], layout: Layout) -> Uncertainty:
    """The method that fits how the rows hang together."""
    if layout.kind in ("time", "held-out"):
        return FromRows(bench, folds, blocks=layout.kind == "time")
    return FromFolds(len(folds), tested_to_learned(folds))


def tested_to_learned(folds: Sequence[Fold]) -> float:
    """Rows tested over all rows that may be learned from.

    Models that learn from a sample of those share fewer rows from fold to fold, not more: the ratio of the rows sampled
    would make intervals far too wide (docs/verdict.md, calibration).
    """
    return sum(len(fold.test) for fold in folds) / sum(len(fold.train_all) for fold in folds)
