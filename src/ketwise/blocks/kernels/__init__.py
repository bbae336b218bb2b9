"""Kernels as plain functions of two sets of samples: quantum ones, and the Gaussian they are compared with."""

from __future__ import annotations

from ketwise.blocks.kernels.quantum import fidelity, projected

__all__ = ["fidelity", "projected"]
