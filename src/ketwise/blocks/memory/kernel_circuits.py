"""The kernel memory as a circuit: numbered encoded patterns, and the probe's encoding undone on every copy.

What it gives, without a circuit, is in ``kernel_memory.py``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.memory.joining import place
from ketwise.blocks.preparation.dense import prepare
from ketwise.engine.memory import require_count
from ketwise.words.angle import Angle
from ketwise.words.checks import positive_int, values
from ketwise.words.circuit import Circuit

#: Of an operation with its controls.
BYTES_OF_OPERATION = 500


def kernel_memory_circuit(encoding: Encoding | Circuit, patterns: Any, probe: Any, *, copies: int = 1) -> Circuit:
    """Return storage ``sum_k |k> |a_k>`` of several copies of each encoded pattern, and the comparison with a probe.

    Parameters
    ----------
    encoding : Encoding or Circuit
        Without trained parameters.
    patterns : (n_patterns, n_features) array
    probe : (n_features,) array
    copies : int

    Returns
    -------
    Circuit
        ``m`` qubits for each copy, then ``ceil(log2(n_patterns))`` for k. All copies read 0 with ``P0``, the mean of
        the fidelities to the power ``copies``; k then has a probability proportional to that of pattern k.

    Raises
    ------
    ValueError
        For an encoding with trained parameters, and for rows that do not fit it.
    MemoryError
        When the list of operations does not fit.

    Notes
    -----
    Gates to run: the encoding's for every copy of every pattern, controlled by the number of the pattern, and once more
    for every copy to undo the probe. A device repeats all of it ``1 / P0`` times for one sample.

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit = kernel_memory_circuit(kw.encodings.angle(1), [[0.0], [3.141592653589793]], [0.0])
    >>> circuit.compile(kw.Probabilities([0, 1]))().round(6)  # the copy, k
    array([0.5, 0. , 0. , 0.5])
    """
    chosen = encoding if isinstance(encoding, Encoding) else Encoding("circuit", encoding)
    if chosen.n_params:
        raise ValueError("the encoding has trained parameters: bind values to them first")
    rows, _ = values("patterns", patterns, chosen.n_features)
    given, _ = values("probe", probe, chosen.n_features)
    if len(given) != 1:
        raise ValueError(f"a circuit takes one probe, got {len(given)}: make a circuit for each")
    b, m, n_address = positive_int("copies", copies), chosen.n_qubits, (len(rows) - 1).bit_length()
    n_operations = (len(rows) + 1) * b * len(chosen.circuit)
    require_count("operations", n_operations, lambda count: BYTES_OF_OPERATION * count)
    address = range(b * m, b * m + n_address)
    circuit = Circuit(b * m + n_address)
    if n_address:
        place(circuit, prepare(np.sqrt(np.arange(1 << n_address) < len(rows))), address)
    for k, part in enumerate(_encoded(chosen, rows)):
        number = {q: k >> j & 1 for j, q in enumerate(address)}
        for copy in range(b):
            for op in part.ops:
                controls = {copy * m + q: value for q, value in op.controls} | number
                circuit.append(op.gate, [copy * m + q for q in op.qubits], op.angle, controls)
    (undone,) = _encoded(chosen, given)
    for copy in range(b):
        place(circuit, undone.inverse(), range(copy * m, (copy + 1) * m))
    return circuit


def _encoded(encoding: Encoding, rows: NDArray[np.float64]) -> list[Circuit]:
    """Return the encoding's circuit with every row of features as numbers."""
    made = []
    for row in encoding.premap.forward(rows):
        circuit = Circuit(encoding.n_qubits)
        for op in encoding.circuit.ops:
            angle = None
            if op.angle is not None:
                terms = op.angle.terms.items()
                angle = Angle({(): sum(c * math.prod(float(row[index]) for _, index in each) for each, c in terms)})
            circuit.append(op.gate, op.qubits, angle, dict(op.controls))
        made.append(circuit)
    return made
