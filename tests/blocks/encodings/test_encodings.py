"""Encodings against theory and against the libraries that define them."""

import itertools

import numpy as np
import pytest

from ketwise.blocks.ansatz import strongly_entangling
from ketwise.blocks.encodings import (
    Encoding,
    angle,
    exponential,
    hubregtsen,
    iqp,
    named,
    reuploading,
    without_entanglement,
    zz,
)
from ketwise.blocks.kernels import fidelity
from ketwise.words.angle import features
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Z
from ketwise.words.outputs import State

RNG = np.random.default_rng(0)


def states(encoding, X, params=None):
    return encoding.compile(State())(params, X)


def all_grid_points(n_features, n_points=8):
    """Equally spaced angles: averages of trigonometric polynomials of low degree over them are exact."""
    axis = 2 * np.pi * np.arange(n_points) / n_points
    return np.array(list(itertools.product(axis, repeat=n_features)))


#: Every qubit has an angle of its own, and sums of multiples of different ones never agree.
PRODUCTS = {
    "angle": angle,
    "iqp twin": lambda n: iqp(n, repeats=1).twin(),
    "hubregtsen twin": lambda n: hubregtsen(n, last=False).twin(),
    "exponential": lambda n: exponential(n, uploads=2),
}


@pytest.mark.parametrize("axis", ["x", "y"])
def test_the_angle_kernel_has_its_closed_form(axis):
    A, B = RNG.normal(size=(5, 3)), RNG.normal(size=(4, 3))
    kernel = fidelity(angle(3, axis=axis, scale=0.7), A, B)
    expected = np.prod(np.cos(0.7 * (A[:, None] - B[None]) / 2) ** 2, axis=2)
    np.testing.assert_allclose(kernel, expected, atol=1e-14)


@pytest.mark.parametrize("n_features", [1, 2, 3])
@pytest.mark.parametrize("build", PRODUCTS.values(), ids=PRODUCTS)
def test_moments_of_product_kernels_on_uniform_angles(build, n_features):
    encoding, rows = build(n_features), all_grid_points(n_features, 16)
    params = RNG.normal(size=encoding.n_params) if encoding.n_params else None
    kernel = fidelity(encoding, rows[:1], rows, params=params)  # it depends on differences alone
    assert kernel.mean() == pytest.approx(2.0**-encoding.n_qubits, abs=1e-13)
    assert (kernel**2).mean() == pytest.approx((3 / 8) ** encoding.n_qubits, abs=1e-13)


@pytest.mark.parametrize("repeats", [1, 2])
def test_iqp_from_its_definition(repeats):
    x = RNG.normal(size=3)
    bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
    spins = 1 - 2 * bits
    phase = spins @ x + sum(x[a] * x[b] * spins[:, a] * spins[:, b] for a, b in ((0, 1), (0, 2), (1, 2)))
    hadamard = np.array([[(-1.0) ** int((a & b).sum()) for b in bits] for a in bits]) / np.sqrt(8)
    expected = np.eye(8)[0]
    for _ in range(repeats):
        expected = np.exp(-0.5j * phase) * (hadamard @ expected)
    np.testing.assert_allclose(states(iqp(3, repeats=repeats), x), expected, atol=1e-13)


@pytest.mark.parametrize(("pairs", "entanglement"), [("all", "full"), ("linear", "linear"), ("ring", "circular")])
def test_zz_is_qiskits(pairs, entanglement):
    library = pytest.importorskip("qiskit.circuit.library")
    info = pytest.importorskip("qiskit.quantum_info")
    for repeats in (1, 2):
        x = RNG.uniform(0, 2 * np.pi, 3)
        theirs = library.zz_feature_map(3, reps=repeats, entanglement=entanglement).assign_parameters(x)
        ours = states(zz(3, repeats=repeats, pairs=pairs), x)
        assert abs(np.vdot(ours, info.Statevector(theirs).data)) ** 2 == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("repeats", [1, 3])
