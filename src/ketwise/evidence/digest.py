"""What an object holds, as a short text that is the same in every process: to tell one user's model from another.

Nothing is written or loaded: objects are asked for their parts, as for a copy, and the parts are hashed.
"""

import copyreg
import functools
import hashlib
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

PLAIN = (type(None), type(...), bool, int, float, complex, str, bytes)


def digest(value: Any) -> str:
    """Hash of everything that decides how an estimator or a function behaves, as far as it can be read.

    Estimators by class and parameters, arrays by their bytes, code of the user's own by its bytecode with the values
    it refers to, code of installed packages by name and version, anything else by the parts that a copy needs.
    A module of the user's own that code refers to is its file; what that imports in turn is not looked at.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    ValueError
        For what cannot be read: a generator, an open file, an estimator that does not keep its parameters.

    Examples
    --------
    >>> digest([1, 2]) == digest([1, 2]), digest([1, 2]) == digest([1, 3])
    (True, False)
    """
    try:
        return _Reader().hash_of(value).hex()
    except Exception as error:  # whatever a user's object does when it is asked
        raise ValueError(f"{type(value).__name__} cannot be compared ({type(error).__name__}: {error})") from None


class _Reader:
    """Hashes objects from the leaves up. Those that are being read are known by id, so that circles end."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool], bytes] = {}
        self._open: list[int] = []
        self._kept: list[Any] = []  # an id is an object's own only while the object lives
        self._fitted = False

    def hash_of(self, value: Any) -> bytes:
        if isinstance(value, PLAIN) and type(value) in PLAIN:
            return _hash(type(value).__name__, repr(value).encode("utf-8", "backslashreplace"))
        key = (id(value), self._fitted)
        if key in self._known:
            return self._known[key]
        if id(value) in self._open:
            return _hash("circle", str(len(self._open) - self._open.index(id(value))).encode())
        self._kept.append(value)
        self._open.append(id(value))
        found = self._known[key] = _hash(type(value).__qualname__, *self._parts(value))
        self._open.pop()
        return found

    def _parts(self, value: Any) -> Iterable[bytes]:
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return repr((value.dtype.str, value.shape)).encode(), np.ascontiguousarray(value).tobytes()
        if isinstance(value, np.ndarray):
            return repr(value.shape).encode(), *map(self.hash_of, value.ravel().tolist())
        if type(value) in (list, tuple):
            return map(self.hash_of, value)
        if type(value) in (set, frozenset):
            return sorted(map(self.hash_of, value))
        if type(value) is dict:
            return (self.hash_of(part) for item in value.items() for part in item)
        if isinstance(value, CodeType):
            return map(
                self.hash_of, (value.co_code, value.co_consts, value.co_names, value.co_varnames, value.co_flags)
            )
        if isinstance(value, (type, FunctionType, BuiltinFunctionType, ModuleType)):
            return self._named(value)
        if hasattr(value, "get_params") and not self._fitted:
            return self._estimator(value)
        return self._copied(value)

    def _estimator(self, value: Any) -> Iterable[bytes]:
        """By parameters, which are all that a clone keeps; with everything else where the clone is the same object."""
        if _has_own_clone(type(value)):
            self._fitted = True
            try:
                return list(self._copied(value))
            finally:
                self._fitted = False
        params = value.get_params(deep=False)
        return self.hash_of(type(value)), *(self.hash_of((name, params[name])) for name in sorted(params))

    def _copied(self, value: Any) -> Iterable[bytes]:
        reduce = copyreg.dispatch_table.get(type(value))
        parts = reduce(value) if reduce is not None else value.__reduce_ex__(2)
        if isinstance(parts, str):  # known by name
            return self.hash_of(type(value)), self.hash_of((getattr(value, "__module__", ""), parts))
        return (self.hash_of(list(part) if isinstance(part, Iterator) else part) for part in parts)

    def _named(self, value: Any) -> Iterable[bytes]:
        """Code: by name, and by what it does where it is the user's own."""
        module = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None) or "builtins"
        name = getattr(value, "__qualname__", "")
        package = sys.modules.get(module.partition(".")[0])
        yield self.hash_of((module, name, str(getattr(package, "__version__", ""))))
        bound = getattr(value, "__self__", None)
        if isinstance(value, BuiltinFunctionType) and not isinstance(bound, (ModuleType, type(None))):
            yield self.hash_of(bound)  # a method, such as that of a dict
        if _is_installed(module):
            return
        if isinstance(value, ModuleType):
            yield Path(str(value.__file__)).read_bytes()
        elif isinstance(value, FunctionType):
            yield from map(self.hash_of, _function(value))
        elif isinstance(value, type):
            yield from map(self.hash_of, value.__bases__)
            yield from map(self.hash_of, _class(value))


def _function(function: FunctionType) -> Iterator[Any]:
    """What a function does: its code, defaults, and the values it refers to."""
    yield function.__code__
    yield function.__defaults__
    yield function.__kwdefaults__
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not filled yet
            yield "empty"
    yield from (
        (name, function.__globals__[name]) for name in _names(function.__code__) if name in function.__globals__
    )


def _class(own: type) -> Iterator[Any]:
    for name, value in sorted(vars(own).items()):
        if isinstance(value, (staticmethod, classmethod)):
            yield name, type(value).__name__, value.__func__
        elif isinstance(value, (property, functools.cached_property)):
            parts = ("fget", "fset", "fdel", "func")
            yield name, [getattr(value, part, None) for part in parts]
        elif isinstance(value, FunctionType) or not (name.startswith("__") or name == "_abc_impl"):
            yield name, value


def _names(code: CodeType) -> list[str]:
    """Names that code and the functions within it look up."""
    inner = [_names(each) for each in code.co_consts if isinstance(each, CodeType)]
    return sorted({*code.co_names, *(name for names in inner for name in names)})


@functools.lru_cache
def _is_installed(module: str) -> bool:
    """Whether a module is Python's, a package's or ours: its version says what it does."""
    top = module.partition(".")[0]
    if top == "__main__":
        return False
    file = getattr(sys.modules.get(module), "__file__", None)
    if file is None or top in sys.stdlib_module_names or top == __name__.partition(".")[0]:
        return True
    places = {sysconfig.get_path(name) for name in ("purelib", "platlib", "stdlib", "platstdlib")}
    return any(Path(place).resolve() in Path(file).resolve().parents for place in places)


def _has_own_clone(estimator: type) -> bool:
    """Whether cloning is overridden, as where a fitted estimator is to stay as it is."""
    from sklearn.base import BaseEstimator

    own = getattr(estimator, "__sklearn_clone__", None)
    return own is not None and own is not BaseEstimator.__sklearn_clone__


def _hash(kind: str, *parts: bytes) -> bytes:
    whole = hashlib.sha256(kind.encode())
    for part in parts:
        whole.update(len(part).to_bytes(8, "little") + part)
    return whole.digest()
