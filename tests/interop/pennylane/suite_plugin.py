"""A pytest plugin for PennyLane's device test suite: it notes which code ran, and plants one fault if it is told to.

``SUITE_NOTES`` names the file for the notes, ``SUITE_FAULT`` the fault.
"""

import inspect
import json
import os
from pathlib import Path
from typing import Any

import pennylane as qml

from ketwise.engine import native
from ketwise.program.interop.pennylane import device, lowering

made: set[str] = set()
runs: dict[str, int] = {}


def _watch() -> None:
    start, run = device.KetwiseQubit.__init__, native.NativePlan.run

    def noted_start(self: Any, *args: Any, **kwargs: Any) -> None:
        start(self, *args, **kwargs)
        made.add(inspect.getfile(type(self)))

    def noted_run(self: Any, *args: Any, **kwargs: Any) -> Any:
        file = str(self.module.__file__)
        runs[file] = runs.get(file, 0) + 1
        return run(self, *args, **kwargs)

    device.KetwiseQubit.__init__ = noted_start
    native.NativePlan.run = noted_run


def _plant(fault: str) -> None:
    if fault == "order":
        # The circuit's wires backwards, those of what is measured not.
        lowering.qubits_of = lambda wires: {wire: place for place, wire in enumerate(wires)}
    else:
        raise ValueError(f"there is no fault {fault!r}")


def pytest_configure(config: Any) -> None:
    _watch()
    if fault := os.environ.get("SUITE_FAULT"):
        _plant(fault)


def pytest_sessionfinish(session: Any, exitstatus: int) -> None:
    registered = qml.plugin_devices["ketwise.qubit"].value
    notes = {"registered": registered, "made": sorted(made), "runs": runs}
    Path(os.environ["SUITE_NOTES"]).write_text(json.dumps(notes), "utf-8")
