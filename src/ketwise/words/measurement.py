"""Measurement settings: which words of observables one basis change of every qubit measures together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ketwise.words.observable import Observable
from ketwise.words.outputs import Expectations, Outputs, Overlap


@dataclass(frozen=True)
class Setting:
    """One letter a qubit, and what is measured in it.

    Attributes
    ----------
    letters : dict of int to str
        The basis of each qubit that is measured.
    words : tuple of (int, int)
        Place of an observable, and of a word in it.
    """

    letters: dict[int, str]
    words: tuple[tuple[int, int], ...]

    def part(self, observable: Observable, place: int) -> Observable:
        """Return the sum of those words of the observable at ``place`` that this setting measures."""
        terms = [term for where, term in self.words if where == place]
        return Observable.from_arrays(observable.x[terms], observable.z[terms], observable.coefficients[terms])


def settings(observables: Sequence[Observable]) -> tuple[Setting, ...]:
    """Return settings for all words of the observables: words that agree on every qubit share one.

    Words are taken in their order, each into the first setting that it agrees with; a constant needs none.

    Examples
    --------
    >>> import ketwise as kw
    >>> [setting.letters for setting in settings((kw.Z(0) + kw.X(1), kw.Z(0) * kw.Z(1), kw.identity()))]
    [{0: 'Z', 1: 'X'}, {0: 'Z', 1: 'Z'}]
    """
    found: list[tuple[dict[int, str], list[tuple[int, int]]]] = []
    for place, observable in enumerate(observables):
        for term, (x, z) in enumerate(zip(observable.x, observable.z, strict=True)):
            letters = {int(q): "IXZY"[int(x[q]) + 2 * int(z[q])] for q in np.flatnonzero(x | z)}
            if not letters:
                continue
            for known, words in found:
                if all(known.get(q, letter) == letter for q, letter in letters.items()):
                    known.update(letters)
                    words.append((place, term))
                    break
            else:
                found.append((letters, [(place, term)]))
    return tuple(Setting(letters, tuple(words)) for letters, words in found)


def n_settings(outputs: Outputs) -> int:
    """Return how many circuits a row of data takes on a device: a setting, or a state to overlap with, each.

    Examples
    --------
    >>> import ketwise as kw
    >>> n_settings(kw.Expectations([kw.Z(0), kw.Z(1), kw.X(0) * kw.Z(1)]))
    2
    """
    if isinstance(outputs, Expectations):
        return max(1, len(settings(outputs.observables)))
    return len(outputs.states) if isinstance(outputs, Overlap) else 1
