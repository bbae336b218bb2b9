"""Model files that somebody made on purpose, with a checksum that agrees: refused in one sentence, at no cost."""

import copy

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from ketwise.learning.keeping.files import load, save
from ketwise.words.container import read_any, to_bytes
from tests.hostile_files import file_of, parts_of, read_all

LIMIT = 50 << 20


def contents(folder, model):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 3))
    model.fit(X, np.array(["no", "yes"])[(X[:, 0] > 0).astype(int)])
    read = read_any(save(model, folder / "m.ketwise"))
    return read.header, read.arrays


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """Header and arrays of a scaler and a kernel model, and of a trained model."""
    folder = tmp_path_factory.mktemp("good")
    kernel = contents(folder, make_pipeline(StandardScaler(), kw.QuantumKernelClassifier()))
    return kernel, contents(folder, kw.VariationalClassifier(n_qubits=2, layers=1, max_iter=2, random_state=0))


def at(header, path):
    """The node at a path of keys."""
    node = header["model"]
    for key in path:
        node = node[key]
    return node


MODEL = ("params", "items", "steps", 0, "items")
KERNEL = ("params", "items", "steps", 1, "items", 1)
STATE = (*KERNEL, "state", "items")
PARAMS = (*KERNEL, "params", "items")


def node(path, **changes):
    """A change of the JSON at a path; None takes a key away."""

    def change(header, arrays):
        place = at(header, path)
        for key, value in changes.items():
            if value is None:
                del place[key]
            else:
                place[key] = value

    return change


def values(name, value):
    """Another array in the place of one."""

    def change(header, arrays):
        assert name in arrays
        arrays[name] = np.asarray(value)

    return change


def add(header, arrays):
    arrays["code"] = np.frombuffer(b"import os", dtype=np.uint8)


def drop(header, arrays):
    del arrays["params.steps.1.1.state.svc_.intercept_"]


SVC = "params.steps.1.1.state.svc_"
CHANGES = {
    "an unknown class": (
        node(KERNEL, **{"is": "subprocess.Popen"}),
        "'subprocess.Popen', which this version of ketwise",
    ),
    "a class that is there": (node(KERNEL, **{"is": "Ridge"}), "it makes no Ridge"),
    "no class": (node(KERNEL, **{"is": None}), "does not say what it is"),
    "another key": (
        node(KERNEL, __reduce__=["os.system", "true"]),
        "has other keys: missing .*, unknown .'__reduce__'",
    ),
    "an attribute": (node(STATE, predict="code"), "other parts are expected: missing .*, unknown .'predict'"),
    "a dunder": (node(STATE, __class__=1), "unknown .'__class__'"),
    "a missing attribute": (node(STATE, encoding_=None), "missing .'encoding_'"),
    "an unknown parameter": (node(PARAMS, shell=True), "there is no parameter 'shell'"),
    "an unknown kernel": (node(PARAMS, kernel="linear"), "a kernel of a known name"),
    "columns as text": (node(STATE, n_features_in_="3"), "n_features_in_ must be int, got str"),
    "2^62 columns": (node(STATE, n_features_in_=2**62), "at params.steps.1.1 it makes no QuantumKernelClassifier"),
    "an encoding that is text": (node(STATE, encoding_="iqp"), "encoding_ must be Encoding, got str"),
    "no pair": (node(("params", "items"), steps=[1]), "steps must be pairs"),
    "no steps": (node(("params", "items"), steps=[]), "steps must be pairs"),
    "a cache on disk": (node(("params", "items"), memory="folder"), "memory None"),
    "an unused array": (add, "an array 'code' that belongs to nothing"),
    "a missing array": (drop, "there is no array 'params.steps.1.1.state.svc_.intercept_'"),
    "more vectors": (values(f"{SVC}.n_support_", [10**6, 10**6]), "dual_coef_ must have shape"),
    "negative vectors": (values(f"{SVC}.n_support_", [-1, 2]), "dual_coef_ must have shape"),
    "coefficients of nan": (
        lambda header, arrays: arrays[f"{SVC}.dual_coef_"].fill(np.nan),
        "dual_coef_ and intercept_ must be finite",
    ),
    "vectors of another width": (
        values("params.steps.1.1.state.support_features_", np.zeros((4, 9))),
        "it makes no QuantumKernelClassifier: .*are taken",
    ),
    "vectors of another number": (
        values("params.steps.1.1.state.support_features_", np.zeros((1, 3))),
        "the support vectors do not agree",
    ),
    "a mean of another length": (values("params.steps.0.1.state.mean_", np.zeros(4)), r"mean_ must have shape"),
    "a mean of whole numbers": (values("params.steps.0.1.state.mean_", np.zeros(3, dtype=int)), "dtype of kind 'f'"),
    "an operation beyond": (
        values("params.steps.1.1.state.encoding_.circuit.ops", [0, 0, 1, 0, 99]),
        "qubit 99 is out of range",
    ),
    "another schema": (lambda header, arrays: header.update(schema=2), "has models of version 2, this ketwise reads 1"),
    "no schema": (lambda header, arrays: header.pop("schema"), "has models of version None"),
    "another entry": (lambda header, arrays: header.update(code="x"), "other entries than schema, versions and model"),
    "versions no text": (lambda header, arrays: header.update(versions={"ketwise": 1}), "other entries than"),
    "a number as model": (
        lambda header, arrays: (header.update(model=1), arrays.clear()),
        "it holds a int, not a fitted",
    ),
    "a list as model": (lambda header, arrays: header.update(model=[]), "not a fitted estimator|belongs to nothing"),
}
TRAINED = {
    "theta of another length": (values("state._training.theta", np.zeros(3)), "do not agree in the number of values"),
    "theta of nan": (lambda header, arrays: arrays["state._training.theta"].fill(np.nan), "theta must be finite"),
    "a state of too few words": (values("state._rng.key", np.zeros(3, dtype=np.uint32)), "624 words"),
    "a state of another kind": (values("state._rng.key", np.zeros(624)), "dtype of kind 'u'"),
    "a place beyond the words": (node(("state", "items", "_rng"), pos=10**9), "624 words and a place among them"),
    "another precision": (node(("state", "items", "model_"), dtype="object"), "dtype must be complex64 or complex128"),
    "no scores": (node(("state", "items", "model_"), n_scores=0), "n_scores positive"),
    "2^40 parameters": (node(("state", "items", "model_", "encoding", "circuit"), n_params=2**40), "at most"),
    "2^24 parameters": (node(("state", "items", "model_", "encoding", "circuit"), n_params=2**24), "do not agree"),
    "2^20 qubits": (node(("state", "items", "model_", "encoding", "circuit"), n_qubits=2**20), None),
    "2^63 qubits": (
        node(("state", "items", "model_", "encoding", "circuit"), n_qubits=2**63),
        "at most 1048576 qubits",
    ),
}


