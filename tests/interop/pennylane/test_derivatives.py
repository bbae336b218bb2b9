"""Derivatives of the device against PennyLane's own backpropagation, in every framework that is installed."""

import numpy as np
import pytest

qml = pytest.importorskip("pennylane", reason="PennyLane is an extra")

from pennylane.devices import ExecutionConfig  # noqa: E402
from pennylane.exceptions import DeviceError  # noqa: E402

#: JAX says that names which PennyLane and autoray use will go.
pytestmark = pytest.mark.filterwarnings("ignore:jax.core.*is deprecated:DeprecationWarning")
WIRES = 3
HERMITIAN = np.array([[1, 2 - 1j], [2 + 1j, -3]])


def body(x, w):
    qml.RY(x, wires=1)
    qml.IsingXY(w[0], wires=[2, 0])
    qml.CRot(w[1], x, w[2], wires=[1, 0])
    qml.PauliRot(w[1] * w[2], "XYZ", wires=[0, 2, 1])
    qml.SingleExcitation(w[0], wires=[1, 2])
    qml.adjoint(qml.PhaseShift)(w[2], wires=0)


RETURNS = {
    "expectation": lambda: qml.expval(qml.Z(0) @ qml.X(2)),
    "a sum of words": lambda: qml.expval(0.3 * qml.Y(1) + qml.Z(0) @ qml.Z(2) - 2 * qml.I(0)),
    "a Hermitian matrix": lambda: qml.expval(qml.Hermitian(HERMITIAN, wires=1)),
    "a projector": lambda: qml.expval(qml.Projector([1, 0], wires=[2, 0])),
    "variance": lambda: qml.var(qml.Z(0) @ qml.X(2)),
    "probabilities": lambda: qml.probs(wires=[2, 0]),
    "several": lambda: (qml.expval(qml.Z(0)), qml.probs(wires=[2]), qml.var(qml.X(1))),
    "purity": lambda: qml.purity(wires=[1]),
    "entropy": lambda: qml.vn_entropy(wires=[0, 2]),
    "density matrix": lambda: qml.density_matrix(wires=[1]),
    "state": qml.state,
}


def circuit(device: str, measured: str, **options):
    @qml.qnode(qml.device(device, wires=WIRES), **options)
    def run(x, w):
        body(x, w)
        return RETURNS[measured]()

    return run


def number(result):
    """One real number of any result, with a different weight for each part."""
    parts = result if isinstance(result, (tuple, list)) else [result]
    total = 0.0
    for k, part in enumerate(parts):
        flat = qml.math.reshape(part, (-1,))
        complex_valued = "complex" in qml.math.get_dtype_name(flat)
        for power, values in enumerate((qml.math.real(flat), qml.math.imag(flat)) if complex_valued else (flat,), 1):
            weights = np.cos(np.arange(1, qml.math.shape(flat)[0] + 1) + k) ** power
            total = total + qml.math.sum(values * qml.math.convert_like(weights, values))
    return total


@pytest.mark.parametrize("broadcast", [False, True])
@pytest.mark.parametrize("measured", RETURNS)
def test_torch(measured: str, broadcast: bool) -> None:
    torch = pytest.importorskip("torch", reason="torch is an extra")
    rng = np.random.default_rng(9)
    start = rng.normal(size=5 if broadcast else ()), rng.normal(size=3)
    found = []
    for device, method in (("ketwise.qubit", "best"), ("default.qubit", "backprop")):
        x, w = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in start)
        value = number(circuit(device, measured, diff_method=method)(x, w))
        value.backward()
        found.append((value.item(), x.grad.numpy(), w.grad.numpy()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


@pytest.mark.parametrize("broadcast", [False, True])
@pytest.mark.parametrize("measured", RETURNS)
def test_autograd(measured: str, broadcast: bool) -> None:
    rng = np.random.default_rng(10)
    x, w = qml.numpy.array(rng.normal(size=5 if broadcast else ())), qml.numpy.array(rng.normal(size=3))
    runs = circuit("ketwise.qubit", measured), circuit("default.qubit", measured, diff_method="backprop")
    found = [qml.grad(lambda x, w, run=run: number(run(x, w)))(x, w) for run in runs]
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-10)


@pytest.mark.parametrize("broadcast", [False, True])
@pytest.mark.parametrize(
    ("measured", "device_vjp"),
    [("several", True), ("density matrix", True), ("density matrix", False), ("state", True)],
)
def test_jax(measured: str, broadcast: bool, device_vjp: bool) -> None:
    jax = pytest.importorskip("jax", reason="JAX is an extra")
    rng = np.random.default_rng(11)
    start = rng.normal(size=5 if broadcast else ()), rng.normal(size=3)
    ours = circuit("ketwise.qubit", measured, diff_method="best", device_vjp=device_vjp)
    theirs = circuit("default.qubit", measured, diff_method="backprop")
    expected = qml.grad(lambda x, w: number(theirs(x, w)))(*map(qml.numpy.array, start))
    with jax.enable_x64(True):
        found = jax.grad(lambda x, w: number(ours(x, w)), argnums=(0, 1))(*map(jax.numpy.array, start))
    for mine, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-10)


