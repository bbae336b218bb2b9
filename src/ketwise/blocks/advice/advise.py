"""Which encodings suit some data under limits on qubits, depth and shots: ranked, with reasons in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.advice.card import are_classes, drawn_rows, targets
from ketwise.blocks.advice.simulability import by_amplitudes
from ketwise.blocks.circuits.circuit_cost import cx_count
from ketwise.blocks.diagnostics import kernel_spread
from ketwise.blocks.diagnostics.geometry import geometry
from ketwise.blocks.encodings import ENCODINGS, Encoding, named, option_names
from ketwise.blocks.kernels import fidelity
from ketwise.blocks.kernels.gaussian_family import GaussianFamily, direction
from ketwise.words.checks import positive_int, real_number, shape_error, values
from ketwise.words.result import Result

Array = NDArray[np.float64]

#: Factors on features that were brought to [-pi/2, pi/2], or to what the encoding takes.
BANDWIDTHS = (1.0, 0.5, 0.25, 0.1)
#: Middle of the range that features are brought to, where it is not 0: these turn by (pi - x).
CENTRES = {"zz": math.pi, "pauli": math.pi}
#: So many of the first are shown with their reasons; ``ranking`` has those of all.
SHOWN = 5
#: So many of the first are compared with an RBF kernel by their geometry.
COMPARED = 3
REGULARISATIONS = (1e-4, 1e-3, 1e-2, 0.1, 1.0, 10.0)


@dataclass(frozen=True, kw_only=True, repr=False)
class Advice(Result):
    """Encodings in the order in which they suit the data.

    Attributes
    ----------
    ranking : list of dict
        Each with ``name, options, bandwidth, score, alignment, kernel_mean, kernel_sd, shot_noise, rbf_alignment,
        n_qubits, depth, cx, n_params, says``. ``score`` is the alignment with the labels that is left of
        ``alignment`` when the kernel is measured with shots.
    left_out : dict
        Name -> why.
    rbf_alignment : float
        The highest alignment with the labels that a Gaussian kernel has on the same rows.
    n_rows : int
    """

    ranking: list[dict[str, Any]]
    left_out: dict[str, str]
    rbf_alignment: float
    n_rows: int

    @property
    def best(self) -> str:
        """Name of the first."""
        return str(self.ranking[0]["name"])

    def encoding(self, place: int = 0) -> Encoding:
        """Return the encoding at that place of the ranking; its features are scaled by the ``bandwidth`` beside it."""
        entry = self.ranking[place]
        return named(entry["name"], int(self.settings["n_features"]), **entry["options"])

    def __repr__(self) -> str:
        lines = [
            f"Encodings for {self.settings['n_features']} features, measured on {self.n_rows} of "
            f"{self.settings['n_samples']} rows; the best RBF kernel has alignment {self.rbf_alignment:.3f}",
            f"{'':>3} {'encoding':<20}{'score':>7}{'bandwidth':>11}{'qubits':>8}{'depth':>7}{'CX':>6}",
        ]
        for place, entry in enumerate(self.ranking, start=1):
            lines.append(
                f"{place:>3} {entry['name']:<20}{entry['score']:>7.3f}{entry['bandwidth']:>11.3g}"
                f"{entry['n_qubits']:>8}{entry['depth']:>7}{entry['cx']:>6}"
            )
            lines += [f"      {sentence}" for sentence in entry["says"]] if place <= SHOWN else []
        return "\n".join(lines + [f"  - {name}: left out, {why}" for name, why in self.left_out.items()])


def advise(
    X: Any,
    y: Any,
    *,
    max_qubits: int = 10,
    max_depth: int | None = None,
    max_cx: int | None = None,
    max_shots: int = 1000,
    encodings: Sequence[str] | None = None,
    bandwidths: Sequence[float] = BANDWIDTHS,
    classes: bool | None = None,
    max_rows: int = 200,
    seed: int = 0,
) -> Advice:
    """Rank the encodings that fit the limits by how well their kernel agrees with the labels, as far as shots show it.

    Columns are brought to [-pi/2, pi/2], or to what an encoding takes, and each encoding is measured at several
    bandwidths, of which the best counts. No column is dropped or combined.

    Parameters
    ----------
    X : (n_samples, n_features) array
    y : (n_samples,) array
        Labels or numbers.
    max_qubits : int
    max_depth, max_cx : int, optional
        Of the circuit of one row; a fidelity runs it forwards and back.
    max_shots : int
        A pair of rows.
    encodings : sequence of str, optional
        Out of ``ENCODINGS``; default all.
    bandwidths : sequence of float
    classes : bool, optional
        As for :func:`ketwise.blocks.advice.card.card`.
    max_rows : int
        Of more rows so many are drawn.
    seed : int
        Of that draw: the same seed gives the same advice.

    Returns
    -------
    Advice

    Raises
    ------
    ValueError
        When no encoding fits the limits.

    Notes
    -----
    A kernel entry measured with shots is the entry and noise, so that an alignment A falls to
    ``A sqrt(sd**2 / (sd**2 + noise**2))``, which is the score. Alignment is measured on the rows it is chosen by, and
    the best of several bandwidths flatters: it is a reason to try an encoding, no estimate of how well it will do.
    Trained encodings are measured where training starts, and training changes them. Kübler, Buchholz, Schölkopf,
    NeurIPS 34 (2021); Huang et al., Nature Communications 12, 2631 (2021).

    Examples
    --------
    >>> import numpy as np, ketwise as kw
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> advice = kw.encodings.advise(X, X[:, 0] > 0, encodings=["angle", "iqp"], max_qubits=2)
    >>> advice.best, sorted(entry["name"] for entry in advice.ranking)
    ('angle', ['angle', 'iqp'])
    """
    given = np.asarray(X)
    if given.ndim != 2:
        raise shape_error("X", "(n_samples, n_features)", given.shape)
    given, _ = values("X", given, given.shape[1])
    labels = targets(y, len(given))
    rows = drawn_rows(len(given), max_rows, seed)
    task = _Task(
        given[rows],
        labels[rows],
        are_classes(labels, classes),
        positive_int("max_shots", max_shots),
        tuple(_positive("a bandwidth", value) for value in bandwidths),
    )
    family = GaussianFamily.of(task.unit)
    limits = _Limits(positive_int("max_qubits", max_qubits), max_depth, max_cx)
    ranking, left_out = [], {}
    for name in ENCODINGS if encodings is None else encodings:
        try:
            ranking.append(_measured(name, task, limits, family))
        except (ValueError, MemoryError) as error:
            if name not in ENCODINGS:
                raise
            left_out[name] = str(error)
    if not ranking:
        raise ValueError(f"no encoding fits the limits: {left_out}; raise them, or reduce the columns first")
    rbf_alignment, closest = family.closest(task.target)
    rbf = family.kernels[closest]
    ranking.sort(key=lambda entry: (-round(entry["score"], 12), entry["cx"], entry["name"]))
    for place, entry in enumerate(ranking):
        entry["says"] = _in_words(entry, task, rbf_alignment)
        kernel = entry.pop("kernel")
        if place < COMPARED:
            entry["says"].append(geometry(rbf, kernel, task.columns, REGULARISATIONS).says)
    return Advice(
        ranking=ranking,
        left_out=left_out,
        rbf_alignment=rbf_alignment,
        n_rows=len(rows),
        settings={
            "n_features": given.shape[1],
            "n_samples": len(given),
            "max_qubits": max_qubits,
            "max_depth": max_depth,
            "max_cx": max_cx,
            "max_shots": max_shots,
            "bandwidths": list(task.bandwidths),
            "classes": task.classes,
        },
        seeds={"rows": seed},
    )


@dataclass(frozen=True)
class _Limits:
    qubits: int
    depth: int | None
    cx: int | None

    def check(self, cost: dict[str, int]) -> None:
        needs = {
            "qubits": (cost["n_qubits"], self.qubits),
            "layers of depth": (cost["depth"], self.depth),
            "CX": (cost["cx"], self.cx),
        }
        for what, (need, most) in needs.items():
            if most is not None and need > most:
                raise ValueError(f"it needs {need} {what}, the limit is {most}")


@dataclass(frozen=True)
class _Task:
    rows: Array
    labels: NDArray[Any]
    classes: bool
    shots: int
    bandwidths: tuple[float, ...]

    @cached_property
    def unit(self) -> Array:
        """Return the rows with every column brought to [-1, 1]; a column of one value is 0."""
        low, high = self.rows.min(axis=0), self.rows.max(axis=0)
        return np.where(high > low, 2.0 * (self.rows - low) / np.where(high > low, high - low, 1.0) - 1.0, 0.0)

    def features(self, name: str, encoding: Encoding, bandwidth: float) -> Array:
        if encoding.domain is not None:
            low, high = encoding.domain
            return 0.5 * (low + high) + 0.5 * (high - low) * bandwidth * self.unit
        return CENTRES.get(name, 0.0) + 0.5 * math.pi * bandwidth * self.unit

    @cached_property
    def target(self) -> Array:
        """Return the kernel of the labels."""
        return self.columns @ self.columns.T

    @cached_property
    def direction(self) -> Array:
        """Return the kernel of the labels, centred and of norm 1."""
        return direction(self.target)

    @cached_property
    def columns(self) -> Array:
        """Return the labels as numbers: a column of 0 and 1 for each class."""
        if not self.classes:
            return self.labels.astype(np.float64)[:, np.newaxis]
        return (self.labels[:, np.newaxis] == np.unique(self.labels)).astype(np.float64)


def _measured(name: str, task: _Task, limits: _Limits, family: GaussianFamily) -> dict[str, Any]:
    """Return the entry of an encoding at its best bandwidth, with its kernel; refuse what does not fit."""
    n_features = task.rows.shape[1]
    options: dict[str, Any] = {}
    if "n_qubits" in option_names(name) and n_features > limits.qubits:
        options["n_qubits"] = limits.qubits
    encoding = named(name, n_features, **options)
    cost = {
        "n_qubits": encoding.n_qubits,
        "depth": encoding.circuit.depth(),
        "cx": cx_count(encoding.circuit),
        "n_params": encoding.n_params,
    }
    limits.check(cost)
    if name == "basis":
        if not np.isin(task.rows, (0.0, 1.0)).all():
            raise ValueError("it takes columns of 0 and 1 only (or set bits, to round numbers)")
        tried = {1.0: task.rows}
    elif by_amplitudes(encoding):  # the length of a row does not count
        tried = {1.0: task.features(name, encoding, 1.0)}
    else:
        tried = {width: task.features(name, encoding, width) for width in task.bandwidths}
    params = encoding.start_params() if encoding.n_params else None
    entries = [_entry(width, fidelity(encoding, features, params=params), task) for width, features in tried.items()]
    best = max(entries, key=lambda entry: entry["score"])
    # Columns are stretched all alike, so that the same Gaussian kernels are there for every encoding.
    return {"name": name, "options": options} | best | cost | {"rbf_alignment": family.closest(best["kernel"])[0]}


def _entry(bandwidth: float, kernel: Array, task: _Task) -> dict[str, Any]:
    spread = kernel_spread(kernel, task.shots)
    aligned = float((direction(kernel) * task.direction).sum())
    variance, noise = spread.sd**2, spread.shot_noise**2
    return {
        "bandwidth": bandwidth,
        "score": aligned * math.sqrt(variance / (variance + noise)) if variance > 0 else 0.0,
        "alignment": aligned,
        "kernel_mean": spread.mean,
        "kernel_sd": spread.sd,
        "shot_noise": spread.shot_noise,
        "kernel": kernel,
    }


def _in_words(entry: dict[str, Any], task: _Task, rbf_alignment: float) -> list[str]:
    says = [
        f"Alignment with the labels {entry['alignment']:.3f}, {_against(entry['alignment'], rbf_alignment)} "
        f"{rbf_alignment:.3f} of the best RBF kernel."
    ]
    sd, noise = entry["kernel_sd"], entry["shot_noise"]
    if sd <= 1e-12:
        says.append("Its kernel is the same for every two rows: it tells nothing apart as it stands.")
    elif sd < noise:
        says.append(
            f"Entries spread by {sd:.2g}, less than the noise {noise:.2g} of {task.shots:,} shots: a device would see "
            f"noise; about {_count(task.shots * (noise / sd) ** 2)} shots a pair make both equal."
        )
    else:
        says.append(
            f"Entries spread by {sd:.2g}, {sd / noise:.3g} times the noise of {task.shots:,} shots."
            if noise
            else "Entries are 0 and 1: shots leave no noise."
        )
    if entry["rbf_alignment"] > 0.95:
        says.append(f"It is nearly an RBF kernel (alignment {entry['rbf_alignment']:.3f}): expect what that one gives.")
    if entry["n_params"]:
        says.append("Measured where its training starts; training changes it.")
    return says


def _against(alignment: float, rbf: float) -> str:
    if abs(alignment - rbf) <= 0.02:
        return "like the"
    return "above the" if alignment > rbf else "below the"


def _count(number: float) -> str:
    return f"{number:,.0f}" if number < 1e6 else f"10^{math.log10(number):.0f}"


def _positive(name: str, given: Any) -> float:
    number = real_number(name, given)
    if number <= 0:
        raise ValueError(f"{name} must be positive, got {number}")
    return number
