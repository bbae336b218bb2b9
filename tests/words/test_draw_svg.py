"""The SVG of circuits: read back as XML, and what is where; no number here comes from the drawing itself."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest

import ketwise as kw
from ketwise.words import gates
from ketwise.words.draw_svg import WIDTH, draw_svg
from tests.hostile_names import HTML
from tests.random_circuits import random_circuit

SVG = "{http://www.w3.org/2000/svg}"
w, x = kw.params(3), kw.features(2)


def read(circuit, **settings):
    return ElementTree.fromstring(draw_svg(circuit.n_qubits, circuit.ops, **settings))


def drawn(root):
    """Return every operation drawn: its title, and the shapes and texts it is made of."""
    return [(g.find(f"{SVG}title").text, list(g)[1:]) for g in root.iter(f"{SVG}g")]


def wires(root):
    """Return the height of each qubit's wire in the first block."""
    heights = {}
    for text in root.findall(f"{SVG}text"):
        if re.fullmatch(r"q\d+", text.text or ""):
            heights.setdefault(int(text.text[1:]), float(text.get("y")) - 4)
    return heights


def at(shapes, kind):
    return [float(shape.get("cy")) for shape in shapes if shape.get("class") == kind]


def texts(shapes):
    return [shape.text for shape in shapes if shape.tag == f"{SVG}text"]


def test_every_operation_is_drawn_and_said():
    circuit = kw.Circuit(2).h(0).rx(w[0], 0).x(1, {0: 0}).rzz(x[0] * x[1], 0, 1).cp(0.5, 0, 1)
    assert [title for title, _ in drawn(read(circuit))] == [
        "h on 0",
        "rx(w[0]) on 0",
        "x on 1 where 0 is 0",
        "rzz(x[1]*x[0]) on 0, 1",
        "gphase(0.5) where 0 is 1 and 1 is 1",
    ]


def test_controls_stand_on_their_wires_full_for_one_and_open_for_zero():
    root = read(kw.Circuit(4).z(2, {0: 1, 3: 0}))
    height = wires(root)
    ((_, shapes),) = drawn(root)
    assert at(shapes, "on") == [height[0]]
    assert at(shapes, "off") == [height[3]]
    assert texts(shapes) == ["Z"]
    (link,) = [shape for shape in shapes if shape.get("class") == "link"]
    assert (float(link.get("y1")), float(link.get("y2"))) == (height[0], height[3])


def test_a_not_with_a_control_is_a_circle_and_a_cross():
    ((_, shapes),) = drawn(read(kw.Circuit(2).cx(0, 1)))
    assert texts(shapes) == []
    assert [s.tag.removeprefix(SVG) for s in shapes] == ["line", "circle", "circle", "line", "line"]
    assert texts(drawn(read(kw.Circuit(1).x(0)))[0][1]) == ["X"]


def test_a_rotation_about_a_word_is_a_box_a_letter_joined_by_a_thick_line():
    root = read(kw.Circuit(5).rotation(kw.X(0) * kw.Y(2) * kw.Z(4), w[0] + 2 * x[1]))
    height = wires(root)
    ((_, shapes),) = drawn(root)
    assert texts(shapes) == ["RX", "2*x[1] + w[0]", "RY", "RZ"]
    (join,) = [shape for shape in shapes if shape.get("class") == "join"]
    assert (float(join.get("y1")), float(join.get("y2"))) == (height[0], height[4])


@pytest.mark.parametrize(
    ("circuit", "expected"),
    [
        (kw.Circuit(1).gphase(w[0]), ["GPHASE", "w[0]"]),
        (kw.Circuit(1).p(w[0], 0), ["P", "w[0]"]),
        (kw.Circuit(1).gphase(w[0], {0: 0}), ["P0", "w[0]"]),
        (kw.Circuit(2).swap(0, 1), []),
        (kw.Circuit(2).unitary(np.eye(4), 1, 0), ["UNITARY:0", "UNITARY:1"]),
        (kw.Circuit(2).crx(w[0], 1, 0), ["RX", "w[0]"]),
    ],
)
def test_names(circuit, expected):
    ((_, shapes),) = drawn(read(circuit))
    assert texts(shapes) == expected


