"""Spectra against binomials, against eigenvalues of the generators, and against the Fourier transform of circuits."""

import itertools
from math import comb

import numpy as np
import pytest

from ketwise.blocks.ansatz import strongly_entangling
from ketwise.blocks.encodings import Encoding, angle, exponential, iqp, reuploading, zz
from ketwise.blocks.spectrum import by_monomial, frequencies, log10_bound, sample_frequencies
from ketwise.words.angle import features, params
from ketwise.words.circuit import Circuit
from ketwise.words.gates import TABLE, pauli_matrix
from ketwise.words.observable import X, Y, Z


def as_dict(spectrum, digits=9):
    return dict(zip(map(tuple, np.round(spectrum.frequencies, digits) + 0.0), spectrum.weights, strict=True))


@pytest.mark.parametrize("n_uploads", [1, 2, 5, 20])
def test_uploads_of_one_feature_give_binomials(n_uploads):
    x, circuit = features(1)[0], Circuit(n_uploads)
    for upload in range(n_uploads):
        (circuit.rx, circuit.ry, circuit.rz)[upload % 3](x * (-1) ** upload, upload)
    found = frequencies(circuit)
    np.testing.assert_array_equal(found.frequencies[:, 0], np.arange(-n_uploads, n_uploads + 1))
    counts = [comb(2 * n_uploads, n_uploads + k) / 4**n_uploads for k in range(-n_uploads, n_uploads + 1)]
    np.testing.assert_array_equal(found.weights, counts)


@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_a_qubit_a_feature_gives_minus_one_zero_one_for_each(n_features):
    found = as_dict(frequencies(angle(n_features)))
    assert set(found) == set(itertools.product((-1.0, 0.0, 1.0), repeat=n_features))
    assert all(weight == np.prod([0.5 - 0.25 * abs(s) for s in vector]) for vector, weight in found.items())


def test_products_of_features_have_frequencies_of_their_own():
    found = frequencies(iqp(2))
    assert found.monomials == ((0,), (1,), (0, 1))
    assert len(found.frequencies) == 27
    rows = np.random.default_rng(0).normal(size=(4, 2))
    np.testing.assert_array_equal(found.products(rows), np.column_stack([rows, rows[:, 0] * rows[:, 1]]))


def test_sums_of_different_angles_that_agree_are_one_frequency():
    """2 (pi - x)(pi - y) turns by x, y and x y at once: enumerated by hand."""
    found = as_dict(frequencies(zz(2, repeats=1)))
    by_hand = {}
    for s in itertools.product((-1, 0, 1), repeat=3):
        vector = (2 * s[0] - 2 * np.pi * s[2], 2 * s[1] - 2 * np.pi * s[2], 2 * s[2])
        key = tuple(np.round(vector, 9) + 0.0)
        by_hand[key] = by_hand.get(key, 0) + np.prod([0.5 - 0.25 * abs(value) for value in s])
    assert found == pytest.approx(by_hand)
    x = features(1)[0]
    both = frequencies(Circuit(2).rx(x, 0).rx(2 * x, 1).ry(0.3 * x, 0).ry(0.1 * x, 1).ry(0.2 * x, 1))
    sums = {
        round(a + 2 * b + 0.3 * c + 0.1 * d + 0.2 * e, 9) for a, b, c, d, e in itertools.product((-1, 0, 1), repeat=5)
    }
    np.testing.assert_allclose(both.frequencies[:, 0], sorted(sums), atol=1e-12)


@pytest.mark.parametrize("word", ["", "Z", "XY"])
@pytest.mark.parametrize("n_controls", [0, 1, 2])
def test_differences_are_those_of_the_generators_eigenvalues(word, n_controls):
    x = features(1)[0]
    controls = list(range(len(word), len(word) + n_controls))
    circuit = Circuit(len(word) + n_controls or 1)
    if word == "":
        circuit.append(TABLE["gphase"], [], x, controls=controls)
    else:
        circuit.rotation(X(0) * Y(1) if word == "XY" else Z(0), x, controls=controls)
    active = np.diag([0.0] * (2**n_controls - 1) + [1.0])
    values = np.linalg.eigvalsh(np.kron(active, pauli_matrix(word) / 2))
    differences = np.round(values[:, np.newaxis] - values, 9).ravel() + 0.0
    expected = {(value,): (differences == value).mean() for value in np.unique(differences)}
    if word == "" and n_controls == 0:
        expected = {(): 1.0}  # a global phase: nothing depends on the data
    assert as_dict(frequencies(circuit)) == pytest.approx(expected)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_fourier_transform_of_trained_circuits_has_no_other_frequency(layers):
    """All of them occur with random parameters, and no other one does."""
    rng, n_points = np.random.default_rng(layers), 16
    x, circuit = features(1)[0], Circuit(2)
    for layer in range(layers + 1):
        circuit += strongly_entangling(2).shift(params=12 * layer)
        if layer < layers:
            circuit.rx(x, 0).ry(x, 1)
    points = 2 * np.pi * np.arange(n_points) / n_points
    values = circuit.compile(Z(0) + 0.3 * X(1))(rng.normal(size=circuit.n_params), points[:, np.newaxis])[:, 0]
    size = np.abs(np.fft.fft(values)) / n_points
    present = {int(k) for k in np.fft.fftfreq(n_points, 1 / n_points)[size > 1e-9]}
    assert present == set(frequencies(circuit).frequencies[:, 0])


