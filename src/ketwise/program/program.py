"""A circuit and its outputs, compiled for a backend: values, the pair forward and backward, and conveniences."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues
from ketwise.engine.sampling import Seed, draw
from ketwise.program.backends.base import Backend, Differentiable
from ketwise.program.backends.default import default_backend
from ketwise.program.polynomial import AngleMap
from ketwise.program.shift import shifted_derivatives
from ketwise.words.checks import complex_array, positive_int, shape_error, values
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Expectations, Outputs, Overlap, Probabilities, State, as_outputs

#: How far the norm of a given initial state may be from 1.
NORM_TOLERANCE = 1e-4


@dataclass(frozen=True)
class Inputs:
    """Converted and checked inputs of one call, with what is needed to give results the caller's shapes."""

    params: NDArray[np.float64]
    features: NDArray[np.float64]
    initial: NDArray[Any] | None
    angles: AngleValues
    batched: tuple[bool, bool, bool]
    given: tuple[bool, bool, bool]

    @property
    def squeeze(self) -> bool:
        """Whether no input had a batch axis."""
        return not any(self.batched)


@dataclass(frozen=True)
class Residual:
    """What ``backward`` needs of a ``forward`` of the same program; opaque."""

    program: Program
    inputs: Inputs
    kept: Any


