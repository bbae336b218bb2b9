"""What estimators on a quantum kernel without labels share: circuit, prepared rows, kernel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator

from ketwise.blocks.encodings import Encoding
from ketwise.learning.kernel import quantum_kernel
from ketwise.learning.preprocessing import Preparation, choose_encoding, fit_preparation

Array = NDArray[np.float64]


class KernelRows(BaseEstimator):
    """Reads the arguments that its estimators store: ``encoding``, ``n_qubits``, ``kernel``, ``gamma`` and so on."""

    encoding_: Encoding
    preparation_: Preparation

    def _prepare(self, X: Array) -> Array:
        """Choose the encoding, learn the preparation, and return the training rows as the circuit takes them."""
        chosen = choose_encoding(
            self.encoding,
            X.shape[1],
            len(X),
            n_qubits=self.n_qubits,
            reduce=self.reduce,
            entangled=self.entangled,
            options={"repeats": self.repeats},
        )
        if chosen.n_params:
            raise ValueError(
                f"the encoding {chosen.name!r} has {chosen.n_params} trained parameters and a kernel trains none: use "
                "an encoding without parameters"
            )
        self.encoding_ = chosen
        self.preparation_ = fit_preparation(
            X, scale=self.scale, n_kept=chosen.n_features, bandwidth=self.bandwidth, domain=chosen.domain
        )
        return self.preparation_.transform(X)

    def _kernel(self, A: Array, B: Array | None = None) -> Array:
        return quantum_kernel(self.kernel, self.encoding_, A, B, gamma=self.gamma)
