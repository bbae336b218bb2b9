"""The device itself: one call for a broadcast, one compilation for a loop, samples, and what it refuses."""

import copy
import pickle

import numpy as np
import pytest

qml = pytest.importorskip("pennylane", reason="PennyLane is an extra")

from pennylane.exceptions import DeviceError  # noqa: E402

from ketwise.engine import native  # noqa: E402
from ketwise.program.backends import native as backend  # noqa: E402

pytestmark = pytest.mark.skipif(not native.instruction_sets(), reason="counts calls of the native engine")


class Calls:
    """What the native engine was asked for."""

    def __init__(self) -> None:
        self.compiled = 0
        self.rows: list[int] = []


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    seen = Calls()
    compile_plan, run = backend.compile_plan, native.NativePlan.run

    def counted_compile(*args, **kwargs):
        seen.compiled += 1
        return compile_plan(*args, **kwargs)

    def counted_run(self, angles, **kwargs):
        seen.rows.append(angles.batch)
        return run(self, angles, **kwargs)

    monkeypatch.setattr(backend, "compile_plan", counted_compile)
    monkeypatch.setattr(native.NativePlan, "run", counted_run)
    return seen


def layers(n: int, device: str = "ketwise.qubit", **options):
    @qml.qnode(qml.device(device, wires=n), **options)
    def circuit(inputs, weights):
        qml.AngleEmbedding(inputs, wires=range(n))
        qml.StronglyEntanglingLayers(weights, wires=range(n))
        return [qml.expval(qml.Z(i)) for i in range(n)]

    return circuit


def test_a_broadcast_tape_is_one_call(calls: Calls) -> None:
    rng = np.random.default_rng(14)
    inputs, weights = rng.normal(size=(64, 3)), rng.normal(size=(2, 3, 3))
    found = layers(3)(inputs, weights)
    assert calls.rows == [64]
    np.testing.assert_allclose(found, layers(3, "default.qubit")(inputs, weights), atol=1e-12)


def test_a_training_loop_compiles_once(calls: Calls) -> None:
    torch = pytest.importorskip("torch", reason="torch is an extra")
    torch.manual_seed(0)
    layer = qml.qnn.TorchLayer(layers(4), {"weights": (2, 4, 3)})
    optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
    inputs = torch.rand(20, 4)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (layer(inputs) ** 2).mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert calls.compiled <= 1  # none, where this process has compiled the circuit before
    assert calls.rows == [20] * 10  # forward, and the fused sweep, of each step
    assert losses == sorted(losses, reverse=True)


def test_tapes_that_differ_in_their_angles_only_are_rows_of_one_call(calls: Calls) -> None:
    device = qml.device("ketwise.qubit", wires=2)
    tapes = [
        qml.tape.QuantumScript([qml.RX(angle, 0), qml.CNOT([0, 1])], [qml.expval(qml.Z(1))]) for angle in range(40)
    ]
    other = qml.tape.QuantumScript([qml.RY(0.1, 0)], [qml.expval(qml.Z(0))])
    found = device.execute([*tapes, other])
    assert sorted(calls.rows) == [1, 40]
    np.testing.assert_allclose(found, [*np.cos(np.arange(40)), np.cos(0.1)], atol=1e-12)


@pytest.mark.parametrize("wire", [0, 1, 2])
def test_wire_0_is_the_highest_bit(wire: int) -> None:
    device = qml.device("ketwise.qubit", wires=3)

    @qml.qnode(device)
    def flipped(angles):
        qml.RX(angles, wires=wire)
        return qml.state(), qml.probs(wires=[2, 1, 0]), qml.probs(wires=[wire])

    state, backwards, alone = flipped(np.pi)
    assert np.flatnonzero(np.abs(state) > 0.5) == [1 << (2 - wire)]
    assert np.flatnonzero(backwards > 0.5) == [1 << wire]
    assert np.flatnonzero(alone > 0.5) == [1]
    states, backwards, _ = flipped(np.array([0.0, np.pi]))
    assert [np.flatnonzero(np.abs(row) > 0.5)[0] for row in states] == [0, 1 << (2 - wire)]
    assert [np.flatnonzero(row > 0.5)[0] for row in backwards] == [0, 1 << wire]
    samples = qml.set_shots(qml.QNode(lambda: (qml.X(wire), qml.sample())[1], device), shots=3)()
    assert (samples == np.eye(3)[wire]).all()