class Program:
    """A circuit with its outputs, ready to run. Made by :meth:`Circuit.compile`; immutable and safe to share.

    Every method takes ``params (n_params,)`` or ``(batch, n_params)``, then ``features (n_features,)`` or
    ``(batch, n_features)``, then an optional ``initial_state (2**n,)`` or ``(batch, 2**n)``; ``None`` where the circuit
    has none. Results have a leading batch axis unless no input had one.

    Notes
    -----
    The same program gives the same bits for a sample alone or in any batch, and for any number of threads.

    Examples
    --------
    >>> import numpy as np, ketwise as kw
    >>> p = kw.Circuit(1).ry(kw.features(1)[0], 0).compile(kw.Z(0))
    >>> p(None, np.array([[0.0], [np.pi]])).round(12)
    array([[ 1.],
           [-1.]])
    """

    def __init__(self, circuit: Circuit, outputs: Outputs, backend: Backend, dtype: np.dtype[Any]):
        self._circuit = circuit.copy()
        self.outputs = outputs
        self.backend = backend
        self.dtype = dtype
        self.n_outputs = outputs.count(circuit.n_qubits)
        # Asked once: looking a protocol up takes longer than a small run.
        self._sweep = backend if isinstance(backend, Differentiable) else None
        self._plan = backend.compile(circuit, outputs, dtype)
        angles = [op.angle for op in circuit.ops if op.angle is not None]
        self._map = AngleMap(angles, circuit.n_features, circuit.n_params)

    @property
    def circuit(self) -> Circuit:
        """A copy of the circuit: the program does not change."""
        return self._circuit.copy()

    @property
    def n_qubits(self) -> int:
        """Qubits of the circuit."""
        return self._circuit.n_qubits

    @property
    def n_params(self) -> int:
        """Trained values that a run needs."""
        return self._circuit.n_params

    @property
    def n_features(self) -> int:
        """Values of data that a run needs."""
        return self._circuit.n_features

    def __reduce__(self) -> tuple[Any, ...]:
        # Copies and other processes compile again: a plan belongs to the module that made it.
        return _compile_again, (self.circuit, self.outputs, self.backend, self.dtype)

    def __repr__(self) -> str:
        return (
            f"Program(n_qubits={self.n_qubits}, n_params={self.n_params}, n_features={self.n_features}, "
            f"n_outputs={self.n_outputs}, outputs={type(self.outputs).__name__}, dtype={self.dtype}, "
            f"backend={self.backend.name!r})"
        )

    # -- values

    def __call__(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return the outputs ``(batch, n_outputs)``."""
        inputs = self._inputs(params, features, initial_state)
        result = self.backend.run(self._plan, inputs.angles, inputs.initial)
        return result[0] if inputs.squeeze else result

    def expectation(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return the expectation values ``(batch, n_observables)``; refuse a program with other outputs."""
        if not isinstance(self.outputs, Expectations):
            raise TypeError(
                f"this program computes {type(self.outputs).__name__}: compile observables for expectations"
            )
        return self(params, features, initial_state)

    def state(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return the final states ``(batch, 2**n)``; qubit q is bit q of the index."""
        return self._with(State())(params, features, initial_state)

    def probabilities(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return the probabilities ``(batch, 2**n)`` of all basis states."""
        return self._with(Probabilities())(params, features, initial_state)

    def sample(
        self,
        params: Any = None,
        features: Any = None,
        initial_state: Any = None,
        *,
        shots: int,
        seed: Seed = None,
    ) -> NDArray[np.int64]:
        """Return ``(batch, shots)`` basis-state indices; a row's draw depends on the seed and its row number only."""
        shots = positive_int("shots", shots)
        weights = self.probabilities(params, features, initial_state)
        drawn = draw(np.atleast_2d(weights), shots, seed)
        return drawn[0] if weights.ndim == 1 else drawn

    def _with(self, outputs: Outputs) -> Program:
        return compile_circuit(self._circuit, outputs, backend=self.backend, dtype=self.dtype)

    # -- derivatives

    def forward(
        self, params: Any = None, features: Any = None, initial_state: Any = None
    ) -> tuple[NDArray[Any], Residual]:
        """Return the outputs ``(batch, n_outputs)`` and the residual that :meth:`backward` takes."""
        inputs = self._inputs(params, features, initial_state)
        if self._sweep is not None:
            result, kept = self._sweep.forward(self._plan, inputs.angles, inputs.initial)
        else:
            result, kept = self.backend.run(self._plan, inputs.angles, inputs.initial), None
        return (result[0] if inputs.squeeze else result), Residual(self, inputs, kept)

    def backward(self, residual: Residual, cotangent: Any) -> tuple[Any, Any, Any]:
        """Return ``d_params, d_features, d_initial_state`` of ``sum(cotangent * outputs)``.

        Each has the shape of its input, ``None`` where there was none; an input that all samples shared gets the sum
        over the batch. For a complex ``z``, the gradient is ``d/d Re z + i d/d Im z``; a State's cotangent ``c`` stands
        for ``Re sum(conj(c) * state)``.
        """
        if not isinstance(residual, Residual) or residual.program is not self:
            raise ValueError("backward needs the residual that forward of this same program returned")
        inputs = residual.inputs
        weights = self._cotangent(cotangent, inputs)
        if self._sweep is not None:
            derivatives = self._sweep.backward(self._plan, inputs.angles, inputs.initial, residual.kept, weights)
        else:
            derivatives = self._shifted(inputs, weights)
        return self._chain(inputs, *derivatives)

    def vjp(
        self, params: Any, features: Any, cotangent: Any, initial_state: Any = None
    ) -> tuple[NDArray[Any], Any, Any]:
        """Return the outputs, ``d_params`` and ``d_features`` of ``sum(cotangent * outputs)`` in one fused sweep."""
        inputs = self._inputs(params, features, initial_state)
        weights = self._cotangent(cotangent, inputs)
        if self._sweep is not None:
            result, *derivatives = self._sweep.vjp(self._plan, inputs.angles, inputs.initial, weights)
        else:
            result = self.backend.run(self._plan, inputs.angles, inputs.initial)
            derivatives = list(self._shifted(inputs, weights))
        d_params, d_features, _ = self._chain(inputs, *derivatives)
        return (result[0] if inputs.squeeze else result), d_params, d_features

    def jacobian(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return ``(batch, n_outputs, n_params)``: one reverse sweep an output."""
        return self._jacobian(params, features, initial_state, of_features=False)

    def feature_jacobian(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return ``(batch, n_outputs, n_features)``: one reverse sweep an output."""
        return self._jacobian(params, features, initial_state, of_features=True)

    def _jacobian(self, params: Any, features: Any, initial_state: Any, *, of_features: bool) -> NDArray[Any]:
        if isinstance(self.outputs, State):
            raise TypeError("jacobian needs real outputs: ask for expectations, probabilities or overlaps")
        checked = self._inputs(params, features, initial_state)
        squeeze, batch = checked.squeeze, checked.angles.batch
        # Every sample gets its own copy of a shared input, so that its derivative is not summed over the batch.
        wide_params = np.broadcast_to(checked.params, (batch, self.n_params))
        wide_features = np.broadcast_to(checked.features, (batch, self.n_features))
        _, residual = self.forward(wide_params, wide_features, checked.initial)
        rows = []
        for m in range(self.n_outputs):
            cotangent = np.zeros((batch, self.n_outputs))
            cotangent[:, m] = 1.0
            rows.append(self.backward(residual, cotangent)[1 if of_features else 0])
        width = self.n_features if of_features else self.n_params
        jacobian = np.stack(rows, axis=1) if rows else np.zeros((batch, 0, width))
        return jacobian[0] if squeeze else jacobian

    def _shifted(
        self, inputs: Inputs, cotangent: NDArray[Any]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], None]:
        if inputs.initial is not None:
            raise TypeError(
                f"the backend {self.backend.name!r} has no gradient with respect to an initial state: prepare it "
                "with gates, or use the native or the reference backend"
            )
        d_shared, d_rows = shifted_derivatives(
            self.backend, self._plan, self._circuit, self.outputs, inputs.angles, inputs.initial, cotangent
        )
        return d_shared, d_rows, None

    def _chain(self, inputs: Inputs, d_shared: Any, d_rows: Any, d_initial: Any) -> tuple[Any, Any, Any]:
        batched_params, batched_features, batched_initial = inputs.batched
        d_params, d_features = self._map.pull_back(d_shared, d_rows, inputs.params, inputs.features, batched_params)
        real = np.float32 if self.dtype == np.complex64 else np.float64
        if d_initial is not None and not batched_initial:
            d_initial = d_initial.sum(axis=0)
        elif d_initial is not None and inputs.initial is not None and len(inputs.initial) == 1:
            d_initial = d_initial.sum(axis=0, keepdims=True)
        given_params, given_features, _ = inputs.given
        return (
            (d_params if batched_params else d_params[0]).astype(real) if given_params else None,
            (d_features if batched_features else d_features[0]).astype(real) if given_features else None,
            d_initial,
        )

    # -- arguments

    def _inputs(self, params: Any, features: Any, initial_state: Any) -> Inputs:
        w, batched_w = values("params", params, self.n_params)
        x, batched_x = values("features", features, self.n_features)
        initial, batched_initial = self._initial(initial_state)
        batched = (batched_w, batched_x, batched_initial)
        sizes = {
            name: len(array)
            for name, array, flag in zip(("params", "features", "initial_state"), (w, x, initial), batched, strict=True)
            if flag and array is not None and len(array) != 1
        }
        if len(set(sizes.values())) > 1:
            raise ValueError(
                "inputs must agree in their batch: "
                + ", ".join(f"{name} has {size} rows" for name, size in sizes.items())
            )
        batch = next(iter(sizes.values()), 1)
        angles = self._map.values(w, x, batch, batched_w)
        return Inputs(w, x, initial, angles, batched, (params is not None, features is not None, initial is not None))

    def _initial(self, given: Any) -> tuple[NDArray[Any] | None, bool]:
        if given is None:
            return None, False
        size = 1 << self.n_qubits
        array = complex_array("initial_state", given)
        if array.ndim not in (1, 2) or array.shape[-1] != size:
            raise shape_error("initial_state", f"({size},) or (batch, {size})", array.shape)
        if not np.isfinite(array).all():
            raise ValueError("initial_state must be finite")
        rows = np.atleast_2d(array)
        norms = np.sqrt((rows.real**2 + rows.imag**2).sum(axis=1))
        if len(norms) and not np.abs(norms - 1.0).max() <= NORM_TOLERANCE:
            worst = int(np.abs(norms - 1.0).argmax())
            raise ValueError(f"initial_state must have norm 1, row {worst} has {norms[worst]:.6g}: divide by it")
        return rows.astype(self.dtype), array.ndim == 2

    def _cotangent(self, given: Any, inputs: Inputs) -> NDArray[Any]:
        expected = (self.n_outputs,) if inputs.squeeze else (inputs.angles.batch, self.n_outputs)
        array = np.asarray(given)
        if array.shape != expected:
            raise shape_error("cotangent", str(expected), array.shape)
        if array.dtype.kind not in ("fiubc" if isinstance(self.outputs, State) else "fiub"):
            raise ValueError(f"cotangent must be an array of real numbers, got dtype {array.dtype}")
        single = np.complex64 if array.dtype.kind == "c" else np.float32
        with np.errstate(over="ignore"):
            weights = array.astype(single) if self.dtype == np.complex64 else array
        if not np.isfinite(weights).all():
            raise ValueError(f"cotangent must be finite in the precision of the program, {self.dtype}")
        return weights.reshape(inputs.angles.batch, self.n_outputs)

    def explain(self) -> str:
        """Return, in words, what one run does on this backend."""
        head = f"{self.n_qubits} qubits, {len(self._circuit)} operations, depth {self._circuit.depth()}"
        detail = getattr(self.backend, "explain", None)
        return head + (f"\n{detail(self._plan)}" if detail else f"\n{self.backend.name}")


_CACHE_SIZE = 256
#: Oldest first. Each step on it is one operation of a dict, so that threads and forks need no lock.
_cache: dict[Hashable, Program] = {}


def compile_circuit(
    circuit: Circuit, outputs: Any, *, backend: Backend | None = None, dtype: Any = "complex128"
) -> Program:
    """Return the program, the same object for the same structure; see :meth:`Circuit.compile`."""
    wanted = as_outputs(outputs)
    wanted.check(circuit.n_qubits)
    try:
        precision = np.dtype(dtype)
    except TypeError:
        raise ValueError(f"dtype must be complex128 or complex64, got {dtype!r}") from None
    if precision not in (np.dtype(np.complex128), np.dtype(np.complex64)):
        raise ValueError(f"dtype must be complex128 or complex64, got {precision}")
    if isinstance(wanted, Expectations) and precision == np.complex64:
        for observable in wanted.observables:
            if 4 * observable.norm1() > float(np.finfo(np.float32).max):
                raise ValueError(
                    f"coefficients up to {observable.norm1():.3g} are too large for complex64: use complex128"
                )
    where = default_backend() if backend is None else backend
    if isinstance(where, type) or not isinstance(where, Backend):
        raise TypeError(
            f"backend must have methods compile and run, such as kw.Native() or kw.Reference(); got {where!r}"
        )
    key = (circuit.key, wanted, where, where.name, precision)
    program = _cache.pop(key, None)
    if program is None:
        program = Program(circuit, wanted, where, precision)
    if not isinstance(wanted, Overlap):  # which may hold any number of states
        _cache[key] = program
        for oldest in list(_cache)[:-_CACHE_SIZE]:
            _cache.pop(oldest, None)
    return program


def _compile_again(circuit: Circuit, outputs: Outputs, backend: Backend, dtype: Any) -> Program:
    return compile_circuit(circuit, outputs, backend=backend, dtype=dtype)
