"""The target column, converted to numbers (float64) or to text that names classes, without gaps."""

import numpy as np
import pandas as pd

from ketwise.evidence.data.names import quoted


def convert_target(y: pd.Series, where: str = "") -> pd.Series:
    """Numbers stay numbers; everything else, booleans too, becomes text.

    Parameters
    ----------
    y : Series
        Its name is that of the column.
    where : str
        Said after a row, such as ``" of test.csv"``.

    Raises
    ------
    ValueError
        For gaps, dates, complex or infinite numbers.
    """
    name, missing = quoted(y.name), np.flatnonzero(y.isna().to_numpy())
    if len(missing):
        raise ValueError(
            f"the target {name} is missing in {len(missing)} of {len(y)} rows{where}, the first is row "
            f"{missing[0] + 1}: delete those rows, or fill them in"
        )
    if pd.api.types.is_complex_dtype(y):
        raise ValueError(f"the target {name} holds complex numbers: only real ones or classes can be predicted")
    if pd.api.types.is_datetime64_any_dtype(y) or pd.api.types.is_timedelta64_dtype(y):
        raise ValueError(f"the target {name} holds dates: turn them into a number, such as days, or into classes")
    if y.dtype == object and not any(isinstance(cell, (str, bool, np.bool_)) for cell in y):
        # Numbers kept as Python objects, as in a column of a mixed array, are numbers all the same.
        numbers = pd.to_numeric(y, errors="coerce")
        y = numbers if numbers.notna().all() else y
    if pd.api.types.is_bool_dtype(y) or not pd.api.types.is_numeric_dtype(y):
        cells = np.array([*(str(cell) for cell in y), None], dtype=object)[:-1]
        return pd.Series(cells, name=y.name, dtype=object)
    values = y.to_numpy(dtype=float)
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        raise ValueError(
            f"the target {name} is infinite in row {infinite[0] + 1}{where}: replace it, or delete the row"
        )
    return pd.Series(values, name=y.name)


def join_targets(learned: pd.Series, held_out: pd.Series, files: tuple[str, str]) -> pd.Series:
    """One target below the other, both numbers or both text.

    Raises
    ------
    ValueError
        Where they are of two kinds.
    """
    if learned.dtype != held_out.dtype:
        kinds = ("numbers", "text") if learned.dtype.kind == "f" else ("text", "numbers")
        raise ValueError(
            f"the target {quoted(learned.name)} holds {kinds[0]} in {files[0]} and {kinds[1]} in {files[1]}, such as "
            f"{quoted(held_out.iloc[0])}: write both in one way"
        )
    return pd.concat([learned, held_out], ignore_index=True).rename(str(learned.name))
