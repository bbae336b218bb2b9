"""What the house tests read: the project's source files, and the imports that each of them makes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "ketwise"


@dataclass(frozen=True)
class Import:
    """One import: who, whom (dotted), on which line, and whether it happens when who is loaded."""

    importer: str
    target: str
    line: int
    at_load: bool


def module_name(path: Path, package: Path = PACKAGE) -> str:
    """Dotted name of a source file: ``src/ketwise/words/angle.py`` is ``ketwise.words.angle``."""
    parts = (package.name, *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources() -> dict[str, str]:
    """Source text of every module of the package, by dotted name."""
    return {module_name(path): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


def imports(modules: dict[str, str]) -> list[Import]:
    """Every import of every module; ``from package import module`` counts as an import of the module."""
    return [found for name, text in modules.items() for found in _imports(name, ast.parse(text), modules, True)]


def _imports(name: str, node: ast.AST, modules: dict[str, str], at_load: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(name, alias.name, node.lineno, at_load)
    elif isinstance(node, ast.ImportFrom):
        base = _absolute(name, node, modules)
        for alias in node.names:
            submodule = f"{base}.{alias.name}"
            yield Import(name, submodule if submodule in modules else base, node.lineno, at_load)
    elif isinstance(node, ast.Call):
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        target = node.args[0] if node.args else None
        if called in ("import_module", "__import__") and isinstance(target, ast.Constant):
            yield Import(name, str(target.value), node.lineno, at_load)
    inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    typing_only = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    for child in ast.iter_child_nodes(node):
        yield from _imports(name, child, modules, at_load and not inside and not typing_only)


def _absolute(name: str, node: ast.ImportFrom, modules: dict[str, str]) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    is_package = any(other.startswith(name + ".") for other in modules)
    kept = parts[: len(parts) - node.level + is_package]
    return ".".join([*kept, *([node.module] if node.module else [])])
