"""The container of a ``.ketwise`` file: a JSON header and raw arrays under one SHA-256; their meaning is not said here.

Nothing in a file is believed before its hash agrees, and nothing is allocated before the header says where every byte
belongs. A file holds data only: there is no code in it and none is run to read it.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
from collections.abc import Mapping
from io import BufferedReader
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.words.store import write_file
from ketwise.words.strict_json import strict_json

#: The first byte is no ASCII, so that nothing takes the file for text.
MAGIC = b"\x8bKETWISE"
VERSION = 1
#: Bytes of the header. Text and circuits that could be long are arrays.
MOST_HEADER = 1 << 20
#: Every array starts at a multiple of this: a cache line.
ALIGNMENT = 64
MOST_AXES = 16

#: Magic, version, bytes of the header, bytes of the file.
_PREFIX = struct.Struct("<8sIIQ")
_DIGEST = hashlib.sha256().digest_size
_BLOCK = 1 << 20
_DTYPES = ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8", "<c8", "<c16")

Array = NDArray[Any]


class Contents(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    kind : str
        What sort of thing it is, such as "model"; each sort has a schema of its own.
    header : dict
        As JSON has it.
    arrays : dict of str -> array
        Each with memory of its own.
    """

    kind: str
    header: dict[str, Any]
    arrays: dict[str, Array]

    def of_kind(self, path: str | os.PathLike[str], kind: str) -> Contents:
        """Return them, or raise ValueError where they are of another kind."""
        if self.kind != kind:
            raise ValueError(f"{path} holds a {self.kind[:60]}, and a {kind} is wanted: give another file")
        return self


class _Place(NamedTuple):
    name: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    size: int


def write(path: str | os.PathLike[str], kind: str, header: dict[str, Any], arrays: Mapping[str, Any]) -> Path:
    """Write a container, atomically: a temporary file in the same folder, synced, then renamed.

    Parameters
    ----------
    path : path
    kind : str
        What sort of thing it is; :func:`read` asks for it.
    header : dict
        JSON: string keys, strings, whole and finite numbers, booleans, None, lists and dicts of these.
    arrays : dict of str -> array
        Booleans, and integers, floats and complex numbers of the usual sizes; kept in C order, little-endian.

    Returns
    -------
    Path
        With links resolved.

    Raises
    ------
    TypeError, ValueError
        For what the format cannot hold.
    OSError
        As :func:`ketwise.words.store.writable_path`, or what the system says.

    Notes
    -----
    The same contents give the same bytes: no clock and no name of a machine is in them. Cost: twice the arrays in
    memory.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = write(f"{folder}/a.ketwise", "example", {"steps": 3}, {"loss": np.array([0.5, 0.25])})
    ...     header, arrays = read(path, kind="example")
    >>> header, arrays
    ({'steps': 3}, {'loss': array([0.5 , 0.25])})
    """
    return write_file(path, to_bytes(kind, header, arrays))


