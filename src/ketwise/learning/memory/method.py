"""What a method of an associative memory is: a value with settings that stores patterns, answers probes, has a cost."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import Bits
from ketwise.learning.memory.answers import Answer

Array = NDArray[np.float64]


class Cost(NamedTuple):
    """What one answer to one probe takes.

    Attributes
    ----------
    n_qubits : int
        0 for a classical method.
    storage_gates, storage_cx, storage_depth : int
        Of one storage, which each repetition needs again; 0 where nothing is stored by gates.
    recall_gates : int
        After the storage, in each repetition.
    operations : float
        What the same answer takes on a classical computer, by the method's own classical form: additions and
        multiplications, or operations on 64-bit words.
    device : str
        What a device has to do, in one sentence.
    """

    n_qubits: int
    storage_gates: int
    storage_cx: int
    storage_depth: int
    recall_gates: int
    operations: float
    device: str


@runtime_checkable
class Method(Protocol):
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
    """

    quantum: ClassVar[bool]
    weighs: ClassVar[bool]
    takes_real: ClassVar[bool] = False
    trains: ClassVar[bool] = False

    def store(self, patterns: Any, seed: int) -> Any:
        """Return what the memory holds of patterns ``(n_patterns, n_bits)``; by default these."""
        return patterns

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Return the answer to probes ``(n_probes, n_bits)``, NaN where unknown."""

    def cost(self, patterns: Any) -> Cost:
        """Return what one answer takes, whatever the probe."""


def classical_cost(operations: float) -> Cost:
    """Return the cost of a method that no device runs."""
    return Cost(0, 0, 0, 0, 0, operations, "nothing: a classical method")


def word_operations(patterns: Bits) -> float:
    """Return the 64-bit operations of the distances of one probe from all patterns: exclusive or, mask, count, add."""
    return float(4 * len(patterns) * -(-patterns.shape[1] // 64))
