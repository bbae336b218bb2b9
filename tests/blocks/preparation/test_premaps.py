"""Ready-made pre-maps: values, derivatives against central differences, and made again from their settings."""

import pickle

import numpy as np
import pytest

from ketwise.blocks.preparation.premap import PreMap
from ketwise.blocks.preparation.premaps import (
    PREMAPS,
    amplitude_angles,
    arccos,
    arctan,
    fixed_point,
    merge_angles,
    one_after_another,
    premap,
    products,
)

RNG = np.random.default_rng(0)
MAPS = {
    "arccos": arccos(0.8),
    "arctan": arctan(2.0),
    "products": products(4),
    "fixed_point": fixed_point(4, 3, -1.0, 1.0),
    "amplitude_angles": amplitude_angles(4, 3, 0.5),
    "merge_angles": merge_angles(4, [(1, 0), (2, 4), (5, 3)]),
    "one after another": one_after_another(products(4), arccos(0.5)),
    "twice": one_after_another(one_after_another(products(4), arctan()), amplitude_angles(10)),
}


def test_every_kind_is_tested():
    assert {each.name for each in MAPS.values()} >= set(PREMAPS)


@pytest.fixture(params=MAPS.values(), ids=MAPS)
def mapped(request):
    return request.param


def test_derivatives_against_central_differences(mapped):
    rows = RNG.uniform(-0.9, 0.9, size=(3, 4))
    cotangent = RNG.normal(size=mapped.forward(rows).shape)
    found = mapped.backward(rows, cotangent)
    for place in np.ndindex(rows.shape):
        up, down = rows.copy(), rows.copy()
        up[place] += 1e-6
        down[place] -= 1e-6
        difference = (cotangent * (mapped.forward(up) - mapped.forward(down))).sum() / 2e-6
        assert found[place] == pytest.approx(difference, rel=1e-6, abs=1e-7)


def test_it_can_be_made_again_and_pickled(mapped):
    again = premap(mapped.name, **dict(mapped.settings))
    assert again == mapped
    assert pickle.loads(pickle.dumps(mapped)) == mapped
    rows = RNG.uniform(-0.9, 0.9, size=(3, 4))
    np.testing.assert_array_equal(again.forward(rows), mapped.forward(rows))


def test_a_row_alone_gives_the_same_bits(mapped):
    rows = RNG.uniform(-0.9, 0.9, size=(37, 4))
    whole, back = mapped.forward(rows), mapped.backward(rows, np.ones_like(mapped.forward(rows)))
    for row in (0, 5, 36):
        np.testing.assert_array_equal(mapped.forward(rows[[row]])[0], whole[row])
        one = np.ones_like(whole[[row]])
        np.testing.assert_array_equal(mapped.backward(rows[[row]], one)[0], back[row])


def test_what_is_made_of_your_own_has_no_settings():
    own = PreMap("own", np.sin, lambda X, d: np.cos(X) * d)
    assert one_after_another(products(2), own).settings == ()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: premap("sine"), "there is no pre-map 'sine'"),
        (lambda: arccos(0.0), "scale"),
        (lambda: arccos(2.0).forward(np.array([[0.1], [0.6]])), "row 1, feature 0 gives 1.2"),
        (lambda: fixed_point(1, 0), "bits"),
        (lambda: products(0), "n_features"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
