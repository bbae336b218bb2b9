"""A form says what one class is made of: how to take an object apart into named parts, and how to make it again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Parts = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """How objects of one class are kept.

    Attributes
    ----------
    name : str
        In the file.
    types : tuple of type
        Exactly these classes; a subclass has code of its own.
    take : callable
        ``value -> parts``; raises ValueError for a value that a file cannot hold.
    make : callable
        ``parts -> value``; raises ValueError for parts that make none. It is the only one that sees parts from a file:
        whatever it does not refuse is believed.
    parts : frozenset of str
        Names of the parts, all of them.
    dropped : frozenset of str
        Parameters of an estimator that a file does not hold, None in the one that comes back.
    """

    name: str
    types: tuple[type, ...]
    take: Callable[[Any], Parts]
    make: Callable[[Parts], Any]
    parts: frozenset[str]
    dropped: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Is:
    """What a part must be.

    Attributes
    ----------
    types : tuple of type
        Exactly one of these.
    axes : tuple of str, optional
        For an array, a name an axis: axes of one name are of one length, and a part of that name, a whole number, says
        it.
    kinds : str
        For an array, NumPy's letters of the kinds of its dtype.
    needed : bool
        Whether it is always there.
    """

    types: tuple[type, ...]
    axes: tuple[str, ...] | None = None
    kinds: str = "f"
    needed: bool = True


def array(*axes: str, kinds: str = "f", none: bool = False, needed: bool = True) -> Is:
    """Return the description of an array with these axes; with ``none`` it may be None too."""
    return Is((np.ndarray, type(None)) if none else (np.ndarray,), axes, kinds, needed)


def one(*types: type | None, needed: bool = True) -> Is:
    """Return the description of one value of these types; None stands for itself."""
    return Is(tuple(type(None) if each is None else each for each in types), needed=needed)


FLOAT = one(float, np.float64, np.float32)
NUMBER = one(int, float, np.float64, np.float32)
WHOLE = one(int)
TRUTH = one(bool)


def check_parts(parts: Mapping[str, Any], expected: Mapping[str, Is]) -> None:
    """Refuse parts that are missing, unknown, of another type, or whose shapes do not agree.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> check_parts({"n": 2, "mean": np.zeros(3)}, {"n": WHOLE, "mean": array("n")})
    Traceback (most recent call last):
    ValueError: mean must have shape (n,) with n = 2, got (3,)
    """
    needed = {name for name, rule in expected.items() if rule.needed}
    if needed - set(parts) or set(parts) - set(expected):
        missing, unknown = sorted(needed - set(parts)), sorted(set(parts) - set(expected))
        raise ValueError(f"other parts are expected: missing {missing[:5]}, unknown {unknown[:5]}")
    sizes = {name: value for name, value in parts.items() if type(value) is int}
    for name, value in parts.items():
        rule = expected[name]
        if type(value) not in rule.types:
            wanted = " or ".join(each.__name__ for each in rule.types)
            raise ValueError(f"{name} must be {wanted}, got {type(value).__name__}")
        if rule.axes is not None and isinstance(value, np.ndarray):
            _check_array(name, value, rule, sizes)


def _check_array(name: str, value: Any, rule: Is, sizes: dict[str, int]) -> None:
    axes = rule.axes or ()
    if value.dtype.kind not in rule.kinds:
        raise ValueError(f"{name} must have a dtype of kind {rule.kinds!r}, got {value.dtype}")
    agreed = len(axes) == value.ndim and all(
        sizes.setdefault(axis, size) == size for axis, size in zip(axes, value.shape, strict=True)
    )
    if not agreed:
        shape = f"({', '.join(axes)}{',' * (len(axes) == 1)})"
        known = ", ".join(f"{axis} = {sizes[axis]}" for axis in dict.fromkeys(axes) if axis in sizes)
        raise ValueError(f"{name} must have shape {shape}{f' with {known}' if known else ''}, got {value.shape}")


def record_form(
    cls: type, expected: Mapping[str, Is], check: Callable[[Any], None] | None = None, name: str | None = None
) -> Form:
    """Return the form of a dataclass or a named tuple: its fields.

    Parameters
    ----------
    cls : type
    expected : dict of str -> Is
        All fields, all needed.
    check : callable, optional
        Raises ValueError for an object whose fields do not agree.
    name : str, optional
        Default that of the class.
    """

    def take(value: Any) -> Parts:
        fields = [each.name for each in dataclasses.fields(value)] if dataclasses.is_dataclass(value) else value._fields
        parts = {field: getattr(value, field) for field in fields}
        check_parts(parts, expected)
        return parts

    def make(parts: Parts) -> Any:
        check_parts(parts, expected)
        made = cls(**parts)
        if check is not None:
            check(made)
        return made

    return Form(name or cls.__name__, (cls,), take, make, frozenset(expected))