def test_trained_scales_are_taken_where_training_starts_or_as_given():
    np.testing.assert_array_equal(frequencies(reuploading(1, layers=2)).frequencies[:, 0], np.arange(-2, 3))
    np.testing.assert_array_equal(frequencies(reuploading(1, layers=2, scale=3.0)).frequencies[:, 0], range(-6, 7, 3))
    x, w = features(1)[0], params(1)[0]
    np.testing.assert_array_equal(frequencies(Circuit(1).rx(w * x, 0)).frequencies, [[]])
    np.testing.assert_array_equal(frequencies(Circuit(1).rx(w * x, 0), params=[2]).frequencies, [[-2], [0], [2]])
    with pytest.raises(ValueError, match=r"params must have shape \(1,\)"):
        frequencies(Circuit(1).rx(w * x, 0), params=[1, 2])


def test_too_many_are_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"more than 100 frequencies, at most 10\*\*17.2: use sample_frequencies"):
        frequencies(iqp(8), limit=100)
    assert len(frequencies(angle(4), limit=81).frequencies) == 81
    with pytest.raises(ValueError, match="more than 80"):
        frequencies(angle(4), limit=80)


@pytest.mark.parametrize("encoding", [angle(3), iqp(3, repeats=2), zz(2)], ids=lambda e: e.name)
def test_the_weights_are_those_of_a_product_kernel(encoding):
    """The sum of weight * cos(frequency @ d) is the product of cos(d / 2)**2 over the uploads, exact or drawn."""
    A, B = np.random.default_rng(0).normal(size=(2, 5, encoding.n_features))
    turns = [op.angle for op in encoding.circuit.ops if op.angle is not None]
    expected = np.ones(5)
    for turn in turns:
        value = [
            sum(c * np.prod([row[i] for _, i in monomial]) for monomial, c in turn.terms.items()) for row in (*A, *B)
        ]
        expected *= np.cos((np.array(value[:5]) - np.array(value[5:])) / 2) ** 2
    exact, drawn = frequencies(encoding, limit=100_000), sample_frequencies(encoding, 40_000, seed=0)
    for spectrum, tolerance in ((exact, 1e-12), (exact.half(), 1e-12), (drawn, 0.02), (drawn.half(), 0.02)):
        phases = (spectrum.products(A) - spectrum.products(B)) @ spectrum.frequencies.T
        np.testing.assert_allclose(np.cos(phases) @ spectrum.weights, expected, atol=tolerance)
        assert spectrum.weights.sum() == pytest.approx(1)


def test_half_has_one_of_each_pair():
    whole = frequencies(iqp(2, repeats=2))
    half = whole.half()
    assert len(half.frequencies) == (len(whole.frequencies) + 1) // 2
    both = np.unique(np.vstack([half.frequencies, -half.frequencies]), axis=0)
    np.testing.assert_array_equal(both, whole.frequencies)


def test_draws_repeat_with_the_seed_and_come_from_the_spectrum():
    every = set(as_dict(frequencies(iqp(2))))
    drawn = sample_frequencies(iqp(2), 50, seed=3)
    assert set(as_dict(drawn)) <= every
    np.testing.assert_array_equal(drawn.frequencies, sample_frequencies(iqp(2), 50, seed=3).frequencies)
    assert as_dict(drawn) != as_dict(sample_frequencies(iqp(2), 50, seed=4))
    with pytest.raises(ValueError, match="n_samples must be a whole number"):
        sample_frequencies(iqp(2), 0)


def test_the_bound_counts_what_sums_could_give():
    assert 10 ** log10_bound(angle(6)) == pytest.approx(3**6)
    assert 10 ** log10_bound(iqp(3, repeats=4)) == pytest.approx(9**6)
    assert log10_bound(Encoding("constant", Circuit(1).rx(0.3, 0))) == 0


def test_the_frequencies_of_one_monomial_are_those_of_all_seen_from_it():
    tower = Circuit(2).ry(features(1)[0], 0).ry(2 * features(1)[0], 1)  # 1 + 2 is 3, and 2 - 1 is 1 again
    for circuit in (zz(2, repeats=1), reuploading(2, layers=2), Circuit(2).crx(features(1)[0], 0, 1), tower):
        whole, each = frequencies(circuit), by_monomial(circuit)
        assert tuple(each) == whole.monomials
        for column, monomial in enumerate(whole.monomials):
            np.testing.assert_allclose(each[monomial], np.unique(np.round(whole.frequencies[:, column], 9)), atol=1e-8)


def test_more_frequencies_of_one_monomial_than_the_limit_are_refused():
    with pytest.raises(ValueError, match="more than 26"):
        by_monomial(exponential(1, uploads=3), limit=26)
    assert len(by_monomial(exponential(1, uploads=3), limit=27)[0,]) == 27
