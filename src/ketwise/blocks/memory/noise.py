"""Recall from a noisy device: depolarising errors after every gate, by trajectories of the gate-level simulation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import stored_patterns
from ketwise.blocks.memory.probabilistic_retrieval import probabilistic_retrieval
from ketwise.blocks.memory.probabilistic_storage import probabilistic_storage, registers
from ketwise.engine.sampling import Seed, seed_key
from ketwise.engine.sparse_run import run_sparse
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit


class NoisyRecall(NamedTuple):
    """Means over trajectories, and their standard errors.

    Attributes
    ----------
    success : float
        All controls read 0.
    posterior : (n_patterns,) array
        Probability of each given row after that; rows that are equal share theirs.
    spurious : float
        Probability after that of a string that was never stored.
    success_error, spurious_error : float
    posterior_error : (n_patterns,) array
    most_terms : int
        Nonzero amplitudes where they were most.
    """

    success: float
    posterior: NDArray[np.float64]
    spurious: float
    success_error: float
    posterior_error: NDArray[np.float64]
    spurious_error: float
    most_terms: int


def depolarised(circuit: Circuit, rate: float, seed: Seed = None) -> Circuit:
    """Return one trajectory of a circuit with depolarising noise after every gate.

    After a gate on k qubits the state becomes ``(1 - rate) rho + rate I / 2**k`` on those: with probability ``rate``
    each of them gets I, X, Y or Z, all equally likely.

    Parameters
    ----------
    circuit : Circuit
    rate : float
        From 0 to 1.
    seed : int, numpy.random.Generator or None

    Returns
    -------
    Circuit
        The same one with Pauli gates between. The mean of a measurement over trajectories is that of the noisy state.

    Examples
    --------
    >>> import ketwise as kw
    >>> len(depolarised(kw.Circuit(2).h(0).cx(0, 1), 0.0, seed=0))
    2
    """
    chance = _rate(rate)
    rng = np.random.default_rng(seed_key(seed))
    hit = rng.random(len(circuit)) < chance
    noisy = Circuit(circuit.n_qubits, n_features=circuit.n_features, n_params=circuit.n_params)
    for op, wrong in zip(circuit.ops, hit, strict=True):
        noisy.append(op.gate, op.qubits, op.angle, dict(op.controls))
        if wrong:
            for q, letter in zip(op.support, rng.integers(0, 4, len(op.support)), strict=True):
                if letter:
                    (noisy.x, noisy.y, noisy.z)[letter - 1](q)
    return noisy


def _rate(rate: float) -> float:
    chance = real_number("rate", rate)
    if not 0.0 <= chance <= 1.0:
        raise ValueError(f"rate must be from 0 to 1, got {chance}")
    return chance


def noisy_recall(
    patterns: Any,
    probe: Any,
    rate: float,
    *,
    n_controls: int = 1,
    trajectories: int = 100,
    pattern_register: bool = False,
    seed: Seed = 0,
) -> NoisyRecall:
    """Return what the probabilistic memory gives on a device that errs after every gate.

    Storage is written with gates on at most three qubits. Readout itself has no error here.

    Parameters
    ----------
    patterns : (n_patterns, n_bits) array of bits
    probe : (n_bits,) array
        Bits, NaN where unknown.
    rate : float
        Depolarising probability of a gate, whatever its qubits: see :func:`depolarised`.
    n_controls, pattern_register
        As in :func:`probabilistic_storage`.
    trajectories : int
        At least 2; errors fall with their root.
    seed : int, numpy.random.Generator or None

    Returns
    -------
    NoisyRecall
        Where no trajectory can succeed, the posterior is the memory, as in :func:`probabilistic_recall`.

    Notes
    -----
    Gate-level simulation, of all controls in one circuit, once for each trajectory; a mean over trajectories, not an
    exact number. An error in the qubits that mark what is stored makes later turns branch, so a trajectory may have up
    to ``2**n_patterns`` amplitudes: what does not fit is refused.

    Examples
    --------
    >>> found = noisy_recall([[0, 0], [1, 1]], [0, 0], 0.0, trajectories=2)
    >>> round(found.success, 6), found.posterior.round(6), round(found.spurious, 6)
    (0.5, array([1., 0.]), 0.0)
    """
    stored = stored_patterns(patterns)
    n_bits = stored.patterns.shape[1]
    options: dict[str, Any] = {"n_controls": n_controls, "pattern_register": pattern_register}
    whole = probabilistic_storage(patterns, toffoli=True, **options)
    whole = whole + probabilistic_retrieval(probe, n_bits, **options)
    controls = dict.fromkeys(registers(n_bits, **options).controls, 0)
    return noisy_readout(whole, patterns, rate, given=controls, trajectories=trajectories, seed=seed)


def noisy_readout(
    circuit: Circuit,
    patterns: Any,
    rate: float,
    *,
    qubits: Iterable[int] | None = None,
    given: Mapping[int, int] | None = None,
    trajectories: int = 100,
    seed: Seed = 0,
) -> NoisyRecall:
    """Return what is read after any storage and recall circuit on a device that errs after every gate.

    Parameters
    ----------
    circuit : Circuit
        Without features and parameters: a storage followed by a recall.
    patterns : (n_patterns, n_bits) array of bits
        What may be read; all else is spurious.
    rate : float
        Depolarising probability of a gate, whatever its qubits: see :func:`depolarised`.
    qubits : iterable of int, optional
        Where it is read, a qubit a bit. Default: the first.
    given : mapping of int to int, optional
        Qubits with the values that they must show, for a run to succeed.
    trajectories : int
        At least 2; errors fall with their root.
    seed : int, numpy.random.Generator or None

    Returns
    -------
    NoisyRecall
        ``success`` is that of ``given``. Where no trajectory can succeed, the posterior is the memory.

    Notes
    -----
    Gate-level simulation on the nonzero amplitudes, once for each trajectory: a mean, not an exact number.

    Examples
    --------
    >>> from ketwise.blocks.memory.ventura_martinez import grover_circuit, ventura_martinez_storage
    >>> patterns = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> circuit = ventura_martinez_storage(patterns)
    >>> circuit = circuit + grover_circuit([1, 1], 1, n_qubits=circuit.n_qubits)
    >>> noisy_readout(circuit, patterns, 0.0, trajectories=2).posterior.round(6)
    array([0., 0., 0., 1.])
    """
    chance, n_runs = _rate(rate), positive_int("trajectories", trajectories, minimum=2)
    stored = stored_patterns(patterns)
    n_bits = stored.patterns.shape[1]
    read = tuple(range(n_bits)) if qubits is None else tuple(qubits)
    if len(read) != n_bits:
        raise ValueError(f"patterns of {n_bits} bits are read from as many qubits, got {len(read)}")
    shown = dict(given or {})
    rng = np.random.default_rng(seed_key(seed))
    success, joint, most = np.zeros(n_runs), np.zeros((n_runs, len(stored.patterns))), 0
    for run in range(n_runs):
        result = run_sparse(depolarised(circuit, chance, rng))
        most = max(most, result.most_terms)
        success[run], after = result.state.given(shown)
        if after is not None:
            strings, weights = after.probabilities(read)
            joint[run] = success[run] * _weights_of(stored.patterns, strings, weights)
    if not success.any():
        nothing = np.zeros(len(stored.of_row))
        return NoisyRecall(0.0, nothing + 1.0 / len(nothing), 0.0, 0.0, nothing, 0.0, most)
    shares, errors = _ratios(joint, success)
    spurious, spurious_error = _ratios((success - joint.sum(axis=1))[:, np.newaxis], success)
    return NoisyRecall(
        float(success.mean()),
        (shares / stored.counts)[stored.of_row],
        max(0.0, float(spurious[0])),
        float(success.std(ddof=1)) / math.sqrt(n_runs),
        (errors / stored.counts)[stored.of_row],
        float(spurious_error[0]),
        most,
    )


def _weights_of(patterns: NDArray[Any], strings: NDArray[Any], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the weights of the patterns among the strings, 0 where one is not there."""
    place = {string.tobytes(): k for k, string in enumerate(np.ascontiguousarray(strings))}
    at = [place.get(pattern.tobytes(), -1) for pattern in np.ascontiguousarray(patterns)]
    return np.append(weights, 0.0)[at]


def _ratios(parts: NDArray[np.float64], whole: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ratios of means ``(n_parts,)`` and their standard errors, to first order."""
    ratio = parts.mean(axis=0) / whole.mean()
    residual = parts - ratio * whole[:, np.newaxis]
    return ratio, residual.std(axis=0, ddof=1) / math.sqrt(len(whole)) / whole.mean()
