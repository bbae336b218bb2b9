"""``ketwise recall``: the rows of one table stored in an associative memory, the rows of another completed from it."""

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketwise.doors.places import check_places
from ketwise.doors.recall_columns import (
    PatternColumn,
    labels_of,
    pattern_columns,
    probe_values,
    read_probes,
    refuse_outside,
)
from ketwise.doors.steps import Steps
from ketwise.evidence.data.files import read_file
from ketwise.evidence.data.names import listed, plural, quoted
from ketwise.evidence.data.table_file import table_bytes, table_path
from ketwise.evidence.wording import quantity, significant
from ketwise.learning.memory.associative_memory import AssociativeMemory, Recalled
from ketwise.learning.memory.classifier import AssociativeMemoryClassifier
from ketwise.learning.memory.codes import ENCODINGS, MOST_NUMBERS, REAL
from ketwise.learning.memory.method import Cost, Method
from ketwise.learning.memory.methods import METHODS
from ketwise.learning.memory.quantum_methods import Amplitude, Probabilistic
from ketwise.words.store import write_file

Array = NDArray[np.float64]

#: Where no method, and no encoding of numbers, is named.
DEFAULT, THRESHOLD, CATEGORIES = "probabilistic", "threshold", "categories"
#: Probes are recalled so many at a time, and fewer where each has a weight for very many patterns.
ROWS_AT_A_TIME, WEIGHTS_AT_A_TIME = 100, 1 << 22
#: Columns of the answer behind those of the patterns.
ADDED = ("row", "probability", "success", "repetitions")
#: What the patterns may hold, whichever they are.
ALPHABETS = {"bits": np.array([0.0, 1.0]), "signs": np.array([-1.0, 1.0]), "integers": np.arange(float(MOST_NUMBERS))}


@dataclass(frozen=True)
class RecalledTable:
    """What ``recall`` did: the file, its number of rows, remarks on the data, and sentences about the answers."""

    path: Path
    n_rows: int
    remarks: list[str]
    said: list[str]


def recall(
    patterns: str,
    probes: str,
    out: str,
    *,
    method: str = DEFAULT,
    label: str | None = None,
    encoding: str | None = None,
    levels: int | None = None,
    controls: int | None = None,
    seed: int = 0,
) -> RecalledTable:
    """Store the rows of one table, and write what is recalled for each row of another.

    Parameters
    ----------
    patterns : str
        A CSV or Parquet file without gaps. Where a column holds text, all are columns of categories, texts in
        alphabetical order.
    probes : str
        A file with the same columns in any order; an empty cell is unknown.
    out : str
        A name that ends in ``.csv`` or ``.parquet``.
    method : str
        A name out of ``METHODS``.
    label : str, optional
        A column of the patterns that is no part of them but recalled. The probes may have it: it is not read.
    encoding : str, optional
        Default "threshold", or "categories" where a column holds text, which takes no other.
    levels : int, optional
        For "threshold"; default 2.
    controls : int, optional
        Control qubits of "probabilistic".
    seed : int

    Raises
    ------
    ImportError, MemoryError, OSError, ValueError
        One sentence on what is wrong, where, and what to do; nothing is written then.
    """
    target = table_path(out)
    check_places({"PATTERNS": patterns, "PROBES": probes}, {"--out": out})
    chosen = _method(method, controls)
    _check_options(method, encoding, levels, seed)
    with Steps() as steps:
        steps.begin(f"Reading {patterns}", 1)
        stored = read_file(patterns, least_columns=1)
        labels = None if label is None else labels_of(stored, label)
        columns = pattern_columns(stored, label)
        _check_names(stored.name, columns, labels)
        code = _encoding(stored.name, columns, encoding, levels)
        rows = np.column_stack([column.numbers for column in columns])
        steps.begin(f"Reading {probes}", 1)
        read = read_probes(probes, columns, stored.name, label)
        given = probe_values(read, columns, stored.name)
        for name, table in ((stored.name, rows), (read.name, given)):
            if code in ALPHABETS:
                refuse_outside(name, table, columns, [ALPHABETS[code]] * len(columns), code)
            if code == REAL and isinstance(chosen, Amplitude):
                _refuse_zeros(name, table)
        settings: dict[str, Any] = {"encoding": code, "n_levels": levels or 2, "random_state": seed}
        with _named(method, len(rows)):
            steps.begin(f"Storing {plural(len(rows), 'pattern')}, by the method {method}", 1)
            memory = AssociativeMemory(chosen, **settings).fit(rows)
            classifier = None if labels is None else _classifier(chosen, settings, rows, labels)
        if memory.code_ is not None and code != THRESHOLD:
            refuse_outside(read.name, given, columns, [each.symbols for each in memory.code_.columns], code)
        with _named(method, len(rows)):
            steps.begin(f"Recalling {plural(len(given), 'probe')}", len(given))
            found, mass = _answers(memory, classifier, given, steps)
            cost = memory.cost(given[:1]).each
    answers = _table(columns, found, mass, classifier)
    remarks = [*stored.notes, *read.notes, *(column.note for column in columns if column.note is not None)]
    remarks += _equal_patterns(memory) + _hopeless(found)
    if classifier is not None and not chosen.weighs:
        remarks.append("The labels come from a memory of their own, which holds them as further bits of the patterns.")
    path = write_file(target, table_bytes(answers, target.suffix))
    return RecalledTable(path, len(answers), remarks, [_counted(found), _cost(found, method, chosen, cost)])


