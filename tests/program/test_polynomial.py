"""Angles as functions of params and features: both engines, native and NumPy, against hand-made sums and each other."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import native_polynomials
from ketwise.program import polynomial
from ketwise.program.polynomial import AngleMap, NumpyPolynomials
from ketwise.words.angle import FEATURE, PARAM, Angle

N_FEATURES, N_PARAMS = 3, 4


def random_angles(rng, n_angles, n_features=N_FEATURES, n_params=N_PARAMS):
    """Polynomials of degree 0 to 5 with repeated symbols; constants, zero, and features or params alone among them."""
    symbols = [(FEATURE, i) for i in range(n_features)] + [(PARAM, i) for i in range(n_params)]
    angles = []
    for _ in range(n_angles):
        allowed = symbols[: rng.integers(len(symbols) + 1)][:: (1, -1)[rng.integers(2)]]
        terms = {}
        for _ in range(rng.integers(0, 5)):
            degree = rng.integers(0, 6) if allowed else 0
            terms[tuple(sorted(allowed[i] for i in rng.integers(0, len(allowed), degree)))] = float(rng.normal())
        angles.append(Angle(terms))
    return angles


def by_hand(angle, features, params):
    """Value and derivatives of one angle for one sample, term by term, and the sums of the terms' sizes."""
    given = (features, params)
    value, size = 0.0, 0.0
    slopes, sizes = ([np.zeros(len(v)) for v in given] for _ in range(2))
    for monomial, coefficient in angle.terms.items():
        value += coefficient * np.prod([given[kind][i] for kind, i in monomial])
        size += abs(coefficient * np.prod([given[kind][i] for kind, i in monomial]))
        for place, (kind, index) in enumerate(monomial):
            rest = monomial[:place] + monomial[place + 1 :]
            part = coefficient * np.prod([given[k][i] for k, i in rest])
            slopes[kind][index] += part
            sizes[kind][index] += abs(part)
    return value, size, slopes, sizes


@pytest.fixture(params=["native", "numpy"])
def engine(request, monkeypatch):
    """Which engine the maps of a test are made with."""
    if request.param == "numpy":
        monkeypatch.setattr(polynomial, "native_polynomials", lambda: None)
    elif native_polynomials() is None:
        pytest.skip("the native engine was not built on this machine")


@pytest.mark.parametrize("batched_params", [False, True])
@pytest.mark.parametrize("seed", range(10))
def test_values_and_derivatives_by_hand(seed, batched_params, engine):
    rng = np.random.default_rng(seed)
    angles, batch = random_angles(rng, 9), 11
    made = AngleMap(angles, N_FEATURES, N_PARAMS)
    features = rng.normal(size=(batch, N_FEATURES))
    params = rng.normal(size=(batch if batched_params else 1, N_PARAMS))
    values = made.values(params, features, batch, batched_params)
    full, wide = values.full(), np.broadcast_to(params, (batch, N_PARAMS))
    d_shared, d_rows = rng.normal(size=9), rng.normal(size=values.rows.shape)
    expected, sizes = ([np.zeros(params.shape), np.zeros(features.shape)] for _ in range(2))
    for a, angle in enumerate(angles):
        column = values.column[a]
        for sample in range(batch):
            value, size, slopes, slope_sizes = by_hand(angle, features[sample], wide[sample])
            assert abs(full[sample, a] - value) <= 1e-12 * size
            if column < 0 and sample:
                continue  # a shared angle counts once
            d = d_shared[a] if column < 0 else d_rows[sample, column]
            for kind, into, total in ((PARAM, expected[0], sizes[0]), (FEATURE, expected[1], sizes[1])):
                row = sample if len(into) == batch else 0
                into[row] += d * slopes[kind]
                total[row] += abs(d) * slope_sizes[kind]
    found = made.pull_back(d_shared, d_rows, params, features, batched_params)
    for mine, other, size in zip(found, expected, sizes, strict=True):
        assert mine.shape == other.shape
        assert (np.abs(mine - other) <= 1e-12 * size).all()


@pytest.mark.parametrize("shape", ["both", "params", "features", "neither", "none"])
@pytest.mark.parametrize("seed", range(12))
def test_native_equals_numpy(seed, shape, monkeypatch):
    if native_polynomials() is None:
        pytest.skip("the native engine was not built on this machine")
    rng = np.random.default_rng(100 + seed)
    n_features, n_params = (0, 0) if shape == "none" else (N_FEATURES, N_PARAMS)
    angles = random_angles(rng, int(rng.integers(0, 9)), n_features, n_params)
    batch = int(rng.choice([0, 1, 7, 8, 9, 16, 33])) if shape not in ("neither", "none") else 1
    params = rng.normal(size=(batch if shape in ("both", "params") else 1, n_params))
    features = rng.normal(size=(batch if shape in ("both", "features") else 1, n_features))
    batched = shape in ("both", "params")
    native = AngleMap(angles, n_features, n_params)
    monkeypatch.setattr(polynomial, "native_polynomials", lambda: None)
    numpy = AngleMap(angles, n_features, n_params)
    assert isinstance(numpy._polynomials, NumpyPolynomials)
    assert not isinstance(native._polynomials, NumpyPolynomials)
    mine, other = (made.values(params, features, batch, batched) for made in (native, numpy))
    d_shared, d_rows = rng.normal(size=len(angles)), rng.normal(size=mine.rows.shape)
    d_angles = rng.normal(size=(batch, len(angles)))
    pairs = [(mine.shared, other.shared), (mine.rows, other.rows), (mine.column, other.column)]
    for of_params, of_features in ((True, True), (True, False), (False, True)):
        pairs += zip(
            *(
                made.pull_back(
                    d_shared, d_rows, params, features, batched, of_params=of_params, of_features=of_features
                )
                for made in (native, numpy)
            ),
            strict=True,
        )
    for of_features in (False, True):
        pairs.append(
            tuple(made.pull_back_rows(d_angles, params, features, of_features=of_features) for made in (native, numpy))
        )
    for left, right in pairs:
        assert (left is None) == (right is None)
        if left is not None:
            np.testing.assert_allclose(left, right, rtol=1e-12, atol=1e-12 * max(1.0, np.abs(right).max(initial=0.0)))


