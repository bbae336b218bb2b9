"""The pages on other tools: all are in the index, and the versions of its table hold."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.sources import ROOT

FOLDER = ROOT / "docs" / "integrations"
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def test_every_page_is_in_the_index():
    named = set(LINK.findall((FOLDER / "README.md").read_text("utf-8")))
    assert {page.name for page in FOLDER.glob("*.md")} - {"README.md"} <= named


def seen():
    """Return the versions of the table."""
    table = (FOLDER / "README.md").read_text("utf-8").partition("## Versions")[2].partition("## Packages")[0]
    return dict(re.findall(r"\| ([a-z][\w-]*) \| ([\d.]+) ", table))


def test_the_extras_allow_what_was_seen_to_work():
    project = tomllib.loads(Path(ROOT, "pyproject.toml").read_text("utf-8"))["project"]
    every = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    wanted = [requirement for line in every if (requirement := Requirement(line)).name.lower() in seen()]
    assert len({requirement.name for requirement in wanted}) >= 10
    for requirement in wanted:
        assert requirement.specifier.contains(seen()[requirement.name.lower()]), requirement


@pytest.mark.parametrize("package", sorted(seen()))
def test_the_table_is_of_packages_that_exist(package):
    try:
        installed = version(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed")
    # A patch release may differ; another major version was not seen to work.
    assert installed.split(".")[0] == seen()[package].split(".")[0]
