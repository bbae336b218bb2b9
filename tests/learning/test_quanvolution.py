"""Quanvolution against its circuits, window by window, and the presets for images."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

import ketwise as kw
from ketwise.learning import presets, quanvolution
from ketwise.learning.quanvolution import Quanvolution

X, Y = load_digits(return_X_y=True)
FIRST, SECOND = X[(Y == 3) | (Y == 5)], Y[(Y == 3) | (Y == 5)]


def test_values_are_the_ones_of_the_most_probable_string():
    model = Quanvolution(n_channels=2, random_state=0).fit(X)
    found = model.transform(X[:2]).reshape(2, 2, 7, 7)
    images = (X[:2] > 8.0).reshape(2, 8, 8)
    for image, channel, i, j in np.ndindex(found.shape):
        bits = images[image, i : i + 2, j : j + 2].ravel().astype(float)
        likely = model.circuits_[channel].compile(kw.Probabilities())(None, bits)
        ones = np.bitwise_count(np.flatnonzero(likely > likely.max() - 1e-9))
        assert found[image, channel, i, j] in ones


def test_with_turns_about_z_alone_it_counts_bright_pixels(monkeypatch):
    """Such a circuit measures the bits that went in."""
    circuit = kw.Circuit(4)
    for q, x in enumerate(kw.features(4)):
        circuit.ry(np.pi * x, q).rz(0.3 + q, q)
    monkeypatch.setattr(quanvolution, "random_filter", lambda *_: circuit)
    model = Quanvolution().fit(X)
    bright = (X > 8.0).reshape(-1, 8, 8).astype(int)
    sums = bright[:, :-1, :-1] + bright[:, :-1, 1:] + bright[:, 1:, :-1] + bright[:, 1:, 1:]
    np.testing.assert_array_equal(model.transform(X), sums.reshape(len(X), -1))


def test_a_pixel_above_the_threshold_is_a_one():
    image = np.array([[5.0, 5.1, -7.0, 9.0]])
    model = Quanvolution(window=1, threshold=5.0, random_state=0).fit(image)
    model.table_ = np.array([[3, 4]])
    assert model.transform(image).tolist() == [[3, 4, 3, 4]]


def test_presets_for_images_read_digits():
    model = presets.quanvolution(n_channels=3, random_state=0).fit(FIRST[::2], SECOND[::2])
    assert model.score(FIRST[1::2], SECOND[1::2]) > 0.95
    assert len(model[0].get_feature_names_out()) == 3 * 49
    wei = presets.weinet(random_state=0, learning_rate=0.1).fit(FIRST[::2], SECOND[::2])
    assert wei.score(FIRST[1::2], SECOND[1::2]) > 0.9


def test_small_images():
    small = FIRST.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4)).reshape(-1, 16)
    assert presets.quanvolution(n_channels=3, random_state=0).fit(small, SECOND).score(small, SECOND) > 0.9
    wei = presets.weinet(random_state=0, learning_rate=0.1).fit(small, SECOND)
    assert wei.score(small, SECOND) > 0.75


def test_bad_settings_are_named():
    with pytest.raises(ValueError, match="63 values, which is no square"):
        Quanvolution().fit(X[:, :63])
    with pytest.raises(ValueError, match="window=9 is larger than the images, which have 8 x 8 pixels"):
        Quanvolution(window=9).fit(X)
