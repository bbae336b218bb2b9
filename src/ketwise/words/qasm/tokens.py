"""Text of a program as tokens with places, read one at a time, and the one wording of every error in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

#: Longer texts are refused before anything is read.
MAX_CHARACTERS = 10_000_000
MAX_DIGITS = 18

# What is skipped is matched atomically: no text makes it try another way.
_TOKEN = re.compile(
    r"""
    (?>\s+|//[^\n]*|/\*.*?\*/)*+
    (?: (?P<name>[^\W\d]\w*)
    |(?P<real>(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?|[0-9][0-9_]*[eE][+-]?[0-9]+)
    |(?P<whole>0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*)
    |(?P<hardware>\$[0-9]+)
    |(?P<string>"[^"\n]*"|'[^'\n]*')
    |(?P<symbol>->|\+\+|\*\*|==|!=|<=|>=|<<|>>|&&|\|\||[-+*%^(){}\[\]\#;:,=@~!<>&|]|/(?!\*))
    |(?P<end>\Z))?
    """,
    re.VERBOSE | re.DOTALL,
)
_IN_A_NAME = re.compile(r"\w")


class Token(NamedTuple):
    """A piece of text: its kind, the text itself and where it begins."""

    kind: str
    text: str
    place: int


class Tokens:
    """The tokens of ``text``; ``token`` is the one to be read next, of kind ``end`` after the last."""

    def __init__(self, text: str):
        self.text = text
        self._next = 0
        self.token = self._scan()

    def error(self, message: str, place: int | None = None) -> ValueError:
        """Return the error about what stands at ``place``, by default at the token to be read next."""
        place = self.token.place if place is None else place
        line = self.text.count("\n", 0, place) + 1
        column = place - (self.text.rfind("\n", 0, place) + 1) + 1
        return ValueError(f"line {line}, column {column}: {message}")

    @contextmanager
    def at(self, place: int) -> Iterator[None]:
        """Give errors of what happens inside their place."""
        try:
            yield
        except (ArithmeticError, ValueError) as error:
            raise self.error(str(error), place) from None

    def _scan(self) -> Token:
        match = _TOKEN.match(self.text, self._next)
        assert match is not None  # it matches nothing, too
        kind = match.lastgroup
        if kind is None:
            self._refuse(match.end())
        place, self._next = match.span(kind)
        if kind in ("real", "whole") and _IN_A_NAME.match(self.text, self._next):
            shown = self.text[place : self._next + 8]
            raise self.error(f"{shown!r} is no number; durations and imaginary numbers are not read", place)
        return Token(kind, self.text[place : self._next], place)

    def _refuse(self, place: int) -> NoReturn:
        character = self.text[place]
        if character in "\"'":
            raise self.error("this string has no end; close it on the same line", place)
        if character == "/":
            raise self.error("this comment has no end; close it with */", place)
        raise self.error(f"the character {character!r} has no meaning here; take it out", place)

    def take(self) -> Token:
        """Return the token to be read next and step over it."""
        token = self.token
        self.token = self._scan() if token.kind != "end" else token
        return token

    def accept(self, text: str) -> bool:
        """Step over a name or symbol with this text, and say whether it was there."""
        found = self.token.text == text and self.token.kind in ("name", "symbol")
        if found:
            self.take()
        return found

    def expect(self, text: str, after: str) -> Token:
        """Step over ``text``, or refuse with what it was to stand after."""
        token = self.token
        if not self.accept(text):
            raise self.error(f"expected {text!r} {after}, found {shown(token)}")
        return token

    def name(self, what: str) -> Token:
        """Step over a name, or refuse with what it was to name."""
        if self.token.kind != "name":
            raise self.error(f"expected the name of {what}, found {shown(self.token)}")
        return self.take()

    def rewind(self, token: Token) -> None:
        """Go back to a token that was read before."""
        self.token = token
        self._next = token.place + len(token.text)


def shown(token: Token) -> str:
    """Return a token as errors show it."""
    return "the end of the text" if token.kind == "end" else repr(token.text[:40])
