"""Checkpoints: a fit's state in a file that is whole at any moment, and whose it is; what is in a state, loops know.

A file is written under another name, synced and renamed, so that whoever is killed leaves the last whole one.
"""

from __future__ import annotations

import glob
import hashlib
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.optimizers.landscape import Landscape
from ketwise.words import container
from ketwise.words.store import writable_path

#: Kind of the container, and the version of what is in it.
KIND, SCHEMA = "training", 1
#: Share of a fit's time that writing may take.
SHARE = 0.1
#: How near loss and gradient at the start must be to those of the fit that goes on: less than any other circuit,
#: more than another machine's rounding.
NEAR = 1e-3
_SETTING_LENGTH = 200
_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")


@dataclass(frozen=True)
class Kept:
    """The state of a loop: a JSON header and arrays; as it was read, with the generators.

    Attributes
    ----------
    header : dict
    arrays : dict of str -> array
    generators : dict
        "begin", before the fit drew anything, and "now".
    """

    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    generators: Mapping[str, Any] | None = None

    def set_generator(self, rng: Any, when: str = "now") -> None:
        """Put a generator of the same kind where that of the file stood."""
        assert self.generators is not None
        set_generator(rng, self.generators[when])


class Checkpoint:
    """One fit's file. Opened before the fit draws anything.

    Parameters
    ----------
    path : path
        Where a file is, the fit goes on from there.
    settings : dict of str -> Any
        What the fit depends on; another value of one is refused by its name.

    Attributes
    ----------
    kept : Kept or None
        What the file held.

    Raises
    ------
    OSError
        If nothing can be written there.
    ValueError
        If the file is no checkpoint, or one of a fit with other settings.
    """

    def __init__(self, path: str | os.PathLike[str], settings: Mapping[str, Any]):
        self.path: Path = writable_path(path)
        self._about: dict[str, Any] = {
            "schema": SCHEMA,
            "settings": {name: _said(value) for name, value in settings.items()},
        }
        self._probe: NDArray[np.float64] = np.zeros(0)
        self._written, self._cost = -np.inf, 0.0
        self.kept: Kept | None = None
        for left in self.path.parent.glob(f".{glob.escape(self.path.name)}.????????.tmp"):
            left.unlink(missing_ok=True)  # of a process that was killed while it wrote
        if self.path.exists():
            self._read()

    def _read(self) -> None:
        header, arrays = container.read(self.path, kind=KIND)
        if header.get("schema") != SCHEMA:
            raise ValueError(
                f"the checkpoint {self.path} has schema {header.get('schema')}, and this ketwise writes {SCHEMA}: "
                "finish that fit with the version that began it, or delete the file"
            )
        theirs, ours = header["settings"], self._about["settings"]
        for name in sorted({*theirs, *ours}):
            if theirs.get(name) != ours.get(name):
                raise ValueError(
                    f"the checkpoint {self.path} belongs to a fit with {name}={theirs.get(name, 'unset')}, and this "
                    f"one has {name}={ours.get(name, 'unset')}: set it as it was to go on, or give another path"
                )
        self._about = {name: header[name] for name in ("schema", "settings", "data", "begin")}
        self._probe = arrays.pop("probe")
        generators = {"begin": header["begin"], "now": header["now"]}
        self.kept = Kept(header["state"], arrays, generators)

    def begin(self, rng: Any) -> None:
        """Note where the generator stands before anything is drawn, or put it where it stood in the first run."""
        if self.kept is None:
            self._about["begin"] = generator_state(rng)
        else:
            self.kept.set_generator(rng, "begin")

    def claim(self, data: str, probe: NDArray[np.float64]) -> None:
        """Note whose the file is, or refuse to go on with another fit's.

        Parameters
        ----------
        data : str
            A digest of the rows.
        probe : (n,) array
            Some numbers that depend on circuit, loss and start.
        """
        if self.kept is None:
            self._about["data"], self._probe = data, probe
        elif self._about["data"] != data:
            raise ValueError(
                f"the checkpoint {self.path} belongs to a fit on other data: give the same rows in the same order to "
                "go on, or another path"
            )
        elif probe.shape != self._probe.shape or not _near(probe, self._probe):
            raise ValueError(
                f"the checkpoint {self.path} belongs to a fit with another circuit, loss or start: give the same to go "
                "on, or another path"
            )

    def keep(self, state: Callable[[], Kept], rng: Any, *, at_once: bool = False) -> None:
        """Ask for the state and write it, unless writing would then take more than a tenth of the time."""
        begun = time.monotonic()
        if not at_once and begun - self._written < self._cost * (1.0 / SHARE - 1.0):
            return
        kept = state()
        header = self._about | {"state": kept.header, "now": generator_state(rng)}
        container.write(self.path, KIND, header, kept.arrays | {"probe": self._probe})
        self._written = time.monotonic()
        self._cost = self._written - begun


