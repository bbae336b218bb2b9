"""From the columns of a table to the features of a circuit: scaling, reduction, bandwidth, choice of the circuit."""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from ketwise.blocks.encodings import Encoding, named, option_names
from ketwise.blocks.kernels.product import fixed_order_product
from ketwise.learning.one_thread import one_blas_thread
from ketwise.words.checks import real_number
from ketwise.words.circuit import Circuit

Array = NDArray[np.float64]

#: Qubits that a table with more columns is reduced to where the user has not chosen.
QUBIT_LIMIT = 10

#: What ``scale=`` takes, beside None.
SCALES = ("minmax", "standard")


class ReductionWarning(UserWarning):
    """A table has more columns than the circuit takes, and the user has not said how many to keep."""


@dataclass(frozen=True)
class Preparation:
    """What was learnt about the columns; `transform` does the same to any row, each for itself.

    Attributes
    ----------
    scaler : MinMaxScaler, StandardScaler or None
    pca : PCA or None
    bandwidth : float
        Factor on the scaled, reduced features.
    """

    scaler: Any
    pca: Any
    bandwidth: float

    def transform(self, X: Array) -> Array:
        """Return the ``(n_samples, n_features)`` values that the circuit takes."""
        Z = X if self.scaler is None else self.scaler.transform(X)
        if self.pca is not None:
            Z = fixed_order_product(Z - self.pca.mean_, self.pca.components_)
        return np.asarray(self.bandwidth * Z, dtype=np.float64)


def fit_preparation(
    X: Array, *, scale: str | None, n_kept: int, bandwidth: float, domain: tuple[float, float] | None = None
) -> Preparation:
    """Learn ranges and principal axes from the training rows.

    Parameters
    ----------
    X : (n_samples, n_columns) array
    scale : {"minmax", "standard"} or None
        "minmax" maps each column's range to [-pi/2, pi/2] and values outside it to the ends; "standard" to mean 0 and
        variance 1.
    n_kept : int
        Principal components to keep; with all columns there is no rotation either.
    bandwidth : float
    domain : tuple of float, optional
        What the encoding takes, on both sides of 0; "minmax" then maps into it, whatever the row.
    """
    if scale not in (None, *SCALES):
        raise ValueError(f"scale must be one of {', '.join(map(repr, SCALES))} or None, got {scale!r}")
    bandwidth = real_number("bandwidth", bandwidth)
    if bandwidth <= 0:
        raise ValueError(f"bandwidth must be positive, got {bandwidth}")
    half = np.pi / 2
    if domain is not None and scale == "minmax":
        half = min(-domain[0], domain[1])
        if bandwidth > 1:
            raise ValueError(
                f"bandwidth must be at most 1 for an encoding whose features lie in [{domain[0]:g}, {domain[1]:g}], "
                f"got {bandwidth}"
            )
    X = np.ascontiguousarray(X)  # sums over columns have one order, whether the rows came as an array or a frame
    scaler, pca = _fitted(X, scale, n_kept, half)
    if domain is not None and scale == "minmax" and pca is not None:
        # The scaled columns fill a box, and an axis reaches furthest at one of its corners.
        away = pca.components_ @ pca.mean_
        reach = (half * np.abs(pca.components_).sum(axis=1) + np.abs(away)).max()
        scaler, pca = _fitted(X, scale, n_kept, half * half / reach)
    return Preparation(scaler, pca, bandwidth)


def _fitted(X: Array, scale: str | None, n_kept: int, half: float) -> tuple[Any, Any]:
    """Return the scaler, to [-half, half] where it is "minmax", and the PCA; None for what is not needed."""
    scaler = None
    if scale is not None:
        scaler = MinMaxScaler((-half, half), clip=True) if scale == "minmax" else StandardScaler()
        scaler.fit(X)
    pca = None
    if n_kept < X.shape[1]:
        if n_kept > len(X):
            raise ValueError(
                f"PCA to {n_kept} features needs at least as many rows, got {len(X)}: lower n_qubits or add rows"
            )
        # The seed matters to the randomised solver that PCA takes for wide tables; a result must not vary by it.
        with one_blas_thread():
            pca = PCA(n_kept, random_state=0).fit(X if scaler is None else scaler.transform(X))
    return scaler, pca


