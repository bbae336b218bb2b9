"""Every estimator of the package goes to a file and comes back to the same bits; what cannot be kept says so."""

import hashlib
import inspect
import os
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_diabetes, load_iris
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectKBest, VarianceThreshold, f_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVC
from sklearn.utils import get_tags

import ketwise as kw
from ketwise.blocks.preparation.premap import PreMap
from ketwise.learning.keeping import files
from ketwise.learning.keeping.files import load, save
from ketwise.words.container import read_any, write
from tests.mutations import mutations

# Every estimator that the package has; one that is added must be kept too.
CLASSES = [
    value
    for name in kw.__all__
    if inspect.isclass(value := getattr(kw, name)) and hasattr(value, "fit") and hasattr(value, "predict")
]
QUICK = {"max_iter": 5, "random_state": 0}
METHODS = ("predict", "decision_function", "predict_proba", "transform")


def made(cls, **settings):
    known = inspect.signature(cls).parameters
    return cls(**{name: value for name, value in (QUICK | settings).items() if name in known})


def data(estimator, n_rows=60):
    X, y = (load_iris if is_classifier(estimator) else load_diabetes)(return_X_y=True)
    if is_classifier(estimator) and not get_tags(estimator).classifier_tags.multi_class:
        X, y = X[y < 2], y[y < 2]
    rows = np.random.default_rng(0).permutation(len(X))[:n_rows]
    return X[rows, :4], np.array(["setosa", "versicolor", "virginica"])[y[rows]] if is_classifier(estimator) else y[
        rows
    ]


def same(one, other, X):
    """Whether two models say the same of the same rows, to the last bit and in the same types."""
    asked = [method for method in METHODS if hasattr(one, method)]
    assert asked
    for method in asked:
        expected, found = (np.asarray(getattr(model, method)(X)) for model in (one, other))
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


def there_and_back(model, X, folder):
    """Save, load, compare; and the model that was loaded gives the same file."""
    path = save(model, folder / "m.ketwise")
    again = load(path)
    same(model, again, X)
    assert save(again, folder / "again.ketwise").read_bytes() == path.read_bytes()
    return again


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_estimator(cls, tmp_path):
    X, y = data(made(cls))
    model = made(cls).fit(X, y)
    again = there_and_back(model, X, tmp_path)
    assert type(again) is cls
    assert again.get_params() == model.get_params()
    assert set(vars(again)) == set(vars(model))
    if is_classifier(model):
        np.testing.assert_array_equal(again.classes_, model.classes_)
    again.fit(X, y)
    same(model, again, X)  # it can be fitted again


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_frames_reduction_and_pipelines(cls, tmp_path):
    X, y = data(made(cls))
    frame = pd.DataFrame(X, columns=["a", "b", "é", "d"])
    pipeline = make_pipeline(StandardScaler(), made(cls, n_qubits=2, scale="standard")).set_output(transform="pandas")
    pipeline.fit(frame, y)
    again = there_and_back(pipeline, frame, tmp_path)
    assert list(again[-1].feature_names_in_) == list(frame.columns)
    with pytest.raises(ValueError, match="feature names should match"):
        again.predict(frame[["b", "a", "é", "d"]])


@pytest.mark.parametrize(
    "labels",
    [
        np.array([3, 7]),
        np.array([False, True]),
        np.array([1.0, 2.0]),
        np.array(["no", "yes"]),
        np.array(["no", "yes"], dtype="<U9"),
        np.array(["no", "yes"], dtype=object),
    ],
    ids=lambda labels: str(labels.dtype),
)
@pytest.mark.parametrize("cls", [kw.QuantumKernelClassifier, kw.VariationalClassifier], ids=lambda cls: cls.__name__)
def test_labels_of_every_kind(cls, labels, tmp_path):
    X, y = data(made(cls))
    weights = dict(zip(labels.tolist(), [1.0, 2.5], strict=True))
    model = made(cls, class_weight=weights).fit(X, labels[(y == "setosa").astype(int)])
    again = there_and_back(model, X, tmp_path)
    assert again.class_weight == weights
    assert [type(key) for key in again.class_weight] == [type(key) for key in weights]


