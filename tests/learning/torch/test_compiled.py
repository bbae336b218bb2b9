"""``torch.compile`` takes the layer whole: one graph, the same bits, the forward run once, and no derivative lost."""

import os
import shutil

import pytest

import ketwise as kw
from ketwise.learning.hosted import host

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from torch import nn  # noqa: E402

pytestmark = [
    # Of torch's own: while it traces a Function, and when forward mode is first used.
    pytest.mark.filterwarnings("ignore:.*Function'> should not be instantiated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.torch.jit.script(_method)?. is deprecated:DeprecationWarning"),
]
BACKENDS = ["eager", "aot_eager"]
#: What torch uses where it is asked for nothing else; it compiles what it makes of a graph.
INDUCTOR = ["inductor"] if os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++") else []


def quantum():
    torch.manual_seed(5)
    circuit = kw.encodings.angle(3) + kw.ansatz.strongly_entangling(3)
    return kw.torch.Layer(circuit, [kw.Z(0), kw.X(1) * kw.Z(2)])


def model(dtype=torch.float64):
    layer = quantum()
    return nn.Sequential(nn.Linear(4, 3), nn.Tanh(), layer, nn.Linear(2, 1)).to(dtype)


@pytest.fixture(autouse=True)
def _fresh():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


@pytest.mark.parametrize("backend", [*BACKENDS, *(pytest.param(name, marks=pytest.mark.long) for name in INDUCTOR)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_whole_model(backend, dtype, runs):
    module = model(dtype)
    compiled = torch.compile(module, fullgraph=True, backend=backend)
    for batch in (7, 16, 33):  # from the second size on, the batch is a symbol
        X = torch.randn(batch, 4, dtype=dtype, requires_grad=True)
        found = [_step(each, module, X) for each in (compiled, module)]
        assert runs == ["forward", "backward"] * 2
        runs.clear()
        tolerance = 1e-5 if dtype == torch.float32 else 1e-12
        for ours, theirs in zip(*found, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance)
    with torch.no_grad():
        torch.testing.assert_close(compiled(X), module(X), rtol=0, atol=tolerance)
    assert runs == ["__call__"] * 2


def _step(function, module, X):
    module.zero_grad()
    X.grad = None
    out = function(X)
    out.square().sum().backward()
    return [out.detach(), X.grad, *(parameter.grad for parameter in module.parameters())]


@pytest.mark.parametrize("backend", BACKENDS)
def test_training_step_by_step(backend):
    losses = []
    X, y = torch.randn(12, 4, dtype=torch.float64), torch.randn(12, 1, dtype=torch.float64)
    for compiled in (False, True):
        module = model()
        run = torch.compile(module, fullgraph=True, backend=backend) if compiled else module
        optimizer = torch.optim.Adam(module.parameters(), 0.1)
        for _ in range(5):
            optimizer.zero_grad()
            loss = (run(X) - y).square().mean()
            loss.backward()
            optimizer.step()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(losses[1], abs=1e-12)


@pytest.mark.parametrize("backend", INDUCTOR)
def test_the_layer_alone_in_torchs_own_compiler(backend, runs):
    layer = quantum()
    compiled = torch.compile(layer, fullgraph=True, backend=backend)
    for batch in (7, 17):
        X = torch.randn(batch, 3, requires_grad=True)
        found = [torch.autograd.grad(each(X), (X, layer.params), torch.ones(batch, 2)) for each in (compiled, layer)]
        assert runs == ["forward", "backward"] * 2
        runs.clear()
        assert all(map(torch.equal, *found))


@pytest.mark.parametrize("kind", ["probabilities", "state"])
def test_other_outputs_and_params_of_each_sample(kind):
    layer = kw.torch.Layer(kw.ansatz.hardware_efficient(2), kw.State() if kind == "state" else kw.Probabilities([1]))
    compiled = torch.compile(layer, fullgraph=True, backend="aot_eager")
    params = torch.randn(5, layer.n_params, requires_grad=True)
    found = [
        torch.autograd.grad(each(params=params).abs().square()[:, 0].sum(), params)[0] for each in (compiled, layer)
    ]
    assert torch.equal(*found)
    assert torch.equal(compiled(), layer())


def test_it_is_exported():
    module, X = model(), torch.randn(3, 4, dtype=torch.float64)
    exported = torch.export.export(module, (X,), dynamic_shapes=({0: torch.export.Dim("batch")},))
    for batch in (3, 20):
        X = torch.randn(batch, 4, dtype=torch.float64)
        torch.testing.assert_close(exported.module()(X), module(X), rtol=0, atol=1e-14)


def test_a_freed_circuit_is_named():
    layer = kw.torch.Layer(kw.Circuit(1).ry(kw.params(1)[0], 0).rx(0.123, 0), kw.Z(0))
    arguments = (layer.params.detach(), torch.empty(0), layer._key, False)
    torch.ops.ketwise.outputs(*arguments)
    assert host(layer.circuit, kw.Z(0)).key == layer._key
    del layer
    with pytest.raises(RuntimeError, match="the circuit of this graph was freed"):
        torch.ops.ketwise.outputs(*arguments)


def test_the_operators_keep_torchs_rules():
    """Schemas, fake shapes and tracing, as torch checks them itself."""
    layer = kw.torch.Layer(kw.encodings.angle(3) + kw.ansatz.strongly_entangling(3), [kw.Z(0), kw.Z(1)])
    for batch in ((), (7,), (17,)):
        X, w = torch.randn(*batch, 3), layer.params.detach()
        for keep in (False, True):
            torch.library.opcheck(torch.ops.ketwise.outputs.default, (w, X, layer._key, keep))
        values, kept = torch.ops.ketwise.outputs(w, X, layer._key, True)
        for rows in (False, True):
            arguments = (w, X, kept, values, layer._key, True, not rows, rows)
            torch.library.opcheck(torch.ops.ketwise.pull_back.default, arguments)


@pytest.mark.parametrize("backend", BACKENDS)
def test_forward_mode_is_refused(backend):
    module, X = model(), torch.randn(3, 4, dtype=torch.float64)

    def inside(x):
        return torch.func.jvp(module, (x,), (torch.ones_like(x),))[1]

    def around(x):
        return torch.func.jvp(compiled, (x,), (torch.ones_like(x),))[1]

    compiled = torch.compile(module, fullgraph=True, backend=backend)
    for run in (torch.compile(inside, fullgraph=True, backend=backend), around):
        with pytest.raises((NotImplementedError, torch._dynamo.exc.Unsupported)):
            run(X)
    frozen = model().requires_grad_(False)
    with pytest.raises((NotImplementedError, torch._dynamo.exc.Unsupported), match="forward-mode|forward mode|jvp"):
        torch.compile(lambda x: torch.func.jvp(frozen, (x,), (x,))[1], fullgraph=True, backend=backend)(X)


@pytest.mark.parametrize("backend", ["aot_eager", *INDUCTOR])
def test_second_derivatives_are_refused(backend):
    """By torch itself. Its debugging backend "eager" loses those of every Function, as the documentation says."""
    module, X = quantum(), torch.randn(3, 3, requires_grad=True)
    out = torch.compile(module, fullgraph=True, backend=backend)(X).sum()
    (gradient,) = torch.autograd.grad(out, X, create_graph=True)
    with pytest.raises(RuntimeError, match="double backward"):
        (out + gradient.square().sum()).backward()


@pytest.mark.parametrize("transform", ["vmap", "per-sample", "jacrev"])
def test_transforms_inside_of_a_graph_are_refused_or_right(transform):
    module = kw.torch.Layer(kw.encodings.angle(2) + kw.ansatz.strongly_entangling(2), kw.Z(0), dtype=torch.float64)
    X, w = torch.randn(3, 2, dtype=torch.float64), module.params.detach()

    def run(w, x):
        if transform == "vmap":
            return torch.func.vmap(lambda one: module(one, w))(x)
        if transform == "per-sample":
            return torch.func.vmap(torch.func.grad(lambda w, one: module(one, w).sum()), in_dims=(None, 0))(w, x)
        return torch.func.jacrev(lambda w: module(x, w))(w)

    try:
        found = torch.compile(run, backend="aot_eager")(w, X)
    except (torch._dynamo.exc.TorchDynamoException, RuntimeError):
        return
    torch.testing.assert_close(found, run(w, X), rtol=0, atol=1e-12)
