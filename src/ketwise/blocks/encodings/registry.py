"""Encodings by name, and what each takes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ketwise.blocks.encodings.amplitudes import amplitude, basis_superposition, hamming_weight, unary
from ketwise.blocks.encodings.chebyshev_family import (
    chebyshev,
    chebyshev_pqc,
    chebyshev_rx,
    chebyshev_tower,
    kyriienko,
)
from ketwise.blocks.encodings.dense_circuits import hardware_efficient, high_dimensional, random_gates
from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.encodings.hamiltonian import heisenberg
from ketwise.blocks.encodings.paulis import iqp, pauli, zz
from ketwise.blocks.encodings.products import angle, basis, dense_angle, exponential
from ketwise.blocks.encodings.trained import hubregtsen, multi_control, qaoa, reuploading, trained_z, yz_cx

#: Every encoding that can be asked for by name. Estimators, documentation and the contract tests read it.
ENCODINGS: dict[str, Callable[..., Encoding]] = {
    "angle": angle,
    "iqp": iqp,
    "zz": zz,
    "reuploading": reuploading,
    "dense_angle": dense_angle,
    "basis": basis,
    "exponential": exponential,
    "pauli": pauli,
    "heisenberg": heisenberg,
    "chebyshev": chebyshev,
    "chebyshev_tower": chebyshev_tower,
    "chebyshev_rx": chebyshev_rx,
    "chebyshev_pqc": chebyshev_pqc,
    "kyriienko": kyriienko,
    "hubregtsen": hubregtsen,
    "qaoa": qaoa,
    "trained_z": trained_z,
    "yz_cx": yz_cx,
    "multi_control": multi_control,
    "high_dimensional": high_dimensional,
    "hardware_efficient": hardware_efficient,
    "random_gates": random_gates,
    "amplitude": amplitude,
    "unary": unary,
    "hamming_weight": hamming_weight,
    "basis_superposition": basis_superposition,
}


def option_names(name: str) -> tuple[str, ...]:
    """Return what the encoding of that name takes beside ``n_features``."""
    if name not in ENCODINGS:
        raise ValueError(f"encoding must be one of {', '.join(ENCODINGS)}, an Encoding or a Circuit; got {name!r}")
    return tuple(inspect.signature(ENCODINGS[name]).parameters)[1:]


def named(name: str, n_features: int, **options: Any) -> Encoding:
    """Return the encoding of that name; options that are None are left at their defaults.

    Examples
    --------
    >>> named("iqp", 3, repeats=1, pairs=None).n_qubits
    3
    """
    known = option_names(name)
    given = {option: value for option, value in options.items() if value is not None}
    if unknown := [option for option in given if option not in known]:
        raise ValueError(f"the encoding {name!r} takes no {unknown[0]!r}; it takes {', '.join(known)}")
    return ENCODINGS[name](n_features, **given)
