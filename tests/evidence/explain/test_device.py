"""The bill of a device: circuits counted by hand, prices and seconds multiplied out, and where nobody would pay."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import ketwise as kw
from ketwise.evidence.explain import device as module
from ketwise.evidence.explain.device import device_cost
from ketwise.evidence.trials.fitting import circuit_facts
from ketwise.program.planning.device import n_shifted
from ketwise.words.observable import X, Z


def data(rows=40, columns=3):
    X = np.random.default_rng(0).normal(size=(rows, columns))
    return X, (X[:, 0] + X[:, 1] > 0).astype(int)


def cost(model, rows=40, **more):
    X, y = data(rows)
    model.fit(X, y)
    return model, device_cost(model, rows, circuit_facts(model), **more)


def test_a_fidelity_kernel_needs_a_circuit_a_pair():
    model, found = cost(kw.QuantumKernelClassifier(), shots=200)
    assert found["train"]["circuits"] == 40 * 39 // 2
    assert found["predict_one"]["circuits"] == len(model.support_features_) < 40
    assert found["train"]["shots"] == 780 * 200
    assert found["train"]["money"] == pytest.approx(780 * (0.30 + 200 * 0.0009))
    # iqp on three qubits: H, RZ and three RZZ one after the other; forwards and back.
    assert (found["qubits"], found["two_qubit_gates"], found["depth"]) == (3, 6, 10)
    assert found["train"]["seconds"] == pytest.approx(780 * 200 * (250e-6 + 10 * 0.1e-6))
    assert found["payable"] is True
    assert any(f"{0.997**6:.0%}" in line for line in found["assumptions"])
    assert any("2025" in line and "assumed" in line for line in found["assumptions"])


def test_a_kernel_regressor_meets_every_row():
    X, y = data()
    model = kw.QuantumKernelRegressor().fit(X, y.astype(float))
    assert device_cost(model, 40, circuit_facts(model))["predict_one"]["circuits"] == 40


def test_a_projected_kernel_needs_three_settings_a_row():
    _, found = cost(kw.QuantumKernelClassifier(kernel="projected"))
    assert (found["train"]["circuits"], found["predict_one"]["circuits"]) == (120, 3)
    assert (found["two_qubit_gates"], found["depth"]) == (3, 5)


def test_a_trained_circuit_needs_shifted_ones_every_pass():
    x, w = kw.features(2), kw.params(3)
    circuit = kw.Circuit(2).ry(x[0], 0).ry(x[1], 1).ry(w[0], 0).crx(w[1], 0, 1).rz(w[0] * w[2], 1)
    observables = [Z(0), Z(1), X(0)]
    model = kw.VariationalClassifier(circuit, observables, max_iter=3, random_state=0, n_qubits=2)
    _, found = cost(model)
    # Two settings; one circuit and 2 + 4 + 2 shifted ones.
    assert found["train"]["circuits"] == model.n_iter_ * 40 * 9 * 2
    assert found["predict_one"]["circuits"] == 2
    _, given = cost(model, n_iterations=7)
    assert given["train"]["circuits"] == 7 * 40 * 9 * 2


def test_shifts():
    assert n_shifted(kw.encodings.iqp(4).circuit) == 0
    assert n_shifted(kw.ansatz.hardware_efficient(3, layers=1)) == 2 * 12


def test_what_nobody_would_pay_or_wait_for(monkeypatch):
    X, y = data(500)
    model = kw.QuantumKernelClassifier().fit(X, y)
    found = device_cost(model, 500, circuit_facts(model))
    assert found["train"]["money"] == pytest.approx(500 * 499 / 2 * 1.2)
    assert found["payable"] is False
    cheap = device_cost(model, 100, circuit_facts(model), shots=10)
    assert cheap["payable"] is True
    monkeypatch.setattr(module, "MONEY_A_SHOT", 0.0)
    monkeypatch.setattr(module, "MONEY_A_TASK", 0.0)
    assert device_cost(model, 500, circuit_facts(model))["payable"] is True
    slow = device_cost(model, 400, circuit_facts(model), shots=200_000)  # 46 days at 250 µs
    assert slow["train"]["seconds"] > 30 * 86_400
    assert "days" in slow["says"]
    assert slow["payable"] is False


def test_nothing_is_made_up_for_a_model_from_elsewhere():
    X, y = data()
    assert device_cost(LogisticRegression().fit(X, y), 40, {}) is None
