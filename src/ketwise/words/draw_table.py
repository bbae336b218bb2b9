"""Tables as HTML for notebooks: rows of cells, and the fields of a result, long ones shortened and folded.

Only the notebook's own style is used, so that a table looks like its neighbours, by light and in the dark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from ketwise.words.visible import shortened, visible

#: Characters of a value, and items of a list or dict, that are shown.
MOST_CHARACTERS, MOST_ITEMS = 160, 12


def html_table(rows: Sequence[Sequence[str]], head: Sequence[str] = (), caption: str = "") -> str:
    """Return the rows as one ``<table>``; text is escaped, the first cell of a row is its name.

    Examples
    --------
    >>> html_table([("qubits", "4")])
    '<table><tbody><tr><th style="text-align:left">qubits</th><td style="text-align:left">4</td></tr></tbody></table>'
    """
    left = ' style="text-align:left"'
    top = f"<caption{left}>{_text(caption)}</caption>" if caption else ""
    if head:
        top += f"<thead><tr>{''.join(f'<th{left}>{_text(cell)}</th>' for cell in head)}</tr></thead>"
    body = ""
    for name, *cells in rows:
        body += f"<tr><th{left}>{_text(name)}</th>{''.join(f'<td{left}>{_text(cell)}</td>' for cell in cells)}</tr>"
    return f"<table>{top}<tbody>{body}</tbody></table>"


def result_html(kind: str, fields: Mapping[str, Any], folded: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a result as a table of its fields, with what it depends on, such as settings, folded below.

    Parameters
    ----------
    kind : str
        Its class.
    fields : mapping of str to value
    folded : mapping of str to mapping
        Empty ones are left out.

    Examples
    --------
    >>> "an array (2,) of float64: [1. 2.]" in result_html("Mean", {"values": np.array([1.0, 2.0])}, {"seeds": {}})
    True
    """
    table = html_table([(name, in_short(value)) for name, value in fields.items()], caption=kind)
    details = [
        f"<details><summary>{_text(name)}</summary>"
        f"{html_table([(str(key), in_short(value)) for key, value in values.items()])}</details>"
        for name, values in folded.items()
        if values
    ]
    return f"<div>{table}{''.join(details)}</div>"


def in_short(value: Any) -> str:
    """Return a value in a line: arrays by shape, type and first numbers, long texts and lists cut.

    Examples
    --------
    >>> in_short({"shots": 100, "loss": 0.123456789}), in_short([1, "a"]), in_short(None)
    ('shots: 100, loss: 0.123457', '1, a', '')
    """
    if value is None:
        return ""
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        numbers = np.array2string(value, precision=4, threshold=8, edgeitems=2, separator=" ")
        return shortened(f"an array {value.shape} of {value.dtype}: {' '.join(numbers.split())}", MOST_CHARACTERS)
    if isinstance(value, Mapping):
        return _listed([f"{key}: {in_short(item)}" for key, item in _first(value.items())], len(value))
    if isinstance(value, (list, tuple)):
        return _listed([in_short(item) for item in _first(value)], len(value))
    return shortened(str(value), MOST_CHARACTERS)


def _first(items: Any) -> list[Any]:
    return [item for item, _ in zip(items, range(MOST_ITEMS), strict=False)]


def _listed(shown: list[str], count: int) -> str:
    more = f" and {count - len(shown):,} more" if count > len(shown) else ""
    return shortened(", ".join(shown), MOST_CHARACTERS - len(more)) + more


def _text(text: str) -> str:
    return escape(visible(text))
