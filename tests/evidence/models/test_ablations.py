"""What is taken from the quantum champion, and what is kept: for our own models and for a user's."""

import pickle
import warnings

import numpy as np
import pytest
from sklearn.base import is_classifier
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from ketwise.blocks.encodings.separable import separable
from ketwise.evidence.models.ablations import ablations
from ketwise.evidence.models.opponents import ABLATION, QUANTUM, Situation, fewest_configurations, given_opponents
from ketwise.evidence.models.quantum import quantum_opponents

KINDS = ["entanglement", "spectrum", "rbf"]
ROWS = [pytest.param(kind, row, id=f"{row.name}-{kind}") for kind in (True, False) for row in quantum_opponents(kind)]
RNG = np.random.default_rng(0)
X = RNG.normal(size=(24, 4))
Y = {True: (X[:, 0] + X[:, 1] > 0).astype(int), False: X[:, 0] + X[:, 1]}


def situation(kind, n_columns=4, class_weight=None):
    return Situation(kind, n_columns, 7, class_weight)


def given(estimator, kind=True):
    """The ablations of a user's estimator, by kind."""
    (row,) = given_opponents({"mine": estimator}, QUANTUM, "models", set())
    return {ablation.kind: ablation for ablation in ablations(row, kind)}


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_every_model_of_ours_has_three_that_are_tuned_as_it_is(kind, row):
    rows = ablations(row, kind)
    assert [ablation.kind for ablation in rows] == KINDS
    assert fewest_configurations(rows) >= 50
    for ablation in rows:
        assert ablation.side == ABLATION
        assert ablation.ablation_of == row.name
        assert ablation.name.startswith(f"{row.name}, ")
        assert ablation.about.endswith(".")
        assert ablation.most_columns == row.most_columns
        tried = ablation.configurations(12, seed=1)
        assert len(tried) == 12
        assert all(set(settings) == set(ablation.default) == set(ablation.grid) for settings in tried)
        shared = set(row.grid) & set(ablation.grid) - {"C", "alpha"}
        assert {"bandwidth"} <= shared
        assert all(list(ablation.grid[key]) == list(row.grid[key]) for key in shared)
        assert all(ablation.default[key] == row.default[key] for key in shared)


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_all_of_them_fit_and_none_is_entangled(kind, row):
    for ablation in ablations(row, kind):
        for settings in ablation.configurations(4, seed=2):
            model = ablation.make(settings, situation(kind, class_weight="balanced" if kind else None))
            assert is_classifier(model) is kind
            assert not kind or model.class_weight == "balanced"
            assert model.bandwidth == settings["bandwidth"]
            model.fit(X, Y[kind])
            encoding = getattr(model, "encoding_", None) or getattr(getattr(model, "model_", None), "encoding", None)
            assert (encoding is None) == (ablation.kind != "entanglement")
            assert encoding is None or encoding.circuit.n_two_qubit() == 0
            again = pickle.loads(pickle.dumps(ablation)).make(settings, situation(kind)).fit(X, Y[kind])
            if not kind:
                np.testing.assert_array_equal(again.predict(X), model.predict(X))


@pytest.mark.parametrize("kind", [True, False])
def test_a_kernel_without_entanglement_tries_what_its_model_tries_on_features_and_products(kind):
    for row in quantum_opponents(kind)[:2]:
        ablation = ablations(row, kind)[0]
        assert ablation.configurations(12, 5) == row.configurations(12, 5)
        settings = row.configurations(12, 5)[3]
        model = ablation.make(settings, situation(kind))
        assert model.encoding == separable("iqp", 4, repeats=settings["repeats"])
        assert model.kernel == row.make(settings, situation(kind)).kernel
        assert model.fit(X, Y[kind]).encoding_.n_qubits == 4 + 6
        assert {name: getattr(model, name) for name in settings if name != "repeats"} == {
            name: value for name, value in settings.items() if name != "repeats"
        }


@pytest.mark.parametrize("kind", [True, False])
def test_a_trained_circuit_without_entanglement_can_have_products_or_not(kind):
    for row in quantum_opponents(kind)[2:]:
        ablation = ablations(row, kind)[0]
        assert ablation.grid["products"] == [True, False]
        made = [
            ablation.make(ablation.default | {"products": products}, situation(kind)).fit(X, Y[kind]).model_.encoding
            for products in (True, False)
        ]
        degrees = [max(len(m) for op in e.circuit.ops if op.angle for m in op.angle.terms) for e in made]
        assert degrees[0] == degrees[1] + (1 if row.name.startswith("re-") else 2)
        assert made[0].n_qubits == made[1].n_qubits == 4
        twin = row.make(row.default, situation(kind)).set_params(entangled=False).fit(X, Y[kind]).model_.encoding
        assert made[1].circuit == twin.circuit


@pytest.mark.parametrize("row", quantum_opponents(True)[2:], ids=lambda row: row.name)
def test_interactions_are_not_mistaken_for_entanglement(row):
    """A sign of a product, which a sum over single qubits cannot tell: products restore what entanglement could do."""
    rng = np.random.default_rng(3)
    A = rng.uniform(-1, 1, (300, 2))
    y = (A[:, 0] * A[:, 1] > 0).astype(int)
    ablation = ablations(row, True)[0]
    settings = ablation.default | {"bandwidth": 1.0}
    score = {
        products: ablation.make(settings | {"products": products}, situation(True, 2)).fit(A, y).score(A, y)
        for products in (True, False)
    }
    assert score[True] > 0.9
    assert score[False] < 0.75


