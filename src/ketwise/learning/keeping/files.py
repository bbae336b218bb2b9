"""Fitted estimators and pipelines to a ``.ketwise`` file and back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ketwise.engine.memory import SHARE, available_bytes, readable
from ketwise.learning.keeping.circuits import CIRCUIT_FORMS
from ketwise.learning.keeping.form import Form
from ketwise.learning.keeping.memories import MEMORY_FORMS
from ketwise.learning.keeping.models import MODEL_FORMS
from ketwise.learning.keeping.own import OWN_FORMS
from ketwise.learning.keeping.parts import PART_FORMS
from ketwise.learning.keeping.scikit_learn import SCIKIT_LEARN_FORMS
from ketwise.learning.keeping.tree import Reader, UnkeepableError, Writer
from ketwise.words import container
from ketwise.words.result import library_versions

SUFFIX = ".ketwise"
#: Kind of the container, and the version of what is in it.
MODEL, SCHEMA = "model", 1

FORMS: tuple[Form, ...] = (
    *CIRCUIT_FORMS,
    *PART_FORMS,
    *SCIKIT_LEARN_FORMS,
    *OWN_FORMS,
    *MODEL_FORMS,
    *MEMORY_FORMS,
)
#: One of these makes an object a model.
_DOES = ("predict", "transform", "score_samples", "recall")
_PACKAGES = ("ketwise", "numpy", "scipy", "scikit-learn")


def save(model: Any, path: str | os.PathLike[str]) -> Path:
    """Write a fitted estimator of this package, or a pipeline that ends in one, to a file that holds no code.

    Parameters
    ----------
    model : estimator or Pipeline
        Its encoding, circuit and observables may be your own: they are data.
    path : path
        A name that ends in ``.ketwise``.

    Returns
    -------
    Path

    Raises
    ------
    TypeError, ValueError
        For what a file cannot hold: where in the model it stands, and what to do.
    OSError
        If the place cannot be written to. A file that was there is then unchanged.

    Notes
    -----
    Written under a temporary name in the same folder, synced and renamed. The same model gives the same bytes.
    """
    target = model_path(path)
    return container.write(target, MODEL, *taken(model, FORMS))


def load(path: str | os.PathLike[str]) -> Any:
    """Return the estimator or pipeline of a file, which predicts to the same bits; no code is run that the file names.

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
    Programs are compiled again, for the backend that is here: where the native engine was not built, the reference
    runs the model, to about 1e-12.
    """
    check_room(path)
    return load_contents(path, container.read_any(path))


def load_contents(path: str | os.PathLike[str], contents: container.Contents) -> Any:
    """As :func:`load`, of a file that was read already."""
    return made(path, contents.of_kind(path, MODEL), FORMS)


def model_path(path: str | os.PathLike[str]) -> Path:
    """Refuse a name with another ending."""
    target = Path(path)
    if target.suffix.lower() != SUFFIX:
        raise ValueError(f"a model is kept in a {SUFFIX} file: give it a name with that ending, not {str(path)!r}")
    return target


def check_room(path: str | os.PathLike[str]) -> None:
    """Refuse a file whose arrays would not fit into the memory that is available."""
    try:
        size = os.stat(path).st_size
    except (OSError, ValueError):
        return  # said by who reads it
    budget = int(SHARE * available_bytes())
    if size > budget:
        raise MemoryError(f"{path} takes {readable(size)} of memory, {readable(budget)} can be used: free some")


def taken(model: Any, forms: Sequence[Form], **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and arrays of a container for a model; ``more`` goes into the header as it is.

    Raises
    ------
    TypeError, ValueError
        As :func:`save`.
    """
    if isinstance(model, type) or not any(hasattr(model, does) for does in _DOES):
        raise TypeError(
            f"a fitted estimator or pipeline is kept, got {model if isinstance(model, type) else type(model)}"
        )
    writer = Writer(forms)
    try:
        tree = writer.node(model)
    except UnkeepableError as error:
        raise TypeError(_refusal(error, forms)) from None
    header = {"schema": SCHEMA, "versions": library_versions(*_PACKAGES), "model": tree} | more
    return header, writer.arrays


def made(path: str | os.PathLike[str], contents: container.Contents, forms: Sequence[Form]) -> Any:
    """Return the model of a container; raises ValueError as :func:`load`."""
    header, arrays = contents.header, contents.arrays
    schema, versions = header.get("schema"), header.get("versions")
    if schema != SCHEMA:
        raise ValueError(
            f"{path} has models of version {str(schema)[:20]}, this ketwise reads {SCHEMA}: update ketwise"
        )
    known = isinstance(versions, dict) and all(isinstance(each, str) for each in versions.values())
    if versions is None or not known or set(header) != {"schema", "versions", "model"}:
        raise ValueError(f"{path} has a header with other entries than schema, versions and model")
    reader = Reader(forms, arrays)
    try:
        model = reader.value(header["model"], "")
        reader.finish()
        if not any(hasattr(model, does) for does in _DOES):
            raise ValueError(f"it holds a {type(model).__name__}, not a fitted estimator")
    except ValueError as error:
        written = ", ".join(f"{name} {version}" for name, version in versions.items())
        raise ValueError(f"{path} cannot be used: {error} (it was written with {written[:200]})") from None
    return model


def refuse_unkeepable(model: Any, forms: Sequence[Form]) -> None:
    """Refuse an estimator that need not be fitted yet, if no file can hold it or one of its parameters.

    Raises
    ------
    TypeError, ValueError
        As :func:`save`.
    """
    form = next((form for form in forms if type(model) in form.types), None)
    if form is None:
        raise TypeError(_refusal(UnkeepableError(model, ""), forms))
    for name, value in model.get_params(deep=False).items():
        if name in form.dropped:
            continue
        for part in [step for _, step in value] if name == "steps" else [value]:
            if hasattr(part, "get_params"):
                refuse_unkeepable(part, forms)
                continue
            try:
                Writer(forms).node(part, name)
            except UnkeepableError as error:
                raise TypeError(_refusal(error, forms)) from None


def _refusal(error: UnkeepableError, forms: Sequence[Form]) -> str:
    """What stands where, and what to do about it."""
    value, where = error.value, error.where or "this"
    if callable(value) and not hasattr(value, "get_params"):
        name = getattr(value, "__qualname__", type(value).__name__)
        return (
            f"{where} is Python code ({name}), and a {SUFFIX} file holds data and never code: do what it does to the "
            "columns before the model, or keep the whole with skops: skops.io.dump(model, 'model.skops')"
        )
    if hasattr(value, "best_estimator_"):
        return f"{where} is a {type(value).__name__}: save its best_estimator_ instead"
    if isinstance(value, type) or not hasattr(value, "get_params"):
        return f"{error}: it holds numbers, text, arrays, circuits, observables, encodings and fitted estimators"
    near = [form.name for form in forms if any(each in type(value).__mro__ for each in form.types)]
    if near:
        return (
            f"{where} is a {type(value).__name__}, a class of your own on top of {near[0]}: a {SUFFIX} file holds no "
            f"code; save a {near[0]}, or keep the whole with skops: skops.io.dump(model, 'model.skops')"
        )
    kept = ", ".join(form.name for form in SCIKIT_LEARN_FORMS)
    return (
        f"{where} is a {type(value).__name__}, which a {SUFFIX} file cannot hold; beside the estimators of ketwise it "
        f"holds {kept}: keep the whole with skops: skops.io.dump(model, 'model.skops')"
    )
