"""Measurement settings: words that agree on every qubit share one."""

import numpy as np

import ketwise as kw
from ketwise.words.measurement import n_settings, settings


def test_counts_by_hand():
    assert n_settings(kw.Expectations([kw.X(0), kw.Y(0), kw.Z(1)])) == 2
    assert n_settings(kw.Probabilities()) == 1
    X, Y, Z = kw.X, kw.Y, kw.Z
    assert n_settings(kw.Expectations([Z(0), Z(1), Z(0) * Z(1)])) == 1
    assert n_settings(kw.Expectations([Z(0), X(0), Y(0)])) == 3
    assert n_settings(kw.Expectations([Z(0) * X(1), Z(0) * Z(2), X(1) * Z(2)])) == 1
    assert n_settings(kw.Expectations([Z(0) + X(0) + 2.0 * kw.identity()])) == 2
    assert n_settings(kw.Expectations([kw.identity()])) == 1
    assert n_settings(kw.Overlap(np.eye(4)[:3])) == 3


def test_a_setting_gives_back_its_part_of_an_observable():
    mixed = 0.5 * kw.Z(0) * kw.Z(1) - 2.0 * kw.X(0) + 3.0 * kw.Z(1) + 1.5 * kw.identity()
    found = settings((mixed,))
    assert sorted(setting.letters[0] for setting in found) == ["X", "Z"]
    assert sum((setting.part(mixed, 0) for setting in found), 1.5 * kw.identity()) == mixed
