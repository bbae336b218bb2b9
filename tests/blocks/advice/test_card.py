"""Cards against numbers worked out by hand."""

import numpy as np
import pytest
from sklearn.metrics.pairwise import rbf_kernel

import ketwise as kw
from ketwise.blocks.advice.card import are_classes, card, drawn_rows, loading
from ketwise.blocks.diagnostics import alignment
from ketwise.blocks.encodings import amplitude, angle, chebyshev, exponential, iqp, reuploading
from ketwise.blocks.kernels.gaussian_family import GaussianFamily

RNG = np.random.default_rng(0)


def test_the_kernel_beside_its_shot_noise():
    rows = np.array([[0.0], [1.0], [np.pi]])
    entries = np.cos(np.array([1.0, np.pi, np.pi - 1.0]) / 2) ** 2
    found = card("angle", rows, shots=400)
    assert found.kernel_mean == pytest.approx(entries.mean(), abs=1e-14)
    assert found.kernel_sd == pytest.approx(entries.std(), abs=1e-14)
    assert found.shot_noise == pytest.approx(np.sqrt((entries * (1 - entries) / 400).mean()), abs=1e-14)
    assert (found.n_rows, found.shots, found.alignment) == (3, 400, None)


def test_alignment_with_labels_is_centred():
    rows, labels = RNG.normal(size=(30, 2)), RNG.integers(0, 3, size=30)
    kernel = kw.kernels.fidelity(iqp(2), rows)
    same = (labels[:, None] == labels).astype(float)
    centre = np.eye(30) - 1 / 30
    left, right = centre @ kernel @ centre, centre @ same @ centre
    expected = np.trace(left @ right) / np.linalg.norm(left) / np.linalg.norm(right)
    assert card("iqp", rows, labels).alignment == pytest.approx(expected, abs=1e-12)
    assert card("iqp", rows, labels.astype(str)).alignment == pytest.approx(expected, abs=1e-12)
    numbers = card("iqp", rows, labels, classes=False).alignment
    right = centre @ np.outer(labels, labels) @ centre
    assert numbers == pytest.approx(np.trace(left @ right) / np.linalg.norm(left) / np.linalg.norm(right), abs=1e-12)


def test_frequencies_are_exact_and_by_feature():
    rows = RNG.uniform(-0.9, 0.9, size=(5, 2))
    assert card("angle", rows).frequencies["x[1]"].tolist() == [-1.0, 0.0, 1.0]
    ternary = card(exponential(2, uploads=3), rows)
    assert ternary.frequencies["x[0]"].tolist() == list(range(-13, 14))
    assert ternary.n_frequencies == 27**2
    layered = card(reuploading(2, layers=3), rows)
    assert layered.frequencies["x[0]"].tolist() == list(range(-3, 4))
    assert (layered.n_frequencies, layered.trainable) == (49, True)
    products = card("iqp", rows)
    assert list(products.frequencies) == ["x[0]", "x[1]", "x[0]*x[1]"]
    many = card(iqp(6), RNG.normal(size=(4, 6)))
    assert many.n_frequencies is None
    assert many.log10_frequencies == pytest.approx(21 * np.log10(3))
    assert "at most 10^10.0" in repr(many)
    assert "in the angles of the pre-map 'arccos'" in repr(card(chebyshev(2), rows))


def test_a_narrow_angle_kernel_is_nearly_gaussian():
    """``cos(t / 2)**2`` is ``exp(-t**2 / 4)`` up to fourth order."""
    rows = RNG.uniform(-0.1, 0.1, size=(40, 2))
    found = card("angle", rows)
    assert found.rbf_alignment > 0.9999
    squares = ((rows[:, None] - rows) ** 2).sum(axis=2)
    typical = np.median(squares[np.triu_indices(40, 1)])
    assert 1e-3 / typical < found.rbf_gamma * 1.0001


def test_the_family_of_gaussian_kernels_and_its_alignments():
    rows = RNG.normal(size=(20, 3))
    family = GaussianFamily.of(rows)
    for gamma, kernel in zip(family.gammas, family.kernels, strict=True):
        np.testing.assert_allclose(kernel, rbf_kernel(rows, gamma=gamma), atol=1e-12)
    other = kw.kernels.fidelity(angle(3), rows)
    expected = [alignment(kernel, other) for kernel in family.kernels]
    np.testing.assert_allclose(family.alignments(other), expected, atol=1e-12)
    assert family.closest(family.kernels[7])[1] == 7
    assert family.closest(np.ones((20, 20)))[0] == 0.0
    assert GaussianFamily.of(np.zeros((3, 2))).closest(np.eye(3))[0] == 0.0  # rows that are all alike


def test_loading_names_the_qram_where_data_are_amplitudes():
    assert any("QRAM, a memory" in sentence for sentence in loading(amplitude(8)))
    assert any("QRAM, a memory" in sentence for sentence in loading(kw.encodings.basis_superposition(4)))
    assert all("no QRAM is assumed" in sentence for sentence in loading(iqp(4)))
    assert "7 gates take the data, 6 CX in all" in loading(amplitude(8))[0]


def test_many_rows_are_drawn_by_the_seed_and_it_is_said():
    rows = RNG.normal(size=(700, 2))
    found = card("angle", rows, max_rows=50, seed=3)
    chosen = drawn_rows(700, 50, 3)
    assert found.to_json() == card("angle", rows, max_rows=50, seed=3).to_json()
    assert found.kernel_mean == pytest.approx(card("angle", rows[chosen]).kernel_mean, abs=1e-14)
    assert (found.n_rows, found.settings["n_samples"], found.seeds) == (50, 700, {"rows": 3})
    assert "measured on 50 rows" in repr(found)
    assert len(set(chosen)) == 50


@pytest.mark.parametrize(
    ("labels", "classes"),
    [([0, 1, 1], True), ([True, False], True), (["a", "b"], True), ([0.5, 1.0], False), (list(range(25)), False)],
)
def test_which_labels_are_classes(labels, classes):
    assert are_classes(np.array(labels), None) == classes
    assert are_classes(np.array(labels), not classes) != classes


def test_circuits_and_trained_values_are_taken():
    x, w = kw.features(1), kw.params(1)
    circuit = kw.Circuit(1).ry(w[0] * x[0], 0)
    rows = np.array([[0.0], [1.0]])
    assert card(circuit, rows).kernel_mean == 1.0  # trained values are 0
    assert card(circuit, rows, params=[2.0]).kernel_mean == pytest.approx(np.cos(1.0) ** 2)
    assert card(circuit, rows, params=[2.0]).frequencies["x[0]"].tolist() == [-2.0, 0.0, 2.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: card("angle", [0.1, 0.2]), "X must have shape"),
        (lambda: card("angle", [[0.1]]), "at least 2 rows"),
        (lambda: card(angle(2), [[0.1], [0.2]]), "X must have shape"),
        (lambda: card("angle", [[0.1], [0.2]], [1]), "y must have shape"),
        (lambda: card("fourier", [[0.1], [0.2]]), "encoding must be one of"),
        (lambda: card("angle", [[0.1], [0.2]], shots=0), "shots"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
