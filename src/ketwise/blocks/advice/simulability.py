"""What is classically easy about an encoding: sentences that follow from its structure, without further assumptions."""

from __future__ import annotations

import math

from ketwise.blocks.circuits.groups import independent_groups
from ketwise.blocks.encodings import Encoding
from ketwise.words.circuit import Circuit, Op

#: 2**30 amplitudes are 16 GiB: one machine holds them.
EXACT_QUBITS = 30
#: Pre-maps whose angles prepare the features as amplitudes.
AMPLITUDE_PREMAPS = ("amplitude_angles", "merge_angles")
CLIFFORDS = {"x", "y", "z", "h", "s", "sdg", "sx", "sxdg", "swap", "iswap"}


def by_amplitudes(encoding: Encoding) -> bool:
    """Whether the features become amplitudes.

    Examples
    --------
    >>> import ketwise as kw
    >>> by_amplitudes(kw.encodings.unary(3)), by_amplitudes(kw.encodings.iqp(3))
    (True, False)
    """
    last = dict(encoding.premap.settings).get("then", (encoding.premap.name,))[0]
    return last in AMPLITUDE_PREMAPS


def is_iqp(circuit: Circuit) -> bool:
    """Whether the circuit is H on every qubit and then nothing but diagonal gates.

    Examples
    --------
    >>> import ketwise as kw
    >>> is_iqp(kw.encodings.iqp(3).circuit), is_iqp(kw.encodings.iqp(3, repeats=2).circuit)
    (True, False)
    """
    waiting = set(range(circuit.n_qubits))
    for op in circuit.ops:
        if op.name == "h" and op.qubits[0] in waiting:
            waiting.remove(op.qubits[0])
        elif not op.is_diagonal or waiting.intersection(op.support):
            return False
    return not waiting


def bond_bound(circuit: Circuit) -> int:
    """Return a bound on the bond dimension that a matrix product state on the line of qubits needs, at every angle.

    Each operation that crosses a cut multiplies the rank there by its own at most.

    Examples
    --------
    >>> import ketwise as kw
    >>> bond_bound(kw.encodings.yz_cx(10, layers=2).circuit)  # one CX across each cut
    2
    """
    n = circuit.n_qubits
    ranks = [1] * max(0, n - 1)
    for op in circuit.ops:
        for cut in range(min(op.support, default=0), max(op.support, default=0)):
            ranks[cut] = min(ranks[cut] * _rank(op), 1 << min(cut + 1, n - cut - 1))
    return max(ranks, default=1)


def what_is_easy(encoding: Encoding) -> list[str]:
    """Return sentences on how a classical computer can evaluate the encoding's states and kernel.

    Examples
    --------
    >>> import ketwise as kw
    >>> what_is_easy(kw.encodings.angle(50))[0].startswith("No gate joins two qubits")
    True
    """
    circuit, n = encoding.circuit, encoding.n_qubits
    found = []
    groups = independent_groups(circuit, most_qubits=1)
    largest = max(group.n_qubits for group in groups)
    alone = by_amplitudes(encoding) and circuit.n_params == 0
    if largest == 1:
        found.append(
            f"No gate joins two qubits: states are products, and the kernel is a product of {n} numbers, one a qubit, "
            "at any number of qubits."
        )
    elif len(groups) > 1:
        found.append(f"Qubits fall into groups of at most {largest} that nothing joins: each is evaluated alone.")
    if alone and largest > 1:
        found.append(
            f"The state is the row itself, normalised: {encoding.n_features} numbers, and the kernel is the squared "
            "cosine of two rows, one inner product."
        )
    if largest > 1 and is_iqp(circuit):
        found.append(
            "One layer of H and then diagonal gates (IQP): an overlap of two states is a mean of phases over random "
            "bit strings, so that drawing those estimates the fidelity kernel as well as as many shots of a device."
        )
    if largest > 1 and (bound := bond_bound(circuit)) < 1 << (n // 2):
        found.append(
            f"Few gates cross any cut of the line of qubits: a matrix product state of bond dimension {bound} is exact."
        )
    if largest > 1 and all(_is_clifford_at_quarter_turns(op) for op in circuit.ops):
        found.append(
            "At angles that are multiples of pi/2 every gate is Clifford, and stabilisers simulate it at any size; "
            "between them nothing follows from that."
        )
    if n <= EXACT_QUBITS:
        found.append(f"{n} qubit{'s' * (n > 1)}: one computer holds all {1 << n:,} amplitudes, exactly.")
    elif not found:
        found.append(f"Nothing is known from its structure alone; {n} qubits are too many to hold every amplitude.")
    return found


def _is_clifford_at_quarter_turns(op: Op) -> bool:
    if op.angle is not None and op.angle.is_constant:
        quarters = sum(op.angle.terms.values()) / (0.5 * math.pi)
        if abs(quarters - round(quarters)) > 1e-12:
            return False
    if op.gate.pauli is not None:  # the phase of one qubit is a turn of it, at any angle that the other has
        return not op.controls or (op.gate.pauli == "" and len(op.controls) == 1)
    if op.controls:
        return len(op.controls) == 1 and op.gate.name in ("x", "y", "z")
    return op.gate.name in CLIFFORDS


def _rank(op: Op) -> int:
    """Return the most terms that the operation needs as a sum of products over a cut."""
    if op.gate.pauli is not None and not op.controls:
        return 2  # a cosine times the identity and a sine times the word
    if op.gate.pauli is not None and op.gate.n_qubits:
        return 2 if len(op.support) == 2 else 3
    if op.gate.pauli == "" or op.gate.name in ("x", "y", "z"):
        return 2
    return 4 ** (len(op.support) // 2)