def test_colours_say_what_turns_a_gate():
    circuit = kw.Circuit(1).rx(x[0], 0).rx(w[0], 0).rx(w[0] * x[0], 0).rx(0.5, 0).h(0)
    boxes = [shapes[0].get("class") for _, shapes in drawn(read(circuit))]
    assert boxes == ["box data", "box trained", "box turn", "box turn", "box"]


@pytest.mark.parametrize("name", [*HTML, "\x00\x1b[31m\u202e\ufffe\ud800", "]]>"])
def test_names_of_a_users_own_are_text(name):
    circuit = kw.Circuit(1).append(gates.unitary(np.eye(2), name), (0,))
    root = read(circuit)
    allowed = {SVG + tag for tag in ("svg", "style", "rect", "text", "line", "g", "title", "circle")}
    assert {element.tag for element in root.iter()} <= allowed
    assert not any(key.lower().startswith("on") or "href" in key for e in root.iter() for key in e.attrib)


@pytest.mark.parametrize("seed", range(5))
def test_long_circuits_are_wrapped_and_no_box_lies_on_another(seed):
    circuit = random_circuit(np.random.default_rng(seed), 4, 120)
    root = read(circuit)
    assert sorted(title for title, _ in drawn(root)) == sorted(
        title for title, _ in drawn(read(circuit, width=1 << 30))
    )
    assert len(drawn(root)) == len(circuit)
    assert float(root.get("viewBox").split()[2]) <= WIDTH
    assert len(root.findall(f"{SVG}text")) > circuit.n_qubits
    label = 6 + 0.6 * 13 * len("q3")
    taken = {}
    for rect in root.findall(f"{SVG}g/{SVG}rect"):
        taken.setdefault(rect.get("y"), []).append((float(rect.get("x")), float(rect.get("width"))))
    for boxes in taken.values():
        boxes.sort()
        assert boxes[0][0] > label
        assert all(left + wide < following for (left, wide), (following, _) in pairwise(boxes))


def test_text_fits_its_box():
    """Monospaced letters are 0.6 of their size wide."""
    circuit = kw.Circuit(2).rx(x[0] * x[1] * w[0] + w[1], 0).rzz(w[0], 0, 1)
    circuit.append(gates.unitary(np.eye(2), "a_rather_long_name"), (0,)).rx((x[0] - 3.14) * (x[1] - 3.14), 1)
    for _, shapes in drawn(read(circuit)):
        wide = 0.0
        for shape in shapes:
            if shape.tag == f"{SVG}rect":
                wide = float(shape.get("width"))
            if shape.tag == f"{SVG}text":
                assert 0.6 * (10 if shape.get("class") == "angle" else 13) * len(shape.text) <= wide


def test_what_is_left_out_is_counted():
    circuit = kw.ansatz.strongly_entangling(3, layers=20)
    root = read(circuit, most_ops=30)
    assert len(drawn(root)) == 30
    assert root.findall(f"{SVG}text")[-1].text == f"the first 30 of {len(circuit)} operations"


def test_a_circuit_without_operations():
    assert drawn(read(kw.Circuit(3))) == []
    assert sorted(wires(read(kw.Circuit(3)))) == [0, 1, 2]


def luminance(colour):
    """Return the relative luminance of WCAG 2.1."""
    full = colour if len(colour) == 6 else "".join(2 * sign for sign in colour)
    channels = [int(full[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_by_light_and_in_the_dark(dark):
    """WCAG 2.1 asks for a contrast of 4.5 between text and what it stands on."""
    style = read(kw.Circuit(1)).find(f"{SVG}style").text
    light, night = style.split("@media (prefers-color-scheme:dark)")
    fills = dict(re.findall(r"\.ketwise-circuit \.?(\w+){fill:#(\w+)", night if dark else light))
    assert {"back", "box", "turn", "data", "trained", "text"} <= set(fills)
    for ground in ("back", "box", "turn", "data", "trained"):
        low, high = sorted((luminance(fills[ground]), luminance(fills["text"])))
        assert (high + 0.05) / (low + 0.05) > 4.5, ground


def test_notebooks_get_the_picture():
    circuit = kw.Circuit(2).h(0).cx(0, 1)
    assert circuit._repr_svg_() == draw_svg(2, circuit.ops)
