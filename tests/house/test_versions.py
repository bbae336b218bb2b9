"""One version: pyproject.toml, the package, CITATION.cff and the top of CHANGELOG.md agree."""

import re
import tomllib

import ketwise
from tests.house.sources import ROOT

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_package() -> None:
    assert ketwise.__version__ == VERSION


def test_citation() -> None:
    assert re.search(rf"^version: {re.escape(VERSION)}$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)


def test_changelog() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == VERSION
