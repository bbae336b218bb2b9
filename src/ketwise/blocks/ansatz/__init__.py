"""Trainable circuits: functions that return a Circuit with parameters and no features."""

from __future__ import annotations

from ketwise.blocks.ansatz.layered import (
    check_axes,
    hardware_efficient,
    identity_blocks,
    strongly_entangling,
    trailing_identity_blocks,
)
from ketwise.blocks.ansatz.sim_circuits import sim
from ketwise.blocks.ansatz.tree_circuits import qcnn, tree_tensor, two_qubit_unitary

__all__ = [
    "check_axes",
    "hardware_efficient",
    "identity_blocks",
    "qcnn",
    "sim",
    "strongly_entangling",
    "trailing_identity_blocks",
    "tree_tensor",
    "two_qubit_unitary",
]
