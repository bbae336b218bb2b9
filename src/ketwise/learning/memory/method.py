"""What a method of an associative memory is: a value with settings that stores patterns, answers probes, has a cost."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import Bits
from ketwise.learning.memory.answers import Answer

Array = NDArray[np.float64]


class Cost(NamedTuple):
    """What one answer to one probe takes, of which every bit is known; fewer known bits take fewer gates.

    Gates are on at most three qubits: a NOT with many controls is counted as the Toffolis that it takes.

    Attributes
    ----------
    n_qubits : int
        0 for a classical method.
    operations : float
        What the same answer takes on a classical computer, by the method's own classical form: additions and
        multiplications, or operations on 64-bit words.
    device : str
        What a device has to do, in one sentence.
    storage_gates, storage_cx, storage_depth : int
        Of one storage, which each repetition needs again; 0 where nothing is stored by gates.
    recall_gates : int
        After the storage, in each repetition.
    """

    n_qubits: int
    operations: float
    device: str
    storage_gates: int = 0
    storage_cx: int = 0
    storage_depth: int = 0
    recall_gates: int = 0


class Method(ABC):
    """A frozen dataclass of settings; the same settings, patterns and seed give the same answers.

    Attributes
    ----------
    quantum : bool
    weighs : bool
        Its answers are :class:`Weighed`: it reads one of the stored patterns. Else they are :class:`Completed`.
    takes_real : bool
        Its patterns can be real numbers instead of bits.
    trains : bool
        What it holds is trained: it is kept with a model, where other methods make it anew.
    reduces : bool
        Its answers are those of a circuit, without running it.
    """

    quantum: ClassVar[bool]
    weighs: ClassVar[bool]
    takes_real: ClassVar[bool] = False
    trains: ClassVar[bool] = False
    reduces: ClassVar[bool] = False

    @property
    def mends(self) -> bool:
        """Whether a flipped bit of a probe can come back right; else the known bits are held."""
        return True

    def store(self, patterns: Any, seed: int) -> Any:
        """Return what the memory holds of patterns ``(n_patterns, n_bits)``; by default these."""
        return patterns

    @abstractmethod
    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Return the answer to probes ``(n_probes, n_bits)``, NaN where unknown."""

    @abstractmethod
    def cost(self, patterns: Any) -> Cost:
        """Return what one answer takes."""


def classical_cost(operations: float) -> Cost:
    """Return the cost of a method that no device runs."""
    return Cost(0, operations, "nothing: a classical method")


def word_operations(patterns: Bits) -> float:
    """Return the 64-bit operations of the distances of one probe from all patterns: exclusive or, mask, count, add."""
    return float(4 * len(patterns) * -(-patterns.shape[1] // 64))
