"""A hybrid model on real data: a small convolutional network, a quantum layer, a linear head; and its classical twin.

The twin has a dense layer with the same number of parameters in the place of the quantum one. Both are trained in the
same way, from the same seeds, on the same splits of scikit-learn's digits, and a third model with nothing in that place
shows what the rest can do alone. What the difference is worth is said at the end, in words.

    python examples/hybrid_digits.py [SEEDS] [EPOCHS]
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from scipy import stats
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import Tensor, nn

import ketwise as kw

N_QUBITS, LAYERS = 6, 2
TEST_SHARE = 0.25


class Angles(nn.Module):
    """Bring numbers of any size between -π and π, where an angle means something."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.pi * torch.tanh(x)


def quantum_layer() -> nn.Module:
    """Return a circuit: 6 numbers in, 36 parameters, 6 expectation values out."""
    circuit = kw.encodings.angle(N_QUBITS) + kw.ansatz.strongly_entangling(N_QUBITS, layers=LAYERS)
    return kw.torch.Layer(circuit, [kw.Z(q) for q in range(N_QUBITS)])


def dense_layer() -> nn.Module:
    """Return its twin: 6 numbers in, 36 parameters, 6 numbers between -1 and 1 out."""
    return nn.Sequential(nn.Linear(N_QUBITS, N_QUBITS, bias=False), nn.Tanh())


MIDDLES: dict[str, Callable[[], nn.Module]] = {
    "quantum layer": quantum_layer,
    "dense layer": dense_layer,
    "no layer": nn.Identity,
}


def network(middle: nn.Module) -> nn.Module:
    """Return the network around a layer; 8 by 8 pixels in, 10 scores out."""
    return nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64, N_QUBITS),
        Angles(),
        middle,
        nn.Linear(N_QUBITS, 10),
    )


def n_trained(module: nn.Module) -> int:
    """Return the number of parameters."""
    return sum(parameter.numel() for parameter in module.parameters())


def accuracy(make: Callable[[], nn.Module], data: list[Tensor], seed: int, epochs: int) -> float:
    """Return the share of the test rows that a network trained on the others gets right."""
    X_train, X_test, y_train, y_test = data
    torch.manual_seed(seed)
    middle = make()
    torch.manual_seed(seed)  # so that what stands around the layer starts alike in all models
    model = network(middle)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    order = torch.Generator().manual_seed(seed)
    for _ in range(epochs):
        for rows in torch.randperm(len(X_train), generator=order).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(X_train[rows]), y_train[rows]).backward()
            optimizer.step()
    with torch.no_grad():
        return float((model(X_test).argmax(dim=1) == y_test).float().mean())


def interval(differences: np.ndarray) -> tuple[float, float]:
    """Return a 95 % interval for a mean over splits that share training rows (Nadeau, Bengio, 2003)."""
    n = len(differences)
    error = np.sqrt((1 / n + TEST_SHARE / (1 - TEST_SHARE)) * differences.var(ddof=1))
    reach = stats.t.ppf(0.975, n - 1) * error
    return float(differences.mean() - reach), float(differences.mean() + reach)


def in_words(differences: np.ndarray, other: str) -> str:
    """Return what the differences in accuracy, quantum minus other, allow to say."""
    low, high = interval(differences)
    seen = f"{100 * differences.mean():+.1f} points of accuracy, 95 % interval {100 * low:+.1f} to {100 * high:+.1f}"
    if low > 0:
        return f"The quantum layer did better than {other} on these data: {seen}."
    if high < 0:
        return f"The quantum layer did worse than {other} on these data: {seen}."
    return f"Between the quantum layer and {other} no difference can be told: {seen}."


def main(seeds: int = 10, epochs: int = 15) -> dict[str, np.ndarray]:
    """Print mean and spread of the accuracies and what they mean; return the accuracies."""
    torch.set_num_threads(1)  # arrays this small only wait for further threads
    X, y = load_digits(return_X_y=True)
    images = X.reshape(-1, 1, 8, 8).astype(np.float32) / 16
    found: dict[str, np.ndarray] = {}
    print(f"{len(X)} images, {seeds} splits, {TEST_SHARE:.0%} of the rows to test on, {epochs} epochs\n")
    print(f"{'in the middle':16}{'its parameters':>16}{'of the model':>14}{'accuracy':>20}{'seconds each':>14}")
    for name, make in MIDDLES.items():
        start, scores = time.perf_counter(), []
        for seed in range(seeds):
            split = train_test_split(images, y, test_size=TEST_SHARE, stratify=y, random_state=seed)
            scores.append(accuracy(make, [torch.from_numpy(part) for part in split], seed, epochs))
        seconds = (time.perf_counter() - start) / seeds
        found[name] = np.array(scores)
        spread = f"{found[name].mean():.3f} ± {found[name].std(ddof=1):.3f}"
        size, whole = n_trained(make()), n_trained(network(make()))
        print(f"{name:16}{size:16}{whole:14}{spread:>20}{seconds:14.1f}")
    print("\n± is the standard deviation over the splits.")
    print(in_words(found["quantum layer"] - found["dense layer"], "a dense layer of the same size"))
    print(in_words(found["quantum layer"] - found["no layer"], "no layer at all"))
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
