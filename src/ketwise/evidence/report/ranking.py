"""How well both champions rank: ROC and precision-recall curves, averaged over folds or over classes, with their areas.

Curves are made within a fold and then averaged, because values of different folds come from different fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence.report.svg import line, path, picture, plot
from ketwise.evidence.wording import number, percent

GRID = np.linspace(0.0, 1.0, 201)
CHAMPIONS = ("quantum", "classical")


@dataclass(frozen=True)
class Ranking:
    """Mean curves on a grid, the curves they are the mean of, and the mean areas under the exact curves.

    ``roc`` is the true positive rate at each false positive rate of the grid, ``precision`` the precision at each
    recall of the grid; the parts have shape (n_parts, n_grid).
    """

    roc: np.ndarray
    precision: np.ndarray
    roc_parts: np.ndarray
    precision_parts: np.ndarray
    roc_area: float
    average_precision: float


def ranking(truth: np.ndarray, values: np.ndarray, fold: np.ndarray, positive: int = 1) -> Ranking | None:
    """Curves of one champion; None where no class has both sides.

    Parameters
    ----------
    truth : (n,) array
        Class codes.
    values : (n, k) array
        k = 1 for two classes: larger means class 1. Else one column a class, larger means that class.
    fold : (n,) array
        Which fit a row's values come from.
    positive : int
        Of two classes the one that is sought.
    """
    single = values.shape[1] == 1
    wanted = [positive] if single else range(values.shape[1])
    values = -values if single and positive == 0 else values
    classes = []
    for place, code in enumerate(wanted):
        found = _by_fold(truth == code, values[:, 0 if single else place], fold)
        if found:
            classes.append(found if single else [_mean(found)])
    parts = [part for found in classes for part in found]
    if not parts:
        return None
    roc, precision, area, average = _mean(parts)
    return Ranking(
        roc, precision, np.array([p[0] for p in parts]), np.array([p[1] for p in parts]), float(area), float(average)
    )


_Part = tuple[np.ndarray, np.ndarray, float, float]


def _by_fold(positive: np.ndarray, values: np.ndarray, fold: np.ndarray) -> list[_Part]:
    """One part a fold that has both classes; all rows as one where such folds hold less than half of them."""
    rows = [fold == which for which in np.unique(fold)]
    usable = [mask for mask in rows if 0 < positive[mask].sum() < mask.sum()]
    if sum(int(mask.sum()) for mask in usable) < len(fold) / 2:
        everything = np.ones(len(fold), dtype=bool)
        usable = [everything] if 0 < positive.sum() < len(positive) else []
    return [_part(positive[mask], values[mask]) for mask in usable]


def _part(positive: np.ndarray, values: np.ndarray) -> _Part:
    from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

    false, true, _ = roc_curve(positive, values)
    precision, recall, _ = precision_recall_curve(positive, values)
    # The precision of the step that reaches a recall, as in the area that is reported; curves run from high to low.
    place = np.searchsorted(recall[::-1], np.maximum(GRID, 1e-12), side="left")
    return (
        np.interp(GRID, false, true),
        precision[::-1][place],
        float(roc_auc_score(positive, values)),
        float(average_precision_score(positive, values)),
    )


def _mean(parts: Sequence[_Part]) -> _Part:
    roc, precision, area, average = zip(*parts, strict=True)
    return np.mean(roc, axis=0), np.mean(precision, axis=0), float(np.mean(area)), float(np.mean(average))


def roc_picture(champions: dict[str, Ranking], parts_are: str) -> Markup:
    """Both ROC curves, the parts that they are the mean of faint behind them."""
    drawn = plot((0.0, 1.0), (0.0, 1.0), height=350)
    parts = drawn.frame("false positive rate", "true positive rate", percent_tick, percent_tick)
    parts.append(line(drawn.across(0), drawn.up(0), drawn.across(1), drawn.up(1), "chance"))
    for key in CHAMPIONS:
        if len(champions[key].roc_parts) > 1:
            parts += [
                path(_thinned(drawn.at([0, *GRID], [0, *part])), f"faint {key}") for part in champions[key].roc_parts
            ]
    for key in CHAMPIONS:
        parts.append(path(_thinned(drawn.at([0, *GRID], [0, *champions[key].roc])), f"series {key}"))
    described = ", ".join(f"{key} champion: area {number(champions[key].roc_area)}" for key in CHAMPIONS)
    return picture("roc-picture", 350, f"ROC curves of both champions, mean over {parts_are}", described + ".", parts)


def precision_picture(champions: dict[str, Ranking], prevalence: float | None, parts_are: str) -> Markup:
    """Both precision-recall curves; chance is a line at the share of the positive class."""
    drawn = plot((0.0, 1.0), (0.0, 1.0), height=350)
    parts = drawn.frame("recall", "precision", percent_tick, percent_tick)
    if prevalence is not None:
        parts.append(line(drawn.across(0), drawn.up(prevalence), drawn.across(1), drawn.up(prevalence), "chance"))
    for key in CHAMPIONS:
        if len(champions[key].precision_parts) > 1:
            parts += [path(_thinned(drawn.at(GRID, part)), f"faint {key}") for part in champions[key].precision_parts]
    for key in CHAMPIONS:
        parts.append(path(_thinned(drawn.at(GRID, champions[key].precision)), f"series {key}"))
    described = ", ".join(
        f"{key} champion: average precision {number(champions[key].average_precision)}" for key in CHAMPIONS
    )
    if prevalence is not None:
        described += f"; chance is {percent(prevalence)}"
    title = f"Precision-recall curves of both champions, mean over {parts_are}"
    return picture("precision-picture", 350, title, described + ".", parts)


def percent_tick(share: float) -> str:
    """A share as a tick: 0, 20 %, ..., 100 %."""
    return f"{100 * share:.0f} %" if share else "0"


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Without points that lie on the straight line through their neighbours."""
    kept: list[tuple[float, float]] = []
    for point in points:
        while len(kept) > 1 and abs(_turn(kept[-2], kept[-1], point)) < 1.0:
            kept.pop()
        kept.append(point)
    return kept


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def ranking_facts(predictions: dict[str, Any], classes: Sequence[str], rarest: int) -> dict[str, Any] | None:
    """Both pictures, the areas and what the faint lines are; None where they cannot be made."""
    truth, fold = np.asarray(predictions["truth"]), np.asarray(predictions["fold"])
    found = {key: ranking(truth, np.asarray(predictions[key]["values"]), fold, rarest) for key in CHAMPIONS}
    champions = {key: one for key, one in found.items() if one is not None}
    if len(champions) < 2:
        return None
    two = len(classes) == 2
    n_parts = len(champions["quantum"].roc_parts)
    parts_are = ("one test set" if n_parts == 1 else f"{n_parts} folds") if two else f"{n_parts} classes"
    prevalence = float(np.mean(truth == rarest)) if two else None
    return {
        "roc": roc_picture(champions, parts_are),
        "precision": precision_picture(champions, prevalence, parts_are),
        "areas": {key: (one.roc_area, one.average_precision) for key, one in champions.items()},
        "two": two,
        "positive": classes[rarest],
        "negative": classes[1 - rarest] if two else "",
        "n_parts": n_parts,
        "prevalence": prevalence,
    }
