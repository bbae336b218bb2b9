"""What can be asked of a program: sizes, equality, and what is refused. Values stand in contract/test_backends.py."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.words.outputs import as_outputs


@pytest.mark.parametrize(
    ("outputs", "n_qubits", "count"),
    [
        (kw.Expectations(kw.Z(0)), 3, 1),
        (kw.Expectations([kw.Z(0), kw.X(1), kw.Z(0)]), 3, 3),
        (kw.Probabilities(), 3, 8),
        (kw.Probabilities([2, 0]), 3, 4),
        (kw.Probabilities([]), 3, 1),
        (kw.Overlap(np.ones(8)), 3, 1),
        (kw.Overlap(np.ones((5, 8))), 3, 5),
        (kw.State(), 3, 8),
    ],
)
def test_sizes(outputs, n_qubits, count):
    outputs.check(n_qubits)
    assert outputs.count(n_qubits) == count
    assert kw.Circuit(n_qubits).compile(outputs).n_outputs == count


def test_observables_alone_or_in_a_list_ask_for_expectations():
    for given in (kw.Z(0), [kw.Z(0)], (kw.Z(0),), kw.Expectations([kw.Z(0)])):
        assert as_outputs(given) == kw.Expectations(kw.Z(0))


def test_equal_questions_are_equal_and_others_are_not():
    different = [
        kw.Expectations([kw.Z(0), kw.X(0)]),
        kw.Expectations([kw.X(0), kw.Z(0)]),
        kw.Probabilities(),
        kw.Probabilities([0, 1]),
        kw.Probabilities([1, 0]),
        kw.Probabilities([]),
        kw.Overlap(np.ones(4)),
        kw.Overlap(np.ones((2, 2))),
        kw.Overlap(np.array([1, 1, 1, 1j])),
        kw.State(),
    ]
    for i, a in enumerate(different):
        for j, b in enumerate(different):
            assert (a == b) == (i == j)
    assert len({*different, kw.State(), kw.Probabilities([0, 1])}) == len(different)
    assert kw.State() != 3


def test_the_states_of_an_overlap_are_copied():
    states = np.array([1.0, 0.0], dtype=complex)
    overlap = kw.Overlap(states)
    states[:] = [0.0, 1.0]
    assert kw.Circuit(1).compile(overlap)() == [1.0]
    with pytest.raises(ValueError, match="read-only"):
        overlap.states[0, 0] = 2