def test_iqp_is_pennylanes(repeats):
    qml = pytest.importorskip("pennylane")
    x = RNG.normal(size=3)

    @qml.qnode(qml.device("default.qubit", wires=3))
    def theirs():
        qml.IQPEmbedding(x, wires=range(3), n_repeats=repeats)
        return qml.state()

    swapped = np.asarray(theirs()).reshape(2, 2, 2).transpose().reshape(-1)
    assert abs(np.vdot(states(iqp(3, repeats=repeats), x), swapped)) ** 2 == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("build", [iqp, zz])
def test_scale_multiplies_the_features(build):
    X = RNG.normal(size=(4, 3))
    np.testing.assert_allclose(states(build(3, scale=0.3), X), states(build(3), 0.3 * X), atol=1e-13)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_reuploading_has_the_frequencies_of_its_layers_and_no_others(layers):
    encoding = reuploading(2, layers=layers)
    params = RNG.uniform(-3, 3, encoding.n_params)
    params[: 6 * layers : 3] = 1.0  # every trained scale
    n_points = 16
    X = np.column_stack([2 * np.pi * np.arange(n_points) / n_points, np.full(n_points, 0.4)])
    values = encoding.compile([Z(0), Z(1)])(params, X)
    power = np.abs(np.fft.rfft(values, axis=0) / n_points).max(axis=1)
    assert power[layers + 1 :].max() < 1e-14
    assert power[: layers + 1].min() > 1e-4


def test_reuploading_puts_every_feature_somewhere():
    few = reuploading(5, 2, layers=1)
    used = {index for op in few.circuit.ops if op.angle for m in op.angle.terms for kind, index in m if kind == 0}
    assert used == set(range(5))
    assert (few.n_qubits, few.n_params) == (2, 3 * 5 + 2)
    many = reuploading(2, 4, layers=1)
    assert (many.n_features, many.n_params) == (2, 3 * 4 + 4)
    np.testing.assert_array_equal(many.start_params(), [1, 0, 0] * 4 + [0] * 4)


def schmidt_rank(state, n_qubits, cut):
    values = np.linalg.svd(state.reshape(2 ** (n_qubits - cut), 2**cut), compute_uv=False)
    return int((values > 1e-10).sum())


@pytest.mark.parametrize("name", ["iqp", "zz", "reuploading", "pauli", "heisenberg", "hubregtsen", "unary"])
def test_a_twin_makes_products_and_the_encoding_does_not(name):
    encoding = named(name, 3)
    n = encoding.n_qubits
    x, w = RNG.normal(size=3), RNG.normal(size=encoding.n_params)
    ranks = [schmidt_rank(states(e, x, w), n, cut) for e in (encoding, encoding.twin()) for cut in (1, 2)]
    assert min(ranks[:2]) > 1
    assert max(ranks[2:]) == 1


def test_a_twin_keeps_features_params_and_start():
    encoding = reuploading(3) + strongly_entangling(3).shift(params=reuploading(3).n_params)
    twin = encoding.twin()
    assert (twin.n_features, twin.n_params, twin.start) == (encoding.n_features, encoding.n_params, encoding.start)
    only_pairs = Circuit(2).rxx(features(2)[1], 0, 1).cp(0.3, 0, 1).p(0.2, 0)
    stripped = without_entanglement(only_pairs)
    assert (stripped.n_features, len(stripped)) == (2, 1)


def test_adding_a_circuit_keeps_the_rest():
    whole = iqp(3) + strongly_entangling(3, 1)
    assert isinstance(whole, Encoding)
    assert (whole.name, whole.n_features, whole.n_params) == ("iqp", 3, 9)
    assert len(whole.circuit) == len(iqp(3).circuit) + len(strongly_entangling(3, 1))
    with pytest.raises(TypeError):
        iqp(3) + 1
    with pytest.raises(ValueError, match="start"):
        Encoding("short", Circuit(1), start=(1.0,))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: angle(0), "n_features"),
        (lambda: angle(2, axis="z"), "axis"),
        (lambda: iqp(2, repeats=0), "repeats"),
        (lambda: iqp(2, pairs="some"), "pairs"),
        (lambda: zz(2, scale=np.inf), "scale"),
        (lambda: reuploading(2, 0), "n_qubits"),
        (lambda: named("fourier", 2), "angle, iqp, zz, reuploading"),
        (lambda: named("angle", 2, repeats=3), "takes no 'repeats'; it takes axis, scale"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
