"""``import ketwise`` is quick and loads nothing heavy: the public names arrive when they are used."""

import subprocess
import sys
import time

import pytest

LIMIT = 0.3
HEAVY = (
    "sklearn",
    "pandas",
    "matplotlib",
    "scipy",
    "jinja2",
    "rich",
    "typer",
    "torch",
    "qiskit",
    "pennylane",
)


def seconds(code: str, runs: int = 5) -> float:
    """Wall time of the fastest of several fresh interpreters that run the code."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return min(times)


def loaded_by(code: str) -> set[str]:
    """Names of all modules loaded after a fresh interpreter ran the code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return {name.split(".")[0] for name in done.stdout.split()}


def test_import_is_quick() -> None:
    cost = seconds("import ketwise") - seconds("pass")
    assert cost < LIMIT, f"import ketwise takes {cost:.2f} s"


def test_import_loads_nothing_heavy() -> None:
    assert loaded_by("import ketwise").isdisjoint(HEAVY)


def test_a_circuit_loads_nothing_heavy() -> None:
    run = "import ketwise as kw; kw.Circuit(1).ry(kw.params(1)[0], 0).compile([kw.Z(0)])([0.3], None)"
    assert loaded_by(run).isdisjoint(HEAVY)


def test_every_public_name_arrives() -> None:
    import ketwise

    assert set(ketwise.__all__) <= set(dir(ketwise))
    for name in ketwise.__all__:
        assert getattr(ketwise, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ketwise.no_such_name  # type: ignore[attr-defined]


def test_the_check_sees() -> None:
    assert "pandas" in loaded_by("import pandas")
    assert seconds("import time; time.sleep(0.2)", runs=1) > 0.2
