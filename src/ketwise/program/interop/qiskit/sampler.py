"""Qiskit's sampler on our engine: all bindings of a circuit in one call."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives import (
    BaseSamplerV2,
    BitArray,
    DataBin,
    PrimitiveJob,
    PrimitiveResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.sampler_pub import SamplerPub

from ketwise.program.interop.qiskit.batched import Circuits, Floats, Prepared, pieces, stacked
from ketwise.program.interop.qiskit.distribution import Distribution, ExactResult
from ketwise.words.outputs import Probabilities


@dataclass(frozen=True, eq=False)
class _Pub:
    circuit: QuantumCircuit
    values: Floats
    shots: int
    metadata: Any


class Sampler(BaseSamplerV2):
    """Samples as ``qiskit.primitives.StatevectorSampler`` draws them, or exact probabilities; computed in batches.

    All bindings of a pub, and all pubs whose circuits have the same structure, are one call of the engine. Any number
    of classical registers, measured at the end in any order; bits that nothing is measured into are 0.

    Parameters
    ----------
    default_shots : int or None
        Shots where ``run`` and the pub give none. None: no shots are drawn, and registers hold exact probabilities
        (a :class:`Distribution`, which qiskit-machine-learning takes in place of counts).
    seed : int, numpy Generator or None
        The same seed gives the same shots as ``StatevectorSampler``: every binding starts anew from an int, a
        Generator moves on.

    Examples
    --------
    >>> import ketwise as kw
    >>> from qiskit import QuantumCircuit
    >>> circuit = QuantumCircuit(2)
    >>> _ = circuit.x(0), circuit.measure_all()
    >>> kw.qiskit.Sampler(default_shots=10).run([circuit]).result()[0].data.meas.get_counts()
    {'01': 10}
    """

    def __init__(self, *, default_shots: int | None = 1024, seed: np.random.Generator | int | None = None):
        self._default_shots = default_shots
        self._seed = seed

    @property
    def default_shots(self) -> int | None:
        """Shots where none are given; None for exact probabilities."""
        return self._default_shots

    @property
    def seed(self) -> np.random.Generator | int | None:
        """Seed of the shots."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> PrimitiveJob[PrimitiveResult[SamplerPubResult]]:
        """Return a job for pubs ``(circuit, values, shots)``; its result is one for each pub.

        Parameters
        ----------
        pubs : iterable
            As Qiskit defines them.
        shots : int, optional
            For pubs that give none.
        """
        wanted = self._default_shots if shots is None else shots
        converted = [_converted(pub, wanted) for pub in pubs]
        if any(not pub.circuit.cregs for pub in converted):
            warnings.warn(
                "a circuit has no classical register, so that its result is empty: add measure_all()",
                UserWarning,
                stacklevel=2,
            )
        job = PrimitiveJob(self._run, converted)
        job._submit()
        return job

    def _run(self, pubs: list[_Pub]) -> PrimitiveResult[SamplerPubResult]:
        circuits = Circuits()
        prepared = [circuits[pub.circuit] for pub in pubs]
        groups: dict[int, list[int]] = {}
        for place, each in enumerate(prepared):
            groups.setdefault(id(each), []).append(place)
        found: list[Any] = [None] * len(pubs)
        for places in groups.values():
            ours = prepared[places[0]]
            weights, where = _probabilities(ours, [pubs[p].values for p in places])
            for p, at in zip(places, where, strict=True):
                found[p] = (weights, at)
        results = [
            self._result(pub, ours, weights, at) for pub, ours, (weights, at) in zip(pubs, prepared, found, strict=True)
        ]
        return PrimitiveResult(results, metadata={"version": 2})

    def _result(self, pub: _Pub, prepared: Prepared, weights: Floats, at: NDArray[np.int64]) -> SamplerPubResult:
        shape = pub.values.shape[:-1]
        held = registers(pub.circuit, prepared)
        if not pub.shots:
            rows = at.reshape(shape)
            exact = {name: Distribution(weights, rows, bits) for name, bits in held.items()}
            metadata = {"shots": None, "exact": True, "circuit_metadata": pub.metadata}
            return ExactResult(DataBin(**exact, shape=shape), metadata=metadata)
        drawn = _draw(weights, at, pub.shots, self._seed)
        counted = {
            name: BitArray(_packed(drawn, bits).reshape(*shape, pub.shots, -1), len(bits))
            for name, bits in held.items()
        }
        return SamplerPubResult(
            DataBin(**counted, shape=shape), metadata={"shots": pub.shots, "circuit_metadata": pub.metadata}
        )


def _converted(pub: Any, shots: int | None) -> _Pub:
    """Return a pub as arrays, after Qiskit's own checks; ``shots`` 0 stands for exact probabilities."""
    checked = SamplerPub.coerce(pub, shots)
    values = checked.parameter_values.as_array(checked.circuit.parameters)
    return _Pub(checked.circuit, values, checked.shots or 0, checked.circuit.metadata)


def _probabilities(prepared: Prepared, values: list[Floats]) -> tuple[Floats, list[NDArray[np.int64]]]:
    """Return the distributions of the measured qubits, one for each different row, and where each value's row is."""
    rows, where = stacked(values)
    qubits = sorted(set(prepared.measured.values()))
    if not qubits:
        return np.ones((len(rows), 1)), where
    program = prepared.circuit.compile(Probabilities(qubits))
    table = np.empty((len(rows), 1 << len(qubits)))
    for piece in pieces(len(rows), table.shape[1]):
        table[piece] = program(*prepared.inputs(rows[piece]))
    return table, where


def registers(circuit: QuantumCircuit, prepared: Prepared) -> dict[str, list[int | None]]:
    """Return for each classical register the bit of the sampled index that each of its bits holds, None for 0."""
    order = {qubit: k for k, qubit in enumerate(sorted(set(prepared.measured.values())))}
    place = {bit: k for k, bit in enumerate(circuit.clbits)}
    held = {clbit: order[qubit] for clbit, qubit in prepared.measured.items()}
    return {register.name: [held.get(place[bit]) for bit in register] for register in circuit.cregs}


def _draw(weights: Floats, at: NDArray[np.int64], shots: int, seed: Any) -> NDArray[np.int64]:
    """Return ``(n_rows, shots)`` indices: inverse transform of the same uniform numbers that Qiskit draws."""
    steps = np.cumsum(weights, axis=1)
    steps /= steps[:, -1:]
    if isinstance(seed, (int, np.integer)):
        uniform = np.broadcast_to(np.random.default_rng(seed).random(shots), (len(at), shots))
    else:
        uniform = np.random.default_rng(seed).random((len(at), shots))
    drawn = np.empty((len(at), shots), dtype=np.int64)
    for row, place in enumerate(at):
        drawn[row] = np.searchsorted(steps[place], uniform[row], side="right")
    return drawn


def _packed(drawn: NDArray[np.int64], bits: list[int | None]) -> NDArray[np.uint8]:
    """Return ``(n_rows, shots, n_bytes)``: the register's bits, the last one highest, most significant byte first."""
    n_bytes = -(-len(bits) // 8)
    packed = np.zeros((*drawn.shape, n_bytes), dtype=np.uint8)
    for k, source in enumerate(bits):
        if source is not None:
            packed[..., n_bytes - 1 - k // 8] |= ((drawn >> source & 1) << (k % 8)).astype(np.uint8)
    return packed
