"""Samples follow the probabilities, and a row's draw depends on the seed and the row alone."""

import numpy as np
import pytest
from scipy import stats

import ketwise as kw
from ketwise.engine import sampling


def program():
    return kw.Circuit(3).ry(kw.features(1)[0], 0).cx(0, 1).h(2).compile(kw.Z(0))


def test_frequencies_follow_the_probabilities():
    p = program()
    drawn = p.sample(None, [0.9], shots=20_000, seed=1)
    weights = p.probabilities(None, [0.9])
    counts = np.bincount(drawn, minlength=8)
    possible = weights > 1e-12
    assert counts[~possible].sum() == 0
    assert stats.chisquare(counts[possible], 20_000 * weights[possible]).pvalue > 1e-3


def test_a_certain_outcome_is_always_drawn():
    drawn = kw.Circuit(3).x(0).compile(kw.Z(0)).sample(shots=100, seed=0)
    assert (drawn == 1).all()


def test_rows_do_not_depend_on_their_neighbours():
    p = program()
    features = np.linspace(0, 3, 20)[:, None]
    whole = p.sample(None, features, shots=50, seed=5)
    assert whole.shape == (20, 50)
    np.testing.assert_array_equal(p.sample(None, features[:7], shots=50, seed=5), whole[:7])
    np.testing.assert_array_equal(p.sample(None, features[0], shots=50, seed=5), whole[0])
    assert not np.array_equal(p.sample(None, features, shots=50, seed=6), whole)
    # Fewer shots are the beginning of more.
    np.testing.assert_array_equal(p.sample(None, features, shots=20, seed=5), whole[:, :20])


def test_a_generator_moves_on_and_none_is_fresh():
    p = program()
    generator = np.random.default_rng(3)
    first, second = (p.sample(None, [1.0], shots=64, seed=generator) for _ in range(2))
    assert not np.array_equal(first, second)
    assert not np.array_equal(*(p.sample(None, [1.0], shots=64) for _ in range(2)))


@pytest.mark.parametrize("seed", [-1, 1.5, "a", True])
def test_a_bad_seed_is_refused(seed):
    with pytest.raises(ValueError, match="seed must be a whole number"):
        program().sample(None, [1.0], shots=4, seed=seed)


def test_every_bit_of_the_key_counts():
    """Keys beyond 2**63 were once rounded to the nearest double."""
    weights = np.full((1, 16), 1 / 16)
    seeds = [seed for seed in range(40) if sampling.seed_key(seed) >= 1 << 63][:10]
    assert len(seeds) == 10
    key = sampling.seed_key(seeds[0])
    expected = np.random.Generator(np.random.Philox(key=np.array([key, 0], dtype=np.uint64))).random(50)
    drawn = sampling.draw(weights, 50, seeds[0])[0]
    np.testing.assert_array_equal(drawn, np.floor(expected * 16).astype(int))
