"""What contestants that differentiate through torch share: the gradient of a batch, in the best number of pieces."""

from collections.abc import Callable

import torch
from problems import Problem
from serve import Task, best_pieces, in_pieces

#: From gate angles in the order of the circuit and ``(samples, n_qubits)`` of features to as many <Z>.
Expectations = Callable[[list[torch.Tensor], torch.Tensor], torch.Tensor]


def torch_task(problem: Problem, real: torch.dtype, expectations: Expectations) -> Task:
    """The gradient with respect to the weights; each angle is a number, or ``(samples,)`` where it has features."""
    features = torch.tensor(problem.features, dtype=real)
    cotangent = torch.tensor(problem.cotangent, dtype=real)
    weights = torch.tensor(problem.weights, dtype=real, requires_grad=True)
    samples = len(features)

    def gradient(pieces: int) -> torch.Tensor:
        size = -(-samples // pieces)
        total = torch.zeros_like(weights)
        for x, c in zip(features.split(size), cotangent.split(size), strict=True):
            angles = problem.angles(weights, x)
            flat = angles.reshape(*angles.shape[:-3], -1).unbind(-1)
            total += torch.autograd.grad((expectations(list(flat), x) * c).sum(), weights)[0]
        return total

    pieces = best_pieces(gradient, problem)
    return Task(
        lambda: gradient(pieces), lambda found: {"gradient": found.detach().ravel().numpy()}, note=in_pieces(pieces)
    )
