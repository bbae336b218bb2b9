"""Advice: the order it gives follows from numbers that are worked out again here, and limits are kept."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.advice.advise import Advice, advise
from ketwise.blocks.diagnostics import kernel_spread, target_alignment
from ketwise.blocks.encodings import ENCODINGS

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(60, 4)) * [1.0, 5.0, 0.2, 1.0] + [0.0, 3.0, 0.0, 0.0]
LABELS = np.where(ROWS[:, 0] * ROWS[:, 3] > 0, "same", "other")


def scaled(rows, low, high):
    least, most = rows.min(axis=0), rows.max(axis=0)
    return low + (high - low) * (rows - least) / (most - least)


@pytest.fixture(scope="module")
def advice():
    return advise(ROWS, LABELS, bandwidths=(1.0, 0.3), max_shots=200)


def test_every_encoding_is_ranked_or_left_out_with_a_reason(advice):
    assert {entry["name"] for entry in advice.ranking} | set(advice.left_out) == set(ENCODINGS)
    assert set(advice.left_out) == {"basis"}
    scores = [entry["score"] for entry in advice.ranking]
    assert np.diff(scores).max() <= 1e-12
    assert all(entry["says"] for entry in advice.ranking)


def test_scores_are_alignments_that_shot_noise_leaves(advice):
    for entry in advice.ranking:
        encoding = ENCODINGS[entry["name"]](4)
        low, high = encoding.domain or (-np.pi / 2, np.pi / 2)
        centre = np.pi if entry["name"] in ("zz", "pauli") else 0.0
        rows = centre + entry["bandwidth"] * scaled(ROWS, low, high)
        params = encoding.start_params() if encoding.n_params else None
        kernel = kw.kernels.fidelity(encoding, rows, params=params)
        aligned, spread = target_alignment(kernel, LABELS, classes=True), kernel_spread(kernel, 200)
        share = spread.sd**2 / (spread.sd**2 + spread.shot_noise**2) if spread.sd else 0.0
        assert entry["alignment"] == pytest.approx(aligned, abs=1e-10)
        assert entry["score"] == pytest.approx(aligned * np.sqrt(share), abs=1e-10)


@pytest.mark.parametrize("shots", [2, 5])
def test_a_score_is_what_drawn_shots_leave_of_an_alignment(shots):
    """The formula takes noise to be independent of the kernel: it is near, and the alignment without noise is not."""
    found = advise(ROWS, ROWS[:, 0] > 0, encodings=["angle"], bandwidths=(1.0,), max_shots=shots).ranking[0]
    kernel = kw.kernels.fidelity(ENCODINGS["angle"](4), scaled(ROWS, -np.pi / 2, np.pi / 2))
    rng, drawn = np.random.default_rng(1), []
    for _ in range(60):
        above = np.triu(rng.binomial(shots, np.clip(kernel, 0.0, 1.0)) / shots, 1)
        drawn.append(target_alignment(above + above.T + np.eye(len(ROWS)), ROWS[:, 0] > 0, classes=True))
    assert found["score"] == pytest.approx(np.mean(drawn), rel=0.15)
    assert found["alignment"] > 1.3 * np.mean(drawn)


def test_the_same_seed_gives_the_same_advice():
    rows, labels = np.tile(ROWS, (5, 1)), np.tile(LABELS, 5)
    names = ["angle", "iqp", "amplitude"]
    texts = {advise(rows, labels, encodings=names, max_rows=40, seed=seed).to_json() for seed in (4, 4, 5)}
    assert len(texts) == 2
    found = advise(rows, labels, encodings=names, max_rows=40, seed=4)
    assert (found.n_rows, found.settings["n_samples"]) == (40, 300)
    assert "measured on 40 of 300 rows" in repr(found)
    assert Advice.from_json(found.to_json()).to_json() == found.to_json()


def test_limits_are_kept_and_said():
    found = advise(ROWS, LABELS, max_qubits=3, max_depth=12, max_cx=8, bandwidths=(1.0,))
    assert len(found.ranking) > 3
    for entry in found.ranking:
        encoding = found.encoding([each["name"] for each in found.ranking].index(entry["name"]))
        assert (encoding.n_qubits, encoding.circuit.depth()) == (entry["n_qubits"], entry["depth"])
        assert entry["n_qubits"] <= 3
        assert entry["depth"] <= 12
        assert entry["cx"] <= 8
    assert found.left_out["angle"] == "it needs 4 qubits, the limit is 3"
    assert "layers of depth, the limit is 12" in found.left_out["reuploading"]
    assert advise(ROWS, LABELS, max_cx=11, encodings=["angle", "iqp"]).left_out == {
        "iqp": "it needs 12 CX, the limit is 11"
    }
    assert "left out" in repr(found)
    with pytest.raises(ValueError, match="no encoding fits the limits"):
        advise(ROWS, LABELS, max_qubits=1, encodings=["angle", "zz"])


def test_more_features_than_qubits_go_round_them():
    rows = RNG.normal(size=(20, 9))
    found = advise(rows, rows[:, 0] > 0, max_qubits=4, bandwidths=(0.3,))
    names = {entry["name"]: entry["n_qubits"] for entry in found.ranking}
    assert names["amplitude"] == names["reuploading"] == names["hubregtsen"] == 4
    assert "angle" in found.left_out


def test_concentration_is_told_by_how_many_shots_it_would_take():
    """Twenty qubits at full width: entries are about 2**-20, and few shots do not see them."""
    rows = RNG.uniform(size=(30, 20))
    few, many = (
        advise(rows, rows[:, 0] > 0.5, max_qubits=20, encodings=["angle"], bandwidths=(1.0,), max_shots=shots)
        for shots in (1, 10**6)
    )
    assert few.ranking[0]["kernel_sd"] < few.ranking[0]["shot_noise"]
    assert "less than the noise" in " ".join(few.ranking[0]["says"])
    assert "times the noise" in " ".join(many.ranking[0]["says"])
    assert few.ranking[0]["score"] < many.ranking[0]["score"] <= many.ranking[0]["alignment"]


def test_bits_are_for_the_basis_encoding():
    bits = RNG.integers(0, 2, size=(40, 3))
    found = advise(bits, bits[:, 0], encodings=["basis", "angle"])
    assert {entry["name"] for entry in found.ranking} == {"basis", "angle"}
    assert found.left_out == {}


def test_a_feature_that_is_the_label_is_seen_by_all_product_kernels():
    labels = np.where(ROWS[:, 0] > 0, 1.0, -1.0)
    rows = np.column_stack([labels, 1e-9 * ROWS[:, 1]])
    rows[:, 1] = 7.0  # a column of one value says nothing
    found = advise(rows, labels, encodings=["angle"], classes=True)
    assert found.ranking[0]["alignment"] == pytest.approx(1, abs=1e-12)
    assert found.rbf_alignment == pytest.approx(1, abs=1e-9)
    assert any("RBF" in sentence for sentence in found.ranking[0]["says"])


def test_numbers_are_targets_too():
    found = advise(ROWS, ROWS[:, 0] * 1.1, encodings=["angle", "iqp"])
    assert found.settings["classes"] is False
    assert 0 < found.ranking[0]["alignment"] < 1
    assert any("kernel" in sentence for sentence in found.ranking[0]["says"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: advise(ROWS, LABELS[:3]), "y must have shape"),
        (lambda: advise(ROWS, LABELS, encodings=["fourier"]), "encoding must be one of"),
        (lambda: advise(ROWS, LABELS, bandwidths=(0.0,)), "bandwidth"),
        (lambda: advise(ROWS, LABELS, max_shots=0), "max_shots"),
        (lambda: advise(ROWS, LABELS, max_qubits=0), "max_qubits"),
        (lambda: advise(ROWS[:, 0], LABELS), r"X must have shape \(n_samples, n_features\), got \(60,\)"),
        (lambda: advise(3.0, LABELS), r"X must have shape \(n_samples, n_features\), got \(\)"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