def to_bytes(kind: str, header: dict[str, Any], arrays: Mapping[str, Any]) -> bytes:
    """Return what :func:`write` writes."""
    entries: dict[str, Any] = {}
    parts: list[bytes] = []
    end = 0
    for name, given in arrays.items():
        array = _storable(name, given)
        start = _aligned(end)
        entries[name] = {"dtype": array.dtype.str, "shape": list(array.shape), "offset": start}
        parts += [bytes(start - end), array.tobytes()]
        end = start + array.nbytes
    document = {"kind": kind, "header": header, "arrays": entries}
    text = json.dumps(document, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    if len(text) > MOST_HEADER:
        raise ValueError(
            f"the header takes {len(text)} bytes, at most {MOST_HEADER} are allowed: keep what is long in arrays"
        )
    if strict_json(text) != document or not isinstance(kind, str) or not isinstance(header, dict):
        raise TypeError("the kind must be text, and the header a dict of JSON values with string keys")
    data = _aligned(_PREFIX.size + len(text))
    total = data + end + _DIGEST
    body = b"".join(
        [_PREFIX.pack(MAGIC, VERSION, len(text), total), text, bytes(data - _PREFIX.size - len(text)), *parts]
    )
    return body + hashlib.sha256(body).digest()


def read(path: str | os.PathLike[str], *, kind: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read a container of that kind.

    Returns
    -------
    dict, dict of str -> array
        The header and the arrays.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        One sentence: it is no such file, of another kind, written by a newer version, cut off, changed in any bit, or
        holds what no writer of this format writes.
    """
    contents = read_any(path).of_kind(path, kind)
    return contents.header, contents.arrays


def read_any(path: str | os.PathLike[str]) -> Contents:
    """Read a container of any kind; raises as :func:`read`."""
    place = Path(path)
    if "\0" in str(path) or not place.exists():
        raise FileNotFoundError(f"there is no file {str(path)!r}: check the name")
    if not place.is_file():
        raise OSError(f"{path} is no file but a folder, a device or a pipe: give the name of a .ketwise file")
    with open(place, "rb") as file:
        try:
            return _contents(file)
        except ValueError as error:
            raise ValueError(f"{path} {error}") from None


def _contents(file: BufferedReader) -> Contents:
    before = os.fstat(file.fileno())
    header_size = _check_prefix(file, before.st_size)
    _check_digest(file, before.st_size)
    file.seek(_PREFIX.size)
    kind, header, entries = _parsed(file.read(header_size))
    places = _places(entries, _PREFIX.size + header_size, before.st_size - _DIGEST)
    arrays = {}
    end = _PREFIX.size + header_size
    for place in sorted(places, key=lambda place: place.start):
        if any(file.read(place.start - end)):
            raise ValueError(f"has bytes before the array {place.name[:60]!r} that belong to nothing: write it again")
        arrays[place.name] = _read_array(file, place)
        end = place.start + place.size
    if any(file.read(before.st_size - _DIGEST - end)):
        raise ValueError("has bytes after its header that belong to nothing: write it again")
    after = os.fstat(file.fileno())
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise ValueError("changed while it was read: read it again")
    return Contents(kind, header, {name: arrays[name] for name in entries})


def _check_prefix(file: BufferedReader, size: int) -> int:
    """Return the bytes of the header, after the prefix was found to fit the file."""
    prefix = file.read(_PREFIX.size)
    if not prefix.startswith(MAGIC[: len(prefix)]):
        raise ValueError("is no .ketwise file: give one that ketwise wrote")
    if len(prefix) < _PREFIX.size:
        raise ValueError(f"is damaged: it ends after {size} bytes; copy it again from where it came")
    _, version, header_size, total = _PREFIX.unpack(prefix)
    if version != VERSION:
        raise ValueError(
            f"has version {version} of the format and this ketwise reads version {VERSION}: "
            f"{'update ketwise' if version > VERSION else 'write it again'}"
        )
    if total != size:
        raise ValueError(
            f"is damaged: it was written with {total} bytes and has {size}; copy it again from where it came"
        )
    if header_size > MOST_HEADER or _PREFIX.size + header_size + _DIGEST > size:
        raise ValueError(f"has a header of {header_size} bytes, which cannot be: it was not written by ketwise")
    return header_size


def _check_digest(file: BufferedReader, size: int) -> None:
    digest, left = hashlib.sha256(), size - _DIGEST
    file.seek(0)
    while left:
        block = file.read(min(_BLOCK, left))
        if not block:
            break
        digest.update(block)
        left -= len(block)
    if file.read(_DIGEST) != digest.digest():
        raise ValueError("is damaged: its SHA-256 does not agree; copy it again from where it came")


def _parsed(text: bytes) -> tuple[str, dict[str, Any], dict[str, Any]]:
    try:
        document = strict_json(text)
    except ValueError as error:
        raise ValueError(f"has a header that cannot be used: {error}") from None
    if not isinstance(document, dict) or set(document) != {"kind", "header", "arrays"}:
        raise ValueError("has a header that cannot be used: it must hold a kind, a header, arrays and nothing else")
    kind, header, entries = document["kind"], document["header"], document["arrays"]
    if not (isinstance(kind, str) and isinstance(header, dict) and isinstance(entries, dict)):
        raise ValueError("has a header that cannot be used: kind must be text, header and arrays must be objects")
    return kind, header, entries


def _places(entries: dict[str, Any], header_end: int, data_end: int) -> list[_Place]:
    """Where every array lies: one after the other, each at the next multiple of 64 bytes, the last to the end."""
    data = _aligned(header_end)
    places = [_place(name, entry, data) for name, entry in entries.items()]
    end = data
    # An empty array can begin where the next one does.
    for place in sorted(places, key=lambda place: (place.start, place.size)):
        if place.start != _aligned(end - data) + data or place.start + place.size > data_end:
            raise ValueError(
                f"has an array {place.name[:60]!r} at bytes {place.start} to {place.start + place.size}, where it "
                f"cannot be: arrays follow one another from byte {data} to {data_end} without gaps or overlaps"
            )
        end = place.start + place.size
    if end != data_end:
        raise ValueError(f"has {data_end - end} bytes after its last array that belong to nothing: write it again")
    return places


def _place(name: str, entry: Any, data: int) -> _Place:
    what = f"has an array {name[:60]!r}"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "offset"}:
        raise ValueError(f"{what} that is not described by dtype, shape, offset and nothing else")
    dtype, shape, offset = entry["dtype"], entry["shape"], entry["offset"]
    if not isinstance(dtype, str) or dtype not in _DTYPES:
        raise ValueError(f"{what} of dtype {str(dtype)[:60]!r}; there are {', '.join(_DTYPES)}")
    if not isinstance(shape, list) or len(shape) > MOST_AXES or not all(_is_count(size) for size in shape):
        raise ValueError(
            f"{what} whose shape is no list of at most {MOST_AXES} whole numbers from 0: {str(shape)[:60]}"
        )
    if not _is_count(offset):
        raise ValueError(f"{what} whose offset is no whole number from 0: {str(offset)[:60]}")
    kind = np.dtype(dtype)
    # NumPy refuses shapes beyond its own integers even where one axis is empty.
    if math.prod(max(size, 1) for size in shape) * kind.itemsize >= 1 << 62:
        raise ValueError(f"{what} of shape {str(shape)[:60]}, which no computer holds")
    return _Place(name, kind, tuple(shape), data + offset, math.prod(shape) * kind.itemsize)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _read_array(file: BufferedReader, place: _Place) -> Array:
    flat = np.empty(place.size, dtype=np.uint8)
    if file.readinto(flat.data) != place.size:
        raise ValueError("changed while it was read: read it again")
    if place.dtype.kind == "b" and place.size and int(flat.max()) > 1:
        raise ValueError(f"has an array {place.name[:60]!r} of booleans with a byte that is neither 0 nor 1")
    array = flat.view(place.dtype).reshape(place.shape)
    return array.astype(place.dtype.newbyteorder("="), copy=False)


def _storable(name: str, given: Any) -> Array:
    """The array in C order and little-endian."""
    array = np.asarray(given)
    dtype = array.dtype.newbyteorder("<")
    if not isinstance(name, str) or dtype.str not in _DTYPES:
        raise TypeError(f"the array {name!r} has dtype {array.dtype}: there are {', '.join(_DTYPES)}, named by text")
    if array.ndim > MOST_AXES:
        raise ValueError(f"the array {name!r} has {array.ndim} axes, at most {MOST_AXES} can be kept")
    return np.asarray(array, dtype=dtype, order="C")


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
