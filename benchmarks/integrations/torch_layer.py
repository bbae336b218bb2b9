"""Speed: a hybrid model in PyTorch with ``kw.torch.Layer`` and with PennyLane's ``TorchLayer``, trained the same way.

The model is linear, quantum layer, linear; the circuit is RY(x) on every qubit and 6 strongly entangling layers, read
out by Z on every qubit. All contestants start at the same numbers, and their outputs and gradients are compared before
anything is timed. A step is forward, backward and one step of Adam on a batch; contestants take turns, so that a ratio
is of one run, and an epoch is reckoned as so many times the median step: lightning.qubit, which takes seconds for a
step, is not waited for longer than a few of them. torch itself computes with one thread: on arrays of this size more of
them only wait for one another. The circuits have all the threads that their engines take.

Goal: a step at 8 qubits and a batch of 64 in at most a hundredth of that of ``TorchLayer`` on lightning.qubit, in the
same precision.

    python benchmarks/integrations/torch_layer.py [--qubits 8] [--batch 64] [--rounds 5] [--tiny] [--check]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pennylane as qml
import torch
from torch import Tensor, nn

import ketwise as kw

GOAL = 100.0
ROWS = 1024  # of an epoch
OURS_A_TURN = 20  # steps that a peer's one step is set against
TOLERANCE = {torch.float32: 2e-4, torch.float64: 1e-7}


def ketwise_layer(n: int, layers: int, weights: Tensor) -> nn.Module:
    """Return ours."""
    circuit = kw.encodings.angle(n) + kw.ansatz.strongly_entangling(n, layers=layers)
    return kw.torch.Layer(circuit, [kw.Z(q) for q in range(n)], init=weights.ravel(), dtype=weights.dtype)


def pennylane_layer(device: str, method: str) -> Callable[[int, int, Tensor], nn.Module]:
    """Return what makes PennyLane's layer on a device, by a method of differentiation."""

    def make(n: int, layers: int, weights: Tensor) -> nn.Module:
        single = weights.dtype == torch.float32
        options = {"c_dtype": np.complex64 if single else np.complex128} if device.startswith("lightning") else {}

        @qml.qnode(qml.device(device, wires=n, **options), interface="torch", diff_method=method)
        def circuit(inputs: Any, weights: Any) -> Any:
            qml.AngleEmbedding(inputs, wires=range(n), rotation="Y")
            qml.StronglyEntanglingLayers(weights, wires=range(n))
            return [qml.expval(qml.PauliZ(q)) for q in range(n)]

        layer: nn.Module = qml.qnn.TorchLayer(circuit, {"weights": weights.shape}, {"weights": weights.clone()})
        return layer

    return make


CONTESTANTS: dict[str, Callable[[int, int, Tensor], nn.Module]] = {
    "ketwise": ketwise_layer,
    "TorchLayer, lightning.qubit, adjoint": pennylane_layer("lightning.qubit", "adjoint"),
    "TorchLayer, default.qubit, backprop": pennylane_layer("default.qubit", "backprop"),
}
RIVAL = "TorchLayer, lightning.qubit, adjoint"


class Run:
    """One contestant with a model, an optimiser and a batch of its own."""

    def __init__(self, make: Callable[[int, int, Tensor], nn.Module], n: int, layers: int, batch: int, dtype: Any):
        torch.manual_seed(0)
        self.X, self.y = torch.randn(batch, 2 * n, dtype=dtype), torch.randint(0, 2, (batch,))
        weights = torch.rand(layers, n, 3, dtype=dtype) * 6.28
        first, last = nn.Linear(2 * n, n, dtype=dtype), nn.Linear(n, 2, dtype=dtype)
        self.quantum = make(n, layers, weights)
        self.model = nn.Sequential(first, self.quantum, last)
        self.optimizer = torch.optim.Adam(self.model.parameters(), 0.01)

    def gradient(self) -> list[Tensor]:
        """Return the outputs, and the gradients of the loss by all that is trained."""
        self.optimizer.zero_grad()
        out = self.model(self.X)
        nn.functional.cross_entropy(out, self.y).backward()
        return [out.detach(), *(parameter.grad.ravel() for parameter in self.model.parameters())]

    def step(self) -> None:
        """Train on the batch once."""
        self.gradient()
        self.optimizer.step()

    def seconds(self, steps: int) -> float:
        """Return the median of some steps."""
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            self.step()
            times.append(time.perf_counter() - start)
        return statistics.median(times)


