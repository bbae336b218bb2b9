"""The quantum methods of an associative memory that read one of the stored patterns: settings, answers, costs.

Answers are exact reductions; the circuits they stand for are in ``ketwise.blocks.memory``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding, named
from ketwise.blocks.kernels import fidelity
from ketwise.blocks.memory.amplitude_memory import similarities, swap_test_recall
from ketwise.blocks.memory.distances import hamming_distances
from ketwise.blocks.memory.grover_classes import grover_read
from ketwise.blocks.memory.kernel_memory import kernel_weights
from ketwise.blocks.memory.multi_controlled import toffolis
from ketwise.blocks.memory.probabilistic import power_of, probabilistic_recall
from ketwise.blocks.memory.probabilistic_storage import CX_OF_TOFFOLI, CX_OF_TURN, registers, storage_cost
from ketwise.blocks.memory.weighing import weighed
from ketwise.engine.memory import require_count
from ketwise.learning.memory.answers import Answer, Weighed
from ketwise.learning.memory.method import Cost, Method, word_operations
from ketwise.words.checks import real_number

Array = NDArray[np.float64]

PHASE = "phase"


@dataclass(frozen=True)
class Probabilistic(Method):
    """The probabilistic quantum memory: post-selected on b control qubits, weights ``cos(pi d / 2 n)**(2 b)``.

    Parameters
    ----------
    n_controls : int, optional
        b. Default: twice ``log2(n_patterns)``, rounded up, at least 1: about where the nearest of unrelated patterns
        outweighs all others together; patterns that are alike need more, and succeed more rarely.
    temperature : float, optional
        ``1 / b`` instead, any positive number.

    Notes
    -----
    Trugenberger, PRL 87, 067901 (2001).
    """

    n_controls: int | None = None
    temperature: float | None = None

    quantum: ClassVar[bool] = True
    weighs: ClassVar[bool] = True
    reduces: ClassVar[bool] = True

    def store(self, patterns: Any, seed: int) -> Any:
        """Keep the patterns, once the settings are known to be right."""
        power_of(self.n_controls, self.temperature)
        return patterns

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Weigh the patterns by their Hamming distances."""
        n_controls = self._controls(len(held)) if self.temperature is None else self.n_controls
        found = probabilistic_recall(held, probes, n_controls=n_controls, temperature=self.temperature)
        return Weighed(found.posterior, found.success)

    def cost(self, patterns: Any) -> Cost:
        """Storage without pattern register; two H, n phases and n phases with a control for each control qubit."""
        p, n = patterns.shape
        storage = storage_cost(patterns, pattern_register=False, toffoli=True)
        b = self._controls(p) if self.temperature is None else max(1, math.ceil(1 / self.temperature))
        return Cost(
            n_qubits=registers(n, n_controls=b, pattern_register=False).n_qubits,
            operations=word_operations(patterns),
            device="stores all patterns and compares, and does both again until every control reads 0; each success is "
            "one sample of the posterior",
            storage_gates=storage.gates,
            storage_cx=storage.cx_total,
            storage_depth=storage.depth,
            recall_gates=b * (2 + 2 * n) + 2 * n,
        )

    def _controls(self, n_patterns: int) -> int:
        return max(1, 2 * (n_patterns - 1).bit_length()) if self.n_controls is None else self.n_controls


