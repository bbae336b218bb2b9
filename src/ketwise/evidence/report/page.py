"""The report page: what the template needs, computed from a verdict, and the page with its strict content policy."""

import base64
import hashlib
import html
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from markupsafe import Markup

from ketwise.evidence import wording
from ketwise.evidence.inference.correlated import Posterior
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, TWIN
from ketwise.evidence.report import pictures

if TYPE_CHECKING:
    from jinja2 import Environment

    from ketwise.evidence.record import Verdict

_FOLDER = Path(__file__).parent


def page(verdict: "Verdict") -> str:
    """The report as one HTML page: no scripts, nothing loaded, only its own style allowed."""
    style = (_FOLDER / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return (
        _environment()
        .get_template("page.html.j2")
        .render(style=Markup(style), policy=policy, v=verdict, **_computed(verdict))
    )


def frame(verdict: "Verdict") -> str:
    """The report for a notebook, in a frame of its own so that neither style nor content reaches the notebook."""
    return (
        '<iframe title="ketwise verdict" sandbox="" width="100%" height="900" style="border:0" '
        f'srcdoc="{html.escape(page(verdict))}"></iframe>'
    )


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )
    environment.filters |= {
        "number": wording.number,
        "percent": wording.percent,
        "seconds": wording.seconds,
        "settings": wording.settings_text,
        "interval": lambda pair: f"{wording.number(pair[0])} to {wording.number(pair[1])}",
        "thousands": lambda value: f"{value:,}",
    }
    return environment


def _computed(verdict: "Verdict") -> dict[str, Any]:
    fit = _mean_seconds(verdict, "fit_seconds")
    predict = _mean_seconds(verdict, "predict_seconds")
    tuning = _mean_seconds(verdict, "tuning_seconds")
    given = verdict.posterior
    posterior = Posterior(given["mean"], given["scale"], int(given["degrees"]))
    champion = verdict.champions["quantum"]["models"][0]["name"]
    by_name = {model["name"]: model for model in verdict.models}
    return {
        "said": verdict.sentence.removeprefix(verdict.headline).lstrip(": "),
        "rest": _rest(verdict),
        "posterior": pictures.posterior_picture(posterior, verdict.settings["rope"], verdict.score["label"]),
        "scores": pictures.scores_picture(verdict.models, verdict.score["label"]),
        "times": pictures.time_picture(verdict.models, fit, verdict.score["label"]),
        "fit": fit,
        "predict": predict,
        "tuning": tuning,
        "ordered": sorted(verdict.models, key=lambda model: -model["mean"]),
        "sides": {QUANTUM: "quantum", TWIN: "twin", CLASSICAL: "classical"},
        "circuit_of": champion,
        "circuit": by_name[champion]["circuit"],
        "reduced": _reduced(verdict),
        "shares": _shares(verdict.probabilities),
    }


def _rest(verdict: "Verdict") -> str:
    """The sentence without its headline, starting with a capital."""
    rest = verdict.sentence.removeprefix(verdict.headline).lstrip(": ")
    return rest[:1].upper() + rest[1:]


def _mean_seconds(verdict: "Verdict", what: str) -> dict[str, float]:
    spent: dict[str, list[float]] = {}
    for trial in verdict.timings["trials"]:
        spent.setdefault(trial["model"], []).append(trial[what])
    return {name: float(np.mean(values)) for name, values in spent.items()}


def _reduced(verdict: "Verdict") -> tuple[int, int] | None:
    """(columns the classical models saw, columns the quantum models saw), where they differ."""
    wide = max(max(model["n_columns"]) for model in verdict.models if model["side"] == CLASSICAL)
    narrow = (
        max(max(model["n_columns"]) for model in verdict.models if model["side"] == QUANTUM and model["circuit"])
        if any(model["circuit"] for model in verdict.models if model["side"] == QUANTUM)
        else wide
    )
    return (wide, narrow) if narrow < wide else None


def _shares(probabilities: dict[str, float]) -> list[dict[str, Any]]:
    """The bar below the posterior: widths in thousandths of three parts that fill it."""
    parts = [
        ("classical", "classical better", probabilities["worse"]),
        ("same", "too close to matter", probabilities["same"]),
        ("quantum", "quantum better", probabilities["better"]),
    ]
    widths = [round(1000 * share) for _, _, share in parts]
    widths[int(np.argmax(widths))] += 1000 - sum(widths)
    starts = np.cumsum([0, *widths[:2]]).tolist()
    return [
        {"side": side, "label": label, "share": share, "width": width, "start": start}
        for (side, label, share), width, start in zip(parts, widths, starts, strict=True)
    ]
