"""The card of an encoding: what it costs, its frequencies, its kernel on given data, what is classically easy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.advice.simulability import by_amplitudes, what_is_easy
from ketwise.blocks.circuits.circuit_cost import cx_count
from ketwise.blocks.diagnostics import kernel_spread, target_alignment
from ketwise.blocks.encodings import Encoding, named
from ketwise.blocks.kernels import fidelity
from ketwise.blocks.kernels.gaussian_family import GaussianFamily
from ketwise.blocks.spectrum import by_monomial, frequencies, log10_bound
from ketwise.words.angle import FEATURE
from ketwise.words.checks import positive_int, shape_error, values
from ketwise.words.circuit import Circuit
from ketwise.words.result import Result

Array = NDArray[np.float64]

#: Frequencies that are counted one by one.
COUNTED = 10_000
#: Whole numbers of so few values are taken for classes.
MOST_CLASSES = 20


@dataclass(frozen=True, kw_only=True, repr=False)
class Card(Result):
    """What an encoding costs and what it makes of some rows of data.

    Attributes
    ----------
    name : str
    n_features, n_qubits, n_params, depth : int
    two_qubit_gates : int
        Operations on two or more qubits.
    cx : int
        CX gates when these are written out.
    premap : str
    frequencies : dict
        By "x[0]", "x[0]*x[1]" .. the frequencies in that variable alone, ascending; of a pre-map's angles where there
        is one. Empty where one variable has more than 10,000.
    n_frequencies : int or None
        Frequency vectors of all variables together, 0 and negatives counted; None where there are more than 10,000.
    log10_frequencies : float
        Decimal logarithm of a bound on their number.
    n_rows, shots : int
    kernel_mean, kernel_sd, shot_noise, share_below_noise : float
        Of the fidelity kernel off its diagonal: see :func:`ketwise.blocks.diagnostics.kernel_spread`.
    alignment : float or None
        Centred, with the labels.
    rbf_alignment : float
        Centred, with the closest Gaussian kernel, ``exp(-rbf_gamma |x - x'|**2)``.
    rbf_gamma : float
    easy, loading : list of str
        Sentences: what is classically easy about it, what it takes to load a row.
    """

    name: str
    n_features: int
    n_qubits: int
    n_params: int
    depth: int
    two_qubit_gates: int
    cx: int
    premap: str
    frequencies: dict[str, Any]
    n_frequencies: int | None
    log10_frequencies: float
    n_rows: int
    shots: int
    kernel_mean: float
    kernel_sd: float
    shot_noise: float
    share_below_noise: float
    alignment: float | None
    rbf_alignment: float
    rbf_gamma: float
    easy: list[str]
    loading: list[str]

    @property
    def trainable(self) -> bool:
        """Whether it has trained parameters."""
        return self.n_params > 0

    def table(self) -> list[tuple[str, str]]:
        """Return what the card says, as pairs of a name and a text."""
        variables = "" if self.premap == "identity" else f" in the angles of the pre-map {self.premap!r}"
        total = f"at most 10^{self.log10_frequencies:.1f}" if self.n_frequencies is None else f"{self.n_frequencies:,}"
        noise = f"{self.shot_noise:.3g} is the noise of {self.shots:,} shots"
        rows = [
            ("qubits", str(self.n_qubits)),
            ("depth", str(self.depth)),
            ("two-qubit gates", f"{self.two_qubit_gates}, or {self.cx} CX"),
            ("trained", f"{self.n_params} parameters, here where training starts" if self.trainable else "no"),
            ("frequencies", f"{total}{variables}"),
            *((f"  of {name}", _in_short(found)) for name, found in list(self.frequencies.items())[:4]),
            ("kernel", f"mean {self.kernel_mean:.3g}, spread {self.kernel_sd:.3g}, where {noise}"),
            ("labels", "not given" if self.alignment is None else f"alignment {self.alignment:.3f}, centred"),
            ("closest RBF", f"alignment {self.rbf_alignment:.3f} at gamma {self.rbf_gamma:.3g}"),
        ]
        rows += [("easy" if not k else "", text) for k, text in enumerate(self.easy)]
        return rows + [("loading" if not k else "", text) for k, text in enumerate(self.loading)]

    def __repr__(self) -> str:
        head = f"{self.name}: {self.n_features} features, measured on {self.n_rows} rows"
        return "\n".join([head, *(f"  {name:<16} {text}".rstrip() for name, text in self.table())])


def card(
    encoding: str | Encoding | Circuit,
    X: Any,
    y: Any = None,
    *,
    params: Any = None,
    shots: int = 1000,
    classes: bool | None = None,
    max_rows: int = 500,
    seed: int = 0,
) -> Card:
    """Return what an encoding costs and what it makes of these rows.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name is built for as many features as ``X`` has columns.
    X : (n_samples, n_features) array
        As the encoding takes them: nothing is scaled here.
    y : (n_samples,) array, optional
        Labels or numbers to align the kernel with.
    params : (n_params,) array, optional
        Default: where training starts.
    shots : int
        A pair of rows, when the kernel is measured on a device.
    classes : bool, optional
        Whether ``y`` are labels. Default: text, booleans, and whole numbers of at most 20 values are.
    max_rows : int
        Of more rows so many are drawn.
    seed : int
        Of that draw.

    Returns
    -------
    Card

    Notes
    -----
    Cost: a circuit a row and a kernel matrix; closeness to an RBF kernel is the highest of 25 bandwidths.

    Examples
    --------
    >>> import numpy as np, ketwise as kw
    >>> found = kw.encodings.card("angle", np.linspace(-1, 1, 20).reshape(10, 2))
    >>> found.n_qubits, found.two_qubit_gates, found.n_frequencies, found.frequencies["x[0]"]
    (2, 0, 9, array([-1.,  0.,  1.]))
    """
    given = np.asarray(X)
    if given.ndim != 2:
        raise shape_error("X", "(n_samples, n_features)", given.shape)
    chosen = as_encoding(encoding, given.shape[1])
    features, _ = values("X", given, chosen.n_features)
    rows = drawn_rows(len(features), max_rows, seed)
    features = features[rows]
    trained = chosen.start_params() if params is None else values("params", params, chosen.n_params)[0][0]
    kernel = fidelity(chosen, features, params=trained if chosen.n_params else None)
    labels = None if y is None else targets(y, len(given))[rows]
    spread = kernel_spread(kernel, shots)
    family = GaussianFamily.of(features)
    rbf_alignment, closest = family.closest(kernel)
    return Card(
        name=chosen.name,
        n_features=chosen.n_features,
        n_qubits=chosen.n_qubits,
        n_params=chosen.n_params,
        depth=chosen.circuit.depth(),
        two_qubit_gates=chosen.circuit.n_two_qubit(),
        cx=cx_count(chosen.circuit),
        premap=chosen.premap.name,
        frequencies=_frequencies(chosen, trained),
        n_frequencies=_count(chosen, trained),
        log10_frequencies=log10_bound(chosen, trained),
        n_rows=len(rows),
        shots=shots,
        kernel_mean=spread.mean,
        kernel_sd=spread.sd,
        shot_noise=spread.shot_noise,
        share_below_noise=spread.share_below_noise,
        alignment=None if labels is None else target_alignment(kernel, labels, classes=are_classes(labels, classes)),
        rbf_alignment=rbf_alignment,
        rbf_gamma=float(family.gammas[closest]),
        easy=what_is_easy(chosen),
        loading=loading(chosen),
        settings={"shots": shots, "max_rows": max_rows, "n_samples": len(given)},
        seeds={"rows": seed},
    )


def loading(encoding: Encoding) -> list[str]:
    """Return sentences on what it takes to load one row.

    Examples
    --------
    >>> import ketwise as kw
    >>> loading(kw.encodings.angle(3))[0].startswith("3 gates take the data, 0 CX in all")
    True
    """
    circuit = encoding.circuit
    n_gates = sum(op.angle is not None and op.angle.sizes()[FEATURE] > 0 for op in circuit.ops)
    cost = f"{n_gates} gates take the data, {cx_count(circuit)} CX in all"
    if by_amplitudes(encoding):
        return [
            f"{cost}, and every row needs its own angles, worked out from all of its {encoding.n_features} numbers: "
            "loading is not exponentially cheap.",
            "Speed-ups that count the logarithm of the number of features assume a QRAM, a memory that gives out "
            "superpositions of what it stores, filled beforehand; no such device exists.",
        ]
    return [f"{cost}, for {encoding.n_features} numbers a row; no QRAM is assumed."]


def as_encoding(encoding: str | Encoding | Circuit, n_columns: int) -> Encoding:
    """Return the encoding of that name, or the one given."""
    if isinstance(encoding, str):
        return named(encoding, n_columns)
    if isinstance(encoding, Circuit):
        return Encoding("circuit", encoding)
    if not isinstance(encoding, Encoding):
        raise TypeError(f"a name, an Encoding or a Circuit is needed, got {encoding!r}")
    return encoding


def drawn_rows(n_samples: int, max_rows: int, seed: int) -> NDArray[np.intp]:
    """Return which rows are used: all, or as many as are wanted, drawn without replacement, in their order."""
    if n_samples < 2:
        raise ValueError(f"at least 2 rows are needed, got {n_samples}")
    wanted = positive_int("max_rows", max_rows, minimum=2)
    if n_samples <= wanted:
        return np.arange(n_samples)
    return np.sort(np.random.default_rng(seed).choice(n_samples, size=wanted, replace=False))


def targets(y: Any, n_samples: int) -> NDArray[Any]:
    """Return the labels as an array; refuse another length."""
    labels = np.asarray(y)
    if labels.shape != (n_samples,):
        raise shape_error("y", f"({n_samples},)", labels.shape)
    return labels


def are_classes(labels: NDArray[Any], said: bool | None) -> bool:
    """Whether labels are classes: as said, or by what they look like."""
    if said is not None:
        return said
    if labels.dtype.kind not in "iuf":
        return True
    return bool((labels == np.floor(labels)).all()) and len(np.unique(labels)) <= MOST_CLASSES


def _frequencies(encoding: Encoding, params: Array) -> dict[str, Any]:
    try:
        found = by_monomial(encoding, params=params, limit=COUNTED)
    except ValueError:
        return {}
    return {"*".join(f"x[{index}]" for index in monomial): array for monomial, array in found.items()}


def _count(encoding: Encoding, params: Array) -> int | None:
    try:
        return len(frequencies(encoding, params=params, limit=COUNTED).frequencies)
    except ValueError:
        return None


def _in_short(found: Array) -> str:
    positive = [f"{value:.4g}" for value in found if value > 0]
    listed = ", ".join(positive if len(positive) <= 6 else [*positive[:3], "..", positive[-1]])
    return f"{len(found)}: 0 and ±{{{listed}}}" if positive else "0 alone"
