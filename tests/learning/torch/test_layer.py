"""The layer as a module: shapes, precisions, outputs, starts, copies, workers and what it refuses."""

import copy
import gc
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.preparation.premap import IDENTITY, PreMap
from ketwise.blocks.preparation.premaps import arccos, arctan

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
from torch import nn  # noqa: E402
from torch._subclasses import FakeTensorMode  # noqa: E402

ROOT = Path(__file__).parents[3]
OUTPUTS = {
    "expectations": [kw.Z(0), kw.X(1) * kw.Z(2)],
    "probabilities": kw.Probabilities([2, 0]),
    "overlaps": kw.Overlap(np.eye(8)[:2]),
    "state": kw.State(),
}
DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def model() -> kw.Encoding:
    return kw.encodings.angle(3) + kw.ansatz.strongly_entangling(3, layers=2)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_returns_what_the_program_does_in_its_precision(kind, dtype, device):
    layer = kw.torch.Layer(model(), OUTPUTS[kind], dtype=dtype, device=device)
    X = torch.randn(19, 3, dtype=dtype, device=device)
    found = layer(X)
    program = model().compile(OUTPUTS[kind], dtype="complex64" if dtype == torch.float32 else "complex128")
    expected = program(layer.params.detach().cpu().numpy(), X.cpu().numpy())
    assert found.device == X.device
    assert found.dtype == (dtype.to_complex() if kind == "state" else dtype)
    assert np.array_equal(found.detach().cpu().numpy(), expected)
    found.abs().sum().backward()
    assert (layer.params.grad.dtype, layer.params.grad.device) == (dtype, X.device)


def test_one_rotation_is_a_cosine():
    x, w = kw.features(1), kw.params(1)
    layer = kw.torch.Layer(kw.Circuit(1).ry(w[0] * x[0], 0), kw.Z(0), init=[0.7], dtype=torch.float64)
    X = torch.linspace(-3, 3, 17, dtype=torch.float64)[:, None].requires_grad_()
    found = layer(X)
    found.sum().backward()
    with torch.no_grad():
        torch.testing.assert_close(found, torch.cos(0.7 * X), rtol=0, atol=1e-14)
        torch.testing.assert_close(X.grad, -0.7 * torch.sin(0.7 * X), rtol=0, atol=1e-14)
        torch.testing.assert_close(layer.params.grad, -(X * torch.sin(0.7 * X)).sum()[None], rtol=0, atol=1e-12)


@pytest.mark.parametrize("lead", [(), (1,), (17,), (0,), (2, 3), (2, 1, 4)])
@pytest.mark.parametrize("each", [False, True])
def test_leading_axes_are_kept(lead, each):
    layer = kw.torch.Layer(model(), OUTPUTS["expectations"], dtype=torch.float64)
    X = torch.randn(*lead, 3, dtype=torch.float64)
    params = torch.randn(*lead, layer.n_params, dtype=torch.float64) if each else layer.params
    found = layer(X, params)
    assert found.shape == (*lead, 2)
    rows = params.reshape(-1, layer.n_params) if each else params.expand(found[..., 0].numel(), -1)
    for one, x, w in zip(found.reshape(-1, 2), X.reshape(-1, 3), rows, strict=True):
        torch.testing.assert_close(one, layer(x, w), rtol=0, atol=1e-12)


def test_params_of_each_sample_alone_give_the_batch():
    layer = kw.torch.Layer(model(), kw.Z(0))
    assert layer(torch.zeros(3), torch.zeros(4, layer.n_params)).shape == (4, 1)
    circuit = kw.ansatz.hardware_efficient(2)
    layer = kw.torch.Layer(circuit, kw.Z(0))
    assert layer().shape == (1,)
    assert layer(params=torch.zeros(5, layer.n_params)).shape == (5, 1)
    assert layer(torch.zeros(4, 0)).shape == (4, 1)


def test_a_circuit_without_params_has_none_to_train():
    layer = kw.torch.Layer(kw.Circuit(1).ry(kw.features(1)[0], 0), kw.Z(0))
    assert layer.params is None
    assert list(layer.parameters()) == []
    X = torch.zeros(3, 1, requires_grad=True)
    layer(X).sum().backward()
    assert torch.equal(X.grad, torch.zeros(3, 1))
    layer.reset_parameters()


@pytest.mark.parametrize(
    ("features", "params", "found"),
    [
        (torch.float32, torch.float32, torch.float32),
        (torch.float64, torch.float32, torch.float64),
        (torch.float32, torch.float64, torch.float64),
        (torch.bfloat16, torch.float32, torch.float32),
        (torch.float16, torch.float16, torch.float32),
        (torch.int64, torch.float32, torch.float32),
    ],
)
def test_the_wider_precision_is_taken(features, params, found):
    layer = kw.torch.Layer(model(), kw.Z(0), dtype=params)
    X = torch.ones(4, 3, dtype=features)
    if X.is_floating_point():
        X.requires_grad_()
    out = layer(X)
    assert out.dtype == found
    out.sum().backward()
    assert layer.params.grad.dtype == params
    assert X.grad is None or X.grad.dtype == features


