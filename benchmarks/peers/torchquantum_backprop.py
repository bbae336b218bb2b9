"""TorchQuantum (the fork that runs on current Pythons): a device of all samples, and torch's autograd; complex64 only.

Its data sets import torchvision, whose wheels need a torch of the same build; nothing here uses them.
"""

import sys
import types

sys.modules["torchquantum.dataset"] = types.ModuleType("torchquantum.dataset")

import torch  # noqa: E402
import torchquantum as tq  # noqa: E402
from problems import LAYERS, Problem, ring  # noqa: E402
from serve import Task, serve  # noqa: E402
from torch_pieces import torch_task  # noqa: E402


def prepare(problem: Problem, dtype: str) -> Task:
    assert dtype == "complex64", "TorchQuantum computes in complex64 only"
    n = problem.n_qubits
    measured = tq.MeasureAll(tq.PauliZ)

    def expectations(angles: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        device = tq.QuantumDevice(n, bsz=len(x))
        if not problem.reuploads:
            for q in range(n):
                device.ry(wires=q, params=x[:, q])
        waiting = iter(angles)
        for layer in range(LAYERS):
            for q in range(n):
                device.rz(wires=q, params=next(waiting))
                device.ry(wires=q, params=next(waiting))
                device.rz(wires=q, params=next(waiting))
            for control, target in ring(n, layer):
                device.cnot(wires=[control, target])
        return measured(device)

    return torch_task(problem, torch.float32, expectations)


if __name__ == "__main__":
    serve(prepare, lambda: {"version": f"{tq.__version__}, torch {torch.__version__}"})
