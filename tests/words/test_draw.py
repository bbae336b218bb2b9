"""Drawings, written out by hand."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.words.draw import LINE_WIDTH

w, x = kw.params(3), kw.features(2)


@pytest.mark.parametrize(
    ("circuit", "lines"),
    [
        (kw.Circuit(1), ["q0:"]),
        (kw.Circuit(2).h(0).cx(0, 1), ["q0: -H--@-", "        |", "q1: ----X-"]),
        (kw.Circuit(2).x(0, {1: 0}), ["q0: -X-", "     |", "q1: -o-"]),
        (kw.Circuit(3).x(2, [0]), ["q0: -@-", "     |", "q1: -|-", "     |", "q2: -X-"]),
        (kw.Circuit(2).swap(0, 1), ["q0: -x-", "     |", "q1: -x-"]),
        (kw.Circuit(2).rx(w[0], 0).h(1), ["q0: -RX(w[0])-", "q1: -H--------"]),
        (kw.Circuit(2).rzz(x[0] * x[1], 0, 1), ["q0: -RZ(x[1]*x[0])-", "     |", "q1: -RZ------------"]),
        (kw.Circuit(2).rotation(kw.X(0) * kw.Y(1), 0.5), ["q0: -RX(0.5)-", "     |", "q1: -RY------"]),
        (kw.Circuit(1).p(w[0], 0), ["q0: -P(w[0])-"]),
        (kw.Circuit(1).gphase(w[0]), ["q0: -GPHASE(w[0])-"]),
        (kw.Circuit(1).gphase(w[0], {0: 0}), ["q0: -P0(w[0])-"]),
        (kw.Circuit(2).cp(0.25, 0, 1), ["q0: -@-------", "     |", "q1: -P(0.25)-"]),
        (kw.Circuit(2).unitary(np.eye(4), 1, 0), ["q0: -UNITARY:1-", "     |", "q1: -UNITARY:0-"]),
    ],
)
def test_drawings(circuit, lines):
    assert str(circuit).splitlines() == lines


def test_operations_on_free_qubits_share_a_column():
    text = str(kw.Circuit(3).h(0).h(2).x(0, [2]).h(1).h(1))
    assert text.splitlines() == [
        "q0: -H--X-------",
        "        |",
        "q1: ----|--H--H-",
        "        |",
        "q2: -H--@-------",
    ]


def test_two_links_never_cross():
    """A gate between two joined qubits stands in a column of its own."""
    first, _, second, _, third = str(kw.Circuit(3).x(0, [2]).h(1)).splitlines()
    assert (first, second, third) == ("q0: -X----", "q1: -|--H-", "q2: -@----")


def test_qubits_beyond_nine_stay_aligned():
    text = str(kw.Circuit(11).h(0).h(10)).splitlines()
    assert text[0] == "q0:  -H-"
    assert text[10] == "q10: -H-"


def test_long_drawings_are_cut_into_blocks_that_lose_nothing():
    circuit = kw.Circuit(2)
    for k in range(40):
        circuit.ry(float(k), k % 2).cx(0, 1)
    text = str(circuit)
    assert max(map(len, text.splitlines())) <= LINE_WIDTH
    assert text.count("\n\n") >= 2
    assert text.count("RY(") == 40
    assert text.count("@") == 40
    assert all(f"RY({k})" in text for k in range(40))
