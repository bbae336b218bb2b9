"""Imports point down only: a folder of the package is a layer, and may use itself and the layers below.

Imports inside functions and under TYPE_CHECKING count too. The exceptions are in the table, and nowhere else.
"""

import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.sources import Import, imports, sources

LAYERS = ("words", "engine", "program", "blocks", "learning", "problems", "evidence", "doors")

# (importer, prefix of what it imports): reason
EXCEPTIONS = {
    ("ketwise.words.circuit", "ketwise.program"): "Circuit.compile hands itself to the compiler",
}

# What a layer may import from outside: when it is loaded, and inside functions.
LEAN = {"words", "engine", "program"}
AT_LOAD = {"numpy"}
LATER = {"numpy", "scipy"}
# Rooms that bind another framework, and are loaded when somebody asks for it by name.
VENDORS = {
    "ketwise.program.interop.cirq": {"cirq", "sympy"},
    "ketwise.program.interop.openfermion": {"openfermion"},
    "ketwise.program.interop.pennylane": {"pennylane"},
    "ketwise.program.interop.qiskit": {"qiskit", "qiskit_machine_learning"},
}


def layer(module: str) -> str | None:
    """Folder of the package that holds a module; None for the package's own root."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def faults(modules: dict[str, str]) -> list[str]:
    """Every import that breaks the rules, in words."""
    found = [_fault(each, modules) for each in imports(modules)]
    unknown = {layer(module) for module in modules} - {*LAYERS, "__main__", None}
    return sorted([*filter(None, found), *(f"{name}: this folder is no layer" for name in unknown)])


def _fault(each: Import, modules: dict[str, str]) -> str | None:
    here, there = layer(each.importer), layer(each.target)
    where = f"{each.importer}:{each.line} imports {each.target}"
    if here is None or here == "__main__":
        return None
    if each.target.split(".")[0] != "ketwise":
        room = ".".join(each.importer.split(".")[:4])
        allowed = (AT_LOAD if each.at_load else LATER) | VENDORS.get(room, set())
        top = each.target.split(".")[0]
        if here in LEAN and top not in allowed and top not in sys.stdlib_module_names:
            return f"{where}: {here} may use {sorted(allowed)} only"
        return None
    if any(each.importer == who and each.target.startswith(whom) for who, whom in EXCEPTIONS):
        return f"{where}: the exception is for imports inside functions" if each.at_load else None
    if there is None:  # the package itself, which holds the public names and the version
        if here == LAYERS[-1] and not each.at_load:
            return None
        return f"{where}: inside the package import from the defining module"
    if there not in LAYERS:
        return f"{where}: {there} is no layer"
    if LAYERS.index(there) > LAYERS.index(here):
        return f"{where}: {there} lies above {here}"
    if here == there == "problems" and each.importer.split(".")[2:3] != each.target.split(".")[2:3]:
        return f"{where}: problems never import each other"
    return None


def cycle(modules: dict[str, str]) -> list[str]:
    """A cycle among the imports made at load, if there is one."""
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for each in imports(modules):
        if each.at_load and each.target in modules and each.target != each.importer:
            graph[each.importer].add(each.target)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_imports_point_down() -> None:
    assert faults(sources()) == []


def test_no_cycle() -> None:
    assert cycle(sources()) == []


def test_every_exception_is_used() -> None:
    used = imports(sources())
    for who, whom in EXCEPTIONS:
        assert any(each.importer == who and each.target.startswith(whom) for each in used), (who, whom)


BASE = dict.fromkeys(["ketwise", *(f"ketwise.{name}" for name in LAYERS), "ketwise.words.a", "ketwise.doors.b"], "")


@pytest.mark.parametrize(
    ("module", "text", "complaint"),
    [
        ("ketwise.words.a", "from ketwise.doors.b import door", "doors lies above words"),
        ("ketwise.words.a", "from ketwise.doors import b", "doors lies above words"),
        ("ketwise.words.a", "import ketwise.doors.b as door", "doors lies above words"),
        ("ketwise.words.a", "from ..doors import b", "doors lies above words"),
        ("ketwise.words", "from ..doors import b", "doors lies above words"),
        ("ketwise.words.a", "def f():\n    from ketwise.doors.b import door", "doors lies above words"),
        (
            "ketwise.words.a",
            "import importlib\nx = importlib.import_module('ketwise.doors.b')",
            "doors lies above",
        ),
        (
            "ketwise.words.a",
            "if TYPE_CHECKING:\n    from ketwise.doors.b import door",
            "doors lies above words",
        ),
        ("ketwise.words.a", "from ketwise import Circuit", "import from the defining module"),
        ("ketwise.words.a", "import pandas", "words may use ['numpy'] only"),
        ("ketwise.words.a", "import scipy.linalg", "words may use ['numpy'] only"),
        (
            "ketwise.engine.a",
            "def f():\n    from sklearn import svm",
            "engine may use ['numpy', 'scipy'] only",
        ),
        ("ketwise.words.circuit", "import ketwise.program.compile", "inside functions"),
        ("ketwise.words.circuit", "def f():\n    import ketwise.blocks.ansatz", "blocks lies above words"),
        ("ketwise.problems.finance", "from ketwise.problems.chemistry import x", "never import each other"),
        ("ketwise.program.interop.qiskit.a", "import pennylane", "program may use"),
        ("ketwise.program.a", "def f():\n    import qiskit", "program may use ['numpy', 'scipy'] only"),
        ("ketwise.misc.a", "", "this folder is no layer"),
    ],
)
def test_the_check_sees(module: str, text: str, complaint: str) -> None:
    assert any(complaint in fault for fault in faults(BASE | {module: text})), faults(BASE | {module: text})


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("ketwise.doors.b", "from ketwise.words.a import word\nimport typer, pandas"),
        ("ketwise.words.a", "import numpy as np\nimport collections.abc\ndef f():\n    import scipy.linalg"),
        ("ketwise.words.circuit", "def compile():\n    from ketwise.program.compile import compile_circuit"),
        ("ketwise.problems.finance.risk", "from ketwise.problems.finance.assets import x"),
        ("ketwise.program.interop.qiskit.a", "import qiskit.circuit"),
        ("ketwise", "from ketwise.doors.b import door"),
        ("ketwise.doors.b", "def f():\n    import ketwise"),
    ],
)
def test_the_check_allows(module: str, text: str) -> None:
    assert faults(BASE | {module: text}) == []


def test_the_check_sees_a_cycle() -> None:
    one = {"ketwise.words.a": "from ketwise.words import b", "ketwise.words.b": "import ketwise.words.c"}
    late = {"ketwise.words.c": "def f():\n    from ketwise.words.a import x"}
    early = {"ketwise.words.c": "from ketwise.words.a import x"}
    assert cycle(BASE | one | late) == []
    assert set(cycle(BASE | one | early)) == {"ketwise.words.a", "ketwise.words.b", "ketwise.words.c"}