def changed(good, change):
    header, arrays = copy.deepcopy(good)
    change(header, arrays)
    return to_bytes("model", header, arrays)


@pytest.mark.parametrize("case", [*CHANGES, *TRAINED])
def test_what_no_writer_writes_is_refused(good, case, tmp_path):
    change, message = (CHANGES | TRAINED)[case]
    (tmp_path / "m.ketwise").write_bytes(changed(good[case in TRAINED], change))
    if message is None:  # it is a model, which no machine can run
        model = load(tmp_path / "m.ketwise")
        with pytest.raises(MemoryError, match="the largest"):
            model.predict(np.zeros((1, 3)))
        return
    with pytest.raises(ValueError, match=message) as error:
        load(tmp_path / "m.ketwise")
    assert str(error.value).startswith(f"{tmp_path}/m.ketwise ")
    assert len(str(error.value)) < 800


def test_a_fresh_process_refuses_them_within_50_mb_and_a_second(good, tmp_path):
    cases = {name: changed(good[0], change) for name, (change, _) in CHANGES.items()}
    cases |= {name: changed(good[1], change) for name, (change, message) in TRAINED.items() if message}
    header, arrays = good[1]
    deep = {"is": "tuple", "items": []}
    for _ in range(25):
        deep = {"is": "tuple", "items": [deep]}
    many = [{"is": "tuple", "items": []}] * 20_000
    cases["tuples in tuples"] = to_bytes("model", header | {"model": deep}, {})
    cases["20,000 tuples"] = to_bytes("model", header | {"model": many}, {})
    cases["a table model of nothing"] = to_bytes("table model", header | {"model": {}}, {})
    cases["a model of another kind"] = to_bytes("checkpoint", header, arrays)
    told = read_all(tmp_path / "files", cases, "ketwise.evidence.keeping", "load", LIMIT)
    assert {name: each for name, each in told.items() if each["error"] != "ValueError"} == {}
    assert max(each["seconds"] for each in told.values()) < 1
    assert max(each["bytes"] for each in told.values()) < 50e6


NASTY = [None, True, -1, 0, 1, 2**62, -(2**62), 1e308, "", "is", "iqp", "<f8", [], [[]], {}, {"is": "map", "items": {}}]


def places(node, path=()):
    """Every place in a JSON tree."""
    yield path
    for key, item in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from places(item, (*path, key))


def fuzzed(content, rng):
    """A file with one value in its header exchanged, taken away or put in, and a checksum that agrees."""
    document, data = parts_of(content)
    every = [path for path in places(document) if path]
    path = every[rng.integers(len(every))]
    parent = document
    for key in path[:-1]:
        parent = parent[key]
    kind = rng.integers(4)
    if kind == 0 and isinstance(parent, dict):
        del parent[path[-1]]
    elif kind == 1 and isinstance(parent, dict):
        parent["more"] = NASTY[rng.integers(len(NASTY))]
    elif kind == 2:
        other = document
        for key in every[rng.integers(len(every))]:
            other = other[key]
        parent[path[-1]] = copy.deepcopy(other)
    else:
        parent[path[-1]] = NASTY[rng.integers(len(NASTY))]
    return file_of(document, data)


def fuzz(good, folder, count, seed):
    """What loading such files raises that is no ValueError."""
    rng = np.random.default_rng(seed)
    original = [to_bytes("model", *each) for each in good]
    surprises, refused = [], 0
    for round_ in range(count):
        content = fuzzed(original[round_ % 2], rng)
        (folder / "f.ketwise").write_bytes(content)
        try:
            load(folder / "f.ketwise")
        except ValueError:
            refused += 1
        except Exception as error:
            surprises.append(repr(error))
    assert surprises == []
    return refused / count


def test_a_changed_header_is_refused_or_makes_a_model(good, tmp_path):
    """Some changes make another model (a parameter with another value); none raises anything but a ValueError."""
    assert fuzz(good, tmp_path, 400, seed=0) > 0.7


@pytest.mark.long
def test_many_changed_headers(good, tmp_path):
    assert fuzz(good, tmp_path, 20_000, seed=1) > 0.7