def test_what_is_not_wanted_is_none(engine):
    x, w = kw.features(1), kw.params(1)
    made = AngleMap([x[0] * w[0], 2 * w[0]], 1, 1)
    given = np.array([3.0, 5.0]), np.array([[7.0]]), np.array([[2.0]]), np.array([[4.0]]), False
    d_params, d_features = made.pull_back(*given, of_features=False)
    np.testing.assert_array_equal(d_params, [[2 * 5 + 7 * 4]])
    assert d_features is None
    d_params, d_features = made.pull_back(*given, of_params=False)
    np.testing.assert_array_equal(d_features, [[7 * 2]])
    assert d_params is None
    assert made.pull_back(*given, of_params=False, of_features=False) == (None, None)


def test_what_is_needed_is_what_the_chain_rule_looks_at(engine):
    x, w = kw.features(1), kw.params(1)
    made = AngleMap([x[0], w[0], x[0] * w[0], Angle.of(0.5)], 1, 1)
    for of_params, of_features, needed in (
        (True, True, [1, 1, 1, 0]),
        (True, False, [0, 1, 1, 0]),
        (False, True, [1, 0, 1, 0]),
        (False, False, [0, 0, 0, 0]),
    ):
        mask = made.needed(of_params=of_params, of_features=of_features)
        np.testing.assert_array_equal(mask, needed)
        # Whatever the others' derivatives hold, the result is the same.
        results = []
        for rest in (0.0, 1e300):
            d_shared, d_rows = np.array([rest, 1.0, rest, rest]), np.array([[1.0, 1.0]])
            d_shared[~mask], d_rows[0, ~mask[[0, 2]]] = rest, rest
            results.append(
                made.pull_back(
                    d_shared,
                    d_rows,
                    np.ones((1, 1)),
                    np.ones((1, 1)),
                    False,
                    of_params=of_params,
                    of_features=of_features,
                )
            )
        assert results[0] == results[1]


def test_per_sample_derivatives_of_shared_values(engine):
    """theta = w^2 x: the derivative by w of every sample, though there is one w; and by the one x of a batch of w."""
    x, w = kw.features(1), kw.params(1)
    made = AngleMap([w[0] * w[0] * x[0], 3 * w[0]], 1, 1)
    d_angles = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    one, three = np.array([[2.0]]), np.array([[4.0], [5.0], [6.0]])
    by_params = made.pull_back_rows(d_angles, one, three)
    np.testing.assert_array_equal(by_params, [[1 * 4 * 4 + 30], [2 * 4 * 5 + 60], [3 * 4 * 6 + 90]])
    by_features = made.pull_back_rows(d_angles, three, one, of_features=True)
    np.testing.assert_array_equal(by_features, [[1 * 16], [2 * 25], [3 * 36]])


def test_the_first_rotation_that_is_not_finite_is_named(engine):
    x, w = kw.features(1), kw.params(1)
    made = AngleMap([Angle.of(1.0), x[0] * x[0], w[0] * w[0]], 1, 1)
    with pytest.raises(ValueError, match=r"rotation 1 is not finite for sample 9: values are too large"):
        made.values(np.array([[1.0]]), np.where(np.arange(20) < 9, 1.0, 1e200)[:, None], 20, False)
    with pytest.raises(ValueError, match=r"rotation 2 is not finite for sample 0: values are too large"):
        made.values(np.array([[1e200]]), np.full((20, 1), 1e200), 20, False)


def test_a_sample_alone_equals_itself_in_any_batch(engine):
    rng = np.random.default_rng(5)
    made = AngleMap(random_angles(rng, 12), N_FEATURES, N_PARAMS)
    params, features = rng.normal(size=(1, N_PARAMS)), rng.normal(size=(100, N_FEATURES))
    values = made.values(params, features, 100, False)
    d_shared, d_rows = np.zeros(12), rng.normal(size=values.rows.shape)
    _, d_features = made.pull_back(d_shared, d_rows, params, features, False)
    for row in (0, 7, 8, 50, 99):
        alone = made.values(params, features[[row]], 1, False)
        np.testing.assert_array_equal(alone.rows[0], values.rows[row])
        np.testing.assert_array_equal(alone.shared, values.shared)
        _, d_alone = made.pull_back(d_shared, d_rows[[row]], params, features[[row]], False)
        np.testing.assert_array_equal(d_alone[0], d_features[row])
