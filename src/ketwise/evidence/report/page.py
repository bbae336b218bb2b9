"""The report page: the templates filled from a verdict, with the page's strict content policy."""

import base64
import hashlib
import html
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup

from ketwise.evidence import wording
from ketwise.evidence.report.content import content

if TYPE_CHECKING:
    from jinja2 import Environment

    from ketwise.evidence.record import Verdict

_FOLDER = Path(__file__).parent


def page(verdict: "Verdict") -> str:
    """The report as one HTML page: no scripts, nothing loaded, only its own style allowed."""
    style = (_FOLDER / "page.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    template = _environment().get_template("page.html.j2")
    return template.render(style=Markup(style), policy=policy, v=verdict, **content(verdict))


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
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            wording.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
        ),
    )
    environment.globals["newline"] = Markup("\n")
    environment.filters |= {
        "number": wording.number,
        "percent": wording.percent,
        "seconds": wording.seconds,
        "settings": wording.settings_text,
        "significant": wording.significant,
        "quantity": wording.quantity,
        "p_value": wording.p_value,
        "money": wording.money,
        "interval": lambda pair: f"{wording.number(pair[0])} to {wording.number(pair[1])}",
        "thousands": lambda value: f"{value:,}",
        "capital": lambda words: words[:1].upper() + words[1:],
    }
    return environment