def test_precision_follows_the_module():
    layer = kw.torch.Layer(model(), kw.Z(0))
    assert layer(torch.ones(2, 3)).dtype == torch.float32
    assert layer.double()(torch.ones(2, 3).double()).dtype == torch.float64


def test_an_encoding_brings_its_premap():
    encoding = kw.encodings.chebyshev(3) + kw.ansatz.strongly_entangling(3)
    layer = kw.torch.Layer(encoding, OUTPUTS["expectations"], dtype=torch.float64)
    X = (torch.rand(5, 3, dtype=torch.float64) - 0.5).requires_grad_()
    program = encoding.compile(OUTPUTS["expectations"])
    cotangent = np.random.default_rng(0).normal(size=(5, 2))
    values, d_params, d_features = program.vjp(layer.params.detach().numpy(), X.detach().numpy(), cotangent)
    out = layer(X)
    out.backward(torch.from_numpy(cotangent))
    for found, expected in ((out.detach(), values), (layer.params.grad, d_params), (X.grad, d_features)):
        np.testing.assert_allclose(found.numpy(), expected, rtol=0, atol=1e-13)


def test_the_start_is_seeded_by_torch_or_by_a_generator():
    def start(seed=None, **options):
        if seed is not None:
            torch.manual_seed(seed)
        return kw.torch.Layer(model(), kw.Z(0), **options).params.detach()

    assert torch.equal(start(3), start(3))
    assert not torch.equal(start(3), start(4))
    given = [start(generator=torch.Generator().manual_seed(7)) for _ in range(2)]
    assert torch.equal(*given)
    values = torch.linspace(0, 1, model().n_params)
    assert torch.equal(start(init=values), values)
    assert start(init="small_angle").abs().max() < 0.11
    for outputs in OUTPUTS.values():
        assert kw.torch.Layer(model(), outputs, init="gaussian").params.isfinite().all()
    with pytest.raises(ValueError, match="init must have shape"):
        start(init=[0.0, 1.0])


def test_an_encodings_own_start_is_kept():
    layer = kw.torch.Layer(kw.encodings.reuploading(2), kw.Z(0), init="small_angle")
    own = torch.from_numpy(kw.encodings.reuploading(2).start_params())
    assert own.any()
    assert (layer.params.detach() - own).abs().max() < 0.11


def test_state_dict_holds_the_params_alone():
    layer, other = (kw.torch.Layer(model(), kw.Z(0)) for _ in range(2))
    assert list(layer.state_dict()) == ["params"]
    file = io.BytesIO()
    torch.save(layer.state_dict(), file)
    file.seek(0)
    other.load_state_dict(torch.load(file, weights_only=True))
    X = torch.randn(4, 3)
    assert torch.equal(layer(X), other(X))


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: _through_a_file(m)], ids=["deepcopy", "file"])
def test_copies_are_independent_and_equal(twin):
    layer = nn.Sequential(nn.Linear(2, 3), kw.torch.Layer(model(), OUTPUTS["probabilities"]))
    other = twin(layer)
    X = torch.randn(5, 2)
    assert torch.equal(layer(X), other(X))
    other(X).square().sum().backward()
    assert layer[1].params.grad is None
    assert other[1].params.grad is not None


