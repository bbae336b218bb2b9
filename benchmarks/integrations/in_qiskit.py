"""Speed inside qiskit-machine-learning: the same calls on its own primitives and on ours, values compared first.

Goals: the gradient of an ``EstimatorQNN`` with ``kw.qiskit.EstimatorGradient`` at least 50 times faster than with its
default, parameter shift on its own estimator. The other rows have no goal: that default gradient with only the
estimator changed, values of an ``EstimatorQNN``, values and gradient of a ``SamplerQNN``, a ``FidelityQuantumKernel``.

Times are medians of interleaved repeats in one process, and the table shows their quarters; the first call of each,
which compiles, stands apart. Both sides compute in double precision, exactly (no shots).

    python benchmarks/integrations/in_qiskit.py [--tiny] [--repeats 3]
"""

import argparse
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from qiskit.circuit.library import real_amplitudes, zz_feature_map
from qiskit.quantum_info import SparsePauliOp
from qiskit_machine_learning.kernels import FidelityQuantumKernel
from qiskit_machine_learning.neural_networks import EstimatorQNN, SamplerQNN
from qiskit_machine_learning.primitives import QMLEstimator, QMLSampler
from qiskit_machine_learning.state_fidelities import ComputeUncompute

import ketwise as kw

GOAL = 50.0
TOLERANCE = 1e-9


class Row(NamedTuple):
    """One comparison: two calls that return the same numbers."""

    what: str
    stock: Callable[[], Any]
    ours: Callable[[], Any]
    goal: float | None = None


def rows(n: int, batch: int) -> list[Row]:
    """Return every comparison of a model on ``n`` qubits with ``batch`` samples."""
    rng = np.random.default_rng(0)
    encoding, ansatz = zz_feature_map(n, reps=1), real_amplitudes(n, reps=2)
    circuit = encoding.compose(ansatz)
    x, w = rng.normal(size=(batch, n)), rng.normal(size=ansatz.num_parameters)
    parts = {"circuit": circuit, "input_params": [*encoding.parameters], "weight_params": [*ansatz.parameters]}
    words = [SparsePauliOp("I" * (n - 1 - q) + "Z" + "I" * q) for q in range(2)]

    def estimating(estimator: Any, gradient: Any = None) -> Any:
        settings = {"estimator": estimator, "gradient": gradient, "observables": words, "default_precision": 0.0}
        return EstimatorQNN(**parts, **settings)

    def sampling(sampler: Any, gradient: Any = None) -> Any:
        parity = {"interpret": lambda state: state.bit_count() % 2, "output_shape": 2}
        return SamplerQNN(**parts, **parity, sampler=sampler, gradient=gradient)

    def kernel(sampler: Any) -> Any:
        return FidelityQuantumKernel(feature_map=encoding, fidelity=ComputeUncompute(sampler=sampler))

    stock = estimating(QMLEstimator())
    swept = estimating(kw.qiskit.Estimator(), kw.qiskit.EstimatorGradient())
    shifted = estimating(kw.qiskit.Estimator())
    drawn, ours_drawn = (
        sampling(QMLSampler()),
        sampling(kw.qiskit.Sampler(default_shots=None), kw.qiskit.SamplerGradient()),
    )
    pairs, ours_pairs = kernel(QMLSampler()), kernel(kw.qiskit.Sampler(default_shots=None))
    return [
        Row("EstimatorQNN gradient", lambda: stock.backward(x, w)[1], lambda: swept.backward(x, w)[1], GOAL),
        Row("  its own gradient class", lambda: stock.backward(x, w)[1], lambda: shifted.backward(x, w)[1]),
        Row("EstimatorQNN values", lambda: stock.forward(x, w), lambda: swept.forward(x, w)),
        Row("SamplerQNN gradient", lambda: drawn.backward(x, w)[1], lambda: ours_drawn.backward(x, w)[1]),
        Row("SamplerQNN values", lambda: drawn.forward(x, w), lambda: ours_drawn.forward(x, w)),
        Row("FidelityQuantumKernel", lambda: pairs.evaluate(x), lambda: ours_pairs.evaluate(x)),
    ]


def timed(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of one call and what it returned."""
    start = time.perf_counter()
    value = call()
    return time.perf_counter() - start, value


def measured(row: Row, repeats: int) -> tuple[bool, str]:
    """Return whether the goal is met and a line of the table; refuse values that differ."""
    first_stock, expected = timed(row.stock)
    first_ours, found = timed(row.ours)
    error = float(np.abs(np.asarray(found) - np.asarray(expected)).max())
    if not error <= TOLERANCE:
        raise SystemExit(f"{row.what}: values differ by {error:.2g}")
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for call, kept in zip((row.stock, row.ours), times, strict=True):
            kept.append(timed(call)[0])
    stock, ours = (statistics.median(kept) for kept in times)
    ratio = stock / ours
    met = row.goal is None or ratio >= row.goal
    wanted = "" if row.goal is None else f"goal {row.goal:g}x: {'met' if met else 'MISSED'}"
    return met, (
        f"{row.what:<26}{spread(times[0]):>26}{spread(times[1]):>26}{ratio:>9.1f}x"
        f"   first {first_stock * 1e3:.0f} / {first_ours * 1e3:.0f}  {wanted}"
    )


def spread(times: list[float]) -> str:
    """Return median and quarters in milliseconds."""
    low, middle, high = (np.quantile(times, q) * 1e3 for q in (0.25, 0.5, 0.75))
    return f"{middle:.2f} ({low:.2f} - {high:.2f})"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="3 qubits and 4 samples only, in seconds")
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    # How qiskit-machine-learning calls NumPy and SciPy is not the matter here.
    warnings.simplefilter("ignore", DeprecationWarning)
    every = []
    for n, batch in [(3, 4)] if given.tiny else [(4, 16), (8, 16)]:
        print(f"{n} qubits, {batch} samples; milliseconds, median (quarters)")
        print(f"{'':<26}{'its primitives':>26}{'ours':>26}{'ratio':>10}")
        for row in rows(n, batch):
            met, line = measured(row, given.repeats)
            every.append(met)
            print(line, flush=True)
    return 0 if given.tiny or all(every) else 1


if __name__ == "__main__":
    sys.exit(main())
