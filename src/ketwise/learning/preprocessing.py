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
from ketwise.blocks.product import fixed_order_product
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


def fit_preparation(X: Array, *, scale: str | None, n_kept: int, bandwidth: float) -> Preparation:
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
    """
    if scale not in (None, *SCALES):
        raise ValueError(f"scale must be one of {', '.join(map(repr, SCALES))} or None, got {scale!r}")
    bandwidth = real_number("bandwidth", bandwidth)
    if bandwidth <= 0:
        raise ValueError(f"bandwidth must be positive, got {bandwidth}")
    scaler = None
    if scale is not None:
        half_turn = (-np.pi / 2, np.pi / 2)
        scaler = MinMaxScaler(half_turn, clip=True) if scale == "minmax" else StandardScaler()
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
    return Preparation(scaler, pca, bandwidth)


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
        A name is built for as many qubits as ``n_qubits`` says, else one a column and, with ``reduce``, 10 at most.
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
    kept = min(most, n_rows) if reduce and n_columns > most else n_columns
    if "n_qubits" in option_names(name):  # it can lay several features on a qubit, or one on several
        return named(name, kept, n_qubits=min(n_columns, most) if n_qubits is None else n_qubits, **options)
    if n_qubits is not None and n_qubits > n_columns:
        raise ValueError(f"n_qubits={n_qubits}, but X has {n_columns} columns and {name!r} takes a qubit for each")
    return named(name, kept if n_qubits is None else n_qubits, **options)