def _through_a_file(module):
    file = io.BytesIO()
    torch.save(module, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


def cubes(X):
    return X**3


def cubes_back(X, cotangent):
    return 3 * X**2 * cotangent


def test_a_copy_with_a_premap_of_ones_own_outlives_the_original():
    premap = PreMap("cubes", cubes, cubes_back)
    layer = kw.torch.Layer(kw.Encoding("mine", kw.Circuit(1).ry(kw.features(1)[0], 0), premap), kw.Z(0)).double()
    copies = [copy.deepcopy(layer), _through_a_file(layer)]
    del layer
    gc.collect()
    X = torch.tensor([[0.3], [1.2]], dtype=torch.float64, requires_grad=True)
    for each in copies:
        out = each(X)
        (found,) = torch.autograd.grad(out.sum(), X)
        torch.testing.assert_close(out, torch.cos(X**3), rtol=0, atol=1e-14)
        torch.testing.assert_close(found, -3 * X**2 * torch.sin(X**3), rtol=0, atol=1e-14)


def test_a_file_is_read_where_the_circuit_was_never_made(tmp_path):
    layer = kw.torch.Layer(model(), kw.Z(0))
    torch.save(layer, tmp_path / "layer.pt")
    code = (
        "import torch; layer = torch.load('layer.pt', weights_only=False); print(layer(torch.zeros(3)).item()); "
        "print(layer._key)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    value, key = done.stdout.split()
    assert float(value) == pytest.approx(layer(torch.zeros(3)).item(), abs=1e-6)
    assert key == layer._key  # or graphs that torch keeps on disk would be compiled again


def test_equal_circuits_share_a_key_and_others_do_not():
    def key(*arguments, **options):
        return kw.torch.Layer(*arguments, **options)._key

    base = kw.Circuit(2).ry(kw.params(1)[0], 0)
    others = [
        key(base, kw.Z(0)),
        key(base, kw.Z(1)),
        key(base, kw.X(0)),
        key(base, kw.Probabilities([0])),
        key(base, kw.Probabilities([1])),
        key(base, kw.Z(0), backend=kw.Reference()),
        key(base.copy().x(0), kw.Z(0)),
        key(base.copy().x(1), kw.Z(0)),
        key(base.copy().x(0, controls=[1]), kw.Z(0)),
        key(base.copy().x(0, controls={1: 0}), kw.Z(0)),
        key(base.copy().unitary(np.diag([1, 1j]), 0), kw.Z(0)),
        key(base.copy().unitary(np.diag([1, 1j * np.exp(1e-12j)]), 0), kw.Z(0)),
        key(kw.Circuit(2).ry(1.0000000000000002 * kw.params(1)[0], 0), kw.Z(0)),
        key(kw.Circuit(2, n_params=2).ry(kw.params(1)[0], 0), kw.Z(0)),
        key(kw.Circuit(3).ry(kw.params(1)[0], 0), kw.Z(0)),
    ]
    shifted = kw.Circuit(1).ry(kw.features(1)[0], 0)
    others += [
        key(kw.Encoding("e", shifted, premap), kw.Z(0)) for premap in (IDENTITY, arccos(), arccos(0.5), arctan())
    ]
    assert len(set(others)) == len(others)
    assert key(kw.Circuit(2).ry(kw.params(1)[0], 0), [kw.Z(0)]) == others[0]


class Encoded(torch.utils.data.Dataset):
    """Rows that went through the layer in the worker that loads them."""

    def __init__(self, layer):
        self.layer = layer

    def __len__(self):
        return 12

    def __getitem__(self, row):
        with torch.no_grad():
            return self.layer(torch.full((3,), row / 12))


def test_workers_of_a_loader():
    """Forked and spawned, in a process of their own: libraries of other tests warn of forks."""
    code = "from tests.learning.torch.test_layer import in_workers; in_workers()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()) == (0, ["fork", "True", "spawn", "True"]), done.stderr


def in_workers():
    """Print whether workers of each kind return what this process does."""
    layer = kw.torch.Layer(model(), OUTPUTS["expectations"])
    data = Encoded(layer)
    with torch.no_grad():
        layer(torch.zeros(64, 3))  # the engine's threads have run before the fork
    for method in ("fork", "spawn"):
        loader = torch.utils.data.DataLoader(data, batch_size=4, num_workers=1, multiprocessing_context=method)
        print(method, torch.equal(torch.cat(list(loader)), torch.stack([data[row] for row in range(len(data))])))


def test_the_result_is_where_the_params_are():
    layer = kw.torch.Layer(model(), OUTPUTS["probabilities"])
    assert layer.to("meta")(torch.empty(5, 3, device="meta")).shape == (5, 4)
    with pytest.raises(ValueError, match=r"features are on cpu, params on meta"):
        layer(torch.zeros(5, 3))
    with FakeTensorMode(), torch.no_grad():
        found = layer(torch.empty(5, 3, device="cuda"), torch.empty(layer.n_params, device="cuda"))
        assert found.device.type == "cuda"


@pytest.mark.parametrize("given", [np.zeros((2, 3)), [[0.0] * 3]])
def test_what_is_no_tensor_is_refused(given):
    with pytest.raises(TypeError, match="features must be a tensor"):
        kw.torch.Layer(model(), kw.Z(0))(given)


@pytest.mark.parametrize(
    ("features", "params", "message"),
    [
        (None, None, r"features are missing: this layer takes \(\.\.\., 3\)"),
        (torch.zeros(2, 4), None, r"features must have shape \(\.\.\., 3\), got \(2, 4\)"),
        (torch.tensor(1.0), None, r"features must have shape \(\.\.\., 3\), got \(\)"),
        (torch.zeros(2, 3), torch.zeros(5), r"params must have shape \(\.\.\., 18\), got \(5,\)"),
        (torch.zeros(2, 3), torch.zeros(4, 18), r"params must have shape \(18,\) or \(2, 18\), got \(4, 18\)"),
        (torch.zeros(2, 3, dtype=torch.complex64), None, "features must be real"),
        (torch.full((2, 3), torch.nan), None, "features must be finite: row 0"),
    ],
)
def test_wrong_inputs_are_refused(features, params, message):
    with pytest.raises(ValueError, match=message):
        kw.torch.Layer(model(), kw.Z(0))(features, params)


def test_wrong_circuits_are_refused():
    with pytest.raises(TypeError, match="circuit must be a Circuit or an Encoding"):
        kw.torch.Layer("iqp", kw.Z(0))
    with pytest.raises(ValueError, match="qubit"):
        kw.torch.Layer(kw.Circuit(1), kw.Z(3))
    with pytest.raises(ValueError, match="dtype must be"):
        kw.torch.Layer(model(), kw.Z(0), dtype=torch.int32)


def test_without_torch_the_extra_is_named():
    code = (
        "import sys; sys.modules['torch'] = None\nimport ketwise\ntry: ketwise.torch\nexcept ImportError as e: print(e)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 'pip install "ketwise[torch]"' in done.stdout
