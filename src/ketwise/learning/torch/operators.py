"""The two operators that torch's graphs hold: a circuit's outputs, and the pull-back of a cotangent through them.

They know nothing of derivatives, which ``autograd.py`` adds; a graph names the circuit by its key.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ketwise.learning.hosted import hosted

NAMESPACE = "ketwise"
NO_FORWARD_MODE = (
    "a quantum layer has no forward-mode derivative (jvp, jacfwd, hessian): use torch.func.jacrev, or kw.hessian for "
    "second derivatives"
)
_TORCH: dict[np.dtype[Any], torch.dtype] = {np.dtype(np.float32): torch.float32, np.dtype(np.float64): torch.float64}
_NUMPY: dict[torch.dtype, np.dtype[Any]] = {value: key for key, value in _TORCH.items()}

#: Kept alive here: what is registered goes when its library does.
_library = torch.library.Library(NAMESPACE, "FRAGMENT")
_library.define("outputs(Tensor params, Tensor features, str key, bool keep) -> (Tensor, Tensor)")
_library.define(
    "pull_back(Tensor params, Tensor features, Tensor kept, Tensor cotangent, str key, bool of_params, "
    "bool of_features, bool rows) -> (Tensor, Tensor)"
)


def batch_of(params: Tensor, features: Tensor) -> Any:
    """Return the number of samples, None where neither input has a batch axis."""
    return params.shape[0] if params.dim() == 2 else features.shape[0] if features.dim() == 2 else None


def _array(tensor: Tensor) -> np.ndarray[Any, Any]:
    return tensor.detach().resolve_conj().resolve_neg().cpu().contiguous().numpy()


def _outputs(params: Tensor, features: Tensor, key: str, keep: bool) -> tuple[Tensor, Tensor]:
    values, kept = hosted(key).forward(_array(params), _array(features), keep=keep)
    # What is kept stays in the memory of the processor, which needs it again.
    return torch.from_numpy(values).to(params.device), torch.from_numpy(kept)


def _pull_back(
    params: Tensor,
    features: Tensor,
    kept: Tensor,
    cotangent: Tensor,
    key: str,
    of_params: bool,
    of_features: bool,
    rows: bool,
) -> tuple[Tensor, Tensor]:
    arrays = [_array(tensor) for tensor in (params, features, kept, cotangent)]
    found = hosted(key).backward(*arrays, of_params=of_params, of_features=of_features, rows=rows)
    d_params, d_features = (torch.from_numpy(np.ascontiguousarray(each)).to(params.device) for each in found)
    return d_params, d_features


def _outputs_shapes(params: Tensor, features: Tensor, key: str, keep: bool) -> tuple[Tensor, Tensor]:
    host, batch = hosted(key), batch_of(params, features)
    size, dtype = host.kept_form(1 if batch is None else batch, _NUMPY[params.dtype])
    values = params.new_empty(
        (host.n_outputs,) if batch is None else (batch, host.n_outputs),
        dtype=params.dtype.to_complex() if host.is_complex else params.dtype,
    )
    device = "meta" if params.device.type == "meta" else "cpu"
    return values, torch.empty(size if keep else 0, dtype=_TORCH[dtype], device=device)


def _pull_back_shapes(
    params: Tensor,
    features: Tensor,
    kept: Tensor,
    cotangent: Tensor,
    key: str,
    of_params: bool,
    of_features: bool,
    rows: bool,
) -> tuple[Tensor, Tensor]:
    batch = batch_of(params, features)

    def like(given: Tensor, wanted: bool) -> Tensor:
        shape = (1 if batch is None else batch, given.shape[-1]) if rows else tuple(given.shape)
        return params.new_empty(shape if wanted else (0,))

    return like(params, of_params), like(features, of_features)


def _refusing_tangents(operator: Any) -> Any:
    """Return the operator's kernel for autograd: forward-mode derivatives would be lost below it without a word."""

    def kernel(keyset: Any, *arguments: Any) -> Any:
        for each in arguments:
            if isinstance(each, Tensor) and torch.autograd.forward_ad.unpack_dual(each).tangent is not None:
                raise NotImplementedError(NO_FORWARD_MODE)
        with torch._C._AutoDispatchBelowAutograd():
            return operator.redispatch(keyset & torch._C._after_autograd_keyset, *arguments)

    return kernel


outputs = torch.ops.ketwise.outputs.default
pull_back = torch.ops.ketwise.pull_back.default

for _operator, _compute, _shapes in ((outputs, _outputs, _outputs_shapes), (pull_back, _pull_back, _pull_back_shapes)):
    _name = _operator.name().split("::")[1]
    _library.impl(_name, _compute, "CompositeExplicitAutograd")
    _library.impl(_name, _refusing_tangents(_operator), "Autograd", with_keyset=True)
    torch.library.register_fake(f"{NAMESPACE}::{_name}", _shapes, lib=_library)