def test_jax_compiled_forwards_backwards_and_mapped() -> None:
    jax = pytest.importorskip("jax", reason="JAX is an extra")
    rng = np.random.default_rng(12)
    x, w = rng.normal(size=4), rng.normal(size=3)
    ours, theirs = circuit("ketwise.qubit", "several"), circuit("default.qubit", "several", diff_method="backprop")
    whole = lambda w: qml.math.hstack(theirs(x[0], w))  # noqa: E731
    jacobian = qml.jacobian(whole)(qml.numpy.array(w))
    rows = np.stack([np.hstack(theirs(value, w)) for value in x])
    with jax.enable_x64(True):
        run = lambda x, w: jax.numpy.hstack(ours(x, w))  # noqa: E731
        for derivative in (jax.jacobian, jax.jacfwd):
            np.testing.assert_allclose(jax.jit(derivative(run, argnums=1))(x[0], w), jacobian, atol=1e-10)
        np.testing.assert_allclose(jax.jit(jax.vmap(run, in_axes=(0, None)))(x, w), rows, atol=1e-10)


def test_the_amplitudes_of_a_first_state_are_differentiated() -> None:
    torch = pytest.importorskip("torch", reason="torch is an extra")
    amplitudes = np.random.default_rng(13).normal(size=(6, 4))
    found = []
    for device, method in (("ketwise.qubit", "best"), ("default.qubit", "backprop")):

        @qml.qnode(qml.device(device, wires=WIRES), diff_method=method)
        def run(values, w):
            qml.AmplitudeEmbedding(values, wires=[2, 0], normalize=True)
            qml.CNOT([2, 1])
            qml.RX(w, wires=1)
            return qml.expval(qml.Z(1) @ qml.Y(0)), qml.expval(qml.X(2))

        values, w = torch.tensor(amplitudes, requires_grad=True), torch.tensor(0.4, requires_grad=True)
        number(run(values, w)).backward()
        found.append((values.grad.numpy(), w.grad.numpy()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-8)


def test_second_derivatives_come_from_parameter_shift() -> None:
    x, w = qml.numpy.array(0.3), qml.numpy.array([0.1, 0.7, -0.4])
    hessians = [
        qml.jacobian(qml.grad(circuit(device, "expectation", max_diff=2), argnums=1), argnums=1)(x, w)
        for device in ("ketwise.qubit", "default.qubit")
    ]
    np.testing.assert_allclose(*hessians, atol=1e-8)


def test_several_cotangents_at_once() -> None:
    device = qml.device("ketwise.qubit", wires=1)
    tape = qml.tape.QuantumScript([qml.RX(0.3, 0), qml.RY(0.4, 0)], [qml.probs(wires=0)])
    together = device.compute_vjp(tape, np.eye(2))
    for row, cotangent in enumerate(np.eye(2)):
        alone = device.compute_vjp(tape, cotangent)
        np.testing.assert_allclose([part[row] for part in together], alone, atol=1e-14)
    with pytest.raises(ValueError, match="cotangents must have shapes"):
        device.compute_vjp(tape, np.eye(3))


def test_what_cannot_be_undone_is_not_differentiated() -> None:
    device = qml.device("ketwise.qubit", wires=1)
    tape = qml.tape.QuantumScript(
        [qml.RX(0.3, 0), qml.QubitUnitary(np.diag([1, 0.5]), 0)], [qml.expval(qml.Z(0))], trainable_params=[0]
    )
    with pytest.raises(DeviceError, match="not unitary"):
        device.compute_vjp(tape, 1.0)
    with pytest.raises(DeviceError, match="entries of a matrix"):
        device.compute_vjp(qml.tape.QuantumScript([qml.QubitUnitary(np.eye(2), 0)], [qml.expval(qml.Z(0))]), 1.0)


def test_trained_coefficients_of_an_observable_have_no_gradient_here() -> None:
    device = qml.device("ketwise.qubit", wires=1)
    tape = qml.tape.QuantumScript([qml.RX(0.3, 0)], [qml.expval(qml.Hamiltonian([2.0], [qml.Z(0)]))])
    assert tape.trainable_params == [0, 1]
    products = device.compute_vjp(tape, 1.0)
    np.testing.assert_allclose(products, [-2 * np.sin(0.3), 0.0], atol=1e-12)


def test_what_is_differentiated_by_the_engine() -> None:
    device = qml.device("ketwise.qubit", wires=2)
    adjoint = ExecutionConfig(gradient_method="adjoint")
    exact = qml.tape.QuantumScript([qml.RX(0.3, 0)], [qml.expval(qml.Z(0))])
    assert device.supports_derivatives()
    assert device.supports_derivatives(adjoint, exact)
    assert not device.supports_derivatives(adjoint, exact.copy(shots=10))
    assert not device.supports_derivatives(ExecutionConfig(gradient_method="backprop"), exact)
    assert not device.supports_derivatives(ExecutionConfig(gradient_method="best", derivative_order=2), exact)


def test_by_the_coefficients_of_an_observable() -> None:
    """d<c0 Z0 + c1 X0X1>/dc is (<Z0>, <X0X1>); lightning.qubit returns zeros there, with a warning."""
    x, c = qml.numpy.array(0.3, requires_grad=True), qml.numpy.array([0.5, 0.7], requires_grad=True)

    @qml.qnode(qml.device("ketwise.qubit", wires=2))
    def circuit(x, c):
        qml.RX(x, 0)
        qml.RY(0.4, 1)
        return qml.expval(qml.Hamiltonian(c, [qml.Z(0), qml.Z(0) @ qml.X(1)]))

    by_angle, by_coefficients = qml.grad(circuit)(x, c)
    means = np.cos(0.3), np.cos(0.3) * np.sin(0.4)
    np.testing.assert_allclose(by_coefficients, means, atol=1e-12)
    np.testing.assert_allclose(by_angle, -np.sin(0.3) * (0.5 + 0.7 * np.sin(0.4)), atol=1e-12)
