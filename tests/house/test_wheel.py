"""A wheel works in an empty environment; without a compiler the package still installs, and says so once."""

import math
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.sources import ROOT

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

PARTS = ("pyproject.toml", "CMakeLists.txt", "README.md", "LICENSE", "native", "src")
NO_COMPILER = {"CC": "/bin/false", "CXX": "/bin/false"}
X86 = platform.machine().lower() in ("x86_64", "amd64")
CIRCUIT = """
import ketwise as kw
program = kw.Circuit(1).ry(kw.params(1)[0], 0).compile([kw.Z(0)])
for _ in range(2):
    print(float(program([0.3])[0]))
program = kw.Circuit(2).h(0).cx(0, 1).compile([kw.Z(0) * kw.Z(1)])
print(float(program()[0]))
"""


def run(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command outside the source tree; variables given here are added to a cleaned environment."""
    own = ("KETWISE_", "PYTHON", "CC", "CXX")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(own)}
    words = [str(word) for word in command]
    return subprocess.run(words, env=clean | environ, cwd="/", capture_output=True, text=True, check=False)


def build(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Build a wheel into ``folder / "dist"`` from a copy of the sources."""
    source = folder / "source"
    source.mkdir()
    for part in PARTS:
        path = ROOT / part
        if path.is_dir():
            shutil.copytree(path, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source)
    return run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder / "dist", source, **environ)


def only_wheel(folder: Path) -> Path:
    (wheel,) = (folder / "dist").glob("ketwise-*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = build(folder, KETWISE_REQUIRE_NATIVE="1")
    assert done.returncode == 0, done.stdout + done.stderr
    return only_wheel(folder)


@pytest.fixture(scope="module")
def pure_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pure_wheel")
    done = build(folder, **NO_COMPILER)
    assert done.returncode == 0, done.stdout + done.stderr
    return only_wheel(folder)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the programs of a new environment that holds the wheel and what it requires."""
    home = tmp_path_factory.mktemp("installed")
    assert run(sys.executable, "-m", "venv", home).returncode == 0
    done = run(home / "bin" / "python", "-m", "pip", "install", wheel)
    assert done.returncode == 0, done.stdout + done.stderr
    return home / "bin"


@pytest.fixture(scope="module")
def pure(pure_wheel: Path, installed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Environment variables with which the same Python finds the package that was built without a compiler."""
    target = tmp_path_factory.mktemp("pure")
    done = run(installed / "python", "-m", "pip", "install", "--no-deps", "--target", target, pure_wheel)
    assert done.returncode == 0, done.stdout + done.stderr
    return {"PYTHONPATH": str(target)}


def check_circuit(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stderr
    values = [float(word) for word in done.stdout.split()]
    assert values == pytest.approx([math.cos(0.3), math.cos(0.3), 1.0], abs=1e-14)


def test_wheel_holds_what_it_must(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    native = [name for name in names if "/_native_" in name]
    assert len(native) == (3 if X86 else 1)
    data = {path.name for path in (ROOT / "src").rglob("*") if path.suffix in (".j2", ".css", ".pyi", ".typed")}
    data |= {path.name for path in (ROOT / "src").rglob("*.py")}
    assert data <= {Path(name).name for name in names}
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith((".cpp", ".hpp")) or name.startswith("tests")]


@pytest.mark.parametrize("isa", ["", "baseline", *(["avx2"] if X86 else [])])
def test_circuit_runs(installed: Path, isa: str) -> None:
    chosen = {"KETWISE_ISA": isa} if isa else {}
    check_circuit(run(installed / "python", "-W", "error", "-c", CIRCUIT, KETWISE_REQUIRE_NATIVE="1", **chosen))


def test_verdict_runs(installed: Path, tmp_path: Path) -> None:
    few = ["--folds", "2", "--repeats", "1", "--configurations", "1"]
    done = run(installed / "ketwise", "verdict", "iris", *few, "--out", tmp_path / "report.html")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "report.html").read_text("utf-8").lower().startswith("<!doctype html>")
    assert (tmp_path / "report.json").exists()


def test_without_a_compiler_the_wheel_is_pure(pure_wheel: Path) -> None:
    assert pure_wheel.name.endswith("-py3-none-any.whl")
    assert not [name for name in zipfile.ZipFile(pure_wheel).namelist() if "/_native_" in name]


def test_without_a_compiler_circuits_run_with_one_warning(installed: Path, pure: dict[str, str]) -> None:
    done = run(installed / "python", "-c", CIRCUIT, **pure)
    check_circuit(done)
    assert done.stderr.count("NativeMissingWarning") == 1
    assert "sudo apt install g++" in done.stderr


def test_without_a_native_engine_its_use_can_be_refused(installed: Path, pure: dict[str, str]) -> None:
    done = run(installed / "python", "-c", CIRCUIT, KETWISE_REQUIRE_NATIVE="1", **pure)
    assert done.returncode == 1
    assert "KETWISE_REQUIRE_NATIVE" in done.stderr


def test_without_a_compiler_the_build_can_be_refused(tmp_path: Path) -> None:
    done = build(tmp_path, KETWISE_REQUIRE_NATIVE="1", **NO_COMPILER)
    assert done.returncode != 0
    assert not list(tmp_path.glob("dist/*.whl"))
