"""Which qubits a layer couples."""

import pytest

from ketwise.blocks.circuits.pairs import qubit_pairs


@pytest.mark.parametrize(
    ("pairs", "n_qubits", "expected"),
    [
        ("all", 3, ((0, 1), (0, 2), (1, 2))),
        ("linear", 3, ((0, 1), (1, 2))),
        ("ring", 3, ((0, 1), (1, 2), (2, 0))),
        ("ring", 2, ((0, 1),)),
        ("none", 3, ()),
        ("all", 1, ()),
        ("ring", 1, ()),
        ([(2, 0)], 3, ((2, 0),)),
    ],
)
def test_pairs(pairs, n_qubits, expected):
    assert qubit_pairs(pairs, n_qubits) == expected


@pytest.mark.parametrize("pairs", ["full", [(0, 0)], [(0, 3)], [(0, 1, 2)], [(0,)]])
def test_what_is_no_pair_is_refused(pairs):
    with pytest.raises(ValueError, match="pair"):
        qubit_pairs(pairs, 3)
