"""A copy of the native engine, built with settings of its own, and a Python in which the tests meet that copy.

Sources, package and tests are copied, so that neither the installed package nor what is edited meanwhile is seen.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTRUCTION_SETS = ("avx512", "avx2", "baseline")
SETTLED = "-O3"  # what CMakeLists.txt asks for, and a copy may replace


def project_files() -> dict[str, bytes]:
    """Return what a copy holds, by path: the C++ sources, the Python package, and the tests with their settings."""
    paths = [ROOT / "CMakeLists.txt", ROOT / "pyproject.toml", *(ROOT / "native").glob("*.?pp")]
    paths += [path for folder in ("src", "tests") for path in (ROOT / folder).rglob("*") if _is_source(path)]
    return {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in sorted(paths)}


def _is_source(path: Path) -> bool:
    hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts)
    return path.is_file() and not hidden and path.suffix != ".so"


def tool(name: str) -> str:
    """Return the program of that name: on the path, or beside this interpreter, where `make install` puts it."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit(f"{name} was not found: make install says what this machine lacks")
    return found


@dataclass(frozen=True)
class Copy:
    """One folder with the project's files, its build in ``cmake/`` and the modules that were put into the package.

    Parameters
    ----------
    optimise : str
        Replaces the compiler's level of optimisation.
    flags : tuple of str
        More flags for compiler and linker.
    compiler : str, optional
        Default: what CMake finds.
    """

    folder: Path
    optimise: str = SETTLED
    flags: tuple[str, ...] = ()
    compiler: str | None = None
    files: dict[str, bytes] = field(default_factory=project_files, repr=False)

    def prepare(self) -> None:
        """Write the files that differ, remove those that are gone, and configure the build."""
        for name in ("src", "tests", "native"):
            for path in (self.folder / name).rglob("*"):
                if _is_source_of(self.folder, path) and path.relative_to(self.folder).as_posix() not in self.files:
                    path.unlink()
        for name in self.files:
            self.restore(name)
        settings = [f"-DPython_EXECUTABLE={sys.executable}", "-DCMAKE_BUILD_TYPE=None"]
        settings += [f"-DCMAKE_CXX_FLAGS={shlex.join(self.flags)}"]
        settings += [f"-DCMAKE_CXX_COMPILER={self.compiler}"] if self.compiler else []
        self._cmake("-S", str(self.folder), "-B", str(self.folder / "cmake"), *settings)

    def restore(self, name: str) -> None:
        """Write one file as it is in the project."""
        content = self.files[name]
        if name == "CMakeLists.txt":
            if content.count(SETTLED.encode()) != 1:
                raise SystemExit(f"CMakeLists.txt must name {SETTLED} once: change SETTLED in {__file__} with it")
            content = content.replace(SETTLED.encode(), self.optimise.encode())
        self.write(name, content)

    def write(self, name: str, content: bytes) -> None:
        """Write one file of the copy, if it differs from what is there."""
        path = self.folder / name
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def build(self, isa: str) -> Path:
        """Compile the module of one instruction set; return its file, which :meth:`put` hands to the package."""
        self._cmake("--build", str(self.folder / "cmake"), "--target", f"_native_{isa}")
        return self.folder / "cmake" / f"_native_{isa}{sysconfig.get_config_var('EXT_SUFFIX')}"

    def put(self, modules: list[Path]) -> None:
        """Let the package of the copy have these native modules, and no others."""
        engine = self.folder / "src" / "ketwise" / "engine"
        for old in engine.glob("_native_*.so"):
            old.unlink()
        for module in modules:
            shutil.copy2(module, engine)

    def supported(self, names: tuple[str, ...], **environment: str) -> list[str]:
        """Return those instruction sets of ``names`` that this processor runs; the baseline must be in the package."""
        code = (
            "import sys; from ketwise.engine import _native_baseline as m; "
            "print(*[name for name in sys.argv[1:] if m.supported(name)])"
        )
        command, where = self.python("-c", code, *names), self.environment(**environment)
        done = subprocess.run(command, env=where, cwd=self.folder, stdout=subprocess.PIPE, check=True)
        return done.stdout.decode().split()

    def python(self, *arguments: str) -> list[str]:
        """Return a command line of the interpreter behind the virtual environment: an editable install is not seen."""
        return [str(Path(sys.executable).resolve()), *arguments]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment in which that interpreter finds the copy first, then what is installed."""
        installed = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("KETWISE_", "PYTHON"))}
        path = os.pathsep.join([str(self.folder / "src"), *sorted(installed)])
        return {**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **more}

    def _cmake(self, *arguments: str) -> None:
        # What `make` tells its own sub-processes is not meant for a build of another project.
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        command = [tool("cmake"), *arguments]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            raise BuildError(done.stdout.decode(errors="replace"))


class BuildError(RuntimeError):
    """A copy that does not compile, with what the compiler said."""


def _is_source_of(folder: Path, path: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.is_file() and "__pycache__" not in parts and path.suffix != ".so" and not parts[1].startswith(".")
