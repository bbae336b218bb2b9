"""JAX's transforms of the function: one batched call, the forward run once, and no derivative lost."""

import numpy as np
import pytest

import ketwise as kw

jax = pytest.importorskip("jax", reason="JAX is not installed")
import jax.numpy as jnp  # noqa: E402

N_PARAMS = 12


@pytest.fixture(autouse=True)
def _double():
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


TWO = (kw.Z(0), kw.X(1) * kw.Z(0))


def made(outputs=TWO):
    circuit = kw.encodings.angle(2) + kw.ansatz.strongly_entangling(2, layers=2)
    return kw.jax.function(circuit, outputs if isinstance(outputs, kw.Probabilities) else list(outputs))


def drawn(*shape):
    return jnp.asarray(np.random.default_rng(sum(shape)).uniform(-1, 1, shape))


def near(found, expected):
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_a_gradient_runs_forward_once(runs, compiled):
    f = made()
    step = jax.value_and_grad(lambda w, x: f(w, x).sum())
    jax.block_until_ready((jax.jit(step) if compiled else step)(drawn(N_PARAMS), drawn(9, 2)))
    assert runs == ["forward", "backward"]
    jax.block_until_ready(f(drawn(N_PARAMS), drawn(9, 2)))
    assert runs[2:] == ["__call__"]


def test_only_what_is_wanted_is_computed(wanted):
    f, w, X = made(), drawn(N_PARAMS), drawn(4, 2)
    for argnums in (0, 1, (0, 1)):
        jax.block_until_ready(jax.grad(lambda w, x: f(w, x).sum(), argnums)(w, X))
    assert wanted == [("params",), ("features",), ("params", "features")]


@pytest.mark.parametrize("in_axes", [(None, 0), (0, None), (0, 0), (1, 0), (0, 1), (None, 1)])
@pytest.mark.parametrize("ranks", [(1, 1), (1, 2), (2, 2), (2, 1)])
def test_maps_and_gradients_of_maps(in_axes, ranks, forward_runs):
    """5 maps; a rank of 2 has 4 samples in each map."""
    f = made()

    def whole(size, rank, axis):
        one = drawn(*(4,) * (rank - 1), size)
        return one if axis is None else jnp.stack([one + k for k in range(5)], axis=axis)

    w, x = whole(N_PARAMS, ranks[0], in_axes[0]), whole(2, ranks[1], in_axes[1])
    pairs = [
        [each if axis is None else jnp.take(each, k, axis=axis) for each, axis in ((w, in_axes[0]), (x, in_axes[1]))]
        for k in range(5)
    ]

    def loss(w, x):
        return (f(w, x) ** 2).sum()

    found = jax.vmap(f, in_axes)(w, x)
    gradients = jax.jit(jax.vmap(jax.grad(loss, (0, 1)), in_axes))(w, x)
    outer = jax.grad(lambda w, x: jax.vmap(loss, in_axes)(w, x).sum(), (0, 1))(w, x)
    jax.block_until_ready((found, gradients, outer))
    assert forward_runs == [5 * (4 if 2 in ranks else 1)] * 3
    near(found, jnp.stack([f(*pair) for pair in pairs]))
    each = [jax.grad(loss, (0, 1))(*pair) for pair in pairs]
    for k in (0, 1):
        stacked = jnp.stack([one[k] for one in each])
        near(gradients[k], stacked)
        near(outer[k], stacked.sum(axis=0) if in_axes[k] is None else jnp.moveaxis(stacked, 0, in_axes[k]))


def test_maps_of_maps(forward_runs):
    f, W, X = made(), drawn(3, N_PARAMS), drawn(5, 2)

    def loss(w, x):
        return (f(w, x) ** 2).sum()

    both = jax.vmap(jax.vmap(jax.grad(loss), (None, 0)), (0, None))(W, X)
    jax.block_until_ready(both)
    assert forward_runs == [15]
    near(both, jnp.stack([jnp.stack([jax.grad(loss)(w, x) for x in X]) for w in W]))


@pytest.mark.parametrize("outputs", [TWO, kw.Probabilities(), (kw.Z(1),)])
@pytest.mark.parametrize("batch", [(), (1,), (3,)])
def test_jacobians(outputs, batch, forward_runs):
    f, w, X = made(outputs), drawn(N_PARAMS), drawn(*batch, 2)
    found = jax.block_until_ready(jax.jacrev(f, (0, 1))(w, X))
    assert len(forward_runs) == 1
    circuit = (kw.encodings.angle(2) + kw.ansatz.strongly_entangling(2, layers=2)).circuit
    program = circuit.compile(outputs)
    near(found[0], program.jacobian(np.asarray(w), np.asarray(X)))
    of_features = program.feature_jacobian(np.asarray(w), np.asarray(X))
    if batch:
        of_features = np.einsum("bmf,bc->bmcf", of_features, np.eye(batch[0]))
    near(found[1], of_features)


def test_jacobians_of_each_sample_in_one_run(forward_runs):
    f, w, X = made(kw.Probabilities()), drawn(N_PARAMS), drawn(7, 2)
    found = jax.block_until_ready(jax.jit(jax.vmap(jax.jacrev(f), (None, 0)))(w, X))
    assert forward_runs == [7]
    near(found, jnp.stack([jax.jacrev(f)(w, x) for x in X]))


def test_a_scan(forward_runs):
    f, w, X = made(), drawn(N_PARAMS), drawn(4, 6, 2)

    def loss(w):
        return jax.lax.scan(lambda total, x: (total + f(w, x).sum(), None), 0.0, X)[0]

    found = jax.block_until_ready(jax.grad(loss)(w))
    assert forward_runs == [6] * 4
    near(found, jax.grad(lambda w: f(w, X).sum())(w))


def test_training_with_jit():
    f, X = made((kw.Z(0),)), drawn(20, 2)
    y = jnp.cos(X[:, :1])

    @jax.jit
    def step(w):
        loss, gradient = jax.value_and_grad(lambda w: ((f(w, X) - y) ** 2).mean())(w)
        return w - 0.5 * gradient, loss

    w, losses = drawn(N_PARAMS), []
    for _ in range(60):
        w, loss = step(w)
        losses.append(float(loss))
    assert losses[-1] < 0.1 * losses[0]


def test_large_batches_do_not_block():
    """Arrays that JAX hands over while its own threads are busy."""
    f, w, X = made(kw.Probabilities()), drawn(N_PARAMS), drawn(50_000, 2)
    step = jax.jit(jax.grad(lambda w, x: (f(w, x) ** 2).sum(), (0, 1)))
    for _ in range(3):
        assert np.isfinite(jax.block_until_ready(step(w, X))[0]).all()


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_forward_mode_is_refused(compiled):
    f, w, X = made(), drawn(N_PARAMS), drawn(3, 2)
    g = jax.jit(f) if compiled else f
    for run in (lambda: jax.jvp(g, (w, X), (w, X)), lambda: jax.jacfwd(g)(w, X)):
        with pytest.raises(TypeError, match="custom_vjp"):
            run()


@pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])
def test_second_derivatives_are_refused(compiled):
    f, w, X = made(), drawn(N_PARAMS), drawn(3, 2)

    def loss(w):
        return f(w, X).sum()

    for second in (jax.hessian(loss), jax.grad(lambda w: (jax.grad(loss)(w) ** 2).sum())):
        with pytest.raises(ValueError, match="do not support JVP"):
            (jax.jit(second) if compiled else second)(w)
