"""From trials to champions and tables: who was chosen in which fold, and how every model and configuration did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.evidence.inference.correlated import correlated_posterior
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, TWIN, Opponent, Settings
from ketwise.evidence.trials.folds import Fold
from ketwise.evidence.trials.protocol import Trial


@dataclass(frozen=True)
class Tally:
    """All trials of a verdict, by model and fold; ``most`` is where intervals of scores are cut."""

    opponents: Sequence[Opponent]
    configurations: Mapping[str, Sequence[Settings]]
    folds: Sequence[Fold]
    trials: Mapping[tuple[str, int], Trial]
    most: float | None = None

    @property
    def test_to_train(self) -> float:
        """Rows in the test folds over rows trained on."""
        return sum(len(fold.test) for fold in self.folds) / sum(len(fold.train) for fold in self.folds)

    def scores(self, model: str) -> np.ndarray:
        """Outer scores of a model, one a fold."""
        return np.array([self.trials[model, fold.index].score for fold in self.folds])

    def champions(self, side: str) -> list[str]:
        """In each outer fold the model of that side with the best *inner* score; the first listed of equals."""
        names = [opponent.name for opponent in self.opponents if opponent.side == side]
        return [max(names, key=lambda name: self.trials[name, fold.index].inner_score) for fold in self.folds]

    def twins(self) -> list[str] | None:
        """In each fold the quantum champion's entanglement-free twin; None unless every champion has one."""
        twin_of = {opponent.twin_of: opponent.name for opponent in self.opponents if opponent.side == TWIN}
        found = [twin_of.get(name) for name in self.champions(QUANTUM)]
        return [name for name in found if name is not None] if None not in found else None

    def champion_scores(self, names: Sequence[str]) -> np.ndarray:
        """Outer scores of one named model for each fold."""
        return np.array([self.trials[name, fold.index].score for name, fold in zip(names, self.folds, strict=True)])

    def differences(self) -> np.ndarray:
        """Quantum champion minus classical champion, one a fold."""
        return self.champion_scores(self.champions(QUANTUM)) - self.champion_scores(self.champions(CLASSICAL))

    def line(self, name: str, scores: np.ndarray, **more: Any) -> dict[str, Any]:
        """Name, mean, 95 % interval and fold scores of one line of the report."""
        posterior = correlated_posterior(scores, self.test_to_train)
        low, high = posterior.interval()
        high = high if self.most is None else min(high, self.most)
        return {"name": name, "mean": posterior.mean, "interval": [low, high], "scores": scores, **more}

    def champion_line(self, side: str) -> dict[str, Any]:
        """The line of a side's champion, with how often each model was it."""
        names = self.champions(side)
        counts = [{"name": name, "folds": count} for name, count in Counter(names).most_common()]
        return self.line(side, self.champion_scores(names), models=counts)

    def model_lines(self) -> list[dict[str, Any]]:
        """One entry a model: its line, every configuration with its mean inner score, remarks, and its circuit."""
        return [self._model_line(opponent) for opponent in self.opponents]

    def _model_line(self, opponent: Opponent) -> dict[str, Any]:
        trials = [self.trials[opponent.name, fold.index] for fold in self.folds]
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
            for number, settings in enumerate(self.configurations[opponent.name])
        ]
        facts = max(trials, key=lambda trial: chosen[trial.chosen]).facts
        return self.line(
            opponent.name,
            self.scores(opponent.name),
            side=opponent.side,
            about=opponent.about,
            twin_of=opponent.twin_of,
            n_columns=sorted({trial.n_columns for trial in trials}),
            inner=inner,
            tried=tried,
            remarks=[{"text": text, "count": count} for text, count in remarks.most_common(5)],
            circuit=facts,
        )

    def rows(self) -> list[dict[str, Any]]:
        """Tidy: one row a model and fold, without what depends on the clock."""
        leaders = {CLASSICAL: self.champions(CLASSICAL), QUANTUM: self.champions(QUANTUM)}
        return [
            {
                "model": opponent.name,
                "side": opponent.side,
                "fold": fold.index,
                "score": trial.score,
                "inner_score": trial.inner_score,
                "champion": leaders.get(opponent.side, {fold.index: ""})[fold.index] == opponent.name
                if opponent.side in leaders
                else False,
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
            for fold in self.folds
            for trial in [self.trials[opponent.name, fold.index]]
        ]


def _mean(scores: Sequence[float]) -> float | None:
    return float(np.mean(scores)) if scores else None
