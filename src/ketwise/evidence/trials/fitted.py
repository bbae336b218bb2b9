"""The steps of a fitted model in a row, and what it answers: whatever wrote it, one code or number a row."""

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline

from ketwise.evidence.trials.recorded import answers


class Fitted(Pipeline):
    """Fitted steps, the model last.

    scikit-learn's own asks the model whether it is fitted, and believes only attributes that end in an underscore;
    nothing obliges a model to have them, and these steps were fitted before they came here.

    Parameters
    ----------
    steps : list of (name, fitted step)
    n_classes : int
        0 for numbers.
    """

    def __init__(
        self,
        steps: list[tuple[str, Any]],
        n_classes: int = 0,
        *,
        transform_input: list[str] | None = None,
        memory: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(steps, transform_input=transform_input, memory=memory, verbose=verbose)
        self.n_classes = n_classes

    @property
    def classes_(self) -> np.ndarray:
        """Class codes."""
        if not self.n_classes:
            raise AttributeError("numbers are predicted: there are no classes")
        return np.arange(self.n_classes)

    def predict(self, X: Any, **params: Any) -> np.ndarray:
        """Return ``(n_rows,)`` class codes or numbers; ValueError for anything else."""
        return answers(super().predict(X, **params), len(X), self.n_classes)

    def __sklearn_is_fitted__(self) -> bool:
        return True
