"""Grover recall by classes of amplitudes: what the iterations give, exactly, for any number of bits.

A reflection about the mean fills the whole space, so a state is not sparse after it. But amplitudes that start equal
and are treated alike stay equal: one is kept for every stored pattern, one for what agrees with the probe and was never
stored, one for all the rest.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import as_probe, stored_patterns
from ketwise.words.checks import positive_int

Array = NDArray[np.float64]

#: The number of basis states must be a float.
MOST_BITS = 1000
ROUNDING = 1e-9
#: A probability of at most this size is what rounding left of one that is zero.
ROUNDING_OF_ZERO = 1e-30


class GroverRecall(NamedTuple):
    """Probabilities of what a measurement shows after each step, from none to the last.

    Attributes
    ----------
    success : (iterations + 1,) array
        A stored pattern that agrees with the probe.
    disagreeing : (iterations + 1,) array
        A stored pattern that does not.
    spurious : (iterations + 1,) array
        What agrees but was never stored: a probe with unknown bits raises it too.
    other : (iterations + 1,) array
        Anything else.
    posterior : (n_patterns,) array
        Probability of each given row after the last step, not divided by ``success``; equal rows share theirs.
    """

    success: Array
    disagreeing: Array
    spurious: Array
    other: Array
    posterior: Array


class GroverRead(NamedTuple):
    """What is read after some number of steps.

    Attributes
    ----------
    iterations : int
    success : float
        A stored pattern that agrees with the probe.
    posterior : (n_patterns,) array
        Probability of each given row, given a success; equal rows share theirs. Where success is 0 it is the memory
        itself, ``1 / n_patterns``.
    """

    iterations: int
    success: float
    posterior: Array


class _Classes:
    """One amplitude for each different stored pattern, for unstored that agree, and for the other unstored."""

    def __init__(self, patterns: Any, probe: Any):
        self.stored = stored_patterns(patterns)
        n_distinct, n_bits = self.stored.patterns.shape
        if n_bits > MOST_BITS:
            raise ValueError(
                f"Grover recall of {n_bits} bits has 2**{n_bits} basis states; at most {MOST_BITS} bits can be "
                "counted, and no device could run the 2**(n/2) steps: use the probabilistic memory"
            )
        known = as_probe(probe, n_bits)
        places = list(known)
        self.agrees = np.all(self.stored.patterns[:, places] == [known[j] for j in places], axis=1)
        n_agreeing = int(np.count_nonzero(self.agrees))
        self.n_marked = 1 << (n_bits - len(known))
        self.n_all = 1 << n_bits
        self.n_spurious = float(self.n_marked - n_agreeing)
        self.n_other = float(self.n_all - self.n_marked - (n_distinct - n_agreeing))
        self.amplitudes = np.sqrt(self.stored.weights)
        self.spurious = self.other = 0.0

    def _reflect(self) -> None:
        total = float(np.sum(self.amplitudes)) + self.n_spurious * self.spurious + self.n_other * self.other
        twice = 2.0 * total / self.n_all
        self.amplitudes = twice - self.amplitudes
        self.spurious, self.other = twice - self.spurious, twice - self.other

    def step(self) -> None:
        """Turn the sign of what agrees, then reflect."""
        self.amplitudes = np.where(self.agrees, -self.amplitudes, self.amplitudes)
        self.spurious = -self.spurious
        self._reflect()

    def special_step(self) -> None:
        """Turn the sign of what is stored, then reflect."""
        self.amplitudes = -self.amplitudes
        self._reflect()

    def probabilities(self) -> tuple[float, float, float, float]:
        """Return those of :class:`GroverRecall`, in its order."""
        squares = self.amplitudes**2
        return (
            float(np.sum(squares[self.agrees])),
            float(np.sum(squares[~self.agrees])),
            self.n_spurious * self.spurious**2,
            self.n_other * self.other**2,
        )

    def wave(self) -> _Wave:
        """Return how what agrees goes on from here, in closed form."""
        marked, others = float(self.n_marked), float(self.n_all - self.n_marked)
        mean = (float(np.sum(self.amplitudes[self.agrees])) + self.n_spurious * self.spurious) / marked
        rest = (float(np.sum(self.amplitudes[~self.agrees])) + self.n_other * self.other) / others
        across = rest * math.sqrt(others / marked)
        turn = 2.0 * math.asin(math.sqrt(marked / self.n_all))
        return _Wave(math.hypot(mean, across), math.atan2(across, mean), turn, self.amplitudes[self.agrees] - mean)


class _Wave(NamedTuple):
    """The mean over what agrees turns with that over all else; the differences from it stay.

    Biham et al., PRA 60, 2742 (1999).
    """

    length: float
    start: float
    turn: float
    differences: Array

    def amplitudes(self, steps: int) -> Array:
        """Return those of the different stored patterns that agree, after so many ordinary steps."""
        return self.length * math.cos(self.turn * steps - self.start) + self.differences

    def success(self, steps: int) -> float:
        """Return the probability that what is read is stored and agrees."""
        return float(np.sum(self.amplitudes(steps) ** 2))

    def best(self) -> tuple[int, float]:
        """Return the ordinary steps to the first maximum of success, and that success; 0 steps if it is higher here."""
        # Where the mean is greatest and where it is least; one of them may be a minimum of success.
        scale, bias = len(self.differences) * self.length, float(np.sum(self.differences))
        turned = [(self.start + k * math.pi, 1 - 2 * (k % 2)) for k in range(3)]
        maxima = [phase / self.turn for phase, sign in turned if phase >= 0 and scale + sign * bias > 0]
        steps = [0, math.floor(maxima[0]), math.ceil(maxima[0])] if maxima else [0]
        best = max(steps, key=self.success)
        # What rounding alone would raise is not worth a step.
        best = best if self.success(best) > self.success(0) * (1 + ROUNDING) else 0
        return best, self.success(best)


def grover_recall(patterns: Any, probe: Any, iterations: int, *, modified: bool = False) -> GroverRecall:
    """Return what Grover recall gives after each step.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        Up to 1000 bits; a pattern given twice has twice the weight.
    probe : (n_bits,) array
        Bits, NaN where unknown.
    iterations : int
        Steps in all, as in :func:`grover_circuit`.
    modified : bool
        The second step turns the signs of all stored patterns.

    Returns
    -------
    GroverRecall

    Raises
    ------
    ValueError
        For bad patterns or a bad probe.

    Notes
    -----
    An exact reduction of the circuits of :func:`ventura_martinez_storage` and :func:`grover_circuit` to at most
    ``n_patterns + 2`` amplitudes. A device stores again for every repetition, ``1 / success`` of them. Where all
    ``N = 2**n`` strings are stored and t agree, ``success = sin((2 k + 1) asin(sqrt(t / N)))**2``. Where nothing stored
    agrees, success is 0 throughout. Ventura, Martinez, Information Sciences 124, 273 (2000); Biham et al., PRA 60, 2742
    (1999). Cost: ``n_patterns`` a step.

    Examples
    --------
    >>> from ketwise.blocks.memory.patterns import from_integers
    >>> patterns = from_integers([0, 3, 6, 9, 12, 15], 4)
    >>> grover_recall(patterns, [0, 1, 1, 0], 4).success[1:].round(4)
    array([0.375 , 0.4401, 0.3009, 0.088 ])
    >>> grover_recall(patterns, [0, 1, 1, 0], 3, modified=True).success[3].round(4)
    np.float64(0.9902)
    """
    classes = _Classes(patterns, probe)
    seen = [classes.probabilities()]
    for k in range(positive_int("iterations", iterations, minimum=0)):
        if modified and k == 1:
            classes.special_step()
        else:
            classes.step()
        seen.append(classes.probabilities())
    shares = classes.amplitudes**2 / classes.stored.counts
    success, disagreeing, spurious, other = np.array(seen).T
    return GroverRecall(success, disagreeing, spurious, other, shares[classes.stored.of_row])


def grover_best(patterns: Any, probe: Any, *, modified: bool = False) -> tuple[int, float]:
    """Return the number of steps to the first maximum of success, and the success there.

    Parameters
    ----------
    patterns, probe, modified
        As for :func:`grover_recall`.

    Returns
    -------
    iterations : int
        0, or with ``modified`` the 2 special ones, where success is higher before the first maximum than at it.
    success : float

    Notes
    -----
    In closed form, whatever the number of steps, which grows as ``2**(n/2)``: Biham et al., PRA 60, 2742 (1999). One
    match among p patterns of ``N = 2**n`` strings cannot be raised above ``1/p + (p - 1)**2 / (p (N - 1))`` by ordinary
    steps: they help a memory that holds a good part of all strings, and no other.

    Examples
    --------
    >>> from ketwise.blocks.memory.patterns import from_integers
    >>> everything = from_integers(range(64), 6)
    >>> steps, success = grover_best(everything, everything[5])
    >>> steps, round(success, 6)
    (6, 0.996586)
    """
    wave, special = _started(_Classes(patterns, probe), modified)
    best, success = wave.best()
    return best + special, success


def grover_read(patterns: Any, probe: Any, iterations: int | None = None, *, modified: bool = False) -> GroverRead:
    """Return what is read after some number of steps, without going through them.

    Parameters
    ----------
    patterns, probe, modified
        As for :func:`grover_recall`.
    iterations : int, optional
        Steps in all; at least the 2 special ones with ``modified``. Default: those of :func:`grover_best`.

    Returns
    -------
    GroverRead

    Notes
    -----
    In closed form, ``n_patterns`` for any number of steps: Biham et al., PRA 60, 2742 (1999). Whether what is read was
    stored and agrees is told by looking it up in the list of patterns, which whoever stored them has.

    Examples
    --------
    >>> from ketwise.blocks.memory.patterns import from_integers
    >>> patterns = from_integers([0, 3, 6, 9, 12, 15], 4)
    >>> found = grover_read(patterns, [0, 1, 1, 0], modified=True)
    >>> found.iterations, round(found.success, 4), found.posterior.argmax()
    (3, 0.9902, np.int64(2))
    """
    classes = _Classes(patterns, probe)
    wave, special = _started(classes, modified)
    if iterations is None:
        steps, _ = wave.best()
    else:
        steps = positive_int("iterations", iterations, minimum=special) - special
    squares = np.zeros(len(classes.agrees))
    squares[classes.agrees] = wave.amplitudes(steps) ** 2
    squares[squares <= ROUNDING_OF_ZERO] = 0.0
    success = float(squares.sum())
    shares = (squares / success if success else classes.stored.weights) / classes.stored.counts
    return GroverRead(steps + special, success, shares[classes.stored.of_row])


def _started(classes: _Classes, modified: bool) -> tuple[_Wave, int]:
    """Return how it goes on after the special steps, and how many those are."""
    if modified:
        classes.step()
        classes.special_step()
    return classes.wave(), 2 * modified
