"""PennyLane's tapes, quantum functions and observables read into ours: wire k of the given order becomes qubit k."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import pennylane as qml
from numpy.typing import NDArray
from pennylane.operation import DecompositionUndefinedError, Operator, StatePrepBase
from pennylane.ops.functions import bind_new_parameters
from pennylane.tape import QuantumScript

from ketwise.program.interop.pennylane.gates import append, has_rule, is_fixed
from ketwise.program.interop.pennylane.observables import from_sentence, sentence_of
from ketwise.program.interop.pennylane.symbols import symbol_array
from ketwise.words.angle import FEATURE, PARAM, Symbols
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Observable


def from_pennylane(
    source: Any, *args: Any, features: Any = None, wires: Sequence[Hashable] | None = None, **kwargs: Any
) -> Any:
    """Return a circuit from a QNode, quantum function or tape, or an observable from an operator.

    Parameters
    ----------
    source : QNode, callable, QuantumScript or Operator
    *args, **kwargs
        Arguments of a QNode or quantum function, for one sample. Of arrays and floats only the shape counts: their
        entries become symbols. Anything else (whole numbers, text, flags) is passed on as it is.
    features : str, sequence of str, or sequence of int, optional
        The arguments that are data, by name, or the parameters of a tape, by index. Default: the arguments that say
        ``requires_grad=False``, as PennyLane's and torch's tensors do. All others become parameters, in the order of
        the signature; of a tape, those that it trains do, and the rest are numbers.
    wires : sequence of labels, optional
        The wire of qubit 0, of qubit 1 and so on. Default: the device's wires, else 0 to the highest where all are
        whole numbers, else in the order in which they occur.

    Returns
    -------
    Circuit or Observable
        Measurements of a circuit are left out: give their operators to this function as well.

    Raises
    ------
    ValueError
        For angles that are no polynomials of the arguments, and for what is no unitary gate.

    Examples
    --------
    >>> import numpy as np, pennylane as qml, ketwise as kw
    >>> def ansatz(x, w):
    ...     qml.RY(w[0] * x[0] + w[1], wires=0)
    ...     qml.CNOT(wires=[0, 1])
    >>> print(kw.from_pennylane(ansatz, np.zeros(1), np.zeros(2), features="x"))
    q0: -RY(w[0]*x[0] + w[1])--@-
                               |
    q1: -----------------------X-
    >>> kw.from_pennylane(0.5 * qml.Z(0) @ qml.X(1))
    0.5*XZ
    """
    if isinstance(source, Operator):
        return _observable(source, wires)
    if isinstance(source, QuantumScript):
        return _circuit(*_symbolic(source, () if features is None else features), wires)
    if isinstance(source, qml.QNode):
        if len(source.compile_pipeline):
            raise ValueError(
                "a QNode with transforms cannot be read: give its function, qnode.func, or the tape they lead to, "
                "qml.workflow.construct_tape(qnode)(...)"
            )
        if wires is None and source.device.wires is not None:
            wires = source.device.wires.labels
        source = source.func
    if not callable(source):
        raise TypeError(f"from_pennylane takes a QNode, a function, a tape or an operator, got {source!r}")
    return _circuit(*_traced(source, args, kwargs, features), wires)


def _observable(source: Operator, wires: Sequence[Hashable] | None) -> Observable:
    sentence = sentence_of(source)
    if sentence is None:
        raise ValueError(f"{source} is no real sum of Pauli words: an observable is, or a Hermitian matrix on 4 wires")
    return from_sentence(sentence, _qubits(source.wires.labels, wires))


def _qubits(used: Sequence[Hashable], wires: Sequence[Hashable] | None) -> dict[Hashable, int]:
    """Return wire -> qubit."""
    if wires is None:
        numbers = [int(wire) for wire in used if isinstance(wire, (int, np.integer)) and wire >= 0]
        order: Sequence[Hashable] = range(max(numbers, default=0) + 1) if len(numbers) == len(used) else used
    else:
        order = tuple(wires)
    missing = [wire for wire in used if wire not in order]
    if missing or len(set(order)) != len(order):
        raise ValueError(f"wires must name every wire once, got {list(order)}; missing: {missing}")
    return {wire: qubit for qubit, wire in enumerate(order)}


class _Counter:
    """Hands out symbols, features and parameters each from 0 on."""

    def __init__(self) -> None:
        self._next = {FEATURE: 0, PARAM: 0}

    def size(self, kind: int) -> int:
        """Return how many of a kind were handed out."""
        return self._next[kind]

    def take(self, kind: int, shape: tuple[int, ...]) -> Any:
        """Return an array of new symbols of that shape, or one symbol."""
        first, size = self._next[kind], int(np.prod(shape))
        self._next[kind] = first + size
        return symbol_array(Symbols(kind, first + size)[first:], shape)


def _traced(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], features: Any
) -> tuple[QuantumScript, _Counter]:
    """Return the tape of a quantum function, with symbols for its arguments, and how many there are."""
    names = None if features is None else {features} if isinstance(features, str) else set(features)
    given = inspect.signature(function).bind(*args, **kwargs)
    if names is not None and not names <= set(given.arguments):
        raise ValueError(f"features names {sorted(names)}, but the arguments are {sorted(given.arguments)}")
    counter = _Counter()
    for name, value in given.arguments.items():
        array = None if isinstance(value, (str, bool)) else _floats(value)
        if array is not None:
            is_data = getattr(value, "requires_grad", True) is False if names is None else name in names
            given.arguments[name] = counter.take(FEATURE if is_data else PARAM, array.shape)
    try:
        return qml.tape.make_qscript(function)(*given.args, **given.kwargs), counter
    except (TypeError, AttributeError, ImportError) as error:
        raise ValueError(
            f"{getattr(function, '__name__', function)} does more with its arguments than index, add and multiply "
            f"them ({error}): compute the rest outside and pass it in"
        ) from error


def _floats(value: Any) -> NDArray[Any] | None:
    """Return an array of floating-point numbers, None for anything else."""
    array = np.asarray(qml.math.toarray(qml.math.detach(value)) if hasattr(value, "shape") else value)
    return array if array.dtype.kind == "f" else None


def _symbolic(tape: QuantumScript, features: Any) -> tuple[QuantumScript, _Counter]:
    """Return a tape with symbols for the parameters that it trains, and for features."""
    counter, index, operations = _Counter(), 0, []
    chosen = set(features)
    for op in tape.operations:
        if op.batch_size is not None:
            raise ValueError(f"{op} is broadcast: give the values of one sample, features are for the others")
        # Symbols stand for real angles only: not for amplitudes, matrices and the like.
        complex_data = any(np.iscomplexobj(value) for value in op.data)
        numbers = isinstance(op, StatePrepBase) or complex_data or (is_fixed(op) and not has_rule(op))
        data = []
        for value in op.data:
            kind = FEATURE if index in chosen else PARAM if index in tape.trainable_params else None
            data.append(value if numbers or kind is None else counter.take(kind, np.shape(value)))
            index += 1
        operations.append(op if numbers else bind_new_parameters(op, data))
    return tape.copy(operations=operations), counter


def _circuit(tape: QuantumScript, counter: _Counter, wires: Sequence[Hashable] | None) -> Circuit:
    qubits = _qubits(tape.wires.labels, wires)
    # Symbols that no angle uses are declared as well: a caller passes all of the arguments.
    circuit = Circuit(max(1, len(qubits)), n_features=counter.size(FEATURE), n_params=counter.size(PARAM))
    for op in tape.operations:
        _append(circuit, op, qubits)
    return circuit


def _append(circuit: Circuit, op: Operator, qubits: dict[Hashable, int]) -> None:
    if has_rule(op) or is_fixed(op):
        append(circuit, op, op.data, qubits, {})
        return
    try:
        with qml.QueuingManager.stop_recording():
            parts = op.decomposition()
    except DecompositionUndefinedError:
        raise ValueError(f"{op} is no unitary gate, or one that PennyLane has no decomposition for") from None
    except (TypeError, ValueError, AttributeError, ImportError) as error:
        raise ValueError(f"{op.name} takes numbers only, no symbols: decompose it beforehand ({error})") from error
    for part in parts:
        _append(circuit, part, qubits)
