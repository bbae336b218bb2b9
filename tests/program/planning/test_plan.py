"""``kw.plan``: bytes against the engine's own check, seconds against the clock, shots against closed forms."""

import math
import time
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine import memory
from ketwise.engine.native import instruction_sets
from ketwise.program.planning import simulators as plan_simulators
from ketwise.program.planning.estimate import Plan

native = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")


def entangling(n_qubits, layers=3):
    """One feature a qubit, and trained rotations."""
    x = kw.features(n_qubits)
    circuit = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.ry(x[q], q)
    return circuit + kw.ansatz.hardware_efficient(n_qubits, layers=layers)


def inputs(circuit, batch):
    rng = np.random.default_rng(0)
    return rng.normal(size=circuit.n_params), rng.normal(size=(batch, circuit.n_features))


def run(circuit, outputs, batch, gradient, backend=None, dtype="complex128"):
    program = circuit.compile(outputs, backend=backend, dtype=dtype)
    params, features = inputs(circuit, batch)
    if gradient:
        cotangent = np.ones((batch, program.n_outputs))
        return lambda: program.vjp(params, features, cotangent)
    return lambda: program(params, features)


@native
@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
@pytest.mark.parametrize("gradient", [False, True])
@pytest.mark.parametrize(
    ("n_qubits", "batch", "outputs"),
    [
        (17, 3, [kw.Z(0)]),
        (17, 17, [kw.Z(0), kw.X(1)]),
        (16, 5, kw.Probabilities()),
        (4, 300_000, [kw.Z(q % 4) * kw.X((q + 1) % 4) for q in range(16)]),  # states are kept for the reverse sweep
    ],
)
def test_the_native_engine_refuses_one_byte_less_than_planned(monkeypatch, dtype, gradient, n_qubits, batch, outputs):
    circuit = entangling(n_qubits, layers=1)
    needed = kw.plan(circuit, outputs, batch=batch, gradient=gradient, dtype=dtype)["native"].bytes_needed
    _assert_limit(monkeypatch, needed, run(circuit, outputs, batch, gradient, dtype=dtype))


@native
def test_tables_of_phases_that_differ_by_sample_are_counted(monkeypatch):
    x = kw.features(17)
    circuit = kw.Circuit(17)
    for q in range(17):
        circuit.h(q)
    for q in range(16):
        circuit.rzz(x[q] * x[q + 1], q, q + 1)
    for q in range(17):
        circuit.ry(x[q], q)
    needed = kw.plan(circuit, kw.Z(0), batch=9)["native"].bytes_needed
    _assert_limit(monkeypatch, needed, run(circuit, [kw.Z(0)], 9, False))


def test_the_reference_refuses_one_byte_less_than_planned(monkeypatch):
    circuit = kw.Circuit(16).h(0)
    needed = kw.plan(circuit, kw.Z(0), batch=6)["reference"].bytes_needed
    _assert_limit(monkeypatch, needed, run(circuit, [kw.Z(0)], 6, False, kw.Reference()))


def _assert_limit(monkeypatch, needed, call):
    assert needed > memory.NOT_WORTH_A_LOOK
    enough = math.ceil(needed / memory.SHARE)
    monkeypatch.setattr(memory, "available_bytes", lambda: enough)
    call()
    monkeypatch.setattr(memory, "available_bytes", lambda: math.ceil((needed - 1) / memory.SHARE) - 2)
    with pytest.raises(MemoryError, match="the largest that fits"):
        call()


@native
def test_the_most_qubits_are_those_the_engine_names(monkeypatch):
    circuit = entangling(18, layers=1)
    call = run(circuit, [kw.Z(0)], 40, True)
    for module in (memory, plan_simulators):
        monkeypatch.setattr(module, "available_bytes", lambda: 30 << 20)
    estimate = kw.plan(circuit, kw.Z(0), batch=40, gradient=True)["native"]
    assert not estimate.runs
    assert estimate.bytes_available == int((30 << 20) * memory.SHARE)
    with pytest.raises(MemoryError, match=f"the largest that fits is {estimate.largest_n_qubits} qubits"):
        call()


