"""What DATA and the held-out file stand for on the command line: a file, or a set bundled with scikit-learn."""

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ketwise.evidence.data.files import Read, read_file
from ketwise.evidence.data.names import listed, quoted

BUNDLED = ("breast_cancer", "diabetes", "digits", "iris", "wine")


def find_data(data: str, target: str | None) -> tuple[Read, str, str]:
    """Read the bundled set of that name, or else the file; returns it, in words where it is from, and its target.

    Raises
    ------
    ImportError, OSError, MemoryError, ValueError
        One sentence on what is wrong, where, and what to do.
    """
    if data in BUNDLED:
        return bundled(data, target), f"Set {data}, bundled with scikit-learn", "target"
    if "\0" not in data and len(data) < 256 and not Path(data).suffix and not os.path.exists(data):
        near = difflib.get_close_matches(data, BUNDLED, 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"bundled are {', '.join(BUNDLED)}"
        raise FileNotFoundError(f"there is no file {data} and no bundled set of that name: {hint}")
    if "://" in data:
        raise FileNotFoundError(f"{data} is an address, not a file: download it first")
    read = read_file(data)
    names = list(read.frame.columns)
    if target is None:
        raise ValueError(
            f"which column is to be predicted? Name it with --target; {data} has the columns {listed(names)}"
        )
    return read, f"File {os.path.basename(data)}", target


def bundled(name: str, target: str | None) -> Read:
    """A set that comes with scikit-learn, with names for its classes.

    Raises
    ------
    ValueError
        For another target than its own.
    """
    import sklearn.datasets

    if target not in (None, "target"):
        raise ValueError(
            f"the bundled set {name} has one target, named 'target', not {quoted(target)}: leave --target out"
        )
    loaders: dict[str, Callable[..., Any]] = {known: getattr(sklearn.datasets, f"load_{known}") for known in BUNDLED}
    bunch = loaders[name](as_frame=True)
    y = bunch.target
    if name != "diabetes":
        y = pd.Series(np.asarray(bunch.target_names).astype(str)[y.to_numpy()])
    notes = []
    if Path(name).exists():
        notes.append(
            f"{name} means the set bundled with scikit-learn; for the file of that name in this folder write ./{name}."
        )
    return Read(name, bunch.data.assign(target=y), notes)


def find_held_out(data: str, test: str) -> Read:
    """Read the file of held-out rows.

    Raises
    ------
    ImportError, OSError, MemoryError, ValueError
        One sentence; also where it is the file that is learned from.
    """
    if not os.path.isabs(test) and test in BUNDLED and not os.path.exists(test):
        raise ValueError(f"{test} is a bundled set: the held-out rows must be in a CSV or Parquet file")
    if data not in BUNDLED and "\0" not in test and os.path.exists(test) and os.path.samefile(data, test):
        raise ValueError(f"{test} is the file that is learned from: the held-out file must hold other rows")
    return read_file(test)
