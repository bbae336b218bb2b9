"""Every optimiser, and every state it can stand in, goes to a file and comes back, and so does a fit with it."""

import dataclasses
import inspect

import numpy as np
import pytest
from sklearn.datasets import load_iris

import ketwise as kw
from ketwise.learning.keeping.files import FORMS, load, save
from ketwise.learning.keeping.tree import Reader, Writer
from ketwise.learning.optimizers import STEPPERS
from ketwise.learning.optimizers.scipy_methods import METHODS
from ketwise.learning.program_landscape import program_landscape

X, Y = load_iris(return_X_y=True)
X, Y = X[50::4, :2], Y[50::4]
#: Every setting another than the default, where a number can be.
OPTIMIZERS = [
    *(
        cls(**{each.name: 0.7 * each.default for each in dataclasses.fields(cls) if type(each.default) is float})
        for cls in STEPPERS
    ),
    kw.optimizers.Adam(learning_rate=1),
    kw.optimizers.NaturalGradient(np.float64(0.1), "diagonal"),
    kw.optimizers.ShotAdaptive(0.2, lipschitz=2, least_shots=20, budget=1000),
    *map(kw.optimizers.SciPy, METHODS),
    kw.optimizers.SciPy("COBYLA", {"rhobeg": 0.1, "disp": False}),
]
TAKEN = [each for each in OPTIMIZERS if isinstance(each, kw.optimizers.SciPy) or each.takes_batches]


def name(optimizer):
    return type(optimizer).__name__ + getattr(optimizer, "method", "")


def there_and_back(value):
    writer = Writer(FORMS)
    tree = writer.node(value)
    reader = Reader(FORMS, writer.arrays)
    again = reader.value(tree)
    reader.finish()
    return again


def test_all_are_here():
    known = {
        value for value in vars(kw.optimizers).values() if inspect.isclass(value) and dataclasses.is_dataclass(value)
    }
    assert {type(each) for each in OPTIMIZERS} == known - {kw.optimizers.Landscape}


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=name)
def test_settings_come_back(optimizer):
    again = there_and_back(optimizer)
    assert again == optimizer
    assert [type(each) for each in vars(again).values()] == [type(each) for each in vars(optimizer).values()]


@pytest.mark.parametrize("cls", STEPPERS, ids=lambda cls: cls.__name__)
def test_states_come_back(cls):
    circuit = kw.ansatz.hardware_efficient(2, layers=1)
    landscape, theta = program_landscape(circuit.compile(kw.Z(0))), np.ones(circuit.n_params)
    state = cls().update(cls().init(theta), theta, landscape, np.random.default_rng(0)).state
    again = there_and_back(state)
    assert type(again) is type(state) is STEPPERS[cls]
    for mine, theirs in zip(again, state, strict=True):
        assert type(mine) is type(theirs)
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("optimizer", TAKEN, ids=name)
def test_a_fit_goes_on_from_a_file_to_the_same_bits(optimizer, tmp_path):
    model = kw.VariationalClassifier(
        optimizer=optimizer, n_qubits=2, layers=1, max_iter=2, warm_start=True, preflight=False, random_state=0
    ).fit(X, Y)
    again = load(save(model, tmp_path / "m.ketwise"))
    assert again.get_params() == model.get_params()
    for each in (model, again):
        each.fit(X, Y)
    np.testing.assert_array_equal(again.decision_function(X), model.decision_function(X))
    assert again.loss_curve_ == model.loss_curve_
    assert type(again._training.state) is type(model._training.state)


@pytest.mark.parametrize("cls", [kw.VariationalClassifier, kw.VariationalRegressor], ids=lambda cls: cls.__name__)
def test_checkpoint_and_callbacks_stay_behind(cls, tmp_path):
    model = cls(
        checkpoint=tmp_path / "fit", callbacks=[print, lambda now: False], n_qubits=2, max_iter=1, random_state=0
    )
    again = load(save(model.fit(X, Y), tmp_path / "m.ketwise"))
    assert again.get_params() == model.get_params() | {"checkpoint": None, "callbacks": None}
    assert len(model.callbacks) == 2
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_a_file_cannot_name_a_place_to_write_to(tmp_path):
    (form,) = (form for form in FORMS if form.name == "VariationalClassifier")
    parts = form.take(kw.VariationalClassifier(max_iter=1, random_state=0).fit(X, Y))
    parts["params"]["checkpoint"] = "elsewhere"
    with pytest.raises(ValueError, match="a file holds no checkpoint"):
        form.make(parts)


def test_a_state_of_another_size_is_refused(tmp_path):
    model = kw.VariationalClassifier(optimizer=kw.optimizers.QNSPSA(), max_iter=1, preflight=False, random_state=0).fit(
        X, Y
    )
    model._training = dataclasses.replace(model._training, state=kw.optimizers.QNSPSA().init(np.zeros(3)))
    with pytest.raises(ValueError, match="state and theta do not agree in the number of values"):
        load(save(model, tmp_path / "m.ketwise"))


def test_a_function_among_the_options_is_code(tmp_path):
    optimizer = kw.optimizers.SciPy("L-BFGS-B", {"callback": print})
    model = kw.VariationalClassifier(max_iter=1, random_state=0).fit(X, Y).set_params(optimizer=optimizer)
    with pytest.raises(TypeError, match=r"optimizer.options.callback is Python code \(print\)"):
        save(model, tmp_path / "m.ketwise")
