"""The first step of the preparation as numbers and words: what fills gaps, and a column for each known text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

#: What an empty cell of text is taken for.
MISSING = "missing"

_NOT_OURS = (
    "of ColumnTransformers only the verdict's own is kept: keep the whole with skops: skops.io.dump(model, "
    "'model.skops')"
)


@dataclass(frozen=True, eq=False)
class TableColumns:
    """Fills gaps and turns text into columns of 0 and 1, as the fitted ``ColumnTransformer`` that it was made of does.

    Attributes
    ----------
    numbers : tuple of str
        Columns of numbers.
    imputer : SimpleImputer or None
        Fitted on these.
    known : dict of str -> tuple of str
        For each column of text, the texts that have a column of their own, in order.
    rare : dict of str -> tuple of str
        For each, the texts that share one; without any there is none, and no column for texts never seen.
    """

    numbers: tuple[str, ...]
    imputer: SimpleImputer | None
    known: dict[str, tuple[str, ...]]
    rare: dict[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        texts = [text for group in (self.known, self.rare) for texts in group.values() for text in texts]
        names = [*self.numbers, *self.known, *self.rare]
        if not all(type(each) is str for each in [*texts, *names]) or list(self.known) != list(self.rare):
            raise ValueError("columns and texts must be text, and known and rare name the same columns")
        if any(set(self.known[name]) & set(self.rare[name]) for name in self.known):
            raise ValueError("a text is known or rare, not both")
        if len(self.numbers) != (0 if self.imputer is None else self.imputer.n_features_in_):
            raise ValueError("the imputer must take the columns of numbers")

    @classmethod
    def of(cls, fitted: ColumnTransformer) -> TableColumns:
        """Return what a fitted transformer does.

        Raises
        ------
        ValueError
            For one that :func:`~ketwise.evidence.data.columns.preparation` does not make.
        """
        steps = {name: (step, columns) for name, step, columns in fitted.transformers_ if name != "remainder"}
        if set(steps) != {"numbers", "texts"} or fitted.remainder != "drop":
            raise ValueError(_NOT_OURS)
        (imputer, numbers), (words, texts) = steps["numbers"], steps["texts"]
        known: dict[str, tuple[str, ...]] = {}
        rare: dict[str, tuple[str, ...]] = {}
        if len(texts):
            encoder = _encoder(words)
            shared = getattr(encoder, "infrequent_categories_", [None] * len(texts))
            for name, categories, few in zip(texts, encoder.categories_, shared, strict=True):
                rare[name] = () if few is None else tuple(map(str, few))
                known[name] = tuple(text for text in map(str, categories) if text not in set(rare[name]))
        return cls(tuple(numbers), imputer if len(numbers) else None, known, rare)

    def fit(self, X: pd.DataFrame, y: Any = None) -> TableColumns:
        """Only here because scikit-learn asks a step for it."""
        raise TypeError("these columns were fitted already")

    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return ``(n_rows, n_wide)`` numbers: those of the numbers first, then a block a column of text."""
        blocks = []
        if self.imputer is not None:
            blocks.append(self.imputer.transform(X[list(self.numbers)]))
        if self.known:
            blocks.append(np.hstack([self._one_hot(X[name], name) for name in self.known]))
        return np.hstack(blocks)

    def unseen(self, X: pd.DataFrame) -> dict[str, pd.Series]:
        """Return, for each column of text with any, the cells that the data learned from never held there."""
        found = {}
        for name in self.known:
            cells = X[name].dropna()
            odd = cells[~cells.isin([*self.known[name], *self.rare[name]])]
            if len(odd):
                found[name] = odd
        return found

    def typical(self) -> pd.DataFrame:
        """Return one row: numbers as gaps are filled, and of each column of text the first that is known."""
        row: dict[str, list[Any]] = {}
        if self.imputer is not None:
            row |= {name: [float(value)] for name, value in zip(self.numbers, self.imputer.statistics_, strict=True)}
        row |= {name: [next(iter(texts), None)] for name, texts in self.known.items()}
        typical = pd.DataFrame(dict(enumerate(row.values())))
        typical.columns = pd.Index(list(row), dtype=object)
        return typical

    def _one_hot(self, column: pd.Series, name: str) -> np.ndarray:
        places = {text: place for place, text in enumerate(self.known[name])}
        width = len(places) + bool(self.rare[name])
        block = np.zeros((len(column), width))
        cells = [MISSING if cell is None else cell for cell in column]
        last = len(places) if self.rare[name] else -1
        found = np.array([places.get(cell, last) for cell in cells], dtype=np.intp)
        rows = np.flatnonzero(found >= 0)
        block[rows, found[rows]] = 1.0
        return block


def _encoder(words: Any) -> OneHotEncoder:
    """The one-hot encoder out of the pipeline that fills in a word first."""
    steps = [step for _, step in words.steps] if isinstance(words, Pipeline) else []
    right = len(steps) == 2 and isinstance(steps[0], SimpleImputer) and isinstance(steps[1], OneHotEncoder)
    if not right or (steps[0].fill_value, steps[1].handle_unknown) != (MISSING, "infrequent_if_exist"):
        raise ValueError(_NOT_OURS)
    encoder: OneHotEncoder = steps[1]
    return encoder
