"""What the documents say works: examples run, links lead somewhere, named make targets exist."""

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
SLOW = "kw.verdict("


def blocks() -> list[object]:
    """Every Python block of every page; those that run a verdict take minutes."""
    return [
        pytest.param(text, id=f"{page.name}-{number}", marks=[pytest.mark.long] if SLOW in text else [])
        for page in PAGES
        for number, text in enumerate(FENCE.findall(page.read_text("utf-8")))
    ]


@pytest.mark.parametrize("text", blocks())
def test_blocks_run(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "block", "exec"), {"__name__": "block"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]*)", page.read_text("utf-8"), re.MULTILINE))
    assert named <= targets
