"""The Hopfield network: published capacity and error rates, the projector, and the dynamics one spin at a time."""

import itertools

import numpy as np
import pytest
from scipy.linalg import pinv
from scipy.special import erf, erfc
from scipy.stats import binom

from ketwise.blocks.memory.classical import energy, hopfield_weights, settle
from ketwise.engine.sampling import seed_key


def random_patterns(seed, n_patterns, n_bits):
    return np.random.default_rng(seed).integers(0, 2, (n_patterns, n_bits))


def random_probes(seed, n_probes, n_bits, unknown=0.2):
    rng = np.random.default_rng(seed)
    probes = rng.integers(0, 2, (n_probes, n_bits)).astype(float)
    probes[rng.random(probes.shape) < unknown] = np.nan
    return probes


def spins_of(bits):
    return np.where(np.isnan(bits), 0, 2 * np.asarray(bits, dtype=float) - 1)


def mean_field_overlap(load):
    """Overlap of Amit, Gutfreund and Sompolinsky at temperature 0, from their three equations; 0 without recall."""
    overlap, r = 1.0, 1.0
    for _ in range(20_000):
        c = np.sqrt(2 / (np.pi * load * r)) * np.exp(-(overlap**2) / (2 * load * r))
        if c >= 1:
            return 0.0
        r = 1 / (1 - c) ** 2
        overlap = erf(overlap / np.sqrt(2 * load * r))
    return overlap


def test_hebbian_weights_are_sums_over_the_patterns():
    patterns = [[1, 0, 1, 1], [1, 1, 0, 1], [1, 0, 1, 1]]  # the first one twice
    expected = np.array([[0, -1, 1, 3], [-1, 0, -3, -1], [1, -3, 0, 1], [3, -1, 1, 0]]) / 4
    np.testing.assert_array_equal(hopfield_weights(patterns), expected)
    np.testing.assert_array_equal(hopfield_weights(patterns, self_coupling=True), expected + 0.75 * np.eye(4))


def test_the_mean_field_solver_gives_the_published_capacity():
    """PRL 55, 1530 (1985): recall ends at a load of 0.138, with 1.6 % of the bits wrong."""
    assert mean_field_overlap(0.139) == 0
    assert (1 - mean_field_overlap(0.1379)) / 2 == pytest.approx(0.016, abs=5e-4)


@pytest.mark.parametrize(("n_bits", "load", "n_networks", "tolerance"), [(1000, 0.10, 6, 6e-4), (2000, 0.12, 2, 1e-3)])
def test_the_overlap_is_that_of_mean_field_theory(n_bits, load, n_networks, tolerance):
    """Tolerances: about three times what theory says of n_bits, a third of the way to the answer without feedback.

    An overlap scatters by ``sqrt((1 - m**2) / n)``, which 360 patterns average to 1e-4 and 120 to 2e-4; and a load that
    is off by 1/n moves m by 1e-4 at 0.10, by 2e-4 at 0.12 and 2000 bits. A single step would give ``1 - erfc(...)``:
    0.9961 at 0.12, where theory has 0.9932.
    """
    overlaps = []
    for seed in range(n_networks):
        patterns = random_patterns([7, seed], round(load * n_bits), n_bits)
        found = settle(hopfield_weights(patterns), patterns[:60], max_sweeps=100, seed=seed)
        overlaps.append(np.mean(spins_of(found.bits) * spins_of(patterns[:60]), axis=1))
    assert np.mean(overlaps) == pytest.approx(mean_field_overlap(load), abs=tolerance)
    assert np.mean(np.concatenate(overlaps) > 0.97) > 0.97


def test_beyond_the_capacity_stored_patterns_are_lost():
    """At a load of 0.20 there is no recall; what is left of the overlap at n = 1000 is about 0.35."""
    patterns = random_patterns(3, 200, 1000)
    found = settle(hopfield_weights(patterns), patterns[:50])
    overlaps = np.mean(spins_of(found.bits) * spins_of(patterns[:50]), axis=1)
    assert np.mean(overlaps > 0.97) < 0.1
    assert np.mean(overlaps) < 0.6


