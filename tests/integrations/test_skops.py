"""Models kept by skops: every estimator comes back to the same bits, and nothing is trusted that need not be."""

import importlib
import os

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from tests.integrations.models import ESTIMATORS, NAMES, assert_same, flowers, targets

sio = pytest.importorskip("skops.io", reason="skops is not installed")

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def own(names):
    return [name for name in names if name.startswith("ketwise.")]


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=NAMES)
def test_every_estimator_comes_back_to_the_same_bits(estimator):
    X, y = flowers()
    model = clone(estimator).fit(X, targets(estimator, y))
    data = sio.dumps(model)
    untrusted = sio.get_untrusted_types(data=data)
    assert type(model).__name__ in [name.rpartition(".")[2] for name in untrusted]
    assert set(untrusted) <= set(kw.skops_types())
    assert_same(model, sio.loads(data, trusted=kw.skops_types()), X)


@pytest.mark.parametrize("name", sorted(kw.encodings.ENCODINGS))
def test_every_encoding_comes_back(name):
    encoding = kw.encodings.ENCODINGS[name](4)
    again = sio.loads(sio.dumps(encoding), trusted=kw.skops_types())
    assert again == encoding
    rows = np.random.default_rng(0).uniform(0.1, 0.9, (3, 4))
    params = encoding.start_params() if encoding.n_params else None
    before, after = (each.compile(kw.Z(0))(params, rows) for each in (encoding, again))
    np.testing.assert_array_equal(before, after)


def test_a_pipeline_and_a_file(tmp_path):
    X, y = flowers()
    circuit = kw.encodings.angle(4).circuit + kw.ansatz.hardware_efficient(4, layers=1)
    circuit.unitary(np.array([[0, 1], [1, 0]]), 0).rotation(kw.X(0) * kw.Y(2), 2.5 * kw.features(4)[1] + 0.1)
    model = make_pipeline(StandardScaler(), kw.VariationalClassifier(circuit, max_iter=2, random_state=0))
    model.fit(X, y)
    sio.dump(model, tmp_path / "model.skops")
    again = sio.load(tmp_path / "model.skops", trusted=kw.skops_types())
    assert_same(model, again, X)
    assert again[-1].circuit == circuit


@pytest.mark.parametrize("method", [os.getcwd, np.linalg.norm, flowers])
def test_functions_that_are_not_ours_are_left_to_the_caller(method):
    X, y = flowers()
    model = kw.VariationalClassifier(max_iter=1, random_state=0).fit(X, y).set_params(loss=method)
    data = sio.dumps(model)
    assert set(sio.get_untrusted_types(data=data)) - set(kw.skops_types())
    with pytest.raises(sio.exceptions.UntrustedTypesFoundException, match=method.__name__):
        sio.loads(data, trusted=kw.skops_types())


def test_without_trust_nothing_is_loaded():
    X, y = flowers()
    data = sio.dumps(kw.QuantumKernelClassifier().fit(X, y))
    with pytest.raises(sio.exceptions.UntrustedTypesFoundException):
        sio.loads(data)


def test_every_name_is_one_of_ours_and_there():
    for name in kw.skops_types():
        module, _, attribute = name.rpartition(".")
        assert module.startswith("ketwise."), name
        found = getattr(importlib.import_module(module), attribute)
        assert callable(found)


def test_an_angle_of_a_file_is_checked():
    """It is made by a call, which refuses what is no angle."""
    data = sio.dumps(kw.Circuit(1).rx(1.5 * kw.params(1)[0], 0))
    broken = _with_text_replaced(data, '"content": "1.5"', '"content": "NaN"')
    with pytest.raises(ValueError, match="coefficients of an angle must be finite"):
        sio.loads(broken, trusted=kw.skops_types())


def _with_text_replaced(data, old, new):
    """Return the archive with a text in its schema replaced."""
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(made, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "schema.json":
                assert old in content.decode(), content.decode()[:3000]
                content = content.decode().replace(old, new).encode()
            changed.writestr(name, content)
    return made.getvalue()
