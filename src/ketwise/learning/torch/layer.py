"""A quantum circuit as a torch module."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ketwise.blocks.encodings import Encoding
from ketwise.learning.hosted import host
from ketwise.learning.starts import Init, start_params
from ketwise.learning.torch.autograd import Outputs
from ketwise.program.backends.base import Backend
from ketwise.words.checks import shape_error
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Z
from ketwise.words.outputs import Expectations


class Layer(nn.Module):
    """A circuit and its outputs as a module; the circuit's parameters are trained, its features are the input.

    Parameters
    ----------
    circuit : Circuit or Encoding
    outputs : Observable, sequence of Observable, Expectations, Probabilities, Overlap or State
    init : str, (n_params,) array, or callable
        Where training starts, in radians: "normal" (standard deviation 0.3), "uniform", "small_angle", "gaussian",
        about the encoding's own start; or the values; or a function of a numpy Generator.
    generator : torch.Generator, optional
        What the start is drawn with; by default torch's own, which ``torch.manual_seed`` seeds.
    backend : Backend, optional
    device, dtype
        Of the parameters; by default torch's own.

    Attributes
    ----------
    params : nn.Parameter (n_params,)
        None for a circuit that has none.

    Notes
    -----
    Takes features ``(..., n_features)`` and returns ``(..., n_outputs)``, complex for a State. float32 is computed in
    single and float64 in double precision; if features and parameters differ in it, both are taken in the wider one,
    and what is narrower than float32 as float32. The result is on the device of the parameters; the circuit itself
    runs on the processor.

    Cost: one forward run, and about three of them for a gradient, whatever the number of parameters and features. The
    state of each sample is kept in between: ``2**n`` complex numbers.

    It is differentiated once and in reverse: forward-mode and second derivatives raise NotImplementedError.

    Raises
    ------
    ValueError
        For an input of another shape, and for NaN and infinities.

    Examples
    --------
    >>> import ketwise as kw
    >>> _ = torch.manual_seed(0)
    >>> circuit = kw.encodings.angle(4) + kw.ansatz.strongly_entangling(4, layers=2)
    >>> layer = kw.torch.Layer(circuit, [kw.Z(0), kw.Z(1)])
    >>> model = nn.Sequential(nn.Linear(10, 4), layer, nn.Linear(2, 3))
    >>> model(torch.zeros(5, 10)).shape
    torch.Size([5, 3])
    """

    params: nn.Parameter | None

    def __init__(
        self,
        circuit: Circuit | Encoding,
        outputs: Any,
        *,
        init: Init | Tensor = "normal",
        generator: torch.Generator | None = None,
        backend: Backend | None = None,
        device: Any = None,
        dtype: torch.dtype | None = None,
    ):
        super().__init__()
        self._host = host(circuit, outputs, backend)
        self._key = self._host.key
        self._start = circuit.start if isinstance(circuit, Encoding) else ()
        self._init: Any = init.detach().cpu().numpy() if isinstance(init, Tensor) else init
        self.n_params = self._host.n_params
        self.n_features = self._host.n_features
        self.n_outputs = self._host.n_outputs
        self.params = None
        if dtype is not None and not dtype.is_floating_point:
            raise ValueError(f"dtype must be a real floating type such as torch.float32, got {dtype}")
        if self.n_params:
            self.params = nn.Parameter(torch.empty(self.n_params, device=device, dtype=dtype))
            self.reset_parameters(generator)

    @property
    def circuit(self) -> Circuit:
        """A copy of the circuit."""
        return self._host.circuit.copy()

    def reset_parameters(self, generator: torch.Generator | None = None) -> None:
        """Draw the start of training again."""
        if self.params is None:
            return
        seed = int(torch.randint(1 << 62, (), generator=generator))
        encoding = Encoding("layer", self._host.circuit, self._host.premap, self._start)
        outputs = self._host.outputs
        # Probabilities and overlaps are taken as what reads all qubits at once.
        everything = math.prod((Z(q) for q in range(1, encoding.n_qubits)), start=Z(0))
        observables = outputs.observables if isinstance(outputs, Expectations) else (everything,)
        start = start_params(encoding, observables, self._init, np.random.default_rng(seed))
        with torch.no_grad():
            self.params.copy_(torch.from_numpy(start))

    def forward(self, features: Tensor | None = None, params: Tensor | None = None) -> Tensor:
        """Return the outputs ``(..., n_outputs)``.

        Parameters
        ----------
        features : (..., n_features) tensor
            None for a circuit that has none.
        params : (n_params,) or (..., n_params) tensor, optional
            Instead of the layer's own, for all samples or for each, such as the output of another module.
        """
        weights = self.params if params is None else params
        if features is None:
            if self.n_features:
                raise ValueError(f"features are missing: this layer takes (..., {self.n_features})")
            features = torch.empty(0) if weights is None else weights.new_empty(0)
        if weights is None:
            weights = torch.empty(0, device=getattr(features, "device", None))
        for name, given, size in (("features", features, self.n_features), ("params", weights, self.n_params)):
            if not isinstance(given, Tensor):
                raise TypeError(f"{name} must be a tensor, got {type(given).__name__}")
            if given.dim() == 0 or given.shape[-1] != size:
                raise shape_error(name, f"(..., {size})", tuple(given.shape))
            if given.is_complex():
                raise ValueError(f"{name} must be real, got {given.dtype}")
        if features.device != weights.device:
            raise ValueError(f"features are on {features.device}, params on {weights.device}: move one to the other")
        batch = weights.shape[:-1] if features.dim() == 1 else features.shape[:-1]
        if weights.dim() > 1 and weights.shape[:-1] != batch:
            raise shape_error("params", f"({self.n_params},) or {(*batch, self.n_params)}", tuple(weights.shape))
        wide = torch.float64 in (features.dtype, weights.dtype)
        dtype = torch.float64 if wide else torch.float32
        weights, features = (
            (each if each.dim() < 3 else each.reshape(-1, each.shape[-1])).to(dtype) for each in (weights, features)
        )
        keep = torch.is_grad_enabled() and (weights.requires_grad or features.requires_grad)
        values: Tensor = Outputs.apply(weights, features, self._key, keep)[0]
        return values if len(batch) < 2 else values.reshape(*batch, self.n_outputs)

    def extra_repr(self) -> str:
        """Return the sizes, for ``repr``."""
        return f"n_features={self.n_features}, n_outputs={self.n_outputs}, n_params={self.n_params}"

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._key = self._host.key
