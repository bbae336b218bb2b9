"""Prepared states against the rows they are made of, their gradients against closed forms, and what they cost."""

import numpy as np
import pytest

from ketwise.blocks.encodings import amplitude, basis_superposition, hamming_weight, prepare, unary
from ketwise.blocks.kernels import fidelity
from ketwise.blocks.preparation.premaps import amplitude_angles, merge_angles
from ketwise.blocks.preparation.sparse import sparse_preparation
from ketwise.words.outputs import Overlap, State

RNG = np.random.default_rng(0)


def normalised(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def weights(n_qubits):
    return np.array([index.bit_count() for index in range(1 << n_qubits)])


def rows_with_zeros_and_signs(n_features):
    rows = RNG.normal(size=(9, n_features))
    rows[1] = 0.0
    rows[1, -1] = -2.0
    rows[2, ::2] = 0.0
    rows[2, 1] = 1e-9
    rows[3] = np.abs(rows[3])
    rows[4] = -np.abs(rows[4])
    rows[5] *= 1e150
    return rows


@pytest.mark.parametrize("n_features", [2, 3, 4, 5, 8, 9, 31, 33])
def test_amplitudes_are_the_normalised_row(n_features):
    encoding, rows = amplitude(n_features), rows_with_zeros_and_signs(n_features)
    expected = np.zeros((len(rows), 1 << encoding.n_qubits))
    expected[:, :n_features] = normalised(rows)
    np.testing.assert_allclose(encoding.compile(State())(None, rows), expected, atol=1e-12)


@pytest.mark.parametrize("pad", [0.5, -2.0])
def test_padding_is_a_number_beside_the_features(pad):
    rows = np.array([[1.0, -1.0, 0.3], [0.0, 0.0, 0.0]])
    expected = normalised(np.column_stack([rows, [pad, pad]]))
    np.testing.assert_allclose(amplitude(3, pad=pad).compile(State())(None, rows), expected, atol=1e-12)
    one = amplitude(1, pad=pad).compile(State())(None, [[3.0]])
    np.testing.assert_allclose(one, normalised(np.array([[3.0, pad]])), atol=1e-12)


@pytest.mark.parametrize("n_features", [2, 3, 6, 10])
def test_unary_amplitudes_are_on_one_qubit_each(n_features):
    rows = rows_with_zeros_and_signs(n_features)
    states = unary(n_features).compile(State())(None, rows)
    np.testing.assert_allclose(states[:, 1 << np.arange(n_features)], normalised(rows), atol=1e-12)
    assert np.abs(states[:, weights(n_features) != 1]).max() < 1e-15


@pytest.mark.parametrize("weight", [1, 2, 3])
@pytest.mark.parametrize("n_features", [2, 5, 12])
def test_fixed_weight_amplitudes_stay_in_their_subspace(n_features, weight):
    encoding, rows = hamming_weight(n_features, weight=weight), rows_with_zeros_and_signs(n_features)
    states = encoding.compile(State())(None, rows)
    places = np.flatnonzero(weights(encoding.n_qubits) == weight)
    np.testing.assert_allclose(states[:, places[:n_features]], normalised(rows), atol=1e-12)
    rest = np.setdiff1d(np.arange(states.shape[1]), places[:n_features])
    assert np.abs(states[:, rest]).max(initial=0.0) < 1e-15
    assert len(places) >= n_features


@pytest.mark.parametrize("seed", range(12))
def test_any_patterns_can_be_prepared(seed):
    rng = np.random.default_rng(seed)
    n_qubits = int(rng.integers(1, 7))
    n_patterns = int(rng.integers(2, min(2**n_qubits, 14) + 1))
    places = rng.choice(2**n_qubits, size=n_patterns, replace=False)
    patterns = [f"{place:0{n_qubits}b}" for place in places]
    rows = rows_with_zeros_and_signs(n_patterns)
    encoding = basis_superposition(n_patterns, patterns=patterns)
    expected = np.zeros((len(rows), 2**n_qubits))
    expected[:, places] = normalised(rows)
    np.testing.assert_allclose(encoding.compile(State())(None, rows), expected, atol=1e-12)
    assert {len(op.support) for op in encoding.circuit.ops} <= {1, 2}


@pytest.mark.parametrize("complex_too", [False, True])
@pytest.mark.parametrize("length", [1, 2, 5, 16])
def test_a_given_vector_is_prepared_up_to_a_phase(length, complex_too):
    vector = RNG.normal(size=length) + (1j * RNG.normal(size=length) if complex_too else 0.0)
    circuit = prepare(vector)
    state = circuit.compile(State())()
    overlap = np.vdot(state[:length], vector / np.linalg.norm(vector))
    assert abs(overlap) == pytest.approx(1, abs=1e-13)
    assert circuit.counts()["cx"] == (1 + complex_too) * (2**circuit.n_qubits - 2)


@pytest.mark.parametrize("n_qubits", [1, 2, 5])
def test_the_cost_is_what_is_said(n_qubits):
    counts = amplitude(2**n_qubits).circuit.counts()
    assert (counts["ry"], counts["cx"]) == (2**n_qubits - 1, 2**n_qubits - 2)


def test_few_patterns_cost_less_than_all_amplitudes():
    """Eight strings of ten qubits: the dense circuit takes 1,022 CX."""
    places = np.random.default_rng(1).choice(1024, size=8, replace=False)
    prepared, _ = sparse_preparation([int(place) for place in places], 10)
    assert prepared.circuit.counts()["cx"] < 8 * (10 + 8)


#: How it is built, and the basis state of feature k.
PLACES = {
    "amplitude": (amplitude, lambda k: k),
    "unary": (unary, lambda k: 1 << k),
    "weight": (hamming_weight, lambda k: (0b11, 0b101, 0b110, 0b1001, 0b1010)[k]),
    "patterns": (basis_superposition, lambda k: (1 << k) - 1),
}


@pytest.mark.parametrize(("build", "place"), PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("n_features", [2, 3, 5])
def test_gradients_are_those_of_the_normalised_row(build, place, n_features):
    """Of ``(c.x)**2 / |x|**2``, which is known by hand."""
    encoding, rows = build(n_features), RNG.normal(size=(6, n_features))
    everywhere = RNG.normal(size=1 << encoding.n_qubits)
    c = everywhere[[place(k) for k in range(n_features)]]
    values, _, gradient = encoding.compile(Overlap(everywhere)).vjp(None, rows, np.ones((6, 1)))
    dots, squares = (rows @ c)[:, np.newaxis], (rows**2).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(values, dots**2 / squares, atol=1e-12)
    np.testing.assert_allclose(gradient, 2 * dots / squares * c - 2 * dots**2 / squares**2 * rows, atol=1e-11)


def test_gradients_of_a_padded_row():
    row, c = np.array([[0.4, -1.0, 0.3]]), np.array([0.3, 0.5, -0.2, 0.7])
    _, _, gradient = amplitude(3, pad=0.7).compile(Overlap(c)).vjp(None, row, [[1.0]])
    whole = np.append(row[0], 0.7)
    dot, square = whole @ c, (whole**2).sum()
    np.testing.assert_allclose(gradient[0], (2 * dot / square * c - 2 * dot**2 / square**2 * whole)[:3], atol=1e-12)


def test_of_two_zeros_beside_each_other_the_first_has_its_derivative():
    """A trap that is stated: the derivative by the second one is given as 0."""
    c, row = np.array([0.3, 0.5, -0.2, 0.7]), np.array([[0.0, 0.0, 1.0, 2.0]])
    _, _, gradient = amplitude(4).compile(Overlap(c)).vjp(None, row, [[1.0]])
    dot, square = float(row[0] @ c), float((row**2).sum())
    expected = 2 * dot / square * c - 2 * dot**2 / square**2 * row[0]
    np.testing.assert_allclose(gradient[0, [0, 2, 3]], expected[[0, 2, 3]], atol=1e-12)
    assert gradient[0, 1] == 0.0


def test_the_kernel_is_the_squared_cosine():
    rows = RNG.normal(size=(6, 5))
    cosines = normalised(rows) @ normalised(rows).T
    for build in (amplitude, unary, hamming_weight, basis_superposition):
        np.testing.assert_allclose(fidelity(build(5), rows), cosines**2, atol=1e-13)


@pytest.mark.parametrize("build", [amplitude, unary, hamming_weight, basis_superposition])
def test_rows_of_zeros_are_refused(build):
    with pytest.raises(ValueError, match="row 1 is all zeros"):
        build(3).compile(State())(None, [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match="one amplitude"):
        build(1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: prepare([0.0, 0.0]), "all zeros"),
        (lambda: prepare([[1.0, 0.0]]), "shape"),
        (lambda: prepare([np.nan, 0.0]), "finite"),
        (lambda: basis_superposition(2, patterns=["01", "01"]), "distinct"),
        (lambda: basis_superposition(2, patterns=["01", "0"]), "zeros and ones"),
        (lambda: basis_superposition(3, patterns=["01", "10"]), "3 bit strings"),
        (lambda: amplitude_angles(5, n_qubits=2), "need 3 qubits"),
        (lambda: merge_angles(3, [(0, 1), (0, 2)]), "once"),
        (lambda: merge_angles(3, [(0, 3), (1, 2)]), "once"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
