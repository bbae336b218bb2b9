"""The nineteen circuit templates of Sim, Johnson and Aspuru-Guzik, as rows of one table."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from ketwise.words.angle import params
from ketwise.words.checks import positive_int
from ketwise.words.circuit import Circuit

#: The steps of one layer. One word is a gate on every qubit, "inner" one on all but the first and the last; two words
#: are a controlled gate and the pairs that it is laid on.
TEMPLATES: dict[int, tuple[str, ...]] = {
    1: ("rx", "rz"),
    2: ("rx", "rz", "cx line"),
    3: ("rx", "rz", "crz line"),
    4: ("rx", "rz", "crx line"),
    5: ("rx", "rz", "crz all", "rx", "rz"),
    6: ("rx", "rz", "crx all", "rx", "rz"),
    7: ("rx", "rz", "crz even", "rx", "rz", "crz odd"),
    8: ("rx", "rz", "crx even", "rx", "rz", "crx odd"),
    9: ("h", "cz line", "rx"),
    10: ("cz ring", "ry"),
    11: ("ry", "rz", "cx even", "inner ry", "inner rz", "cx odd"),
    12: ("ry", "rz", "cz even", "inner ry", "inner rz", "cz odd"),
    13: ("ry", "crz ring", "ry", "crz far"),
    14: ("ry", "crx ring", "ry", "crx far"),
    15: ("ry", "cx ring", "ry", "cx far"),
    16: ("rx", "rz", "crz even", "crz odd"),
    17: ("rx", "rz", "crx even", "crx odd"),
    18: ("rx", "rz", "crz ring"),
    19: ("rx", "rz", "crx ring"),
}
#: What stands once before the layers.
BEFORE: dict[int, tuple[str, ...]] = {10: ("ry",)}


def _line(n: int) -> Iterator[tuple[int, int]]:
    return ((target + 1, target) for target in reversed(range(n - 1)))


def _even(n: int) -> Iterator[tuple[int, int]]:
    return ((target + 1, target) for target in range(0, n - 1, 2))


def _odd(n: int) -> Iterator[tuple[int, int]]:
    return ((target + 1, target) for target in range(1, n - 1, 2))


def _all(n: int) -> Iterator[tuple[int, int]]:
    return ((c, t) for c in reversed(range(n)) for t in reversed(range(n)) if c != t)


def _ring(n: int) -> Iterator[tuple[int, int]]:
    return _turn(n, 1, 0)


def _far(n: int) -> Iterator[tuple[int, int]]:
    """Targets three further than their controls, which in four qubits is the ring turned round."""
    return _turn(n, min(3, n - 1), n - 2)


def _turn(n: int, reach: int, first: int) -> Iterator[tuple[int, int]]:
    if n > 1:
        for k in range(n // math.gcd(n, reach)):
            target = (first - k * reach) % n
            yield (target - reach) % n, target


#: Pairs (control, target) for each name.
_PAIRS: dict[str, Callable[[int], Iterator[tuple[int, int]]]] = {
    "line": _line,
    "even": _even,
    "odd": _odd,
    "all": _all,
    "ring": _ring,
    "far": _far,
}


def sim(number: int, n_qubits: int = 4, layers: int = 1) -> Circuit:
    """Return one of the nineteen circuits on which expressibility was defined.

    Parameters
    ----------
    number : int
        1 to 19, as in the paper's figure 2.
    n_qubits, layers : int

    Returns
    -------
    Circuit
        Parameters in the order of the gates, the qubits of a step from the first to the last.

    Notes
    -----
    The figure shows four qubits. For other numbers: lines, rings and all-to-all go on as they are; the second round of
    circuits 13 to 15 joins qubits three apart by ``n / gcd(n, 3)`` gates (qubits ``n - 1`` apart below four), as in the
    circuit-centric classifier they come from; circuit 10 starts with one more step of RY. Sim, Johnson, Aspuru-Guzik,
    Advanced Quantum Technologies 2, 1900070 (2019).

    Examples
    --------
    >>> print(sim(9, 3))
    q0: -H-----Z---------RX(w[0])-
               |
    q1: -H--Z--@---------RX(w[1])-
            |
    q2: -H--@--RX(w[2])-----------
    """
    number = positive_int("number", number)
    if number not in TEMPLATES:
        raise ValueError(f"number must be 1 to {len(TEMPLATES)}, a circuit of Sim et al. (2019); got {number}")
    n_qubits, layers = positive_int("n_qubits", n_qubits), positive_int("layers", layers)
    steps = [*BEFORE.get(number, ()), *(TEMPLATES[number] * layers)]
    placed = [(gate, place) for step in steps for gate, place in _places(step, n_qubits)]
    w = iter(params(sum("r" in gate for gate, _ in placed)))
    circuit = Circuit(n_qubits)
    for gate, place in placed:
        getattr(circuit, gate)(*((next(w),) if "r" in gate else ()), *place)
    return circuit


def _places(step: str, n: int) -> list[tuple[str, tuple[int, ...]]]:
    first, _, second = step.partition(" ")
    if second in _PAIRS:
        return [(first, pair) for pair in _PAIRS[second](n)]
    gate, qubits = (second, range(1, n - 1)) if first == "inner" else (first, range(n))
    return [(gate, (q,)) for q in qubits]
