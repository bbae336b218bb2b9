"""The base of every result: a dataclass of arrays, settings, seeds and versions, to and from JSON.

Holds the exact, readable JSON form. Writing files is left to :mod:`ketwise.words.store`.
"""

import json
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np

from ketwise.words.draw_table import result_html

_ARRAY = "__array__"
_FLOAT = "__float__"
_NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


@dataclass(frozen=True, kw_only=True)
class Result:
    """Arrays, settings, seeds and versions, to and from JSON.

    Subclass it as a frozen, keyword-only dataclass whose fields are numbers, strings, lists, dicts with string keys and
    arrays. What depends on the clock belongs in ``timings``, so that the same seed gives the same JSON elsewhere.

    Parameters
    ----------
    settings : dict
        Every choice the result depends on.
    seeds : dict
        Every seed.
    versions : dict
        Versions of what computed it.
    timings : dict
        Seconds and dates: the only part that differs between two runs with the same seed.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True, kw_only=True)
    ... class Mean(Result):
    ...     values: np.ndarray
    >>> text = Mean(values=np.array([0.1, np.nan]), settings={"shots": 100}).to_json()
    >>> Mean.from_json(text).values
    array([0.1, nan])
    """

    settings: dict[str, Any] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    timings: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """What :meth:`to_json` writes, as plain dicts, lists, strings and numbers."""
        return {"kind": type(self).__name__} | {f.name: plain(getattr(self, f.name), f.name) for f in fields(self)}

    def to_json(self) -> str:
        """Strict JSON: floats are written so that they read back to the same bits, NaN and infinities are tagged.

        Indented, with whatever fits on a line, and every array, on one line.
        """
        text = _written(self.to_dict(), 0, ascii_only=False)
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:  # a name with half a surrogate pair: only the escaped form can be written
            return _written(self.to_dict(), 0, ascii_only=True)
        return text

    def _repr_html_(self) -> str:
        """Return a table of the fields, with settings, seeds, versions and timings folded below."""
        given = {f.name: getattr(self, f.name) for f in fields(self)}
        folded = {f.name: given.pop(f.name) for f in fields(Result)}
        return result_html(type(self).__name__, given, folded)

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Inverse of :meth:`to_dict`.

        Raises
        ------
        ValueError
            If the document is of another kind, or has fields too many or too few.
        """
        kind = document.get("kind")
        if kind != cls.__name__:
            raise ValueError(
                f"this is a document of kind {kind!r}, not {cls.__name__!r}: read it with the class it names"
            )
        known, given = {f.name for f in fields(cls)}, set(document) - {"kind"}
        if known != given:
            raise ValueError(
                f"a {cls.__name__} has other fields: missing {sorted(known - given)}, unknown {sorted(given - known)}; "
                "it was probably written by another version of ketwise"
            )
        return cls(**{name: rich(document[name]) for name in known})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Inverse of :meth:`to_json`; raises ValueError for text that is not such a document."""
        try:
            document = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"not JSON ({error}): give the text that {cls.__name__}.to_json() wrote") from error
        if not isinstance(document, dict):
            raise ValueError(f"a {cls.__name__} is a JSON object, got {type(document).__name__}")
        return cls.from_dict(document)


def _written(value: Any, depth: int, ascii_only: bool) -> str:
    flat = json.dumps(value, ensure_ascii=ascii_only, allow_nan=False)
    if len(flat) + depth <= 120 or not isinstance(value, (dict, list)) or not value or _ARRAY in value:
        return flat
    margin, inner = " " * depth, " " * (depth + 1)
    if isinstance(value, dict):
        items = [
            f"{json.dumps(key, ensure_ascii=ascii_only)}: {_written(item, depth + 1, ascii_only)}"
            for key, item in value.items()
        ]
        return "{\n" + ",\n".join(inner + item for item in items) + f"\n{margin}}}"
    items = [_written(item, depth + 1, ascii_only) for item in value]
    return "[\n" + ",\n".join(inner + item for item in items) + f"\n{margin}]"


def library_versions(*packages: str) -> dict[str, str]:
    """Versions of Python and of the named installed packages (``"not installed"`` where absent).

    Examples
    --------
    >>> sorted(library_versions("numpy"))
    ['numpy', 'python']
    """
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": platform.python_version()}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def plain(value: Any, where: str) -> Any:
    """A value as JSON knows it, to the same bits; ``where`` names it in errors."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (np.bool_, np.integer, np.floating)):
        return plain(value.item(), where)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {_FLOAT: str(value)}
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biufc":
            raise TypeError(f"{where}: an array of {value.dtype} has no JSON form; use a list of strings")
        flat = np.ascontiguousarray(value).ravel()
        numbers = flat.view(flat.real.dtype) if value.dtype.kind == "c" else flat
        return {_ARRAY: value.dtype.str, "shape": list(value.shape), "values": plain(numbers.tolist(), where)}
    if isinstance(value, Mapping):
        wrong = [key for key in value if not isinstance(key, str)]
        if wrong:
            raise TypeError(f"{where}: JSON keys are strings, got {wrong[0]!r}")
        return {key: plain(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, f"{where}[{index}]") for index, item in enumerate(value)]
    raise TypeError(f"{where}: {type(value).__name__} has no JSON form; store numbers, strings, lists, dicts or arrays")


def rich(value: Any) -> Any:
    """Inverse of :func:`plain`."""
    if isinstance(value, list):
        return [rich(item) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {_FLOAT}:
        return _NON_FINITE[value[_FLOAT]]
    if set(value) == {_ARRAY, "shape", "values"}:
        dtype = np.dtype(value[_ARRAY])
        numbers = [rich(item) for item in value["values"]]
        if dtype.kind == "c":
            flat = np.asarray(numbers, dtype=f"<f{dtype.itemsize // 2}").view(dtype)
        else:
            flat = np.asarray(numbers, dtype=dtype)
        return flat.reshape(value["shape"])
    return {key: rich(item) for key, item in value.items()}
