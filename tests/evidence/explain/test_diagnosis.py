"""A diagnosis of each kind of model: its numbers are those of kernels and programs, its words follow from them."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from ketwise.blocks import kernels
from ketwise.blocks.diagnostics import engineered_labels
from ketwise.evidence.data.task import recognise
from ketwise.evidence.explain import diagnosis as module
from ketwise.evidence.explain.diagnosis import diagnosis, diagnosis_alerts, spread_rows

KEYS = {"model", "shots", "kernel", "geometry", "gradient", "spectrum", "engineered", "remarks"}


def task_of(y):
    return recognise(pd.Series(y, name="y"))


def data(rows=120, columns=4, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns))
    return X, (X[:, 0] + 0.3 * rng.normal(size=rows) > 0).astype(int)


def diagnosed(model, X=None, y=None, **more):
    if X is None:
        X, y = data()
    return diagnosis(model.fit(X, y), X, np.asarray(y), task_of(y), **more)


def test_a_fidelity_kernel():
    X, y = data()
    model = kw.QuantumKernelClassifier(bandwidth=0.5).fit(X, y)
    found = diagnosis(model, X, y, task_of(y), shots=500)
    assert set(found) == KEYS
    kernel = kw.kernels.fidelity(model.encoding_, model.preparation_.transform(X))
    entries = kernel[~np.eye(120, dtype=bool)]
    assert found["kernel"]["mean"] == pytest.approx(entries.mean(), abs=1e-12)
    assert found["kernel"]["sd"] == pytest.approx(entries.std(), abs=1e-12)
    assert found["kernel"]["shot_noise"] == pytest.approx(np.sqrt((entries * (1 - entries)).mean() / 500), abs=1e-12)
    assert found["kernel"]["matrix"].shape == (60, 60)
    assert np.array_equal(found["kernel"]["truth"], np.sort(found["kernel"]["truth"]))
    assert found["kernel"]["used"]
    assert found["gradient"] is None
    assert found["spectrum"]["log10_bound"] == pytest.approx(10 * np.log10(3))  # 4 features and 6 products
    geometry = found["geometry"]
    assert geometry["rows"] == 120
    lengths = {len(geometry[key]) for key in ("regularisation", "difference", "s_classical", "s_quantum")}
    assert len(lengths) == 1
    assert not found["engineered"]
    assert "advantage" not in json.dumps(found, default=str)


def test_a_projected_kernel_has_its_own_noise():
    found = diagnosed(kw.QuantumKernelClassifier(kernel="projected", gamma=0.5))
    assert found["kernel"]["name"] == "projected"
    values = found["kernel"]["matrix"]
    fidelity_noise = np.sqrt((values * (1 - values)).mean() / 1000)
    assert 0 < found["kernel"]["shot_noise"] != pytest.approx(fidelity_noise, rel=0.05)
    assert not any("IQP" in remark for remark in found["remarks"])


def test_a_trained_circuit_has_gradients_and_its_kernel_is_not_its_own():
    model = kw.VariationalClassifier(n_qubits=3, layers=2, max_iter=5, random_state=0)
    found = diagnosed(model)
    assert found["gradient"]["least"] <= found["gradient"]["mean"] <= found["gradient"]["most"]
    assert found["gradient"]["shots_to_see"] == np.ceil(0.5 / found["gradient"]["mean"])
    assert not found["kernel"]["used"]
    assert any("trained circuit's states" in remark for remark in found["remarks"])
    encoding, params = model.model_.encoding, model.params_
    kernel = kw.kernels.fidelity(encoding, model.preparation_.transform(data()[0]), params=params)
    assert found["kernel"]["mean"] == pytest.approx(kernel[~np.eye(120, dtype=bool)].mean(), abs=1e-9)
    assert diagnosis_alerts(found | {"kernel": found["kernel"] | {"sd": 0.0}}, None) == []


def test_a_barren_plateau_is_called_one(monkeypatch):
    """The derivatives of a product of n cosines of uniform angles have the variance 2**-n."""
    n = 6
    word = kw.Z(0)
    for q in range(1, n):
        word = word * kw.Z(q)
    x, w = kw.features(n), kw.params(n)
    circuit = kw.Circuit(n)
    for q in range(n):
        circuit.ry(x[q], q).ry(w[q], q)
    X = np.random.default_rng(0).uniform(-np.pi, np.pi, (300, n))
    model = kw.VariationalClassifier(circuit, [word], max_iter=2, random_state=0, bandwidth=1.0, scale=None)
    found = diagnosed(model, X, (X[:, 0] > 0).astype(int))
    # The kurtosis is 1.5**n, so that 200 draws know one variance to 24 %.
    assert found["gradient"]["mean"] == pytest.approx(2.0**-n, rel=0.4)
    assert "training can start" in found["gradient"]["says"]
    monkeypatch.setattr(module, "FEW_SHOTS", 10)
    assert "barren plateau" in diagnosed(model, X, (X[:, 0] > 0).astype(int))["gradient"]["says"]


def test_regression_and_many_classes():
    X, _ = data()
    found = diagnosed(kw.QuantumKernelRegressor(), X, X[:, 0] ** 2 + X[:, 1])
    assert np.array_equal(found["kernel"]["truth"], np.sort(found["kernel"]["truth"]))
    many = diagnosed(kw.QuantumKernelClassifier(), X, np.digitize(X[:, 0], [-0.5, 0.5]))
    assert set(np.unique(many["kernel"]["truth"])) == {0, 1, 2}


def test_a_model_from_elsewhere_is_left_alone():
    found = diagnosed(LogisticRegression())
    assert [found[key] for key in ("kernel", "geometry", "gradient", "spectrum")] == [None] * 4
    assert found["engineered"] is False
    assert len(found["remarks"]) == 1
    assert "LogisticRegression" in found["remarks"][0]
    assert diagnosis_alerts(found, None) == []


def test_a_pipeline_is_looked_into():
    X, y = data()
    inside = diagnosed(make_pipeline(StandardScaler(), kw.QuantumKernelClassifier()), X, y)
    alone = diagnosed(kw.QuantumKernelClassifier(), StandardScaler().fit_transform(X), y)
    assert inside["kernel"]["mean"] == pytest.approx(alone["kernel"]["mean"], abs=1e-12)


def test_engineered_labels_are_called_that():
    """Labels made from the model's own kernel against an RBF kernel; and the same rows with natural labels."""
    X, y = data(200, 5)
    model = kw.QuantumKernelClassifier(bandwidth=1.0, repeats=2)
    Z = model.fit(X, y).preparation_.transform(X)
    quantum = kw.kernels.fidelity(model.encoding_, Z)
    squares = np.square(X[:, None] - X).sum(axis=-1)
    made = engineered_labels(np.exp(-squares / np.median(squares)), quantum, classes=True)
    found = diagnosed(model, X, (made > 0).astype(int))
    assert found["engineered"]
    assert any("engineered" in remark for remark in found["remarks"])
    natural = diagnosed(model, X, y)
    assert not natural["engineered"]
    assert not any("engineered" in remark for remark in natural["remarks"])


