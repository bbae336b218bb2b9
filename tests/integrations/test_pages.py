"""The pages on other tools: their examples run where the tool is there, their links lead somewhere, versions hold."""

import ast
import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.house.sources import ROOT

FOLDER = ROOT / "docs" / "integrations"
PAGES = [FOLDER / "README.md", FOLDER / "scikit-learn.md"]
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")

#: What MLflow and SQLAlchemy say about MLflow when it is imported.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*noload:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]


def blocks():
    return [
        pytest.param(text, id=f"{page.stem}-{number}")
        for page in PAGES
        for number, text in enumerate(FENCE.findall(page.read_text("utf-8")))
    ]


def imported(text):
    """Return the packages that a block imports."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    return sorted(names)


@pytest.mark.parametrize("text", blocks())
def test_blocks_run(text, tmp_path, monkeypatch):
    for name in imported(text):
        pytest.importorskip(name, reason=f"{name} is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    exec(compile(text, "block", "exec"), {"__name__": "block"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    missing = [link for link in LINK.findall(page.read_text("utf-8")) if not (page.parent / link).exists()]
    assert missing == []


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
