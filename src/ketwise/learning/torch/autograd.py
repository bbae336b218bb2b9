"""How torch differentiates and batches a circuit's outputs: one run forward, a reverse sweep from what it kept."""

from __future__ import annotations

from typing import Any, NoReturn

import torch
from torch import Tensor
from torch.autograd import Function

from ketwise.learning.torch.operators import outputs, pull_back

_TWICE = (
    "a quantum layer is differentiated once only: its gradient has no graph of its own. For second derivatives use "
    "kw.hessian or kw.hessian_vector_product"
)


class Outputs(Function):
    """``params, features, key, keep -> outputs, what was kept``; one batch, whatever is mapped over."""

    @staticmethod
    def forward(params: Tensor, features: Tensor, key: str, keep: bool) -> tuple[Tensor, Tensor]:
        return outputs(params, features, key, keep)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        params, features, ctx.key, _ = inputs
        ctx.save_for_backward(params, features, output[1])
        ctx.mark_non_differentiable(output[1])
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, cotangent: Tensor | None, _: Any) -> tuple[Tensor | None, ...]:
        of_params, of_features = ctx.needs_input_grad[:2]
        if cotangent is None or not (of_params or of_features):
            return None, None, None, None
        params, features, kept = ctx.saved_tensors
        found = PullBack.apply(params, features, kept, cotangent, ctx.key, of_params, of_features, False)
        return found[0] if of_params else None, found[1] if of_features else None, None, None

    @staticmethod
    def vmap(info: Any, in_dims: tuple[Any, ...], params: Tensor, features: Tensor, key: str, keep: bool) -> Any:
        maps = info.batch_size
        # Seen from outside of a map, a tensor may turn out to need a gradient.
        keep = keep or params.requires_grad or features.requires_grad
        flat_params, flat_features, batch = _flat(maps, params, in_dims[0], features, in_dims[1])
        values, kept = Outputs.apply(flat_params, flat_features, key, keep)
        shape = (maps, -1) if batch is None else (maps, batch, -1)
        return (values.reshape(shape), kept), (0, None)


class PullBack(Function):
    """``params, features, kept, cotangent, key, of_params, of_features, rows -> d_params, d_features``.

    With ``rows`` an input that all samples share has each sample's derivative, not their sum.
    """

    @staticmethod
    def forward(
        params: Tensor,
        features: Tensor,
        kept: Tensor,
        cotangent: Tensor,
        key: str,
        of_params: bool,
        of_features: bool,
        rows: bool,
    ) -> tuple[Tensor, Tensor]:
        return pull_back(params, features, kept, cotangent, key, of_params, of_features, rows)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Tensor, Tensor]) -> None:
        """Nothing is kept, as there is no second derivative."""

    @staticmethod
    def backward(ctx: Any, *cotangents: Any) -> NoReturn:
        raise NotImplementedError(_TWICE)

    @staticmethod
    def vmap(
        info: Any,
        in_dims: tuple[Any, ...],
        params: Tensor,
        features: Tensor,
        kept: Tensor,
        cotangent: Tensor,
        key: str,
        of_params: bool,
        of_features: bool,
        rows: bool,
    ) -> Any:
        cotangent = cotangent if in_dims[3] is None else cotangent.movedim(in_dims[3], 0)
        asked = (of_params, of_features)
        if in_dims[0] is None and in_dims[1] is None:
            found = _many_cotangents(params, features, kept, cotangent, key, asked, rows)
        else:
            # The forward run was mapped as this one is, so that ``kept`` is of all samples in one batch.
            maps = info.batch_size
            flat_params, flat_features, batch = _flat(maps, params, in_dims[0], features, in_dims[1])
            if in_dims[3] is None:
                cotangent = cotangent.expand(maps, *cotangent.shape)
            flat = PullBack.apply(
                flat_params, flat_features, kept, cotangent.reshape(-1, cotangent.shape[-1]), key, *asked, True
            )
            of_one = (params.dim() - (in_dims[0] is not None) == 1, features.dim() - (in_dims[1] is not None) == 1)
            found = tuple(
                _unflat(each, maps, 1 if batch is None else batch, shared and not rows) if wanted else each
                for each, shared, wanted in zip(flat, of_one, asked, strict=True)
            )
        return found, tuple(0 if wanted else None for wanted in asked)


def _flat(
    maps: int, params: Tensor, params_dim: Any, features: Tensor, features_dim: Any
) -> tuple[Tensor, Tensor, Any]:
    """Return params and features with one batch axis over all maps and samples, and the samples of a map.

    What neither the maps nor the samples differ in stays as it is.
    """
    ranks = [tensor.dim() - (dim is not None) for tensor, dim in ((params, params_dim), (features, features_dim))]
    batch = None

    def front(tensor: Tensor, dim: Any) -> Tensor:
        return tensor.expand(maps, *tensor.shape) if dim is None else tensor.movedim(dim, 0)

    pairs = ((params, params_dim), (features, features_dim))
    for (tensor, dim), rank in zip(pairs, ranks, strict=True):
        if rank == 2:
            batch = front(tensor, dim).shape[1]

    def rows(tensor: Tensor, dim: Any, rank: int) -> Tensor:
        if dim is None and rank == 1:
            return tensor
        tensor = front(tensor, dim)
        if rank == 1:
            tensor = tensor.unsqueeze(1).expand(maps, 1 if batch is None else batch, tensor.shape[-1])
        return tensor.reshape(-1, tensor.shape[-1])

    flat_params, flat_features = (rows(tensor, dim, rank) for (tensor, dim), rank in zip(pairs, ranks, strict=True))
    return flat_params, flat_features, batch


def _unflat(rows: Tensor, maps: int, batch: int, shared: bool) -> Tensor:
    each = rows.reshape(maps, batch, rows.shape[-1])
    return each.sum(dim=1) if shared else each


def _many_cotangents(
    params: Tensor, features: Tensor, kept: Tensor, cotangents: Tensor, key: str, asked: tuple[bool, bool], rows: bool
) -> tuple[Tensor, ...]:
    """Pull back many cotangents of one forward run, as ``jacrev`` does: at most one sweep an output of the circuit."""
    n_outputs = cotangents.shape[-1]
    if len(cotangents) <= n_outputs or cotangents.is_complex():
        each = [PullBack.apply(params, features, kept, one, key, *asked, rows) for one in cotangents]
        return tuple(torch.stack(found) for found in zip(*each, strict=True))
    basis = torch.eye(n_outputs, dtype=cotangents.dtype, device=cotangents.device)
    shape = cotangents.shape[1:]
    sweeps = [PullBack.apply(params, features, kept, one.expand(shape), key, *asked, True) for one in basis]
    flat = cotangents.reshape(len(cotangents), -1, n_outputs)
    found = []
    for given, jacobians, wanted in zip((params, features), zip(*sweeps, strict=True), asked, strict=True):
        shared = given.dim() == 1 and not rows
        equation = "tbm,mbp->tp" if shared else "tbm,mbp->tbp"
        found.append(torch.einsum(equation, flat, torch.stack(jacobians)) if wanted else jacobians[0])
    return tuple(found)
