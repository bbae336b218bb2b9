"""What every encoding of the registry must do."""

import copy
import pickle

import numpy as np
import pytest

from ketwise.blocks.advice.card import Card, card
from ketwise.blocks.encodings import ENCODINGS
from ketwise.blocks.preparation.premap import IDENTITY
from ketwise.blocks.preparation.premaps import premap
from ketwise.words.observable import X, Y, Z
from ketwise.words.outputs import Overlap, State

#: One amplitude, normalised, is no data.
BY_AMPLITUDES = {"amplitude", "unary", "hamming_weight", "basis_superposition"}
CASES = [(name, n) for name in ENCODINGS for n in (1, 2, 3) if n > 1 or name not in BY_AMPLITUDES]


@pytest.fixture(params=CASES, ids=lambda p: f"{p[0]}-{p[1]}")
def encoding(request):
    name, n_features = request.param
    return ENCODINGS[name](n_features)


def inputs(encoding, n_rows=3):
    rng = np.random.default_rng(0)
    low, high = (-1.0, 1.0) if encoding.domain is None else encoding.domain
    rows = low + (high - low) * rng.uniform(0.05, 0.7, size=(n_rows, encoding.n_features))
    return rng.normal(size=encoding.n_params), rows


def bloch(encoding):
    return encoding.compile([pauli(q) for q in range(encoding.n_qubits) for pauli in (X, Y, Z)])


def test_states_are_normalised_and_depend_on_every_feature(encoding):
    params, rows = inputs(encoding)
    program = encoding.compile(State())
    before = program(params, rows)
    np.testing.assert_allclose(np.linalg.norm(before, axis=1), 1, atol=1e-12)
    for feature in range(encoding.n_features):
        moved = rows.copy()
        moved[:, feature] += 0.2
        fidelities = np.abs((before.conj() * program(params, moved)).sum(axis=1)) ** 2
        assert fidelities.max() < 1 - 1e-6


def test_features_are_not_interchangeable(encoding):
    params, rows = inputs(encoding)
    if encoding.n_features == 1:
        assert encoding.n_features == encoding.twin().n_features
        return
    program = encoding.compile(State())
    reversed_rows = np.ascontiguousarray(rows[:, ::-1])
    fidelities = np.abs((program(params, rows).conj() * program(params, reversed_rows)).sum(axis=1)) ** 2
    assert fidelities.min() < 1 - 1e-3


@pytest.mark.parametrize("name", [n for n, b in ENCODINGS.items() if n not in BY_AMPLITUDES | {"random_gates"}])
def test_the_first_feature_is_on_the_lowest_qubit(name):
    """Without entanglement feature j moves the qubits of feature j and no others, in the order of the features."""
    twin = ENCODINGS[name](4).twin()
    params, rows = inputs(twin)
    moves = np.abs(bloch(twin).feature_jacobian(params, rows)).max(axis=0)
    moves = moves.reshape(twin.n_qubits, 3, 4).max(axis=1)  # (qubit, feature)
    if twin.n_qubits < 4:  # several features share a qubit
        assert moves[0, 0] > 1e-6
        return
    uploads = twin.n_qubits // 4
    for q in range(4 * uploads):
        assert np.flatnonzero(moves[q] > 1e-6).tolist() == [q // uploads]


def test_every_parameter_moves_the_state(encoding):
    params, rows = inputs(encoding, n_rows=8)
    parts = np.random.default_rng(2).normal(size=(2, 3, 1 << encoding.n_qubits))
    moves = np.abs(encoding.compile(Overlap(parts[0] + 1j * parts[1])).jacobian(params, rows)).max(axis=(0, 1))
    assert moves.shape == (encoding.n_params,)
    assert (moves > 1e-6).all()


def test_gradients_against_central_differences(encoding):
    params, rows = inputs(encoding)
    program = bloch(encoding)
    cotangent = np.random.default_rng(1).normal(size=(len(rows), program.n_outputs))
    _, d_params, d_features = program.vjp(params if encoding.n_params else None, rows, cotangent)

    def value(w, x):
        return float((cotangent * program(w if encoding.n_params else None, x)).sum())

    step = 1e-5
    for place in np.ndindex(rows.shape):
        up, down = rows.copy(), rows.copy()
        up[place] += step
        down[place] -= step
        difference = (value(params, up) - value(params, down)) / (2 * step)
        assert d_features[place] == pytest.approx(difference, abs=2e-7 * max(1.0, abs(difference)))
    for index in range(encoding.n_params):
        shift = step * (np.arange(encoding.n_params) == index)
        difference = (value(params + shift, rows) - value(params - shift, rows)) / (2 * step)
        assert d_params[index] == pytest.approx(difference, abs=2e-7 * max(1.0, abs(difference)))


def test_twins_keep_the_shape_and_make_products(encoding):
    twin = encoding.twin()
    assert (twin.n_qubits, twin.n_features, twin.n_params, twin.premap, twin.start) == (
        encoding.n_qubits,
        encoding.n_features,
        encoding.n_params,
        encoding.premap,
        encoding.start,
    )
    assert twin.circuit.n_two_qubit() == 0
    assert twin.twin().circuit == twin.circuit
    params, rows = inputs(encoding)
    # Every qubit is pure exactly where the state is a product.
    lengths = np.linalg.norm(bloch(twin)(params, rows).reshape(len(rows), -1, 3), axis=2)
    np.testing.assert_allclose(lengths, 1, atol=1e-12)


def test_the_twin_of_data_still_depends_on_the_data(encoding):
    params, rows = inputs(encoding)
    moves = np.abs(bloch(encoding.twin()).feature_jacobian(params, rows)).max(axis=(0, 1))
    assert (moves > 1e-6).all()


def test_a_row_alone_gives_the_bits_that_it_gives_among_others(encoding):
    params, rows = inputs(encoding, n_rows=19)
    program = encoding.compile(State())
    whole = program(params, rows)
    for row in (0, 7, 18):
        np.testing.assert_array_equal(program(params, rows[row]), whole[row])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))], ids=["copy", "pickle"])
def test_copies_are_equal_and_give_the_same_bits(encoding, duplicate):
    params, rows = inputs(encoding)
    again = duplicate(encoding)
    assert again == encoding
    np.testing.assert_array_equal(again.compile(State())(params, rows), encoding.compile(State())(params, rows))


def test_its_premap_can_be_made_again_from_its_name(encoding):
    if encoding.premap is IDENTITY:
        assert encoding.premap.name == "identity"
    else:
        assert premap(encoding.premap.name, **dict(encoding.premap.settings)) == encoding.premap


def test_its_card_says_what_its_circuit_is(encoding):
    _, rows = inputs(encoding, n_rows=9)
    found = card(encoding, rows, np.arange(9) % 2, shots=50)
    circuit = encoding.circuit
    assert (found.n_qubits, found.depth, found.two_qubit_gates) == (
        circuit.n_qubits,
        circuit.depth(),
        circuit.n_two_qubit(),
    )
    assert found.trainable == bool(encoding.n_params)
    assert Card.from_json(found.to_json()).to_json() == found.to_json()
    text = repr(found)
    assert encoding.name in text
    assert all(sentence in text for sentence in [*found.easy, *found.loading])
