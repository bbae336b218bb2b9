"""One fitted quantum model looked into: its kernel beside classical ones and shot noise, its gradients and spectrum."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ketwise.evidence.data.alerts import Alert
from ketwise.evidence.data.task import Task
from ketwise.evidence.explain.circuits import simulability, spectrum
from ketwise.evidence.explain.device import PAYABLE_DAYS, PAYABLE_MONEY
from ketwise.evidence.explain.memory import memory_remarks
from ketwise.evidence.explain.parts import FIDELITY, PROJECTED, TRAINED, Parts, take_apart, unwrapped
from ketwise.evidence.models.memory_facts import is_quantum_memory, storage_facts

#: Rows looked at, and rows of the matrix that is kept.
MOST_ROWS, MATRIX_ROWS = 300, 60
#: Draws of the gradient, halved for each qubit beyond ten.
DRAWS, FEWEST_DRAWS = 200, 20
#: Widths of the RBF kernels: gamma times the median squared distance.
WIDTHS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
#: From this alignment on a kernel is called nearly an RBF kernel.
NEARLY = 0.95
#: Below this a spread is rounding.
CONSTANT = 1e-12
NOTHING = CONSTANT**2
#: Shots that a device takes of a circuit without much ado.
FEW_SHOTS = 100_000


def diagnosis(
    estimator: Any, features_ready: Any, y: np.ndarray, task: Task, *, shots: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """Look into one fitted quantum estimator.

    Parameters
    ----------
    estimator : fitted estimator
        One of this project, or a pipeline that ends in one; of any other nothing can be said.
    features_ready : (n_rows, n_columns) array
        Training rows as the estimator got them.
    y : (n_rows,) array
        Class codes or numbers.
    task : Task
    shots : int
        That a device would take of each circuit.
    seed : int
        Of the rows looked at, at most 300, and of the drawn gradients.

    Returns
    -------
    dict
        ``model, shots, kernel, geometry, gradient, spectrum, engineered, remarks``: ``docs/formats.md`` says what they
        hold. None where there is nothing to say.
    """
    from threadpoolctl import threadpool_limits

    estimator, X = unwrapped(estimator, features_ready)
    name, parts = type(estimator).__name__, take_apart(estimator)
    empty = dict.fromkeys(("kernel", "geometry", "gradient", "spectrum")) | {"engineered": False}
    if is_quantum_memory(estimator):
        return {"model": name, "shots": shots} | empty | {"remarks": memory_remarks(storage_facts(estimator))}
    if parts is None:
        remark = f"{name} comes from elsewhere: its circuit is not known here, so that nothing is said of its inside."
        return {"model": name, "shots": shots} | empty | {"remarks": [remark]}
    y = np.asarray(y)
    rows = spread_rows(y, MOST_ROWS, seed)
    X, y = np.asarray(X, dtype=np.float64)[rows], y[rows]
    features = parts.preparation.transform(X)
    with threadpool_limits(1):  # the last bits of a decomposition depend on the number of threads
        try:
            found = _kernel_and_geometry(parts, X, features, y, task.is_classification, shots)
        except MemoryError as error:  # a trained circuit runs row by row; the kernel needs all states at once
            found = {"remarks": [f"Its kernel was not looked at: {error}"]}
        gradient = _gradient(parts, features, seed)
    remarks = [*found.pop("remarks"), *simulability(parts.circuit, of_pairs=parts.kind == FIDELITY)]
    return (
        {"model": name, "shots": shots}
        | empty
        | found
        | {"gradient": gradient, "spectrum": spectrum(parts.encoding, parts.params), "remarks": remarks}
    )


def diagnosis_alerts(diagnosis: dict[str, Any] | None, device: dict[str, Any] | None) -> list[Alert]:
    """KW010: a kernel that a device could not tell from noise. KW012: a device cost that nobody could pay."""
    alerts = []
    kernel = None if diagnosis is None else diagnosis["kernel"]
    if diagnosis is not None and kernel is not None and kernel["used"] and kernel["sd"] < kernel["shot_noise"]:
        alerts.append(Alert("KW010", "A kernel below its own shot noise", _noise_text(kernel, diagnosis["shots"])))
    if device is not None and not device["payable"]:
        trained = device.get("trained", True)
        wanted = "train the quantum champion" if trained else "predict one row with the quantum champion"
        ways = "a model of fewer circuits a row, such as a projected kernel" if trained else "fewer control qubits"
        text = (
            f"To {wanted} on a device would cost more than {PAYABLE_MONEY:,.0f} USD or {PAYABLE_DAYS} days, under the "
            f"assumptions of the report. Take fewer rows, or {ways}; or take this model as what it is, a classical "
            "program."
        )
        title = f"{'Training' if trained else 'Predicting'} on a device could not be paid"
        alerts.append(Alert("KW012", title, text))
    return alerts


def _noise_text(kernel: dict[str, Any], shots: int) -> str:
    seen = f"The quantum kernel's values differ by {kernel['sd']:.2g} from pair to pair (standard deviation)"
    if kernel["sd"] > 0:
        needed = shots * (kernel["shot_noise"] / kernel["sd"]) ** 2
        ways = f"; or take more than about {needed:,.0f} shots"
    else:
        ways = "; no number of shots would help"
    return (
        f"{seen}, less than the noise of {shots:,} shots of a device, {kernel['shot_noise']:.2g}. The simulation sees "
        "the difference, a device would not: take a smaller bandwidth, fewer qubits or a projected kernel" + ways + "."
    )


def spread_rows(y: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return at most ``most`` row numbers, in the shares of the classes or spread over the range of the numbers."""
    if len(y) <= most:
        return np.arange(len(y))
    order = np.lexsort((np.random.default_rng(seed).random(len(y)), y))
    return np.sort(order[((np.arange(most) + 0.5) * len(y) / most).astype(int)])


