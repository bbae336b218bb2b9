"""The Fubini-Study metric of a circuit's states by their parameters, and the quantum Fisher information, 4 times it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.circuits.circuit_of import angle_derivatives, circuit_of, freed
from ketwise.engine import memory
from ketwise.program.polynomial import AngleMap
from ketwise.words import checks
from ketwise.words.angle import PARAM
from ketwise.words.circuit import Circuit
from ketwise.words.outputs import State

Array = NDArray[np.float64]
Approximation = Literal["full", "block", "diagonal"]


def metric_tensor(circuit: Any, params: Any = None, features: Any = None, *, approx: Approximation = "full") -> Array:
    """Return ``Re(<d_i psi|d_j psi> - <d_i psi|psi><psi|d_j psi>)``, the Fubini-Study metric of the parameters.

    Parameters
    ----------
    circuit : Circuit, Encoding or Program
    params : (n_params,) or (batch, n_params) array
        Radians.
    features : (n_features,) or (batch, n_features) array, optional
    approx : {"full", "block", "diagonal"}
        "block" leaves out what joins rotations of different layers, where a layer is a run of trained rotations none of
        which acts on what another one reached; "diagonal" what joins different rotations.

    Returns
    -------
    (n_params, n_params) or (batch, n_params, n_params) array
        Symmetric, with no negative eigenvalue but by rounding.

    Raises
    ------
    MemoryError
        Where the derivatives of one state do not fit.

    Notes
    -----
    Cost for each row: one batched call for a state and one for every trained rotation (two for a controlled one), and a
    matrix product. The derivative of a state by a rotation's angle is half the state with that angle turned by pi. A
    parameter of several rotations gets the sum of theirs by the chain rule, within what ``approx`` leaves.
    Natural gradient and the block approximation: Stokes, Izaac, Killoran, Carleo, Quantum 4, 269 (2020).

    Examples
    --------
    >>> import ketwise as kw
    >>> w = kw.params(2)
    >>> abs(metric_tensor(kw.Circuit(1).ry(w[0], 0).rz(w[1], 0), [np.pi / 2, 0.3])).round(12)  # a sphere of radius 1/2
    array([[0.25, 0.  ],
           [0.  , 0.25]])
    """
    if approx not in ("full", "block", "diagonal"):
        raise ValueError(f"approx must be 'full', 'block' or 'diagonal', got {approx!r}")
    bare, premap = circuit_of(circuit)
    w, batched_w = checks.values("params", params, bare.n_params)
    x, batched_x = np.zeros((1, 0)), False
    if features is not None or bare.n_features:
        given = np.asarray(features, dtype=np.float64) if features is not None else None
        batched_x = given is not None and given.ndim == 2
        mapped = None if given is None else premap.forward(np.atleast_2d(given))
        x = checks.values("features", mapped, bare.n_features)[0]
    batch = max(len(w), len(x))
    if {len(w), len(x)} - {1, batch}:
        raise ValueError(f"params and features must agree in their batch, got {len(w)} and {len(x)} rows")
    w, x = np.broadcast_to(w, (batch, w.shape[1])), np.broadcast_to(x, (batch, x.shape[1]))
    angles = [op.angle for op in bare.ops if op.angle is not None]
    values = AngleMap(angles, bare.n_features, bare.n_params).values(w, x, batch, True).full()
    trained = [k for k, angle in enumerate(angles) if angle.sizes()[PARAM]]
    derivatives = angle_derivatives([angles[k] for k in trained], w, x)
    kept = _kept(bare, trained, approx)
    metrics = np.zeros((batch, bare.n_params, bare.n_params))
    for row, tangents in enumerate(_metrics_of_rotations(bare, values, trained)):
        metrics[row] = derivatives[row].T @ (tangents * kept) @ derivatives[row]
    return metrics if batched_w or batched_x else metrics[0]


def quantum_fisher(circuit: Any, params: Any = None, features: Any = None, *, approx: Approximation = "full") -> Array:
    """Return the quantum Fisher information of pure states, 4 times :func:`metric_tensor`; arguments as there.

    Examples
    --------
    >>> import ketwise as kw
    >>> quantum_fisher(kw.Circuit(1).ry(kw.params(1)[0], 0), [0.7]).round(12)
    array([[1.]])
    """
    return 4.0 * metric_tensor(circuit, params, features, approx=approx)


def _metrics_of_rotations(circuit: Circuit, values: Array, trained: list[int]) -> Any:
    """Yield for every row of angles the metric ``(n_trained, n_trained)`` of the trained rotations' own angles."""
    rotations = [op for op in circuit.ops if op.gate.is_rotation]
    # exp(-i (a + pi)/2 P) = -i P exp(-i a/2 P): with controls the part that they leave out cancels in a difference.
    shifts: list[tuple[int, int, float, float]] = []
    for place, k in enumerate(trained):
        pairs = ((np.pi, 0.25), (-np.pi, -0.25)) if rotations[k].controls else ((np.pi, 0.5),)
        shifts += [(place, k, shift, weight) for shift, weight in pairs]
    memory.require(
        f"the derivatives of a state by {len(trained)} rotations",
        circuit.n_qubits,
        lambda n: 16 * (2 * len(trained) + len(shifts) + 2) << n,
    )
    program = freed(circuit).compile(State())
    for angles in values:
        rows = np.tile(angles, (1 + len(shifts), 1))
        for row, (_, k, shift, _) in enumerate(shifts, start=1):
            rows[row, k] += shift
        states = np.atleast_2d(program(rows if len(angles) else None))
        tangents = np.zeros((len(trained), states.shape[1]), dtype=complex)
        for row, (place, _, _, weight) in enumerate(shifts, start=1):
            tangents[place] += weight * states[row]
        along = tangents.conj() @ states[0]
        yield (tangents.conj() @ tangents.T - np.outer(along, along.conj())).real


def _kept(circuit: Circuit, trained: list[int], approx: str) -> Array:
    """Return 1 where the entry of two trained rotations is kept, else 0."""
    if approx == "full":
        return np.ones((len(trained), len(trained)))
    if approx == "diagonal":
        return np.eye(len(trained))
    layers = np.array(_layers(circuit, set(trained)), dtype=int)
    return (layers[:, np.newaxis] == layers).astype(np.float64)


def _layers(circuit: Circuit, trained: set[int]) -> list[int]:
    """Return the layer of each trained rotation: it ends at one that acts on what the layer has reached."""
    layer, layers, k = 0, [], -1
    reached: set[int] = set()
    for op in circuit.ops:
        k += op.gate.is_rotation
        support = set(op.support)
        if op.gate.is_rotation and k in trained:
            if reached & support:
                layer, reached = layer + 1, set()
            layers.append(layer)
            reached |= support
        elif reached & support:
            reached |= support
    return layers
