"""The JAX function: values, precisions, shapes, outputs, and what it refuses."""

import subprocess
import sys

import numpy as np
import pytest

import ketwise as kw

jax = pytest.importorskip("jax", reason="JAX is not installed")
import jax.numpy as jnp  # noqa: E402

OUTPUTS = {
    "expectations": [kw.Z(0), kw.X(1) * kw.Z(2)],
    "probabilities": kw.Probabilities([2, 0]),
    "overlaps": kw.Overlap(np.eye(8)[:2]),
    "state": kw.State(),
}


@pytest.fixture(params=[False, True], ids=["single", "double"])
def double(request):
    """Whether JAX computes in double precision: for all threads, as its callbacks may run on another one."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", request.param)
    yield request.param
    jax.config.update("jax_enable_x64", before)


@pytest.fixture
def _double():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def model() -> kw.Encoding:
    return kw.encodings.angle(3) + kw.ansatz.strongly_entangling(3, layers=2)


def drawn(*shape):
    return np.random.default_rng(sum(shape)).uniform(-1, 1, shape)


@pytest.mark.parametrize("backend", [None, kw.Reference()], ids=["native", "reference"])
@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_it_returns_what_the_program_does(kind, compiled, double, backend):
    f = kw.jax.function(model(), OUTPUTS[kind], backend=backend)
    program = model().compile(OUTPUTS[kind], dtype="complex128" if double else "complex64", backend=backend)
    w, X = jnp.asarray(drawn(18)), jnp.asarray(drawn(19, 3))
    found = (jax.jit(f) if compiled else f)(w, X)
    expected = program(np.asarray(w), np.asarray(X))
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("backend", [None, kw.Reference()], ids=["native", "reference"])
def test_gradients_are_the_programs(kind, double, backend):
    f = kw.jax.function(model(), OUTPUTS[kind], backend=backend)
    program = model().compile(OUTPUTS[kind], dtype="complex128" if double else "complex64", backend=backend)
    w, X = jnp.asarray(drawn(18)), jnp.asarray(drawn(11, 3))

    def loss(w, x):
        return (abs(f(w, x)) ** 2).sum()

    values = program(np.asarray(w), np.asarray(X))
    expected = program.vjp(np.asarray(w), np.asarray(X), 2 * values)[1:]
    for run in (jax.grad(loss, (0, 1)), jax.jit(jax.grad(loss, (0, 1)))):
        for one, other in zip(run(w, X), expected, strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-12 if double else 2e-5)


def test_one_rotation_is_a_cosine(double):
    x, w = kw.features(1), kw.params(1)
    f = kw.jax.function(kw.Circuit(1).ry(w[0] * x[0], 0), kw.Z(0))
    X, tolerance = jnp.linspace(-3, 3, 17)[:, None], 1e-14 if double else 1e-6
    w = jnp.array([0.7])
    np.testing.assert_allclose(f(w, X), np.cos(0.7 * X), rtol=0, atol=tolerance)
    d_params, d_features = jax.grad(lambda w, x: f(w, x).sum(), (0, 1))(w, X)
    np.testing.assert_allclose(d_features, -0.7 * np.sin(0.7 * X), rtol=0, atol=tolerance)
    np.testing.assert_allclose(d_params, -(X * np.sin(0.7 * X)).sum(axis=0), rtol=0, atol=40 * tolerance)


@pytest.mark.usefixtures("_double")
@pytest.mark.parametrize("weights", [(1.0, 0.3), (0.2 + 1j, -0.5j)])
def test_a_state_is_differentiated_as_jax_does_it(weights):
    """Against the two amplitudes written in JAX, in a function of them that is not real."""
    f = kw.jax.function(kw.Circuit(1).ry(kw.params(2)[0], 0).rz(kw.params(2)[1], 0), kw.State())

    def written(w):
        return jnp.array([jnp.cos(w[0] / 2), jnp.sin(w[0] / 2)]) * jnp.exp(jnp.array([-0.5j, 0.5j]) * w[1])

    w, c = jnp.array([0.4, 1.1]), jnp.array(weights)
    for part in (jnp.real, jnp.imag, abs):
        found, expected = (jax.grad(lambda w, g=g, part=part: part((c * g(w) ** 2).sum()))(w) for g in (f, written))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("lead", [(), (1,), (17,), (0,), (2, 3)])
@pytest.mark.parametrize("each", [False, True])
def test_leading_axes_are_kept(lead, each):
    f = kw.jax.function(model(), OUTPUTS["expectations"])
    X, w = jnp.asarray(drawn(*lead, 3)), jnp.asarray(drawn(*(lead if each else ()), 18))
    found = f(w, X)
    assert found.shape == (*lead, 2)
    rows = jnp.broadcast_to(w, (*lead, 18)).reshape(-1, 18)
    for one, x, row in zip(found.reshape(-1, 2), X.reshape(-1, 3), rows, strict=True):
        np.testing.assert_allclose(one, f(row, x), rtol=0, atol=2e-6)


def test_params_or_features_alone():
    f = kw.jax.function(kw.ansatz.hardware_efficient(2), kw.Z(0))
    w = drawn(kw.ansatz.hardware_efficient(2).n_params)
    assert f(w).shape == (1,)
    assert f(np.stack([w, w])).shape == (2, 1)
    g = kw.jax.function(kw.Circuit(1).ry(kw.features(1)[0], 0), kw.Z(0))
    assert g(features=np.zeros((3, 1))).shape == (3, 1)
    assert jax.grad(lambda x: g(None, x).sum())(jnp.ones((3, 1))).shape == (3, 1)


@pytest.mark.usefixtures("_double")
@pytest.mark.parametrize(
    ("params", "features", "found"),
    [
        ("float32", "float32", "float32"),
        ("float64", "float32", "float64"),
        ("float32", "float64", "float64"),
        ("bfloat16", "float16", "float32"),
        ("float32", "int32", "float32"),
    ],
)
def test_the_wider_precision_is_taken(params, features, found):
    f = kw.jax.function(model(), kw.Z(0))
    w, X = jnp.ones(18, params), jnp.ones((2, 3), features)
    assert f(w, X).dtype == found
    assert jax.grad(lambda w: f(w, X).sum())(w).dtype == params


@pytest.mark.usefixtures("_double")
def test_an_encoding_brings_its_premap():
    encoding = kw.encodings.chebyshev(3) + kw.ansatz.strongly_entangling(3)
    f = kw.jax.function(encoding, kw.Z(1))
    w, X, ones = drawn(encoding.n_params), 0.5 * drawn(5, 3), np.ones((5, 1))
    values, d_params, d_features = encoding.compile(kw.Z(1)).vjp(w, X, ones)
    found = jax.grad(lambda w, x: f(w, x).sum(), (0, 1))(w, X)
    np.testing.assert_allclose(f(w, X), values, rtol=0, atol=1e-14)
    for one, other in zip(found, (d_params, d_features), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-13)


def test_precision_that_was_lost_between_threads_is_refused():
    """``jax.enable_x64`` holds in the thread that says so; callbacks with much to carry run in another one."""
    f = kw.jax.function(model(), kw.Probabilities())
    with jax.enable_x64(True):
        w, X = jnp.ones(18), jnp.ones((50_000, 3))
        try:
            found = jax.block_until_ready(jax.jit(f)(w, X))
        except jax.errors.JaxRuntimeError as error:
            assert "jax_enable_x64" in str(error)  # noqa: PT017 (both ways are right, and JAX chooses)
        else:
            program = model().compile(kw.Probabilities())
            assert np.array_equal(found[:9], program(np.ones(18), np.ones((9, 3))))


@pytest.mark.parametrize(
    ("params", "features", "message"),
    [
        (np.zeros(18), None, r"features are missing: this function takes \(\.\.\., 3\)"),
        (np.zeros(18), np.zeros((2, 4)), r"features must have shape \(\.\.\., 3\), got \(2, 4\)"),
        (np.zeros(5), np.zeros((2, 3)), r"params must have shape \(\.\.\., 18\), got \(5,\)"),
        (np.zeros((4, 18)), np.zeros((2, 3)), r"params must have shape \(18,\) or \(2, 18\), got \(4, 18\)"),
        (np.zeros(18), 1j * np.ones((2, 3)), "features must be real"),
    ],
)
def test_wrong_inputs_are_refused(params, features, message):
    f = kw.jax.function(model(), kw.Z(0))
    for run in (f, jax.jit(f)):
        with pytest.raises(ValueError, match=message):
            run(params, features)


def test_nan_is_refused_when_it_is_there():
    f = kw.jax.function(model(), kw.Z(0))
    with pytest.raises(jax.errors.JaxRuntimeError, match="features must be finite"):
        f(np.zeros(18), np.full((2, 3), np.nan))


def test_wrong_circuits_are_refused():
    with pytest.raises(TypeError, match="circuit must be a Circuit or an Encoding"):
        kw.jax.function("iqp", kw.Z(0))
    with pytest.raises(ValueError, match="qubit"):
        kw.jax.function(kw.Circuit(1), kw.Z(3))


def test_without_jax_the_extra_is_named():
    code = "import sys; sys.modules['jax'] = None\nimport ketwise as kw\ntry: kw.jax\nexcept ImportError as e: print(e)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "ketwise[jax]"' in done.stdout