@pytest.fixture
def one_thread(monkeypatch):
    """With one thread the processor's time is what an idle machine would take, however busy this one is."""
    monkeypatch.setenv("KETWISE_NUM_THREADS", "1")


def seconds(call, repeats):
    call()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


@native
@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("gradient", [False, True])
@pytest.mark.parametrize(("n_qubits", "batch"), [(2, 1), (4, 200), (8, 256), (11, 100), (14, 20), (18, 1)])
def test_native_seconds_are_within_the_factor_stated(n_qubits, batch, gradient):
    circuit = entangling(n_qubits)
    planned = [kw.plan(circuit, kw.Z(0), batch=batch, gradient=gradient)["native"].seconds for _ in range(3)]
    measured = seconds(run(circuit, [kw.Z(0)], batch, gradient), 15 if n_qubits < 18 else 3)
    assert 1 / plan_simulators.FACTOR < min(planned) / measured < plan_simulators.FACTOR


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("gradient", [False, True])
@pytest.mark.parametrize(("n_qubits", "batch"), [(2, 1), (8, 16), (12, 2)])
def test_the_references_seconds_are_within_the_factor_stated(n_qubits, batch, gradient):
    circuit = entangling(n_qubits, layers=1)
    planned = [kw.plan(circuit, kw.Z(0), batch=batch, gradient=gradient)["reference"].seconds for _ in range(3)]
    measured = seconds(run(circuit, [kw.Z(0)], batch, gradient, kw.Reference()), 3)
    assert 1 / plan_simulators.FACTOR < min(planned) / measured < plan_simulators.FACTOR


