"""Before training: can the gradient be seen, would it fade with more qubits, and what would help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks import initial_points
from ketwise.blocks.ansatz import identity_blocks
from ketwise.blocks.circuits.circuit_of import circuit_of
from ketwise.blocks.circuits.random_states import Sampler
from ketwise.blocks.encodings import Encoding
from ketwise.blocks.gradients.preflight_report import Group, Preflight, Remedy, ShotCost
from ketwise.blocks.gradients.scaling import Scaling, fit_scaling
from ketwise.blocks.gradients.signal import Signal, gradient_signal, local_outputs, parameter_groups
from ketwise.blocks.gradients.variance import haar_gradient_variance, shots_to_see
from ketwise.blocks.preparation.premap import IDENTITY, PreMappedProgram
from ketwise.program.program import Program
from ketwise.words.angle import PARAM
from ketwise.words.checks import positive_int, real_number, shape_error
from ketwise.words.circuit import Circuit
from ketwise.words.measurement import n_settings
from ketwise.words.observable import Z

Array = NDArray[np.float64]
#: Parameters by layer and gate.
_Groups = dict[tuple[int, str], list[int]]

UNIFORM = "uniform on [-pi, pi]"
#: Rows of data that are made up where the caller gives none.
_ROWS = 64
#: Draws are halved for each qubit beyond this, down to the fewest.
_SMALL, _FEWEST = 10, 20


@dataclass(frozen=True)
class _Subject:
    """What is looked at: a program, where its parameters start and which rows it sees."""

    program: Any
    sample: Sampler | None
    start: str
    rows: Array | None
    data: str


def preflight(
    model: Any,
    X: Any = None,
    params: Any = None,
    *,
    outputs: Any = None,
    sizes: Sequence[int] = (2, 4, 6, 8),
    relative_error: float = 0.3,
    batch_size: int = 32,
    draws: int = 200,
    remedies: bool = True,
    seed: int = 0,
) -> Preflight:
    """Return what training would meet at its start: gradients, light cones, shots, and what would help.

    Parameters
    ----------
    model : Circuit, Encoding, Program, fitted variational estimator, or callable
        A callable ``n_qubits -> Circuit, Encoding or Program`` is measured at several ``sizes``, and reported at the
        largest.
    X : (n_rows, n_features) array or callable, optional
        Data, as the model gets them; for a callable model a callable ``n_qubits -> array``. Default: uniform on
        [-pi, pi].
    params : (n_params,) array, (n_starts, n_params) array or callable (rng) -> (n_params,) array, optional
        Where training starts. Default: uniform on [-pi, pi]; of an estimator, where its own training starts.
    outputs : as for ``Circuit.compile``, or a callable ``n_qubits -> outputs``, optional
        Of a circuit or an encoding. Default: Z on every qubit, as variational estimators read out.
    sizes : sequence of int
        Numbers of qubits for a callable model, three or more for a law.
    relative_error : float
        Of the whole gradient, that shots have to reach.
    batch_size : int
        Rows that one step of training sees.
    draws : int
        Of starts; halved for each qubit beyond ten.
    remedies : bool
        Whether to measure what would help too, five more times the work.
    seed : int

    Returns
    -------
    Preflight
        Its ``repr`` is the report; ``says()`` the sentences, ``barren`` the answer.

    Notes
    -----
    What shots have to show is the mean square of the derivatives, which over uniform angles is their variance. From S
    shots a circuit, a derivative by parameter shift has a variance of at most ``a**2 / (2 S)``, where a bounds the
    output (three quarters of it for a controlled rotation). McClean et al., Nature Communications 9, 4812 (2018);
    Cerezo et al., ibid. 12, 1791 (2021). Cost: for each draw and output a reverse sweep.

    Examples
    --------
    >>> import ketwise as kw
    >>> found = preflight(kw.ansatz.strongly_entangling(4, layers=2), draws=100)
    >>> found.barren, found.is_global, found.shots.circuits
    (False, False, 48)
    """
    draws = positive_int("draws", draws, minimum=2)
    batch_size = positive_int("batch_size", batch_size)
    if real_number("relative_error", relative_error) <= 0:
        raise ValueError(f"relative_error must be above 0, got {relative_error}")
    family = None if isinstance(model, (Program, PreMappedProgram)) or not callable(model) else model
    smaller: list[tuple[int, Signal]] = []
    if family is not None:
        *others, largest = _sizes(sizes)
        if len(others) >= 2:  # fewer sizes make no law
            smaller = [(n, _measured(_of_size(n, family, X, params, outputs, seed), draws, seed)) for n in others]
        subject = _of_size(largest, family, X, params, outputs, seed)
    else:
        subject = _subject(model, X, params, outputs, seed)
    signal = _measured(subject, draws, seed)
    circuit, _ = circuit_of(subject.program)
    draws = _draws(draws, circuit.n_qubits)
    groups = parameter_groups(circuit)
    return Preflight(
        n_qubits=circuit.n_qubits,
        n_params=circuit.n_params,
        draws=draws,
        start=subject.start,
        data=subject.data,
        mean=signal.mean,
        standard_error=signal.standard_error,
        haar=haar_gradient_variance(circuit.n_qubits),
        groups=_groups(groups, signal),
        cones=signal.cones,
        shots=_shots(subject, signal, relative_error, batch_size if circuit.n_features else 1),
        scaling=_scaling([*smaller, (largest, signal)]) if smaller else None,
        remedies=_remedies(subject, circuit, groups, signal, draws, seed) if remedies and signal.seen else (),
    )


def _subject(model: Any, X: Any, params: Any, outputs: Any, seed: int) -> _Subject:
    """Return the program, its starts and its rows of what the caller gave."""
    sample, start = None, UNIFORM
    inner, preparation = getattr(model, "model_", None), getattr(model, "preparation_", None)
    if inner is not None and preparation is not None:
        if X is None:
            raise ValueError("X is missing: an estimator's gradient is that on its data")
        program, X = inner.compiled(), preparation.transform(np.asarray(X, dtype=np.float64))
        sample, start = (lambda rng: inner.split(inner.start(rng))[0]), "where its training starts"
    elif isinstance(model, (Circuit, Encoding)):
        program = model.compile([Z(q) for q in range(model.n_qubits)] if outputs is None else outputs)
    elif isinstance(model, (Program, PreMappedProgram)):
        if outputs is not None:
            raise ValueError("a program has its outputs: give the circuit to choose others")
        program = model
    else:
        raise TypeError(
            "preflight needs a Circuit, an Encoding, a Program, a fitted variational estimator or a function from the "
            f"number of qubits to one of the first three; got {type(model).__name__}"
        )
    circuit, premap = circuit_of(program)
    if not circuit.n_params:
        raise ValueError("there is nothing to train: the circuit has no parameters")
    if params is not None:
        sample, start = _starts(params, circuit.n_params), "as given"
    rows, data = None if X is None else np.asarray(X, dtype=np.float64), ""
    if rows is not None:
        if rows.ndim != 2 or not len(rows):
            raise shape_error("X", "(n_rows, n_features)", rows.shape)
        data = f"data from {len(rows)} rows"
    elif circuit.n_features:
        if premap is not IDENTITY:
            raise ValueError(f"X is missing: what the pre-map {premap.name!r} takes is not known here")
        rows = np.random.default_rng(seed).uniform(-np.pi, np.pi, (_ROWS, circuit.n_features))
        data = f"data {UNIFORM}, for none were given"
    return _Subject(program, sample, start, rows, data)


def _starts(params: Any, n_params: int) -> Sampler:
    if callable(params):
        given: Callable[[np.random.Generator], Array] = params
        return given
    table = np.atleast_2d(np.asarray(params, dtype=np.float64))
    if table.ndim != 2 or table.shape[1] != n_params or not len(table):
        raise shape_error("params", f"({n_params},) or (n_starts, {n_params})", np.shape(params))
    return lambda rng: np.asarray(table[rng.integers(0, len(table))])


def _sizes(given: Sequence[int]) -> list[int]:
    sizes = sorted(positive_int("a size", size) for size in given)
    if not sizes:
        raise ValueError("sizes must hold at least one number of qubits")
    return sizes


def _of_size(n: int, family: Callable[[int], Any], X: Any, params: Any, outputs: Any, seed: int) -> _Subject:
    """Return what a family is with that many qubits."""
    return _subject(family(n), _at(n, X), params, _at(n, outputs), seed)


def _at(n_qubits: int, given: Any) -> Any:
    """Return what is given for that many qubits."""
    return given(n_qubits) if callable(given) else given


def _draws(draws: int, n_qubits: int) -> int:
    return min(draws, max(_FEWEST, draws >> max(0, n_qubits - _SMALL)))


def _measured(subject: _Subject, draws: int, seed: int) -> Signal:
    circuit, _ = circuit_of(subject.program)
    return gradient_signal(subject.program, subject.sample, subject.rows, _draws(draws, circuit.n_qubits), seed)


def _scaling(found: list[tuple[int, Signal]]) -> Scaling | None:
    """Return the law of the gradients at these sizes; None where one of them is 0."""
    values = [signal.mean for _, signal in found]
    errors = [signal.standard_error for _, signal in found]
    return fit_scaling([n for n, _ in found], values, errors) if min(values) > 0 else None


def _groups(groups: _Groups, signal: Signal) -> tuple[Group, ...]:
    seen = set(signal.seen)
    made = []
    for (layer, gate), members in groups.items():
        inside = [p for p in members if p in seen]
        values = signal.of_params[inside] if inside else np.zeros(1)
        of_all = (float(values.mean()), float(values.min()), float(values.max()))
        made.append(Group(layer, gate, tuple(members), len(inside), *of_all))
    return tuple(made)


def _shots(subject: _Subject, signal: Signal, relative_error: float, rows: int) -> ShotCost:
    circuits = signal.circuits * n_settings(subject.program.outputs)
    # The mean noise over the mean square, both over the same parameters: what all of the gradient needs.
    shots = shots_to_see(0.5 * signal.mean / signal.noise, relative_error) if signal.noise else None
    return ShotCost(relative_error, shots, circuits, rows, None if shots is None else shots * circuits * rows)


def _remedies(
    subject: _Subject, circuit: Circuit, groups: _Groups, signal: Signal, draws: int, seed: int
) -> tuple[Remedy, ...]:
    """Measure the gradient with one thing changed at a time."""
    n, layers = circuit.n_params, max(layer for layer, _ in groups)
    outputs = subject.program.outputs
    locality = max(1, *(cone.locality for cone in signal.cones))
    spread = initial_points.gaussian_variance(locality, layers)
    starts: list[tuple[str, str, Sampler]] = [
        (
            "small angles",
            f"start at kw.initial_points.small_angle({n}, 0.1)",
            lambda rng: initial_points.small_angle(n, 0.1, seed=rng),
        ),
        (
            "Gaussian angles",
            f"start at kw.initial_points.gaussian({n}, locality={locality}, layers={layers}), variance {spread:.3g}",
            lambda rng: initial_points.gaussian(n, locality=locality, layers=layers, seed=rng),
        ),
    ]
    if subject.sample is not None:
        how = f"start at kw.initial_points.uniform({n})"
        starts.append((UNIFORM, how, lambda rng: initial_points.uniform(n, seed=rng)))
    base = signal.mean / signal.noise if signal.noise else 0.0

    def remedy(name: str, how: str, found: Signal) -> Remedy:
        gain = found.mean / found.noise / base if found.noise and base else None
        return Remedy(name, how, found.mean, found.standard_error, gain)

    made = [
        remedy(name, how, gradient_signal(subject.program, sample, subject.rows, draws, seed))
        for name, how, sample in starts
    ]
    local = local_outputs(outputs, circuit.n_qubits)
    if local is not None:
        program = _with_outputs(subject.program, local)
        found = gradient_signal(program, subject.sample, subject.rows, draws, seed)
        made.append(
            remedy("a local cost", "read out single qubits, such as the mean of kw.Z(q) over the qubits", found)
        )
    first = _first_layer(circuit, groups)
    if 0 < len(first) < n:
        found = gradient_signal(
            subject.program, lambda rng: initial_points.layerwise(n, first, seed=rng), subject.rows, draws, seed, first
        )
        how = f"train these {len(first)} parameters first, the others at 0: kw.initial_points.layerwise"
        made.append(remedy("layer by layer", how, found))
    how = "start at kw.initial_points.identity_blocks in the circuit kw.ansatz.identity_blocks(half)"
    if circuit.n_features:
        made.append(Remedy("identity blocks", f"{how}, after the encoding", None, None, None))
    else:
        program = identity_blocks(circuit).compile(outputs)
        found = gradient_signal(program, lambda rng: initial_points.identity_blocks(2 * n, seed=rng), None, draws, seed)
        made.append(remedy("identity blocks", how, found))
    return tuple(sorted(made, key=lambda each: -(each.gain or 0.0)))


def _with_outputs(program: Any, outputs: Any) -> Any:
    if isinstance(program, PreMappedProgram):
        return replace(program, program=_with_outputs(program.program, outputs))
    return program.circuit.compile(outputs, backend=program.backend, dtype=program.dtype)


def _first_layer(circuit: Circuit, groups: _Groups) -> NDArray[np.intp]:
    """Return the parameters that occur in the first layer."""
    of_first = {p for (layer, _), members in groups.items() if layer == 1 for p in members}
    later = {
        index
        for op in circuit.ops
        if op.angle is not None
        for monomial in op.angle.terms
        if len(monomial) > 1  # a factor of data or of others: 0 would switch the data off
        for kind, index in monomial
        if kind == PARAM
    }
    return np.array(sorted(of_first - later), dtype=np.intp)
