"""A NOT with many controls, written with two-controlled ones (Toffoli) and borrowed qubits: linear in the controls."""

from __future__ import annotations

from collections.abc import Sequence

from ketwise.words.circuit import Circuit


def controlled_not(circuit: Circuit, controls: Sequence[int], target: int, borrowed: Sequence[int]) -> Circuit:
    """Append a NOT of ``target`` where all controls are 1, as Toffolis.

    Parameters
    ----------
    circuit : Circuit
        Changed in place, and returned.
    controls : sequence of int
    target : int
    borrowed : sequence of int
        Qubits in any state, which are left as they were. With k controls, ``k - 2`` of them make the circuit shortest;
        one is enough.

    Raises
    ------
    ValueError
        Where three or more controls have no qubit to borrow.

    Notes
    -----
    ``4 (k - 2)`` Toffolis with ``k - 2`` borrowed qubits, else fewer than ``8 k``. Barenco et al., PRA 52, 3457
    (1995), lemmas 7.2 and 7.3.

    Examples
    --------
    >>> import ketwise as kw
    >>> controlled_not(kw.Circuit(9), [0, 1, 2, 3, 4], 5, [6, 7, 8]).counts()
    Counter({'ccx': 12})
    """
    k = len(controls)
    if k <= 2:
        return circuit.x(target, controls)
    if not borrowed:
        raise ValueError(f"a NOT with {k} controls needs one qubit to borrow: give one that takes no part in it")
    if len(borrowed) >= k - 2:
        return _ladder(circuit, list(controls), target, list(borrowed[: k - 2]))
    # Two halves, each of which has the other's controls to borrow; the parity of the borrowed qubit cancels.
    half = -(-k // 2)
    first, second = list(controls[:half]), [*controls[half:], borrowed[0]]
    for _ in range(2):
        controlled_not(circuit, first, borrowed[0], [*second[:-1], target])
        controlled_not(circuit, second, target, first)
    return circuit


def toffolis(n_controls: int, n_borrowed: int) -> int:
    """Return how many Toffolis :func:`controlled_not` takes; none for fewer than two controls."""
    if n_controls <= 2:
        return int(n_controls == 2)
    if n_borrowed >= n_controls - 2:
        return 4 * (n_controls - 2)
    half = -(-n_controls // 2)
    rest = n_controls - half
    return 2 * (toffolis(half, rest + 1) + toffolis(rest + 1, half))


def _ladder(circuit: Circuit, controls: list[int], target: int, borrowed: list[int]) -> Circuit:
    """Append the two ladders of lemma 7.2: the second undoes what the first did to the borrowed qubits."""
    # Each rung is a Toffoli from a control and the borrowed qubit below to the one above; the lowest has two controls.
    above = [target, *reversed(borrowed)]
    rungs = [(controls[-1 - i], above[i + 1], above[i]) for i in range(len(borrowed))]
    lowest = (controls[0], controls[1], above[-1])
    for ladder in (rungs, rungs[1:]):
        for rung in (*ladder, lowest, *reversed(ladder)):
            circuit.ccx(*rung)
    return circuit
