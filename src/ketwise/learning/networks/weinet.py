"""WeiNet: an image in amplitudes, a trained mixture of its shifts, and a linear readout of correlations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import product
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.learning.losses import probabilities
from ketwise.learning.networks.network import Network
from ketwise.learning.networks.readouts import Linear
from ketwise.words.observable import Observable, Z

Array = NDArray[np.float64]

#: Classical 3 x 3 filters, by name; their squares, normalised, are where the mixture can start.
FILTERS = {
    "edge_detect": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "smooth": ((1, 1, 1), (1, 5, 1), (1, 1, 1)),
    "sharpen": ((-2, -2, -2), (-2, 32, -2), (-2, -2, -2)),
}


@dataclass(frozen=True)
class WeiNet:
    """A square image as amplitudes, a trained mixture of its nine shifts by a pixel, Z and ZZ after pooling.

    Rows hold the image line by line. Rows and columns of pixels have a register each; its last qubit is left out of the
    readout, which is the pooling. Wei et al., arXiv:2104.06918 (2021).

    Attributes
    ----------
    filter : {"edge_detect", "smooth", "sharpen"} or None
        The mixture starts at the squares of a classical filter's entries; None: at random.

    Notes
    -----
    An auxiliary register that only controls the shifts and is not measured mixes them classically, and observables of Z
    see the squares of the pixels alone: the model is a classical one, at the cost of nine shifts of the image.
    """

    filter: str | None = "edge_detect"
    scale: str | None = None

    def build(self, n_columns: int) -> Network:
        """Return the network for images of that many pixels."""
        if self.filter not in (None, *FILTERS):
            raise ValueError(f"filter must be one of {', '.join(map(repr, FILTERS))} or None, got {self.filter!r}")
        side = image_side(n_columns)
        n_qubits = max(1, (side - 1).bit_length())

        def draw(rng: Any) -> Array:
            if self.filter is None:
                return np.asarray(rng.standard_normal(9))
            return 2.0 * np.log(np.abs(np.ravel(FILTERS[self.filter])))

        source = ShiftedImage(side, n_qubits)
        return Network(source, 9, Linear(1.0 / source.n_outputs), draw)


class ShiftedImage:
    """Means of Z and ZZ in a mixture of nine shifts of an image; parameters are the mixture's, before a softmax.

    Parameters
    ----------
    side : int
        Pixels of a line.
    n_qubits : int
        Of a line; the image is filled up with zeros and shifted around the edges.
    """

    def __init__(self, side: int, n_qubits: int):
        self.side, self.padded = side, 1 << n_qubits
        # Qubit q of a register is bit q of the pixel's place; the last one, bit 0, is pooled away.
        kept = [register * n_qubits + q for register in range(2) for q in range(1, n_qubits)] or [0]
        words = [Z(q) for q in kept] + [Z(p) * Z(q) for i, p in enumerate(kept) for q in kept[i + 1 :]]
        self.n_outputs = len(words)
        self._signs = np.array([_diagonal(word, 2 * n_qubits) for word in words])

    def __call__(self, params: Any, features: Any) -> Array:
        """Return ``(batch, n_outputs)``."""
        return self.forward(params, features)[0]

    def forward(self, params: Any, features: Any) -> tuple[Array, Any]:
        """Return the means and what :meth:`backward` needs."""
        shares = probabilities(np.asarray(params)[np.newaxis])[0]
        each = self.shifts(features)
        outputs = np.zeros((len(each), self.n_outputs))
        for share, part in zip(shares, each.swapaxes(0, 1), strict=True):
            outputs += share * part
        return outputs, (shares, each, outputs)

    def backward(self, residual: Any, cotangent: Any, *, wanted: Collection[str] = ("params",)) -> Any:
        """Return the gradient by the parameters; there is none by the pixels."""
        shares, each, outputs = residual
        by_share = np.einsum("bm,bsm->s", cotangent, each) - np.einsum("bm,bm->", cotangent, outputs)
        return shares * by_share, None, None

    def shifts(self, features: Any) -> Array:
        """Return ``(batch, 9, n_outputs)``: the means for each shift, by -1, 0, 1 lines and as many columns."""
        rows = np.asarray(features, dtype=np.float64)
        weights = np.zeros((len(rows), self.padded, self.padded))
        weights[:, : self.side, : self.side] = np.square(rows).reshape(-1, self.side, self.side)
        total = weights.sum(axis=(1, 2), keepdims=True)
        if not total.all():
            raise ValueError(f"row {int(np.flatnonzero(total == 0)[0])} is all zeros: it has no amplitudes")
        weights /= total
        found = np.empty((len(rows), 9, self.n_outputs))
        for s, by in enumerate(product((-1, 0, 1), repeat=2)):
            moved = np.roll(weights, by, axis=(1, 2)).reshape(len(rows), -1)
            for m, signs in enumerate(self._signs):
                found[:, s, m] = (moved * signs).sum(axis=1)
        return found


def image_side(n_pixels: int) -> int:
    """Return the side of a square image; refuse a number of pixels that is no square.

    Examples
    --------
    >>> image_side(64)
    8
    """
    side = isqrt(n_pixels)
    if side * side != n_pixels:
        raise ValueError(f"rows must hold square images line by line, got {n_pixels} values, which is no square")
    return side


def _diagonal(word: Observable, n_qubits: int) -> Array:
    return np.ascontiguousarray(np.diag(word.to_matrix(n_qubits)).real)
