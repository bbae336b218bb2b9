"""From what was measured to the record: nothing is computed here that decides anything."""

import platform
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from ketwise.evidence.data.columns import describe
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import other_scores
from ketwise.evidence.measured import Measured
from ketwise.evidence.models.memory_facts import is_stored
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM
from ketwise.evidence.models.quantum import MOST_QUBITS
from ketwise.evidence.prepared import Prepared
from ketwise.evidence.question import Question
from ketwise.evidence.record import Verdict
from ketwise.evidence.replay import command, cv_setting
from ketwise.evidence.trials.edges import edge_alerts
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.folds import MOST_ROWS
from ketwise.evidence.trials.portraits import predictions
from ketwise.evidence.trials.tally import Tally
from ketwise.evidence.trials.uncertainty import tested_to_learned
from ketwise.evidence.wording import headline, sentence


def assemble(
    data: Table,
    question: Question,
    ready: Prepared,
    measured: Measured,
    versions: Mapping[str, str],
    timings: Mapping[str, Any],
) -> Verdict:
    """The record of a finished run."""
    bench, tally, comparison = ready.bench, measured.tally, measured.comparison
    task, score, settings = bench.task, bench.score, _settings(question, ready, measured)
    quantum, classical = tally.champion_line(QUANTUM), tally.champion_line(CLASSICAL)
    alerts = sorted([*ready.alerts, *edge_alerts(tally), *measured.explained.alerts], key=lambda alert: alert.code)
    said = sentence(
        comparison,
        quantum["mean"],
        classical["mean"],
        _without_entanglement(measured),
        score.label,
        question.rope,
        tally.n_rows,
        "held-out rows" if ready.layout.held_out else "rows",
        None if measured.stopped is None else measured.stopped["said"],
        _memories(tally),
    )
    return Verdict(
        outcome=comparison.outcome,
        clearly_worse=comparison.clearly_worse,
        headline=headline(comparison),
        sentence=said,
        difference=comparison.posterior.mean,
        interval=list(comparison.posterior.interval()),
        probabilities={name: getattr(comparison, name) for name in ("worse", "same", "better", "ahead")},
        posterior=comparison.posterior.to_dict(),
        inference={name: getattr(tally.uncertainty, name) for name in ("kind", "name", "said")},
        differences=tally.differences(),
        rows_needed=comparison.rows_needed,
        score={"name": score.name, "label": score.label, "meaning": score.meaning, "most": score.most},
        other_scores=_other_scores(bench, tally),
        task={
            "kind": task.kind,
            "classes": task.classes,
            "counts": task.counts,
            "rarest": task.rarest if task.is_classification else None,
            "said": task.said,
        },
        data=_data_facts(data, ready),
        alerts=[asdict(alert) | {"columns": list(alert.columns)} for alert in alerts],
        champions={QUANTUM: quantum, CLASSICAL: classical},
        models=tally.model_lines(),
        ablations=measured.ablations,
        second_lines=measured.second_lines,
        scores=tally.rows(),
        predictions=predictions(bench, tally),
        portraits=measured.portraits,
        decision_map=measured.decision_map,
        diagnosis=measured.explained.diagnosis,
        circuit=measured.explained.circuit,
        device=measured.explained.device,
        stopped=measured.stopped,
        command=command(data, settings, question),
        settings=settings,
        seeds={"random_state": question.seed},
        versions=dict(versions),
        timings=dict(timings)
        | {
            "stages": measured.clock,
            "machine": f"{platform.system()} {platform.machine()}",
            "trials": tally.clock(),
        },
    )


def _without_entanglement(measured: Measured) -> float | None:
    """Mean score of the champion's twin, where it has one in every fold."""
    everywhere = [line for line in measured.ablations if line["folds"] == len(measured.tally.folds)]
    return next((line["mean"] for line in everywhere if line["kind"] == "entanglement"), None)


def _memories(tally: Tally) -> tuple[int, int]:
    """In how many folds the quantum champion is a memory, and of how many."""
    champions = tally.champions(QUANTUM)
    return sum(is_stored(trial.facts) for trial in champions), len(champions)


def _other_scores(bench: Bench, tally: Tally) -> list[dict[str, Any]]:
    """Both champions by other scores, which decide nothing."""
    lines = []
    for score in other_scores(bench.task):
        if score.name == bench.score.name:
            continue
        line: dict[str, Any] = {"name": score.name, "label": score.label}
        for side in (QUANTUM, CLASSICAL):
            again = [
                replace(
                    trial,
                    score=float(score.of(trial.recorded, bench.X.iloc[fold.test], bench.task.y[fold.test])),
                )
                for trial, fold in zip(tally.champions(side), tally.folds, strict=True)
            ]
            level = tally.uncertainty.by(score).level(again)
            low, high = level.interval()
            line[side] = {
                "mean": float(np.mean([trial.score for trial in again])),
                "interval": [low, high if score.most is None else min(high, score.most)],
            }
        lines.append(line)
    return lines


def _settings(question: Question, ready: Prepared, measured: Measured) -> dict[str, Any]:
    bench, layout, folds = ready.bench, ready.layout, ready.folds
    return {
        "rope": float(question.rope),
        "scoring": bench.score.name,
        "configurations": int(question.configurations),
        "cv": cv_setting(question.cv, layout),
        "outer_folds": len(measured.tally.folds),
        "planned_folds": len(folds),
        "inner_folds": len(folds[0].inner),
        "split": layout.kind,
        "test_to_train": tested_to_learned(folds),
        "n_train": sorted({len(fold.train) for fold in folds}),
        "most_rows": MOST_ROWS,
        "most_qubits": MOST_QUBITS,
        "class_weight": bench.class_weight,
        "calibrated": bench.score.needs_probabilities,
        "budget": question.budget,
    }


def _data_facts(data: Table, ready: Prepared) -> dict[str, Any]:
    columns, layout = ready.columns, ready.layout
    sampled = [
        f"Of the {len(fold.train_all)} training rows of a fold {len(fold.train)} were sampled, the same for all models."
        for fold in ready.folds[:1]
        if len(fold.train) < len(fold.train_all)
    ]
    unscaled = [
        f"The {opponent.name} gets them before that: it stores bits."
        for opponent in ready.opponents
        if not opponent.scaled
    ]
    return {
        "name": data.name,
        "source": data.source,
        "target": data.target,
        "rows": len(data.y),
        "columns": data.X.shape[1],
        "held_out": data.held_out,
        "groups": None if layout.groups is None else int(layout.groups.max()) + 1,
        "used": columns.used,
        "text_columns": columns.texts,
        "constant": columns.constant,
        "identifiers": columns.identifiers,
        "missing": [{"column": name, "count": count} for name, count in columns.missing],
        "notes": [*data.notes, *describe(columns), *unscaled, *sampled],
        "sha256": data.sha256,
    }
