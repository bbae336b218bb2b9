"""Every backend, on circuits whose results are known in closed form: values, derivatives and shapes."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import instruction_sets
from ketwise.program.backends.base import Differentiable


@dataclass(frozen=True)
class Device:
    """The two required methods and nothing else, as hardware has: its derivatives come from parameter shift."""

    inner: Any = field(default_factory=kw.Reference)
    name: str = "a device"

    def compile(self, circuit, outputs, dtype):
        return self.inner.compile(circuit, outputs, dtype)

    def run(self, plan, angles, initial):
        return self.inner.run(plan, angles, initial)


BACKENDS = {f"native-{isa}": kw.Native(isa) for isa in instruction_sets()}
BACKENDS |= {"reference": kw.Reference(), "device": Device()}
if instruction_sets():
    BACKENDS["native-device"] = Device(kw.Native())
WITH_A_REVERSE_SWEEP = pytest.mark.parametrize(
    "backend", [name for name, value in BACKENDS.items() if isinstance(value, Differentiable)], indirect=True
)
TOLERANCE = {"complex128": 1e-13, "complex64": 2e-6}


@pytest.fixture(params=BACKENDS, scope="module")
def backend(request):
    return BACKENDS[request.param]


@pytest.fixture(params=["complex128", "complex64"], scope="module")
def dtype(request):
    return request.param


@pytest.fixture
def compiled(backend, dtype):
    """A function (circuit, outputs) -> program on the backend at hand."""
    return lambda circuit, outputs: circuit.compile(outputs, backend=backend, dtype=dtype)


@pytest.fixture
def close(dtype):
    def check(actual, expected, scale=1.0):
        expected = np.asarray(expected)
        assert np.shape(actual) == expected.shape
        np.testing.assert_allclose(actual, expected, rtol=0, atol=scale * TOLERANCE[dtype])

    return check


def test_the_device_is_differentiated_by_parameter_shift():
    assert not isinstance(Device(), Differentiable)
    assert isinstance(kw.Reference(), Differentiable)
    assert isinstance(kw.Native(), Differentiable)


def test_a_device_refuses_what_parameter_shift_cannot_give():
    circuit = kw.Circuit(1).ry(kw.params(1)[0], 0)
    with pytest.raises(TypeError, match="a state has no parameter-shift rule: ask for expectations"):
        circuit.compile(kw.State(), backend=Device()).vjp([0.1], None, np.ones(2))
    program = circuit.compile(kw.Z(0), backend=Device())
    with pytest.raises(TypeError, match="'a device' has no gradient with respect to an initial state: prepare it"):
        program.backward(program.forward([0.1], None, [0.6, 0.8])[1], np.ones(1))


# -- known states


def test_bell(compiled, close):
    bell = kw.Circuit(2).h(0).cx(0, 1)
    close(compiled(bell, kw.State())(), np.array([1, 0, 0, 1]) / np.sqrt(2))
    words = [kw.Observable(word) for word in ("ZZ", "XX", "YY", "ZI", "IZ", "XI", "XZ", "II")]
    close(compiled(bell, words)(), [1, 1, -1, 0, 0, 0, 0, 1])
    close(compiled(bell, kw.Probabilities())(), [0.5, 0, 0, 0.5])
    close(compiled(bell, kw.Probabilities([1]))(), [0.5, 0.5])
    close(compiled(bell, kw.Probabilities([]))(), [1.0])
    minus = np.array([[1, 0, 0, -1], [1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, 0]])
    close(compiled(bell, kw.Overlap(minus))(), [0, 2, 0.5, 0], scale=2)


@pytest.mark.parametrize("n_qubits", [1, 3, 6])
def test_ghz(compiled, close, n_qubits):
    circuit = kw.Circuit(n_qubits).h(0)
    for q in range(1, n_qubits):
        circuit.cx(q - 1, q)
    parity = kw.Observable("X" * n_qubits)
    ends = kw.Z(0) * kw.Z(n_qubits - 1)
    close(compiled(circuit, [parity, ends, kw.Z(n_qubits // 2)])(), [1, 1, 0])
    expected = np.zeros(1 << n_qubits)
    expected[[0, -1]] = np.sqrt(0.5)
    close(compiled(circuit, kw.State())(), expected)


def test_bit_order_of_an_asymmetric_state(compiled, close):
    """X on qubit 0 of three is index 1; on qubit 1, index 2."""
    for qubit in range(3):
        circuit = kw.Circuit(3).x(qubit)
        assert compiled(circuit, kw.State())().argmax() == 1 << qubit
        assert compiled(circuit, kw.Probabilities())().argmax() == 1 << qubit
        close(compiled(circuit, [kw.Z(q) for q in range(3)])(), [-1 if q == qubit else 1 for q in range(3)])
        assert (compiled(circuit, kw.Z(0)).sample(shots=5, seed=0) == 1 << qubit).all()
    # The order of the qubits asked for is the order of the bits of the output.
    one = kw.Circuit(3).x(1)
    close(compiled(one, kw.Probabilities([0, 1]))(), [0, 0, 1, 0])
    close(compiled(one, kw.Probabilities([1, 0]))(), [0, 1, 0, 0])
    close(compiled(one, kw.Probabilities([1, 2, 0]))(), np.eye(8)[1])


def test_fourier_transform_of_a_basis_state(compiled, close):
    n_qubits, size = 4, 16
    circuit = kw.Circuit(n_qubits)
    for q in reversed(range(n_qubits)):
        circuit.h(q)
        for lower in reversed(range(q)):
            circuit.cp(np.pi / (1 << (q - lower)), lower, q)
    for q in range(n_qubits // 2):
        circuit.swap(q, n_qubits - 1 - q)
    j, k = np.indices((size, size))
    expected = np.exp(2j * np.pi * j * k / size) / np.sqrt(size)
    close(compiled(circuit, kw.State())(None, None, np.eye(size)), expected)


def test_teleportation_with_controls_in_place_of_measurements(compiled, close):
    """Qubit 2 ends in the state that qubit 0 had, whatever it was."""
    w = kw.params(3)
    circuit = kw.Circuit(3).rot(*w, 0).h(1).cx(1, 2).cx(0, 1).h(0).cx(1, 2).cz(0, 2)
    bent, turn = 1.1, -0.7
    params = np.array([0.4, bent, turn])
    program = compiled(circuit, [kw.X(2), kw.Y(2), kw.Z(2), kw.X(0), kw.X(1)])
    # RZ RY RZ on |0>: the Bloch vector at polar angle `bent` and azimuth `turn`; the first angle is a global phase.
    bloch = [np.sin(bent) * np.cos(turn), np.sin(bent) * np.sin(turn), np.cos(bent)]
    close(program(params), [*bloch, 1, 1])
    slopes = np.zeros((5, 3))
    slopes[:3, 1] = [np.cos(bent) * np.cos(turn), np.cos(bent) * np.sin(turn), -np.sin(bent)]
    slopes[:3, 2] = [-np.sin(bent) * np.sin(turn), np.sin(bent) * np.cos(turn), 0]
    close(program.jacobian(params), slopes)


def test_grover_turns_by_twice_its_angle(compiled, close):
    """Multi-controlled phases on five qubits: P(marked) = sin^2((2k + 1) asin(2^(-n/2)))."""
    n_qubits, marked = 5, 0b10110
    bits = {q: marked >> q & 1 for q in range(n_qubits)}
    start = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        start.h(q)
    step = kw.Circuit(n_qubits).gphase(np.pi, bits) + start + kw.Circuit(n_qubits).gphase(np.pi, dict.fromkeys(bits, 0))
    circuit, theta = start, np.arcsin(2 ** (-n_qubits / 2))
    for k in range(1, 5):
        circuit = circuit + step + start
        chances = compiled(circuit, kw.Probabilities())()
        close(chances[marked], np.sin((2 * k + 1) * theta) ** 2, scale=4)


def test_increment_as_a_wide_permutation_a_phase_as_a_wide_diagonal(compiled, close):
    n_qubits = 7
    size = 1 << n_qubits
    order = [3, 0, 6, 1, 5, 2, 4]  # qubits[k] is bit k of the table's index
    values = np.exp(0.1j * np.arange(size))
    circuit = kw.Circuit(n_qubits).permutation(np.roll(np.arange(size), -5), *order).diagonal(values, *order)
    j = np.arange(size)
    at = sum((j >> k & 1) << q for k, q in enumerate(order))
    expected = np.zeros((size, size), dtype=complex)
    expected[j, at[(j + 5) % size]] = values[(j + 5) % size]
    close(compiled(circuit, kw.State())(None, None, np.eye(size)[at]), expected)


@pytest.mark.parametrize("n_matrix", [1, 2, 3, 4, 5])
def test_a_matrix_on_any_qubits_and_under_a_control(compiled, close, n_matrix):
    """Reflection about a vector: 1 - 2 |v><v|."""
    size = 1 << n_matrix
    v = np.arange(1, size + 1) + 0.5j
    v = v / np.linalg.norm(v)
    reflection = np.eye(size) - 2 * np.outer(v, v.conj())
    columns = compiled(kw.Circuit(n_matrix).unitary(reflection, *range(n_matrix)), kw.State())(None, None, np.eye(size))
    close(columns.T, reflection)
    under = kw.Circuit(n_matrix + 1).unitary(reflection, *range(n_matrix), controls={n_matrix: 0})
    columns = compiled(under, kw.State())(None, None, np.eye(2 * size))
    both = np.eye(2 * size, dtype=complex)
    both[:size, :size] = reflection
    close(columns.T, both)


# -- closed forms with angles


def product_circuit(n_qubits):
    x = kw.features(n_qubits)
    circuit = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.ry(x[q], q)
    return circuit


@pytest.mark.parametrize("batch", [1, 5, 17])
def test_product_of_cosines(compiled, close, batch):
    n = 4
    a = np.random.default_rng(0).uniform(-4, 4, (batch, n))
    circuit = product_circuit(n)
    observables = [kw.Z(q) for q in range(n)] + [kw.X(2), kw.Z(0) * kw.X(3), 2 * kw.Z(1) * kw.Z(2) - 0.5]
    cos, sin = np.cos(a), np.sin(a)
    expected = np.column_stack([cos, sin[:, 2], cos[:, 0] * sin[:, 3], 2 * cos[:, 1] * cos[:, 2] - 0.5])
    close(compiled(circuit, observables)(None, a), expected, scale=4)
    up = np.cos(a / 2) ** 2
    chances = [up[:, 3] * up[:, 1], up[:, 3] * (1 - up[:, 1]), (1 - up[:, 3]) * up[:, 1]]
    close(compiled(circuit, kw.Probabilities([1, 3]))(None, a)[:, :3], np.column_stack(chances))
    b = np.array([0.3, -0.2, 1.0, 2.0])
    target = np.ones(1)
    for angle in b:
        target = np.kron([np.cos(angle / 2), np.sin(angle / 2)], target)
    close(compiled(circuit, kw.Overlap(target))(None, a), np.prod(np.cos((a - b) / 2) ** 2, axis=1)[:, None])


def test_derivatives_of_a_product_of_cosines(compiled, close):
    n = 3
    a = np.random.default_rng(1).uniform(-2, 2, (6, n))
    circuit = product_circuit(n)
    words = [kw.Z(0) * kw.Z(1) * kw.Z(2), kw.X(1)]
    slopes = np.zeros((6, 2, n))
    for q in range(n):
        others = [p for p in range(n) if p != q]
        slopes[:, 0, q] = -np.sin(a[:, q]) * np.prod(np.cos(a[:, others]), axis=1)
    slopes[:, 1, 1] = np.cos(a[:, 1])
    close(compiled(circuit, words).feature_jacobian(None, a), slopes, scale=4)
    halves = np.zeros((6, 2, n))
    halves[:, 0, 2], halves[:, 1, 2] = -np.sin(a[:, 2]) / 2, np.sin(a[:, 2]) / 2
    close(compiled(circuit, kw.Probabilities([2])).feature_jacobian(None, a), halves, scale=4)
    overlap = np.zeros((6, 1, n))
    cos = np.cos(a / 2)
    for q in range(n):
        overlap[:, 0, q] = -0.5 * np.sin(a[:, q]) * np.prod(np.delete(cos, q, axis=1) ** 2, axis=1)
    close(compiled(circuit, kw.Overlap(np.eye(8)[0])).feature_jacobian(None, a), overlap, scale=4)


@pytest.mark.parametrize("value", [0, 1])
def test_a_controlled_rotation_acts_on_half_of_the_state(compiled, close, value):
    """The control in |+>: <Z> = (1 + cos a)/2, slope -sin(a)/2, which two shifted terms would get wrong."""
    w = kw.params(1)
    program = compiled(kw.Circuit(2).h(0).rx(w[0], 1, {0: value}), [kw.Z(1), kw.X(0)])
    a = np.linspace(-5, 5, 9)[:, None]
    close(program(a), np.hstack([(1 + np.cos(a)) / 2, np.cos(a / 2)]))
    close(program.jacobian(a), np.stack([-np.sin(a) / 2, -np.sin(a / 2) / 2], axis=1))


def test_phases_show_under_interference(compiled, close):
    w = kw.params(2)
    a, b = params = np.array([0.7, -1.2])
    kick = compiled(kw.Circuit(2).h(0).x(1).cp(w[0], 0, 1).gphase(w[1]), [kw.X(0), kw.Y(0)])
    close(kick(params), [np.cos(a), np.sin(a)])
    close(kick.jacobian(params), [[-np.sin(a), 0], [np.cos(a), 0]])
    state = compiled(kw.Circuit(1).gphase(w[1]).p(w[0], 0).x(0).p(w[0], 0), kw.State())
    close(state(params), [0, np.exp(1j * (a + b))])


@pytest.mark.parametrize("name", ["rxx", "ryy", "rzz"])
def test_ising_rotations(compiled, close, name):
    w = kw.params(1)
    a = 0.83
    circuit = getattr(kw.Circuit(2), name)(w[0], 0, 1)
    sign = {"rxx": -1j, "ryy": 1j, "rzz": 0}[name]
    expected = np.array([np.cos(a / 2), 0, 0, sign * np.sin(a / 2)])
    if name == "rzz":
        expected = np.array([np.exp(-0.5j * a), 0, 0, 0])
    close(compiled(circuit, kw.State())([a]), expected)


def test_a_word_on_many_qubits(compiled, close):
    """exp(-i a/2 P) for a word of weight six on |0...0>, with Y twice and Z twice: an image at the flipped state."""
    w = kw.params(1)
    word = kw.X(0) * kw.Y(1) * kw.Z(2) * kw.X(3) * kw.Y(4) * kw.Z(5)
    a = 1.3
    expected = np.zeros(64, dtype=complex)
    expected[0], expected[0b011011] = np.cos(a / 2), -1j * np.sin(a / 2) * 1j * 1j
    close(compiled(kw.Circuit(6).rotation(word, w[0]), kw.State())([a]), expected)
    close(compiled(kw.Circuit(6).rotation(word, w[0]), kw.Z(3)).jacobian([a]), [[-np.sin(a)]])


def test_observables_that_are_constants(compiled, close):
    program = compiled(kw.Circuit(2).ry(kw.params(1)[0], 0), [0 * kw.Z(0), 3 * kw.identity(), kw.Z(1) + 1])
    close(program([0.4]), [0, 3, 2], scale=3)
    close(program.jacobian([0.4]), np.zeros((3, 1)), scale=3)


@pytest.mark.parametrize("angle", [1e3, 1e8, -1e15, 1e300])
def test_large_angles_are_reduced_exactly(compiled, close, angle):
    """The sine and the cosine of a large number are those of that number, as the C library has them."""
    close(compiled(kw.Circuit(1).ry(kw.params(1)[0], 0), [kw.Z(0), kw.X(0)])([angle]), [np.cos(angle), np.sin(angle)])


def test_a_circuit_of_nothing(compiled, close):
    close(compiled(kw.Circuit(1), kw.State())(), [1, 0])
    close(compiled(kw.Circuit(3), [kw.Z(2), kw.X(0)])(), [1, 0])
    assert compiled(kw.Circuit(1), kw.Z(0)).jacobian().shape == (1, 0)


# -- consistency and shapes

N_QUBITS, N_PARAMS, N_FEATURES = 2, 3, 2
OUTPUTS = {
    "expectations": [kw.Z(0), kw.X(1), 0.5 * kw.Z(0) * kw.Z(1)],
    "probabilities": kw.Probabilities([1, 0]),
    "overlap": kw.Overlap([[1, 0, 0, 0], [0.5, 0.5j, -0.5, 0.5]]),
}


def mixed_circuit():
    x, w = kw.features(N_FEATURES), kw.params(N_PARAMS)
    return kw.Circuit(N_QUBITS).ry(x[0] * w[0] + w[1], 0).cry(x[1], 0, 1).rzz(w[2], 0, 1).rx(w[1] * w[1], 1)


def inputs(params_shape, features_shape):
    """Every row of a batch is different, and a shared input is its row 0."""
    rng = np.random.default_rng(3)
    params, features = rng.uniform(0.2, 1.4, (4, N_PARAMS)), rng.uniform(0.2, 1.4, (4, N_FEATURES))

    def cut(array, shape):
        return array[: shape[0]] if len(shape) == 2 else array[0]

    return cut(params, params_shape), cut(features, features_shape)


SHAPES = [
    ((N_PARAMS,), (N_FEATURES,), ()),
    ((N_PARAMS,), (4, N_FEATURES), (4,)),
    ((4, N_PARAMS), (N_FEATURES,), (4,)),
    ((4, N_PARAMS), (4, N_FEATURES), (4,)),
    ((1, N_PARAMS), (4, N_FEATURES), (4,)),
    ((4, N_PARAMS), (1, N_FEATURES), (4,)),
    ((1, N_PARAMS), (N_FEATURES,), (1,)),
    ((N_PARAMS,), (1, N_FEATURES), (1,)),
    ((N_PARAMS,), (0, N_FEATURES), (0,)),
    ((0, N_PARAMS), (N_FEATURES,), (0,)),
    ((0, N_PARAMS), (0, N_FEATURES), (0,)),
]


@pytest.mark.parametrize(("params_shape", "features_shape", "batch"), SHAPES)
@pytest.mark.parametrize("kind", OUTPUTS)
def test_shapes_and_the_ways_to_a_derivative_agree(compiled, close, kind, params_shape, features_shape, batch):
    program = compiled(mixed_circuit(), OUTPUTS[kind])
    params, features = inputs(params_shape, features_shape)
    real = np.float32 if program.dtype == np.complex64 else np.float64
    values = program(params, features)
    assert values.shape == (*batch, program.n_outputs)
    assert values.dtype == real

    weights = np.random.default_rng(5).normal(size=values.shape)
    forward, residual = program.forward(params, features)
    d_params, d_features, d_initial = program.backward(residual, weights)
    fused = program.vjp(params, features, weights)
    assert d_initial is None
    assert (d_params.shape, d_features.shape) == (params_shape, features_shape)
    assert d_params.dtype == d_features.dtype == real
    np.testing.assert_array_equal(forward, values)
    np.testing.assert_array_equal(fused[0], values)
    # A fused sweep may read states back that the other undoes.
    for left, right in zip(fused[1:], (d_params, d_features), strict=True):
        close(left, right, scale=20)

    jacobian, of_features = program.jacobian(params, features), program.feature_jacobian(params, features)
    assert jacobian.shape == (*batch, program.n_outputs, N_PARAMS)
    assert of_features.shape == (*batch, program.n_outputs, N_FEATURES)
    for gradient, slopes in ((d_params, jacobian), (d_features, of_features)):
        contracted = np.einsum("...m,...mk->...k", weights, slopes)
        if gradient.shape != contracted.shape:  # a shared input gets the sum over the batch
            contracted = contracted.sum(axis=0).reshape(gradient.shape)
        close(gradient, contracted, scale=20)

    # Each row alone is that row of the batch.
    for row in range(*batch) if batch else ():
        pick = [min(row, len(array) - 1) for array in (params, features)]
        rows = [
            array[k : k + 1] if array.ndim == 2 else array for array, k in zip((params, features), pick, strict=True)
        ]
        alone = [array[k] if array.ndim == 2 else array for array, k in zip((params, features), pick, strict=True)]
        if isinstance(program.backend, kw.Native):
            np.testing.assert_array_equal(np.atleast_2d(program(*rows))[0], values[row])
        # Parameters of all samples go another way than those of each; and NumPy's matrix products may sum in another
        # order for another number of rows.
        close(program(*alone), values[row])


@pytest.mark.parametrize("kind", OUTPUTS)
def test_derivatives_equal_central_differences(compiled, dtype, kind):
    program = compiled(mixed_circuit(), OUTPUTS[kind])
    exact = mixed_circuit().compile(OUTPUTS[kind], backend=kw.Reference())
    params, features = inputs((N_PARAMS,), (4, N_FEATURES))
    jacobian, step = program.jacobian(params, features), 1e-6
    for k in range(N_PARAMS):
        by = step * np.eye(N_PARAMS)[k]
        slope = (exact(params + by, features) - exact(params - by, features)) / (2 * step)
        np.testing.assert_allclose(jacobian[:, :, k], slope, rtol=0, atol=1e-8 if dtype == "complex128" else 4e-6)


def test_an_initial_state_alone_or_in_a_batch(compiled, close):
    states = np.array([[1, 0, 0, 0], [0, 0.6, 0, 0.8j], [0.5, 0.5, -0.5, 0.5j]])
    x_0 = kw.Circuit(2).ry(kw.features(1)[0], 1).x(0)
    program = compiled(x_0, kw.State())
    flipped = states[:, [1, 0, 3, 2]]
    close(program(None, [0.0], states), flipped)
    close(program(None, [0.0], states[1]), flipped[1])
    close(program(None, np.zeros((3, 1)), states[1]), np.tile(flipped[1], (3, 1)))
    close(program(None, np.zeros((3, 1)), states[[1]]), np.tile(flipped[1], (3, 1)))
    close(program(None, np.full((1, 1), np.pi), states)[:, :2], -flipped[:, 2:])


@WITH_A_REVERSE_SWEEP
def test_the_gradient_of_an_initial_state(backend, dtype, close):
    """For <psi|Z|psi> it is 2 Z psi, moved back through the gates."""
    program = kw.Circuit(2).x(0).compile([kw.Z(0), kw.Z(1)], backend=backend, dtype=dtype)
    states = np.array([[0.6, 0.8j, 0, 0], [0.5, 0.5, -0.5, 0.5j]])
    weights = np.array([[1.0, 0.0], [0.5, 2.0]])
    signs = np.array([[-1, 1, -1, 1], [1, 1, -1, -1]])  # of Z(0) after X(0), and of Z(1)
    expected = 2 * (weights @ signs) * states
    d_initial = program.backward(program.forward(None, None, states)[1], weights)[2]
    close(d_initial, expected, scale=8)
    # One state for a whole batch of cotangents gets the sum.
    shared = kw.Circuit(2).ry(kw.features(1)[0], 1).x(0).compile([kw.Z(0), kw.Z(1)], backend=backend, dtype=dtype)
    for state in (states[0], states[:1]):
        d_initial = shared.backward(shared.forward(None, np.zeros((2, 1)), state)[1], weights)[2]
        close(d_initial, (2 * (weights @ signs).sum(axis=0) * states[0]).reshape(state.shape), scale=8)


@WITH_A_REVERSE_SWEEP
def test_the_gradient_of_a_state(backend, dtype, close):
    """Re sum(conj(c) psi) for psi = (cos, sin)(a/2)."""
    program = kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.State(), backend=backend, dtype=dtype)
    a = 0.9
    for c in ([1, 0], [0, 1], [2 + 3j, -1 + 1j]):
        state, d_params, _ = program.vjp([a], None, np.array(c))
        close(state, [np.cos(a / 2), np.sin(a / 2)])
        close(d_params, [0.5 * (-np.sin(a / 2) * c[0].real + np.cos(a / 2) * c[1].real)], scale=4)


def test_the_conveniences_are_the_same_state(compiled, close):
    program = compiled(product_circuit(2), kw.Z(0))
    features = np.array([[0.3, 0.7], [1.0, 2.0], [0.0, 0.1]])
    states = program.state(None, features)
    close(program.probabilities(None, features), np.abs(states) ** 2)
    close(program.expectation(None, features), np.cos(features[:, :1]))
    assert program.sample(None, features, shots=7, seed=1).shape == (3, 7)
    assert program.sample(None, features[0], shots=7, seed=1).shape == (7,)
    assert program.state(None, features[0]).shape == (4,)


def test_a_program_says_what_it_is(backend, dtype, compiled):
    program = compiled(mixed_circuit(), OUTPUTS["expectations"])
    assert (program.n_qubits, program.n_params, program.n_features, program.n_outputs) == (2, 3, 2, 3)
    assert program.dtype == np.dtype(dtype)
    assert program.backend is backend or program.backend == backend
    assert backend.name in repr(program)
    assert "2 qubits, 4 operations" in program.explain()
    assert compiled(mixed_circuit(), OUTPUTS["expectations"]) is program
