"""Molecules, sentences and names among text columns; categories are left alone."""

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data.tables import table
from ketwise.evidence.data.texts import are_molecules, text_columns

N = 60
SMILES = [
    "CCO",
    "c1ccccc1",
    "CC(=O)O",
    "C[C@H](N)C(=O)O",
    "[Cl-].[Na+]",
    "O=C(C)Oc1ccccc1C(=O)O",
    "N#Cc1ccccc1",
    "CCBr",
]


def one(cells):
    found = text_columns(table(pd.DataFrame({"t": pd.Series(cells, dtype=object), "a": 0.0}), np.arange(len(cells))))
    return found[0] if found else None


def test_molecules():
    repeated = one([SMILES[i % 8] for i in range(N)])
    assert (repeated.code, repeated.dropped) == ("KW013", False)
    own = one([SMILES[i % 8] + "C" * i for i in range(N)])
    assert (own.code, own.dropped) == ("KW013", True)
    assert "fingerprints or descriptors" in own.text
    inchi = one([f"InChI=1S/C{i}H{2 * i + 2}" for i in range(1, N)])
    assert "written as InChI" in inchi.text


@pytest.mark.parametrize(
    "cells",
    [
        ["SON", "ICON", "NOB"],
        ["B-12", "K-9"],
        ["no", "yes", "No"],
        ["C1", "B2", "N3"],
        ["1.5", "2.5"],
        ["ok (1)", "no (2)"],
        [],
    ],
)
def test_what_is_no_molecule(cells):
    assert not are_molecules(cells, "code")


def test_sentences_and_names():
    text = one([f"the {i}th patient was seen on a day like any other" for i in range(N)])
    assert (text.code, text.dropped) == ("KW014", True)
    assert "an embedding or counts of words" in text.text
    text = one([f"the {i % 30}th patient was seen on a day like any other" for i in range(N)])
    assert (text.code, text.dropped) == ("KW014", False)
    name = one([f"patient {i}" for i in range(N)])
    assert (name.code, name.dropped) == ("KW001", True)


@pytest.mark.parametrize(
    "cells", [["red", "green", "blue"] * 20, ["a long name of a class", "another one of them"] * 30, [None] * N]
)
def test_categories(cells):
    assert one(cells) is None
