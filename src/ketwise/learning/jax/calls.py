"""The two calls that JAX's programs make: a circuit's outputs, and the pull-back of a cotangent through them.

Each is a callback to the host with a rule for ``vmap``: whatever is mapped over becomes one batch and one call. They
know nothing of derivatives, which ``function.py`` adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, ShapeDtypeStruct
from jax.custom_batching import custom_vmap

from ketwise.learning.hosted import Hosted


class Asked(NamedTuple):
    """What of a pull-back is wanted; with ``rows`` each sample's own derivative of an input that all share."""

    of_params: bool
    of_features: bool
    rows: bool = False


def outputs(host: Hosted, keep: bool, params: Array, features: Array) -> tuple[Array, Array]:
    """Return the outputs ``(batch, n_outputs)``, and what :func:`pull_back` needs if ``keep``."""

    @custom_vmap
    def call(params: Array, features: Array) -> Any:
        batch, real = _batch(params, features), params.dtype
        size, dtype = host.kept_form(1 if batch is None else batch, np.dtype(real))
        # The reference keeps double precision, which JAX has only if it is switched on.
        kept = ShapeDtypeStruct((size if keep else 0,), jax.dtypes.canonicalize_dtype(dtype))
        values = ShapeDtypeStruct(
            (host.n_outputs,) if batch is None else (batch, host.n_outputs),
            jnp.result_type(real, jnp.complex64) if host.is_complex else real,
        )

        return jax.pure_callback(_Outputs(host, keep, real, kept.dtype), (values, kept), params, features)

    @call.def_vmap
    def batched(maps: int, mapped: Any, params: Array, features: Array) -> Any:
        flat, batch = _flat(maps, (params, features), mapped)
        values, kept = outputs(host, keep, *flat)
        # What is kept is of all samples in one batch, and counts as not mapped over.
        return (values.reshape(maps, *(() if batch is None else (batch,)), -1), kept), (True, False)

    found: tuple[Array, Array] = call(params, features)
    return found


def pull_back(
    host: Hosted, asked: Asked, params: Array, features: Array, kept: Array, cotangent: Array
) -> tuple[Array, Array]:
    """Return ``d_params`` and ``d_features``, without numbers where not asked."""

    @custom_vmap
    def call(params: Array, features: Array, kept: Array, cotangent: Array) -> Any:
        batch = _batch(params, features)

        def form(given: Array, wanted: bool) -> ShapeDtypeStruct:
            shape = (1 if batch is None else batch, given.shape[-1]) if asked.rows else given.shape
            return ShapeDtypeStruct(shape if wanted else (0,), given.dtype)

        forms = form(params, asked.of_params), form(features, asked.of_features)
        return jax.pure_callback(_PullBack(host, asked, params.dtype), forms, params, features, kept, cotangent)

    @call.def_vmap
    def batched(maps: int, mapped: Any, params: Array, features: Array, kept: Array, cotangent: Array) -> Any:
        if not (mapped[0] or mapped[1]):
            found = _many_cotangents(host, asked, params, features, kept, cotangent)
        else:
            (flat_params, flat_features), batch = _flat(maps, (params, features), mapped)
            if not mapped[3]:
                cotangent = jnp.broadcast_to(cotangent, (maps, *cotangent.shape))
            cotangent = cotangent.reshape(-1, host.n_outputs)
            rows = pull_back(host, asked._replace(rows=True), flat_params, flat_features, kept, cotangent)
            shared = [each.ndim - is_mapped == 1 for each, is_mapped in zip((params, features), mapped, strict=False)]
            found = tuple(
                _unflat(each, maps, 1 if batch is None else batch, one and not asked.rows) if wanted else each
                for each, one, wanted in zip(rows, shared, asked[:2], strict=True)
            )
        return found, asked[:2]

    found: tuple[Array, Array] = call(params, features, kept, cotangent)
    return found


