"""PennyLane: the device ``ketwise.qubit``, and circuits and observables to and from it."""

from __future__ import annotations

try:
    import pennylane as _vendor  # noqa: F401
except ImportError as error:
    raise ImportError('this part of ketwise needs PennyLane: pip install "ketwise[pennylane]"') from error

from ketwise.program.interop.pennylane.device import KetwiseQubit
from ketwise.program.interop.pennylane.exporting import to_pennylane
from ketwise.program.interop.pennylane.importing import from_pennylane

__all__ = ["KetwiseQubit", "from_pennylane", "to_pennylane"]