@dataclass(frozen=True)
class Grover(Method):
    """Grover recall from a superposition: raises what agrees with the known bits; flipped bits it cannot mend.

    Parameters
    ----------
    modified : bool
        The second step turns the signs of all that is stored.
    iterations : int, optional
        Default: to the first maximum of success; none where the steps would lower it, as for few of all strings.

    Notes
    -----
    A run succeeds where what it reads is stored and agrees with the probe. Where no pattern does, success is 0 and the
    posterior the memory itself. Ventura, Martinez, Information Sciences 124, 273 (2000).
    """

    modified: bool = False
    iterations: int | None = None

    quantum: ClassVar[bool] = True
    weighs: ClassVar[bool] = True
    reduces: ClassVar[bool] = True

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Follow the classes of amplitudes of each probe."""
        require_count("probes", len(probes), lambda count: 8 * count * len(held))
        reads = [grover_read(held, probe, self.iterations, modified=self.modified) for probe in probes]
        return Weighed(np.array([read.posterior for read in reads]), np.array([read.success for read in reads]))

    def cost(self, patterns: Any) -> Cost:
        """Storage without pattern register; a step takes two signs and 2 n H, the special one a sign a pattern."""
        p, n = patterns.shape
        storage = storage_cost(patterns, pattern_register=False, toffoli=True)
        steps = self.iterations
        if steps is None:
            steps = grover_read(patterns, patterns[0], modified=self.modified).iterations
        # A sign for one string: a NOT with n - 1 controls between two H, with a NOT before and after for every 0.
        sign = 2 + max(1, toffolis(n - 1, 2)) + 2 * n
        return Cost(
            n_qubits=n + 2,
            operations=word_operations(patterns),
            device="stores all patterns and iterates, and does both again until what it reads is stored and agrees",
            storage_gates=storage.gates,
            storage_cx=storage.cx_total,
            storage_depth=storage.depth,
            recall_gates=steps * (2 * sign + 2 * n) + (p * sign if self.modified else 0),
        )

    @property
    def mends(self) -> bool:
        """The known bits are what is sought."""
        return False


@dataclass(frozen=True)
class Amplitude(Method):
    """Real rows as amplitudes, weighed by swap tests: ``((1 + <a|b>**2) / 2)**copies``.

    Bits enter as -1 and 1 beside a constant as long as all of them, without which a pattern could not be told from its
    complement: at distance d of n the fidelity is ``(1 - d / n)**2``. What is unknown of a probe is 0.

    Parameters
    ----------
    copies : int
        Swap tests of each pattern; one more at most doubles the odds.

    Notes
    -----
    Buhrman et al., PRL 87, 167902 (2001).
    """

    copies: int = 16

    quantum: ClassVar[bool] = True
    weighs: ClassVar[bool] = True
    reduces: ClassVar[bool] = True
    takes_real: ClassVar[bool] = True

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Weigh the patterns by their overlaps with the known part of each probe."""
        if held.dtype == np.uint8:
            # Of k known bits of n, d differ: <a|b> = (k - 2 d + sqrt(n k)) / 2 sqrt(n k).
            known = np.count_nonzero(~np.isnan(probes), axis=1)[:, np.newaxis]
            length = np.sqrt(held.shape[1] * known)
            fidelities = (0.5 + (known - 2 * hamming_distances(held, probes)) / (2 * length)) ** 2
        else:
            fidelities = similarities(held, np.where(np.isnan(probes), 0.0, probes))
        found = swap_test_recall(fidelities, copies=self.copies)
        return Weighed(found.posterior, found.success)

    def cost(self, patterns: Any) -> Cost:
        """The copies of each pattern prepared where its number stands, or a gate an amplitude where that is less."""
        p, n = patterns.shape
        m = max(1, (n - int(patterns.dtype != np.uint8)).bit_length())
        n_stored = (p - 1).bit_length() + self.copies * m
        gates = min(1 << n_stored, p * (self.copies << m))
        return Cost(
            n_qubits=n_stored + self.copies * (m + 1),
            operations=float(2 * p * n),
            device="prepares memory and probe, tests, and does it again until every test passes; each success is one "
            "sample",
            storage_gates=gates,
            storage_cx=gates,
            storage_depth=gates,
            recall_gates=self.copies * ((1 << m) + 2 + m),
        )


class Scaled(NamedTuple):
    """Patterns of a kernel memory; halves of the ends and ranges that map columns to [0, 1], None for bits."""

    rows: Any
    low: Array | None
    width: Array | None


