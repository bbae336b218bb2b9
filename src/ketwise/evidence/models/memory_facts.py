"""What a fitted memory classifier stores and what one run of it would take, as numbers: no word and no price."""

from typing import Any

import numpy as np


def is_quantum_memory(model: Any) -> bool:
    """Whether it is a memory classifier that stores bits and whose method is quantum and reads what is stored."""
    if not hasattr(model, "n_levels"):  # then nothing of memories need be loaded
        return False
    from ketwise.learning.memory.classifier import AssociativeMemoryClassifier
    from ketwise.learning.memory.codes import REAL
    from ketwise.learning.memory.methods import method_of

    if not isinstance(model, AssociativeMemoryClassifier) or model.encoding == REAL:
        return False
    method = method_of(model.method)
    return method.quantum and method.weighs


def storage_facts(model: Any) -> dict[str, Any]:
    """Qubits and gates of one storage and one recall, and what is stored.

    Parameters
    ----------
    model : AssociativeMemoryClassifier
        Fitted, one that :func:`is_quantum_memory` is true of.

    Returns
    -------
    dict
        ``n_qubits, storage_gates, storage_cx, storage_depth, recall_gates``, of a device where every pair of qubits is
        joined; ``n_patterns, n_bits``; ``operations``, which the same answer takes on a classical computer.

    Examples
    --------
    >>> from ketwise.learning.memory.classifier import AssociativeMemoryClassifier
    >>> model = AssociativeMemoryClassifier().fit([[0, 0, 1], [1, 1, 1]], [0, 1])
    >>> facts = storage_facts(model)
    >>> facts["n_patterns"], facts["n_bits"], facts["n_qubits"]
    (2, 3, 7)
    """
    from ketwise.learning.memory.methods import method_of

    bits = model.code_.bits(model.patterns_, "patterns").astype(np.uint8)
    cost = method_of(model.method).cost(bits)
    names = ("n_qubits", "storage_gates", "storage_cx", "storage_depth", "recall_gates")
    numbers = {name: int(getattr(cost, name)) for name in names}
    return numbers | {"n_patterns": len(bits), "n_bits": bits.shape[1], "operations": float(cost.operations)}


def is_stored(facts: Any) -> bool:
    """Whether facts of a circuit are those of a memory."""
    return bool(facts) and "storage_gates" in facts
