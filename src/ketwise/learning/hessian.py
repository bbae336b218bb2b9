"""Second derivatives of a program's outputs: the parameter-shift rule applied to exact gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import angle_derivatives, circuit_of, freed
from ketwise.program.polynomial import AngleMap
from ketwise.program.shift import FOUR_TERMS, TWO_TERMS
from ketwise.words.angle import PARAM
from ketwise.words.checks import shape_error
from ketwise.words.outputs import State

Array = NDArray[np.float64]


def hessian_vector_product(
    program: Any, params: Any, vector: Any, features: Any = None, *, cotangent: Any = None
) -> Array:
    """Return the Hessian by the parameters of ``sum(cotangent * outputs)``, times a vector.

    Parameters
    ----------
    program : Program
        With real outputs.
    params : (n_params,) array
        Radians.
    vector : (n_params,) or (k, n_params) array
    features : (n_features,) or (n_rows, n_features) array, optional
    cotangent : (n_outputs,) or (n_rows, n_outputs) array, optional
        Default: 1 each.

    Returns
    -------
    (n_params,) or (k, n_params) array
        Exact: no step is chosen.

    Notes
    -----
    The derivative of the gradient by a rotation's angle is half the difference of the gradients at that angle plus and
    minus pi/2 (four terms for a controlled rotation); the chain rule does the rest, also for angles that are no linear
    functions of the parameters. Cost: a row's reverse sweep for every term and rotation whose angle the vectors change,
    all in one batched call. Schuld et al., PRA 99, 032331 (2019); Mari, Bromley, Killoran, PRA 103, 012405 (2021).

    Examples
    --------
    >>> import ketwise as kw
    >>> program = kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0))  # cos(w)
    >>> hessian_vector_product(program, [0.0], [2.0]).round(12)
    array([-2.])
    """
    if isinstance(program.outputs, State):
        raise TypeError("second derivatives need real outputs: ask for expectations, probabilities or overlaps")
    circuit, premap = circuit_of(program)
    theta, given = np.asarray(params, dtype=np.float64), np.asarray(vector, dtype=np.float64)
    if theta.shape != (circuit.n_params,):
        raise shape_error("params", f"({circuit.n_params},)", theta.shape)
    if given.ndim not in (1, 2) or given.shape[-1] != circuit.n_params:
        raise shape_error("vector", f"({circuit.n_params},) or (k, {circuit.n_params})", given.shape)
    if circuit.n_features and features is None:
        raise ValueError(f"features are missing: this program needs {program.n_features} of them")
    rows = np.zeros((1, 0))
    if circuit.n_features:
        rows = np.atleast_2d(premap.forward(np.atleast_2d(np.asarray(features, dtype=np.float64))))
    weights = np.ones((1, program.n_outputs)) if cotangent is None else np.atleast_2d(cotangent)
    weights = np.broadcast_to(weights, (len(rows), program.n_outputs))
    vectors = np.atleast_2d(given)

    rotations = [op for op in circuit.ops if op.gate.is_rotation]
    angles = [op.angle for op in rotations if op.angle is not None]
    w = np.tile(theta, (len(rows), 1))
    values = AngleMap(angles, circuit.n_features, circuit.n_params).values(w, rows, len(rows), True).full()
    chain = angle_derivatives(angles, w, rows)  # (n_rows, n_angles, n_params)
    turned = np.einsum("rap,kp->kra", chain, vectors)
    free = freed(circuit).compile(program.outputs, backend=program.backend, dtype=program.dtype)
    moved, terms = [values], []
    for a in np.flatnonzero(turned.any(axis=(0, 1))):
        for coefficient, shift in FOUR_TERMS if rotations[a].controls else TWO_TERMS:
            for sign in (1.0, -1.0):
                moved.append(values + sign * shift * (np.arange(len(angles)) == a))
                terms.append((a, sign * coefficient))
    _, slopes, _ = free.vjp(np.concatenate(moved), None, np.tile(weights, (len(moved), 1)), wanted=("params",))
    gradients = np.asarray(slopes, dtype=np.float64).reshape(len(moved), len(rows), len(angles))
    of_angles = np.zeros_like(turned)
    for (a, coefficient), gradient in zip(terms, gradients[1:], strict=True):
        of_angles += coefficient * turned[:, :, a, np.newaxis] * gradient
    found = np.einsum("kra,rap->kp", of_angles, chain) + _bend(angles, gradients[0], w, rows, vectors)
    return found if given.ndim == 2 else found[0]


def hessian(program: Any, params: Any, features: Any = None, *, cotangent: Any = None) -> Array:
    """Return the Hessian ``(n_params, n_params)``; arguments as for :func:`hessian_vector_product`.

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(2)
    >>> hessian(kw.Circuit(1).ry(w[0] * w[1], 0).compile(kw.Z(0)), [0.0, 1.0]).round(12)  # cos(w0 w1)
    array([[-1.,  0.],
           [ 0.,  0.]])
    """
    return hessian_vector_product(program, params, np.eye(len(np.asarray(params))), features, cotangent=cotangent)


def _bend(angles: Any, gradient: Array, w: Array, rows: Array, vectors: Array) -> Array:
    """Return what the angles' own second derivatives add: ``sum_a gradient_a * (Hessian of angle a) @ vector``."""
    inputs = (rows, w)
    found = np.zeros_like(vectors)
    for a, angle in enumerate(angles):
        for monomial, coefficient in angle.terms.items():
            trained = [place for place, (kind, _) in enumerate(monomial) if kind == PARAM]
            for i in trained:
                for j in trained:
                    if i == j:
                        continue
                    others = [inputs[kind][:, index] for at, (kind, index) in enumerate(monomial) if at not in (i, j)]
                    product = np.multiply.reduce(others, axis=0) if others else np.ones(len(w))
                    weight = coefficient * float((gradient[:, a] * product).sum())
                    found[:, monomial[i][1]] += weight * vectors[:, monomial[j][1]]
    return found
