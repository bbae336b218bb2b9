"""The table of docs/diagnostics.md has every diagnostic once, and none that there is not."""

import inspect
import re
from pathlib import Path

import ketwise as kw

PAGE = Path(__file__).parents[3] / "docs" / "diagnostics.md"


def test_the_table_names_every_diagnostic_once():
    table = PAGE.read_text("utf-8").split("## All of them")[1].split("\n## ")[0]
    rows = [line.split("|")[1:-1] for line in table.splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    functions = [name for name in kw.diagnostics.__all__ if inspect.isfunction(getattr(kw.diagnostics, name))]
    assert sorted(named) == sorted(functions)
    assert all(len(row) == 4 and all(cell.strip() for cell in row) for row in rows)
