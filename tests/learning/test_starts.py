"""Where training starts: the spread that each name promises, and one's own."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.learning.starts import PARAM_SPREAD, layer_stages, only_first_layer, start_params

ENCODING = kw.encodings.angle(3) + kw.ansatz.hardware_efficient(3, layers=3)
UPLOADS = kw.encodings.reuploading(2, layers=2)


def drawn(init, encoding=ENCODING, draws=400):
    rng = np.random.RandomState(0)
    return np.array([start_params(encoding, (kw.Z(0) * kw.Z(1),), init, rng) for _ in range(draws)])


def test_spreads():
    # Standard deviations are known to about a hundredth: 400 draws of 24 values.
    assert drawn("normal").std() == pytest.approx(PARAM_SPREAD, rel=0.05)
    assert drawn("uniform").std() == pytest.approx(np.pi / np.sqrt(3), rel=0.05)
    assert np.abs(drawn("small_angle")).max() <= 0.1
    # Zhang et al. (2022): words on 2 qubits; 3 layers of rotations after the first are 4.
    layers = 1 + 3
    assert drawn("gaussian").var() == pytest.approx(1 / (4 * 2 * (layers + 2)), rel=0.1)


@pytest.mark.parametrize("init", ["normal", "uniform", "small_angle", "gaussian"])
def test_scales_stay_about_one_and_a_seed_is_a_seed(init):
    found = drawn(init, UPLOADS)
    own = UPLOADS.start_params()
    assert own.any()
    np.testing.assert_allclose(found.mean(axis=0), own, atol=5 * found.std() / np.sqrt(400))
    np.testing.assert_array_equal(found, drawn(init, UPLOADS))


def test_ones_own():
    own = np.arange(ENCODING.n_params, dtype=float)
    np.testing.assert_array_equal(drawn(own, draws=1)[0], own)
    np.testing.assert_array_equal(drawn(list(own), draws=1)[0], own)
    np.testing.assert_array_equal(drawn(lambda rng: own * rng.integers(1, 2), draws=1)[0], own)
    for wrong, message in ((own[1:], "init must have shape"), (own + np.inf, "finite"), (["a"], "real numbers")):
        with pytest.raises(ValueError, match=message):
            drawn(wrong, draws=1)


def test_stages_take_every_parameter_once_and_leave_the_readout_free():
    n = ENCODING.n_params
    stages = layer_stages(ENCODING, n + 5, 7)
    assert [stage.n_passes for stage in stages] == [7] * len(stages)
    counts = np.sum([stage.active for stage in stages], axis=0)
    np.testing.assert_array_equal(counts, [1] * n + [len(stages)] * 5)
    first = only_first_layer(ENCODING, np.ones(n))
    np.testing.assert_array_equal(first, stages[0].active[:n])
    flat = kw.encodings.angle(2) + kw.Circuit(2).ry(kw.params(1)[0], 0)
    assert layer_stages(flat, flat.n_params + 1, 7) == []
    np.testing.assert_array_equal(only_first_layer(flat, np.ones(flat.n_params)), np.ones(flat.n_params))
