"""What a method gives for probes: probabilities of what is stored, or strings of its own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.sparse import packed

Array = NDArray[np.float64]


class Weighed(NamedTuple):
    """From a method that reads one of the stored patterns.

    Attributes
    ----------
    posterior : (n_probes, n_patterns) array
        Probability of each stored row; they add up to 1.
    success : (n_probes,) array
        Probability that a run of storage and recall gives anything at all; 1 where nothing is post-selected.
    """

    posterior: Array
    success: Array


class Completed(NamedTuple):
    """From a method that makes a pattern, stored or not.

    Attributes
    ----------
    bits : (n_probes, n_bits) array of bits
        The pattern.
    marginals : (n_probes, n_bits) array
        Probability that each bit is read as 1; the bits themselves where the method is deterministic.
    success : (n_probes,) array
        As in :class:`Weighed`.
    """

    bits: NDArray[np.uint8]
    marginals: Array
    success: Array

    def probabilities(self, bits: NDArray[np.uint8]) -> Array:
        """Return that of reading each of ``bits`` (n_probes, n_bits), as if every bit came from a run of its own."""
        found: Array = np.prod(np.where(bits == 1, self.marginals, 1.0 - self.marginals), axis=1)
        return found


Answer = Weighed | Completed


def repetitions(success: Array) -> Array:
    """Return the expected runs until one succeeds; infinite where none can.

    Examples
    --------
    >>> repetitions(np.array([0.5, 0.0]))
    array([ 2., inf])
    """
    found: Array = np.divide(1.0, success, out=np.full(len(success), np.inf), where=success > 0)
    return found


def stored_rows(bits: NDArray[np.uint8], stored: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return which stored row each pattern equals, the first of several; -1 for none.

    Parameters
    ----------
    bits : (n_probes, n_bits) array
    stored : (n_patterns, n_bits) array

    Examples
    --------
    >>> stored_rows(np.array([[1, 1], [0, 1]]), np.array([[0, 0], [1, 1]]))
    array([ 1, -1])
    """
    place: dict[bytes, int] = {}
    for k, word in enumerate(np.ascontiguousarray(packed(stored).T)):
        place.setdefault(word.tobytes(), k)
    return np.array([place.get(word.tobytes(), -1) for word in np.ascontiguousarray(packed(bits).T)], dtype=np.intp)
