"""Associative memories as functions: circuits that store and recall, and what they give, exactly, without a circuit."""

from __future__ import annotations

from ketwise.blocks.memory.amplitude_memory import (
    amplitude_recall,
    amplitude_storage,
    similarities,
    swap_test,
    swap_test_memory,
)
from ketwise.blocks.memory.distances import hamming_distances
from ketwise.blocks.memory.grover_classes import (
    GroverRead,
    GroverRecall,
    grover_best,
    grover_read,
    grover_recall,
)
from ketwise.blocks.memory.hopfield_estimation import HopfieldCircuit, hopfield_circuit
from ketwise.blocks.memory.hopfield_inversion import HopfieldRecall, HopfieldSystem, hopfield_recall, hopfield_system
from ketwise.blocks.memory.kernel_circuits import kernel_memory_circuit
from ketwise.blocks.memory.kernel_memory import KernelRecall, kernel_recall, kernel_weights
from ketwise.blocks.memory.noise import NoisyRecall, depolarised, noisy_readout, noisy_recall
from ketwise.blocks.memory.open_mean_field import (
    MeanField,
    StationaryState,
    hopfield_mean_field,
    hopfield_phase,
    hopfield_stationary_states,
)
from ketwise.blocks.memory.open_trajectories import OpenRecall, open_hopfield, product_trajectories
from ketwise.blocks.memory.patterns import from_integers
from ketwise.blocks.memory.probabilistic import Recall, Thermodynamics, probabilistic_recall, thermodynamics
from ketwise.blocks.memory.probabilistic_retrieval import probabilistic_retrieval, probabilistic_simulation
from ketwise.blocks.memory.probabilistic_storage import (
    Registers,
    StorageCost,
    probabilistic_storage,
    registers,
    storage_cost,
    stored_state,
)
from ketwise.blocks.memory.ventura_martinez import grover_circuit, ventura_martinez_storage

__all__ = [
    "GroverRead",
    "GroverRecall",
    "HopfieldCircuit",
    "HopfieldRecall",
    "HopfieldSystem",
    "KernelRecall",
    "MeanField",
    "NoisyRecall",
    "OpenRecall",
    "Recall",
    "Registers",
    "StationaryState",
    "StorageCost",
    "Thermodynamics",
    "amplitude_recall",
    "amplitude_storage",
    "depolarised",
    "from_integers",
    "grover_best",
    "grover_circuit",
    "grover_read",
    "grover_recall",
    "hamming_distances",
    "hopfield_circuit",
    "hopfield_mean_field",
    "hopfield_phase",
    "hopfield_recall",
    "hopfield_stationary_states",
    "hopfield_system",
    "kernel_memory_circuit",
    "kernel_recall",
    "kernel_weights",
    "noisy_readout",
    "noisy_recall",
    "open_hopfield",
    "probabilistic_recall",
    "probabilistic_retrieval",
    "probabilistic_simulation",
    "probabilistic_storage",
    "product_trajectories",
    "registers",
    "similarities",
    "storage_cost",
    "stored_state",
    "swap_test",
    "swap_test_memory",
    "thermodynamics",
    "ventura_martinez_storage",
]
