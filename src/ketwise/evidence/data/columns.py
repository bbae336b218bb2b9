"""What every model gets to see: which columns are used, and the preparation that is fitted inside each fold."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ketwise.evidence.data.alerts import Alert
from ketwise.evidence.data.tables import Table

MOST_TEXTS = 20


@dataclass(frozen=True)
class Columns:
    """Columns used, by kind, and what was done with the others. ``missing`` counts the gaps of the used ones."""

    numbers: list[str]
    texts: list[str]
    constant: list[str]
    identifiers: list[str]
    missing: list[tuple[str, int]]
    shortened: list[tuple[str, int]]

    @property
    def used(self) -> list[str]:
        """All columns that are used, numbers first."""
        return self.numbers + self.texts


def choose_columns(table: Table, alerts: list[Alert]) -> Columns:
    """Drop identifiers and constants; count missing values.

    Raises
    ------
    ValueError
        If no column is left.
    """
    identifiers = [name for alert in alerts if alert.dropped for name in alert.columns]
    constant = [name for name in table.X.columns if table.X[name].nunique(dropna=False) <= 1]
    used = [name for name in table.X.columns if name not in {*constant, *identifiers}]
    if not used:
        why = [f"{len(constant)} constant"] * bool(constant) + [f"{len(identifiers)} naming the rows"] * bool(
            identifiers
        )
        raise ValueError(
            f"no column is left to predict {table.target!r} from ({', '.join(why)}): check the file, "
            "or add columns that describe the rows; text such as SMILES must be turned into numbers first"
        )
    numbers = [name for name in used if table.X[name].dtype.kind == "f"]
    texts = [name for name in used if name not in set(numbers)]
    return Columns(
        numbers=numbers,
        texts=texts,
        constant=[name for name in constant if name not in set(identifiers)],
        identifiers=identifiers,
        missing=[(name, count) for name in used if (count := int(table.X[name].isna().sum()))],
        shortened=[(name, kinds) for name in texts if (kinds := table.X[name].nunique()) > MOST_TEXTS],
    )


def preparation(columns: Columns) -> Any:
    """Unfitted transformer: gaps filled, text one-hot encoded, constants removed, everything scaled to mean 0 and sd 1.

    Returns
    -------
    sklearn.pipeline.Pipeline
        From the data frame of used columns to an array of float64.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_selection import VarianceThreshold
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline, make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    one_hot = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing", missing_values=None),
        OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=MOST_TEXTS, sparse_output=False),
    )
    by_kind = ColumnTransformer([("numbers", fill, columns.numbers), ("texts", one_hot, columns.texts)])
    return Pipeline([("columns", by_kind), ("constants", VarianceThreshold()), ("scale", StandardScaler())])


def describe(columns: Columns) -> list[str]:
    """What was done with the data, one sentence each."""
    said = []
    if columns.identifiers:
        said.append(f"Dropped, because they identify rows: {_names(columns.identifiers)}.")
    if columns.constant:
        said.append(f"Dropped, because they never change: {_names(columns.constant)}.")
    if columns.missing:
        gaps = sum(count for _, count in columns.missing)
        worst = ", ".join(f"{name} ({count})" for name, count in sorted(columns.missing, key=lambda item: -item[1])[:6])
        said.append(
            f"{gaps} missing values in {len(columns.missing)} column{'s' * (len(columns.missing) > 1)}: {worst}. "
            "Numbers were filled with the median of the training rows, text with the word missing."
        )
    if columns.texts:
        said.append(f"Text, turned into one column for each value: {_names(columns.texts)}.")
    if columns.shortened:
        many = ", ".join(f"{name} ({kinds} values)" for name, kinds in columns.shortened[:6])
        said.append(f"Only the {MOST_TEXTS - 1} commonest values are told apart in: {many}.")
    said.append("Every column was scaled to mean 0 and standard deviation 1 on the training rows of each fold.")
    return said


def _names(names: list[str], most: int = 8) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def used_frame(table: Table, columns: Columns) -> pd.DataFrame:
    """The used columns only, in the order in which :func:`preparation` expects them."""
    return table.X[columns.used]
