"""The report page: the templates filled from a verdict, with the page's strict content policy."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from ketwise.evidence import wording
from ketwise.evidence.report.content import content
from ketwise.evidence.report.shell import content_policy, in_frame, templates

if TYPE_CHECKING:
    from jinja2 import Environment

    from ketwise.evidence.record import Verdict

_FOLDER = Path(__file__).parent


def page(verdict: "Verdict") -> str:
    """The report as one HTML page: no scripts, nothing loaded, only its own style allowed."""
    style = (_FOLDER / "page.css").read_text("utf-8")
    template = _environment().get_template("page.html.j2")
    return template.render(style=Markup(style), policy=content_policy(style), v=verdict, **content(verdict))


def frame(verdict: "Verdict") -> str:
    """The report for a notebook."""
    return in_frame("ketwise verdict", page(verdict))


@cache
def _environment() -> "Environment":
    environment = templates(
        _FOLDER / "templates",
        settings=wording.settings_text,
        significant=wording.significant,
        p_value=wording.p_value,
        money=wording.money,
        interval=lambda pair: f"{wording.number(pair[0])} to {wording.number(pair[1])}",
    )
    environment.globals["newline"] = Markup("\n")
    return environment
