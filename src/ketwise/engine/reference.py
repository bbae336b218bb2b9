"""The oracle: NumPy, complex128, one gate after another on the whole array. It shares no code with the kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.circuit import Circuit, Op
from ketwise.words.outputs import Expectations, Outputs, Overlap, Probabilities

ComplexArray = NDArray[np.complex128]


def generator_on(state: ComplexArray, op: Op) -> ComplexArray:
    """Return the Pauli word of a rotation times ``state``, controls left aside."""
    index = np.arange(state.shape[1])
    for qubit, letter in zip(op.qubits, op.gate.pauli or "", strict=True):
        bit = (index >> qubit) & 1
        flipped = state[:, index ^ (1 << qubit)]
        state = {"X": flipped, "Y": flipped * np.where(bit, 1j, -1j), "Z": state * (1 - 2 * bit)}[letter]
    return state


def selected(op: Op, size: int) -> NDArray[np.bool_]:
    """Return which basis states satisfy the controls."""
    index = np.arange(size)
    return np.all([(index >> q) & 1 == v for q, v in op.controls] or [np.ones(size, dtype=bool)], axis=0)


def apply_op(state: ComplexArray, op: Op, angles: NDArray[np.float64] | None) -> ComplexArray:
    """Return ``state (batch, 2**n)`` after one operation at ``angles (batch,)``."""
    batch, size = state.shape
    n = size.bit_length() - 1
    gate = op.gate
    if gate.pauli is not None:
        assert angles is not None
        turned = generator_on(state, op)
        after = np.cos(angles / 2)[:, None] * state - 1j * np.sin(angles / 2)[:, None] * turned
    else:
        # Axis n - q of the tensor is qubit q; the gate's own index has qubits[0] as its lowest bit.
        k = gate.n_qubits
        axes = [n - q for q in reversed(op.qubits)]
        tensor = np.moveaxis(state.reshape([batch] + [2] * n), axes, range(1, k + 1))
        shape = tensor.shape
        flat = np.einsum("ij,bjr->bir", gate.to_matrix(), tensor.reshape(batch, 1 << k, (size >> k)))
        after = np.moveaxis(flat.reshape(shape), range(1, k + 1), axes).reshape(batch, size)
    return np.where(selected(op, size), after, state)


def final_states(circuit: Circuit, angles: NDArray[np.float64], initial: ComplexArray | None = None) -> ComplexArray:
    """Return ``(batch, 2**n)`` for ``angles (batch, n_rotations)``, starting from ``initial`` or from |0...0>."""
    state = np.zeros((len(angles), 1 << circuit.n_qubits), dtype=complex)
    if initial is None:
        state[:, 0] = 1.0
    else:
        state += initial
    k = 0
    for op in circuit.ops:
        state = apply_op(state, op, angles[:, k] if op.gate.is_rotation else None)
        k += op.gate.is_rotation
    return state


def word_on(state: ComplexArray, x: NDArray[np.bool_], z: NDArray[np.bool_]) -> ComplexArray:
    """Return one Pauli word times ``state``."""
    index = np.arange(state.shape[1])
    for qubit, (flips, signs) in enumerate(zip(x, z, strict=True)):
        bit = (index >> qubit) & 1
        if signs:
            state = state * (1 - 2 * bit)
        if flips:
            state = state[:, index ^ (1 << qubit)]
        if flips and signs:
            state = 1j * state
    return state


def amplitudes(state: ComplexArray, outputs: Overlap) -> ComplexArray:
    """Return ``<phi|psi>`` as ``(batch, n_states)``, summed row by row, as no matrix product promises to."""
    return np.stack([np.sum(state * target.conj(), axis=1) for target in outputs.states], axis=1)


def read(state: ComplexArray, outputs: Outputs) -> NDArray[Any]:
    """Return the outputs ``(batch, n_outputs)`` of final states."""
    if isinstance(outputs, Expectations):
        columns = []
        for o in outputs.observables:
            image = np.zeros_like(state)
            for x, z, c in zip(o.x, o.z, o.coefficients, strict=True):
                image += c * word_on(state, x, z)
            columns.append(np.sum(state.conj() * image, axis=1).real)
        return np.array(columns).reshape(len(columns), len(state)).T
    if isinstance(outputs, Probabilities):
        qubits = outputs.on(state.shape[1].bit_length() - 1)
        index = np.arange(state.shape[1])
        key = np.sum([((index >> q) & 1) << k for k, q in enumerate(qubits)], axis=0, dtype=int) + 0 * index
        weight = np.abs(state) ** 2
        return np.stack(
            [np.ascontiguousarray(weight[:, key == v]).sum(axis=1) for v in range(1 << len(qubits))], axis=1
        )
    if isinstance(outputs, Overlap):
        return np.abs(amplitudes(state, outputs)) ** 2
    return state


def costate(state: ComplexArray, outputs: Outputs, cotangent: NDArray[Any]) -> ComplexArray:
    """Return the gradient of ``sum(cotangent * outputs)`` with respect to the final state."""
    total = np.zeros_like(state)
    if isinstance(outputs, Expectations):
        for o, v in zip(outputs.observables, cotangent.T, strict=True):
            for x, z, c in zip(o.x, o.z, o.coefficients, strict=True):
                total += 2 * c * v[:, None] * word_on(state, x, z)
        return total
    if isinstance(outputs, Probabilities):
        index = np.arange(state.shape[1])
        for v in range(cotangent.shape[1]):
            key = np.all(
                [(index >> q) & 1 == (v >> k) & 1 for k, q in enumerate(outputs.on(state.shape[1].bit_length() - 1))]
                or [np.ones(len(index), dtype=bool)],
                axis=0,
            )
            total += 2 * cotangent[:, [v]] * key * state
        return total
    if isinstance(outputs, Overlap):
        for amplitude, v, target in zip(amplitudes(state, outputs).T, cotangent.T, outputs.states, strict=True):
            total += 2 * (v * amplitude)[:, None] * target
        return total
    return total + cotangent


def gradient(
    circuit: Circuit,
    outputs: Outputs,
    angles: NDArray[np.float64],
    final: ComplexArray,
    cotangent: NDArray[Any],
) -> tuple[NDArray[np.float64], ComplexArray]:
    """Return ``d_angles (batch, n_rotations)`` and the gradient of the initial state, undoing gate after gate."""
    state, back = final, costate(final, outputs, cotangent)
    d_angles = np.zeros(angles.shape)
    k = angles.shape[1]
    for op in reversed(circuit.ops):
        angle = None
        if op.gate.is_rotation:
            k -= 1
            image = np.where(selected(op, state.shape[1]), generator_on(state, op), 0.0)
            d_angles[:, k] = 0.5 * np.sum(back.conj() * image, axis=1).imag
            angle = -angles[:, k]
        undo = op.inverse()
        state, back = apply_op(state, undo, angle), apply_op(back, undo, angle)
    return d_angles, back
