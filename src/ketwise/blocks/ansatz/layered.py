"""Trainable circuits of layers: rotations on every qubit, then a pattern of entangling gates, again and again."""

from __future__ import annotations

from collections.abc import Sequence

from ketwise.blocks.circuits.pairs import Pairs, qubit_pairs
from ketwise.words.angle import PARAM, params
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit, Op


def strongly_entangling(n_qubits: int, layers: int = 2) -> Circuit:
    """Return layers of a general rotation on every qubit and a ring of CNOTs whose range grows by one a layer.

    Parameters
    ----------
    n_qubits, layers : int

    Returns
    -------
    Circuit
        With ``3 * layers * n_qubits`` parameters, in the order of PennyLane's ``StronglyEntanglingLayers``:
        ``weights.reshape(layers, n_qubits, 3)`` holds (phi, theta, omega) of ``Rot``.

    Notes
    -----
    In layer ``l`` the CNOTs go from q to ``(q + r) mod n`` with ``r = l mod (n - 1) + 1``; one qubit has none.
    Schuld, Bocharov, Svore, Wiebe, PRA 101, 032308 (2020).

    Examples
    --------
    >>> strongly_entangling(3, layers=2).counts()
    Counter({'rz': 12, 'ry': 6, 'cx': 6})
    """
    n_qubits, layers = positive_int("n_qubits", n_qubits), positive_int("layers", layers)
    w = params(3 * layers * n_qubits)
    circuit = Circuit(n_qubits)
    for layer in range(layers):
        for q in range(n_qubits):
            start = 3 * (layer * n_qubits + q)
            circuit.rot(w[start], w[start + 1], w[start + 2], q)
        if n_qubits > 1:
            reach = layer % (n_qubits - 1) + 1
            for q in range(n_qubits):
                circuit.cx(q, (q + reach) % n_qubits)
    return circuit


def hardware_efficient(
    n_qubits: int,
    layers: int = 2,
    *,
    rotations: Sequence[str] = ("y", "z"),
    entangler: str = "cx",
    pairs: Pairs = "linear",
) -> Circuit:
    """Return layers of single-qubit rotations and of a two-qubit gate that a device has, closed by rotations.

    Parameters
    ----------
    n_qubits, layers : int
    rotations : sequence of {"x", "y", "z"}
        Rotations laid on every qubit, one after the other.
    entangler : {"cx", "cz"}
    pairs : {"linear", "ring", "all", "none"} or sequence of (int, int)

    Returns
    -------
    Circuit
        With ``(layers + 1) * len(rotations) * n_qubits`` parameters, ordered by layer, rotation, qubit (as in
        Qiskit's ``efficient_su2``).

    Notes
    -----
    Kandala et al., Nature 549, 242 (2017).

    Examples
    --------
    >>> hardware_efficient(3, layers=1).n_params
    12
    """
    n_qubits, layers = positive_int("n_qubits", n_qubits), positive_int("layers", layers)
    axes = check_axes("rotations", rotations)
    if entangler not in ("cx", "cz"):
        raise ValueError(f"entangler must be 'cx' or 'cz', got {entangler!r}")
    w = iter(params((layers + 1) * len(axes) * n_qubits))
    circuit = Circuit(n_qubits)
    for layer in range(layers + 1):
        if layer:
            for a, b in qubit_pairs(pairs, n_qubits):
                getattr(circuit, entangler)(a, b)
        for axis in axes:
            for q in range(n_qubits):
                getattr(circuit, f"r{axis}")(next(w), q)
    return circuit


def identity_blocks(block: Circuit, n_blocks: int = 1) -> Circuit:
    """Return blocks of a circuit and its inverse, each with parameters of its own, so that it can start as nothing.

    Parameters
    ----------
    block : Circuit
        Half a block, without features.
    n_blocks : int

    Returns
    -------
    Circuit
        With ``2 * n_blocks * block.n_params`` parameters. Where the two halves of each block have equal ones, as
        :func:`ketwise.blocks.initial_points.identity_blocks` draws them, it is the identity.

    Notes
    -----
    Grant, Wossnig, Ostaszewski, Benedetti, Quantum 3, 214 (2019): as every block starts as the identity, the first
    gradient is that of one shallow block.

    Examples
    --------
    >>> identity_blocks(hardware_efficient(3, layers=1), n_blocks=2).n_params
    48
    """
    n_blocks = positive_int("n_blocks", n_blocks)
    if not isinstance(block, Circuit):
        raise TypeError(f"block must be a Circuit, got {type(block).__name__}")
    if block.n_features:
        raise ValueError("block must have no features: its inverse would take the data out again")
    circuit = Circuit(block.n_qubits)
    for _ in range(n_blocks):
        circuit = circuit + block.shift(params=circuit.n_params)
        circuit = circuit + block.inverse().shift(params=circuit.n_params)
    return circuit


def trailing_identity_blocks(circuit: Circuit) -> tuple[int, int]:
    """Return the first parameter and the number of the :func:`identity_blocks` that a circuit ends in.

    Parameters
    ----------
    circuit : Circuit
        Whatever stands before them, such as an encoding, shares no parameter with them.

    Raises
    ------
    ValueError
        Where it does not end in any.

    Examples
    --------
    >>> from ketwise.blocks.encodings import iqp
    >>> blocks = identity_blocks(hardware_efficient(3, layers=1), n_blocks=2)
    >>> trailing_identity_blocks(iqp(3).circuit + blocks), trailing_identity_blocks(blocks.shift(params=5))
    ((0, 2), (5, 2))
    """
    ops = circuit.ops
    for length in range(len(ops) // 2, 0, -1):
        n_blocks, end, half = 0, len(ops), 0
        while end >= 2 * length and (size := _mirrored(circuit.n_qubits, ops[end - 2 * length : end], length)):
            if half not in (0, size):
                break
            n_blocks, end, half = n_blocks + 1, end - 2 * length, size
        first = circuit.n_params - 2 * n_blocks * half
        inside = {index for op in ops[end:] for index in _params_of(op)}
        before = {index for op in ops[:end] for index in _params_of(op)}
        if n_blocks and inside == set(range(first, circuit.n_params)) and not inside & before:
            return first, n_blocks
    raise ValueError(
        "the circuit does not end in blocks of a circuit and its inverse: append kw.ansatz.identity_blocks(half)"
    )


def _mirrored(n_qubits: int, ops: Sequence[Op], length: int) -> int:
    """Return how many parameters the first half has where the second is its inverse with as many more, else 0."""
    outer = ops[0].inverse()
    if (outer.gate, outer.support) != (ops[-1].gate, ops[-1].support):
        return 0
    first, second = Circuit(n_qubits), Circuit(n_qubits)
    for half, part in ((first, ops[:length]), (second, ops[length:])):
        for op in part:
            half.append(op.gate, op.qubits, op.angle, dict(op.controls))
    if first.n_features:
        return 0
    size = len({index for op in first.ops for index in _params_of(op)})
    return size if size and first.inverse().shift(params=size).ops == second.ops else 0


def _params_of(op: Op) -> list[int]:
    terms = () if op.angle is None else op.angle.terms
    return [index for monomial in terms for kind, index in monomial if kind == PARAM]


def check_axes(name: str, axes: Sequence[str]) -> tuple[str, ...]:
    """Return the axes as a tuple; refuse any that is not x, y or z, and an empty sequence."""
    checked = tuple(axes)
    if not checked or any(axis not in ("x", "y", "z") for axis in checked):
        raise ValueError(f"{name} must be one or more of 'x', 'y', 'z', got {axes!r}")
    return checked
