"""What every encoding of the registry must do."""

import copy
import pickle

import numpy as np
import pytest

from ketwise.blocks.encodings import ENCODINGS
from ketwise.words.observable import Z
from ketwise.words.outputs import State


@pytest.fixture(params=[(name, n) for name in ENCODINGS for n in (1, 2, 3)], ids=lambda p: f"{p[0]}-{p[1]}")
def encoding(request):
    name, n_features = request.param
    return ENCODINGS[name](n_features)


def inputs(encoding, n_rows=3):
    rng = np.random.default_rng(0)
    return rng.normal(size=encoding.n_params), rng.normal(size=(n_rows, encoding.n_features))


def test_states_are_normalised_and_depend_on_every_feature(encoding):
    params, X = inputs(encoding)
    program = encoding.compile(State())
    before = program(params, X)
    np.testing.assert_allclose(np.linalg.norm(before, axis=1), 1, atol=1e-12)
    for feature in range(encoding.n_features):
        moved = X.copy()
        moved[:, feature] += 0.5
        fidelities = np.abs((before.conj() * program(params, moved)).sum(axis=1)) ** 2
        assert fidelities.max() < 1 - 1e-6


@pytest.mark.parametrize("n_features", [1, 2, 3])
@pytest.mark.parametrize("name", [name for name, build in ENCODINGS.items() if build(1).n_params])
def test_nearly_every_parameter_moves_an_expectation(name, n_features):
    encoding = ENCODINGS[name](n_features)
    params, X = inputs(encoding, n_rows=8)
    program = encoding.compile([Z(q) for q in range(encoding.n_qubits)])
    assert (np.abs(program.jacobian(params, X)).max(axis=(0, 1)) > 1e-6).mean() > 0.9


def test_twins_keep_the_shape(encoding):
    twin = encoding.twin()
    assert (twin.n_qubits, twin.n_features, twin.n_params) == (
        encoding.n_qubits,
        encoding.n_features,
        encoding.n_params,
    )
    assert twin.circuit.n_two_qubit() == 0
    assert twin.twin().circuit == twin.circuit


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))], ids=["copy", "pickle"])
def test_copies_are_equal_and_give_the_same_bits(encoding, duplicate):
    params, X = inputs(encoding)
    again = duplicate(encoding)
    assert again == encoding
    np.testing.assert_array_equal(again.compile(State())(params, X), encoding.compile(State())(params, X))
