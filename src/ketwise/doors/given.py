"""Estimators named on the command line: ``file.py:name`` or ``package.module:name``, an estimator or a dict of them."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def estimators(places: Sequence[str], option: str) -> dict[str, Any]:
    """Import what each place names.

    Parameters
    ----------
    places : sequence of str
        ``FILE.py:NAME`` or ``MODULE:NAME``; NAME is an estimator, or a dict of name -> estimator.
    option : str
        For errors.

    Raises
    ------
    ValueError
        If a place cannot be read, with the reason; or two estimators have one name.
    """
    found: dict[str, Any] = {}
    for place in places:
        module_name, colon, name = place.rpartition(":")
        if not colon or not module_name or not name:
            raise ValueError(f"{option} {place}: write FILE.py:NAME or MODULE:NAME, where NAME is an estimator")
        value = _attribute(module_name, name, f"{option} {place}")
        for key, estimator in (value if isinstance(value, dict) else {name: value}).items():
            if key in found:
                raise ValueError(f"{option} {place}: there are two models named {key!r}; rename one")
            found[key] = estimator
    return found


def _attribute(module_name: str, name: str, where: str) -> Any:
    if module_name.endswith(".py"):
        path = Path(module_name)
        if not path.is_file():
            raise ValueError(f"{where}: there is no file {module_name}")
        # On the path, so that worker processes find the module too.
        folder, module_name = str(path.resolve().parent), path.stem
    else:
        folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise ValueError(f"{where}: importing {module_name} failed ({type(error).__name__}: {error})") from error
    if not hasattr(module, name):
        raise ValueError(f"{where}: {module_name} has no {name!r}")
    return getattr(module, name)