@dataclass(frozen=True)
class Kernel(Method):
    """Weights from the fidelity of encoded rows: its power, as post-selection gives, or a softmax.

    Parameters
    ----------
    encoding : str or Encoding
        "phase": a qubit for each column, turned by ``bandwidth * pi`` times its value, real columns scaled to [0, 1] by
        the range of the stored ones; what is unknown of a probe is left aside. Or an encoding of ``kw.encodings`` for
        up to 10 columns, all known.
    power : float, optional
        Default 2 where ``beta`` is not given.
    beta : float, optional
        A softmax of ``beta`` times the fidelity: Ramsauer et al., ICLR (2021). Each fidelity is then estimated by
        itself and weighed by a classical computer.
    bandwidth : float
        With 0.5 a bit that differs halves the fidelity of "phase"; with 1 it makes it 0.
    """

    encoding: str | Encoding = PHASE
    power: float | None = None
    beta: float | None = None
    bandwidth: float = 0.5

    quantum: ClassVar[bool] = True
    weighs: ClassVar[bool] = True
    reduces: ClassVar[bool] = True
    takes_real: ClassVar[bool] = True

    def store(self, patterns: Any, seed: int) -> Any:
        """Keep the patterns and the range of real columns."""
        if real_number("bandwidth", self.bandwidth) <= 0:
            raise ValueError(f"bandwidth must be positive, got {self.bandwidth}")
        self._encoding(patterns.shape[1])
        if patterns.dtype == np.uint8:
            return Scaled(patterns, None, None)
        # By halves: the range itself may be beyond the largest float.
        low = patterns.min(axis=0) / 2
        width = patterns.max(axis=0) / 2 - low
        width = np.where(width > 0, width, 1.0)
        return Scaled((patterns / 2 - low) / width, low, width)

    def answer(self, held: Any, probes: Array, seed: int) -> Answer:
        """Weigh the patterns by their fidelities with each probe."""
        given = probes if held.low is None else _between(probes / 2 - held.low, held.width)
        require_count("probes", len(given), lambda count: 24 * count * len(held.rows))
        encoding = self._encoding(given.shape[1])
        if encoding is None:
            logarithms = _phase_fidelities(held.rows, given, self.bandwidth * math.pi)
        else:
            if np.isnan(given).any():
                row, column = np.argwhere(np.isnan(given))[0]
                raise ValueError(
                    f"probes: row {row}, column {column} is unknown; only encoding='phase' leaves a column aside"
                )
            scale = self.bandwidth * math.pi
            found = np.maximum(fidelity(encoding, scale * given, scale * held.rows), 0.0)
            logarithms = np.log(found, out=np.full(found.shape, -math.inf), where=found > 0)
        if self.beta is not None and self.power is None:
            return Weighed(kernel_weights(np.exp(logarithms), beta=self.beta), np.ones(len(given)))
        return Weighed(*weighed(self._power() * logarithms))

    def cost(self, patterns: Any) -> Cost:
        """The encoding's gates of every copy for every pattern, each controlled by a mark of the pattern's number."""
        p, n = patterns.shape
        encoding = self._encoding(n)
        n_qubits, gates = (n, n) if encoding is None else (encoding.n_qubits, len(encoding.circuit))
        copies = 1 if self.beta is not None else max(1, math.ceil(self._power()))
        address = (p - 1).bit_length()
        controlled = p * copies * gates
        operations = float(2 * p * n)
        if self.beta is not None:
            device = "estimates the fidelity with every pattern, one by one"
            return Cost(n_qubits, operations, device, storage_gates=gates, storage_depth=1, recall_gates=gates)
        marks = 2 * p * max(1, toffolis(address, 1))
        return Cost(
            n_qubits=address + copies * n_qubits + 1,
            operations=operations,
            device="stores all patterns with their numbers, undoes the probe on every copy, and does both again until "
            "every copy reads 0; each success is one sample",
            storage_gates=address + controlled + marks,
            storage_cx=CX_OF_TURN * controlled + CX_OF_TOFFOLI * marks,
            storage_depth=1 + controlled + marks,
            recall_gates=copies * gates,
        )

    def _power(self) -> float:
        if self.power is None:
            return 2.0
        if self.beta is not None:
            raise ValueError("give beta, for a softmax, or power: one of the two")
        power = real_number("power", self.power)
        if power <= 0:
            raise ValueError(f"power must be above 0, got {power}")
        return power

    def _encoding(self, n_columns: int) -> Encoding | None:
        """Return the encoding; None for phases, whose fidelities need no state."""
        self._power()
        if isinstance(self.encoding, str) and self.encoding == PHASE:
            return None
        if isinstance(self.encoding, str) and n_columns > 10:
            raise ValueError(
                f"encoding={self.encoding!r} takes a qubit for each of {n_columns} columns, more than the 10 that are "
                "simulated: use encoding='phase'"
            )
        chosen = named(self.encoding, n_columns) if isinstance(self.encoding, str) else self.encoding
        if not isinstance(chosen, Encoding):
            raise TypeError(f"encoding must be a name or an Encoding, got {chosen!r}")
        if chosen.n_features != n_columns:
            raise ValueError(f"the encoding takes {chosen.n_features} features, the patterns have {n_columns} columns")
        if chosen.n_params:
            raise ValueError("the encoding has trained parameters: bind values to them first")
        return chosen


def _phase_fidelities(rows: Any, probes: Array, scale: float) -> Array:
    """Return logarithms ``(n_probes, n_patterns)`` of ``prod_j cos(scale (a_j - b_j) / 2)**2`` over known columns."""
    if rows.dtype == np.uint8:
        each = _log_square_cosine(np.array([scale / 2]))[0]
        distances = hamming_distances(rows, probes)
        return np.multiply(distances, each, out=np.zeros(distances.shape), where=distances > 0)
    found = np.empty((len(probes), len(rows)))
    for k, probe in enumerate(probes):
        known = ~np.isnan(probe)
        found[k] = _log_square_cosine(scale / 2 * (rows[:, known] - probe[known])).sum(axis=1)
    return found


def _log_square_cosine(angles: Array) -> Array:
    squares = np.cos(angles) ** 2
    # The cosine of pi / 2 is 0, which rounding does not leave.
    squares[squares < np.finfo(float).eps ** 2] = 0.0
    return np.log(squares, out=np.full(squares.shape, -math.inf), where=squares > 0)


def _between(values: Array, width: Array) -> Array:
    """Return values over a width, cut to [0, 1] before anything can overflow."""
    return np.minimum(np.maximum(values, 0.0), width) / width
