"""Values inside each other as JSON and arrays, and back: numbers, text, lists, dicts, arrays, objects by their form.

A JSON object in the tree always says under ``"is"`` what it is, and has the keys that belong to that and no others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.keeping.form import Form
from ketwise.learning.keeping.texts import from_texts, to_texts

Array = NDArray[Any]

#: Longer sequences of floats are kept as arrays.
FEW = 8
_NON_FINITE = ("nan", "inf", "-inf")
_PLAIN = (type(None), bool, str)
_CELLS = (*_PLAIN, int, float)
_KEYS: dict[str, frozenset[str]] = {
    "float": frozenset({"value"}),
    "number": frozenset({"value", "dtype"}),
    "tuple": frozenset({"items"}),
    "floats": frozenset({"of", "array"}),
    "map": frozenset({"items"}),
    "dict": frozenset({"items"}),
    "array": frozenset({"array", "order"}),
    "texts": frozenset({"array", "ends", "dtype", "shape"}),
    "objects": frozenset({"items"}),
}


class UnkeepableError(TypeError):
    """An object that no form describes: what it is and where it stands."""

    def __init__(self, value: Any, where: str):
        super().__init__(f"{where or 'this'} is a {type(value).__name__}, which a file cannot hold")
        self.value, self.where = value, where


class _PlacedError(ValueError):
    """A fault that says already where it is."""


class Writer:
    """Takes values apart; ``arrays`` fills as it goes, an array named by the place where it stands."""

    def __init__(self, forms: Sequence[Form]):
        self.arrays: dict[str, Array] = {}
        self._forms = {each: form for form in forms for each in form.types}

    def node(self, value: Any, where: str = "") -> Any:
        """Return the value as JSON.

        Raises
        ------
        UnkeepableError
            For an object of a class without a form.
        ValueError
            For one that its form refuses, or a dtype that has no place in a file.
        """
        kind = type(value)
        if kind in self._forms:
            form = self._forms[kind]
            try:
                parts = form.take(value)
            except ValueError as error:
                raise ValueError(f"{where or 'this'}, a {kind.__name__}, cannot be kept: {error}") from None
            return {"is": form.name} | {name: self.node(part, _inside(where, name)) for name, part in parts.items()}
        if kind in _PLAIN:
            return value
        if kind is int:
            if abs(value) >= 1 << 63:
                raise ValueError(f"{where or 'this'} is a whole number of more than 64 bits: keep it as text")
            return value
        if kind is float:
            return value if math.isfinite(value) else {"is": "float", "value": str(value)}
        if isinstance(value, np.str_):
            return str(value)
        if isinstance(value, np.generic) and value.dtype.kind in "biuf":
            return {"is": "number", "dtype": value.dtype.newbyteorder("<").str, "value": self.node(value.item(), where)}
        if kind in (list, tuple):
            return self._sequence(value, where)
        if isinstance(value, dict) and kind is dict:
            return self._mapping(value, where)
        if isinstance(value, np.ndarray) and kind is np.ndarray:
            return self._array(value, where)
        raise UnkeepableError(value, where)

    def _sequence(self, value: list[Any] | tuple[Any, ...], where: str) -> Any:
        if len(value) > FEW and all(type(item) is float for item in value):
            return {"is": "floats", "of": type(value).__name__, "array": self._keep(np.array(value), where)}
        items = [self.node(item, _inside(where, str(index))) for index, item in enumerate(value)]
        return items if isinstance(value, list) else {"is": "tuple", "items": items}

    def _mapping(self, value: dict[Any, Any], where: str) -> Any:
        if all(type(key) is str for key in value):
            return {"is": "map", "items": {key: self.node(item, _inside(where, key)) for key, item in value.items()}}
        pairs = [[self.node(key, where), self.node(item, _inside(where, str(key)))] for key, item in value.items()]
        return {"is": "dict", "items": pairs}

    def _array(self, value: Array, where: str) -> Any:
        if value.dtype.kind in "biufc":
            # Matrix products can differ in their last bits with the order in memory.
            turned = value.ndim > 1 and value.flags.f_contiguous and not value.flags.c_contiguous
            name = self._keep(value.T if turned else value, where)
            return {"is": "array", "order": "F" if turned else "C", "array": name}
        if value.dtype.kind == "U" or (value.dtype.kind == "O" and all(type(item) is str for item in value.flat)):
            letters, ends = to_texts(value)
            return {
                "is": "texts",
                "dtype": value.dtype.newbyteorder("<").str,
                "shape": list(value.shape),
                "array": self._keep(letters, where),
                "ends": self._keep(ends, _inside(where, "ends")),
            }
        if value.dtype.kind == "O" and value.ndim == 1:
            items = [self._cell(item, _inside(where, str(index))) for index, item in enumerate(value)]
            return {"is": "objects", "items": items}
        raise ValueError(f"{where or 'this'} is an array of {value.dtype}: a file holds numbers, text and booleans")

    def _cell(self, value: Any, where: str) -> Any:
        if type(value) not in _CELLS and not isinstance(value, np.generic):
            raise UnkeepableError(value, where)
        return self.node(value, where)

    def _keep(self, value: Array, where: str) -> str:
        name = where or "values"
        while name in self.arrays:
            name += "'"
        self.arrays[name] = value
        return name


class Reader:
    """Makes values again from JSON and arrays, each array used once; afterwards :meth:`finish`."""

    def __init__(self, forms: Sequence[Form], arrays: Mapping[str, Array]):
        self._forms = {form.name: form for form in forms}
        self._left = dict(arrays)

    def value(self, node: Any, where: str = "") -> Any:
        """Return the value that JSON describes.

        Raises
        ------
        ValueError
            For what no writer writes: where it stands and what is wrong with it.
        """
        if type(node) in _CELLS:
            return node
        if isinstance(node, list):
            return [self.value(item, _inside(where, str(index))) for index, item in enumerate(node)]
        if not isinstance(node, dict) or not isinstance(node.get("is"), str):
            raise _fault(where, "it does not say what it is")
        name = node["is"]
        parts = {key: item for key, item in node.items() if key != "is"}
        if name not in self._forms:
            return self._built_in(name, parts, where)
        form = self._forms[name]
        _check_keys(name, parts, form.parts, where)
        made = {key: self.value(item, _inside(where, key)) for key, item in parts.items()}
        try:
            return form.make(made)
        except (ValueError, TypeError, OverflowError, LookupError) as error:
            raise _fault(where, f"it makes no {name}: {error}") from None

    def finish(self) -> None:
        """Refuse arrays that no value used."""
        if self._left:
            raise ValueError(f"it holds an array {next(iter(self._left))[:60]!r} that belongs to nothing")

    def _built_in(self, name: str, parts: dict[str, Any], where: str) -> Any:
        if name not in _KEYS:
            raise _fault(where, f"it is a {name[:60]!r}, which this version of ketwise does not know")
        _check_keys(name, parts, _KEYS[name], where)
        try:
            return self._made(name, parts, where)
        except _PlacedError:
            raise
        except (ValueError, TypeError, OverflowError) as error:
            raise _fault(where, f"it makes no {name}: {error}") from None

    def _made(self, name: str, parts: dict[str, Any], where: str) -> Any:
        if name == "float":
            return _non_finite(parts["value"])
        if name == "number":
            return _number(parts["dtype"], self.value(parts["value"], where))
        if name == "floats":
            kept = self._array(parts["array"])
            if kept.ndim != 1 or kept.dtype != np.float64 or parts["of"] not in ("list", "tuple"):
                raise ValueError("a list or tuple of floats is needed")
            return kept.tolist() if parts["of"] == "list" else tuple(kept.tolist())
        if name == "array":
            kept = self._array(parts["array"])
            if parts["order"] not in ("C", "F") or kept.dtype.kind not in "biufc":
                raise ValueError("the order must be C or F")
            return kept.T if parts["order"] == "F" else kept
        if name == "texts":
            letters, ends = self._array(parts["array"]), self._array(parts["ends"])
            return from_texts(letters, ends, parts["dtype"], parts["shape"])
        if name == "map":
            if not isinstance(parts["items"], dict):
                raise ValueError("its items must be an object")
            return {key: self.value(item, _inside(where, key)) for key, item in parts["items"].items()}
        if not isinstance(parts["items"], list):
            raise ValueError("its items must be a list")
        if name == "dict":
            return self._dict(parts["items"], where)
        items = self.value(parts["items"], where)
        if name == "tuple":
            return tuple(items)
        if not all(type(item) in _CELLS or isinstance(item, np.generic) for item in items):
            raise ValueError("its items must be numbers, text, booleans or null")
        made = np.empty(len(items), dtype=object)
        made[:] = items
        return made

    def _dict(self, pairs: list[Any], where: str) -> dict[Any, Any]:
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
            raise ValueError("its items must be pairs")
        made = {self.value(key, where): self.value(item, _inside(where, str(key)[:60])) for key, item in pairs}
        if len(made) != len(pairs):
            raise ValueError("a key occurs twice")
        return made

    def _array(self, name: Any) -> Array:
        if not isinstance(name, str) or name not in self._left:
            raise ValueError(f"there is no array {str(name)[:60]!r}, or it is used twice")
        return self._left.pop(name)


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _fault(where: str, what: str) -> ValueError:
    return _PlacedError(f"at {where[:200] or 'the top'} {what}")


def _check_keys(name: str, parts: dict[str, Any], expected: frozenset[str], where: str) -> None:
    if set(parts) != expected:
        missing, unknown = sorted(expected - set(parts)), sorted(set(parts) - expected)
        raise _fault(
            where, f"a {name} has other keys: missing {missing[:5]}, unknown {[key[:60] for key in unknown[:5]]}"
        )


def _non_finite(text: Any) -> float:
    if text not in _NON_FINITE:
        raise ValueError("the value must be nan, inf or -inf")
    return float(text)


def _number(dtype: Any, value: Any) -> np.generic:
    kinds = {bool: "b", int: "iu", float: "f"}
    allowed = [f"{order}{kind}{size}" for kind in "iuf" for size in (1, 2, 4, 8) for order in "<|"]
    if type(value) not in kinds or not isinstance(dtype, str) or dtype not in (*allowed, "|b1"):
        raise ValueError("a dtype of a number and its value are needed")
    made = np.dtype(dtype)
    if made.kind not in kinds[type(value)]:
        raise ValueError(f"the value is no {dtype}")
    number: np.generic = np.array(value, dtype=made.newbyteorder("=")).ravel()[0]
    return number
