"""Who else computes the gradient of a quantum neural network over a batch, in which precisions and settings.

Each is run in every setting that may be its best one; the table shows the fastest. A number of qubits beside a peer
is how far it goes in a quick run.
"""

from case import Extent
from contest import Contestant, cores

DOUBLE, SINGLE = "complex128", "complex64"
COMPILES = "compiles the circuit to machine code first"


def gradient_peers(n_qubits: int, extent: Extent) -> list[Contestant]:
    """Peers for one problem size."""
    n = cores()
    counts = sorted({1, n})

    def quick(most: int) -> bool:
        return extent == "full" or n_qubits <= most

    found = [
        Contestant("Qulacs", "qulacs_backprop.py", DOUBLE, 1, "qulacs", ("processes",)),
        Contestant("Qulacs", "qulacs_backprop.py", DOUBLE, n, "qulacs", ("threads",)),
    ]
    for dtype in (DOUBLE, SINGLE):
        if extent == "full":
            lightning = "lightning_adjoint.py"
            found.append(Contestant("lightning", lightning, dtype, 1, "pennylane", ("processes",)))
            if n_qubits <= 8:  # slower by a factor that does not fall with the number of qubits
                found.append(Contestant("lightning", lightning, dtype, n, "pennylane", ("threads",)))
        for threads in counts if n_qubits <= 10 else [n]:
            broadcast = "default_qubit_backprop.py"
            found.append(Contestant("default.qubit", broadcast, dtype, threads, "pennylane", ("torch",)))
            found.append(Contestant("DeepQuantum", "deepquantum_backprop.py", dtype, threads, "deepquantum"))
            if dtype == SINGLE:
                found.append(Contestant("TorchQuantum", "torchquantum_backprop.py", dtype, threads, "torchquantum"))
    if quick(8) and n_qubits <= 10:
        found.append(Contestant("default.qubit", broadcast, DOUBLE, n, "pennylane", ("autograd",)))
    return found


def compiling_peers(n_qubits: int, extent: Extent) -> list[Contestant]:
    """Peers that compile for seconds to minutes before their first run; in a quick run only what takes seconds."""
    n = cores()
    if n_qubits > (4 if extent == "quick" else 12):
        return []
    dtypes = (SINGLE,) if extent == "quick" else (SINGLE, DOUBLE)
    jax, circuit = "default_qubit_backprop.py", "tensorcircuit_jax.py"
    return [
        *(Contestant("TensorCircuit-NG", circuit, d, n, "tensorcircuit", apart=COMPILES) for d in dtypes),
        *(Contestant("default.qubit jit", jax, d, n, "jax", ("jax",), apart=COMPILES) for d in dtypes),
    ]
