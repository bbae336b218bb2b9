"""The PennyLane device ``ketwise.qubit``: broadcast natively, differentiated by the engine's reverse sweep."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pennylane import math
from pennylane.devices import Device, ExecutionConfig, MCMConfig
from pennylane.devices.modifiers import simulator_tracking, single_tape_support
from pennylane.devices.qubit.simulate import measure_final_state
from pennylane.exceptions import DeviceError
from pennylane.tape import QuantumScript
from pennylane.transforms.core import CompilePipeline

from ketwise.program.interop.pennylane.derivatives import jacobians, vjp
from ketwise.program.interop.pennylane.execution import Batch, Engine
from ketwise.program.interop.pennylane.preprocessing import differentiable, pipeline
from ketwise.program.interop.pennylane.readings import results

JAX = (math.Interface.JAX, math.Interface.JAX_JIT)


@simulator_tracking
@single_tape_support
class KetwiseQubit(Device):
    """A state-vector simulator on ketwise's engine, for ``qml.device("ketwise.qubit", wires=n)``.

    Parameters
    ----------
    wires : int or sequence of labels, optional
    shots : int or sequence of int, optional
        PennyLane prefers ``qml.set_shots`` on a QNode.
    c_dtype : "complex128" or "complex64"
        Precision of states; angles are always in double precision.
    seed : int, numpy Generator, "global" or None
        Of the samples; ``"global"`` takes a number from NumPy's global generator.

    Notes
    -----
    A broadcast tape is one call with a row of angles a sample, and so are all tapes of one call that differ only in
    their angles. A circuit is compiled when its structure is first seen, not once an iteration.

    Examples
    --------
    >>> import pennylane as qml
    >>> dev = qml.device("ketwise.qubit", wires=2)
    >>> @qml.qnode(dev)
    ... def circuit(x):
    ...     qml.RY(x, wires=0)
    ...     qml.CNOT(wires=[0, 1])
    ...     return qml.expval(qml.Z(1))
    >>> circuit([0.0, 3.141592653589793]).round(12)
    array([ 1., -1.])
    """

    pennylane_requires = ">=0.45"
    version = version("ketwise")
    author = "The ketwise developers"

    def __init__(
        self, wires: Any = None, shots: Any = None, *, c_dtype: Any = "complex128", seed: Any = "global"
    ) -> None:
        super().__init__(wires=wires, shots=shots)
        self._engine = Engine(np.dtype(c_dtype))
        # The generator that PennyLane's own devices take a number from, so that numpy.random.seed repeats a run.
        start = np.random.randint(0, high=10_000_000) if isinstance(seed, str) and seed == "global" else seed  # noqa: NPY002
        self._rng = np.random.default_rng(start)

    @property
    def name(self) -> str:
        """The name it is registered under."""
        return "ketwise.qubit"

    @property
    def c_dtype(self) -> np.dtype[Any]:
        """Precision of states."""
        return self._engine.dtype

    # -- what PennyLane asks beforehand

    def setup_execution_config(
        self, config: ExecutionConfig | None = None, circuit: QuantumScript | None = None
    ) -> ExecutionConfig:
        """Fill in how to differentiate and how to treat measurements within a circuit."""
        config = config or ExecutionConfig()
        if config.device_options:
            raise DeviceError(f"{self.name} has no options of execution, got {dict(config.device_options)}")
        changed: dict[str, Any] = {}
        method = config.gradient_method
        if method in ("best", "device") and differentiable(circuit):
            method = changed["gradient_method"] = "adjoint"
        if method == "adjoint":
            # Forward mode of JAX needs whole Jacobians. Elsewhere one sweep for all measurements does, which also
            # knows broadcast parameters; PennyLane's default, False, would ask for a Jacobian that it cannot hold.
            by_product = bool(config.use_device_jacobian_product) or config.interface not in JAX
            changed |= {"use_device_gradient": True, "use_device_jacobian_product": by_product}
            changed["grad_on_execution"] = not by_product and config.grad_on_execution is not False
        mcm = config.mcm_config
        if mcm.mcm_method not in (None, "deferred"):
            raise DeviceError(
                f"{self.name} treats measurements within a circuit by mcm_method='deferred' only, "
                f"got {mcm.mcm_method}: leave it out, or use default.qubit"
            )
        changed["mcm_config"] = MCMConfig(mcm_method="deferred", postselect_mode=mcm.postselect_mode)
        return replace(config, **changed)

    def preprocess_transforms(self, execution_config: ExecutionConfig | None = None) -> CompilePipeline:
        """Return the transforms that leave tapes as the engine runs them."""
        config = execution_config or ExecutionConfig()
        made = pipeline(
            self.wires,
            self.name,
            adjoint=config.gradient_method == "adjoint",
            by_product=bool(config.use_device_jacobian_product),
        )
        # The caller may add to it.
        return copy(made)

    def supports_derivatives(
        self, execution_config: ExecutionConfig | None = None, circuit: QuantumScript | None = None
    ) -> bool:
        """Whether the engine differentiates this circuit; PennyLane takes parameter shift where it does not."""
        if execution_config is None:
            return True
        if execution_config.gradient_method not in ("best", "adjoint", "device"):
            return False
        # A second derivative would need the first one to be differentiable itself.
        if execution_config.gradient_method == "best" and execution_config.derivative_order > 1:
            return False
        return differentiable(circuit)

    def supports_vjp(
        self, execution_config: ExecutionConfig | None = None, circuit: QuantumScript | None = None
    ) -> bool:
        """Whether vector-Jacobian products come from the engine."""
        return self.supports_derivatives(execution_config, circuit)

    # -- running

    def execute(
        self, circuits: Sequence[QuantumScript], execution_config: ExecutionConfig | None = None
    ) -> tuple[Any, ...]:
        """Return the results of tapes that went through :meth:`preprocess_transforms`."""
        found: list[Any] = [None] * len(circuits)
        for batch in self._engine.batches(circuits):
            values = batch.run()
            rows = [values] if batch.broadcast else [values[row : row + 1] for row in range(len(values))]
            for index, row in zip(batch.tapes, rows, strict=True):
                found[index] = self._result(batch, circuits[index], row)
        return tuple(found)

    def _result(self, batch: Batch, tape: QuantumScript, values: NDArray[Any]) -> Any:
        """Return the result of one tape from its outputs; samples, and what has no outputs, PennyLane reads itself."""
        lowered, reading, *_ = batch.compiled
        if reading.native:
            return results(reading, values, batch.broadcast)
        numbers = {wire: number for number, wire in enumerate(lowered.wires)}
        measured = [measurement.map_wires(numbers) for measurement in tape.measurements]
        state = values.reshape((-1,) * batch.broadcast + (2,) * len(numbers))
        return measure_final_state(QuantumScript([], measured, shots=tape.shots), state, batch.broadcast, rng=self._rng)

    # -- differentiating

    def compute_vjp(
        self, circuits: Sequence[QuantumScript], cotangents: Any, execution_config: ExecutionConfig | None = None
    ) -> tuple[Any, ...]:
        """Return, for each tape, the vector-Jacobian products by its trainable parameters."""
        return tuple(vjp(self._engine, tape, given) for tape, given in zip(circuits, cotangents, strict=True))

    def execute_and_compute_vjp(
        self, circuits: Sequence[QuantumScript], cotangents: Any, execution_config: ExecutionConfig | None = None
    ) -> tuple[Any, Any]:
        """Return results and vector-Jacobian products."""
        return self.execute(circuits, execution_config), self.compute_vjp(circuits, cotangents, execution_config)

    def compute_derivatives(
        self, circuits: Sequence[QuantumScript], execution_config: ExecutionConfig | None = None
    ) -> tuple[Any, ...]:
        """Return, for each tape, its Jacobian by its trainable parameters."""
        found: list[Any] = [None] * len(circuits)
        for batch in self._engine.batches(circuits):
            if batch.broadcast:
                raise DeviceError("a broadcast tape has vector-Jacobian products only: use device_vjp=True")
            for index, jacobian in zip(batch.tapes, jacobians(batch, circuits), strict=True):
                found[index] = jacobian
        return tuple(found)

    def execute_and_compute_derivatives(
        self, circuits: Sequence[QuantumScript], execution_config: ExecutionConfig | None = None
    ) -> tuple[Any, Any]:
        """Return results and Jacobians."""
        return self.execute(circuits, execution_config), self.compute_derivatives(circuits, execution_config)
