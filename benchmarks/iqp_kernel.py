"""Speed: the Gram matrix of the IQP fidelity kernel, from the features to all 2,000 x 2,000 entries.

Goals, on a machine with AVX-512:

- n = 8: at least 3 times vectorised NumPy (states by array operations, one BLAS product), and at least 300 times
  qiskit-machine-learning's ``FidelityStatevectorKernel``;
- n = 12: at most 1.3 times as long as BLAS' ``herk`` takes for the product alone, on states that are there already.

    python benchmarks/iqp_kernel.py

A corner of the matrices and their products with a vector are compared before any time is printed.
"""

import sys

import counts
from case import Case, Extent, Goal
from contest import Contestant, cores
from rivals import DOUBLE, SINGLE
from runner import main, ours

SIZES: dict[Extent, tuple[int, ...]] = {"full": (8, 12), "quick": (8, 12), "tiny": (3,)}
NUMPY, HERK, QISKIT = "NumPy", "BLAS herk", "qiskit-ml"


def peers(n_qubits: int) -> list[Contestant]:
    """NumPy and BLAS run in our own environment, and so with the same BLAS; qiskit takes minutes at n = 12."""
    found = [
        *(Contestant(NUMPY, "array_kernel.py", d, cores(), arguments=("numpy",)) for d in (DOUBLE, SINGLE)),
        *(
            Contestant(HERK, "array_kernel.py", d, cores(), arguments=("herk",), apart="only the product of the states")
            for d in (DOUBLE, SINGLE)
        ),
    ]
    if n_qubits == 8:
        found.append(Contestant(QISKIT, "qiskit_kernel.py", DOUBLE, cores(), "qiskit"))
    return found


def cases(extent: Extent) -> list[Case]:
    """Both numbers of qubits."""
    samples = 9 if extent == "tiny" else 2000
    goals = {
        8: (Goal("times", 3, SINGLE, NUMPY), Goal("times", 3, DOUBLE, NUMPY), Goal("times", 300, DOUBLE, QISKIT)),
        12: (Goal("longer", 1.3, SINGLE, HERK), Goal("longer", 1.3, DOUBLE, HERK)),
    }
    return [
        Case(
            "IQP kernel matrix",
            "iqp",
            n,
            samples,
            tuple(ours("kernel") + ([] if extent == "tiny" else peers(n))),
            goals.get(n, ()),
            counts.gram(n, samples),
        )
        for n in SIZES[extent]
    ]


if __name__ == "__main__":
    sys.exit(main([cases], __doc__))
