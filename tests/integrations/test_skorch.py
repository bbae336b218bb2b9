"""skorch around ``kw.torch.Layer``: a hybrid network as a scikit-learn estimator, cloned, searched and kept."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from tests.integrations.models import flowers

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
skorch = pytest.importorskip("skorch", reason="skorch is not installed")


class Hybrid(torch.nn.Module):
    """Four columns, a circuit of as many qubits, and a linear readout of two classes."""

    def __init__(self, layers=1):
        super().__init__()
        circuit = kw.encodings.angle(4).circuit + kw.ansatz.strongly_entangling(4, layers=layers)
        self.quantum = kw.torch.Layer(circuit, [kw.Z(q) for q in range(4)])
        self.read = torch.nn.Linear(4, 2)

    def forward(self, X):
        return self.read(self.quantum(X))


def network(**settings):
    torch.manual_seed(0)
    return skorch.NeuralNetClassifier(
        Hybrid,
        criterion=torch.nn.CrossEntropyLoss,
        optimizer=torch.optim.Adam,
        **{"max_epochs": 8, "lr": 0.1, "batch_size": 15, "train_split": None, "verbose": 0} | settings,
    )


def columns():
    X, y = flowers()
    scaled = StandardScaler().fit_transform(X).astype(np.float32)
    return scaled, (y == "virginica").astype(np.int64)


def test_it_learns_and_the_circuit_is_trained():
    X, y = columns()
    net = network().fit(X, y)
    losses = net.history[:, "train_loss"]
    assert losses[-1] < 0.7 * losses[0]
    assert net.score(X, y) > 0.85
    torch.manual_seed(0)
    start = Hybrid().quantum.params
    assert (net.module_.quantum.params - start).abs().max() > 0.05
    np.testing.assert_allclose(net.predict_proba(X).sum(axis=1), 1, rtol=1e-6)


def test_it_is_cloned_searched_and_cross_validated():
    X, y = columns()
    search = GridSearchCV(network(max_epochs=2), {"module__layers": [1, 2], "lr": [0.05]}, cv=2).fit(X, y)
    assert search.best_estimator_.module_.quantum.n_params in (12, 24)
    assert clone(search.best_estimator_).module__layers == search.best_params_["module__layers"]
    assert np.isfinite(cross_val_score(network(max_epochs=1), X, y, cv=2)).all()


def test_it_stands_in_a_pipeline_and_its_weights_in_a_file(tmp_path):
    X, y = columns()
    pipeline = make_pipeline(StandardScaler(), network(max_epochs=2)).fit(X, y)
    net = pipeline[-1]
    net.save_params(f_params=tmp_path / "weights.pt")
    again = network().initialize()
    again.load_params(f_params=tmp_path / "weights.pt")
    scaled = pipeline[0].transform(X)
    np.testing.assert_array_equal(again.predict_proba(scaled), net.predict_proba(scaled))


def test_a_callback_ends_the_training():
    X, y = columns()
    stop = skorch.callbacks.EarlyStopping(monitor="train_loss", threshold=0.5, patience=2)
    net = network(max_epochs=50, callbacks=[("stop", stop)], callbacks__print_log=None).fit(X, y)
    assert 2 < len(net.history) < 50