def _method(name: str, controls: int | None) -> Method:
    if name not in METHODS:
        raise ValueError(f"--method {quoted(name)} is no method of a memory: there are {', '.join(METHODS)}")
    if controls is None:
        return METHODS[name]
    if name != DEFAULT:
        raise ValueError(f"--controls is for --method {DEFAULT}, not {name}: leave it out")
    if controls < 1:
        raise ValueError(f"--controls must be a whole number of at least 1, got {controls}")
    return Probabilistic(n_controls=controls)


def _check_options(method: str, encoding: str | None, levels: int | None, seed: int) -> None:
    if encoding not in (None, *ENCODINGS, REAL):
        raise ValueError(f"--encoding {quoted(encoding)} is none: there are {', '.join([*ENCODINGS, REAL])}")
    if encoding == REAL and not METHODS[method].takes_real:
        able = ", ".join(name for name, each in METHODS.items() if each.takes_real)
        raise ValueError(f"--encoding {REAL} is for the methods {able}, and {method} stores bits: choose another")
    if levels is not None and levels < 2:
        raise ValueError(f"--levels must be a whole number of at least 2, got {levels}")
    if not 0 <= seed < 1 << 31:
        raise ValueError(f"--seed must be a whole number from 0 to 2147483647, got {seed}")


def _check_names(name: str, columns: Sequence[PatternColumn], labels: NDArray[Any] | None) -> None:
    """Refuse a column that has the name of one that is added."""
    added = {*ADDED, *([] if labels is None else ["label", *(f"probability of {each}" for each in labels)])}
    taken = [column.name for column in columns if column.name in added]
    if taken:
        raise ValueError(f"{name} has a column {listed(taken, 5)}, a name that the answer needs: rename it")


def _encoding(name: str, columns: Sequence[PatternColumn], asked: str | None, levels: int | None) -> str:
    texts = [column.name for column in columns if column.texts is not None]
    if texts and asked not in (None, CATEGORIES):
        raise ValueError(
            f"{name} holds text in column {listed(texts, 5)}, and --encoding {asked} takes numbers: leave it out"
        )
    encoding = asked or (CATEGORIES if texts else THRESHOLD)
    if levels is not None and encoding != THRESHOLD:
        raise ValueError(f"--levels is for --encoding {THRESHOLD}, and this is {encoding}: leave it out")
    return encoding


def _refuse_zeros(name: str, table: Array) -> None:
    zeros = (np.nan_to_num(table) == 0).all(axis=1)
    if zeros.any():
        raise ValueError(
            f"{name}, row {int(np.argmax(zeros)) + 1}: nothing but 0, which no state stands for: add a column that is "
            "always 1, or choose another encoding"
        )


@contextmanager
def _named(method: str, n_patterns: int) -> Iterator[None]:
    """Say which method it was that refused."""
    try:
        yield
    except MemoryError as error:
        what = str(error) or "there is not enough memory"
        raise MemoryError(
            f"--method {method} with {plural(n_patterns, 'pattern')}: {what}: give fewer patterns or columns, or "
            "choose another method"
        ) from error
    except ValueError as error:
        raise ValueError(f"--method {method}: {error}") from error


