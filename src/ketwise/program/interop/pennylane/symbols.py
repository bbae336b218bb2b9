"""Arrays of symbols, to stand where a quantum function or a template expects arrays of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.angle import Angle


class SymbolArray(np.ndarray):
    """An array of angles; an index that leaves no axis, ``[..., 0]`` too, gives the angle itself."""

    def __getitem__(self, index: Any) -> Any:
        """Return an angle, or an array of them."""
        found = super().__getitem__(index)
        return found.item() if isinstance(found, np.ndarray) and not found.ndim else found


def symbol_array(symbols: Sequence[Angle], shape: tuple[int, ...]) -> Any:
    """Return ``symbols`` in that shape, in the order of rows; one alone where there is no axis."""
    if not shape:
        return symbols[0]
    array: NDArray[Any] = np.empty(len(symbols), dtype=object)
    array[:] = symbols
    return array.reshape(shape).view(SymbolArray)
