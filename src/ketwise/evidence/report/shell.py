"""What every page has around its content: templates that escape, a strict content policy, a frame for notebooks."""

import base64
import hashlib
import html
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from ketwise.evidence import wording

if TYPE_CHECKING:
    from jinja2 import Environment


def content_policy(style: str) -> str:
    """Return the policy that allows this style sheet, pictures inside the page, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


def in_frame(title: str, page: str) -> str:
    """Return a page for a notebook, in a frame of its own so that neither style nor content reaches the notebook."""
    return (
        f'<iframe title="{html.escape(title)}" sandbox="" width="100%" height="900" style="border:0" '
        f'srcdoc="{html.escape(page)}"></iframe>'
    )


def templates(folder: Path, **filters: Callable[..., Any]) -> "Environment":
    """Return the templates of a folder: text is escaped, what cannot be seen is shown, a missing name is an error.

    Parameters
    ----------
    folder : Path
    filters : callable
        Beside those that write numbers.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder),
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
        "quantity": wording.quantity,
        "thousands": lambda value: f"{value:,}",
        "capital": lambda words: words[:1].upper() + words[1:],
        **filters,
    }
    return environment
