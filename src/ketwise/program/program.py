"""A circuit and its outputs, compiled for a backend: values, the pair forward and backward, and conveniences."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.angles import AngleValues, Wanted
from ketwise.engine.memory import require
from ketwise.engine.sampling import Seed, draw
from ketwise.program.backends.base import Backend, Derivatives, Differentiable
from ketwise.program.backends.default import default_backend
from ketwise.program.explain import explain
from ketwise.program.polynomial import AngleMap
from ketwise.program.shift import shifted_derivatives
from ketwise.words.checks import all_finite, complex_array, positive_int, shape_error, values
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Expectations, Outputs, Overlap, Probabilities, State, as_outputs

#: How far the norm of a given initial state may be from 1.
NORM_TOLERANCE = 1e-4
#: What a program can be differentiated by.
CLASSICAL = ("params", "features")
INPUTS = (*CLASSICAL, "initial_state")


class Inputs(NamedTuple):
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
        return True not in self.batched


class Residual(NamedTuple):
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
    The same program gives the same bits for a sample alone or in any batch, and for any number of threads. Parameters
    given once for all samples and the same given for each of them agree to 1e-12 (complex64: 5e-6), not to the bit.

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
        self._real = np.dtype(np.float32 if dtype == np.complex64 else np.float64)
        self._sizes = (circuit.n_params, circuit.n_features)
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

    def backward(self, residual: Residual, cotangent: Any, *, wanted: Collection[str] = INPUTS) -> tuple[Any, Any, Any]:
        """Return ``d_params, d_features, d_initial_state`` of ``sum(cotangent * outputs)``.

        Each has the shape of its input, ``None`` where there was none or where ``wanted`` does not name it; an input
        that all samples shared gets the sum over the batch. For a complex ``z``, the gradient is
        ``d/d Re z + i d/d Im z``; a State's cotangent ``c`` stands for ``Re sum(conj(c) * state)``.
        """
        if not isinstance(residual, Residual) or residual.program is not self:
            raise ValueError("backward needs the residual that forward of this same program returned")
        _check_names(wanted, INPUTS)
        inputs = residual.inputs
        weights = self._cotangent(cotangent, inputs)
        d_shared, d_rows, d_initial = self._derivatives(inputs, residual.kept, weights, self._asked(inputs, wanted))
        of_initial = None if d_initial is None else self._of_initial(inputs, d_initial)
        return *self._chain(inputs, d_shared, d_rows, wanted), of_initial

    def vjp(
        self,
        params: Any,
        features: Any,
        cotangent: Any,
        initial_state: Any = None,
        *,
        wanted: Collection[str] = CLASSICAL,
    ) -> tuple[NDArray[Any], Any, Any]:
        """Return the outputs, ``d_params`` and ``d_features`` of ``sum(cotangent * outputs)`` in one fused sweep.

        Each has the shape of its input, ``None`` where there was none or where ``wanted`` does not name it; an input
        that all samples shared gets the sum over the batch. What is not wanted is not computed.

        Examples
        --------
        >>> import numpy as np, ketwise as kw
        >>> p = kw.Circuit(1).ry(kw.params(1)[0] * kw.features(1)[0], 0).compile(kw.Z(0))
        >>> values, d_params, d_features = p.vjp([0.5], [1.0], [1.0], wanted=("params",))
        >>> d_params.round(6), d_features
        (array([-0.479426]), None)
        """
        _check_names(wanted, CLASSICAL)
        inputs = self._inputs(params, features, initial_state)
        weights = self._cotangent(cotangent, inputs)
        asked = self._asked(inputs, wanted)
        if self._sweep is not None:
            result, derivatives = self._sweep.vjp(self._plan, inputs.angles, inputs.initial, weights, asked)
        else:
            result = self.backend.run(self._plan, inputs.angles, inputs.initial)
            derivatives = self._shifted(inputs, weights, asked)
        d_shared, d_rows, _ = derivatives
        return (result[0] if inputs.squeeze else result), *self._chain(inputs, d_shared, d_rows, wanted)

    def jacobian(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return ``(batch, n_outputs, n_params)``: one reverse sweep an output."""
        return self._jacobian(params, features, initial_state, of_features=False)

    def feature_jacobian(self, params: Any = None, features: Any = None, initial_state: Any = None) -> NDArray[Any]:
        """Return ``(batch, n_outputs, n_features)``: one reverse sweep an output."""
        return self._jacobian(params, features, initial_state, of_features=True)

    def _jacobian(self, params: Any, features: Any, initial_state: Any, *, of_features: bool) -> NDArray[Any]:
        if isinstance(self.outputs, State):
            raise TypeError("jacobian needs real outputs: ask for expectations, probabilities or overlaps")
        inputs = self._inputs(params, features, initial_state)
        batch, width = inputs.angles.batch, self.n_features if of_features else self.n_params
        require(
            f"a jacobian of {batch} samples by {self.n_outputs} outputs and {width} values",
            self.n_qubits,
            lambda n: 8 * batch * (self.outputs.count(n) * width + self._map.n_angles),
        )
        wanted = Wanted(self._map.needed(of_params=not of_features, of_features=of_features), by_sample=True)
        kept = None
        if self._sweep is not None:
            _, kept = self._sweep.forward(self._plan, inputs.angles, inputs.initial)
        jacobian = np.empty((batch, self.n_outputs, width), dtype=self._real)
        for m in range(self.n_outputs):
            cotangent = np.zeros((batch, self.n_outputs), dtype=self._real)
            cotangent[:, m] = 1.0
            _, d_angles, _ = self._derivatives(inputs, kept, cotangent, wanted)
            jacobian[:, m] = self._map.pull_back_rows(d_angles, inputs.params, inputs.features, of_features=of_features)
        return jacobian[0] if inputs.squeeze else jacobian

    def _asked(self, inputs: Inputs, wanted: Collection[str]) -> Wanted:
        given_params, given_features, given_initial = inputs.given
        needed = self._map.needed(
            of_params=given_params and "params" in wanted, of_features=given_features and "features" in wanted
        )
        return Wanted(needed, given_initial and "initial_state" in wanted)

    def _derivatives(self, inputs: Inputs, kept: Any, cotangent: NDArray[Any], wanted: Wanted) -> Derivatives:
        """Return the derivatives after a forward run that kept ``kept``."""
        if self._sweep is None:
            return self._shifted(inputs, cotangent, wanted)
        return self._sweep.backward(self._plan, inputs.angles, inputs.initial, kept, cotangent, wanted)

    def _shifted(self, inputs: Inputs, cotangent: NDArray[Any], wanted: Wanted) -> Derivatives:
        if wanted.initial_state:
            raise TypeError(
                f"the backend {self.backend.name!r} has no gradient with respect to an initial state: prepare it "
                "with gates, or use the native or the reference backend"
            )
        d_shared, d_rows = shifted_derivatives(
            self.backend, self._plan, self._circuit, self.outputs, inputs.angles, inputs.initial, cotangent, wanted
        )
        return d_shared, d_rows, None

    def _chain(self, inputs: Inputs, d_shared: Any, d_rows: Any, wanted: Collection[str]) -> tuple[Any, Any]:
        batched_params, batched_features, _ = inputs.batched
        given_params, given_features, _ = inputs.given
        d_params, d_features = self._map.pull_back(
            d_shared,
            d_rows,
            inputs.params,
            inputs.features,
            batched_params,
            of_params=given_params and "params" in wanted,
            of_features=given_features and "features" in wanted,
        )
        return self._as_given(d_params, batched_params), self._as_given(d_features, batched_features)

    def _as_given(self, derivative: NDArray[np.float64] | None, batched: bool) -> NDArray[Any] | None:
        if derivative is None:
            return None
        return (derivative if batched else derivative[0]).astype(self._real, copy=False)

    def _of_initial(self, inputs: Inputs, d_initial: NDArray[Any]) -> NDArray[Any]:
        if not inputs.batched[2]:
            return d_initial.sum(axis=0)
        one = inputs.initial is not None and len(inputs.initial) == 1
        return d_initial.sum(axis=0, keepdims=True) if one else d_initial

    # -- arguments

    def _inputs(self, params: Any, features: Any, initial_state: Any) -> Inputs:
        n_params, n_features = self._sizes
        w, batched_w = values("params", params, n_params)
        x, batched_x = values("features", features, n_features)
        initial, batched_initial = (None, False) if initial_state is None else self._initial(initial_state)
        batched = (batched_w, batched_x, batched_initial)
        arrays = (w, x, initial)
        sizes = {len(array) for array, flag in zip(arrays, batched, strict=True) if flag and array is not None}
        sizes.discard(1)
        if len(sizes) > 1:
            rows = [
                f"{name} has {len(array)} rows"
                for name, array, flag in zip(INPUTS, arrays, batched, strict=True)
                if flag and array is not None and len(array) != 1
            ]
            raise ValueError(f"inputs must agree in their batch: {', '.join(rows)}")
        angles = self._map.values(w, x, sizes.pop() if sizes else 1, batched_w)
        return Inputs(w, x, initial, angles, batched, (params is not None, features is not None, initial is not None))

    def _initial(self, given: Any) -> tuple[NDArray[Any], bool]:
        size = 1 << self.n_qubits
        array = complex_array("initial_state", given)
        if array.ndim not in (1, 2) or array.shape[-1] != size:
            raise shape_error("initial_state", f"({size},) or (batch, {size})", array.shape)
        if not all_finite(array):
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
        weights = array
        if self._real == np.float32:
            with np.errstate(over="ignore"):
                weights = array.astype(np.complex64 if array.dtype.kind == "c" else np.float32)
        if not all_finite(weights):
            raise ValueError(f"cotangent must be finite in the precision of the program, {self.dtype}")
        return weights.reshape(inputs.angles.batch, self.n_outputs)

    def explain(self, batch: int = 256) -> str:
        """Return, in words, what one run of ``batch`` samples does and costs, predicted and measured.

        Notes
        -----
        Cost: a dozen runs, half of them with gradients.
        """
        return explain(self, self._plan, positive_int("batch", batch))


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


def _check_names(wanted: Collection[str], known: tuple[str, ...]) -> None:
    if wanted is known:
        return
    if isinstance(wanted, str) or not isinstance(wanted, Collection) or not set(wanted) <= set(known):
        raise ValueError(f"wanted must be a tuple of names out of {', '.join(known)}, got {wanted!r}")
