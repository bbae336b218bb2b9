"""What every model gets to see: which columns are used, and the preparation that is fitted inside each fold."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.names import quoted, short
from ketwise.evidence.data.tables import Table

MOST_TEXTS = 20

_UNREAD = {"KW013", "KW014"}
_REASONS = {
    "KW001": "numbers or names the rows",
    "KW009": "a time that numbers the rows",
    "KW013": "molecules written as text",
    "KW014": "free text",
}


class NoColumnsLeftError(ValueError):
    """No column is left to predict from; ``alerts`` say why the columns were dropped."""

    def __init__(self, sentence: str, alerts: list[Alert]) -> None:
        super().__init__(sentence)
        self.alerts = alerts


@dataclass(frozen=True)
class Columns:
    """Columns used, by kind, and what was done with the others. ``missing`` counts the gaps of the used ones.

    ``unread`` are molecules and free text that (nearly) every row has for itself.
    """

    numbers: list[str]
    texts: list[str]
    constant: list[str]
    identifiers: list[str]
    missing: list[tuple[str, int]]
    shortened: list[tuple[str, int]]
    unread: list[str] = field(default_factory=list)

    @property
    def used(self) -> list[str]:
        """All columns that are used, numbers first."""
        return self.numbers + self.texts


def choose_columns(table: Table, alerts: list[Alert]) -> Columns:
    """Drop identifiers, unread text and constants; count missing values.

    Held-out rows play no part in it.

    Raises
    ------
    NoColumnsLeftError
        If no column is left; names each with the reason, and carries the alerts.
    """
    learned = table.training().X
    dropped = [alert for alert in alerts if alert.dropped]
    identifiers = [name for alert in dropped if alert.code not in _UNREAD for name in alert.columns]
    unread = [name for alert in dropped if alert.code in _UNREAD for name in alert.columns]
    constant = [name for name in learned.columns if learned[name].nunique(dropna=False) <= 1]
    gone = {*constant, *identifiers, *unread}
    used = [name for name in learned.columns if name not in gone]
    if not used:
        raise NoColumnsLeftError(_nothing_left(table.target, alerts, constant), alerts)
    numbers = [name for name in used if table.X[name].dtype.kind == "f"]
    texts = [name for name in used if table.X[name].dtype.kind != "f"]
    return Columns(
        numbers=numbers,
        texts=texts,
        constant=[name for name in constant if name not in {*identifiers, *unread}],
        identifiers=identifiers,
        missing=[(name, count) for name in used if (count := int(table.X[name].isna().sum()))],
        shortened=[(name, kinds) for name in texts if (kinds := learned[name].nunique()) > MOST_TEXTS],
        unread=unread,
    )


def _nothing_left(target: str, alerts: list[Alert], constant: list[str], most: int = 8) -> str:
    dropped = [alert for alert in alerts if alert.dropped]
    reasons = [f"{quoted(name)} ({_REASONS[alert.code]})" for alert in dropped for name in alert.columns]
    named = {name for alert in dropped for name in alert.columns}
    reasons += [f"{quoted(name)} (never changes)" for name in constant if name not in named]
    shown = ", ".join(reasons[:most]) + (f" and {len(reasons) - most} more" if len(reasons) > most else "")
    remedy = "add columns that describe the rows"
    if any(alert.code == "KW013" for alert in dropped):
        remedy = "compute columns from the molecules, such as fingerprints or descriptors (RDKit)"
    elif any(alert.code == "KW014" for alert in dropped):
        remedy = "turn the text into numbers, such as an embedding or counts of words"
    return f"no column is left to predict {quoted(target)} from: {shown}; {remedy}, and run again"


def preparation(columns: Columns, *, scaled: bool = True) -> Any:
    """Unfitted transformer: gaps filled, text one-hot encoded, constants removed, everything scaled to mean 0 and sd 1.

    Parameters
    ----------
    columns : Columns
    scaled : bool
        False leaves the last step out.

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
    steps = [("columns", by_kind), ("constants", VarianceThreshold()), ("scale", StandardScaler())]
    return Pipeline(steps if scaled else steps[:-1])


def describe(columns: Columns) -> list[str]:
    """What was done with the data, one sentence each."""
    said = []
    if columns.identifiers:
        said.append(f"Dropped, because they identify rows: {_names(columns.identifiers)}.")
    if columns.unread:
        said.append(f"Dropped, because no model here reads them: {_names(columns.unread)}.")
    if columns.constant:
        said.append(f"Dropped, because they never change: {_names(columns.constant)}.")
    if columns.missing:
        gaps = sum(count for _, count in columns.missing)
        worst = ", ".join(
            f"{short(name)} ({count})" for name, count in sorted(columns.missing, key=lambda item: -item[1])[:6]
        )
        said.append(
            f"{gaps} missing values in {len(columns.missing)} column{'s' * (len(columns.missing) > 1)}: {worst}. "
            "Numbers were filled with the median of the training rows, text with the word missing."
        )
    if columns.texts:
        said.append(f"Text, turned into one column for each value: {_names(columns.texts)}.")
    if columns.shortened:
        many = ", ".join(f"{short(name)} ({kinds} values)" for name, kinds in columns.shortened[:6])
        said.append(f"Only the {MOST_TEXTS - 1} commonest values are told apart in: {many}.")
    said.append("Every column was scaled to mean 0 and standard deviation 1 on the training rows of each fold.")
    return said


def _names(names: list[str], most: int = 8) -> str:
    return ", ".join(short(name) for name in names[:most]) + (
        f" and {len(names) - most} more" if len(names) > most else ""
    )


def used_frame(table: Table, columns: Columns) -> pd.DataFrame:
    """The used columns only, in the order in which :func:`preparation` expects them."""
    return table.X[columns.used]