def choose_encoding(
    encoding: str | Encoding | Circuit,
    n_columns: int,
    n_rows: int,
    *,
    n_qubits: int | None,
    reduce: str | None,
    entangled: bool,
    options: dict[str, Any],
) -> Encoding:
    """Return the encoding that an estimator's arguments ask for; its ``n_features`` says how many columns to keep.

    Warns with :class:`ReductionWarning` where columns will be reduced and the user has not chosen ``n_qubits``.

    Parameters
    ----------
    encoding : str, Encoding or Circuit
        A name is built for as many columns as it lays on ``n_qubits`` qubits, or on 10 with ``reduce``.
    n_columns, n_rows : int
    n_qubits : int or None
    reduce : {"pca"} or None
    entangled : bool
        False takes every operation on two or more qubits out.
    options : dict
        Passed to a named encoding; those that are None are left at their defaults.
    """
    if reduce not in (None, "pca"):
        raise ValueError(f"reduce must be 'pca' or None, got {reduce!r}")
    if isinstance(encoding, str):
        chosen = _named(encoding, n_columns, n_rows, n_qubits, reduce, options)
    elif isinstance(encoding, (Encoding, Circuit)):
        chosen = encoding if isinstance(encoding, Encoding) else Encoding("circuit", encoding)
        # A circuit can change after the fit; the fitted model must not.
        chosen = dataclasses.replace(chosen, circuit=chosen.circuit.copy())
        if given := [name for name, value in options.items() if value is not None]:
            raise ValueError(f"{given[0]} belongs to an encoding that is given by name; here it is {chosen.name!r}")
        if n_qubits not in (None, chosen.n_qubits):
            raise ValueError(f"n_qubits={n_qubits} contradicts the given circuit, which has {chosen.n_qubits} qubits")
    else:
        raise TypeError(f"a name, an Encoding or a Circuit is needed, got {encoding!r}")

    if chosen.n_features == 0:
        raise ValueError(f"the circuit {chosen.name!r} has no features, so no data can enter it")
    if chosen.n_features > n_columns:
        raise ValueError(f"the circuit {chosen.name!r} takes {chosen.n_features} features, X has {n_columns} columns")
    if chosen.n_features < n_columns:
        if reduce is None:
            raise ValueError(
                f"X has {n_columns} columns, the circuit {chosen.name!r} takes {chosen.n_features} features: choose "
                "columns, or set reduce='pca'"
            )
        if n_qubits is None:
            warnings.warn(
                f"X has {n_columns} columns, reduced by PCA to the {chosen.n_features} features that the circuit "
                f"{chosen.name!r} takes. Set n_qubits to choose their number, or reduce=None to keep every column.",
                ReductionWarning,
                stacklevel=4,
            )
    return chosen if entangled else chosen.twin()


def _named(
    name: str,
    n_columns: int,
    n_rows: int,
    n_qubits: int | None,
    reduce: str | None,
    options: dict[str, Any],
) -> Encoding:
    """Build a named encoding for the columns that will be left."""
    most = QUBIT_LIMIT if n_qubits is None else n_qubits
    free = "n_qubits" in option_names(name)  # it can lay several features on a qubit, or one on several
    if not reduce and (free or n_qubits is None):
        probed = named(name, n_columns, **options) if n_qubits is None else None
        if free and (probed is None or probed.n_qubits > most):
            return named(name, n_columns, n_qubits=most, **options)
        assert probed is not None
        return probed
    chosen = _widest(name, n_columns, most, options)
    kept = chosen.n_features
    if kept < n_columns and kept > n_rows and (free or n_qubits is None):
        kept = n_rows
        chosen = named(name, kept, **options)
    by_default = chosen.n_qubits == n_qubits or (n_qubits is None and kept == n_columns)
    if free and not by_default:
        return named(name, kept, n_qubits=most, **options)
    if n_qubits not in (None, chosen.n_qubits):
        raise ValueError(
            f"n_qubits={n_qubits}, but X has {n_columns} columns and {name!r} lays {kept} of them on "
            f"{chosen.n_qubits} qubits: set n_qubits={chosen.n_qubits}, or another encoding"
        )
    return chosen


def _widest(name: str, n_columns: int, most: int, options: dict[str, Any]) -> Encoding:
    """Return the encoding of the most features, up to ``n_columns``, that has at most that many qubits by itself."""
    # Circuits grow with their features: probe from below.
    found: Encoding | None = None
    fits, too_many = 0, n_columns + 1
    probe = min(n_columns, most)
    while too_many - fits > 1:
        try:
            made = named(name, probe, **options)
        except ValueError:
            if probe > 1 or n_columns == 1:
                raise
            made = None  # some take two features or more
        if made is None or made.n_qubits <= most:
            fits, found = probe, made
        else:
            too_many = probe
        probe = min(2 * fits, n_columns) if too_many > n_columns else (fits + too_many) // 2
    if found is None:
        raise ValueError(
            f"{name!r} has more than {most} qubit{'s' * (most > 1)} for any number of features: raise n_qubits"
        )
    return found