def measure(n: int, layers: int, batch: int, rounds: int, dtype: Any) -> dict[str, list[float]]:
    """Return the seconds of a step in every round, by contestant.

    Raises
    ------
    ValueError
        Where outputs or gradients differ: there is nothing to time.
    """
    runs = {name: Run(make, n, layers, batch, dtype) for name, make in CONTESTANTS.items()}
    found = {name: run.gradient() for name, run in runs.items()}
    for name, values in found.items():
        for ours, theirs in zip(found["ketwise"], values, strict=True):
            error = float((ours - theirs).abs().max())
            if not error <= TOLERANCE[dtype]:
                raise ValueError(f"{name} differs from ketwise by {error:.2g}: no times are shown")
    runs["ketwise"].seconds(OURS_A_TURN)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(run.seconds(OURS_A_TURN if name == "ketwise" else 1))
    return times


def circuit_share(n: int, layers: int, batch: int, dtype: Any) -> float:
    """Return the seconds of our step that the circuit itself takes, forward and back."""
    run = Run(ketwise_layer, n, layers, batch, dtype)
    program = run.quantum.circuit.compile(
        [kw.Z(q) for q in range(n)], dtype="complex64" if dtype == torch.float32 else "complex128"
    )
    params = run.quantum.params.detach().numpy()
    features, cotangent = run.X[:, :n].contiguous().numpy(), run.y[:, None].expand(batch, n).numpy()
    times = []
    for _ in range(OURS_A_TURN):
        start = time.perf_counter()
        _, residual = program.forward(params, features)
        program.backward(residual, cotangent, wanted=("params", "features"))
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> int:
    """Measure, print, write JSON; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qubits", type=int, default=8)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="the least that shows that the script works")
    parser.add_argument("--check", action="store_true", help="exit code 1 when the goal is not met")
    parser.add_argument("--out", type=Path, help="where to write the numbers, as JSON")
    options = parser.parse_args()
    torch.set_num_threads(1)
    n, layers, batch, rounds = options.qubits, options.layers, options.batch, options.rounds
    if options.tiny:
        n, layers, batch, rounds = 2, 1, 4, 1
    print(f"{n} qubits, {layers} layers, batches of {batch}; torch {torch.__version__}, PennyLane {qml.__version__}")
    met, record = True, []
    for dtype in (torch.float32, torch.float64):
        times = measure(n, layers, batch, rounds, dtype)
        share = circuit_share(n, layers, batch, dtype)
        print(f"\n{str(dtype).removeprefix('torch.')}: ours is {1e3 * share:.3g} ms in the circuit, the rest in torch")
        print(f"{'':40}{'ms a step':>12}{f's an epoch of {ROWS}':>20}{'times ours':>12}{'from .. to':>20}")
        for name, each in times.items():
            step = statistics.median(each)
            ratios = [theirs / ours for theirs, ours in zip(each, times["ketwise"], strict=True)]
            times_ours = statistics.median(ratios)
            spread = f"{min(ratios):.0f} .. {max(ratios):.0f}"
            print(f"{name:40}{1e3 * step:12.3g}{step * ROWS / batch:20.3g}{times_ours:12.1f}{spread:>20}")
            met &= name != RIVAL or times_ours >= GOAL
            record.append({"contestant": name, "dtype": str(dtype), "seconds": each, "times_ours": times_ours})
    if not options.tiny:
        print(f"\ngoal, {GOAL:.0f} times as fast as {RIVAL}: {'met' if met else 'missed'}")
    if options.out:
        options.out.write_text(json.dumps(record))
    return int(options.check and not met)


if __name__ == "__main__":
    sys.exit(main())