def _kernel_and_geometry(
    parts: Parts, X: np.ndarray, features: np.ndarray, y: np.ndarray, is_classes: bool, shots: int
) -> dict[str, Any]:
    """The entries ``kernel``, ``geometry`` and ``engineered``, and remarks."""
    from ketwise.blocks.diagnostics import alignment, geometry, kernel_spread, projected_errors, reach, target_alignment

    K = parts.kernel(features)
    errors = projected_errors(parts.bloch(features), parts.gamma, shots) if parts.kind == PROJECTED else None
    spread = kernel_spread(K, shots, errors)
    shown = np.argsort(y, kind="stable")
    shown = shown[((np.arange(min(len(y), MATRIX_ROWS)) + 0.5) * len(y) / min(len(y), MATRIX_ROWS)).astype(int)]
    kernel = spread._asdict() | {
        "name": FIDELITY if parts.kind == TRAINED else parts.kind,
        "used": parts.kind != TRAINED,
        "alignment_labels": target_alignment(K, y, classes=is_classes),
        "matrix": K[np.ix_(shown, shown)],
        "truth": y[shown],
    }
    gammas, candidates = _classical_kernels(X)
    if spread.sd < CONSTANT or not candidates:
        remark = "Every pair of samples has the same kernel value: the circuit does not see the data."
        kernel |= {"alignment_rbf": 0.0, "rbf_gamma": 0.0, "rbf_alignment_labels": 0.0}
        return {"kernel": kernel, "remarks": [remark]}
    aligned = [alignment(K, candidate) for candidate in candidates[: len(gammas)]]
    nearest = int(np.argmax(aligned))
    kernel |= {
        "alignment_rbf": aligned[nearest],
        "rbf_gamma": gammas[nearest],
        "rbf_alignment_labels": max(target_alignment(L, y, classes=is_classes) for L in candidates[: len(gammas)]),
    }
    labels = (y[:, np.newaxis] == np.unique(y)).astype(float) if is_classes else y
    reached = reach(candidates, K, labels, classes=is_classes)
    found = geometry(candidates[reached.best], K, labels)
    return {
        "kernel": kernel,
        "geometry": vars(found),
        "engineered": reached.engineered,
        "remarks": list(_kernel_remarks(parts, kernel, reached)),
    }


