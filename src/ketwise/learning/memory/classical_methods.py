"""The classical methods of an associative memory: Hopfield networks, dense associative memory, nearest neighbour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.classical import dense_recall, hopfield_weights, nearest_recall, settle
from ketwise.learning.memory.answers import Answer, Completed, Weighed
from ketwise.learning.memory.method import Cost, Method, classical_cost, word_operations

Array = NDArray[np.float64]

#: Sweeps, and steps, that a cost is stated for: most probes settle in fewer.
FEW = 5


@dataclass(frozen=True)
class Hopfield(Method):
    """A Hopfield network: spins follow their fields, one at a time, until none changes.

    Parameters
    ----------
    rule : {"hebb", "pseudo-inverse"}
    clamp : bool
        Known bits of a probe stay as they are.
    max_sweeps : int

    Notes
    -----
    Hopfield, PNAS 79, 2554 (1982); the pseudo-inverse rule is of Personnaz, Guyon, Dreyfus, J. Physique Lett. 46, 359
    (1985). The order of the spins is drawn once, by the seed.
    """

    rule: str = "hebb"
    clamp: bool = False
    max_sweeps: int = 50

    quantum: ClassVar[bool] = False
    weighs: ClassVar[bool] = False

    @property
    def mends(self) -> bool:
        """Unless the known bits are held."""
        return not self.clamp

    def store(self, patterns: Any, seed: int) -> Any:
        """Return the weights."""
        return hopfield_weights(patterns, rule=self.rule)

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Let the spins settle."""
        found = settle(held, probes, max_sweeps=self.max_sweeps, clamp=self.clamp, seed=seed)
        return Completed(found.bits, found.bits.astype(np.float64), np.ones(len(probes)))

    def cost(self, patterns: Any) -> Cost:
        """One multiplication and addition a weight and sweep."""
        return classical_cost(2.0 * FEW * patterns.shape[1] ** 2)


@dataclass(frozen=True)
class Dense(Method):
    """A dense associative memory, or modern Hopfield network.

    Parameters
    ----------
    beta : float, optional
        Inverse temperature of the softmax; default as in ``kw.memory.dense_recall``.
    power : float, optional
        A polynomial instead.
    clamp : bool
        Known bits of a probe stay as they are.

    Notes
    -----
    Krotov, Hopfield, NIPS 29 (2016); Ramsauer et al., ICLR (2021). The weights of the last step are taken as the
    probabilities of the stored patterns.
    """

    beta: float | None = None
    power: float | None = None
    clamp: bool = False

    quantum: ClassVar[bool] = False
    weighs: ClassVar[bool] = True

    @property
    def mends(self) -> bool:
        """Unless the known bits are held."""
        return not self.clamp

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Iterate to a fixed point."""
        found = dense_recall(held, probes, beta=self.beta, power=self.power, clamp=self.clamp)
        return Weighed(found.weights, np.ones(len(probes)))

    def cost(self, patterns: Any) -> Cost:
        """Two products with the patterns a step."""
        return classical_cost(4.0 * FEW * patterns.size)


@dataclass(frozen=True)
class Nearest(Method):
    """The stored pattern at the least Hamming distance; several at that distance are equally likely.

    Parameters
    ----------
    n_neighbors : int
        More than one is for labels and gaps: all patterns as near as the one in that place are equally likely.
    """

    n_neighbors: int = 1

    quantum: ClassVar[bool] = False
    weighs: ClassVar[bool] = True

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Look at every distance."""
        found = nearest_recall(held, probes, n_neighbors=self.n_neighbors)
        return Weighed(found.posterior, np.ones(len(probes)))

    def cost(self, patterns: Any) -> Cost:
        """Four operations a 64-bit word of a pattern."""
        return classical_cost(word_operations(patterns))
