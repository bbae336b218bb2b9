"""Without a vendor's package its names say what to install; everything else works."""

import subprocess
import sys

import pytest

NAMES = {
    "qiskit.Estimator": ("qiskit", "qiskit"),
    "from_qiskit": ("qiskit", "qiskit"),
    "to_qiskit": ("qiskit", "qiskit"),
    "pennylane.KetwiseQubit": ("pennylane", "pennylane"),
    "from_pennylane": ("pennylane", "pennylane"),
    "to_pennylane": ("pennylane", "pennylane"),
    "to_cirq": ("cirq", "cirq"),
    "from_openfermion": ("openfermion", "openfermion"),
    "to_openfermion": ("openfermion", "openfermion"),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_extra_is_named(name: str) -> None:
    package, extra = NAMES[name]
    # None in sys.modules is how Python notes that a package is not there.
    code = f"import sys; sys.modules[{package!r}] = None; import ketwise as kw; kw.Circuit(1); kw.{name}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: ")
    assert f'pip install "ketwise[{extra}]"' in last


def test_gradients_name_the_extra() -> None:
    pytest.importorskip("qiskit", reason='Qiskit is not installed: pip install "ketwise[qiskit]"')
    code = (
        "import sys; sys.modules['qiskit_machine_learning'] = None; import ketwise as kw; kw.qiskit.Sampler(); "
        "kw.qiskit.EstimatorGradient"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: EstimatorGradient needs qiskit-machine-learning")
