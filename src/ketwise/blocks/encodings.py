"""Encodings: named circuits that carry data into angles, each with an entanglement-free twin."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.pairs import Pairs, qubit_pairs
from ketwise.blocks.premap import IDENTITY, PreMap, PreMappedProgram
from ketwise.program.program import Program
from ketwise.words.angle import features, params
from ketwise.words.checks import positive_int, real_number
from ketwise.words.circuit import Circuit


@dataclass(frozen=True)
class Encoding:
    """A named pre-map of the features and the circuit that takes them as angles.

    Attributes
    ----------
    name : str
    circuit : Circuit
    premap : PreMap
        Applied to the features before the circuit sees them; the identity for most encodings.
    start : tuple of float
        Where training starts, one value for each of the first parameters; 0 for the rest.

    Notes
    -----
    ``encoding + circuit`` appends operations and keeps name and pre-map. A trap: as with circuits, ``w[0]`` of both
    is the same symbol; where the encoding has parameters itself, append ``circuit.shift(params=encoding.n_params)``.

    Examples
    --------
    >>> import ketwise as kw
    >>> model = kw.encodings.iqp(4) + kw.ansatz.strongly_entangling(4, layers=2)
    >>> model.n_features, model.n_params
    (4, 24)
    """

    name: str
    circuit: Circuit
    premap: PreMap = IDENTITY
    start: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if len(self.start) > self.n_params:
            raise ValueError(f"start must hold at most {self.n_params} values, one a parameter; got {len(self.start)}")

    @property
    def n_qubits(self) -> int:
        """Qubits of the circuit."""
        return self.circuit.n_qubits

    @property
    def n_features(self) -> int:
        """Values of data in a row."""
        return self.circuit.n_features

    @property
    def n_params(self) -> int:
        """Trained values."""
        return self.circuit.n_params

    def start_params(self) -> NDArray[np.float64]:
        """Return ``start`` as an ``(n_params,)`` array, filled up with zeros."""
        return np.array(self.start + (0.0,) * (self.n_params - len(self.start)))

    def __add__(self, other: Circuit) -> Encoding:
        return replace(self, circuit=self.circuit + other) if isinstance(other, Circuit) else NotImplemented

    def compile(self, outputs: Any, **options: Any) -> Program | PreMappedProgram:
        """Return the program of the circuit, with the pre-map before it; arguments as for ``Circuit.compile``."""
        program = self.circuit.compile(outputs, **options)
        return program if self.premap is IDENTITY else PreMappedProgram(program, self.premap)

    def twin(self) -> Encoding:
        """Return the same encoding without entanglement: see :func:`without_entanglement`."""
        return replace(self, name=f"{self.name}, no entanglement", circuit=without_entanglement(self.circuit))


def without_entanglement(circuit: Circuit) -> Circuit:
    """Return the circuit without its operations on two or more qubits, controls counted.

    Features and parameters keep their numbers and meaning, so that a model can be compared with its twin, whose
    states are products and cost a classical computer next to nothing.

    Examples
    --------
    >>> from ketwise.blocks.ansatz import strongly_entangling
    >>> without_entanglement(strongly_entangling(3)).counts()
    Counter({'rz': 12, 'ry': 6})
    """
    twin = Circuit(circuit.n_qubits, n_features=circuit.n_features, n_params=circuit.n_params)
    for op in circuit.ops:
        if len(op.support) < 2:
            twin.append(op.gate, op.qubits, op.angle, dict(op.controls))
    return twin


def angle(n_features: int, *, axis: str = "y", scale: float = 1.0) -> Encoding:
    """Return one rotation a feature, each on a qubit of its own: ``R(scale * x[q])`` on qubit q.

    Parameters
    ----------
    n_features : int
    axis : {"y", "x"}
        A rotation about z would leave the initial state as it is.
    scale : float
        Radians a unit of the feature.

    Notes
    -----
    Products: it is its own twin, and the kernel is ``prod(cos((x - x') * scale / 2)**2)``.

    Examples
    --------
    >>> print(angle(2).circuit)
    q0: -RY(x[0])-
    q1: -RY(x[1])-
    """
    if axis not in ("x", "y"):
        raise ValueError(f"axis must be 'x' or 'y', got {axis!r}; RZ does nothing to |0>")
    x = features(positive_int("n_features", n_features))
    circuit = Circuit(n_features)
    for q in range(n_features):
        getattr(circuit, f"r{axis}")(real_number("scale", scale) * x[q], q)
    return Encoding("angle", circuit)


def iqp(n_features: int, *, repeats: int = 1, pairs: Pairs = "all", scale: float = 1.0) -> Encoding:
    """Return the instantaneous-quantum-polynomial encoding: H on every qubit, then phases by x and by products of x.

    Each repeat is H on every qubit, ``RZ(x_i)`` on qubit i and ``RZZ(x_i x_j)`` on every pair, with
    ``RZ(t) = exp(-i t Z/2)``; features are multiplied by ``scale`` first.

    Parameters
    ----------
    n_features, repeats : int
    pairs : {"all", "ring", "linear", "none"} or sequence of (int, int)
    scale : float

    Notes
    -----
    Havlíček et al., Nature 567, 209 (2019). A bandwidth (``scale``) below 1 is needed for more than a few features,
    or the kernel of any two samples is close to 0: Shaydulin, Wild, PRA 106, 042407 (2022).

    Examples
    --------
    >>> iqp(3, repeats=1).circuit.counts()
    Counter({'h': 3, 'rz': 3, 'rzz': 3})
    """
    x = [real_number("scale", scale) * value for value in features(positive_int("n_features", n_features))]
    circuit = Circuit(n_features)
    for _ in range(positive_int("repeats", repeats)):
        for q in range(n_features):
            circuit.h(q)
        for q in range(n_features):
            circuit.rz(x[q], q)
        for a, b in qubit_pairs(pairs, n_features):
            circuit.rzz(x[a] * x[b], a, b)
    return Encoding("iqp", circuit)


def zz(n_features: int, *, repeats: int = 2, pairs: Pairs = "all", scale: float = 1.0) -> Encoding:
    """Return Qiskit's ``zz_feature_map``, up to a global phase.

    Each repeat is H on every qubit, ``RZ(2 x_i)`` on qubit i and ``RZZ(2 (pi - x_i)(pi - x_j))`` on every pair;
    features are multiplied by ``scale`` first.

    Parameters
    ----------
    n_features, repeats : int
    pairs : {"all", "ring", "linear", "none"} or sequence of (int, int)
    scale : float

    Notes
    -----
    Features near 0 turn the pairs by ``2 pi**2``, so it separates even samples that are close: data are best kept in
    [0, 2 pi], not centred. Havlíček et al., Nature 567, 209 (2019).

    Examples
    --------
    >>> zz(3, repeats=1, pairs="linear").circuit.counts()
    Counter({'h': 3, 'rz': 3, 'rzz': 2})
    """
    x = [real_number("scale", scale) * value for value in features(positive_int("n_features", n_features))]
    circuit = Circuit(n_features)
    for _ in range(positive_int("repeats", repeats)):
        for q in range(n_features):
            circuit.h(q)
        for q in range(n_features):
            circuit.rz(2.0 * x[q], q)
        for a, b in qubit_pairs(pairs, n_features):
            circuit.rzz(2.0 * (math.pi - x[a]) * (math.pi - x[b]), a, b)
    return Encoding("zz", circuit)


def reuploading(
    n_features: int, n_qubits: int | None = None, *, layers: int = 3, pairs: Pairs = "ring", scale: float = 1.0
) -> Encoding:
    """Return data re-uploading: every layer lays every feature again, with its own trained scale and bias.

    A layer is ``RY(w x_i + b)`` and ``RZ(c)`` for every feature, with trained w, b and c, and CZ on the pairs; an
    ``RY`` on every qubit closes the circuit.

    Parameters
    ----------
    n_features : int
    n_qubits : int, optional
        Default one a feature. With fewer, features go round the qubits; with more, qubits go round the features.
    layers : int
    pairs : {"ring", "linear", "all", "none"} or sequence of (int, int)
    scale : float
        Where the trained scales start.

    Notes
    -----
    Parameters by layer and upload (w, b, c), then the closing angles: ``3 * layers * max(n_features, n_qubits) +
    n_qubits``. With all w = 1 and as many qubits as features the outputs have the frequencies -layers .. layers in
    each feature and no others (Schuld, Sweke, Meyer, PRA 103, 032430, 2021). Pérez-Salinas et al., Quantum 4, 226
    (2020).

    Examples
    --------
    >>> reuploading(4, 2, layers=3).n_params
    38
    """
    x = features(positive_int("n_features", n_features))
    n_qubits = n_features if n_qubits is None else positive_int("n_qubits", n_qubits)
    layers, n_uploads = positive_int("layers", layers), max(n_features, n_qubits)
    w = iter(params(3 * layers * n_uploads + n_qubits))
    circuit = Circuit(n_qubits)
    for _ in range(layers):
        for upload in range(n_uploads):
            q = upload % n_qubits
            circuit.ry(next(w) * x[upload % n_features] + next(w), q).rz(next(w), q)
        for a, b in qubit_pairs(pairs, n_qubits):
            circuit.cz(a, b)
    for q in range(n_qubits):
        circuit.ry(next(w), q)
    return Encoding("reuploading", circuit, start=(real_number("scale", scale), 0.0, 0.0) * (layers * n_uploads))


#: Every encoding that can be asked for by name. Estimators, documentation and the contract tests read it.
ENCODINGS: dict[str, Callable[..., Encoding]] = {
    "angle": angle,
    "iqp": iqp,
    "zz": zz,
    "reuploading": reuploading,
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
