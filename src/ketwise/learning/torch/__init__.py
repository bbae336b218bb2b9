"""Circuits as torch modules: :class:`Layer`."""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401 (to say what is missing)
except ImportError as error:
    raise ImportError('kw.torch needs PyTorch: pip install "ketwise[torch]"') from error

from ketwise.learning.torch.layer import Layer

__all__ = ["Layer"]