x, w = kw.features(2), kw.params(3)
MINE = kw.Circuit(3).h(0).ry(x[0] * x[1] + 0.3, 1, controls={0: 0}).rotation(kw.X(0) * kw.Y(2), x[1]).iswap(1, 2)
TRAINED = MINE + kw.Circuit(3).ry(w[0] * x[0], 2).unitary(np.eye(4)[[1, 0, 2, 3]], 0, 1).rz(w[1] + w[2], 0)
SEEN = [kw.Z(0) * kw.Z(1) + 0.1 * kw.X(2), kw.Y(1)]
OWN = {
    "a circuit": kw.QuantumKernelClassifier(MINE),
    "an encoding": kw.QuantumKernelRegressor(kw.Encoding("mine", MINE), kernel="projected", gamma=0.3),
    "a trained circuit": kw.VariationalClassifier(TRAINED, SEEN, max_iter=3, random_state=0),
    "a start": kw.VariationalRegressor(
        kw.Encoding("mine", TRAINED, start=(1, 0.5)), SEEN[0], max_iter=3, random_state=0
    ),
    "a twin": kw.VariationalClassifier("reuploading", entangled=False, layers=2, max_iter=3, random_state=0),
    "a random state": kw.VariationalClassifier(max_iter=2, optimizer="adam", random_state=np.random.RandomState(3)),
    "no random state": kw.VariationalRegressor(max_iter=2, optimizer="adam", early_stopping=True),
    "single precision": kw.VariationalRegressor(max_iter=2, dtype="complex64", random_state=0),
    "no scaling": kw.SpectrumSurrogateClassifier(scale=None, random_state=0, n_frequencies=10),
}


@pytest.mark.parametrize("case", OWN)
def test_circuits_observables_and_encodings_of_ones_own(case, tmp_path):
    X, y = data(OWN[case])
    model = clone(OWN[case]).fit(X[:, :2], y)
    again = there_and_back(model, X[:, :2], tmp_path)
    for name in ("encoding", "circuit", "observables"):
        if hasattr(model, name):
            assert getattr(again, name) == getattr(model, name)


def test_training_goes_on_from_a_file_to_the_same_bits(tmp_path):
    X, y = data(kw.VariationalClassifier())
    settings = {"optimizer": "adam", "batch_size": 8, "random_state": 4, "n_qubits": 2}
    model = kw.VariationalClassifier(max_iter=2, warm_start=True, **settings).fit(X, y)
    again = load(save(model, tmp_path / "m.ketwise"))
    for _ in range(2):
        model.fit(X, y)
        again.fit(X, y)
        model.partial_fit(X[:20], y[:20])
        again.partial_fit(X[:20], y[:20])
    np.testing.assert_array_equal(model.params_, again.params_)
    assert model.loss_curve_ == again.loss_curve_
    assert len(model.loss_curve_) == 8


STEPS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    StandardScaler(with_std=False),
    MinMaxScaler((-1, 2), clip=True),
    MaxAbsScaler(),
    RobustScaler(),
    RobustScaler(with_centering=False, quantile_range=(10.0, 90.0)),
    Normalizer("l1"),
    QuantileTransformer(n_quantiles=20, output_distribution="normal"),
    SimpleImputer(),
    SimpleImputer(strategy="median", keep_empty_features=True),
    SimpleImputer(strategy="most_frequent"),
    SimpleImputer(strategy="constant", fill_value=-1.0),
    VarianceThreshold(0.2),
    PCA(2),
    PCA(0.9),
    PCA(2, whiten=True, svd_solver="randomized", random_state=0),
    TruncatedSVD(2, random_state=0),
    "passthrough",
]


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_steps_of_scikit_learn_before_a_model(step, tmp_path):
    X, y = data(kw.QuantumKernelClassifier())
    pipeline = make_pipeline(clone(step) if step != "passthrough" else step, kw.QuantumKernelClassifier()).fit(X, y)
    again = there_and_back(pipeline, X, tmp_path)
    if step != "passthrough":
        assert str(again[0].get_params()) == str(pipeline[0].get_params())
        np.testing.assert_array_equal(again[0].transform(X), pipeline[0].transform(X))


def test_an_imputer_fills_what_it_filled(tmp_path):
    X, y = data(kw.QuantumKernelClassifier())
    X = X.copy()
    X[::3, 1] = np.nan
    frame = pd.DataFrame(X, columns=list("abcd")).assign(e=np.nan)
    pipeline = make_pipeline(SimpleImputer(keep_empty_features=True), kw.QuantumKernelClassifier(n_qubits=3)).fit(
        frame, y
    )
    again = there_and_back(pipeline, frame, tmp_path)
    np.testing.assert_array_equal(again[0].statistics_, pipeline[0].statistics_)
    assert list(again[0].feature_names_in_) == list("abcde")


