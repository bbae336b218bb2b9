"""From trials to champions and tables: who was chosen in which fold, and how every model and configuration did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, Opponent, Settings
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.protocol import Trial
from ketwise.evidence.trials.uncertainty import Uncertainty


@dataclass(frozen=True)
class Tally:
    """All trials of complete folds, by model and fold; ``most`` is where intervals of scores are cut."""

    opponents: Sequence[Opponent]
    configurations: Mapping[str, Sequence[Settings]]
    folds: Sequence[Fold]
    trials: Mapping[tuple[str, int], Trial]
    uncertainty: Uncertainty
    most: float | None = None

    @property
    def n_rows(self) -> int:
        """Rows that make the answer surer as they grow: those held out, or else all that any fold uses."""
        if self.uncertainty.kind == "rows":
            return sum(len(fold.test) for fold in self.folds)
        return len(np.unique(np.concatenate([np.append(fold.train_all, fold.test) for fold in self.folds])))

    def of(self, model: str) -> list[Trial]:
        """Trials of a model, one a fold."""
        return [self.trials[model, fold.index] for fold in self.folds]

    def champions(self, side: str) -> list[Trial]:
        """In each outer fold the trial of that side with the best *inner* score; the first listed of equals."""
        names = [opponent.name for opponent in self.opponents if opponent.side == side]
        return [
            max((self.trials[name, fold.index] for name in names), key=lambda trial: trial.inner_score)
            for fold in self.folds
        ]

    def differences(self) -> np.ndarray:
        """Quantum champion minus classical champion, one a fold."""
        pairs = zip(self.champions(QUANTUM), self.champions(CLASSICAL), strict=True)
        return np.array([quantum.score - classical.score for quantum, classical in pairs])

    def line(self, name: str, trials: Sequence[Trial], **more: Any) -> dict[str, Any]:
        """Name, mean, 95 % interval and fold scores of one line of the report."""
        posterior = self.uncertainty.level(trials)
        low, high = posterior.interval()
        high = high if self.most is None else min(high, self.most)
        scores = np.array([trial.score for trial in trials])
        return {"name": name, "mean": float(scores.mean()), "interval": [low, high], "scores": scores, **more}

    def champion_line(self, side: str) -> dict[str, Any]:
        """The line of a side's champion, with how often each model was it."""
        champions = self.champions(side)
        counts = Counter(trial.model for trial in champions).most_common()
        return self.line(side, champions, models=[{"name": name, "folds": count} for name, count in counts])

    def model_lines(self) -> list[dict[str, Any]]:
        """One entry a model: its line, every configuration with its mean inner score, remarks, and its circuit."""
        return [
            self.model_line(opponent, self.of(opponent.name), self.configurations[opponent.name])
            for opponent in self.opponents
        ]

    def model_line(
        self, opponent: Opponent, trials: Sequence[Trial], configurations: Sequence[Settings]
    ) -> dict[str, Any]:
        """The entry of one model."""
        # Folds may have different numbers of inner splits, where groups or classes are few.
        inner = np.array([trial.inner.mean(axis=1) for trial in trials])
        chosen = Counter(trial.chosen for trial in trials)
        remarks: Counter[str] = Counter()
        for trial in trials:
            remarks.update(trial.remarks)
        tried = [
            {
                "settings": settings,
                "inner_mean": float(inner[:, number].mean()),
                "chosen": chosen[number],
                "outer_mean": _mean([trial.score for trial in trials if trial.chosen == number]),
            }
            for number, settings in enumerate(configurations)
        ]
        return self.line(
            opponent.name,
            trials,
            side=opponent.side,
            about=opponent.about,
            n_columns=sorted({trial.n_columns for trial in trials}),
            inner=inner,
            tried=tried,
            remarks=[{"text": text, "count": count} for text, count in remarks.most_common(5)],
            circuit=max(trials, key=lambda trial: chosen[trial.chosen]).facts,
        )

    def rows(self) -> list[dict[str, Any]]:
        """Tidy: one row a model and fold, without what depends on the clock."""
        leading = {(trial.model, trial.fold) for side in (CLASSICAL, QUANTUM) for trial in self.champions(side)}
        return [
            {
                "model": opponent.name,
                "side": opponent.side,
                "fold": fold.index,
                "score": trial.score,
                "inner_score": trial.inner_score,
                "champion": (opponent.name, fold.index) in leading,
                "n_train": trial.n_rows,
                "n_test": len(fold.test),
                "n_columns": trial.n_columns,
                "settings": self.configurations[opponent.name][trial.chosen],
            }
            for opponent in self.opponents
            for fold in self.folds
            for trial in [self.trials[opponent.name, fold.index]]
        ]

    def clock(self) -> list[dict[str, Any]]:
        """Seconds of every trial, in the order of :meth:`rows`."""
        return [
            {
                "model": trial.model,
                "fold": trial.fold,
                "fit_seconds": trial.fit_seconds,
                "predict_seconds": trial.predict_seconds,
                "tuning_seconds": trial.tuning_seconds,
            }
            for opponent in self.opponents
            for trial in self.of(opponent.name)
        ]


def _mean(scores: Sequence[float]) -> float | None:
    return float(np.mean(scores)) if scores else None
