"""The backend that is used when the caller names none."""

from __future__ import annotations

import os
import warnings
from functools import lru_cache

from ketwise.engine.native import instruction_sets
from ketwise.program.backends.base import Backend
from ketwise.program.backends.native import Native
from ketwise.program.backends.reference import Reference


class NativeMissingWarning(RuntimeWarning):
    """The native engine was not built, so that everything runs on NumPy: right, but slow."""


@lru_cache(maxsize=1)
def default_backend() -> Backend:
    """Return the native engine, or the NumPy reference with one loud warning where there is no native build.

    Raises
    ------
    ImportError
        If there is no native build and the environment says ``KETWISE_REQUIRE_NATIVE=1``.
    """
    if instruction_sets():
        return Native()
    remedy = (
        "the native engine was not built on this machine. Install a C++ compiler (Debian: sudo apt install g++ "
        "python3-dev) and reinstall with KETWISE_REQUIRE_NATIVE=1 pip install --force-reinstall --no-cache-dir ketwise"
    )
    if os.environ.get("KETWISE_REQUIRE_NATIVE", "").lower() in ("1", "true", "yes", "on"):
        raise ImportError(f"KETWISE_REQUIRE_NATIVE is set and {remedy}")
    warnings.warn(
        f"ketwise runs on its NumPy reference engine, which is hundreds of times slower: {remedy}",
        NativeMissingWarning,
        stacklevel=2,
    )
    return Reference()
