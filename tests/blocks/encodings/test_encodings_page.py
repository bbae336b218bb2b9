"""The table of docs/encodings.md says what the encodings of the registry are."""

from pathlib import Path

from ketwise.blocks.circuits.circuit_cost import cx_count
from ketwise.blocks.encodings import ENCODINGS

PAGE = Path(__file__).parents[3] / "docs" / "encodings.md"


def test_the_table_of_encodings_is_true():
    found = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].startswith("`"):
            found[cells[0].strip("`")] = tuple(int(cell) for cell in cells[2:5])
    expected = {}
    for name, build in ENCODINGS.items():
        encoding = build(4)
        expected[name] = (encoding.n_qubits, cx_count(encoding.circuit), encoding.n_params)
    assert found == expected
