"""Where the training of a circuit starts, and which of its parameters are trained first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks import initial_points
from ketwise.blocks.ansatz import trailing_identity_blocks
from ketwise.blocks.circuits.light_cone import light_cones
from ketwise.blocks.encodings import Encoding
from ketwise.blocks.gradients.signal import parameter_groups
from ketwise.learning.training import Stage
from ketwise.words.checks import shape_error
from ketwise.words.observable import Observable
from ketwise.words.outputs import Expectations

Array = NDArray[np.float64]

#: What ``init=`` takes.
Init = str | Array | Sequence[float] | Callable[[np.random.Generator], Any]

#: Standard deviation of "normal".
PARAM_SPREAD = 0.3
INITS = ("normal", "uniform", "small_angle", "gaussian", "identity_blocks")


def start_params(encoding: Encoding, observables: Sequence[Observable], init: Init, rng: Any) -> Array:
    """Return parameters of a circuit to start from.

    Parameters
    ----------
    encoding : Encoding
        With a start of its own: trained scales at 1, so that they do not switch the data off.
    observables : sequence of Observable
        What is read out: "gaussian" asks on how many qubits at once.
    init : str, (n_params,) array, or callable
        "normal" draws about the encoding's start with a standard deviation of 0.3; "uniform" adds angles on [-pi, pi]
        to it, "small_angle" on [-0.1, 0.1], "gaussian" of variance ``1 / (4 S (L + 2))`` for outputs on S qubits and L
        layers. "identity_blocks" starts the :func:`ketwise.ansatz.identity_blocks` that the circuit ends in as the
        identity, and the rest as "normal" does. An array is the start itself, a callable ``rng -> (n_params,)`` draws
        it from a numpy Generator.
    rng : numpy Generator or RandomState

    Raises
    ------
    ValueError
        For another name, a circuit without identity blocks where these are asked for, or a start of another length.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = start_params(kw.encodings.reuploading(2), [kw.Z(0)], "small_angle", np.random.default_rng(0))
    >>> bool(abs(w[0] - 1) < 0.1)
    True
    """
    n_params, own = encoding.n_params, encoding.start_params()
    if isinstance(init, str):
        if init not in INITS:
            raise ValueError(f"init must be one of {', '.join(map(repr, INITS))}, an array or a function, got {init!r}")
        if init == "normal":
            return own + PARAM_SPREAD * rng.standard_normal(n_params)
        if init == "identity_blocks":
            first, n_blocks = trailing_identity_blocks(encoding.circuit)
            start = own + PARAM_SPREAD * rng.standard_normal(n_params)
            start[first:] = initial_points.identity_blocks(n_params - first, n_blocks, seed=_generator(rng))
            return start
        if not n_params:
            return own
        generator = _generator(rng)
        if init == "uniform":
            return own + initial_points.uniform(n_params, seed=generator)
        if init == "small_angle":
            return own + initial_points.small_angle(n_params, seed=generator)
        cones = light_cones(encoding.circuit, Expectations(list(observables)))
        return own + initial_points.gaussian(
            n_params,
            locality=max(1, *(cone.locality for cone in cones)),
            layers=max((layer for layer, _ in parameter_groups(encoding.circuit)), default=0),
            seed=generator,
        )
    given = init(_generator(rng)) if callable(init) else init
    try:
        start = np.array(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"init must give real numbers, got {given!r}") from None
    if start.shape != (n_params,):
        raise shape_error("init", f"({n_params},)", start.shape)
    if not np.isfinite(start).all():
        raise ValueError("init must be finite")
    return start


def layer_stages(encoding: Encoding, n_values: int, n_passes: int) -> list[Stage]:
    """Return the stages of layer-wise training: each layer alone, in their order, with all that is no parameter.

    Parameters
    ----------
    encoding : Encoding
    n_values : int
        Trained values, the circuit's parameters first.
    n_passes : int
        Of every stage.

    Returns
    -------
    list of Stage
        None for a circuit of one layer: there is nothing to train apart.

    Notes
    -----
    Skolik et al., Quantum Machine Intelligence 3, 5 (2021).
    """
    layers = _layers(encoding)
    return [Stage(_among([*layer, *range(encoding.n_params, n_values)], n_values), n_passes) for layer in layers]


def only_first_layer(encoding: Encoding, params: Array) -> Array:
    """Return the parameters with those of later layers at the encoding's own start, which for an angle is 0."""
    layers = _layers(encoding)
    if not layers:
        return params
    return np.where(_among(layers[0], len(params)), params, encoding.start_params())


def _layers(encoding: Encoding) -> list[list[int]]:
    layers: dict[int, list[int]] = {}
    for (layer, _), members in parameter_groups(encoding.circuit).items():
        layers.setdefault(layer, []).extend(members)
    return [layers[layer] for layer in sorted(layers)] if len(layers) > 1 else []


def _among(indices: Sequence[int], size: int) -> NDArray[np.bool_]:
    found = np.zeros(size, dtype=bool)
    found[list(indices)] = True
    return found


def _generator(rng: Any) -> np.random.Generator:
    if isinstance(rng, np.random.Generator):
        return rng
    return np.random.default_rng(rng.randint(0, 1 << 32, size=4, dtype=np.uint32))