@pytest.mark.parametrize("model", [LogisticRegression(), Ridge(), LinearRegression()], ids=str)
def test_linear_models_of_scikit_learn(model, tmp_path):
    X, y = data(model)
    there_and_back(make_pipeline(StandardScaler(), model).fit(X, y), X, tmp_path)


def test_wide_data_in_float32_and_many_columns(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(50, 300)).astype(np.float32), np.arange(50) % 2
    names = [f"a rather long name of the column number {number}" for number in range(300)]
    model = make_pipeline(StandardScaler(), PCA(4), kw.QuantumKernelClassifier()).fit(pd.DataFrame(X, columns=names), y)
    there_and_back(model, pd.DataFrame(X, columns=names), tmp_path)


# -- what is refused when it is saved


def fitted(model):
    X, y = data(model)
    return model.fit(X, y)


def remembering(model):
    model.note = "a note"
    return model


class Mine(kw.QuantumKernelClassifier):
    pass


TANH = PreMap("tanh", np.tanh, lambda X, d: d * (1 - np.tanh(X) ** 2))
REFUSED = {
    "not fitted": (lambda: kw.QuantumKernelClassifier(), "cannot be kept: it is not fitted: call fit first"),
    "a step not fitted": (
        lambda: make_pipeline(StandardScaler(), fitted(kw.QuantumKernelClassifier())),
        "params.steps.0.1, a StandardScaler, cannot be kept: it is not fitted",
    ),
    "a function": (
        lambda: fitted(make_pipeline(FunctionTransformer(np.log1p), kw.QuantumKernelClassifier())),
        "is a FunctionTransformer, which a .ketwise file cannot hold.*keep the whole with skops",
    ),
    "a premap": (
        lambda: fitted(kw.QuantumKernelClassifier(kw.Encoding("mine", kw.Circuit(1).ry(x[0], 0), TANH), n_qubits=1)),
        "the pre-map 'tanh' is made of Python functions, and a file holds no code: apply it to the columns before",
    ),
    "a forest": (
        lambda: fitted(RandomForestClassifier(5)),
        "this is a RandomForestClassifier, which a .ketwise file cannot hold.*skops.io.dump",
    ),
    "a power transformer": (
        lambda: fitted(make_pipeline(PowerTransformer(), kw.QuantumKernelClassifier())),
        "params.steps.0.1 is a PowerTransformer, .* it holds Pipeline, StandardScaler, ",
    ),
    "a selection": (
        lambda: fitted(make_pipeline(SelectKBest(f_classif, k=2), kw.QuantumKernelClassifier())),
        "is a SelectKBest",
    ),
    "a column transformer": (
        lambda: fitted(
            make_pipeline(ColumnTransformer([("a", StandardScaler(), [0, 1])]), kw.QuantumKernelClassifier())
        ),
        "is a ColumnTransformer",
    ),
    "a search": (
        lambda: fitted(GridSearchCV(kw.QuantumKernelClassifier(), {"C": [1.0]}, cv=2)),
        "this is a GridSearchCV: save its best_estimator_ instead",
    ),
    "an RBF machine": (lambda: fitted(SVC()), "only those on a precomputed kernel"),
    "an indicator": (
        lambda: fitted(make_pipeline(SimpleImputer(add_indicator=True), kw.QuantumKernelClassifier())),
        "indicator_",
    ),
    "an imputer of text": (
        lambda: make_pipeline(
            SimpleImputer(strategy="constant", fill_value="none").fit(np.array([["a"], ["b"]], dtype=object)),
            fitted(kw.QuantumKernelClassifier()),
        ),
        "its statistics_ must be numbers",
    ),
    "a cache": (
        lambda: fitted(make_pipeline(StandardScaler(), kw.QuantumKernelClassifier(), memory="cache")),
        "memory None: a cache is not kept",
    ),
    "a class of one's own": (lambda: fitted(Mine()), "a class of your own on top of QuantumKernelClassifier"),
    "a note": (
        lambda: remembering(fitted(kw.QuantumKernelClassifier())),
        "a file holds no attribute 'note' of it: delete the attribute first",
    ),
    "a class": (lambda: kw.QuantumKernelClassifier, "a fitted estimator or pipeline is kept"),
    "a circuit": (lambda: MINE, "a fitted estimator or pipeline is kept, got"),
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.filterwarnings("ignore::ketwise.learning.preprocessing.ReductionWarning")
def test_what_cannot_be_kept_says_so_and_writes_nothing(case, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make, message = REFUSED[case]
    model = make()
    with pytest.raises((TypeError, ValueError), match=message):
        save(model, tmp_path / "m.ketwise")
    assert not (tmp_path / "m.ketwise").exists()


def test_a_function_that_is_given_where_data_belong(tmp_path):
    model = fitted(kw.QuantumKernelClassifier()).set_params(class_weight=len)
    with pytest.raises(
        TypeError, match=r"class_weight is Python code \(len\), and a .ketwise file holds data and never code"
    ):
        save(model, tmp_path / "m.ketwise")


def test_names_and_places(tmp_path):
    model = fitted(kw.QuantumKernelClassifier())
    with pytest.raises(ValueError, match="give it a name with that ending, not 'm.pkl'"):
        save(model, "m.pkl")
    with pytest.raises(FileNotFoundError, match="the folder .*none does not exist"):
        save(model, tmp_path / "none" / "m.ketwise")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load(tmp_path / "m.ketwise")
    write(tmp_path / "c.ketwise", "checkpoint", {}, {})
    with pytest.raises(ValueError, match="holds a checkpoint, and a model is wanted"):
        load(tmp_path / "c.ketwise")


def test_more_than_the_memory_there_is(tmp_path, monkeypatch):
    path = save(fitted(kw.QuantumKernelClassifier()), tmp_path / "m.ketwise")
    monkeypatch.setattr(files, "available_bytes", lambda: 1000)
    with pytest.raises(MemoryError, match=r"m.ketwise takes .* of memory, .* can be used"):
        load(path)


# -- files

FILE = """
import ketwise as kw, numpy as np, sys
from ketwise.learning.keeping.files import save
X = np.random.default_rng(0).normal(size=(40, 3))
save(kw.VariationalClassifier(max_iter=3, random_state=0).fit(X, X[:, 0] > 0), sys.argv[1])
"""


def test_another_process_writes_the_same_bytes(tmp_path):
    hashes = set()
    for number in range(2):
        path = tmp_path / f"{number}.ketwise"
        subprocess.run(
            [sys.executable, "-c", FILE, str(path)], check=True, env=os.environ | {"PYTHONHASHSEED": str(number)}
        )
        hashes.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(hashes) == 1


def test_the_header_says_what_wrote_it(tmp_path):
    contents = read_any(save(fitted(kw.QuantumKernelClassifier()), tmp_path / "m.ketwise"))
    assert contents.kind == "model"
    assert contents.header["schema"] == 1
    assert contents.header["versions"].keys() == {"python", "ketwise", "numpy", "scipy", "scikit-learn"}


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_it_runs_without_the_backend_it_was_trained_on(cls, tmp_path, monkeypatch):
    from ketwise.program import program
    from ketwise.program.backends import default

    X, y = data(made(cls))
    model = made(cls).fit(X, y)
    path = save(model, tmp_path / "m.ketwise")
    method = "decision_function" if is_classifier(model) and hasattr(model, "decision_function") else "predict"
    expected = getattr(model, method)(X[:10])
    monkeypatch.setattr(default, "instruction_sets", lambda: ())
    monkeypatch.delenv("KETWISE_REQUIRE_NATIVE", raising=False)
    caches = [value for value in vars(program).values() if hasattr(value, "cache_clear")]
    for cache in [*caches, default.default_backend]:
        cache.cache_clear()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", kw.NativeMissingWarning)
            again = load(path)
            assert default.default_backend() == kw.Reference()
            found = getattr(again, method)(X[:10])
            if expected.dtype.kind in "OUS":
                np.testing.assert_array_equal(found, expected)
            else:
                np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)
    finally:
        monkeypatch.undo()
        for cache in [*caches, default.default_backend]:
            cache.cache_clear()


# -- damage


def count_accepted(count, path, seed):
    content = save(fitted(kw.VariationalClassifier(n_qubits=2, max_iter=2, random_state=0)), path).read_bytes()
    accepted, kinds = [], set()
    for kind, changed in mutations(content, count, seed):
        path.write_bytes(changed)
        kinds.add(kind)
        try:
            read_any(path)
        except ValueError:
            continue
        accepted.append(kind)
    return accepted, kinds


def test_no_change_is_accepted(tmp_path):
    accepted, kinds = count_accepted(1000, tmp_path / "m.ketwise", seed=0)
    assert accepted == []
    assert len(kinds) == 12


@pytest.mark.long
def test_none_of_100_000_changes_is_accepted(tmp_path):
    assert count_accepted(100_000, tmp_path / "m.ketwise", seed=1)[0] == []
