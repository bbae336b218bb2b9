"""qiskit-machine-learning's own tests on the stock primitives and on ours: ``python -m tests.interop.qiskit.foreign``.

Its source archive, which holds them, comes from the package index into ``build/foreign``, and so does what they need
beside it, into an environment there that sees this one's packages. A suite is fine if the same tests pass on ours as
on the stock primitives, and if some fail once a fault is planted. Takes about a minute.
"""

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[4]
BUILD = ROOT / "build" / "foreign"
VERSION = "0.9.1"
NEEDS = ("ddt==1.7.2", "qiskit-ibm-runtime==0.51.0")
PLUGIN = "tests.interop.qiskit.foreign.substitution"
#: Suite -> the fault that it must notice.
SUITES = {
    "test/gradients/test_estimator_gradient.py": "wrong axis",
    "test/neural_networks/test_estimator_qnn.py": "qubit order",
    "test/kernels/test_fidelity_qkernel.py": "half phases",
    "test/state_fidelities": "lost bit",
}
LIMIT = 600


def source() -> Path:
    """Return the folder of the unpacked archive."""
    folder = BUILD / f"qiskit_machine_learning-{VERSION}"
    if not folder.exists():
        BUILD.mkdir(parents=True, exist_ok=True)
        wanted = ["--no-binary", ":all:", "--no-deps", "--no-build-isolation", f"qiskit-machine-learning=={VERSION}"]
        _pip(sys.executable, "download", "--dest", str(BUILD), *wanted)
        with tarfile.open(BUILD / f"{folder.name}.tar.gz") as archive:
            archive.extractall(BUILD, filter="data")
    return folder


def python() -> Path:
    """Return the interpreter of an environment with what the tests need beside this environment's packages."""
    folder = BUILD / "venv"
    found = folder / "bin" / "python"
    if not (folder / "made").exists():
        venv.create(folder, with_pip=True)
        (packages,) = (folder / "lib").glob("python*/site-packages")
        here = sysconfig.get_path("purelib")
        (packages / "outer.pth").write_text(f"import site; site.addsitedir({here!r})\n", "utf-8")
        _pip(str(found), "install", *NEEDS)
        (folder / "made").touch()
    return found


def _pip(interpreter: str, *arguments: str) -> None:
    subprocess.run([interpreter, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)


def outcomes(suite: str, *, ours: bool, fault: str = "") -> dict[str, str]:
    """Return test -> passed, failed or skipped."""
    report = BUILD / "report.xml"
    report.unlink(missing_ok=True)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "KETWISE_UNDER_TEST": str(ROOT / "src"),
        "KETWISE_PLANTED_FAULT": fault,
    }
    command = [str(python()), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore", f"--junitxml={report}"]
    command += ["-p", PLUGIN] * ours
    done = subprocess.run(
        [*command, suite], cwd=source(), env=environment, timeout=LIMIT, capture_output=True, text=True, check=False
    )
    if not report.exists() or done.returncode not in (0, 1):
        raise SystemExit(f"{suite} did not run:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    found: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        outcome = "failed" if kinds & {"failure", "error"} else "skipped" if kinds else "passed"
        # Parts of a test are cases of the same name; one that fails decides.
        if found.get(name) != "failed":
            found[name] = outcome
    return found


def main() -> int:
    """Run every suite three times and say what came of it."""
    wrong = 0
    for suite, fault in SUITES.items():
        stock, ours = outcomes(suite, ours=False), outcomes(suite, ours=True)
        broken = outcomes(suite, ours=True, fault=fault)
        passed = sum(outcome == "passed" for outcome in ours.values())
        different = sorted(name for name in stock | ours if stock.get(name) != ours.get(name))
        noticed = sum(outcome == "failed" for outcome in broken.values())
        fine = not different and passed > 0 and noticed > 0 and "failed" not in stock.values()
        wrong += not fine
        print(f"{'ok   ' if fine else 'WRONG'} {suite}: {passed} of {len(ours)} passed, as on the stock primitives; ")
        print(f"      with the fault {fault!r} planted, {noticed} failed")
        for name in different:
            print(f"      {name}: stock {stock.get(name)}, ours {ours.get(name)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