def digest(*arrays: Any) -> str:
    """Return a SHA-256 of arrays: shapes, dtypes and bytes.

    Examples
    --------
    >>> digest(np.zeros(2)) == digest(np.zeros(2)), digest(np.zeros(2)) == digest(np.zeros((2, 1)))
    (True, False)
    """
    found = hashlib.sha256()
    for array in map(np.ascontiguousarray, arrays):
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()


def probe(landscape: Landscape, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return numbers by which a checkpoint knows circuit, loss and start again."""
    # Away from the start itself, where circuits with all angles at 0 are alike.
    loss, gradient = landscape.loss_and_gradient(theta + 0.5 * np.sin(1.0 + np.arange(len(theta))))
    return np.concatenate([theta, [loss], gradient])


def to_state(state: Any) -> dict[str, NDArray[Any]]:
    """Return an optimiser's state, a named tuple of numbers and arrays, as arrays."""
    return {f"state.{name}": np.asarray(value) for name, value in state._asdict().items()}


def from_state(fresh: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Return the state that was kept, made like a fresh one of the same optimiser.

    Raises
    ------
    ValueError
        Where a part of it is missing.
    """
    if missing := [name for name in fresh._fields if f"state.{name}" not in arrays]:
        raise ValueError(
            f"the checkpoint holds no {missing[0]!r} of a {type(fresh).__name__}: finish that fit with the version "
            "that began it, or delete the file"
        )
    found = {name: arrays[f"state.{name}"] for name in fresh._fields}
    return type(fresh)(
        **{
            name: value if isinstance(getattr(fresh, name), np.ndarray) else type(getattr(fresh, name))(value)
            for name, value in found.items()
        }
    )


def generator_state(rng: Any) -> dict[str, Any]:
    """Return the state of a numpy Generator or RandomState as JSON."""
    return _to_json(rng.get_state(legacy=False) if isinstance(rng, np.random.RandomState) else rng.bit_generator.state)


def set_generator(rng: Any, state: dict[str, Any]) -> None:
    """Put a generator where :func:`generator_state` found one of the same kind.

    Examples
    --------
    >>> rng, other = np.random.default_rng(0), np.random.default_rng(1)
    >>> set_generator(other, generator_state(rng))
    >>> bool(rng.random() == other.random())
    True
    """
    found = _from_json(state)
    mine = generator_state(rng)["bit_generator"]
    if found["bit_generator"] not in _GENERATORS or found["bit_generator"] != mine:
        raise ValueError(f"the checkpoint has a generator {found['bit_generator']!r} and this fit one of {mine!r}")
    if isinstance(rng, np.random.RandomState):
        rng.set_state(found)
    else:
        rng.bit_generator.state = found


def _to_json(value: Any) -> Any:
    """Whole numbers become text: some have 128 bits."""
    if isinstance(value, Mapping):
        return {name: _to_json(each) for name, each in value.items()}
    if isinstance(value, np.ndarray):
        return {"dtype": value.dtype.str, "values": [hex(each) for each in value.tolist()]}
    return hex(value) if isinstance(value, (int, np.integer)) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == {"dtype", "values"}:
            return np.array([int(each, 16) for each in value["values"]], dtype=value["dtype"])
        return {name: _from_json(each) for name, each in value.items()}
    return int(value, 16) if isinstance(value, str) and value.startswith("0x") else value


def _near(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return bool(np.abs(a - b).max(initial=0.0) <= NEAR * max(1.0, float(np.abs(b).max(initial=0.0))))


def _said(value: Any) -> str:
    """Return a setting as text that is the same in another process."""
    text = getattr(value, "__qualname__", None) if callable(value) and not isinstance(value, type) else None
    said = text or repr(value)
    if isinstance(value, np.ndarray):
        return f"an array {digest(value)[:16]}"
    if len(said) <= _SETTING_LENGTH:
        return said
    return f"{said[: _SETTING_LENGTH // 2]}... {hashlib.sha256(said.encode()).hexdigest()[:16]}"
