"""Circuits as JAX functions: :func:`function`."""

from __future__ import annotations

try:
    import jax as _jax  # noqa: F401 (to say what is missing)
except ImportError as error:
    raise ImportError('kw.jax needs JAX: pip install "ketwise[jax]"') from error

from ketwise.learning.jax.function import function

__all__ = ["function"]