def _classifier(
    method: Method, settings: dict[str, Any], rows: Array, labels: NDArray[Any]
) -> AssociativeMemoryClassifier:
    with warnings.catch_warnings():
        # A label of its own for each pattern is what a memory is for.
        warnings.filterwarnings("ignore", "The number of unique classes is greater than 50%")
        return AssociativeMemoryClassifier(method, **settings).fit(rows, labels)


def _answers(
    memory: AssociativeMemory, classifier: AssociativeMemoryClassifier | None, given: Array, steps: Steps
) -> tuple[Recalled, Array | None]:
    at_a_time = max(1, min(ROWS_AT_A_TIME, WEIGHTS_AT_A_TIME // len(memory.patterns_)))
    found, mass = [], []
    for start in range(0, len(given), at_a_time):
        block = given[start : start + at_a_time]
        found.append(memory.recall(block))
        if classifier is not None:
            mass.append(classifier.predict_proba(block))
        steps.advance(len(block))
    return Recalled(*map(np.concatenate, zip(*found, strict=True))), np.concatenate(mass) if mass else None


def _table(
    columns: Sequence[PatternColumn],
    found: Recalled,
    mass: Array | None,
    classifier: AssociativeMemoryClassifier | None,
) -> pd.DataFrame:
    series = {column.name: column.written(found.patterns[:, j], found.rows) for j, column in enumerate(columns)}
    row = pd.Series(found.rows + 1, dtype="Int64")
    series["row"] = row.mask(row == 0)
    for name, values in zip(ADDED[1:], (found.probabilities, found.success, found.repetitions), strict=True):
        series[name] = pd.Series(values)
    if classifier is not None and mass is not None:
        series["label"] = pd.Series(classifier.classes_[np.argmax(mass, axis=1)])
        series |= {f"probability of {each}": pd.Series(mass[:, k]) for k, each in enumerate(classifier.classes_)}
    return pd.DataFrame(series)


def _equal_patterns(memory: AssociativeMemory) -> list[str]:
    rows = memory.patterns_
    held = rows if memory.code_ is None else memory.code_.bits(rows).astype(np.uint8)
    again = len(held) - len(np.unique(held, axis=0))
    if not again:
        return []
    return [
        f"{again} of {plural(len(rows), 'pattern')} equal an earlier one in the memory: each counts, and of equal ones "
        "the first is written."
    ]


def _hopeless(found: Recalled) -> list[str]:
    never = int(np.count_nonzero(found.success == 0))
    if not never:
        return []
    return [
        f"For {plural(never, 'probe')} no run of the memory ever succeeds: success is 0 and repetitions are infinite."
    ]


def _often(found: Recalled) -> str:
    median = float(np.median(found.repetitions))
    return "infinite" if math.isinf(median) else significant(median)


def _counted(found: Recalled) -> str:
    stored, n = int(np.count_nonzero((found.rows >= 0) & (found.success > 0))), len(found.rows)
    probes = f"{n:,} probe{'s' * (n != 1)}"
    return f"{stored:,} of {probes} recalled as a stored pattern; median of repetitions: {_often(found)}."


def _cost(found: Recalled, name: str, method: Method, each: Cost) -> str:
    """Return what a device would need for the answers, and what was done instead."""
    if not method.quantum:
        return f"{name} is a classical method: it needs no qubits, no gates and no repetitions."
    qubits = plural(each.n_qubits, "qubit")
    takes, why = f"{qubits}, its gates are not counted", "for one copy of the answer, and reading uses that up"
    if each.storage_gates:
        gates, cx = quantity(each.storage_gates), quantity(each.storage_cx)
        takes = f"{qubits} and {gates} gates of storage ({cx} CX once they are decomposed)"
        why = "each with a storage of its own, as reading uses the memory up"
    elif each.recall_gates:
        takes = f"{qubits} and {quantity(each.recall_gates)} gates, none of them of storage"
        why = "for one shot, and every shot prepares the state anew, as reading uses it up"
    often, how = _often(found), "by an exact reduction" if method.reduces else "here"
    return (
        f"A device {each.device}. One repetition takes {takes}; the median of repetitions is {often}, {why}. No device "
        f"ran: it was simulated {how}."
    )
