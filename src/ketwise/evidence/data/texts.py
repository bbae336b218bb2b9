"""Text columns that cannot be used as they are: KW013 molecules written as SMILES, KW014 free text, KW001 names."""

import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from ketwise.evidence.data.alert import Alert
from ketwise.evidence.data.names import short
from ketwise.evidence.data.tables import Table

_NEARLY_ALL = 0.9
_LOOKED_AT = 300
# Atoms, bonds, branches and rings: Schwaller et al., ACS Cent. Sci. 5, 1572 (2019).
_SMILES = re.compile(
    r"(\[[^\[\]\s]+\]|Br|Cl|[BCNOPSFIbcnops]|[().=#\-+\\/:~@?>*$]|%\d\d|\d)+",
)
_STRUCTURE = re.compile(r"[\[()=#\d@]")


def text_columns(table: Table, skipped: Collection[str] = ()) -> list[Alert]:
    """One alert for every text column that is another in (nearly) every row, or holds molecules or sentences."""
    names = [name for name in table.X.columns if table.X[name].dtype.kind != "f" and name not in skipped]
    return [alert for name in names if (alert := _alert(table.X[name], name, len(table.y))) is not None]


def _alert(column: pd.Series, name: str, n_rows: int) -> Alert | None:
    distinct = column.dropna().unique()
    own = len(distinct) >= max(20, _NEARLY_ALL * n_rows)
    some = [str(cell) for cell in distinct[:: max(1, len(distinct) // _LOOKED_AT)]]
    said = "It was dropped, because (nearly) every row has its own. " if own else ""
    if len(distinct) >= 3 and are_molecules(some, name):
        text = (
            f"Column {short(name)} holds molecules written as {'InChI' if _inchi(some) else 'SMILES'}, which no model "
            f"here reads. {said}Compute columns from it, such as fingerprints or descriptors (RDKit), and run again; "
            "its scaffolds make good --groups."
        )
        return Alert("KW013", "Molecules written as text", text, (name,), dropped=own)
    words = float(np.mean([len(cell.split()) for cell in some])) if some else 0.0
    if words >= 4 and (own or len(distinct) > 20):
        kept = "" if own else "As it is, only its commonest values are told apart. "
        text = (
            f"Column {short(name)} holds free text (about {words:.0f} words a row), which no model here reads. {said}"
            f"{kept}Turn it into numbers, such as an embedding or counts of words, and run again."
        )
        return Alert("KW014", "Free text", text, (name,), dropped=own)
    if own:
        text = (
            f"Column {short(name)} holds another text in (nearly) every row. It was dropped: it cannot help with new "
            "rows. If it describes the row, turn it into numbers."
        )
        return Alert("KW001", "Another text in every row", text, (name,), dropped=True)
    return None


def are_molecules(cells: list[str], name: str) -> bool:
    """Whether texts are written in SMILES or InChI.

    Examples
    --------
    >>> are_molecules(["CCO", "c1ccccc1O", "CC(=O)Nc1ccc(O)cc1"], "structure")
    True
    >>> are_molecules(["SON", "ICON", "B-12"], "code")
    False
    """
    if _inchi(cells):
        return True
    written = [cell.strip() for cell in cells]
    valid = [bool(_SMILES.fullmatch(cell)) and cell.count("(") == cell.count(")") for cell in written]
    if not written or np.mean(valid) < _NEARLY_ALL:
        return False
    with_carbon = np.mean([bool(re.search("[Cc]", cell)) for cell in written])
    structured = np.mean([bool(_STRUCTURE.search(cell)) and bool(re.search("[CcNnOo]", cell)) for cell in written])
    return "smiles" in name.lower() or bool(with_carbon >= _NEARLY_ALL and structured >= 0.5)


def _inchi(cells: list[str]) -> bool:
    return bool(cells) and all(cell.strip().startswith("InChI=") for cell in cells)
