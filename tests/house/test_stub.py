"""The stub names exactly what the package loads lazily, from the same modules."""

import ast

import ketwise
from tests.house.sources import PACKAGE


def re_exports() -> dict[str, str]:
    """Public name -> dotted module or module.name it stands for, as the stub says."""
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                # ``import a as a`` is what makes a name public in a stub.
                assert alias.asname == alias.name, f"line {node.lineno}: write 'import {alias.name} as {alias.name}'"
                assert alias.name not in found, f"{alias.name} stands in the stub twice"
                found[alias.name] = f"{node.module}.{alias.name}"
    return found


def test_the_stub_and_the_lazy_names_agree():
    lazy = {name: f"ketwise.{module}.{name}" for name, module in ketwise._NAMES.items()}
    lazy |= {name: f"ketwise.{module}" for name, module in ketwise._MODULES.items()}
    assert re_exports() == lazy


def test_all_is_every_lazy_name_once():
    assert sorted(ketwise.__all__) == sorted(re_exports())


def test_the_stub_declares_the_version():
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    declared = [node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)]
    assert declared == ["__version__"]


def test_every_name_loads_and_is_what_its_module_defines():
    for name in ketwise.__all__:
        value = getattr(ketwise, name)
        defined_in = getattr(value, "__module__", None) or value.__name__
        assert defined_in.startswith("ketwise."), name
        assert name in dir(ketwise)
