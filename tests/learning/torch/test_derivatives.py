"""Gradients of the layer: finite differences, torch's autodiff of the same circuit, and the forward run only once."""

import numpy as np
import pytest

import ketwise as kw

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
import torch.autograd.forward_ad as forward_ad  # noqa: E402

# torch scripts its own decompositions when forward mode is first used.
pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")

OUTPUTS = {
    "expectations": [kw.Z(0), 0.5 * kw.X(1) * kw.Z(2) - kw.Y(0)],
    "probabilities": kw.Probabilities([2, 0]),
    "overlaps": kw.Overlap(np.eye(8)[:2] + 1j * np.eye(8)[1:3]),
    "state": kw.State(),
}


def circuit() -> kw.Circuit:
    """Angles that are products and squares, controls, a fixed matrix: shared, per sample, and both."""
    x, w = kw.features(2), kw.params(5)
    made = kw.Circuit(3).h(0).h(1).h(2)
    made.ry(w[0] * x[0] + w[1], 0).rzz(x[0] * x[1], 0, 1).rx(w[2], 1, controls=[0]).cx(1, 2)
    made.rxx(x[1] * x[1], 1, 2).rz(w[3] * w[4], 2).iswap(0, 2).ry(w[1], 2).rx(x[0] - 2 * w[4], 0)
    return made


def layer(kind="expectations", backend=None):
    torch.manual_seed(1)
    return kw.torch.Layer(circuit(), OUTPUTS[kind], dtype=torch.float64, init="uniform", backend=backend)


def rows(batch):
    return torch.randn(*batch, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("backend", [None, kw.Reference()], ids=["native", "reference"])
@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("batch", [(), (1,), (9,)])
@pytest.mark.parametrize("each", [False, True])
def test_gradcheck(kind, batch, each, backend):
    module = layer(kind, backend)
    X = rows(batch).requires_grad_()
    w = module.params.detach().expand(*batch if each else (), 5).clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda w, x: module(x, w), (w, X), nondet_tol=0)


@pytest.mark.parametrize("batch", [1, 7, 8, 16, 17, 100])
def test_the_same_circuit_written_in_torch(batch):
    x, w = kw.features(2), kw.params(2)
    made = kw.Circuit(2).ry(w[0] * x[0], 0).ry(w[1] + x[1], 1).cx(0, 1).rz(x[0] * x[1], 1).rx(w[0], 1)
    module = kw.torch.Layer(made, [kw.Z(1), kw.Y(0) * kw.X(1)], dtype=torch.float64, init=[0.4, -1.1])

    def matrix(word, angle):
        one = {"X": [[0, 1], [1, 0]], "Y": [[0, -1j], [1j, 0]], "Z": [[1, 0], [0, -1]]}
        generator = torch.tensor(one[word], dtype=torch.complex128)
        return torch.cos(angle / 2) * torch.eye(2, dtype=torch.complex128) - 1j * torch.sin(angle / 2) * generator

    def by_hand(w, x):
        one = torch.eye(2, dtype=torch.complex128)
        low, high = (lambda m: torch.kron(one, m)), (lambda m: torch.kron(m, one))
        state = torch.tensor([1, 0, 0, 0], dtype=torch.complex128)
        state = high(matrix("Y", w[1] + x[1])) @ low(matrix("Y", w[0] * x[0])) @ state
        state = state[[0, 3, 2, 1]]  # cx: where bit 0 is set, bit 1 flips
        state = high(matrix("X", w[0])) @ high(matrix("Z", x[0] * x[1])) @ state
        z1 = torch.diag(torch.tensor([1, 1, -1, -1], dtype=torch.complex128))
        x1, y0 = (torch.tensor(each, dtype=torch.complex128) for each in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]]))
        y0x1 = torch.kron(x1, y0)
        return torch.stack([(state.conj() @ o @ state).real for o in (z1, y0x1)])

    X = rows((batch,)).requires_grad_()
    cotangent = torch.randn(batch, 2, dtype=torch.float64)
    expected = torch.stack([by_hand(module.params, row) for row in X])
    found = module(X)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-13)
    ours = torch.autograd.grad((found * cotangent).sum(), (module.params, X))
    theirs = torch.autograd.grad((expected * cotangent).sum(), (module.params, X))
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-12)


def test_a_step_runs_forward_once(runs):
    module = layer()
    module(rows((9,))).sum().backward()
    assert runs == ["forward", "backward"]


def test_without_gradients_nothing_is_kept(runs):
    module = layer()
    with torch.no_grad():
        module(rows((9,)))
    with torch.inference_mode():
        module(rows((9,)))
    module.requires_grad_(False)
    module(rows((9,)))
    assert runs == ["__call__"] * 3


def test_only_what_is_wanted_is_computed(wanted):
    module = layer()
    module(rows((3,))).sum().backward()
    X = rows((3,)).requires_grad_()
    module(X).sum().backward()
    module.requires_grad_(False)
    module(X).sum().backward()
    assert wanted == [("params",), ("params", "features"), ("features",)]


def test_a_graph_can_be_used_again(runs):
    module = layer()
    out = module(rows((4,)))
    for _ in range(2):
        out.sum().backward(retain_graph=True)
    first = module.params.grad / 2
    module.params.grad = None
    module(rows((4,))).sum().backward()
    assert torch.equal(first, module.params.grad)
    assert runs == ["forward", "backward", "backward", "forward", "backward"]


