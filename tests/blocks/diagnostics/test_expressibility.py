"""Expressibility against the published values of nineteen circuits, and against closed forms on one qubit."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import spearmanr

import ketwise as kw
from ketwise.blocks.ansatz.sim_circuits import sim
from ketwise.blocks.diagnostics.expressibility import expressibility, haar_fidelities

#: Sim, Johnson, Aspuru-Guzik (2019), figure 3: the divergence of circuits of 4 qubits with one and with three layers,
#: from 5000 pairs in 75 bins. In the paper's order, the least expressive first.
ORDER = (9, 1, 2, 16, 3, 18, 10, 12, 15, 17, 4, 11, 7, 8, 19, 5, 13, 14, 6)
ONE_LAYER = (
    (0.6773, 0.2999, 0.2860, 0.2602, 0.2396, 0.2340, 0.2286, 0.1984, 0.1892, 0.1359)
    + (0.1343, 0.1312, 0.0977, 0.0858, 0.0809, 0.0602, 0.0516, 0.0144, 0.0061)
)  # fmt: skip
THREE_LAYERS = (
    (0.0322, 0.2079, 0.0084, 0.0375, 0.0403, 0.0221, 0.1297, 0.0089, 0.1152, 0.0180)
    + (0.0107, 0.0038, 0.0162, 0.0122, 0.0040, 0.0030, 0.0049, 0.0035, 0.0039)
)  # fmt: skip
THEIR_PAIRS, OUR_PAIRS = 5000, 20_000


@pytest.mark.parametrize(("layers", "published"), [(1, ONE_LAYER), (3, THREE_LAYERS)])
def test_the_nineteen_circuits_rank_as_published(layers, published):
    found = [expressibility(sim(number, layers=layers), pairs=OUR_PAIRS, seed=layers) for number in ORDER]
    ours, published = np.array([each.divergence for each in found]), np.array(published)
    own = np.array([each.standard_error for each in found])
    errors = own * np.sqrt(OUR_PAIRS / THEIR_PAIRS + 1)  # theirs and ours
    # A divergence from counts is too large by about one half an occupied bin and pair: at most 75 bins.
    most_bias = 75 / (2 * THEIR_PAIRS)
    np.testing.assert_array_less(np.abs(ours - published) - most_bias / 2, 3 * errors + most_bias / 2)
    # With three layers half of the circuits are at the floor, where chance ranks them.
    assert spearmanr(ours, published).statistic > (0.98 if layers == 1 else 0.94)
    # Whatever the paper tells apart comes out in the same order.
    apart = published[:, None] - published > 4 * np.sqrt(errors[:, None] ** 2 + errors**2) + most_bias
    assert apart.sum() > 60
    assert ((ours[:, None] > ours) | ~apart).all()


@pytest.mark.parametrize("n_qubits", [1, 2, 4])
def test_haar_fidelities_are_the_integrals_of_their_density(n_qubits):
    d = 2**n_qubits
    edges = np.linspace(0, 1, 21)
    expected = [quad(lambda f: (d - 1) * (1 - f) ** (d - 2), a, b)[0] for a, b in pairwise(edges)]
    np.testing.assert_allclose(haar_fidelities(n_qubits, 20), expected, atol=1e-12)


def test_the_equator_of_a_sphere():
    """H and RZ: the angle between two states is uniform on a circle, the fidelity cos(angle / 2)**2."""
    circuit = kw.Circuit(1).h(0).rz(kw.params(1)[0], 0)
    edges = np.linspace(0, 1, 76)
    shares = np.diff(2 / np.pi * np.arcsin(np.sqrt(edges)))
    exact = float((shares * np.log(75 * shares)).sum())
    found = expressibility(circuit, pairs=100_000, seed=3)
    assert found.divergence == pytest.approx(exact, abs=4 * found.standard_error + 2 * 75 / 200_000)
    assert found.standard_error < 0.01 * exact**0.5
    # The mean of cos**4 is 3/8, over the Haar average 1/3.
    assert found.frame_ratio == pytest.approx(9 / 8, rel=0.01)


def test_random_states_of_one_qubit_are_as_even_as_they_can_be():
    """RZ (or nothing), RY by arccos(1 - 2 u) and RZ are Haar random: what is left is the floor."""

    def sample(rng):
        return np.array([np.arccos(1 - 2 * rng.random()), 2 * np.pi * rng.random()])

    w = kw.params(2)
    found = expressibility(kw.Circuit(1).ry(w[0], 0).rz(w[1], 0), pairs=20_000, sample=sample, seed=1)
    assert found.floor == pytest.approx(74 / 40_000, rel=1e-6)
    # Twice the pairs times the divergence is chi-squared with 74 degrees of freedom.
    assert abs(2 * 20_000 * found.divergence - 74) < 4 * np.sqrt(2 * 74)
    assert found.frame_ratio == pytest.approx(1, abs=0.03)


def test_data_are_drawn_too():
    encoding = kw.encodings.angle(2)
    spread = expressibility(encoding, features=np.random.default_rng(0).uniform(-3, 3, (500, 2)), pairs=500)
    single = expressibility(encoding, features=[[0.3, 0.4]], pairs=500)
    assert single.divergence == pytest.approx(-np.log((1 / 75) ** 3), rel=1e-9)  # all in the last bin
    assert spread.divergence < 1


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="pairs must be a whole number"):
        expressibility(sim(1), pairs=0)
    with pytest.raises(ValueError, match=r"sample\(rng\) must return an array of shape \(8,\)"):
        expressibility(sim(1), pairs=10, sample=lambda rng: np.zeros(3))
    with pytest.raises(ValueError, match="features is missing"):
        expressibility(kw.encodings.angle(2), pairs=10)
    with pytest.raises(TypeError, match="needs a Circuit, an Encoding or a compiled Program, got list"):
        expressibility([1], pairs=10)
