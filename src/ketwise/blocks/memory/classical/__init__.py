"""Classical associative memories, to stand beside the quantum ones: Hopfield network, dense memory, nearest pattern."""

from __future__ import annotations

from ketwise.blocks.memory.classical.dense_memory import DenseRecall, dense_recall
from ketwise.blocks.memory.classical.hopfield_network import Settled, energy, hopfield_weights, settle
from ketwise.blocks.memory.classical.nearest import NearestRecall, nearest_recall

__all__ = [
    "DenseRecall",
    "NearestRecall",
    "Settled",
    "dense_recall",
    "energy",
    "hopfield_weights",
    "nearest_recall",
    "settle",
]
