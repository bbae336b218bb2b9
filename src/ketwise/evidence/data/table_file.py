"""Writing a table as CSV or Parquet."""

import importlib.util
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ketwise.words.store import writable_path

if TYPE_CHECKING:
    import pandas as pd


def table_path(path: str | os.PathLike[str]) -> Path:
    """Check, before any long work, that a table can be written there.

    Raises
    ------
    OSError, ValueError, ImportError
        If the place cannot be written to, the ending is neither .csv nor .parquet, or pyarrow is missing.
    """
    target = Path(path)
    if target.suffix.lower() not in (".csv", ".parquet"):
        raise ValueError(f"a table is written as .csv or .parquet: give it a name with that ending, not {str(path)!r}")
    if target.suffix.lower() == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise ImportError('Parquet needs pyarrow: pip install "ketwise[data]", or choose a name that ends in .csv')
    writable_path(target)
    return target


def table_bytes(table: "pd.DataFrame", suffix: str) -> bytes:
    """The table as the content of a file."""
    if suffix.lower() == ".csv":
        return table.to_csv(index=False, lineterminator="\n").encode()
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False)
    return buffer.getvalue()
