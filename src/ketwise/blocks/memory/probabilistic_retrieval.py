"""Retrieval from a probabilistic quantum memory with control qubits: the circuit, and its gate-level simulation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ketwise.blocks.memory.patterns import as_probe, stored_patterns
from ketwise.blocks.memory.probabilistic import Recall
from ketwise.blocks.memory.probabilistic_storage import Registers, probabilistic_storage, registers
from ketwise.engine.sparse import SparseState
from ketwise.engine.sparse_run import run_sparse
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit


def probabilistic_retrieval(
    probe: Any, n_bits: int | None = None, *, n_controls: int = 1, pattern_register: bool = True
) -> Circuit:
    """Return the circuit that weighs the stored patterns by their distance from a probe.

    Afterwards all control qubits are 0 with probability ``P0 = sum_k weight_k cos(pi d_k / 2 n)**(2 b)``, and then the
    memory holds pattern k with probability ``weight_k cos(pi d_k / 2 n)**(2 b) / P0``. Here ``d_k`` of the probe's
    ``n`` known bits differ, and b is ``n_controls``.

    Parameters
    ----------
    probe : (n_bits,) array
        Bits, NaN where unknown: an unknown bit takes no part.
    n_bits : int, optional
        To check the probe's length against.
    n_controls : int
        The more, the sharper, and the rarer the success.
    pattern_register : bool
        As in :func:`probabilistic_storage`.

    Returns
    -------
    Circuit
        To append to the storage circuit with as many controls.

    Raises
    ------
    ValueError
        For a wrong length, for values other than 0, 1 and NaN, and for a probe of which nothing is known.

    Notes
    -----
    Cost: 2 H and ``2 n`` phases a control, half of them with two controls, and at most ``6 n`` NOTs. A device repeats
    storage and retrieval until all controls are 0: ``1 / P0`` times on average, and a success is one sample of the
    posterior. Trugenberger, PRL 87, 067901 (2001); with b controls, PRL 89, 277903 (2002).

    Examples
    --------
    >>> probabilistic_retrieval([0, 1, 1], pattern_register=False).counts()
    Counter({'cgphase': 3, 'ccgphase': 3, 'x': 2, 'h': 2})
    """
    n_bits = len(np.atleast_1d(np.asarray(probe, dtype=object))) if n_bits is None else positive_int("n_bits", n_bits)
    known = as_probe(probe, n_bits)
    n_controls = positive_int("n_controls", n_controls)
    places = registers(n_bits, n_controls=n_controls, pattern_register=pattern_register)
    compare = _agreeing(places, known)
    phases = Circuit(places.n_qubits)
    # exp(+-i pi d / 2n) for the control's 0 and 1: each known bit that differs, now 0 in the memory, turns by its part.
    part = math.pi / (2 * len(known))
    for control in places.controls:
        phases.h(control)
        for m in known:
            phases.gphase(part, {m: 0}).gphase(-2.0 * part, {control: 1, m: 0})
        phases.h(control)
    return compare + phases + compare.inverse()


def _agreeing(places: Registers, known: dict[int, int]) -> Circuit:
    """Make every known memory qubit 1 that agrees with the probe, 0 that does not."""
    circuit = Circuit(places.n_qubits)
    if not places.pattern:
        for m, bit in known.items():
            if not bit:
                circuit.x(m)
        return circuit
    for m, bit in known.items():
        if bit:
            circuit.x(places.pattern[m])
    for m in known:
        circuit.cx(places.pattern[m], m).x(m)
    return circuit


def probabilistic_simulation(
    patterns: Any,
    probe: Any,
    *,
    n_controls: int = 1,
    pattern_register: bool = True,
    strict: bool = False,
    memory: SparseState | None = None,
) -> Recall:
    """Return what retrieval gives, by running storage and retrieval gate by gate on the nonzero amplitudes.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
    probe : (n_bits,) array
        Bits, NaN where unknown.
    n_controls : int
    pattern_register, strict : bool
        As in :func:`probabilistic_storage`.
    memory : SparseState, optional
        What the storage circuit with one control gave, so that several probes need it run once only. A device cannot
        keep it.

    Returns
    -------
    Recall
        Without the batch axis. Where P0 is 0, as :func:`probabilistic_recall` says.

    Notes
    -----
    Gate-level simulation. One control qubit is used again and again, with the branch kept where it is 0: that gives the
    same numbers as b control qubits read at the end, with as many amplitudes as there are patterns and not ``2**b``
    times as many. Cost: about ``n_patterns`` amplitudes for each gate.

    Examples
    --------
    >>> found = probabilistic_simulation([[0, 0], [1, 1]], [0, 0], n_controls=2)
    >>> round(found.success, 6), found.posterior.round(6)
    (0.5, array([1., 0.]))
    """
    n_controls = positive_int("n_controls", n_controls)
    stored = stored_patterns(patterns, strict=strict)
    n_bits = stored.patterns.shape[1]
    retrieval = probabilistic_retrieval(probe, n_bits, pattern_register=pattern_register)
    if memory is None:
        storage = probabilistic_storage(patterns, n_controls=1, pattern_register=pattern_register, strict=strict)
        memory = run_sparse(storage).state
    control = registers(n_bits, n_controls=1, pattern_register=pattern_register).controls[0]
    success, state = 1.0, memory
    for _ in range(n_controls):
        probability, after = run_sparse(retrieval, initial=state).state.given({control: 0})
        success *= probability
        if after is None:
            return Recall(0.0, np.full(len(stored.of_row), 1.0 / len(stored.of_row)), math.inf)
        state = after
    places = np.zeros((len(stored.patterns), state.n_qubits), dtype=np.uint8)
    places[:, :n_bits] = stored.patterns
    posterior = np.abs(state.amplitudes_at(places)) ** 2 / stored.counts
    return Recall(success, posterior[stored.of_row], 1.0 / success)
