"""A quantum circuit as a pure function that JAX compiles, maps and differentiates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from ketwise.blocks.encodings import Encoding
from ketwise.learning.hosted import Hosted, host
from ketwise.learning.jax.calls import Asked, outputs, pull_back
from ketwise.program.backends.base import Backend
from ketwise.words.checks import shape_error
from ketwise.words.circuit import Circuit


def function(
    circuit: Circuit | Encoding, outputs: Any, *, backend: Backend | None = None
) -> Callable[[Any, Any], Array]:
    """Return ``f(params, features)``, the outputs of the circuit as a pure function of JAX.

    Parameters
    ----------
    circuit : Circuit or Encoding
    outputs : Observable, sequence of Observable, Expectations, Probabilities, Overlap or State
    backend : Backend, optional

    Returns
    -------
    callable
        Of ``params (..., n_params)`` in radians and ``features (..., n_features)``, either without leading axes or
        both with the same; None, the default, where the circuit has none. It returns ``(..., n_outputs)``.

    Raises
    ------
    TypeError, ValueError
        For a circuit that does not compile; the function, for inputs of another shape. NaN and infinities raise when
        the numbers are there.

    Notes
    -----
    ``jit``, ``vmap``, ``grad`` and ``jacrev`` in any order. What is mapped over is one batch in one call. float64 is
    computed in double precision where ``jax_enable_x64`` is set, everything else in single precision.

    A gradient runs the circuit forward once and back once. It is differentiated once and in reverse: ``jvp``,
    ``jacfwd`` and ``hessian`` raise.

    Examples
    --------
    >>> import jax, ketwise as kw
    >>> x, w = kw.features(1), kw.params(1)
    >>> f = kw.jax.function(kw.Circuit(1).ry(w[0] * x[0], 0), kw.Z(0))
    >>> X = jax.numpy.array([[0.0], [1.0]])
    >>> gradient = jax.jit(jax.grad(lambda w: f(w, X).sum()))(jax.numpy.array([0.5]))
    >>> print(f"{gradient[0]:.4f}")
    -0.4794
    """
    hosted = host(circuit, outputs, backend)

    def run(params: Any = None, features: Any = None) -> Array:
        return _run(hosted, params, features)

    run.__name__ = run.__qualname__ = "circuit"
    run.__doc__ = (
        f"Return the outputs (..., {hosted.n_outputs}) for params (..., {hosted.n_params}) and features "
        f"(..., {hosted.n_features})."
    )
    return run


def _run(hosted: Hosted, params: Any, features: Any) -> Array:
    w, x = (
        _array(name, given, size)
        for name, given, size in (("params", params, hosted.n_params), ("features", features, hosted.n_features))
    )
    lead = x.shape[:-1] if x.ndim > 1 else w.shape[:-1]
    if w.ndim > 1 and w.shape[:-1] != lead:
        raise shape_error("params", f"({hosted.n_params},) or {(*lead, hosted.n_params)}", w.shape)
    # Where double precision is not switched on, float64 stands for float32 here.
    real = jnp.result_type(*(jnp.float64 if each.dtype == jnp.float64 else jnp.float32 for each in (w, x)))
    flat = [(each if each.ndim < 3 else each.reshape(-1, each.shape[-1])).astype(real) for each in (w, x)]
    values = _outputs(hosted, *flat)
    return values if len(lead) < 2 else values.reshape(*lead, hosted.n_outputs)


def _array(name: str, given: Any, size: int) -> Array:
    if given is None:
        if size:
            raise ValueError(f"{name} are missing: this function takes (..., {size})")
        return jnp.empty(0, dtype=jnp.float32)
    array = jnp.asarray(given)
    if array.ndim == 0 or array.shape[-1] != size:
        raise shape_error(name, f"(..., {size})", array.shape)
    if jnp.iscomplexobj(array):
        raise ValueError(f"{name} must be real, got {array.dtype}")
    return array


@partial(jax.tree_util.register_dataclass, data_fields=("params", "features", "kept"), meta_fields=("asked",))
@dataclass(frozen=True)
class _Residual:
    """What stays between the forward and the backward call."""

    params: Array
    features: Array
    kept: Array
    asked: Asked


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _outputs(hosted: Hosted, params: Array, features: Array) -> Array:
    return outputs(hosted, False, params, features)[0]


def _forward(hosted: Hosted, params: Any, features: Any) -> tuple[Array, _Residual]:
    asked = Asked(params.perturbed, features.perturbed)
    values, kept = outputs(hosted, asked.of_params or asked.of_features, params.value, features.value)
    return values, _Residual(params.value, features.value, kept, asked)


def _backward(hosted: Hosted, residual: _Residual, cotangent: Any) -> tuple[Array | None, Array | None]:
    if isinstance(cotangent, jax.custom_derivatives.SymbolicZero):
        return None, None
    # JAX transposes without conjugation; ours is the gradient of Re sum(conj(cotangent) * state).
    asked, weights = residual.asked, cotangent.conj() if hosted.is_complex else cotangent
    found = pull_back(hosted, asked, residual.params, residual.features, residual.kept, weights)
    return found[0] if asked.of_params else None, found[1] if asked.of_features else None


_outputs.defvjp(_forward, _backward, symbolic_zeros=True)
