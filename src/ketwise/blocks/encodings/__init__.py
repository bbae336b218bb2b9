"""Encodings: named circuits that carry data into angles, each with an entanglement-free twin, a card and advice.

The functions are in this folder's files by kind, their names in ``registry.py``. ``card`` and ``advise``, which measure
encodings on data, are in ``blocks/advice/`` and load on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ketwise.blocks.circuits.pairs import Pairs, qubit_pairs
from ketwise.blocks.encodings.amplitudes import amplitude, basis_superposition, hamming_weight, unary
from ketwise.blocks.encodings.chebyshev_family import (
    chebyshev,
    chebyshev_pqc,
    chebyshev_rx,
    chebyshev_tower,
    kyriienko,
)
from ketwise.blocks.encodings.dense_circuits import hardware_efficient, high_dimensional, random_gates
from ketwise.blocks.encodings.encoding import Encoding, without_entanglement
from ketwise.blocks.encodings.hamiltonian import heisenberg
from ketwise.blocks.encodings.paulis import iqp, pauli, zz
from ketwise.blocks.encodings.products import angle, basis, dense_angle, exponential
from ketwise.blocks.encodings.registry import ENCODINGS, named, option_names
from ketwise.blocks.encodings.trained import hubregtsen, multi_control, qaoa, reuploading, trained_z, yz_cx
from ketwise.blocks.preparation.dense import prepare

if TYPE_CHECKING:
    from ketwise.blocks.advice.advise import Advice, advise
    from ketwise.blocks.advice.card import Card, card

#: They measure kernels and spectra, whose modules know encodings in their turn.
_LATER = {
    "Advice": "ketwise.blocks.advice.advise",
    "advise": "ketwise.blocks.advice.advise",
    "Card": "ketwise.blocks.advice.card",
    "card": "ketwise.blocks.advice.card",
}

__all__ = [
    "ENCODINGS",
    "Advice",
    "Card",
    "Encoding",
    "Pairs",
    "advise",
    "amplitude",
    "angle",
    "basis",
    "basis_superposition",
    "card",
    "chebyshev",
    "chebyshev_pqc",
    "chebyshev_rx",
    "chebyshev_tower",
    "dense_angle",
    "exponential",
    "hamming_weight",
    "hardware_efficient",
    "heisenberg",
    "high_dimensional",
    "hubregtsen",
    "iqp",
    "kyriienko",
    "multi_control",
    "named",
    "option_names",
    "pauli",
    "prepare",
    "qaoa",
    "qubit_pairs",
    "random_gates",
    "reuploading",
    "trained_z",
    "unary",
    "without_entanglement",
    "yz_cx",
    "zz",
]


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_LATER[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
