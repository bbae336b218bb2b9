"""Losses of a program's outputs that belong to no labels: distributions, states, kernels; and how to train by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.engine.memory import require
from ketwise.words.checks import real_number, shape_error
from ketwise.words.outputs import State

Array = NDArray[np.float64]
#: ``outputs (batch, n_outputs) -> (loss, d_outputs)``.
OutputLoss = Callable[[NDArray[Any]], tuple[float, NDArray[Any]]]


def of_outputs(
    program: Any, loss: OutputLoss, features: Any = None
) -> Callable[[NDArray[np.float64]], tuple[float, Array]]:
    """Return a loss of a program's outputs as a function of its parameters, for ``kw.minimize``.

    Parameters
    ----------
    program : Program
    loss : callable
        ``outputs -> (value, d_outputs)``, arrays with the shape of the program's outputs; of a State, ``d_outputs`` is
        ``d/d Re + i d/d Im``. One of this file, or your own.
    features : (n_features,) or (n_rows, n_features) array, optional

    Returns
    -------
    callable
        ``theta (n_params,) -> (value, gradient)``: one forward run and one reverse sweep.

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit = kw.Circuit(2).ry(kw.params(1)[0], 0).cx(0, 1)
    >>> bell = kw.Overlap(np.array([1, 0, 0, 1]) / np.sqrt(2))
    >>> value, gradient = of_outputs(circuit.compile(bell), infidelity)(np.array([np.pi / 2]))
    >>> round(value, 12), abs(gradient.round(12))
    (0.0, array([0.]))
    """

    def loss_and_gradient(theta: Array) -> tuple[float, Array]:
        outputs, residual = program.forward(theta, features)
        value, cotangent = loss(outputs)
        if np.shape(cotangent) != np.shape(outputs):
            raise shape_error("d_outputs of the loss", str(np.shape(outputs)), np.shape(cotangent))
        gradient = program.backward(residual, cotangent, wanted=("params",))[0]
        return float(value), np.asarray(gradient, dtype=np.float64)

    return loss_and_gradient


def infidelity(outputs: Array) -> tuple[float, Array]:
    """Return 1 minus the mean of squared overlaps, the outputs of ``kw.Overlap``.

    Examples
    --------
    >>> infidelity(np.array([[1.0], [0.5]]))
    (0.25, array([[-0.5],
           [-0.5]]))
    """
    return float(1.0 - np.mean(outputs)), np.full(np.shape(outputs), -1.0 / np.size(outputs))


def mmd(target: Any, bandwidths: Sequence[float] = (0.5, 1.0, 2.0)) -> OutputLoss:
    """Return the squared maximum mean discrepancy of probabilities from a target, the mean over rows.

    Parameters
    ----------
    target : (2**n,) array
        Probabilities of all basis states.
    bandwidths : sequence of float
        The kernel is the mean of ``exp(-d / (2 b**2))`` over them, with the Hamming distance d of two bit strings.

    Notes
    -----
    ``(p - q) K (p - q)``; 0 only where both agree. The kernel is a product over qubits, so that no matrix is made. Liu,
    Wang, PRA 98, 062324 (2018).

    Examples
    --------
    >>> loss = mmd([0.5, 0.5], [1.0])
    >>> value, d_outputs = loss(np.array([[1.0, 0.0]]))
    >>> round(value, 6)  # (1 - exp(-1/2)) / 2
    0.196735
    """
    q = np.asarray(target, dtype=np.float64)
    n_qubits = max(q.size, 1).bit_length() - 1
    if q.shape != (1 << n_qubits,) or n_qubits < 1:
        raise shape_error("target", "(2**n_qubits,)", q.shape)
    if (q < 0).any() or not np.isclose(q.sum(), 1.0):
        raise ValueError(f"target must hold probabilities with a sum of 1, got a sum of {q.sum():.6g}")
    if not len(bandwidths) or any(real_number("bandwidths", b) <= 0 for b in bandwidths):
        raise ValueError(f"bandwidths must be one or more positive numbers, got {bandwidths!r}")
    factors = [float(np.exp(-0.5 / b**2)) for b in bandwidths]

    def smoothed(difference: Array) -> Array:
        total = np.zeros_like(difference)
        for factor in factors:
            part = difference
            for qubit in range(n_qubits):
                pairs = part.reshape(len(part), -1, 2, 1 << qubit)
                part = (pairs + factor * pairs[:, :, ::-1]).reshape(difference.shape)
            total += part
        return total / len(factors)

    def loss(outputs: Array) -> tuple[float, Array]:
        rows = np.atleast_2d(outputs)
        if rows.shape[1] != len(q):
            raise shape_error("outputs", f"(batch, {len(q)})", np.shape(outputs))
        difference = rows - q
        pulled = smoothed(difference)
        return float((difference * pulled).sum() / len(rows)), (2.0 * pulled / len(rows)).reshape(np.shape(outputs))

    return loss


def negative_alignment(kernel: Array, labels: Array, weights: Array | None = None) -> tuple[float, Array]:
    """Return minus the centred alignment of a kernel with labels, and its derivative by the kernel.

    Parameters
    ----------
    kernel : (n, n) array
        Symmetric.
    labels : (n,) or (n, n_columns) array
        Numbers, such as -1 and 1, or a column a class: the kernel is compared with their products.
    weights : (n,) array, optional
        Of the rows, such as class weights.

    Returns
    -------
    float, (n, n) array

    Notes
    -----
    Cortes, Mohri, Rostamizadeh, JMLR 13, 795 (2012); for quantum kernels Hubregtsen et al., PRA 106, 042431 (2022).

    Examples
    --------
    >>> y = np.array([1.0, 1.0, -1.0, -1.0])
    >>> round(negative_alignment(np.outer(y, y), y)[0], 12)
    -1.0
    """
    y = np.asarray(labels, dtype=np.float64).reshape(len(kernel), -1)
    w = np.ones(len(kernel)) if weights is None else np.asarray(weights, dtype=np.float64)
    share = w / w.sum()
    root = np.sqrt(w / w.mean())
    targets = root[:, np.newaxis] * (y - share @ y)
    wanted = targets @ targets.T

    def centred(matrix: Array) -> Array:
        once = matrix - share @ matrix
        both = once - (once @ share)[:, np.newaxis]
        return root[:, np.newaxis] * both * root

    def centred_back(matrix: Array) -> Array:
        weighed = root[:, np.newaxis] * matrix * root
        once = weighed - np.outer(weighed.sum(axis=1), share)
        return once - np.outer(share, once.sum(axis=0))

    found = centred(np.asarray(kernel, dtype=np.float64))
    size, other = np.sqrt((found**2).sum()), np.sqrt((wanted**2).sum())
    if size == 0 or other == 0:
        raise ValueError("a kernel or labels that are the same for all rows have no alignment")
    value = (found * wanted).sum() / (size * other)
    return -float(value), centred_back(-(wanted / other - value * found / size) / size)


def kernel_alignment(
    circuit: Any, features: Any, labels: Any, weights: Any = None
) -> Callable[[NDArray[np.float64]], tuple[float, Array]]:
    """Return minus the centred alignment of a trained fidelity kernel with labels, as a function of the parameters.

    Parameters
    ----------
    circuit : Circuit or Encoding
        With features and parameters.
    features : (n_rows, n_features) array
    labels, weights
        As for :func:`negative_alignment`.

    Returns
    -------
    callable
        ``theta (n_params,) -> (value, gradient)``: all states once, and one reverse sweep.

    Examples
    --------
    >>> import ketwise as kw
    >>> x, w = kw.features(1), kw.params(1)
    >>> circuit = kw.Circuit(1).ry(w[0] * x[0], 0)
    >>> X, y = np.array([[0.0], [0.1], [1.0], [1.1]]), np.array([1, 1, -1, -1])
    >>> loss = kernel_alignment(circuit, X, y)
    >>> loss(np.array([np.pi]))[0] < loss(np.array([1.0]))[0]  # angles of a half turn tell the classes apart
    True
    """
    rows = np.atleast_2d(np.asarray(features, dtype=np.float64))
    n_states = 1 << circuit.n_qubits
    require(f"the states of {len(rows)} rows", circuit.n_qubits, lambda n: 16 * (3 * len(rows)) << n)
    program = circuit.compile(State())

    def loss_and_gradient(theta: Array) -> tuple[float, Array]:
        states, residual = program.forward(theta, rows)
        states = states.reshape(len(rows), n_states)
        overlaps = states.conj() @ states.T
        value, d_kernel = negative_alignment(np.abs(overlaps) ** 2, labels, weights)
        symmetric = 0.5 * (d_kernel + d_kernel.T)
        cotangent = 4.0 * (symmetric * overlaps.conj()) @ states
        return value, np.asarray(program.backward(residual, cotangent, wanted=("params",))[0], dtype=np.float64)

    return loss_and_gradient