def test_a_ladder_of_angles_on_labels_out_of_order() -> None:
    labels = ["c", 7, "a", -1]
    angles = np.random.default_rng(15).normal(size=(3, 4))

    def ladder():
        for wire, column in zip([-1, "a", 7, "c"], angles.T, strict=True):
            qml.RY(column, wires=wire)
        qml.CNOT(["a", "c"])
        return qml.state(), qml.probs(wires=["a", -1]), qml.expval(qml.Z(7) @ qml.X(-1))

    found, expected = (
        qml.QNode(ladder, qml.device(name, wires=labels))() for name in ("ketwise.qubit", "default.qubit")
    )
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_matrices_and_states_that_are_broadcast() -> None:
    rng = np.random.default_rng(16)
    matrices = np.linalg.qr(rng.normal(size=(5, 4, 4)) + 1j * rng.normal(size=(5, 4, 4)))[0]
    states = rng.normal(size=(5, 4))
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    diagonals = np.exp(1j * rng.normal(size=(5, 4)))
    for broadcast in (
        lambda: qml.QubitUnitary(matrices, wires=[2, 0]),
        lambda: qml.DiagonalQubitUnitary(diagonals, wires=[2, 0]),
        lambda: qml.StatePrep(states, wires=[2, 0]),
    ):

        def circuit(prepare=broadcast):
            prepare()
            qml.RX(0.3, wires=1)
            qml.CNOT([2, 1])
            return qml.probs(wires=[0, 1, 2]), qml.expval(qml.Y(0))

        found = [qml.QNode(circuit, qml.device(name, wires=3))() for name in ("ketwise.qubit", "default.qubit")]
        for ours, theirs in zip(*found, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_shots_shot_vectors_and_seeds() -> None:
    def circuit(x):
        qml.RX(x, wires=1)
        qml.CNOT([1, 0])
        return qml.counts(wires=[0, 1]), qml.expval(qml.Z(0)), qml.probs(wires=[1])

    runs = [
        qml.set_shots(qml.QNode(circuit, qml.device("ketwise.qubit", wires=2, seed=seed)), shots=[100, 10_000])(0.8)
        for seed in (1, 1, 2)
    ]
    assert str(runs[0]) == str(runs[1]) != str(runs[2])
    few, many = runs[0]
    assert sum(few[0].values()) == 100
    assert set(many[0]) == {"00", "11"}
    assert many[1] == pytest.approx(np.cos(0.8), abs=0.05)  # five standard deviations
    assert many[2][1] == pytest.approx(np.sin(0.4) ** 2, abs=0.025)


def test_measurements_within_a_circuit_are_deferred() -> None:
    def circuit(x):
        qml.RX(x, wires=0)
        m = qml.measure(0, reset=True)
        qml.cond(m, qml.RY)(0.6, wires=1)
        return qml.expval(qml.Z(1)), qml.expval(qml.Z(0)), qml.expval(m)

    found, expected = (
        qml.QNode(circuit, qml.device(name, wires=3))(0.9) for name in ("ketwise.qubit", "default.qubit")
    )
    np.testing.assert_allclose(found, expected, atol=1e-12)
    one_shot = qml.QNode(circuit, qml.device("ketwise.qubit", wires=3), mcm_method="tree-traversal")
    with pytest.raises(DeviceError, match="by mcm_method='deferred' only"):
        one_shot(0.9)


def test_without_wires_of_its_own_and_copied() -> None:
    device = qml.device("ketwise.qubit")

    @qml.qnode(device)
    def circuit(x):
        qml.RX(x, wires="a")
        qml.CNOT(["a", 3])
        return qml.expval(qml.Z(3)), qml.probs(wires=[3, "a"])

    assert circuit(0.4)[0] == pytest.approx(np.cos(0.4))
    for again in (copy.deepcopy(circuit), qml.QNode(circuit.func, pickle.loads(pickle.dumps(device)))):
        np.testing.assert_array_equal(again(0.4)[1], circuit(0.4)[1])


def test_single_precision() -> None:
    weights = np.random.default_rng(18).normal(size=(1, 2, 3))

    def circuit():
        qml.StronglyEntanglingLayers(weights, wires=range(2))
        return qml.state()

    state = qml.QNode(circuit, qml.device("ketwise.qubit", wires=2, c_dtype=np.complex64))()
    assert state.dtype == np.complex64
    np.testing.assert_allclose(state, qml.QNode(circuit, qml.device("default.qubit"))(), atol=1e-6)


def test_what_it_refuses() -> None:
    device = qml.device("ketwise.qubit", wires=2)
    with pytest.raises(DeviceError, match="not supported with ketwise.qubit"):
        qml.QNode(lambda: (qml.AmplitudeDamping(0.1, 0), qml.expval(qml.Z(0)))[1], device)()
    with pytest.raises(qml.exceptions.WireError, match="not found on the device"):
        qml.QNode(lambda: (qml.X(5), qml.expval(qml.Z(0)))[1], device)()
    with pytest.raises(DeviceError, match="no options of execution"):
        device.setup_execution_config(qml.devices.ExecutionConfig(device_options={"threads": 2}))
    with pytest.raises(ValueError, match="dtype must be complex128 or complex64"):
        qml.QNode(lambda: qml.expval(qml.Z(0)), qml.device("ketwise.qubit", wires=1, c_dtype="float64"))()