@pytest.mark.parametrize("theta", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("precision", [0.1, 0.003])
def test_shots_of_a_turned_qubit(theta, precision):
    """One shot of Z after RY(theta) is ±1 with mean cos(theta): its variance is sin(theta)**2."""
    circuit = kw.Circuit(1).ry(kw.params(1)[0], 0)
    found = kw.plan(circuit, kw.Z(0), precision=precision, params=[theta])["device"]
    assert found.shots == math.ceil(math.sin(theta) ** 2 / precision**2)
    assert found.standard_error <= precision


@pytest.mark.parametrize(
    ("observable", "variance"),
    [
        (kw.Z(0) + kw.Z(1), 4.0),  # of a Bell pair both are always equal,
        (kw.Z(0) - kw.Z(1), 0.0),  # so that their difference never varies;
        (kw.Z(0) * kw.Z(1) + 7, 0.0),
        (kw.Z(0) + kw.X(0), 2.0),  # two settings are independent of one another
        (0.5 * kw.Z(0) + kw.X(0) * kw.X(1), 0.25),
        (2 * kw.identity(), 0.0),
    ],
)
def test_words_that_are_measured_together_are_correlated(observable, variance):
    bell = kw.Circuit(2).h(0).cx(0, 1)
    found = kw.plan(bell, observable, shots=100)["device"]
    assert found.standard_error == pytest.approx(math.sqrt(variance / 100), abs=1e-7)


def test_the_standard_error_is_what_sampling_gives():
    circuit = entangling(3)
    params, features = inputs(circuit, 1)
    found = kw.plan(circuit, kw.Z(0) + 0.5 * kw.Z(1), shots=200, params=params, features=features)["device"]
    drawn = circuit.compile(kw.State()).sample(params, features[0], shots=200 * 2000, seed=1).reshape(2000, 200)
    means = ((1.0 - 2.0 * (drawn & 1)) + 0.5 * (1.0 - 2.0 * (drawn >> 1 & 1))).mean(axis=1)
    # The standard deviation of 2,000 means is known to 1.6 %.
    assert means.std() == pytest.approx(found.standard_error, rel=0.07)


def test_variances_that_are_not_known_are_bounded():
    circuit = kw.Circuit(2).ry(kw.params(1)[0], 0)
    assert kw.plan(circuit, [kw.Z(0), 2 * kw.Z(0) - kw.Z(1) + 5], precision=0.1)["device"].shots == 900
    assert kw.plan(circuit, kw.Probabilities(), precision=0.1)["device"].shots == 25
    half = kw.Circuit(1).h(0)
    assert kw.plan(half, kw.Probabilities(), precision=0.1)["device"].shots == 25
    assert kw.plan(kw.Circuit(1), kw.Probabilities(), precision=0.1)["device"].shots == 1


def test_a_gradient_on_a_device_counts_its_shifted_circuits():
    """Two a rotation, four where it is controlled, none for data; each in every setting and for every row."""
    w, x = kw.params(2), kw.features(1)
    circuit = kw.Circuit(2).rx(w[0], 0).crx(w[1], 0, 1).rz(x[0], 0)
    found = kw.plan(circuit, [kw.Z(0), kw.X(0)], shots=10, batch=3, gradient=True)["device"]
    assert found.circuits == 3 * 2 * (1 + 2 + 4)
    assert found.shots == 10 * found.circuits


@pytest.mark.parametrize("n_qubits", [30, 40, 62, 63, 64, 200])
@pytest.mark.parametrize("gradient", [False, True])
def test_what_is_too_large_is_said_and_not_raised(n_qubits, gradient, monkeypatch):
    for module in (memory, plan_simulators):
        monkeypatch.setattr(module, "available_bytes", lambda: 8 << 30)
    circuit = kw.ansatz.hardware_efficient(n_qubits, layers=1)
    found = kw.plan(circuit, kw.Z(n_qubits - 1), batch=4, gradient=gradient)
    for name in ("native", "reference"):
        each = found[name]
        if name == "native" and not instruction_sets():
            continue
        assert not each.runs
        assert each.bytes_needed > each.bytes_available == int((8 << 30) * memory.SHARE)
        assert 20 < each.largest_n_qubits < n_qubits
        assert f"{n_qubits} qubits do not fit, {each.largest_n_qubits} would" in repr(found)
    assert found.pick == "device"
    assert "no simulator here holds" in found.reason
    nothing = kw.plan(circuit, kw.State())
    assert nothing.pick == ""
    assert "a device has no state to give" in nothing.reason


def test_what_fits_is_picked_by_time_and_without_a_build_the_reference(monkeypatch):
    circuit = entangling(4)
    if instruction_sets():
        assert kw.plan(circuit, kw.Z(0)).pick.startswith("native")
    monkeypatch.setattr(plan_simulators, "instruction_sets", lambda: ())
    found = kw.plan(circuit, kw.Z(0))
    assert found.pick.startswith("reference")
    assert "not built" in found["native"].says


def test_a_plan_is_a_result():
    found = kw.plan(kw.encodings.iqp(3), kw.Z(0), batch=20)
    assert Plan.from_json(found.to_json()) == found
    assert found.to_dict()["backends"][0]["backend"] == found.estimates[0].backend
    assert "<table>" in found._repr_html_()
    assert all(estimate.backend in found._repr_html_() for estimate in found.estimates)
    lines = repr(found).splitlines()
    assert lines[0] == "values of 20 samples: 3 qubits, 9 operations"
    assert len(lines) == 6
    with pytest.raises(FrozenInstanceError):
        found.pick = "device"
    with pytest.raises(KeyError, match="no backend of this plan is named 'gpu'; there are 'native"):
        found["gpu"]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"batch": 0}, ValueError, "batch"),
        ({"shots": -1}, ValueError, "shots"),
        ({"precision": 0.0}, ValueError, "precision must be positive"),
        ({"dtype": "float32"}, ValueError, "dtype must be complex128 or complex64"),
        ({"features": np.zeros((3, 2))}, ValueError, "a row for each of batch=1 samples, got 3 rows"),
        ({"outputs": kw.Z(5)}, ValueError, "acts on qubit 5"),
        ({"circuit": 3}, TypeError, "a Circuit, an Encoding or a Program"),
    ],
)
def test_bad_settings_are_named(settings, error, message):
    with pytest.raises(error, match=message):
        kw.plan(**({"circuit": kw.Circuit(1), "outputs": kw.Z(0)} | settings))