def test_a_kernel_below_its_noise_raises_an_alert():
    """Random angles on n qubits: noise and spread meet at (4/3)**n shots, here 32."""
    X = np.random.default_rng(0).uniform(-1, 1, (80, 12))
    y = np.resize([0, 1], 80)
    model = kw.QuantumKernelClassifier("angle", n_qubits=12, bandwidth=2.0)
    found = diagnosed(model, X, y, shots=15)
    assert found["kernel"]["sd"] < found["kernel"]["shot_noise"]
    (alert,) = diagnosis_alerts(found, None)
    assert alert.code == "KW010"
    assert "bandwidth" in alert.text
    assert found["geometry"]["says"].startswith("The quantum kernel promises nothing")
    small = diagnosed(kw.QuantumKernelClassifier(bandwidth=0.3))
    assert small["kernel"]["sd"] > small["kernel"]["shot_noise"]
    assert diagnosis_alerts(small, None) == []


def test_a_kernel_that_does_not_fit_is_left_out_and_said(monkeypatch):
    model = kw.VariationalClassifier(n_qubits=3, layers=2, max_iter=2, random_state=0)
    X, y = data()
    model.fit(X, y)

    def refuse(*given, **more):
        raise MemoryError("a kernel matrix of 120 x 120 samples needs more than there is")

    monkeypatch.setattr(kernels, "fidelity", refuse)
    found = diagnosis(model, X, y, task_of(y))
    assert (found["kernel"], found["geometry"], found["engineered"]) == (None, None, False)
    assert found["gradient"] is not None
    assert any("kernel was not looked at: a kernel matrix of 120 x 120" in remark for remark in found["remarks"])
    assert diagnosis_alerts(found, None) == []


def test_a_kernel_that_does_not_see_the_data():
    X, y = data()
    blind = kw.Circuit(2, n_features=4).h(0).h(1)
    found = diagnosed(kw.QuantumKernelClassifier(blind), X, y)
    assert found["geometry"] is None
    assert any("does not see the data" in remark for remark in found["remarks"])


def test_a_cost_that_nobody_could_pay_raises_an_alert():
    device = {"says": "Training would take 7 years.", "payable": False}
    (alert,) = diagnosis_alerts(None, device)
    assert alert.code == "KW012"
    assert "100,000 USD" in alert.text
    assert "30 days" in alert.text
    assert diagnosis_alerts(None, device | {"payable": True}) == []
    assert diagnosis_alerts(None, None) == []


def test_rows_are_drawn_in_the_shares_of_the_classes():
    y = np.array([0] * 900 + [1] * 90 + [2] * 10)
    rows = spread_rows(y, 300, seed=1)
    assert np.bincount(y[rows]).tolist() == [270, 27, 3]
    assert np.array_equal(rows, spread_rows(y, 300, seed=1))
    assert not np.array_equal(rows, spread_rows(y, 300, seed=2))
    assert len(set(rows.tolist())) == 300
    assert np.array_equal(spread_rows(y[:20], 300, seed=1), np.arange(20))


def test_the_same_seed_gives_the_same_bits():
    X, y = data(400)
    first, again = (diagnosed(kw.QuantumKernelClassifier(), X, y, seed=3) for _ in range(2))
    assert json.dumps(first, default=lambda a: a.tolist()) == json.dumps(again, default=lambda a: a.tolist())