@dataclass(frozen=True)
class _Outputs:
    """The host's side of :func:`outputs`. Equal ones are one and the same to JAX, which compiles for each of them."""

    host: Hosted
    keep: bool
    real: np.dtype[Any]
    kept: np.dtype[Any]

    def __call__(self, *arrays: Any) -> tuple[Any, Any]:
        values, kept = self.host.forward(*_given(self.real, arrays), keep=self.keep)
        return values, kept.astype(self.kept, copy=False)


@dataclass(frozen=True)
class _PullBack:
    """The host's side of :func:`pull_back`."""

    host: Hosted
    asked: Asked
    real: np.dtype[Any]

    def __call__(self, *arrays: Any) -> tuple[Any, Any]:
        params, features, kept, cotangent = _given(self.real, arrays)
        return self.host.backward(params, features, kept, cotangent, **self.asked._asdict())


def _given(real: Any, arrays: tuple[Any, ...]) -> list[Any]:
    """Return the arrays as NumPy's; refuse params and features that JAX has rounded on the way."""
    found = [np.asarray(each) for each in arrays]
    if any(each.dtype != real for each in found[:2]):
        raise TypeError(
            f"{real} was asked for and {found[0].dtype} arrived: switch double precision on for all threads, "
            'by jax.config.update("jax_enable_x64", True) at the start'
        )
    return found


def _batch(params: Array, features: Array) -> int | None:
    """Return the number of samples, None where neither input has a batch axis."""
    return params.shape[0] if params.ndim == 2 else features.shape[0] if features.ndim == 2 else None


def _flat(maps: int, inputs: tuple[Array, Array], mapped: Any) -> tuple[list[Array], int | None]:
    """Return params and features with one batch axis over all maps and samples, and the samples of a map.

    What neither the maps nor the samples differ in stays as it is.
    """
    ranks = [each.ndim - is_mapped for each, is_mapped in zip(inputs, mapped, strict=False)]
    sizes = [each.shape[-2] for each, rank in zip(inputs, ranks, strict=True) if rank == 2]
    batch = sizes[0] if sizes else None

    def rows(given: Array, is_mapped: bool, rank: int) -> Array:
        if not is_mapped and rank == 1:
            return given
        whole = (maps, 1 if batch is None else batch, given.shape[-1])
        with_batch = given if rank == 2 else given[..., None, :]
        return jnp.broadcast_to(with_batch, whole).reshape(-1, given.shape[-1])

    return [rows(each, flag, rank) for each, flag, rank in zip(inputs, mapped, ranks, strict=False)], batch


def _unflat(rows: Array, maps: int, batch: int, shared: bool) -> Array:
    each = rows.reshape(maps, batch, rows.shape[-1])
    return each.sum(axis=1) if shared else each


def _many_cotangents(
    host: Hosted, asked: Asked, params: Array, features: Array, kept: Array, cotangents: Array
) -> tuple[Array, ...]:
    """Pull back many cotangents of one forward run, as ``jacrev`` does: at most one sweep an output of the circuit."""
    run: Any = partial(pull_back, host)
    if len(cotangents) <= host.n_outputs or host.is_complex:
        each = [run(asked, params, features, kept, one) for one in cotangents]
        return tuple(jnp.stack(found) for found in zip(*each, strict=True))
    basis = jnp.eye(host.n_outputs, dtype=cotangents.dtype)
    shape = cotangents.shape[1:]
    by_row = asked._replace(rows=True)
    sweeps = [run(by_row, params, features, kept, jnp.broadcast_to(one, shape)) for one in basis]
    flat = cotangents.reshape(len(cotangents), -1, host.n_outputs)
    found = []
    for given, jacobians, wanted in zip((params, features), zip(*sweeps, strict=True), asked[:2], strict=True):
        equation = "tbm,mbp->tp" if given.ndim == 1 and not asked.rows else "tbm,mbp->tbp"
        # Full precision also on devices whose products are coarser by default.
        product = partial(jnp.einsum, equation, precision="highest")
        found.append(product(flat, jnp.stack(jacobians)) if wanted else jacobians[0])
    return tuple(found)
