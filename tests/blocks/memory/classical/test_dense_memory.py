"""Dense memories: torch's attention, Bayes' rule, energies that fall, and more patterns than bits."""

import itertools

import numpy as np
import pytest
from scipy.special import logsumexp

from ketwise.blocks.memory.classical import dense_recall, hopfield_weights, nearest_recall, settle


def random_patterns(seed, n_patterns, n_bits):
    return np.random.default_rng(seed).integers(0, 2, (n_patterns, n_bits))


def random_probes(seed, n_probes, n_bits, unknown=0.2):
    rng = np.random.default_rng(seed)
    probes = rng.integers(0, 2, (n_probes, n_bits)).astype(float)
    probes[:, 1:][rng.random((n_probes, n_bits - 1)) < unknown] = np.nan
    return probes


def spins_of(bits):
    return np.where(np.isnan(bits), 0, 2 * np.asarray(bits, dtype=float) - 1)


def flipped(patterns, n_flips, seed=0):
    """The patterns, each with ``n_flips`` wrong bits of its own."""
    rng = np.random.default_rng(seed)
    probes = patterns.copy()
    for probe in probes:
        probe[rng.permutation(len(probe))[:n_flips]] ^= 1
    return probes


@pytest.mark.parametrize("beta", [None, 0.05, 0.7])
def test_one_step_is_attention(beta):
    torch = pytest.importorskip("torch")
    patterns, probes = random_patterns(1, 90, 30), random_probes(2, 40, 30)
    found = dense_recall(patterns, probes, beta=beta, max_steps=1)
    query, stored = torch.tensor(spins_of(probes)), torch.tensor(spins_of(patterns))
    scale = 1.0 if beta is None else beta
    attended = torch.nn.functional.scaled_dot_product_attention(query[None], stored[None], stored[None], scale=scale)
    np.testing.assert_allclose(found.activations, attended[0].numpy(), atol=1e-12)
    np.testing.assert_allclose(found.weights, torch.softmax(scale * query @ stored.T, dim=1).numpy(), atol=1e-12)
    np.testing.assert_array_equal(found.bits, found.activations > 0)
    np.testing.assert_array_equal(found.steps, 1)


def test_the_first_weights_are_bayes_rule_for_independent_flips():
    patterns, probes = random_patterns(3, 20, 12), random_probes(4, 15, 12)
    patterns[5] = patterns[2]  # counts twice
    flip = 1 / (1 + np.exp(2 * 0.6))
    for probe in probes:
        likelihood = []
        for row in patterns:
            wrong = sum(b != a for a, b in zip(row, probe, strict=True) if b == b)
            likelihood.append(flip**wrong * (1 - flip) ** (np.sum(~np.isnan(probe)) - wrong))
        found = dense_recall(patterns, probe, beta=0.6, max_steps=1).weights
        np.testing.assert_allclose(found, np.array(likelihood) / sum(likelihood), atol=1e-13)


@pytest.mark.parametrize("clamp", [False, True])
@pytest.mark.parametrize("beta", [0.02, 0.1, 1.0])
def test_softmax_states_come_to_rest_where_the_step_leads_back(beta, clamp):
    patterns, probes = random_patterns(5, 200, 40), random_probes(6, 60, 40)
    found = dense_recall(patterns, probes, beta=beta, clamp=clamp, max_steps=1000)
    assert found.converged.all()
    stored, starts = spins_of(patterns), spins_of(probes)
    exponents = beta * found.activations @ stored.T
    weights = np.exp(exponents - logsumexp(exponents, axis=1, keepdims=True))
    held = ~np.isnan(probes) & clamp
    np.testing.assert_allclose(found.activations, np.where(held, starts, weights @ stored), atol=1e-7)
    np.testing.assert_allclose(found.weights, weights, atol=1e-7)


