"""A circuit and its outputs as a host library, such as torch or JAX, calls it.

Nothing but arrays passes between the forward and the backward call, so that a host may keep, copy or move what it
likes; the precision is that of the arrays; and a key of plain text stands for the circuit in the host's own graphs.
"""

from __future__ import annotations

import hashlib
import uuid
import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.encodings import Encoding
from ketwise.blocks.preparation.premap import IDENTITY, PreMap
from ketwise.engine.native import ROW_BYTES
from ketwise.program.backends.base import Backend, Differentiable
from ketwise.program.backends.default import default_backend
from ketwise.program.backends.native import Native
from ketwise.program.backends.reference import Reference
from ketwise.program.program import Program, Residual
from ketwise.program.rows import backward_rows, residual_of
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Outputs, State, as_outputs

Array = NDArray[Any]

#: Every hosted circuit that somebody holds, by its key: a graph of the host holds the key alone. One step each, so no
#: lock: a thread that loses a race gets the object of the one that won.
_hosted: weakref.WeakValueDictionary[str, Hosted] = weakref.WeakValueDictionary()


@dataclass(frozen=True, eq=False)
class Hosted:
    """A circuit with a pre-map and outputs; made by :func:`host`, the same object for equal structures.

    Notes
    -----
    ``params (n_params,)`` or ``(batch, n_params)`` and ``features (n_features,)`` or ``(batch, n_features)`` are both
    float32 or both float64; without a batch axis in either, results have none.
    """

    circuit: Circuit
    premap: PreMap
    outputs: Outputs
    backend: Backend
    key: str

    def __reduce__(self) -> tuple[Any, ...]:
        return host, (Encoding("hosted", self.circuit, self.premap), self.outputs, self.backend)

    @cached_property
    def n_params(self) -> int:
        """Trained values."""
        return self.circuit.n_params

    @cached_property
    def n_features(self) -> int:
        """Values of data in a row, before the pre-map."""
        return self.circuit.n_features if self.premap.n_features is None else self.premap.n_features

    @cached_property
    def n_outputs(self) -> int:
        """Numbers that a sample yields."""
        return self.outputs.count(self.circuit.n_qubits)

    @cached_property
    def is_complex(self) -> bool:
        """Whether the outputs are complex: a state's are."""
        return isinstance(self.outputs, State)

    @cached_property
    def single(self) -> Program:
        """The program for float32."""
        return self.circuit.compile(self.outputs, backend=self.backend, dtype="complex64")

    @cached_property
    def double(self) -> Program:
        """The program for float64."""
        return self.circuit.compile(self.outputs, backend=self.backend, dtype="complex128")

    def kept_form(self, batch: Any, dtype: np.dtype[Any]) -> tuple[Any, np.dtype[Any]]:
        """Return how many numbers :meth:`forward` keeps, and their dtype; ``batch`` may be a host's symbol."""
        numbers = 2 << self.circuit.n_qubits
        if isinstance(self.backend, Native):  # whole tiles of samples
            lanes = ROW_BYTES // dtype.itemsize
            return (batch + lanes - 1) // lanes * (numbers * lanes), dtype
        if isinstance(self.backend, Reference):
            return batch * numbers, np.dtype(np.float64)
        return 0, dtype

    def forward(self, params: Array, features: Array, *, keep: bool) -> tuple[Array, Array]:
        """Return the outputs ``(batch, n_outputs)``, and what :meth:`backward` needs of this run if ``keep``."""
        program, mapped = self._program(params), self._mapped(features)
        size, dtype = self.kept_form(_batch(params, features), params.dtype)
        if not keep or not size:
            return program(params, mapped), np.empty(0, dtype)
        values, residual = program.forward(params, mapped)
        return values, residual.kept.view(dtype).reshape(size)

    def backward(
        self,
        params: Array,
        features: Array,
        kept: Array,
        cotangent: Array,
        *,
        of_params: bool = True,
        of_features: bool = True,
        rows: bool = False,
    ) -> tuple[Array, Array]:
        """Return the derivatives of ``sum(cotangent * outputs)``, each in the shape of its input.

        With ``rows`` each sample's own, ``(batch, n_params)`` and ``(batch, n_features)``, also of an input that all
        share. Of what is not wanted there are no numbers, ``(0,)``. Where nothing was kept the forward run is repeated.
        """
        program, mapped = self._program(params), self._mapped(features)
        wanted = tuple(name for name, asked in (("params", of_params), ("features", of_features)) if asked)
        if rows:
            found = self._rows(program, params, mapped, kept, cotangent, wanted)
        elif kept.size or not isinstance(self.backend, Differentiable):
            found = program.backward(self._residual(program, params, mapped, kept), cotangent, wanted=wanted)[:2]
        else:
            found = program.vjp(params, mapped, cotangent, wanted=wanted)[1:]
        d_params, d_features = found
        if d_features is not None and self.premap is not IDENTITY:
            given = np.broadcast_to(features, (*d_features.shape[:-1], self.n_features)).astype(np.float64)
            pulled = self.premap.backward(np.atleast_2d(given), np.atleast_2d(d_features).astype(np.float64))
            d_features = pulled.reshape(given.shape).astype(params.dtype)
        nothing = np.empty(0, params.dtype)
        return nothing if d_params is None else d_params, nothing if d_features is None else d_features

    def _rows(
        self, program: Program, params: Array, mapped: Array, kept: Array, cotangent: Array, wanted: tuple[str, ...]
    ) -> tuple[Array | None, Array | None]:
        if kept.size or not isinstance(self.backend, Differentiable):
            residual = self._residual(program, params, mapped, kept)
        else:
            residual = program.forward(params, mapped)[1]
        return backward_rows(program, residual, cotangent, wanted=wanted)

    def _residual(self, program: Program, params: Array, mapped: Array, kept: Array) -> Residual:
        if isinstance(self.backend, Native):
            return residual_of(program, params, mapped, _aligned(kept))
        # A host without double precision has rounded them.
        states = kept.astype(np.float64, copy=False).view(np.complex128).reshape(-1, 1 << self.circuit.n_qubits)
        return residual_of(program, params, mapped, states)

    def _program(self, params: Array) -> Program:
        return self.single if params.dtype == np.float32 else self.double

    def _mapped(self, features: Array) -> Array:
        if self.premap is IDENTITY:
            return features
        rows = np.atleast_2d(features).astype(np.float64)
        return self.premap.forward(rows).reshape(*features.shape[:-1], -1)


