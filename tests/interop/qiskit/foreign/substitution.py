"""A pytest plugin: qiskit-machine-learning's tests get our primitives where they ask for the stock ones.

Loaded with ``-p`` before the tests. Stock primitives raise if anything still runs them, and the session fails unless
ours ran, from the folder that ``KETWISE_UNDER_TEST`` names. ``KETWISE_PLANTED_FAULT`` names a fault to plant.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
import qiskit.primitives
import qiskit_ibm_runtime
import qiskit_machine_learning.primitives
from qiskit.circuit.library import PhaseGate, RYGate
from qiskit.providers import Options

import ketwise as kw
from ketwise.program.interop.qiskit import estimator, gates, importing, sampler
from ketwise.words.gates import TABLE
from ketwise.words.observable import Observable

calls = {"Estimator": 0, "Sampler": 0}


class Estimator(kw.qiskit.Estimator):
    """Ours, made as the stock ones are made."""

    def __init__(self, mode: Any = None, options: Any = None, **settings: Any):
        super().__init__(**settings)
        self.options = options if options is not None else Options()

    def run(self, pubs: Any, *, precision: float | None = None) -> Any:
        calls["Estimator"] += 1
        return super().run(pubs, precision=precision)


class ExactEstimator(Estimator):
    """In place of QMLEstimator, which leaves a precision out of account unless it was made with one."""

    def run(self, pubs: Any, *, precision: float | None = None) -> Any:
        return super().run(pubs, precision=precision if self.default_precision else 0.0)


class Sampler(kw.qiskit.Sampler):
    """Ours, made as the stock ones are made: QMLSampler is exact unless ``shots`` is given."""

    def __init__(self, mode: Any = None, options: Any = None, shots: int | None = None, **settings: Any):
        default = 10_000 if mode is not None else shots
        super().__init__(default_shots=default, seed=settings.get("seed"))
        self.options = options if options is not None else Options()

    def run(self, pubs: Any, *, shots: int | None = None) -> Any:
        calls["Sampler"] += 1
        return super().run(pubs, shots=shots if self.default_shots else None)


REPLACEMENTS = {
    qiskit_machine_learning.primitives.QMLEstimator: ExactEstimator,
    qiskit_machine_learning.primitives.QMLSampler: Sampler,
    qiskit.primitives.StatevectorEstimator: Estimator,
    qiskit.primitives.StatevectorSampler: Sampler,
    qiskit_ibm_runtime.EstimatorV2: Estimator,
    qiskit_ibm_runtime.SamplerV2: Sampler,
}


def substitute() -> None:
    """Put ours under every name that a loaded module has for a stock primitive; disarm the stock ones."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] in ("qiskit", "qiskit_machine_learning", "qiskit_ibm_runtime"):
            for attribute, value in list(vars(module).items()):
                if isinstance(value, type) and value in REPLACEMENTS:
                    setattr(module, attribute, REPLACEMENTS[value])
    for stock in REPLACEMENTS:
        stock.run = _stock_ran


def _stock_ran(self: Any, *args: Any, **settings: Any) -> None:
    raise AssertionError(f"{type(self).__name__} ran instead of ours")


def _reversed_qubits(given: Any) -> Observable:
    found = READ(given)
    width = given.num_qubits
    wide = [[*row, *[False] * (width - found.n_qubits)] for half in (found.x, found.z) for row in half.tolist()]
    terms = found.n_terms
    x, z = wide[:terms], wide[terms:]
    return Observable.from_arrays([row[::-1] for row in x], [row[::-1] for row in z], found.coefficients)


def _half_phase(circuit: Any, angles: Any, qubits: Any, controls: Any) -> None:
    gates.EXPANDED[gates.theirs.U1Gate](circuit, [angles[0] / 2], qubits, controls)


def _without_last_bit(circuit: Any, prepared: Any) -> dict[str, list[int | None]]:
    return {name: [*bits[:-1], None] for name, bits in HELD(circuit, prepared).items()}


READ, HELD = estimator.observable, sampler.registers


def plant(fault: str) -> None:
    """Break the module under test."""
    if fault == "qubit order":
        estimator.observable = _reversed_qubits
    elif fault == "half phases":
        importing.EXPANDED[PhaseGate] = _half_phase
    elif fault == "wrong axis":
        importing.OUR_ROTATIONS[RYGate] = TABLE["rx"]
    elif fault == "lost bit":
        sampler.registers = _without_last_bit
    else:
        raise ValueError(f"no such fault: {fault}")


substitute()
if os.environ.get("KETWISE_PLANTED_FAULT"):
    plant(os.environ["KETWISE_PLANTED_FAULT"])


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session in which something else was tested."""
    here, wanted = Path(kw.__file__).resolve(), Path(os.environ["KETWISE_UNDER_TEST"]).resolve()
    if not here.is_relative_to(wanted) or not any(calls.values()):
        print(f"\nour primitives were called {calls} from {here}, which should be in {wanted}")
        session.exitstatus = 3


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was tested."""
    terminalreporter.write_line(f"ketwise from {Path(kw.__file__).parent}; calls {calls}")