@pytest.mark.parametrize("clamp", [False, True])
@pytest.mark.parametrize("beta", [0.02, 0.1])
def test_no_softmax_step_raises_the_energy(beta, clamp):
    """Ramsauer et al., equation 2, without its constants."""
    patterns, probes = random_patterns(5, 200, 40), random_probes(6, 60, 40)

    def energies(states):
        return -logsumexp(beta * states @ spins_of(patterns).T, axis=1) / beta + np.sum(states**2, axis=1) / 2

    before = energies(spins_of(probes))
    for steps in range(1, 6):
        after = energies(dense_recall(patterns, probes, beta=beta, clamp=clamp, max_steps=steps).activations)
        assert (after <= before + 1e-10).all()
        assert steps > 1 or (after < before - 1e-6).all()
        before = after


def test_far_more_patterns_than_bits_are_recalled():
    """500 patterns of 40 bits, four of them wrong: a Hopfield network recalls none of them."""
    patterns = random_patterns(7, 500, 40)
    probes = flipped(patterns, 4)
    found = dense_recall(patterns, probes)
    np.testing.assert_array_equal(found.bits, patterns)
    np.testing.assert_array_equal(found.best, np.arange(500))
    assert found.converged.all()
    settled = settle(hopfield_weights(patterns), probes)
    assert not (settled.bits == patterns).all(axis=1).any()


def test_cold_weights_are_shared_by_the_nearest():
    patterns, probes = random_patterns(8, 60, 10), random_probes(9, 200, 10)
    nearest = nearest_recall(patterns, probes)
    assert ((nearest.posterior > 0).sum(axis=1) > 1).any()
    for beta in (50.0, 1e200):
        found = dense_recall(patterns, probes, beta=beta, max_steps=1)
        np.testing.assert_allclose(found.weights, nearest.posterior, atol=1e-12)
        np.testing.assert_array_equal(found.best, nearest.best)


def polynomial_energy(patterns, states, power):
    """In whole numbers."""
    overlaps = states.astype(int) @ (2 * patterns.T - 1)
    return -np.sum(np.maximum(overlaps, 0) ** power, axis=-1)


@pytest.mark.parametrize("clamp", [False, True])
@pytest.mark.parametrize("power", [2, 3, 6])
def test_the_polynomial_memory_turns_spins_one_after_another(power, clamp):
    """A loop in whole numbers; 150 probes are more than one block."""
    patterns, probes = random_patterns(10, 9, 8), random_probes(11, 150, 8, unknown=0.4)
    found = dense_recall(patterns, probes, power=power, clamp=clamp)
    turns = 0
    for k, probe in enumerate(probes):
        state, steps, moved = spins_of(probe), 0, True
        while moved:
            steps, moved = steps + 1, False
            falls = []
            for j in range(8):
                up, down = state.copy(), state.copy()
                up[j], down[j] = 1, -1
                fall = polynomial_energy(patterns, down, power) - polynomial_energy(patterns, up, power)
                falls.append(state[j] == 0 or fall * state[j] < 0)
            for j in np.flatnonzero(falls):
                up, down = state.copy(), state.copy()
                up[j], down[j] = 1, -1
                fall = polynomial_energy(patterns, down, power) - polynomial_energy(patterns, up, power)
                if fall and np.sign(fall) != state[j] and not (clamp and not np.isnan(probe[j])):
                    turns, state[j], moved = turns + 1, np.sign(fall), True
        np.testing.assert_array_equal(found.activations[k], state)
        assert found.steps[k] == steps
    assert turns > 100
    assert found.converged.all()
    np.testing.assert_array_equal(found.bits, found.activations > 0)


@pytest.mark.parametrize("clamp", [False, True])
@pytest.mark.parametrize("power", [2, 3, 5])
def test_no_polynomial_step_raises_the_energy_and_the_last_state_is_a_minimum(power, clamp):
    patterns, probes = random_patterns(12, 300, 40), random_probes(13, 50, 40)
    before = polynomial_energy(patterns, spins_of(probes), power)
    for steps in itertools.count(1):
        found = dense_recall(patterns, probes, power=power, clamp=clamp, max_steps=steps)
        after = polynomial_energy(patterns, found.activations, power)
        assert (after <= before).all()
        assert steps > 1 or (after < before).all()
        before = after
        if found.converged.all():
            break
    assert found.steps.max() == steps
    for j in range(40):
        turned = found.activations.copy()
        turned[:, j] *= -1
        worse = polynomial_energy(patterns, turned, power) >= after
        assert (worse | (clamp & ~np.isnan(probes[:, j]))).all()
    if clamp:
        assert (np.isnan(probes) | (found.bits == probes)).all()


