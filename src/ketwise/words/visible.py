"""Text from outside made safe to show: signs that cannot be seen or that reorder others, and text that is too long."""

from __future__ import annotations

import unicodedata


def visible(text: str) -> str:
    """Return the text with everything that cannot be seen, or that reorders what is, shown as a replacement sign.

    Examples
    --------
    >>> visible("a\\x1b[31mb\\u202e\\nc")
    'a�[31mb� c'
    """
    return "".join(" " if sign in "\t\n\r" else "�" if _unseen(sign) else sign for sign in text)


def _unseen(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or _is_noncharacter(ord(sign))


def _is_noncharacter(code: int) -> bool:
    """Whether Unicode says that it is no character, so that no XML may hold it."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def shortened(text: str, most: int) -> str:
    """Return the text cut to a length, with an ellipsis where something was cut.

    Examples
    --------
    >>> shortened("gradient boosting", 9)
    'gradient…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
