"""The command, or the call, that gives the same numbers again."""

import re
import shlex
from typing import Any

import numpy as np

from ketwise.evidence.data.tables import Table
from ketwise.evidence.question import Question
from ketwise.evidence.trials.folds import FOLDS_AND_REPEATS, Layout

GIVEN_SPLITS = "given splits"


def cv_setting(cv: Any, layout: Layout) -> Any:
    """Outer folds as the record keeps them: [folds, repeats], or words."""
    if layout.held_out:
        return "held-out rows"
    cv = FOLDS_AND_REPEATS if cv is None else cv
    if isinstance(cv, (int, np.integer)):
        cv = (int(cv), 1)
    if isinstance(cv, tuple) and all(isinstance(number, (int, np.integer)) for number in cv):
        return [int(cv[0]), 1 if layout.time is not None else int(cv[1])]
    return _without_address(repr(cv))[:200] if hasattr(cv, "split") else GIVEN_SPLITS


def command(data: Table, settings: dict[str, Any], question: Question) -> str:
    """What gives the same numbers again."""
    if not question.asked:
        return _call(data, settings, question)
    words = ["ketwise", *question.asked, "--seed", str(question.seed)]
    if isinstance(settings["cv"], list):
        words += ["--folds", str(settings["cv"][0]), "--repeats", str(settings["cv"][1])]
    words += ["--configurations", str(settings["configurations"]), "--rope", repr(settings["rope"])]
    words += ["--scoring", question.scoring] if isinstance(question.scoring, str) else []
    return shlex.join(words)


def _call(data: Table, settings: dict[str, Any], question: Question) -> str:
    given = [f"{word}={{...}}" for word, value in (("models", question.models), ("against", question.against)) if value]
    given += [f"{word}=..." for word, value in (("groups", data.groups), ("time", data.time)) if value is not None]
    given += [f"scoring={_named(question.scoring)}"] if question.scoring is not None else []
    cv = settings["cv"]
    folds = tuple(cv) if isinstance(cv, list) else "[...]" if cv == GIVEN_SPLITS else cv
    given += [f"cv={folds}", f"configurations={settings['configurations']}"]
    return f"kw.verdict(X, y, {', '.join(given)}, rope={settings['rope']!r}, random_state={question.seed})"


def _named(scoring: Any) -> str:
    """A score as one writes it: its name, or how it was made."""
    if isinstance(scoring, str):
        return repr(scoring)
    return str(getattr(scoring, "__name__", None) or _without_address(repr(scoring)))


def _without_address(text: str) -> str:
    return re.sub(r" at 0x[0-9A-Fa-f]+", "", text)
