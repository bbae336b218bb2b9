"""A file holds one idea. 60 to 250 lines is the aim, 600 the end."""

from pathlib import Path

import pytest

from tests.house.sources import PACKAGE, ROOT

LIMIT = 600
SUFFIXES = {".py", ".pyi", ".cpp", ".hpp", ".h", ".j2", ".css"}


def too_long(folder: Path) -> list[str]:
    """Files of a folder with more lines than the limit."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES]
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in files}
    return [f"{path.name}: {length} lines" for path, length in lengths.items() if length > LIMIT]


@pytest.mark.parametrize(
    "folder", [PACKAGE, ROOT / "native", ROOT / "tests", ROOT / "benchmarks"], ids=lambda p: p.name
)
def test_no_file_is_too_long(folder: Path) -> None:
    assert folder.is_dir()
    assert too_long(folder) == []


def test_every_module_says_what_it_holds() -> None:
    silent = [path.name for path in PACKAGE.rglob("*.py") if not path.read_text("utf-8").startswith(('"""', 'r"""'))]
    assert silent == []


def test_the_check_counts(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * (LIMIT + 1))
    (tmp_path / "short.hpp").write_text("\n" * LIMIT)
    assert too_long(tmp_path) == [f"long.py: {LIMIT + 1} lines"]
