"""Loading a file never runs code: no pickle or its kin, no eval or exec, anywhere in the package."""

import ast

import pytest

from tests.house.sources import imports, sources

MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal"}
CALLS = {"eval", "exec", "compile"}
ATTRIBUTES = {"read_pickle", "to_pickle"}
LOADERS = {"joblib": {"load", "dump"}, "torch": {"load", "save"}}  # the rest of either is welcome


def faults(modules: dict[str, str]) -> list[str]:
    """Every use of a forbidden name, in words."""
    found = [
        f"{each.importer}:{each.line} imports {each.target}"
        for each in imports(modules)
        if each.target.split(".")[0] in MODULES
    ]
    for name, text in modules.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                found.append(f"{name}:{node.lineno} calls {node.func.id}")
            if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
                found.append(f"{name}:{node.lineno} uses {node.attr}")
            if isinstance(node, ast.ImportFrom) and node.module in LOADERS:
                taken = {alias.name for alias in node.names} & LOADERS[node.module]
                found.extend(f"{name}:{node.lineno} imports {node.module}.{each}" for each in sorted(taken))
            pickling = {f"{module}.{each}" for module, names in LOADERS.items() for each in names}
            if isinstance(node, ast.Attribute) and ast.unparse(node) in pickling:
                found.append(f"{name}:{node.lineno} uses {ast.unparse(node)}")
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle" and getattr(node.value, "value", True):
                found.append(f"{name}:{node.value.lineno} allows pickles")
    return found


def test_nothing_loads_code() -> None:
    assert faults(sources()) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from joblib import load",
        "import torch\ntorch.load(path)",
        "import joblib\njoblib.dump(x, path)",
        "def f(x):\n    import dill",
        "eval('1')",
        "exec(text)",
        "pandas.read_pickle(path)",
        "np.load(path, allow_pickle=True)",
    ],
)
def test_the_check_sees(text: str) -> None:
    assert faults({"ketwise.words.a": text})


@pytest.mark.parametrize(
    "text",
    ["circuit.compile([z])", "np.load(path, allow_pickle=False)", "frame.eval_('x')", "from joblib import Parallel"],
)
def test_the_check_allows(text: str) -> None:
    assert faults({"ketwise.words.a": text}) == []
