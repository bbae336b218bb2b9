"""Checkpoints: killed fits go on to the same bits, and nobody goes on with another's."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, make_moons

import ketwise as kw
from ketwise.learning import checkpoint as module
from ketwise.learning.checkpoint import Checkpoint, Kept, generator_state, set_generator
from ketwise.learning.optimizers import STEPPERS, Adam, SciPy
from ketwise.words import container

X, Y = make_moons(60, noise=0.2, random_state=0)
KINDS = ("adam", "lbfgs", "spsa", "simplex")


def killed(tmp_path, kind, kills, seed):
    script = Path(__file__).with_name("killed_fits.py")
    done = subprocess.run(
        [sys.executable, script, tmp_path, kind, str(kills), str(seed)], capture_output=True, text=True, timeout=280
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sum(found["killed"].values()) == kills
    assert found["agree"]
    assert not found["left"]
    return found


@pytest.mark.parametrize("kind", ["adam", "lbfgs"])
def test_ten_kills_change_no_bit(tmp_path, kind):
    killed(tmp_path, kind, 10, 0)


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_a_hundred_kills_change_no_bit(tmp_path, kind):
    found = killed(tmp_path, kind, 100, 1)
    assert min(found["killed"].values()) > 5  # at every moment, in the middle of a write too


SETTINGS = {
    "adam": {"optimizer": "adam", "batch_size": 16, "max_iter": 6, "early_stopping": True},
    "lbfgs": {"max_iter": 12, "early_stopping": True},
    "layers": {"max_iter": 5, "layerwise": 3},
}


class StopError(Exception):
    """Stands for a crash."""


def crash_after(passes):
    def callback(now):
        if now.iteration == passes:
            raise StopError

    return callback


@pytest.mark.parametrize("random_state", [3, None])
@pytest.mark.parametrize("name", SETTINGS)
def test_a_fit_goes_on_also_without_a_seed(tmp_path, monkeypatch, name, random_state):
    # As often as it can: between the passes too.
    monkeypatch.setattr(module, "SHARE", 1.0)
    model = kw.VariationalClassifier(
        checkpoint=tmp_path / "fit.ketwise", random_state=random_state, preflight=False, tol=0.0, **SETTINGS[name]
    )
    with pytest.raises(StopError):
        model.set_params(callbacks=crash_after(4)).fit(X, Y)
    file = container.read(tmp_path / "fit.ketwise", kind="training")
    seen = []
    model.set_params(callbacks=seen.append).fit(X, Y)
    assert seen[0].iteration in (4, 5)
    # A generator that stands where that of the file began makes the whole fit in one go.
    rng = np.random.RandomState()
    set_generator(rng, file[0]["begin"])
    whole = kw.VariationalClassifier(random_state=rng, preflight=False, tol=0.0, **SETTINGS[name]).fit(X, Y)
    np.testing.assert_array_equal(model.params_, whole.params_)
    np.testing.assert_array_equal(model.weights_, whole.weights_)
    for key, values in whole.history_.items():
        np.testing.assert_array_equal(model.history_[key], values)
    assert generator_state(model._rng) == generator_state(rng)


def test_a_checkpoint_changes_no_bit_and_a_fit_that_is_done_is_read(tmp_path):
    D, t = load_diabetes(return_X_y=True)
    settings = {"n_qubits": 2, "layers": 1, "max_iter": 4, "random_state": 0}
    plain = kw.VariationalRegressor(**settings).fit(D, t)
    model = kw.VariationalRegressor(checkpoint=str(tmp_path / "fit"), **settings).fit(D, t)
    np.testing.assert_array_equal(model.predict(D), plain.predict(D))
    seen = []
    model.set_params(callbacks=seen.append).fit(D, t)
    assert not seen
    np.testing.assert_array_equal(model.predict(D), plain.predict(D))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"alpha": 0.1}, "belongs to a fit with alpha=0.005, and this one has alpha=0.1: set it as it was"),
        ({"optimizer": Adam(0.1)}, "optimizer='adam', and this one has optimizer=Adam.learning_rate=0.1"),
        ({"random_state": 2}, "random_state=1, and this one has random_state=2"),
        ({"random_state": None}, "random_state=1, and this one has random_state=unset"),
        ({"layers": 3}, "layers=2, and this one has layers=3"),
        ({"init": np.ones(16)}, "init='normal', and this one has init=unset"),
        ({"circuit": kw.encodings.iqp(2) + kw.ansatz.strongly_entangling(2)}, "another circuit, loss or start"),
        ({"observables": [kw.X(0), kw.Z(1)]}, "another circuit, loss or start"),
        ({"X": X[::-1]}, "other data: give the same rows in the same order"),
        ({"Y": 1 - Y}, "other data"),
        ({"warm_start": True}, "checkpoint and warm_start both go on from an earlier fit"),
    ],
)
def test_another_fit_is_refused_by_name(tmp_path, change, message):
    settings = {"optimizer": "adam", "max_iter": 2, "layers": 2, "random_state": 1, "checkpoint": tmp_path / "fit"}
    kw.VariationalClassifier(**settings).fit(X, Y)
    before = (tmp_path / "fit").read_bytes()
    data = change.pop("X", X), change.pop("Y", Y)
    if "circuit" in change:
        settings["layers"] = None
        kw.VariationalClassifier(**settings | {"checkpoint": tmp_path / "other"}).fit(X, Y)
        before = (tmp_path / "other").read_bytes()
        (tmp_path / "fit").write_bytes(before)
    with pytest.raises(ValueError, match=message):
        kw.VariationalClassifier(**settings | change).fit(*data)
    assert (tmp_path / "fit").read_bytes() == before


def test_what_is_no_checkpoint_is_refused_and_left(tmp_path):
    path = tmp_path / "fit"
    model = kw.VariationalClassifier(checkpoint=path, max_iter=1, random_state=0)
    path.write_text("mine")
    with pytest.raises(ValueError, match="is no .ketwise file"):
        model.fit(X, Y)
    container.write(path, "model", {}, {})
    with pytest.raises(ValueError, match="holds a model, and a training is wanted"):
        model.fit(X, Y)
    with pytest.raises(FileNotFoundError, match="the folder .* does not exist"):
        model.set_params(checkpoint=tmp_path / "none" / "fit").fit(X, Y)
    path.unlink()
    model.set_params(checkpoint=path).fit(X, Y)
    damaged = bytearray(path.read_bytes())
    damaged[-50] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="SHA-256 does not agree"):
        model.fit(X, Y)


def test_writing_takes_a_tenth_of_the_time_at_most(tmp_path, monkeypatch):
    now, written, asked = [0.0], [], []

    def write(*_):
        written.append(now[0])
        now[0] += 2.0  # so long a write takes

    def state():
        asked.append(now[0])
        return Kept({}, {})

    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(module.container, "write", write)
    kept = Checkpoint(tmp_path / "fit", {})
    rng = np.random.default_rng(0)
    kept.begin(rng)
    kept.claim("", np.zeros(1))
    for _ in range(100):
        now[0] += 1.0
        kept.keep(state, rng)
    assert 2.0 * len(written) <= 0.1 * now[0] + 2.0
    assert len(written) > 4
    kept.keep(state, rng, at_once=True)
    assert written[-1] == now[0] - 2.0
    assert asked == written  # what is not written is not put together


@pytest.mark.parametrize("kind", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64", "RandomState"])
def test_generators_go_on(kind):
    def made(seed):
        bits = getattr(np.random, kind)
        return bits(seed) if kind == "RandomState" else np.random.Generator(bits(seed))

    rng, other = made(0), made(1)
    rng.standard_normal(3)
    rng.choice([1, 2], 3)
    set_generator(other, json.loads(json.dumps(generator_state(rng))))
    np.testing.assert_array_equal(other.standard_normal(5), rng.standard_normal(5))


@pytest.mark.parametrize("optimizer", STEPPERS, ids=[cls.__name__ for cls in STEPPERS])
def test_every_state_is_kept_as_it_is(optimizer):
    state = optimizer().init(np.ones(3))
    assert isinstance(state, STEPPERS[optimizer])
    again = module.from_state(optimizer().init(np.zeros(3)), module.to_state(state))
    for mine, theirs in zip(again, state, strict=True):
        assert type(mine) is type(theirs)
        np.testing.assert_array_equal(mine, theirs)


def test_a_state_that_is_not_there_is_no_state():
    state = Adam().init(np.ones(3))
    arrays = module.to_state(state)
    del arrays["state.square"]
    with pytest.raises(ValueError, match="the checkpoint holds no 'square' of a AdamState"):
        module.from_state(state, arrays)
    with pytest.raises(AttributeError):
        module.to_state(None)


def test_scipys_other_way_is_computed(tmp_path, monkeypatch):
    """Where another version of SciPy asks for other points, what was kept of the old way is left."""
    monkeypatch.setattr(module, "SHARE", 1.0)
    settings = {"optimizer": SciPy("L-BFGS-B"), "max_iter": 8, "layers": 1, "random_state": 0, "preflight": False}
    model = kw.VariationalClassifier(checkpoint=tmp_path / "fit", **settings)
    with pytest.raises(StopError):
        model.set_params(callbacks=crash_after(5)).fit(X, Y)
    header, arrays = container.read(tmp_path / "fit", kind="training")
    arrays["thetas"][3:] += 1.0
    arrays["told"][3:] = -1e3
    container.write(tmp_path / "fit", "training", header, arrays)
    model.set_params(callbacks=None).fit(X, Y)
    np.testing.assert_array_equal(model.params_, kw.VariationalClassifier(**settings).fit(X, Y).params_)