def host(circuit: Circuit | Encoding, outputs: Any, backend: Backend | None = None) -> Hosted:
    """Return the circuit, or an encoding with its pre-map, and its outputs as a host calls them.

    Raises
    ------
    TypeError, ValueError
        As ``compile`` does: what does not fit is refused here and not in the first call.
    """
    if not isinstance(circuit, (Circuit, Encoding)):
        raise TypeError(f"circuit must be a Circuit or an Encoding, got {circuit!r}")
    encoding = circuit if isinstance(circuit, Encoding) else Encoding("hosted", circuit)
    own, wanted = encoding.circuit.copy(), as_outputs(outputs)
    where = default_backend() if backend is None else backend
    premap = IDENTITY if encoding.premap == IDENTITY else encoding.premap  # also a copy of it
    made = Hosted(own, premap, wanted, where, _key(own, premap, wanted, where))
    _ = made.double
    return _hosted.setdefault(made.key, made)


def hosted(key: str) -> Hosted:
    """Return what stands for a key, as long as somebody holds it."""
    try:
        return _hosted[key]
    except KeyError:
        raise RuntimeError(
            "the circuit of this graph was freed: keep the layer or function that it was traced from"
        ) from None


def _key(circuit: Circuit, premap: PreMap, outputs: Outputs, backend: Backend) -> str:
    """Return the structure's digest, the same in every process: hosts keep compiled graphs on disk by it."""
    operations = [
        (op.gate.key, op.qubits, op.controls, None if op.angle is None else sorted(op.angle.terms.items()))
        for op in circuit.ops
    ]
    # A pre-map of the user's own has no description: its key is good for this object alone.
    mapped = (premap.name, premap.settings) if premap.settings or premap is IDENTITY else uuid.uuid4().hex
    structure = (
        (circuit.n_qubits, circuit.n_features, circuit.n_params, operations),
        (premap.n_features, mapped),
        (type(outputs).__name__, outputs.key),
        (type(backend).__qualname__, backend, backend.name),
    )
    return hashlib.sha256(repr(structure).encode()).hexdigest()[:32]


def _aligned(kept: Array) -> Array:
    """Return the numbers as the engine takes them: it wants rows at their own addresses, and no read-only array."""
    if kept.ctypes.data % ROW_BYTES == 0 and kept.flags.writeable:
        return kept
    raw = np.empty(kept.nbytes + ROW_BYTES, dtype=np.uint8)
    start = -raw.ctypes.data % ROW_BYTES
    rows = raw[start : start + kept.nbytes].view(kept.dtype)
    rows[:] = kept
    return rows


def _batch(params: Array, features: Array) -> int:
    """Return the number of samples."""
    return len(params) if params.ndim == 2 else len(features) if features.ndim == 2 else 1
