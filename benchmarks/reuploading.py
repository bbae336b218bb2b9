"""Speed: the gradient of a re-uploading model, where every angle of every gate is another one for each sample.

256 samples; 6 layers of Rot with angles ``offset + slope * x`` on every qubit and a ring of CNOTs, all <Z>, the
gradient of a weighted sum with respect to all offsets and slopes. Goal, on a machine with AVX-512, n = 4 and 8: at
least 80 times the fastest peer of the same precision that needs no compiling.

    python benchmarks/reuploading.py
"""

import sys

import counts
from case import Case, Extent, Goal
from peers.problems import LAYERS
from rivals import DOUBLE, SINGLE, gradient_peers
from runner import main, ours

TIMES = 80
SIZES: dict[Extent, tuple[int, ...]] = {"full": (4, 8), "quick": (4, 8), "tiny": (3,)}


def cases(extent: Extent) -> list[Case]:
    """The gradient, for both numbers of qubits."""
    samples = 9 if extent == "tiny" else 256
    found = []
    for n in SIZES[extent]:
        goals = () if extent == "tiny" else (Goal("times", TIMES, SINGLE), Goal("times", TIMES, DOUBLE))
        peers = [] if extent == "tiny" else gradient_peers(n, extent)
        flops = counts.rotations(n, LAYERS, samples, gradient=True)
        found.append(
            Case("re-uploading gradient", "reuploading", n, samples, tuple(ours("gradient") + peers), goals, flops)
        )
    return found


if __name__ == "__main__":
    sys.exit(main([cases], __doc__))
