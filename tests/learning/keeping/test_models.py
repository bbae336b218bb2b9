"""Models of the literature go into a file and come back: the same outputs to the last bit, and no others accepted."""

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_digits, load_iris

from ketwise.learning import presets
from ketwise.learning.autoencoder import QuantumAutoencoder, QuantumOneClass
from ketwise.learning.born_machine import BornMachine
from ketwise.learning.keeping import files
from ketwise.learning.keeping.models import MODEL_FORMS
from ketwise.learning.kernel_kmeans import QuantumKernelKMeans
from ketwise.learning.kernel_pca import QuantumKernelPCA
from ketwise.learning.quanvolution import Quanvolution
from ketwise.learning.random_features import QuantumRandomFeatures
from ketwise.learning.reservoir import QuantumReservoir

QUICK = {"convergence_interval": 25, "max_steps": 100, "learning_rate": 0.1, "random_state": 0}
MODELS = [
    presets.circuit_centric(n_layers=1, **QUICK),
    presets.data_reuploading(n_layers=1, **QUICK),
    presets.dressed_circuit(n_layers=1, **QUICK),
    presets.iqp_variational(n_layers=1, **QUICK),
    presets.tree_tensor(**QUICK),
    presets.separable_variational(**QUICK),
    presets.boltzmann_machine(temperature=2.0, **QUICK),
    presets.weinet(**QUICK),
    presets.metric_learner(n_layers=1, **QUICK),
    presets.projected_kernel(random_state=0),
    presets.kitchen_sinks(n_circuits=20, random_state=0),
    presets.quanvolution(random_state=0),
    QuantumRandomFeatures(5, shots=None, scale=False, random_state=0),
    Quanvolution(random_state=0),
    QuantumReservoir(2, random_state=0),
    QuantumAutoencoder(n_layers=1, n_init=1, max_iter=20, random_state=0),
    QuantumOneClass(n_layers=1, n_init=1, max_iter=20, random_state=0),
    QuantumKernelKMeans(random_state=0),
    QuantumKernelPCA(),
    BornMachine(n_layers=1, max_iter=20, random_state=0),
]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.fixture(autouse=True)
def _known(monkeypatch):
    names = {form.name for form in files.FORMS}
    monkeypatch.setattr(files, "FORMS", (*files.FORMS, *(form for form in MODEL_FORMS if form.name not in names)))


def fitted(model):
    X, y = load_iris(return_X_y=True)
    X, y = X[50::3], np.array(["setosa", "versicolor", "virginica"])[y[50::3]]
    return clone(model).fit(X, y), X


def outputs(model, X):
    methods = ("decision_function", "predict_proba", "predict", "transform", "score_samples")
    return [getattr(model, name)(X) for name in methods if hasattr(model, name)]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: repr(model).split("(")[0])
def test_it_comes_back_to_the_same_bits(model, tmp_path):
    model, X = fitted(model)
    again = files.load(files.save(model, tmp_path / "model.ketwise"))
    for one, two in zip(outputs(model, X), outputs(again, X), strict=True):
        np.testing.assert_array_equal(one, two)
    assert repr(again) == repr(model)
    if is_classifier(model):
        assert list(again.classes_) == ["versicolor", "virginica"]


def test_images(tmp_path):
    X, y = load_digits(return_X_y=True, n_class=2)
    model = presets.weinet(**QUICK).fit(X[:100], y[:100])
    again = files.load(files.save(model, tmp_path / "model.ketwise"))
    np.testing.assert_array_equal(again.decision_function(X), model.decision_function(X))


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (1, {"theta_": np.zeros(3)}),
        (1, {"n_features_in_": 10**9}),
        (5, {"design": presets.separable_variational(n_layers=9_999).design}),
        (0, {"design": presets.circuit_centric(n_copies=9_999).design}),
        (8, {"params_": np.zeros(2)}),
        (8, {"example_codes_": np.full(46, 7)}),
        (9, {"support_bloch_": np.zeros((2, 15))}),
        (13, {"table_": np.zeros((1, 4), dtype=np.int64)}),
        (14, {"unitary_": np.eye(4, dtype=complex)}),
        (15, {"n_qubits_kept_": 9}),
        (17, {"labels_": np.full(34, -1, dtype=np.int32)}),
        (18, {"column_means_": np.zeros(3)}),
        (19, {"probabilities_": np.zeros(8)}),
    ],
)
def test_parts_that_do_not_agree_are_refused(number, change, tmp_path):
    model, _ = fitted(MODELS[number])
    for name, value in change.items():
        setattr(model, name, value)
    with pytest.raises(ValueError):
        files.load(files.save(model, tmp_path / "model.ketwise"))


def test_a_design_of_ones_own_is_code(tmp_path):
    class Own:
        scale = None

        def build(self, n_columns):
            return presets.tree_tensor().design.build(n_columns)

    model, _ = fitted(presets.tree_tensor(**QUICK).set_params(design=Own()))
    with pytest.raises(TypeError, match="design"):
        files.save(model, tmp_path / "model.ketwise")
