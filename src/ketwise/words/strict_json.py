"""JSON from a file that nobody vouches for: bounded in depth and in number of parts, without NaN or doubled keys."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

import numpy as np

#: Lists and objects inside each other: a pipeline in a pipeline takes about a dozen.
MOST_DEPTH = 64
#: Lists and objects in all. An empty one takes two bytes to write and 64 of memory.
MOST_PARTS = 50_000
#: Signs of a whole number: 64 bits take 20.
MOST_DIGITS = 20

# Possessive, and to the end where the closing quote is missing: one pass, whatever the text.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.?)*+(?:"|\Z)', re.DOTALL)
_OPENS, _CLOSES = frozenset(b"[{"), frozenset(b"]}")


def strict_json(text: bytes) -> Any:
    """Parse JSON in UTF-8.

    Parameters
    ----------
    text : bytes
        Its length is for the caller to bound.

    Raises
    ------
    ValueError
        For what is no JSON; NaN and infinities, also where a number overflows; a key that occurs twice; whole numbers
        of more than 20 signs; and more lists and objects, in all or inside each other, than the limits of this module.

    Notes
    -----
    Depth and parts are counted before anything is parsed, in one vectorised pass.

    Examples
    --------
    >>> strict_json(b'{"a": [1, 2.5, null]}')
    {'a': [1, 2.5, None]}
    >>> strict_json(b'{"a": 1, "a": 2}')
    Traceback (most recent call last):
    ValueError: the key 'a' occurs twice
    """
    _check_nesting(text)
    try:
        return json.loads(
            text.decode("utf-8"),
            object_pairs_hook=_distinct,
            parse_constant=_refuse_constant,
            parse_float=_finite,
            parse_int=_whole,
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error})") from None


def _check_nesting(text: bytes) -> None:
    signs = np.frombuffer(_STRING.sub(b"", text), dtype=np.uint8)
    opens = np.isin(signs, list(_OPENS))
    if (parts := int(opens.sum())) > MOST_PARTS:
        raise ValueError(f"it holds {parts} lists and objects, at most {MOST_PARTS} are allowed")
    depth = np.cumsum(opens.astype(np.int32) - np.isin(signs, list(_CLOSES)), dtype=np.int32)
    if len(depth) and (deepest := int(depth.max())) > MOST_DEPTH:
        raise ValueError(f"it is nested {deepest} deep, at most {MOST_DEPTH} is allowed")


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the key {twice[:60]!r} occurs twice")
    return made


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:30]} is too large")
    return value


def _whole(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a whole number has {len(text)} signs, at most {MOST_DIGITS} are allowed")
    return int(text)
