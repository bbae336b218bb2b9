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


@pytest.mark.parametrize("n_blocks", [1, 2, 3])
@pytest.mark.parametrize("before", [kw.encodings.iqp(3), UPLOADS], ids=["fixed encoding", "trained encoding"])
def test_identity_blocks_leave_the_encoding_as_it_is(before, n_blocks):
    n = before.n_qubits
    half = kw.ansatz.strongly_entangling(n, layers=2)
    encoding = before + kw.ansatz.identity_blocks(half, n_blocks).shift(params=before.n_params)
    rows = np.random.default_rng(1).uniform(-1, 1, (4, before.n_features))
    starts = drawn("identity_blocks", encoding, draws=5)
    for start in starts:
        alone = before.compile(kw.State())(start[: before.n_params] if before.n_params else None, rows)
        np.testing.assert_allclose(encoding.compile(kw.State())(start, rows), alone, atol=1e-12)
    assert np.abs(starts[:, before.n_params :]).min() > 0  # and not by doing nothing
    model = kw.VariationalClassifier(encoding, init="identity_blocks", max_iter=1, scale=None, reduce=None)
    model.fit(rows, [0, 1, 0, 1])
    assert model.params_.shape == (encoding.n_params,)


@pytest.mark.parametrize(
    "circuit",
    [
        kw.ansatz.strongly_entangling(3),
        kw.ansatz.identity_blocks(kw.ansatz.hardware_efficient(3, 1)) + kw.Circuit(3).h(0),
        # the parameters of the second half are those of the first, which no start can part
        kw.ansatz.hardware_efficient(3, 1) + kw.ansatz.hardware_efficient(3, 1).inverse(),
        # an encoding that shares its parameters with the blocks would start with them
        kw.Circuit(3).ry(kw.params(1)[0], 0) + kw.ansatz.identity_blocks(kw.ansatz.hardware_efficient(3, 1)),
        kw.Circuit(1).ry(kw.params(1)[0] * kw.features(1)[0], 0).ry(-kw.params(2)[1] * kw.features(1)[0], 0),
    ],
    ids=["none", "not last", "shared halves", "shared with what is before", "of data"],
)
def test_a_circuit_without_identity_blocks_is_refused(circuit):
    with pytest.raises(ValueError, match=r"append kw\.ansatz\.identity_blocks\(half\)"):
        drawn("identity_blocks", kw.Encoding("own", circuit), draws=1)


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
