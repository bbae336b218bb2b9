"""MLflow's scikit-learn flavour, on SQLite in a folder: logged and read back without a network and without pickle."""

import os
import socket

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from tests.integrations.models import assert_same, flowers

pytest.importorskip("sqlalchemy", reason="SQLAlchemy, which MLflow needs for SQLite, is not installed")
mlflow = pytest.importorskip("mlflow", reason="MLflow is not installed")
pytest.importorskip("skops", reason="skops is not installed")

# What MLflow 3.17 says about itself when it is imported: its tables are declared with a loader that SQLAlchemy 2.1 is
# about to drop, and its chat messages have a type hint that it does not check.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tracking store that is forgotten afterwards."""
    place = tmp_path_factory.mktemp("mlflow")
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{place}/mlflow.db")
    yield place
    mlflow.set_tracking_uri(before)
    del os.environ["MLFLOW_DISABLE_TELEMETRY"]


@pytest.fixture(scope="module")
def experiment(folder):
    return mlflow.create_experiment("ketwise", artifact_location=(folder / "artifacts").as_uri())


@pytest.fixture
def no_network(monkeypatch):
    """A connection to anywhere is an error."""

    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.usefixtures("no_network")
def test_a_model_is_logged_and_read_back_to_the_same_bits(experiment, folder):
    import mlflow.sklearn

    X, y = flowers()
    model = make_pipeline(StandardScaler(), kw.VariationalClassifier(max_iter=3, random_state=0)).fit(X, y)
    with mlflow.start_run(experiment_id=experiment) as run:
        mlflow.log_params(model[-1].get_params())
        for loss in model[-1].loss_curve_:
            mlflow.log_metric("loss", loss)
        info = mlflow.sklearn.log_model(
            model,
            name="model",
            serialization_format="skops",
            skops_trusted_types=kw.skops_types(),
            pip_requirements=["ketwise"],
        )
    assert_same(model, mlflow.sklearn.load_model(info.model_uri), X)
    assert (mlflow.pyfunc.load_model(info.model_uri).predict(X) == model.predict(X)).all()
    kept = mlflow.get_run(run.info.run_id).data
    assert kept.params["layers"] == "None"
    assert kept.metrics["loss"] == pytest.approx(model[-1].loss_curve_[-1])
    names = [path.name for path in (folder / "artifacts").rglob("*") if path.is_file()]
    assert "model.skops" in names
    assert not [name for name in names if name.endswith((".pkl", ".pickle"))]


@pytest.mark.usefixtures("no_network")
def test_what_is_not_named_as_trusted_is_not_logged(experiment):
    import mlflow.sklearn

    X, y = flowers()
    model = kw.QuantumKernelClassifier().fit(X, y)
    with mlflow.start_run(experiment_id=experiment), pytest.raises(mlflow.MlflowException, match="skops_trusted_types"):
        mlflow.sklearn.log_model(model, name="model", serialization_format="skops", pip_requirements=["ketwise"])