def test_what_is_kept_may_be_moved(runs):
    """Tensors that were saved come back from wherever hooks put them, at addresses of their choice."""

    def unaligned(tensor):
        place = torch.empty(tensor.numel() + 1, dtype=tensor.dtype)[1:].view(tensor.shape)
        return place.copy_(tensor)

    module, X = layer(), rows((11,))
    module(X).sum().backward()
    expected, module.params.grad = module.params.grad, None
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t.clone(), unaligned):
        module(X).sum().backward()
    assert torch.equal(module.params.grad, expected)
    module.params.grad = None
    torch.utils.checkpoint.checkpoint(module, X, use_reentrant=False).sum().backward()
    assert torch.equal(module.params.grad, expected)
    assert runs == ["forward", "backward"] * 2 + ["forward", "forward", "backward"]


def test_changed_params_are_noticed():
    module = layer()
    out = module(rows((4,)))
    with torch.no_grad():
        module.params.add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_the_same_bits_alone_and_in_any_batch():
    module, X = layer(), rows((40,)).requires_grad_()
    module(X).square().sum().backward()
    for row in (0, 7, 8, 39):
        one = X.detach()[row].requires_grad_()
        module(one).square().sum().backward()
        assert torch.equal(one.grad, X.grad[row])


def test_parts_of_the_outputs_and_none_of_them():
    module, X = layer(), rows((3,)).requires_grad_()
    (found,) = torch.autograd.grad(module(X)[1, 0], X)
    assert not found[[0, 2]].any()
    assert found[1].all()
    assert module(rows((0,))).sum().backward() is None
    assert not module.params.grad.any()


def test_a_conjugated_view_of_a_cotangent():
    module = layer("state")
    out = module(rows((3,)))
    cotangent = torch.randn(3, 8, dtype=torch.complex128)
    found = [
        torch.autograd.grad(out, module.params, each, retain_graph=True)[0]
        for each in (cotangent.conj(), cotangent.conj().resolve_conj())
    ]
    assert torch.equal(*found)


@pytest.mark.parametrize("wrap", ["params", "features"])
def test_forward_mode_is_refused(wrap):
    module, X = layer(), rows((3,))

    def run(given):
        return module(given) if wrap == "features" else module(X, given)

    at = X if wrap == "features" else module.params.detach()
    with pytest.raises(NotImplementedError, match="jvp"):
        torch.func.jvp(run, (at,), (torch.ones_like(at),))
    with pytest.raises(NotImplementedError, match="jvp"):
        torch.func.jacfwd(run)(at)
    with torch.no_grad(), forward_ad.dual_level(), pytest.raises(NotImplementedError, match="jvp"):
        run(forward_ad.make_dual(at, torch.ones_like(at)))


def test_the_operators_refuse_forward_mode_too():
    """A graph that was traced holds the operators alone: a tangent must not be lost on the way through them."""
    module, X = layer(), rows((3,))
    arguments = (module.params.detach(), X, module._key, True)
    values, kept = torch.ops.ketwise.outputs(*arguments)
    with torch.no_grad(), forward_ad.dual_level():
        dual = forward_ad.make_dual(X, torch.ones_like(X))
        with pytest.raises(NotImplementedError, match="no forward-mode derivative"):
            torch.ops.ketwise.outputs(arguments[0], dual, *arguments[2:])
        with pytest.raises(NotImplementedError, match="no forward-mode derivative"):
            torch.ops.ketwise.pull_back(arguments[0], dual, kept, values, module._key, True, True, False)


def test_second_derivatives_are_refused():
    module, X = layer(), rows((3,))
    out = module(X).sum()
    (gradient,) = torch.autograd.grad(out, module.params, create_graph=True)
    with pytest.raises(NotImplementedError, match=r"differentiated once only.*kw\.hessian"):
        (out + gradient.square().sum()).backward()

    def loss(w):
        return module(X, w).sum()

    for second in (torch.func.hessian, lambda f: torch.func.jacrev(torch.func.grad(f)), torch.func.jacrev):
        if second is torch.func.jacrev:
            assert second(loss)(module.params.detach()).shape == (5,)
            continue
        with pytest.raises(NotImplementedError):
            second(loss)(module.params.detach())
    with pytest.raises(NotImplementedError):  # jvp by two reverse runs
        torch.autograd.functional.jvp(loss, module.params.detach(), torch.ones(5, dtype=torch.float64))


def test_a_backend_that_can_only_run_is_shifted(runs):
    class OnlyRuns:
        """The reference without its reverse sweep, as a device is."""

        name = "only runs"

        def compile(self, *arguments):
            return kw.Reference().compile(*arguments)

        def run(self, *arguments):
            return kw.Reference().run(*arguments)

    shifted, native, X = layer(backend=OnlyRuns()), layer(), rows((2,))
    found = [torch.autograd.grad(m(X).square().sum(), m.params)[0] for m in (shifted, native)]
    torch.testing.assert_close(*found, rtol=0, atol=1e-12)
    assert runs == ["__call__", "backward", "forward", "backward"]
    one = torch.func.vmap(torch.func.grad(lambda w, x: shifted(x, w).sum()), in_dims=(None, 0))
    torch.testing.assert_close(
        one(shifted.params.detach(), X).sum(0),
        torch.autograd.grad(native(X).sum(), native.params)[0],
        rtol=0,
        atol=1e-12,
    )
