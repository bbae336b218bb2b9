"""Pictures of pixels, decision maps and the circuit diagram."""

import base64
import re
import zlib
from collections import Counter

import numpy as np
import pytest

import ketwise as kw
from ketwise.evidence.report.circuit import MOST_BLOCKS, circuit_facts, diagrams, read_drawing
from ketwise.evidence.report.explained import geometry_picture, kernel_picture
from ketwise.evidence.report.maps import map_facts, map_picture
from ketwise.evidence.report.png import image, tinted
from tests.evidence.report.example_verdict import example
from tests.evidence.report.markup import Page


def decoded(data):
    """Red, green, blue and alpha of every pixel, read as the PNG specification says."""
    assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    chunks, place = {}, 8
    while place < len(data):
        size = int.from_bytes(data[place : place + 4], "big")
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + size]
        assert int.from_bytes(data[place + 8 + size : place + 12 + size], "big") == zlib.crc32(kind + body)
        chunks[kind] = body
        place += 12 + size
    assert list(chunks) == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    width, height = (int.from_bytes(chunks[b"IHDR"][k : k + 4], "big") for k in (0, 4))
    assert tuple(chunks[b"IHDR"][8:]) == (8, 3, 0, 0, 0)
    palette = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    colours = np.column_stack([palette, np.frombuffer(chunks[b"tRNS"], np.uint8)])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert (lines[:, 0] == 0).all()
    return colours[lines[:, 1:]]


def test_a_picture_of_numbers_has_the_strengths_it_was_given():
    strength = np.array([[0.0, 0.5, 1.0], [0.25, 2.0, -1.0]])
    pixels = decoded(tinted(np.array([[10, 20, 30]]), strength))
    assert (pixels[..., :3] == [10, 20, 30]).all()
    np.testing.assert_allclose(pixels[..., 3] / 255, np.clip(strength, 0, 1), atol=1 / 255)
    colours = np.array([[10, 20, 30], [200, 100, 0]])
    pixels = decoded(tinted(colours, strength, np.array([[0, 1, 0], [1, 1, 0]])))
    assert pixels[0, 1, :3].tolist() == [200, 100, 0]
    np.testing.assert_allclose(pixels[..., 3] / 255, np.clip(strength, 0, 1), atol=0.5 / 15)


def test_pillow_reads_the_same(tmp_path):
    pil = pytest.importorskip("PIL.Image")
    data = tinted(np.array([[10, 20, 30]]), np.linspace(0, 1, 12).reshape(3, 4))
    (tmp_path / "a.png").write_bytes(data)
    with pil.open(tmp_path / "a.png") as opened:
        np.testing.assert_array_equal(np.asarray(opened.convert("RGBA")), decoded(data))
    assert base64.b64encode(data).decode() in image(data, 0, 0, 4, 3)


CIRCUITS = {
    "iqp": lambda: kw.encodings.iqp(4).circuit,
    "angle and layers": lambda: kw.encodings.iqp(3).circuit + kw.ansatz.strongly_entangling(3, layers=2),
    "controls": lambda: kw.Circuit(3).h(0).cx(0, 1).swap(1, 2).crx(0.5, 2, 0).rzz(kw.features(2)[0] - 1.0, 0, 2),
    "long": lambda: kw.ansatz.strongly_entangling(8, layers=30),
}  # fmt: skip


@pytest.mark.parametrize("name", CIRCUITS)
def test_a_drawing_is_read_back_to_its_gates(name):
    circuit = CIRCUITS[name]()
    n_qubits, columns = read_drawing(str(circuit))
    assert n_qubits == circuit.n_qubits
    drawn = Counter(qubit for column in columns for qubit in column.labels)
    meant = Counter(qubit for op in circuit.ops for qubit in op.support)
    assert drawn == meant
    spans = sum(max(op.support) - min(op.support) for op in circuit.ops)
    assert sum(len(column.links) for column in columns) == spans


def test_a_long_circuit_is_cut_and_says_by_how_much():
    circuit = CIRCUITS["long"]()
    pictures, left_out = diagrams(str(circuit), "a model")
    assert len(pictures) == MOST_BLOCKS
    _, columns = read_drawing(str(circuit))
    said = [int(re.search(r"(\d+) columns with", picture).group(1)) for picture in pictures]
    assert sum(said) + left_out == len(columns)
    for picture in pictures:
        Page(picture)


@pytest.mark.parametrize("drawing", ["", "no circuit", "q0: -H-\n\nq0: -H-\nq1: -X-", "q1: -H-", "q0: -H-\n<b>|</b>"])
def test_what_is_no_drawing_is_shown_as_text(drawing):
    assert read_drawing(drawing) is None or not drawing
    verdict = example("two")
    rich = {name: getattr(verdict, name) for name in verdict.__dataclass_fields__}
    changed = type(verdict)(**(rich | {"circuit": verdict.circuit | {"drawing": drawing}}))
    facts = circuit_facts(changed)
    assert facts["pictures"] == []
    Page(changed.to_html()).assert_sound()


def test_a_map_shows_predictions_the_right_way_up():
    found = {
        "columns": ["a", "b"], "x": np.array([0.0, 1.0, 2.0]), "y": np.array([0.0, 1.0]),
        "quantum": np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), "classical": np.zeros((2, 3)),
        "points": np.array([[0.5, 0.5], [9.0, 9.0]]), "truth": np.array([0, 1]),
    }  # fmt: skip
    drawn = str(map_picture(found, "quantum", ["no", "yes"]))
    data = base64.b64decode(re.search(r"base64,([^\"]+)", drawn).group(1))
    alpha = decoded(data)[..., 3]
    assert alpha[0, 2] > 100
    assert alpha[1].tolist() == [0, 0, 0]
    assert "1 rows as points" in drawn
    border = re.search(r'd="([^"]+)" class="border"', drawn).group(1)
    assert border.count("M") == 2


@pytest.mark.parametrize("kind", ["classes", "numbers", "many"])
def test_maps_of_every_task(kind):
    verdict = example("map")
    rich = {name: getattr(verdict, name) for name in verdict.__dataclass_fields__}
    rng = np.random.default_rng(0)
    found = dict(rich["decision_map"])
    classes = {"classes": ["no", "yes"], "numbers": [], "many": [str(k) for k in range(14)]}[kind]
    n_points = len(found["truth"])
    if kind == "many":
        found |= {key: rng.integers(0, 14, (70, 70)) for key in ("quantum", "classical")}
    else:
        found |= {key: rng.random((70, 70)) for key in ("quantum", "classical")}
    found["truth"] = rng.random(n_points) if kind == "numbers" else rng.integers(0, len(classes), n_points)
    changed = type(verdict)(**(rich | {"decision_map": found, "task": rich["task"] | {"classes": classes}}))
    facts = map_facts(changed)
    assert len(facts["key"]) == len(classes)
    assert len({(one["path"], one["style"]) for one in facts["key"]}) == min(len(classes), 12)
    assert len(str(facts["pictures"]["quantum"])) < 120_000


def test_a_kernel_that_sees_nothing_and_a_path_without_end_can_be_drawn():
    kernel = dict(example("two").diagnosis["kernel"]) | {"matrix": np.ones((3, 3)), "truth": np.zeros(3)}
    assert "nan" not in str(kernel_picture(kernel, ["a", "b"]))
    path = {
        "rows": 4,
        "regularisation": np.array([1e-3]),
        "difference": np.array([np.inf]),
        "s_classical": np.array([0.0]),
    }
    assert "nan" not in str(geometry_picture(path | {"s_quantum": np.array([2.0])}))
