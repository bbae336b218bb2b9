"""torch.func over the layer: what maps and Jacobians give is what loops over single samples give, in one run."""

import pytest

import ketwise as kw

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from torch.func import functional_call, grad, jacrev, stack_module_state, vjp, vmap  # noqa: E402

N_PARAMS = 12


TWO = (kw.Z(0), kw.X(1) * kw.Z(0))


def layer(outputs=TWO):
    torch.manual_seed(3)
    circuit = kw.encodings.angle(2) + kw.ansatz.strongly_entangling(2, layers=2)
    return kw.torch.Layer(circuit, outputs if isinstance(outputs, kw.Probabilities) else list(outputs)).double()


def tensor(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(sum(shape)))


def near(found, expected):
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_per_sample_gradients(forward_runs):
    module, X, y = layer(), tensor(9, 2), tensor(9, 2)

    def loss(params, x, y):
        return (functional_call(module, params, (x,)) - y).square().sum()

    params = {"params": module.params.detach()}
    found = vmap(grad(loss), in_dims=(None, 0, 0))(params, X, y)["params"]
    assert forward_runs == [9]
    assert found.shape == (9, N_PARAMS)
    near(found, torch.stack([grad(loss)(params, *row)["params"] for row in zip(X, y, strict=True)]))


@pytest.mark.parametrize("in_dims", [(None, 0), (0, None), (0, 0), (1, 0), (0, 1), (None, 1)])
@pytest.mark.parametrize("ranks", [(1, 1), (1, 2), (2, 2), (2, 1)])
def test_maps_and_gradients_of_maps(in_dims, ranks, forward_runs):
    """5 maps; a rank of 2 has 4 samples in each map."""
    module = layer()

    def made(size, rank, dim):
        one = tensor(*(4,) * (rank - 1), size)
        return one if dim is None else torch.stack([one + k for k in range(5)], dim=dim)

    w, x = made(N_PARAMS, ranks[0], in_dims[0]), made(2, ranks[1], in_dims[1])
    pairs = [
        [each if dim is None else each.select(dim, k) for each, dim in ((w, in_dims[0]), (x, in_dims[1]))]
        for k in range(5)
    ]

    def loss(w, x):
        return module(x, w).square().sum()

    found = vmap(lambda w, x: module(x, w), in_dims=in_dims)(w, x)
    gradients = vmap(grad(loss, argnums=(0, 1)), in_dims=in_dims)(w, x)
    assert forward_runs == [5 * (4 if 2 in ranks else 1)] * 2
    near(found, torch.stack([module(x, w) for w, x in pairs]))
    for k, of_each in enumerate(gradients):
        near(of_each, torch.stack([grad(loss, argnums=k)(*pair) for pair in pairs]))
    outer = grad(lambda w, x: vmap(loss, in_dims=in_dims)(w, x).sum(), argnums=(0, 1))(w, x)
    leaves = [each.clone().requires_grad_() for each in (w, x)]
    total = sum(
        loss(*[each if dim is None else each.select(dim, k) for each, dim in zip(leaves, in_dims, strict=True)])
        for k in range(5)
    )
    for one, other in zip(outer, torch.autograd.grad(total, leaves), strict=True):
        near(one, other)


def test_maps_of_maps(forward_runs):
    module, W, X = layer(), tensor(3, N_PARAMS), tensor(5, 2)

    def loss(w, x):
        return module(x, w).square().sum()

    both = vmap(vmap(grad(loss), in_dims=(None, 0)), in_dims=(0, None))(W, X)
    assert forward_runs == [15]
    near(both, torch.stack([torch.stack([grad(loss)(w, x) for x in X]) for w in W]))
    near(vmap(grad(loss), in_dims=(None, 0), chunk_size=2)(W[0], X), both[0])


@pytest.mark.parametrize("outputs", [TWO, kw.Probabilities(), (kw.Z(1),)])
@pytest.mark.parametrize("batch", [(), (1,), (3,)])
def test_jacobians(outputs, batch, forward_runs):
    module, X = layer(outputs), tensor(*batch, 2)
    w = module.params.detach()
    by_features, by_params = jacrev(module)(X), jacrev(lambda w: module(X, w))(w)
    assert len(forward_runs) == 2
    for found, at, function in ((by_features, X, module), (by_params, w, lambda w: module(X, w))):
        each = []
        out, pull = vjp(function, at)
        for one in torch.eye(out.numel(), dtype=torch.float64):
            each.append(pull(one.reshape(out.shape))[0])
        near(found, torch.stack(each).reshape(*out.shape, *at.shape))
    program = module._host.double
    near(by_params, torch.from_numpy(program.jacobian(w.numpy(), X.numpy())))


def test_jacobians_of_each_sample_in_one_run(forward_runs):
    module, X = layer(kw.Probabilities()), tensor(7, 2)
    w = module.params.detach()
    found = vmap(jacrev(lambda w, x: module(x, w), argnums=(0, 1)), in_dims=(None, 0))(w, X)
    assert forward_runs == [7]
    near(found[0], torch.from_numpy(module._host.double.jacobian(w.numpy(), X.numpy())))
    near(found[1], torch.from_numpy(module._host.double.feature_jacobian(w.numpy(), X.numpy())))


def test_jacobians_with_params_of_each_sample():
    module, X, W = layer(), tensor(3, 2), tensor(3, N_PARAMS)
    found = jacrev(lambda w: module(X, w))(W)
    assert found.shape == (3, 2, 3, N_PARAMS)
    for k in range(3):
        near(found[k, :, k], jacrev(lambda w, k=k: module(X[k], w))(W[k]))
        assert not found[k, :, [i for i in range(3) if i != k]].any()


def test_cotangents_of_a_state():
    circuit = kw.encodings.angle(2) + kw.ansatz.strongly_entangling(2)
    module, X = kw.torch.Layer(circuit, kw.State(), dtype=torch.float64), tensor(3, 2)

    def parts(x):
        return torch.view_as_real(module(x))

    found = jacrev(parts)(X)
    expected = torch.autograd.functional.jacobian(parts, X)
    near(found, expected)


def test_an_ensemble(forward_runs):
    modules = [layer() for _ in range(3)]
    with torch.no_grad():
        for k, module in enumerate(modules):
            module.params.add_(k)
    params, buffers = stack_module_state(modules)
    X = tensor(6, 2)
    found = vmap(lambda p, b: functional_call(modules[0], (p, b), (X,)))(params, buffers)
    assert forward_runs == [18]
    near(found, torch.stack([module(X) for module in modules]))


def test_batched_cotangents_of_autograd():
    module, X = layer(), tensor(4, 2)
    out = module(X)
    basis = torch.eye(8, dtype=torch.float64).reshape(8, 4, 2)
    (found,) = torch.autograd.grad(out, module.params, basis, is_grads_batched=True)
    near(found.reshape(4, 2, N_PARAMS), jacrev(lambda w: module(X, w))(module.params.detach()))
