"""A weighted sum of a program's outputs, the mean over rows of data, as optimisers see it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import circuit_of
from ketwise.blocks.gradients.metric_tensor import metric_tensor
from ketwise.learning.optimizers.landscape import Landscape
from ketwise.learning.overlaps import mean_fidelities
from ketwise.learning.shot_gradient import shot_gradient
from ketwise.words.angle import PARAM
from ketwise.words.checks import shape_error
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import Expectations, State

Array = NDArray[np.float64]


def program_landscape(program: Any, features: Any = None, weights: Any = None) -> Landscape:
    """Return the loss ``mean over rows of sum(weights * outputs)``.

    Parameters
    ----------
    program : Program
        With real outputs and parameters.
    features : (n_features,) or (n_rows, n_features) array, optional
    weights : (n_outputs,) array, optional
        Default: 1 each.

    Returns
    -------
    Landscape
        With metric and fidelities of its states, and a gradient from shots where the outputs are expectations.

    Examples
    --------
    >>> import ketwise as kw
    >>> landscape = program_landscape(kw.Circuit(1).ry(kw.params(1)[0], 0).compile([kw.Z(0), kw.X(0)]))
    >>> loss, gradient = landscape.loss_and_gradient(np.array([np.pi / 2]))
    >>> round(loss, 12), gradient.round(12)
    (1.0, array([-1.]))
    """
    if isinstance(program.outputs, State):
        raise TypeError("a state is no loss: compile the program with observables, probabilities or overlaps")
    circuit, premap = circuit_of(program)
    if not circuit.n_params:
        raise ValueError("there is nothing to train: the circuit has no parameters")
    rows = None if features is None else np.atleast_2d(np.asarray(features, dtype=np.float64))
    factors = np.ones(program.n_outputs) if weights is None else np.asarray(weights, dtype=np.float64)
    if factors.shape != (program.n_outputs,):
        raise shape_error("weights", f"({program.n_outputs},)", factors.shape)
    n_rows = 1 if rows is None else len(rows)
    cotangent = np.tile(factors / n_rows, (n_rows, 1))

    def loss_and_gradient(theta: Array) -> tuple[float, Array]:
        if rows is None:
            outputs, gradient, _ = program.vjp(theta, None, cotangent[0], wanted=("params",))
        else:
            outputs, gradient, _ = program.vjp(theta, rows, cotangent, wanted=("params",))
        return float((cotangent * outputs).sum()), np.asarray(gradient, dtype=np.float64)

    def losses(thetas: Array) -> Array:
        every = None if rows is None else np.tile(rows, (len(thetas), 1))
        outputs = program(np.repeat(thetas, n_rows, axis=0), every)
        return np.asarray((outputs.reshape(len(thetas), n_rows, -1) * cotangent).sum(axis=(1, 2)))

    def metric(theta: Array, approx: Any) -> Array:
        found = metric_tensor(program, theta, rows, approx=approx)
        return found if found.ndim == 2 else found.mean(axis=0)

    def fidelities(theta: Array, thetas: Array) -> Array:
        inner = None if rows is None else premap.forward(rows)
        return mean_fidelities(circuit, theta, thetas, inner)

    sampled = None
    if isinstance(program.outputs, Expectations):
        terms = [float(w) * o for w, o in zip(factors, program.outputs.observables, strict=True)]
        observable = sum(terms[1:], start=terms[0])
        inner = None if rows is None else premap.forward(rows)
        sampled = shot_gradient(circuit, observable, inner)
    return Landscape(loss_and_gradient, losses, metric, fidelities, sampled, not_sinusoidal(circuit))


def not_sinusoidal(circuit: Circuit) -> str | None:
    """Return what keeps expectations from being sinusoids in each parameter, by name; None where they are.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(2)
    >>> not_sinusoidal(kw.Circuit(1).ry(w[0], 0).rz(w[1] + 0.5, 0)) is None
    True
    >>> not_sinusoidal(kw.Circuit(1).ry(w[0], 0).rz(2 * w[1], 0))
    'w[1] is in rz(2*w[1]) on qubit 0, where it has a factor other than 1 and -1'
    """
    places: dict[int, str] = {}
    for op in circuit.ops:
        for monomial, coefficient in () if op.angle is None else op.angle.terms.items():
            for index in {i for kind, i in monomial if kind == PARAM}:
                where = f"{op.name}({op.angle}) on qubit{'s' * (len(op.support) > 1)} {', '.join(map(str, op.support))}"
                said = f"w[{index}] is in {where}"
                if op.controls:
                    return f"{said}, which is controlled"
                if len(monomial) > 1:
                    return f"{said}, where it is multiplied by another symbol"
                if abs(coefficient) != 1.0:
                    return f"{said}, where it has a factor other than 1 and -1"
                if index in places:
                    return f"{said}, and in {places[index]}"
                places[index] = where
    return None
