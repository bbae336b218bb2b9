"""``kw.save`` and ``kw.load``: fitted models of every kind to a ``.ketwise`` file and back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def save(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write a fitted model to one file that holds data and no code.

    Parameters
    ----------
    model : estimator, Pipeline or Best
        An estimator of this package, a scikit-learn ``Pipeline`` that ends in one, or what ``result.best`` of a verdict
        is. Your own circuits, observables and encodings are data, and kept; a Python function of your own is code, and
        refused.
    path : path
        A name that ends in ``.ketwise``. A file that is there is replaced.

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError
        For what such a file cannot hold: what it is, where in the model it stands, and what to do.
    OSError
        If the place cannot be written to. A file that was there is then unchanged.

    Notes
    -----
    Written under a temporary name in the same folder, synced and renamed. The same model gives the same bytes.

    Examples
    --------
    >>> import tempfile
    >>> import ketwise as kw
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> model = kw.QuantumKernelClassifier().fit(X, y)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = save(model, f"{folder}/iris.ketwise")
    ...     again = load(path)
    >>> bool((again.decision_function(X) == model.decision_function(X)).all())
    True
    """
    from ketwise.learning.keeping.files import save as save_estimator

    saves_itself = getattr(model, "save", None)  # what a verdict found best
    return Path(saves_itself(path)) if callable(saves_itself) else save_estimator(model, path)


def load(path: str | os.PathLike[str]) -> Any:
    """Return the model of a file, which predicts to the same bits as the one that was saved.

    Parameters
    ----------
    path : path
        A file that :func:`save` or ``ketwise fit`` wrote.

    Returns
    -------
    estimator, Pipeline or Best

    Raises
    ------
    OSError
        If there is no such file.
    MemoryError
        If its arrays are larger than the memory there is.
    ValueError
        One sentence: it is no such file, was changed in any bit, or holds what no version known here writes.

    Notes
    -----
    Nothing in the file is run. Circuits are compiled for the backend that is here, whichever the model was trained
    on: on the reference engine the predictions agree to about 1e-12.
    """
    from ketwise.learning.keeping.files import MODEL, check_room, load_contents
    from ketwise.words.container import read_any

    check_room(path)
    contents = read_any(path)
    if contents.kind == MODEL:
        return load_contents(path, contents)
    from ketwise.evidence.table_model import load_table_contents

    return load_table_contents(path, contents)
