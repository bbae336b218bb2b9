"""The linear system of a Hopfield network solved by phase estimation, gate by gate: for a few neurons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.hopfield_inversion import hopfield_system
from ketwise.blocks.memory.joining import place
from ketwise.blocks.preparation.dense import prepare
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit
from ketwise.words.gates import MAX_MATRIX_QUBITS


@dataclass(frozen=True)
class HopfieldCircuit:
    """A circuit that prepares the solution, and how to read it.

    Attributes
    ----------
    circuit : Circuit
        The system's qubits, then the clock's, then one ancilla.
    system, clock : range
    ancilla : int
        Success: it reads 1 and the clock reads 0. The system's amplitudes are then those of the solution.
    scale : float
        ``solution = scale * amplitude``, with the amplitude of the state before any measurement.
    step : float
        What one tick of the clock is as an eigenvalue. Eigenvalues on whole ticks are inverted exactly.
    """

    circuit: Circuit
    system: range
    clock: range
    ancilla: int
    scale: float
    step: float

    def solution(self, state: Any) -> NDArray[np.float64]:
        """Return the solution, ``(2**len(system),)``, from the state of all qubits."""
        amplitudes = np.asarray(state)[1 << self.ancilla :][: 1 << len(self.system)]
        return np.real(amplitudes) * self.scale


def hopfield_circuit(
    patterns: Any,
    probe: Any,
    *,
    gamma: float = 1.0,
    thresholds: Any = None,
    n_clock: int = 6,
    cutoff: float | None = None,
    span: float | None = None,
) -> HopfieldCircuit:
    """Return the quantum algorithm for :func:`hopfield_recall` as a circuit, for up to 16 neurons.

    Parameters
    ----------
    patterns, probe, gamma, thresholds
        As for :func:`hopfield_system`.
    n_clock : int
        Qubits of the clock: eigenvalues are told apart to ``2**(1 - n_clock) * span``.
    cutoff : float, optional
        Eigenvalues of smaller size are left out. Default: less than half a tick.
    span : float, optional
        The clock tells eigenvalues from ``-span`` to just below ``span``. Default: a tick more than the largest.

    Returns
    -------
    HopfieldCircuit

    Raises
    ------
    ValueError
        For more neurons than a dense matrix can hold, for bad input, and for a span that is too small.

    Notes
    -----
    Gate-level simulation of phase estimation, inversion and its undoing, with the evolution under the network's matrix
    as a dense gate. A device would make the evolution from copies of the patterns. Rebentrost et al., PRA 98, 042308
    (2018); Harrow, Hassidim, Lloyd, PRL 103, 150502 (2009). Cost: ``2**n_clock`` controlled rotations.

    Examples
    --------
    >>> import ketwise as kw
    >>> made = hopfield_circuit([[1, 1], [1, 0]], [1, None], n_clock=8)
    >>> made.solution(made.circuit.compile(kw.State())())[:2].round(1)
    array([1., 0.])
    """
    matrix, right = hopfield_system(patterns, probe, gamma=gamma, thresholds=thresholds)
    s, m = (len(right) - 1).bit_length(), positive_int("n_clock", n_clock, minimum=2)
    if s > MAX_MATRIX_QUBITS:
        raise ValueError(
            f"{len(right) // 2} neurons need a dense gate on {s} qubits, which go up to {MAX_MATRIX_QUBITS}: 16 "
            "neurons; use hopfield_recall"
        )
    eigenvalues, vectors = np.linalg.eigh(matrix)
    largest, half = float(np.abs(eigenvalues).max()), 1 << (m - 1)
    width = largest * half / (half - 1) if span is None else real_number("span", span)
    if width < largest or eigenvalues.max() > width * (half - 0.5) / half:
        raise ValueError(f"span={width} is too small for eigenvalues of size {largest:.6g}")
    step = width / half
    least = step / 2 if cutoff is None else real_number("cutoff", cutoff)
    system, clock, ancilla = range(s), range(s, s + m), s + m
    circuit = Circuit(s + m + 1)
    place(circuit, prepare(np.pad(right, (0, (1 << s) - len(right)))), system)
    estimate = Circuit(circuit.n_qubits)
    for q in clock:
        estimate.h(q)
    for k, q in enumerate(clock):
        evolution = np.eye(1 << s, dtype=complex)
        phases = np.exp(1j * eigenvalues * math.pi / width * 2**k)
        evolution[: len(right), : len(right)] = (vectors * phases) @ vectors.T
        estimate.unitary(evolution, *system, controls=[q])
    estimate = estimate + _fourier(circuit.n_qubits, clock).inverse()
    ticks = [(y if y < half else y - 2 * half) for y in range(2 * half)]
    smallest = min((abs(y) * step for y in ticks if y and abs(y) * step > least), default=0.0)
    if not smallest:
        raise ValueError(f"no eigenvalue is larger than cutoff={least}: the clock ends at {width:.6g}")
    invert = Circuit(circuit.n_qubits)
    for y, tick in enumerate(ticks):
        if tick and abs(tick) * step > least:
            controls = {q: y >> k & 1 for k, q in enumerate(clock)}
            invert.ry(2.0 * math.asin(smallest / (tick * step)), ancilla, controls)
    whole = circuit + estimate + invert + estimate.inverse()
    return HopfieldCircuit(whole, system, clock, ancilla, float(np.linalg.norm(right)) / smallest, step)


def _fourier(n_qubits: int, clock: range) -> Circuit:
    """Return the quantum Fourier transform of the clock, whose first qubit is the lowest bit."""
    circuit = Circuit(n_qubits)
    places = list(clock)
    for k in reversed(range(len(places))):
        circuit.h(places[k])
        for lower in reversed(range(k)):
            circuit.cp(math.pi / 2 ** (k - lower), places[lower], places[k])
    for k in range(len(places) // 2):
        circuit.swap(places[k], places[-1 - k])
    return circuit