def test_a_cubic_memory_stores_more_patterns_than_it_has_bits():
    """Krotov and Hopfield: of the order of ``n**2``; the ordinary network has long lost all."""
    patterns = random_patterns(14, 300, 100)
    probes = flipped(patterns, 10)
    found = dense_recall(patterns, probes, power=3)
    assert np.mean((found.bits == patterns).all(axis=1)) > 0.98
    assert not (settle(hopfield_weights(patterns), probes).bits == patterns).all(axis=1).any()
    quadratic = dense_recall(patterns, probes[:50], power=2)
    assert np.mean((quadratic.bits == patterns[:50]).all(axis=1)) < 0.1


def test_the_weights_of_a_power_are_the_slopes_of_the_energy():
    patterns, probes = random_patterns(15, 30, 20), random_probes(16, 40, 20)
    found = dense_recall(patterns, probes, power=2.5)
    slopes = np.maximum(found.activations @ spins_of(patterns).T, 0) ** 1.5
    np.testing.assert_allclose(found.weights, slopes / slopes.sum(axis=1, keepdims=True), atol=1e-12)


def test_the_polynomial_memory_does_not_recall_what_is_opposite_to_a_pattern():
    """All overlaps are negative, the slope is 0: the probe stays, and no row has more weight than another."""
    patterns = np.array([[1, 1, 1, 1, 0, 0], [1, 1, 1, 0, 0, 0]])
    found = dense_recall(patterns, 1 - patterns[0], power=3)
    np.testing.assert_array_equal(found.bits, 1 - patterns[0])
    np.testing.assert_array_equal(found.weights, [0.5, 0.5])


@pytest.mark.parametrize("exponent", [{"beta": 0.05}, {"power": 3.3}])
def test_a_probe_does_not_depend_on_its_neighbours(exponent):
    patterns, probes = random_patterns(17, 150, 70), random_probes(18, 140, 70)
    together = dense_recall(patterns, probes, **exponent)
    assert len(set(together.steps)) > 1
    for k in (0, 1, 63, 64, 127, 128, 139):
        alone = dense_recall(patterns, probes[k], **exponent)
        for one, all_of_them in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one, all_of_them[k])


def test_what_has_not_come_to_rest_says_so():
    found = dense_recall(random_patterns(5, 200, 40), random_probes(6, 60, 40), beta=0.02, max_steps=2)
    assert not found.converged.any()
    np.testing.assert_array_equal(found.steps, 2)


def test_weights_that_do_not_fit_are_refused_beforehand(monkeypatch):
    monkeypatch.setattr("ketwise.engine.memory.available_bytes", lambda: 120 << 20)
    with pytest.raises(MemoryError, match="5000 probes needs .* the largest that fits is"):
        dense_recall(np.zeros((5000, 8), dtype=np.uint8), np.zeros((5000, 8), dtype=np.uint8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dense_recall([], [0]), "the memory is empty"),
        (lambda: dense_recall([[0, 1]], [0, 1], beta=1, power=2), "give beta, for a softmax, or power: not both"),
        (lambda: dense_recall([[0, 1]], [0, 1], beta=0), "beta must be above 0"),
        (lambda: dense_recall([[0, 1]], [0, 1], beta=1e300), "and at most 5e"),
        (lambda: dense_recall([[0, 1]], [0, 1], power=1), "power must be above 1"),
        (lambda: dense_recall([[0] * 62], [0] * 62, power=200), "overflows with 62 bits: give at most 166, or beta"),
        (lambda: dense_recall([[0, 1]], [0, 1], max_steps=0), "max_steps must be a whole number of at least 1"),
        (lambda: dense_recall([[0, 1]], [None, None]), "nothing is known"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
