"""Speed inside PennyLane: the same QNodes on lightning.qubit and on ketwise.qubit, values compared first.

Goals, at 8 qubits: a training step of a ``TorchLayer`` (64 samples, 3 strongly entangling layers) at least 20 times
faster, and ``qml.kernels.kernel_matrix`` with an IQP embedding at least 10 times. PennyLane computes a kernel matrix
pair by pair, so that what it does itself around each call bounds the ratio: the column "no time" is the ratio of a
device that takes none. With an angle embedding, one gate a qubit, that bound is about the goal, and the row has none.
The last rows are the same matrices from ``kw.kernels.fidelity`` of the embedding read by ``kw.from_pennylane``.

Times are medians of interleaved repeats in one process, and the table shows their quarters; the first call of each,
which compiles, stands apart. Both compute in double precision, exactly (no shots).

    python benchmarks/integrations/in_pennylane.py [--tiny] [--repeats 3]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pennylane as qml
import torch

import ketwise as kw

LAYERS = 3
TOLERANCE = 1e-5  # TorchLayer hands its results on in single precision
EMBEDDINGS = {"IQPEmbedding": (lambda x, n: qml.IQPEmbedding(x, wires=range(n), n_repeats=2), 10.0)}
EMBEDDINGS["AngleEmbedding"] = (lambda x, n: qml.AngleEmbedding(x, wires=range(n)), None)


class Row(NamedTuple):
    """One comparison: two calls that return the same numbers, and the device of ours where there is one."""

    what: str
    theirs: Callable[[], Any]
    ours: Callable[[], Any]
    device: Any = None
    goal: float | None = None


def training(name: str, n: int, batch: int) -> tuple[Callable[[], Any], Any]:
    """Return a training step of a ``TorchLayer``, which returns its gradient and loss, and the device."""
    device = qml.device(name, wires=n)

    @qml.qnode(device, interface="torch")
    def circuit(inputs: Any, weights: Any) -> Any:
        qml.AngleEmbedding(inputs, wires=range(n))
        qml.StronglyEntanglingLayers(weights, wires=range(n))
        return [qml.expval(qml.Z(i)) for i in range(n)]

    torch.manual_seed(0)
    model = torch.nn.Sequential(qml.qnn.TorchLayer(circuit, {"weights": (LAYERS, n, 3)}), torch.nn.Linear(n, 2))
    rows, labels = torch.rand(batch, n), torch.randint(0, 2, (batch,))
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)

    def step() -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(rows), labels)
        loss.backward()
        gradient = model[0].qnode_weights["weights"].grad.detach().numpy().copy()
        optimizer.step()
        return np.append(gradient.ravel(), loss.item())

    return step, device


def kernel(name: str, embedding: Any, rows: Any) -> tuple[Callable[[], Any], Any]:
    """Return PennyLane's kernel matrix on a device, and the device."""
    n = rows.shape[1]
    device = qml.device(name, wires=n)

    @qml.qnode(device)
    def circuit(a: Any, b: Any) -> Any:
        embedding(a, n)
        qml.adjoint(embedding)(b, n)
        return qml.probs(wires=range(n))

    return lambda: qml.kernels.kernel_matrix(rows, rows, lambda a, b: circuit(a, b)[0]), device


def comparisons(n: int, batch: int, samples: int) -> list[Row]:
    """Return every comparison on ``n`` qubits."""
    theirs, _ = training("lightning.qubit", n, batch)
    ours, device = training("ketwise.qubit", n, batch)
    found = [Row(f"TorchLayer step, {batch} rows", theirs, ours, device, 20.0)]
    rows = np.random.default_rng(0).normal(size=(samples, n))
    again = []
    for name, (embedding, goal) in EMBEDDINGS.items():
        theirs, _ = kernel("lightning.qubit", embedding, rows)
        ours, device = kernel("ketwise.qubit", embedding, rows)
        found.append(Row(f"kernel_matrix, {name}", theirs, ours, device, goal))
        circuit = kw.from_pennylane(lambda x, made=embedding: made(x, n), rows[0], features="x")
        again.append(Row(f"fidelity, {name}", theirs, lambda circuit=circuit: kw.kernels.fidelity(circuit, rows)))
    return found + again


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of one call and what it returned."""
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


class Inside:
    """Adds up the seconds that a device's own methods take."""

    def __init__(self, device: Any):
        self.seconds = 0.0
        for name in ("execute", "compute_vjp"):
            setattr(device, name, self._counted(getattr(device, name)))

    def _counted(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            taken, value = timed(lambda: method(*args, **kwargs))
            self.seconds += taken
            return value

        return counted


def measured(row: Row, repeats: int) -> tuple[bool, str]:
    """Return whether the goal is met and a line of the table; refuse values that differ."""
    first_theirs, expected = timed(row.theirs)
    first_ours, found = timed(row.ours)
    error = float(np.abs(np.asarray(found) - np.asarray(expected)).max())
    if not error <= TOLERANCE:
        raise SystemExit(f"{row.what}: values differ by {error:.2g}")
    inside = None if row.device is None else Inside(row.device)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for call, kept in zip((row.theirs, row.ours), times, strict=True):
            kept.append(timed(call)[0])
    theirs, ours = (statistics.median(kept) for kept in times)
    outside = 0.0 if inside is None else ours * (1 - inside.seconds / sum(times[1]))
    bound = "" if inside is None else f"{theirs / outside:.1f}x"
    met = row.goal is None or theirs / ours >= row.goal
    wanted = "" if row.goal is None else f"  goal {row.goal:g}x: {'met' if met else 'MISSED'}"
    return met, (
        f"{row.what:<30}{spread(times[0]):>26}{spread(times[1]):>24}{theirs / ours:>9.1f}x{bound:>10}"
        f"   first {first_theirs * 1e3:.0f} / {first_ours * 1e3:.0f}{wanted}"
    )


def spread(times: list[float]) -> str:
    """Return median and quarters in milliseconds."""
    low, middle, high = (np.quantile(times, q) * 1e3 for q in (0.25, 0.5, 0.75))
    return f"{middle:.1f} ({low:.1f} - {high:.1f})"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="3 qubits and a few samples only, in seconds")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    n, batch, samples = (3, 4, 3) if given.tiny else (8, 64, 8)
    print(f"{n} qubits, {samples} samples in kernels; milliseconds, median (quarters)")
    print(f"{'':<30}{'lightning.qubit':>26}{'ours':>24}{'ratio':>10}{'no time':>10}")
    every = []
    for row in comparisons(n, batch, samples):
        met, line = measured(row, given.repeats)
        every.append(met)
        print(line, flush=True)
    return 0 if given.tiny or all(every) else 1


if __name__ == "__main__":
    sys.exit(main())
