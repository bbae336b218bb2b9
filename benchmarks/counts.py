"""Floating-point operations that a scenario must do at least, the way docs/performance.md counts them.

The circuit is counted as it is written, with nothing merged: what an engine saves by algebra raises its share.
"""

#: A complex 2x2 matrix on a pair of amplitudes: four complex products of 6 and two complex sums of 2.
MATRIX = 28
#: The three overlaps of a pair of amplitudes with another one, for X, Y and Z: four products, each added.
OVERLAPS = 3 * 8


def rotations(n_qubits: int, layers: int, samples: int, *, gradient: bool) -> float:
    """Every Rot is one complex 2x2 matrix; everything else, CNOTs, first rotations and readout included, is free.

    The gradient applies each Rot once forward, and in reverse once to the state and once to the co-state, where it
    sums up three overlaps.
    """
    pairs = samples * layers * n_qubits * 2 ** (n_qubits - 1)
    return float(pairs * (3 * MATRIX + OVERLAPS if gradient else MATRIX))


def gram(n_qubits: int, samples: int) -> float:
    """Half of a matrix of overlaps of states: 8 for each product of amplitudes. The states are free."""
    return 8.0 * (samples * (samples + 1) // 2) * 2**n_qubits
