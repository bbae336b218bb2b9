"""``ketwise predict``: a model that was kept in a file, applied to the rows of a new one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ketwise.doors.places import check_places
from ketwise.doors.steps import Steps
from ketwise.evidence.best import Best
from ketwise.evidence.data.files import Read, read_file
from ketwise.evidence.data.kinds import TEXT
from ketwise.evidence.data.names import listed, plural, quoted, suggestion
from ketwise.evidence.data.sources import BUNDLED, bundled
from ketwise.evidence.data.table_file import table_bytes, table_path
from ketwise.evidence.keeping import load
from ketwise.evidence.table_model import columns_of
from ketwise.program.backends.default import default_backend
from ketwise.words.store import write_file

#: Rows that are predicted at a time: a kernel row holds a number for every support vector.
ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Predicted:
    """What ``predict`` did: the file, its number of rows, and what there is to say about the data."""

    path: Path
    n_rows: int
    said: list[str]


def predict(model: str, data: str, out: str, *, allow_extra: bool = False, allow_unseen: bool = False) -> Predicted:
    """Read a model and a table, and write one prediction a row, with a probability a class.

    Parameters
    ----------
    model : str
        A file that ``ketwise fit`` or ``Best.save`` wrote.
    data : str
        A CSV or Parquet file with the columns that the model uses. Columns of its training data that it does not use
        may be there or not, the target too.
    out : str
        A name that ends in ``.csv`` or ``.parquet``.
    allow_extra : bool
        Leave aside columns that the training data never had.
    allow_unseen : bool
        Take text that the training data never held for none of the known ones.

    Raises
    ------
    ImportError, MemoryError, OSError, ValueError
        One sentence on what is wrong, where, and what to do; nothing is written then.
    """
    target = table_path(out)
    check_places({"MODEL": model, "NEW": data}, {"--out": out})
    best = load(model)
    if not isinstance(best, Best):
        raise ValueError(
            f"{model} holds a {type(best).__name__} without the columns it was trained on: use it from Python with "
            "kw.load, or train with ketwise fit"
        )
    default_backend()  # a missing native engine is said now, not in the middle
    with Steps() as steps:
        steps.begin(f"Reading {data}", 1)
        read = _read(data, best)
        said = list(read.notes)
        _check_columns(best, read, allow_extra)
        used = _used(best, read)
        said += _check_texts(best, used, read.name, allow_unseen)
        said += _check_classes(best, read, allow_unseen)
        steps.begin(f"Predicting {best.target} for {plural(len(used), 'row')} with the {best.name}", len(used))
        table = _table(best, _answers(best, used, steps))
    return Predicted(write_file(target, table_bytes(table, target.suffix)), len(table), said)


def _read(data: str, best: Best) -> Read:
    """The table, with columns that held text read as text, even where all their cells look like numbers."""
    if data in BUNDLED:
        return bundled(data, None)
    read = read_file(data, least_columns=1)
    texts = [name for name, kind in best.kinds.items() if kind == TEXT and name in read.frame.columns]
    written = [name for name in texts if pd.api.types.is_numeric_dtype(read.frame[name])]
    return Read(read.name, read_file(data, written, least_columns=1).frame, read.notes) if written else read


def _check_columns(best: Best, read: Read, allow_extra: bool) -> None:
    names = list(read.frame.columns)
    missing = [name for name in best.columns if name not in names]
    extra = [name for name in names if name not in {*best.columns, *best.aside, best.target}]
    if missing:
        hint = suggestion(missing[0], names)
        raise ValueError(f"{read.name} has no column {listed(missing, 5)}, which the model uses: {hint}")
    if extra and not allow_extra:
        raise ValueError(
            f"{read.name} has a column {listed(extra, 5)}, which the data that the model learned from had not: check "
            "that it is the right file, then leave the column out or use --allow-extra"
        )


def _used(best: Best, read: Read) -> pd.DataFrame:
    try:
        return best.used_columns(read.frame[best.columns])
    except ValueError as error:
        raise ValueError(f"{read.name}: {error}") from None


def _check_texts(best: Best, used: pd.DataFrame, name: str, allowed: bool) -> list[str]:
    """Refuse text that was never seen, or say how it was taken; where rare text is one group, it joins that."""
    columns = columns_of(best)
    said = []
    for column, cells in ({} if columns is None else columns.unseen(used)).items():
        texts = list(dict.fromkeys(cells))
        what = f"column {quoted(column)} holds {listed(texts, 5)} in {plural(len(cells), 'row')}"
        if columns is not None and columns.rare[column]:
            said.append(f"{what}, never seen in training: taken for one of the rare values there.")
        elif allowed:
            said.append(f"{what}, never seen in training: taken for none of the values there.")
        else:
            raise ValueError(
                f"{name}: {what}, the first is row {int(cells.index[0]) + 1}, which the data that the model learned "
                "from never held: correct the cells, train again with such rows, or use --allow-unseen"
            )
    return said


def _check_classes(best: Best, read: Read, allowed: bool) -> list[str]:
    """Where the file brings the answers: refuse a class that the model never saw and so can never predict."""
    if best.classes_ is None or best.target not in read.frame.columns:
        return []
    answers = read.frame[best.target].dropna()
    known = {_written(value) for value in best.classes_.tolist()}
    unseen = answers[[_written(value) not in known for value in answers.tolist()]]
    if not len(unseen):
        return []
    classes = list(dict.fromkeys(_written(value) for value in unseen.tolist()))
    what = f"the target {quoted(best.target)} holds the class {listed(classes, 5)} in {plural(len(unseen), 'row')}"
    if allowed:
        return [f"{what}, never seen in training: it is never predicted."]
    raise ValueError(
        f"{read.name}: {what}, the first is row {int(unseen.index[0]) + 1}, which the model never saw and never "
        "predicts: train again with such rows, leave the column out, or use --allow-unseen"
    )


def _written(value: Any) -> str:
    """A class as text: a whole number reads alike however the file wrote it."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _answers(best: Best, used: pd.DataFrame, steps: Steps) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    for start in range(0, len(used), ROWS_AT_A_TIME):
        rows = used.iloc[start : start + ROWS_AT_A_TIME]
        yield best.answers(rows)
        steps.advance(len(rows))


def _table(best: Best, answers: Iterator[tuple[np.ndarray, np.ndarray | None]]) -> pd.DataFrame:
    labels, probabilities = zip(*answers, strict=True)
    table = pd.DataFrame({"prediction": np.concatenate(labels)})
    if best.classes_ is not None:
        columns = [f"probability of {_written(value)}" for value in best.classes_.tolist()]
        table[columns] = np.concatenate(probabilities)
    return table
