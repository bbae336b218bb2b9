"""Trainable circuits in the shape of a tree, which end on one qubit: tree tensor networks and convolutional ones."""

from __future__ import annotations

from collections.abc import Iterator

from ketwise.words.angle import Angle, params
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit

#: Angles of a general two-qubit unitary, and of one pooling.
_TWO_QUBIT, _POOL = 15, 2


def tree_tensor(n_qubits: int) -> Circuit:
    """Return RY on every qubit and CNOTs that halve the number of qubits, until one is left: read out qubit 0.

    Parameters
    ----------
    n_qubits : int
        A power of 2.

    Returns
    -------
    Circuit
        With ``2 * n_qubits - 1`` parameters. In level l, RY turns every ``2**l``-th qubit, and of each two the second
        controls a NOT on the first.

    Notes
    -----
    Grant et al., npj Quantum Information 4, 65 (2018). The backward light cone of qubit 0 holds ``log2(n)`` levels, so
    that gradients fade no faster than polynomially: Zhang et al., arXiv:2011.06258 (2020).

    Examples
    --------
    >>> print(tree_tensor(4))
    q0: -RY(w[0])--X--RY(w[4])--X--RY(w[6])-
                   |            |
    q1: -RY(w[1])--@------------|-----------
                                |
    q2: -RY(w[2])--X--RY(w[5])--@-----------
                   |
    q3: -RY(w[3])--@------------------------
    """
    n_qubits = positive_int("n_qubits", n_qubits)
    if n_qubits & (n_qubits - 1):
        raise ValueError(f"n_qubits must be a power of 2 for a tree, got {n_qubits}")
    w = iter(params(2 * n_qubits - 1))
    circuit, step = Circuit(n_qubits), 1
    while step < n_qubits:
        for q in range(0, n_qubits, step):
            circuit.ry(next(w), q)
        for q in range(0, n_qubits, 2 * step):
            circuit.cx(q + step, q)
        step *= 2
    return circuit.ry(next(w), 0)


def qcnn(n_qubits: int, *, shared: bool = True) -> Circuit:
    """Return a quantum convolutional network: levels of convolution and pooling down to one qubit, qubit 0.

    A convolution is :func:`two_qubit_unitary` on neighbours, first on the pairs from 0, then on those from 1 (and on
    the last with the first, where more than two are left). A pooling turns the first qubit of each pair by the second,
    RZ where it is 1 and RX where it is 0, and leaves the second behind.

    Parameters
    ----------
    n_qubits : int
    shared : bool
        Whether all convolutions of a level, and all its poolings, have the same parameters.

    Returns
    -------
    Circuit
        Shared: ``17 * ceil(log2(n_qubits))`` parameters, for each level 15 of the convolution and 2 of the pooling.

    Notes
    -----
    Cong, Choi, Lukin, Nature Physics 15, 1273 (2019); poolings by controlled rotations: Hur, Kim, Park, Quantum Machine
    Intelligence 4, 3 (2022). No barren plateau: Pesah et al., PRX 11, 041011 (2021).

    Examples
    --------
    >>> qcnn(8).n_params, qcnn(8).n_qubits
    (51, 8)
    """
    active = list(range(positive_int("n_qubits", n_qubits)))
    circuit, start = Circuit(len(active)), 0

    def symbols(count: int) -> list[Angle]:
        nonlocal start
        start += count
        return params(start)[start - count :]

    while len(active) > 1:
        kept, left = active[::2], active[1::2]
        convolution = symbols(_TWO_QUBIT) if shared else None
        for a, b in _neighbours(active):
            two_qubit_unitary(circuit, convolution or symbols(_TWO_QUBIT), a, b)
        pooling = symbols(_POOL) if shared else None
        for a, b in zip(kept, left, strict=False):
            phi, theta = pooling or symbols(_POOL)
            circuit.rz(phi, a, {b: 1}).rx(theta, a, {b: 0})
        active = kept
    return circuit


def two_qubit_unitary(circuit: Circuit, angles: list[Angle], a: int, b: int) -> Circuit:
    """Append any unitary of two qubits, up to a phase: rotations, RXX, RYY, RZZ and rotations; return the circuit.

    Parameters
    ----------
    circuit : Circuit
    angles : sequence of 15 Angle
    a, b : int

    Notes
    -----
    The Cartan decomposition: Khaneja, Brockett, Glaser, PRA 63, 032308 (2001).

    Examples
    --------
    >>> import ketwise as kw
    >>> len(two_qubit_unitary(kw.Circuit(2), kw.params(15), 0, 1))
    15
    """
    if len(angles) != _TWO_QUBIT:
        raise ValueError(f"a general two-qubit unitary has {_TWO_QUBIT} angles, got {len(angles)}")
    v = list(angles)
    circuit.rot(v[0], v[1], v[2], a).rot(v[3], v[4], v[5], b)
    circuit.rxx(v[6], a, b).ryy(v[7], a, b).rzz(v[8], a, b)
    return circuit.rot(v[9], v[10], v[11], a).rot(v[12], v[13], v[14], b)


def _neighbours(active: list[int]) -> Iterator[tuple[int, int]]:
    yield from zip(active[::2], active[1::2], strict=False)
    yield from zip(active[1::2], active[2::2], strict=False)
    if len(active) > 2 and len(active) % 2 == 0:
        yield active[-1], active[0]
