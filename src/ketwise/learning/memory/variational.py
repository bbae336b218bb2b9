"""The variational memory: a circuit trained so that feeding its expectations back leads from a probe to a pattern."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.ansatz import sim
from ketwise.blocks.memory.patterns import Bits, as_patterns
from ketwise.engine.memory import require_count
from ketwise.engine.sampling import Seed, seed_key
from ketwise.learning.memory.variational_loss import broken_copies, memory_program, recall_loss
from ketwise.learning.minimize import minimize
from ketwise.learning.optimizers import Adam
from ketwise.learning.progress import Progress
from ketwise.program.program import Program
from ketwise.words.checks import positive_int, real_number, shape_error
from ketwise.words.checks import values as checked_values
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]

#: A bit is a qubit, and training simulates all qubits for every copy of every pattern.
MAX_BITS = 14
#: Standard deviation of the angles at the start.
START_SPREAD = 0.2
#: Of Newton's method, for a fixed point.
NEWTON_STEPS, NEWTON_TOLERANCE = 20, 1e-10


class VariationalRecall(NamedTuple):
    """Where the map led; without the batch axis for a single probe.

    Attributes
    ----------
    bit_probabilities : (n_probes, n_bits) array
        That a measurement of the last application reads 1.
    bits : (n_probes, n_bits) array of bits
        1 where the probability is above 1/2.
    iterations : (n_probes,) int array
        Applications.
    converged : (n_probes,) bool array
        Whether the last application moved no value by more than ``tol``.
    """

    bit_probabilities: Array
    bits: Bits
    iterations: Any
    converged: Any


@dataclass(frozen=True)
class VariationalMemory:
    """The map of values in [0, 1] that a circuit makes: RY angles in, probabilities of reading 1 out.

    Parameters
    ----------
    circuit : Circuit
        Without features; qubit j is bit j. What stands behind the encoding.
    params : (n_params,) array
        Radians; None for a circuit without parameters.
    loss_curve : (n_steps,) array
        Of the training.

    Raises
    ------
    ValueError
        For a circuit with features or with more than 14 qubits, and for parameters that do not fit it.

    Notes
    -----
    Value v enters as RY(pi v), so that without a circuit it becomes ``sin(pi v / 2)**2``: 0 and 1 attract with slope 0,
    1/2 (unknown) repels. An angle of ``arccos(1 - 2 v)`` would make that map v itself, which attracts nowhere, and its
    slope is infinite at 0 and 1. A pattern that the circuit keeps exactly has the contraction 0, as its expectations
    are at their extremes.

    A circuit is unitary: different bit strings stay orthogonal, so that one application cannot read two of them as the
    same pattern for certain. It can bring all their values to the right side of 1/2; expectations that are fed back
    leave the rest of the state behind, and repeated applications do what one cannot.

    Attractor quantum neural networks are channels with stationary states, of which there can be ``2**n`` that are
    linearly independent: Lewenstein et al., Quantum Science and Technology 6, 045002 (2021); Marconi et al., Quantum
    6, 794 (2022), describe them by the coherence that they destroy. They feed a state back, this map n numbers: it is a
    smooth function on a cube. Their capacities say nothing about it, and no advantage over a classical network is
    known; a search by Hamming distance recalls the nearest pattern always.

    Examples
    --------
    >>> memory = VariationalMemory(Circuit(2), None)
    >>> memory.apply([0.25, 0.5]).round(6)  # sin(pi / 8)**2, and unknown stays unknown
    array([0.146447, 0.5     ])
    >>> memory.recall([0.25, 0.75]).bits
    array([0, 1], dtype=uint8)
    """

    circuit: Circuit
    params: Any
    loss_curve: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        if not isinstance(self.circuit, Circuit):
            raise TypeError(f"circuit must be a Circuit, got {type(self.circuit).__name__}")
        if self.circuit.n_features:
            raise ValueError("circuit must have no features: the values of a probe are put in before it")
        _few_bits(self.circuit.n_qubits)
        checked, batched = checked_values("params", self.params, self.circuit.n_params)
        if batched:
            raise shape_error("params", f"({self.circuit.n_params},)", checked.shape)
        object.__setattr__(self, "params", checked[0] if self.circuit.n_params else None)

    @property
    def n_bits(self) -> int:
        """Bits of a pattern, and qubits of the circuit."""
        return self.circuit.n_qubits

    @cached_property
    def program(self) -> Program:
        """Features are the values of a probe; outputs are Z of every qubit."""
        return memory_program(self.circuit)

    def apply(self, values: Any) -> Array:
        """Return the values after one application.

        Parameters
        ----------
        values : (n_bits,) or (n_probes, n_bits) array
            In [0, 1]; NaN or None, for an unknown bit, counts as 1/2.

        Returns
        -------
        array of the shape of ``values``

        Raises
        ------
        ValueError
            For a wrong shape, for values outside of [0, 1], and for a probe of which nothing is known.

        Notes
        -----
        Cost: a run for each probe. On a device a circuit for each probe, whose shots give all n values, with standard
        errors of at most ``1 / (2 sqrt(shots))``.
        """
        table, single = as_values(values, self.n_bits)
        found = self._map(table)
        return found[0] if single else found

    def recall(self, probes: Any, *, max_iter: int = 200, tol: float = 1e-6) -> VariationalRecall:
        """Apply the map to each probe until it moves no value by more than ``tol``.

        Parameters
        ----------
        probes : (n_bits,) or (n_probes, n_bits) array
            As for :meth:`apply`.
        max_iter : int
            Most applications.
        tol : float
            At least 0.

        Returns
        -------
        VariationalRecall

        Notes
        -----
        Cost: ``iterations`` runs for each probe. A map need not settle: it may go round between several points, which
        ``converged`` tells.
        """
        table, single = as_values(probes, self.n_bits)
        most, least = positive_int("max_iter", max_iter), real_number("tol", tol)
        if least < 0:
            raise ValueError(f"tol must be at least 0, got {least}")
        iterations = np.zeros(len(table), dtype=np.int64)
        moving = np.ones(len(table), dtype=np.bool_)
        while (rows := np.flatnonzero(moving & (iterations < most))).size:
            found = self._map(table[rows])
            moving[rows] = np.abs(found - table[rows]).max(axis=1) > least
            table[rows] = found
            iterations[rows] += 1
        bits = (table > 0.5).astype(np.uint8)
        if single:
            return VariationalRecall(table[0], bits[0], int(iterations[0]), not moving[0])
        return VariationalRecall(table, bits, iterations, ~moving)

    def fixed_point(self, pattern: Any) -> Array:
        """Return the values ``(n_bits,)`` that the map leaves alone, found from the pattern.

        Raises
        ------
        ValueError
            Where there is none that reads as the pattern: the memory does not hold it.

        Notes
        -----
        The map is applied as by :meth:`recall`, and Newton's method ends it.
        """
        wanted = as_patterns([pattern])[0]
        at = np.asarray(self.recall(wanted).bit_probabilities)
        for _ in range(NEWTON_STEPS):
            residual = self._map(at[np.newaxis])[0] - at
            if np.abs(residual).max() <= NEWTON_TOLERANCE:
                if (np.abs(at - wanted) < 0.5).all():
                    return at
                break
            try:
                at = at + np.linalg.solve(np.eye(self.n_bits) - self._jacobian(at), residual)
            except np.linalg.LinAlgError:
                break
        raise ValueError(
            f"no fixed point reads as the pattern {wanted.tolist()}: the memory does not hold it, recall() tells where "
            "it leads; train longer, with more layers, or fewer patterns"
        )

    def contraction(self, pattern: Any) -> float:
        """Return the spectral radius of the map's Jacobian at the fixed point that reads as the pattern.

        Below 1 the point attracts what is near enough, by about this factor an application; above 1 it does not.

        Raises
        ------
        ValueError
            As :meth:`fixed_point` does.

        Notes
        -----
        Cost: a reverse sweep for each bit and step of Newton's method.
        """
        eigenvalues = np.linalg.eigvals(self._jacobian(self.fixed_point(pattern)))
        return float(np.abs(eigenvalues).max())

    def _map(self, table: Array) -> Array:
        return 0.5 - 0.5 * np.asarray(self.program(self.params, table), dtype=np.float64)

    def _jacobian(self, at: Array) -> Array:
        return -0.5 * np.asarray(self.program.feature_jacobian(self.params, at), dtype=np.float64)


def train_variational_memory(
    patterns: Any,
    *,
    ansatz: Circuit | None = None,
    layers: int = 2,
    flip: float = 0.1,
    unknown: float = 0.1,
    copies: int = 48,
    applications: int = 3,
    max_iter: int = 200,
    learning_rate: float = 0.1,
    seed: Seed = 0,
    callbacks: Callable[[Progress], Any] | Iterable[Callable[[Progress], Any]] | None = None,
    verbose: bool = False,
) -> VariationalMemory:
    """Train a circuit to take broken copies of the patterns towards them.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
        At most 14 bits. One that is given twice counts twice.
    ansatz : Circuit, optional
        Your own, with n_bits qubits, parameters and no features. Default: circuit 5 of Sim et al., which has RX and RZ
        on every qubit and a controlled RZ between any two, and is nearly the identity where training starts.
    layers : int
        Of the default ansatz.
    flip, unknown : float
        Chances that a bit of a copy is flipped, in [0, 0.5), or else unknown, in [0, 1).
    copies : int
        Of each pattern; the first is not broken.
    applications : int
        After each of so many the values are compared with the pattern.
    max_iter : int
        Steps of Adam, each on all copies.
    learning_rate : float
    seed : int, numpy.random.Generator or None
        Draws the copies and the start. An int gives the same bits each time.
    callbacks : callable or sequence of callable, optional
        Called with a :class:`~ketwise.learning.progress.Progress` after every step; one that returns True ends it.
    verbose : bool
        Print a line a step.

    Returns
    -------
    VariationalMemory
        Whether it holds a pattern, its ``contraction`` tells: training does not always succeed.

    Raises
    ------
    ValueError
        For bad patterns, rates and numbers, for more than 14 bits, and for an ansatz that does not fit.
    MemoryError
        Where the states of all copies do not fit.

    Notes
    -----
    The loss is the mean squared difference of values and bits over all copies and applications. One application alone
    teaches less, as no circuit can take two bit strings to one pattern; the last of several alone would be low also for
    a map that is back at the pattern every other time. Cost: for each step ``applications`` runs and as many reverse
    sweeps, of ``n_patterns * copies`` states. The circuits: Sim, Johnson, Aspuru-Guzik, Advanced Quantum
    Technologies 2, 1900070 (2019). For what is known about such maps see :class:`VariationalMemory`.

    Examples
    --------
    >>> memory = train_variational_memory([[0, 0, 0, 0], [1, 1, 1, 1]], layers=1)
    >>> memory.recall([[0, 1, 0, 0], [1, None, 1, 1]]).bits
    array([[0, 0, 0, 0],
           [1, 1, 1, 1]], dtype=uint8)
    """
    table = as_patterns(patterns)
    p, n = table.shape
    _few_bits(n)
    chosen = sim(5, n, positive_int("layers", layers)) if ansatz is None else ansatz
    if not isinstance(chosen, Circuit):
        raise TypeError(f"ansatz must be a Circuit, got {type(chosen).__name__}")
    if chosen.n_qubits != n or chosen.n_features or not chosen.n_params:
        raise ValueError(f"ansatz must have {n} qubits, one a bit, parameters and no features; got {chosen!r}")
    rates = _rate("flip", flip, 0.5), _rate("unknown", unknown, 1.0)
    n_copies, steps = positive_int("copies", copies), positive_int("max_iter", max_iter)
    rate = real_number("learning_rate", learning_rate)
    if rate <= 0:
        raise ValueError(f"learning_rate must be above 0, got {rate}")
    require_count("copies", n_copies, lambda count: 64 * p * count * n)
    rng = np.random.default_rng(seed_key(seed))
    targets = np.repeat(table.astype(np.float64), n_copies, axis=0)
    broken = broken_copies(targets, *rates, rng)
    broken[::n_copies] = table
    found = minimize(
        recall_loss(memory_program(chosen), broken, targets, applications),
        START_SPREAD * rng.standard_normal(chosen.n_params),
        optimizer=Adam(rate),
        max_iter=steps,
        patience=steps + 1,  # Adam's loss goes up and down on its way
        callbacks=callbacks,
        verbose=verbose,
    )
    return VariationalMemory(chosen.copy(), found.params, found.losses)


def as_values(given: Any, n_bits: int) -> tuple[Array, bool]:
    """Return values ``(n_probes, n_bits)`` in [0, 1], 1/2 for NaN and None, and whether a single probe was given.

    Examples
    --------
    >>> as_values([0, 0.9, None], 3)
    (array([[0. , 0.9, 0.5]]), True)
    """
    try:
        table = np.asarray(given)
        if table.dtype.kind not in "biufO":
            raise TypeError
        table = np.array(table, dtype=np.float64)  # None becomes NaN
    except (TypeError, ValueError):
        raise ValueError("probes must be an array of numbers in [0, 1], with NaN or None for unknown") from None
    if table.ndim not in (1, 2) or table.shape[-1] != n_bits:
        raise shape_error("probes", f"({n_bits},) or (n_probes, {n_bits})", table.shape)
    rows = np.atleast_2d(table)
    unknown = np.isnan(rows)
    wrong = ~unknown & ~((rows >= 0) & (rows <= 1))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"probes must be in [0, 1], or NaN for unknown: row {row}, column {column} is {rows[row, column]}"
        )
    if (blank := np.flatnonzero(unknown.all(axis=1))).size:
        raise ValueError(f"nothing is known of probe {blank[0]}: give at least one bit")
    return np.where(unknown, 0.5, rows), table.ndim == 1


def _rate(name: str, given: Any, below: float) -> float:
    rate = real_number(name, given)
    if not 0.0 <= rate < below:
        raise ValueError(f"{name} must be at least 0 and below {below}, got {rate}")
    return rate


def _few_bits(n_bits: int) -> None:
    if n_bits > MAX_BITS:
        raise ValueError(
            f"a variational memory has at most {MAX_BITS} bits, a qubit each, got {n_bits}: store fewer, or use "
            "kw.memory.probabilistic_recall or hopfield_recall, which have no such limit"
        )