def _kernel_remarks(parts: Parts, kernel: dict[str, Any], reached: Any) -> Iterator[str]:
    if reached.engineered:
        yield (
            "The labels look engineered: for the best classical kernel they are harder than for this quantum kernel "
            f"by a factor of {reached.ratio:.1f} (root of the ratio of complexities), where labels made for the "
            f"purpose reach {reached.made:.1f}. A win on such labels shows that labels can be made for a quantum "
            "kernel. If nobody made these, the kernel has found a structure of the data that the classical kernels "
            "tried here lack: look for the feature that shows it to them."
        )
    if parts.kind != TRAINED and kernel["alignment_rbf"] >= NEARLY:
        yield (
            f"The quantum kernel is nearly an RBF kernel (alignment {kernel['alignment_rbf']:.2f} at gamma "
            f"{kernel['rbf_gamma']:.2g} on standardised columns): expect an RBF kernel to do as well."
        )
    if parts.kind == TRAINED:
        yield "The kernel shown is the fidelity of the trained circuit's states; the model reads them out directly."


def _classical_kernels(X: np.ndarray) -> tuple[list[float], list[np.ndarray]]:
    """RBF kernels of several widths on standardised columns, then the linear one; none where all rows are equal."""
    spread = X.std(axis=0)
    Z = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    norms = np.square(Z).sum(axis=1)
    squares = np.maximum(norms[:, np.newaxis] + norms - 2.0 * Z @ Z.T, 0.0)
    apart = squares[squares > CONSTANT]
    if not len(apart):
        return [], []
    gammas = [float(width / np.median(apart)) for width in WIDTHS]
    return gammas, [*(np.exp(-gamma * squares) for gamma in gammas), Z @ Z.T]


def _gradient(parts: Parts, features: np.ndarray, seed: int) -> dict[str, Any] | None:
    """Variances of the derivatives where training starts; None for a kernel, which trains no circuit."""
    from ketwise.blocks.diagnostics import gradient_variance, shots_to_see

    if parts.model is None or not parts.encoding.n_params:
        return None

    def start(rng: np.random.Generator) -> np.ndarray:
        return np.asarray(parts.model.split(parts.model.start(rng))[0])

    draws = max(FEWEST_DRAWS, DRAWS >> max(0, parts.encoding.n_qubits - 10))
    variances = gradient_variance(parts.model.compiled(), start, features=features, draws=draws, seed=seed)
    of_params = np.where(variances > NOTHING, variances, 0.0).mean(axis=0)
    mean = float(of_params.mean())
    shots = shots_to_see(mean)
    if shots is None:
        return None
    plateau = (
        "training can start from it"
        if shots <= FEW_SHOTS
        else "a device would hardly see it, a barren plateau: fewer qubits or layers, or a local observable, help"
    )
    says = (
        f"Where training starts, the derivatives of the observables have a variance of {mean:.2g}, the mean of "
        f"{len(of_params)} parameters ({_least(of_params):.2g} to {of_params.max():.2g}) over {draws} draws. About "
        f"{shots:,} shots a circuit show a gradient of that size: {plateau}."
    )
    return {
        "mean": mean,
        "least": _least(of_params),
        "most": float(of_params.max()),
        "shots_to_see": shots,
        "says": says,
    }


def _least(variances: np.ndarray) -> float:
    """The smallest one that is not rounding: a parameter that does nothing has none."""
    seen = variances[variances > 1e-9 * variances.max(initial=0.0)]
    return float(seen.min()) if len(seen) else 0.0