def test_hebbian_bits_fail_as_often_as_the_normal_distribution_says():
    """The crosstalk of a bit is a sum of ``(p - 1)(n - 1)`` independent signs: the binomial is exact."""
    n, p = 1000, 250
    rates = []
    for seed in range(12):
        spins = spins_of(random_patterns([1, seed], p, n))
        rates.append(np.mean((spins @ hopfield_weights((spins + 1) / 2)) * spins < -1e-9))
    signs = (p - 1) * (n - 1)
    exact = binom.cdf((signs - (n - 1) - 1) // 2, signs, 0.5)  # sums of signs below -(n - 1)
    assert exact == pytest.approx(0.5 * erfc(1 / np.sqrt(2 * p / n)), rel=0.02)
    error = np.std(rates, ddof=1) / np.sqrt(len(rates))
    assert error < 0.01 * exact
    assert np.mean(rates) == pytest.approx(exact, abs=4 * error)


@pytest.mark.parametrize(("n_patterns", "n_bits"), [(1, 6), (5, 30), (29, 30), (64, 20)])
def test_the_pseudo_inverse_is_scipys_projector(n_patterns, n_bits):
    patterns = random_patterns(n_bits, n_patterns, n_bits)
    patterns = np.concatenate([patterns, patterns[:1], 1 - patterns[:1]])  # neither adds a dimension
    weights = hopfield_weights(patterns, rule="pseudo-inverse", self_coupling=True)
    spins = spins_of(patterns)
    np.testing.assert_allclose(weights, pinv(spins) @ spins, atol=1e-11)
    bare = hopfield_weights(patterns, rule="pseudo-inverse")
    np.testing.assert_array_equal(bare, weights - np.diag(np.diag(weights)))


@pytest.mark.parametrize("self_coupling", [False, True])
def test_the_pseudo_inverse_holds_every_independent_pattern(self_coupling):
    n = 40
    for p in range(1, n):
        patterns = random_patterns(p, p, n)
        assert np.linalg.matrix_rank(spins_of(patterns)) == p
        found = settle(hopfield_weights(patterns, rule="pseudo-inverse", self_coupling=self_coupling), patterns)
        np.testing.assert_array_equal(found.bits, patterns)
        np.testing.assert_array_equal(found.sweeps, 1)
        assert found.converged.all()


def test_stored_patterns_are_the_ground_states_of_the_projector():
    """The energy is ``-n / 2`` plus half the squared distance from what the patterns span."""
    patterns = random_patterns(2, 4, 10)
    weights = hopfield_weights(patterns, rule="pseudo-inverse", self_coupling=True)
    np.testing.assert_allclose(energy(weights, patterns), -5, atol=1e-12)
    states = np.array(list(itertools.product([0, 1], repeat=10)))
    outside = spins_of(states) - spins_of(states) @ pinv(spins_of(patterns)) @ spins_of(patterns)
    np.testing.assert_allclose(energy(weights, states), -5 + np.sum(outside**2, axis=1) / 2, atol=1e-11)


def test_self_coupling_ends_attraction_at_half_load():
    """A flipped spin's own field is ``1 - 2 W_jj``, and W_jj is about the load."""
    patterns = random_patterns(5, 130, 200)
    probes = patterns[:40].copy()
    probes[np.arange(40), np.arange(40)] ^= 1
    with_it = hopfield_weights(patterns, rule="pseudo-inverse", self_coupling=True)
    assert np.diag(with_it)[:40].min() > 0.5
    np.testing.assert_array_equal(settle(with_it, probes).bits, probes)
    without = hopfield_weights(patterns, rule="pseudo-inverse")
    assert np.mean((settle(without, probes).bits == patterns[:40]).all(axis=1)) > 0.9


def test_a_full_pseudo_inverse_keeps_every_probe():
    patterns = random_patterns(1, 60, 30)
    np.testing.assert_array_equal(hopfield_weights(patterns, rule="pseudo-inverse"), 0)
    probes = random_patterns(2, 5, 30)
    np.testing.assert_array_equal(settle(hopfield_weights(patterns, rule="pseudo-inverse"), probes).bits, probes)


def test_a_spin_that_no_other_tells_anything_about_keeps_its_value():
    """Two patterns that differ in bit 3 only span its axis: nothing but rounding could turn it."""
    patterns = random_patterns(8, 12, 50)
    patterns[1] = patterns[0]
    patterns[1, 3] = 1 - patterns[1, 3]
    weights = hopfield_weights(patterns, rule="pseudo-inverse")
    np.testing.assert_array_equal(weights[3], 0)
    np.testing.assert_array_equal(settle(weights, patterns).bits, patterns)


@pytest.mark.parametrize("clamp", [False, True])
@pytest.mark.parametrize("n_patterns", [1, 4, 6])
def test_spins_follow_exact_fields_one_after_another(n_patterns, clamp):
    """In whole numbers, where a field that is 0 is 0: even numbers of patterns give many of those."""
    n_bits, seed = 11, 5
    patterns, probes = random_patterns(n_patterns, n_patterns, n_bits), random_probes(n_patterns, 60, n_bits)
    spins = (2 * patterns - 1).astype(int)
    weights = spins.T @ spins
    np.fill_diagonal(weights, 0)
    found = settle(hopfield_weights(patterns), probes, clamp=clamp, seed=seed)
    ties = 0
    for probe, bits, sweeps in zip(probes, found.bits, found.sweeps, strict=True):
        orders = np.random.Generator(np.random.Philox(key=seed_key(seed)))
        state, made, moved = spins_of(probe).astype(int), 0, True
        while moved:
            made, moved = made + 1, False
            for j in orders.permutation(n_bits):
                field = weights[j] @ state
                ties += field == 0
                if field and np.sign(field) != state[j] and not (clamp and not np.isnan(probe[j])):
                    state[j], moved = np.sign(field), True
        np.testing.assert_array_equal(bits, state > 0)
        assert sweeps == made
    assert found.converged.all()
    assert n_patterns == 1 or ties > 20


@pytest.mark.parametrize("clamp", [False, True])
@pytest.mark.parametrize("kind", ["hebb", "pseudo-inverse", "with diagonal", "any"])
def test_no_sweep_raises_the_energy(kind, clamp):
    patterns, probes = random_patterns(4, 21, 70), random_probes(6, 40, 70)
    if kind == "any":
        drawn = np.random.default_rng(0).normal(size=(70, 70))
        weights = drawn + drawn.T
        np.fill_diagonal(weights, np.arange(70) / 70)
    else:
        rule = "hebb" if kind == "with diagonal" else kind
        weights = hopfield_weights(patterns, rule=rule, self_coupling=kind == "with diagonal")
    before = energy(weights, probes)
    for sweeps in range(1, 100):
        found = settle(weights, probes, max_sweeps=sweeps, clamp=clamp)
        after = energy(weights, found.bits)
        assert (after <= before + 1e-9).all()
        assert sweeps > 1 or (after < before - 1e-3).any()
        if clamp:
            assert (np.isnan(probes) | (found.bits == probes)).all()
        before = after
        if found.converged.all():
            break
    assert found.converged.all()
    assert found.sweeps.max() == sweeps > 2
    spins = spins_of(found.bits)
    against = (spins @ weights) * spins < -1e-9
    assert not (against & (np.isnan(probes) if clamp else True)).any()


def test_what_has_not_settled_says_so():
    found = settle(hopfield_weights(random_patterns(1, 60, 100)), random_probes(2, 20, 100), max_sweeps=1)
    assert not found.converged.any()
    np.testing.assert_array_equal(found.sweeps, 1)


def test_a_probe_does_not_depend_on_its_neighbours():
    drawn = np.random.default_rng(1).normal(size=(70, 70))
    weights, probes = drawn @ drawn.T, random_probes(3, 130, 70)
    np.fill_diagonal(weights, 0)
    together = settle(weights, probes, seed=4)
    assert len(set(together.sweeps)) > 3
    for k, probe in enumerate(probes):
        alone = settle(weights, probe, seed=4)
        np.testing.assert_array_equal(alone.bits, together.bits[k])
        assert (alone.sweeps, alone.converged) == (together.sweeps[k], together.converged[k])


def test_the_order_comes_from_the_seed():
    weights, probes = hopfield_weights(random_patterns(1, 30, 80)), random_probes(2, 50, 80)
    first, again, other = (settle(weights, probes, seed=seed).bits for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_unknown_bits_without_a_field_are_zero():
    found = settle(hopfield_weights([[1, 1], [1, 0]]), [1, None])
    np.testing.assert_array_equal(found.bits, [1, 0])
    assert (found.sweeps, found.converged) == (1, True)


def test_an_unknown_bit_takes_part_only_once_it_is_known():
    np.testing.assert_array_equal(energy([[0, 1], [1, 0]], [[1, None], [1, 1]]), [0, -1])


def test_weights_that_do_not_fit_are_refused_beforehand(monkeypatch):
    monkeypatch.setattr("ketwise.engine.memory.available_bytes", lambda: 30 << 20)
    with pytest.raises(MemoryError, match="784 bits needs .* the largest that fits is"):
        hopfield_weights(np.zeros((5000, 784), dtype=np.uint8))
    with pytest.raises(MemoryError, match="2000 probes needs"):
        settle(np.zeros((784, 784)), np.zeros((2000, 784), dtype=np.uint8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hopfield_weights([]), "the memory is empty"),
        (lambda: hopfield_weights([[0, 1]], rule="storkey"), "rule must be one of hebb, pseudo-inverse, got 'storkey'"),
        (lambda: settle([[0, 1]], [0, 1]), r"weights must have shape \(n_bits, n_bits\), got \(1, 2\)"),
        (lambda: settle([[0, 1], [2, 0]], [0, 1]), "weights must be symmetric"),
        (lambda: settle([[-1, 1], [1, 0]], [0, 1]), "the diagonal of weights must not be negative"),
        (lambda: settle([[0, np.inf], [np.inf, 0]], [0, 1]), "weights must be finite"),
        (lambda: settle([[0, "a"], [1, 0]], [0, 1]), "square array of real numbers"),
        (lambda: settle(np.zeros((2, 2)), [0, 1, 0]), r"probes must have shape \(2,\) or \(n_probes, 2\)"),
        (lambda: settle(np.zeros((2, 2)), [None, None]), "nothing is known"),
        (lambda: settle(np.zeros((2, 2)), [0, 1], max_sweeps=0), "max_sweeps must be a whole number of at least 1"),
        (lambda: settle(np.zeros((2, 2)), [0, 1], seed=-1), "seed must be"),
        (lambda: energy(np.zeros((2, 2)), [0, 2]), "probes must be 0, 1"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
