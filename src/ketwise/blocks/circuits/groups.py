"""Groups of qubits that no operation joins: a state is the product of theirs, and each can be computed alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ketwise.words.circuit import Circuit

#: Groups are packed into circuits of at most this many qubits, unless one alone has more.
PACKED_QUBITS = 8


def independent_groups(circuit: Circuit, most_qubits: int = PACKED_QUBITS) -> list[Circuit]:
    """Return circuits whose states multiply to the state of ``circuit``, up to a phase.

    Qubits that operations join, controls counted, stay together; small groups are packed into one circuit. Every
    circuit takes all features and parameters. One of several groups has no more qubits than ``most_qubits`` unless
    they are all joined.

    Parameters
    ----------
    circuit : Circuit
    most_qubits : int

    Returns
    -------
    list of Circuit
        In the order of their lowest qubits; ``[circuit]`` itself where there is nothing to take apart.

    Examples
    --------
    >>> from ketwise.blocks.encodings import iqp
    >>> [group.n_qubits for group in independent_groups(iqp(20, pairs="none").circuit)]
    [8, 8, 4]
    """
    if circuit.n_qubits <= most_qubits:
        return [circuit]
    packs: list[list[int]] = []
    for group in joined(circuit.n_qubits, (op.support for op in circuit.ops)):
        if packs and len(packs[-1]) + len(group) <= most_qubits:
            packs[-1] += group
        else:
            packs.append(group)
    return [circuit] if len(packs) == 1 else [_restricted(circuit, pack) for pack in packs]


def joined(n_qubits: int, supports: Iterable[Sequence[int]]) -> list[list[int]]:
    """Return the qubits by group, lowest first, where the qubits of each of ``supports`` are in one.

    Examples
    --------
    >>> joined(5, [(3, 0), (1,), (), (0, 4)])
    [[0, 3, 4], [1], [2]]
    """
    group_of = {qubit: [qubit] for qubit in range(n_qubits)}
    for support in supports:
        for qubit in support[1:]:
            one, other = group_of[support[0]], group_of[qubit]
            if one is not other:
                one += other
                group_of |= dict.fromkeys(other, one)
    return [sorted(group) for qubit, group in group_of.items() if qubit == min(group)]


def _restricted(circuit: Circuit, qubits: list[int]) -> Circuit:
    """Return the operations on these qubits, which are renumbered in the order given."""
    place = {qubit: index for index, qubit in enumerate(qubits)}
    part = Circuit(len(qubits), n_features=circuit.n_features, n_params=circuit.n_params)
    for op in circuit.ops:
        if op.support and op.support[0] in place:
            controls = {place[qubit]: value for qubit, value in op.controls}
            part.append(op.gate, [place[qubit] for qubit in op.qubits], op.angle, controls)
    return part
