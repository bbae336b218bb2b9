"""Arrays of text as two arrays of numbers: all letters in UTF-8, one text after the other, and where each ends."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: NumPy gives every text of an array the room of the longest; a file must not buy much room with few letters.
ROOM_FOR_A_BYTE = 64
FREE_ROOM = 1 << 20


def to_texts(texts: Array) -> tuple[Array, Array]:
    """Return letters ``(n_bytes,)`` and ends ``(n_texts,)`` of an array of text, in C order.

    Examples
    --------
    >>> letters, ends = to_texts(np.array(["no", "yes"]))
    >>> letters.tobytes(), ends.tolist()
    (b'noyes', [2, 5])
    """
    encoded = [str(text).encode("utf-8", "surrogatepass") for text in texts.flat]
    ends = np.cumsum([len(each) for each in encoded], dtype=np.int64)
    return np.frombuffer(b"".join(encoded), dtype=np.uint8), ends


def from_texts(letters: Array, ends: Array, dtype: Any, shape: Any) -> Array:
    """Return the array of text, of dtype ``"|O"`` or ``"<U..."``.

    Raises
    ------
    ValueError
        For what :func:`to_texts` does not return.

    Examples
    --------
    >>> from_texts(*to_texts(np.array(["no", "yes"])), "<U3", [2])
    array(['no', 'yes'], dtype='<U3')
    """
    if letters.dtype != np.uint8 or ends.dtype != np.int64 or letters.ndim != 1 or ends.ndim != 1:
        raise ValueError("the letters must be bytes and the ends whole numbers of 64 bits")
    if not (isinstance(shape, list) and len(shape) <= 16 and all(type(size) is int and size >= 0 for size in shape)):
        raise ValueError("the shape must be a list of whole numbers")
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    if math.prod(shape) != len(ends) or (ends < starts).any():
        raise ValueError(f"there are {len(ends)} ends in rising order for shape {tuple(shape[:4])}")
    if (int(ends[-1]) if len(ends) else 0) != len(letters):
        raise ValueError("the last text must end where the letters do")
    content = letters.tobytes()
    cells = [content[a:b].decode("utf-8", "surrogatepass") for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    if dtype == "|O":
        made = np.empty(len(cells), dtype=object)
        made[:] = cells
        return made.reshape(shape)
    width = int(dtype[2:]) if isinstance(dtype, str) and dtype[:2] == "<U" and dtype[2:].isascii() else -1
    if dtype != f"<U{width}" or width < max(map(len, cells), default=0):
        raise ValueError("the dtype must be |O, or <U and the length of the longest text")
    if 4 * width * len(cells) > FREE_ROOM + ROOM_FOR_A_BYTE * (letters.nbytes + ends.nbytes):
        raise ValueError(f"{len(cells)} texts of up to {width} signs are given far more room than they take")
    return np.array(cells, dtype=dtype).reshape(shape).astype(np.dtype(dtype).newbyteorder("="), copy=False)
