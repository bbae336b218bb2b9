"""What a circuit costs in CX gates, written out for a device where every pair of qubits is joined."""

from __future__ import annotations

import math

from ketwise.words.circuit import Circuit, Op

#: Fixed gates on two qubits whose cost is less than that of any two-qubit matrix.
KNOWN = {"swap": 3, "iswap": 2}


def cx_count(circuit: Circuit) -> int:
    """Return how many CX the circuit takes by the usual decompositions, an upper bound on the least.

    A rotation about a Pauli word of k letters takes ``2 (k - 1)``, and ``2**c`` more with c controls; CY and CZ take
    one; a diagonal on k qubits ``2**k - 2``; other matrices those of the quantum Shannon decomposition.

    Parameters
    ----------
    circuit : Circuit

    Notes
    -----
    Shende, Bullock, Markov, IEEE Transactions on Computer-Aided Design 25, 1000 (2006).

    Examples
    --------
    >>> import ketwise as kw
    >>> cx_count(kw.Circuit(3).cx(0, 1).rzz(0.1, 1, 2).crx(0.2, 0, 2).ccx(0, 1, 2))  # 1 + 2 + 2 + 6
    11
    """
    return sum(_of(op) for op in circuit.ops)


def _of(op: Op) -> int:
    n_controls, gate = len(op.controls), op.gate
    n_qubits = n_controls + gate.n_qubits
    if n_qubits < 2:
        return 0
    if gate.pauli == "":
        return (1 << n_controls) - 2
    if gate.pauli is not None:
        return 2 * (gate.n_qubits - 1) + ((1 << n_controls) if n_controls else 0)
    if gate.name in ("x", "y", "z"):
        return 1 if n_controls == 1 else (1 << n_qubits) - 2
    if not n_controls and gate.name in KNOWN:
        return KNOWN[gate.name]
    if gate.diagonal is not None:
        return (1 << n_qubits) - 2
    return math.ceil(23 / 48 * 4**n_qubits - 1.5 * 2**n_qubits + 4 / 3)
