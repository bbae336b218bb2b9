"""What the template shows, computed from a verdict: pictures, and facts gathered from several fields."""

from typing import TYPE_CHECKING, Any

import numpy as np

from ketwise.evidence.data.task import NUMBER
from ketwise.evidence.inference.posterior import posterior_from
from ketwise.evidence.models.memory_facts import is_stored
from ketwise.evidence.report.answer import posterior_picture, shares
from ketwise.evidence.report.circuit import circuit_facts
from ketwise.evidence.report.classes import calibration_facts, class_facts
from ketwise.evidence.report.explained import diagnosis_facts
from ketwise.evidence.report.maps import map_facts
from ketwise.evidence.report.portraits import portrait_facts
from ketwise.evidence.report.ranking import ranking_facts
from ketwise.evidence.report.regression import regression_facts
from ketwise.evidence.report.standing import forest_picture, scores_picture, time_picture
from ketwise.evidence.report.svg import shape
from ketwise.evidence.wording import number, seconds

if TYPE_CHECKING:
    from ketwise.evidence.record import Verdict


def content(verdict: "Verdict") -> dict[str, Any]:
    """Everything the template needs beside the verdict itself."""
    fit = _mean_seconds(verdict, "fit_seconds")
    is_regression = verdict.task["kind"] == NUMBER
    label, rope = verdict.score["label"], verdict.settings["rope"]
    posterior = posterior_from(verdict.posterior)
    return {
        "rest": _rest(verdict),
        "posterior": posterior_picture(posterior, rope, label, verdict.inference["name"]),
        "shares": shares(verdict.probabilities),
        "cards": _cards(verdict),
        "scores": scores_picture(verdict.models, label),
        "times": time_picture(verdict.models, fit, label) if fit else None,
        "spent": _spent(verdict, fit),
        "ordered": sorted(verdict.models, key=lambda model: -model["mean"]),
        "folds": _by_model(verdict),
        "shape": shape,
        "reduced": _reduced(verdict),
        "is_stored": is_stored,
        "is_regression": is_regression,
        "ranking": None
        if is_regression
        else ranking_facts(verdict.predictions, verdict.task["classes"], verdict.task["rarest"]),
        "classes": None if is_regression else class_facts(verdict),
        "calibration": None if is_regression else calibration_facts(verdict),
        "regression": regression_facts(verdict) if is_regression else None,
        "portraits": portrait_facts(verdict),
        "maps": map_facts(verdict),
        "ablations": forest_picture(verdict.ablations, "the quantum champion", rope, label)
        if verdict.ablations
        else None,
        "diagnosis": diagnosis_facts(verdict),
        "circuit": circuit_facts(verdict),
        "folds_said": _folds_said(verdict),
        "n_predicted": len(np.asarray(verdict.predictions["row"])),
    }


def _rest(verdict: "Verdict") -> str:
    """The sentence without its headline, starting with a capital."""
    rest = verdict.sentence.removeprefix(verdict.headline).lstrip(": ")
    return rest[:1].upper() + rest[1:]


def _cards(verdict: "Verdict") -> list[dict[str, Any]]:
    """The scores to see at once: both champions, and the quantum one without entanglement if measured in all folds."""
    cards = [
        {"side": side, "title": title, "line": verdict.champions[side]}
        for side, title in (("quantum", "Best quantum model"), ("classical", "Best classical model"))
    ]
    n_folds = verdict.settings["outer_folds"]
    without = [
        one for one in verdict.ablations if one["kind"] == "entanglement" and one.get("folds", n_folds) == n_folds
    ]
    return cards + [{"side": "ablation", "title": "Quantum, entanglement removed", "line": one} for one in without[:1]]


def _mean_seconds(verdict: "Verdict", what: str) -> dict[str, float]:
    spent: dict[str, list[float]] = {}
    for trial in verdict.timings["trials"]:
        spent.setdefault(trial["model"], []).append(trial[what])
    return {name: float(np.mean(values)) for name, values in spent.items()}


def _spent(verdict: "Verdict", fit: dict[str, float]) -> dict[str, list[str]]:
    """Seconds of one fit, of predicting a fold and of tuning in a fold, by model."""
    predict, tuning = _mean_seconds(verdict, "predict_seconds"), _mean_seconds(verdict, "tuning_seconds")
    return {name: [seconds(fit[name]), seconds(predict[name]), seconds(tuning[name])] for name in fit}


def _by_model(verdict: "Verdict") -> dict[str, list[dict[str, Any]]]:
    """Outer score of every fold by model, in words, with a mark where it was its side's champion."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in verdict.scores:
        line = {"fold": row["fold"], "score": number(row["score"]), "champion": bool(row["champion"])}
        found.setdefault(row["model"], []).append(line)
    return found


def _reduced(verdict: "Verdict") -> tuple[int, int] | None:
    """(columns the classical models saw, columns our quantum models saw), where they differ."""
    wide = max(max(model["n_columns"]) for model in verdict.models if model["side"] == "classical")
    ours = [
        max(model["n_columns"])
        for model in verdict.models
        if model["side"] == "quantum" and model["circuit"] and not is_stored(model["circuit"])
    ]
    return (wide, max(ours)) if ours and max(ours) < wide else None


def _folds_said(verdict: "Verdict") -> str:
    """How rows were split, in words."""
    settings, split = verdict.settings, verdict.settings["split"]
    count = settings["outer_folds"]
    if split == "held-out":
        return f"One: trained on all other rows, tested on the {verdict.data['held_out']:,} that were held out"
    if split == "time":
        return f"{count} that follow each other in time, each tested on the rows after those it was trained on"
    if isinstance(settings["cv"], str):
        return f"{count}, given by the user"
    folds, repeats = settings["cv"]
    times = "" if repeats == 1 else ", drawn twice" if repeats == 2 else f", drawn {repeats} times"
    kept = ", every class in its share" if verdict.task["classes"] else ""
    together = ", rows of a group together" if split == "groups" else ""
    return f"{folds} folds{times}{kept}{together}"
