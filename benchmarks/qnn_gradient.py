"""Speed: the gradient of a quantum neural network over a batch of samples, and its forward pass alone.

256 samples; RY(x) on every qubit, 6 strongly entangling layers, all <Z>, the gradient of a weighted sum with respect
to all weights. Goals, on a machine with AVX-512:

- n = 6, 8, 10, 12: float32 at least 120 times, float64 at least 80 times the fastest peer of the same precision that
  needs no compiling; n = 4 at least 100 times, n = 14 at least 60 times;
- TensorCircuit-NG, compiled (JAX jit and vmap, complex64): at least 15 times its warm time at n = 4, 50 at n = 8 to 12;
- float32, n <= 12: at least 60 % of the multiply-add peak forward, 45 % with the gradient.

    python benchmarks/qnn_gradient.py --full --qubits 8

Gradients are compared before any time is printed. ``make bench-peers`` installs the peers.
"""

import sys

import counts
from case import Case, Extent, Goal
from peers.problems import LAYERS
from rivals import DOUBLE, SINGLE, compiling_peers, gradient_peers
from runner import main, ours

SIZES: dict[Extent, tuple[int, ...]] = {"full": (4, 6, 8, 10, 12, 14), "quick": (4, 8, 12), "tiny": (3,)}
#: By number of qubits: times the fastest rival in float32 and in float64, times the compiled TensorCircuit-NG.
TIMES = {
    4: (100, 100, 15),
    6: (120, 80, None),
    8: (120, 80, 50),
    10: (120, 80, 50),
    12: (120, 80, 50),
    14: (60, 60, None),
}
SHARES = {"QNN gradient": 0.45, "QNN forward": 0.60}


def share(scenario: str, n_qubits: int) -> tuple[Goal, ...]:
    """The part of the peak to reach."""
    return (Goal("share", SHARES[scenario], SINGLE),) if n_qubits in TIMES and n_qubits <= 12 else ()


def cases(extent: Extent) -> list[Case]:
    """Gradient and forward pass, for every number of qubits."""
    samples = 9 if extent == "tiny" else 256
    found = []
    for n in SIZES[extent]:
        single, double, compiled = TIMES.get(n, (None, None, None))
        goals = [
            *([Goal("times", single, SINGLE)] if single else []),
            *([Goal("times", double, DOUBLE)] if double else []),
            *([Goal("times", compiled, SINGLE, "TensorCircuit-NG")] if compiled else []),
            *share("QNN gradient", n),
        ]
        peers = [] if extent == "tiny" else gradient_peers(n, extent) + compiling_peers(n, extent)
        flops = counts.rotations(n, LAYERS, samples, gradient=True)
        rivals = tuple(ours("gradient") + peers)
        found.append(Case("QNN gradient", "entangling", n, samples, rivals, tuple(goals), flops))
        flops = counts.rotations(n, LAYERS, samples, gradient=False)
        goals = share("QNN forward", n)
        found.append(Case("QNN forward", "entangling", n, samples, tuple(ours("forward")), goals, flops))
    return found


if __name__ == "__main__":
    sys.exit(main([cases], __doc__))
