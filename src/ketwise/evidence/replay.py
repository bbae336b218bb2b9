"""The command, or the call, that gives the same numbers again."""

import shlex
from collections.abc import Mapping
from typing import Any

import numpy as np

from ketwise.evidence.data.tables import Table


def cv_setting(cv: Any) -> Any:
    if cv is None:
        return [5, 2]
    if isinstance(cv, (int, np.integer)):
        return [int(cv), 1]
    if isinstance(cv, tuple) and all(isinstance(number, (int, np.integer)) for number in cv):
        return [int(number) for number in cv]
    return repr(cv)[:200] if hasattr(cv, "split") else "given splits"


def command(
    data: Table,
    settings: dict[str, Any],
    seed: int,
    scoring: Any,
    models: Mapping[str, Any] | None,
    against: Mapping[str, Any] | None,
) -> str:
    """What gives the same numbers again."""
    if data.name == "X, y":
        given = [f"{word}={{...}}" for word, value in (("models", models), ("against", against)) if value]
        given += [f"scoring={scoring!r}"] if scoring is not None else []
        cv = settings["cv"]
        given += [f"cv={tuple(cv) if isinstance(cv, list) else cv}", f"configurations={settings['configurations']}"]
        return f"kw.verdict(X, y, {', '.join(given)}, rope={settings['rope']:g}, random_state={seed})"
    folds, repeats = settings["cv"]
    words = ["ketwise", "verdict", data.name, "--target", data.target, "--seed", str(seed)]
    words += ["--folds", str(folds), "--repeats", str(repeats), "--configurations", str(settings["configurations"])]
    words += ["--rope", f"{settings['rope']:g}"] + (["--scoring", scoring] if scoring is not None else [])
    return shlex.join(words)