@pytest.mark.parametrize(("kind", "row"), ROWS)
def test_classical_stand_ins_know_the_circuit_and_its_kernel(kind, row):
    _, spectrum, rbf = ablations(row, kind)
    champion = row.make(row.default, situation(kind))
    circuit = champion.encoding if hasattr(champion, "encoding") else champion.circuit or "reuploading"
    for ablation in (spectrum, rbf):
        settings = ablation.configurations(12, 0)[5]
        model = ablation.make(settings, situation(kind))
        taken = model.get_params(deep=False)
        assert isinstance(taken["encoding"], type(circuit))
        if isinstance(circuit, str):
            assert taken["encoding"] == circuit
        assert taken["C" if kind else "alpha"] == settings["C" if kind else "alpha"]
        assert all(taken[key] == settings[key] for key in ("bandwidth", "repeats", "gamma") if key in settings)
    assert spectrum.make(spectrum.default, situation(kind)).random_state == 7
    if row.name == "projected kernel":
        assert rbf.make(rbf.default, situation(kind)).kernel == "projected"
        assert "gamma" in rbf.grid
        assert "gamma" not in spectrum.grid


def test_a_users_kernel_by_name():
    rows = given(kw.QuantumKernelClassifier("zz", n_qubits=3, repeats=1, bandwidth=0.2, class_weight="balanced"))
    assert list(rows) == KINDS
    wide = np.random.default_rng(1).normal(size=(30, 6))
    labels = (wide[:, 0] > 0).astype(int)
    assert rows["entanglement"].configurations(12, 0) == [{}]
    assert "products" in rows["entanglement"].about
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = rows["entanglement"].make({}, situation(True, 6)).fit(wide, labels)
    assert model.encoding_ == separable("zz", 3, repeats=1)
    assert (model.bandwidth, model.class_weight) == (0.2, "balanced")
    for kind in ("spectrum", "rbf"):
        configurations = rows[kind].configurations(50, 0)
        assert len(configurations) == 50
        assert set(configurations[0]) == {"C"}
        model = rows[kind].make(configurations[1], situation(True, 6)).fit(wide, labels)
        assert (model.encoding, model.n_qubits, model.repeats, model.bandwidth) == ("zz", 3, 1, 0.2)


def test_a_users_own_circuit_gets_no_products_and_keeps_its_regressor():
    x, w = kw.features(2), kw.params(2)
    encoding = kw.Encoding("own", kw.Circuit(2).ry(x[0], 0).ry(w[0] * x[1], 1).cx(0, 1).ry(w[1], 1), start=(1.0,))
    rows = given(kw.VariationalRegressor(encoding, n_qubits=2, max_iter=5), False)
    assert list(rows) == KINDS
    assert "products" not in rows["entanglement"].about
    twin = rows["entanglement"].make({}, situation(False, 2))
    assert twin.get_params()["entangled"] is False
    assert twin.circuit == encoding
    assert isinstance(rows["spectrum"].make({"alpha": 0.1}, situation(False, 2)), kw.SpectrumSurrogateRegressor)
    assert rows["rbf"].make({"alpha": 0.2}, situation(False, 2)).fit(X[:, :2], Y[False]).alpha == 0.2


@pytest.mark.parametrize(
    "step", [kw.QuantumKernelClassifier(n_qubits=2), kw.VariationalClassifier(n_qubits=2, max_iter=3)]
)
def test_the_last_step_of_a_users_pipeline_is_replaced(step):
    rows = given(make_pipeline(StandardScaler(), PCA(3), step))
    assert list(rows) == KINDS
    assert all(row.takes_table for row in rows.values())
    assert "products" not in rows["entanglement"].about
    for row in rows.values():
        model = row.make(dict(row.default), situation(True))
        assert [type(part) for part in model[:-1]] == [StandardScaler, PCA]
        assert model.fit(X, Y[True]).predict(X).shape == (24,)
    assert rows["entanglement"].make({}, situation(True))[-1].entangled is False
    assert isinstance(rows["rbf"].make({"C": 1.0}, situation(True))[-1], kw.AlignedRBFClassifier)


def test_what_cannot_be_built_is_left_out():
    x, w = kw.features(1)[0], kw.params(1)[0]
    no_frequencies = kw.Circuit(2).rx(w * x, 0).cx(0, 1)
    assert list(given(kw.VariationalClassifier(no_frequencies))) == ["entanglement"]
    assert list(given(kw.QuantumKernelClassifier("angle"))) == ["spectrum", "rbf"]
    assert list(given(kw.QuantumKernelClassifier(entangled=False))) == ["spectrum", "rbf"]
    assert list(given(kw.QuantumKernelClassifier(kw.Circuit(2).rxx(x, 0, 1), entangled=False))) == []
    # 36 qubits would have to be simulated whole: a kernel can be taken apart, a trained readout cannot.
    assert "products" not in given(kw.VariationalClassifier("iqp"))["entanglement"].about
    for foreign in (KNeighborsClassifier(), CalibratedClassifierCV(kw.QuantumKernelClassifier())):
        assert given(foreign) == {}
