"""Squared overlaps of a circuit's states at different parameters, averaged over rows of data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.words.outputs import State

Array = NDArray[np.float64]


def mean_fidelities(circuit: Any, params: Array, others: Array, features: Array | None = None) -> Array:
    """Return ``|<psi(params)|psi(others[k])>|**2`` for every k, the mean over the rows of data.

    Parameters
    ----------
    circuit : Circuit or Encoding
    params : (n_params,) array
    others : (k, n_params) array
    features : (n_rows, n_features) array, optional

    Returns
    -------
    (k,) array

    Notes
    -----
    Cost: k + 1 states a row. On a device, k circuits a row: one state's preparation and the other's undone.

    Examples
    --------
    >>> import ketwise as kw
    >>> circuit = kw.Circuit(1).ry(kw.params(1)[0], 0)
    >>> mean_fidelities(circuit, np.zeros(1), np.array([[np.pi], [np.pi / 2]])).round(12)
    array([0. , 0.5])
    """
    program = circuit.compile(State())
    rows = features if circuit.n_features else None
    at = np.atleast_2d(program(params if circuit.n_params else None, rows))
    found = np.empty(len(others))
    for k, other in enumerate(others):
        states = np.atleast_2d(program(other if circuit.n_params else None, rows))
        found[k] = (np.abs((at.conj() * states).sum(axis=1)) ** 2).mean()
    return found
