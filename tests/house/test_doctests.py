"""Every example in a docstring of the package runs and prints what it says."""

import doctest
import importlib
from pathlib import Path

import pytest

from tests.house.sources import PACKAGE, module_name

FINDER = doctest.DocTestFinder(exclude_empty=True)


def modules() -> list[str]:
    return sorted(module_name(path) for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_a_module(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # an example that writes a file writes it here
    module = importlib.import_module(name)
    lines = []
    runner = doctest.DocTestRunner()
    for example in FINDER.find(module):
        runner.run(example, out=lines.append)
    assert runner.summarize(verbose=False).failed == 0, "".join(lines)


def test_the_words_that_a_newcomer_types_have_an_example():
    """Otherwise a finder that finds nothing would pass."""
    for name in ("words.angle", "words.circuit", "words.observable", "program.program", "blocks.encodings.encoding"):
        module = importlib.import_module(f"ketwise.{name}")
        assert any(found.examples for found in FINDER.find(module)), name


def test_no_example_is_skipped():
    for path in Path(PACKAGE).rglob("*.py"):
        assert "doctest: +SKIP" not in path.read_text("utf-8"), path
