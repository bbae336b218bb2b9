"""Designs: gradients against finite differences, closed forms, and circuits as PennyLane builds them."""

import numpy as np
import pytest
from scipy.special import expit

import ketwise as kw
from ketwise.learning.networks.boltzmann import Boltzmann
from ketwise.learning.networks.circuits import (
    CircuitCentric,
    DataReuploading,
    IQPVariational,
    SeparableVariational,
    TreeTensor,
    padded_amplitudes,
)
from ketwise.learning.networks.dressed import Dressed
from ketwise.learning.networks.weinet import FILTERS, ShiftedImage, WeiNet

DESIGNS = [
    CircuitCentric(2, 2),
    CircuitCentric(1, 2, entangled=False),
    TreeTensor(),
    IQPVariational(2, 2),
    DataReuploading(2, "all"),
    SeparableVariational(2),
    Dressed(2),
    Dressed(2, entangled=False),
    Boltzmann("half", 2.0),
    Boltzmann(entangled=False),
    WeiNet(),
    WeiNet(None),
]


def rows(n_columns, n_rows=3):
    return np.random.default_rng(2).normal(size=(n_rows, n_columns))


@pytest.mark.parametrize("design", DESIGNS, ids=repr)
@pytest.mark.parametrize("n_columns", [1, 4])
def test_gradients_are_finite_differences(design, n_columns):
    network = design.build(n_columns)
    theta = network.start(np.random.RandomState(0))
    assert len(theta) == network.n_values
    objective = network.objective(rows(n_columns), np.array([1.0, -1.0, 1.0]))
    some = np.array([0, 2, 1, 1])
    _, gradient = objective(theta, some)
    for k in range(len(theta)):
        e = 1e-6 * np.eye(len(theta))[k]
        difference = (objective(theta + e, some)[0] - objective(theta - e, some)[0]) / 2e-6
        assert gradient[k] == pytest.approx(difference, abs=1e-7)


@pytest.mark.parametrize("design", DESIGNS, ids=repr)
def test_no_gradient_is_asked_for_that_nobody_uses(design, monkeypatch):
    network, asked = design.build(4), []
    source = type(network.source)
    backward = source.backward

    def asking(self, *given, wanted):
        asked.append(tuple(wanted))
        return backward(self, *given, wanted=wanted)

    monkeypatch.setattr(source, "backward", asking)
    network.objective(rows(4), np.ones(3))(network.start(np.random.RandomState(0)), np.arange(3))
    assert asked == [("params",)]


def test_a_dressed_circuit_has_gradients_by_the_data_too():
    network, X = Dressed(2).build(3), rows(3)
    params = network.draw(np.random.RandomState(0))
    outputs, residual = network.source.forward(params, X)
    d_params, d_features, _ = network.source.backward(residual, np.ones_like(outputs))
    only, none, _ = network.source.backward(residual, np.ones_like(outputs), wanted=("params",))
    np.testing.assert_array_equal(only, d_params)
    assert none is None
    for place in np.ndindex(X.shape):
        step = np.zeros_like(X)
        step[place] = 1e-6
        difference = (network.source(params, X + step).sum() - network.source(params, X - step).sum()) / 2e-6
        assert d_features[place] == pytest.approx(difference, abs=1e-8)


@pytest.mark.parametrize("design", DESIGNS, ids=repr)
def test_a_score_does_not_depend_on_the_other_rows(design):
    network, X = design.build(4), rows(4, 19)
    theta = network.start(np.random.RandomState(0))
    together = network.scores(theta, X)
    np.testing.assert_array_equal([network.scores(theta, x[np.newaxis])[0] for x in X], together)
    assert len(np.unique(together)) > 1


def test_separable_is_the_mean_of_single_qubit_responses():
    """Each qubit alone, as 2 x 2 matrices multiplied out."""
    network, X = SeparableVariational(2).build(3), rows(3)
    theta = network.start(np.random.RandomState(1))
    w = theta.reshape(3, 3, 3)  # layer, qubit, angle

    def ry(t):
        return np.array([[np.cos(t / 2), -np.sin(t / 2)], [np.sin(t / 2), np.cos(t / 2)]])

    def rz(t):
        return np.diag(np.exp([-0.5j * t, 0.5j * t]))

    for x, score in zip(X, network.scores(theta, X), strict=True):
        responses = []
        for q in range(3):
            state = np.array([1.0, 0.0])
            for layer in range(3):
                phi, theta_, omega = w[layer, q]
                state = rz(omega) @ ry(theta_) @ rz(phi) @ state
                if layer < 2:
                    state = ry(x[q]) @ state
            responses.append(abs(state[0]) ** 2 - abs(state[1]) ** 2)
        assert score == pytest.approx(np.mean(responses), abs=1e-12)
        assert network.readout.probability(np.array([score]))[0] == pytest.approx(expit(6 * np.mean(responses)))


def test_a_separable_boltzmann_machine_is_a_mean_of_spins_in_fields():
    network, X = Boltzmann(temperature=3.0, entangled=False).build(3), rows(3)
    theta = network.start(np.random.RandomState(1))
    fields = X @ theta.reshape(3, 2, 3).swapaxes(1, 2)  # qubit, row, (Z, X)
    a, b = np.moveaxis(fields, 2, 0)
    r = np.hypot(a, b)
    np.testing.assert_allclose(network.scores(theta, X), (-a / r * np.tanh(r / 3.0)).mean(axis=0), atol=1e-13)


def test_padded_amplitudes_are_the_row_filled_up_and_normalised():
    for n_columns, n_qubits in ((3, None), (10, None), (10, 4), (3, 4), (2, 2)):
        X = rows(n_columns)
        encoding = padded_amplitudes(n_columns, 1, n_qubits)
        size = 1 << encoding.n_qubits
        filled = np.hstack([X, np.full((3, size - n_columns), 1.0 / size)])
        filled /= np.linalg.norm(filled, axis=1, keepdims=True)
        np.testing.assert_allclose(encoding.compile(kw.State())(None, X), filled, atol=1e-12)


def test_copies_are_side_by_side():
    X = rows(2)
    one = X / np.linalg.norm(X, axis=1, keepdims=True)
    three = np.einsum("bi,bj,bk->bijk", one, one, one).reshape(3, 8)
    np.testing.assert_allclose(padded_amplitudes(2, 3).compile(kw.State())(None, X), three, atol=1e-12)


def test_data_reuploading_without_scales_is_its_trained_rotations():
    """With all scales at 0 one column's circuit is a product of rotations, whatever the data."""
    network, X = DataReuploading(1).build(1), rows(1)
    theta = np.array([0.0, 0.0, 0.2, 0.7, 0.4, -0.3, 0.5, 0.1, 1.0, 1.0])
    circuit = kw.Circuit(1).rot(0.2, 0.7, 0.4, 0).rot(-0.3, 0.5, 0.1, 0)
    expected = circuit.compile(kw.Z(0))()
    np.testing.assert_allclose(network.scores(theta, X), np.repeat(expected, 3), atol=1e-12)


@pytest.mark.parametrize("side", [2, 3, 4, 8])
def test_shifted_images_are_circuits_that_permute_pixels(side):
    """The same means from the circuit: amplitudes of the padded image, a permutation of basis states, Z and ZZ."""
    rng = np.random.default_rng(3)
    n_qubits = max(1, (side - 1).bit_length())
    image = ShiftedImage(side, n_qubits)
    X, size = rng.normal(size=(2, side * side)), 1 << n_qubits
    padded = np.zeros((2, size, size))
    padded[:, :side, :side] = X.reshape(2, side, side)
    states = padded.reshape(2, -1) / np.linalg.norm(X, axis=1, keepdims=True)
    kept = [r * n_qubits + q for r in range(2) for q in range(1, n_qubits)] or [0]
    words = [kw.Z(q) for q in kept] + [kw.Z(p) * kw.Z(q) for i, p in enumerate(kept) for q in kept[i + 1 :]]
    shifts = image.shifts(X)
    place = np.arange(size * size).reshape(size, size)
    for s, (down, right) in enumerate((d, r) for d in (-1, 0, 1) for r in (-1, 0, 1)):
        table = np.empty(size * size, dtype=int)
        table[place.ravel()] = np.roll(place, (-down, -right), axis=(0, 1)).ravel()
        program = kw.Circuit(2 * n_qubits).permutation(table, *range(2 * n_qubits)).compile(words)
        np.testing.assert_allclose(shifts[:, s], program(None, None, states), atol=1e-12)


def test_weinet_starts_at_the_squares_of_its_filter():
    network = WeiNet("sharpen").build(16)
    start = network.start(np.random.RandomState(0))[:9]
    squares = np.square(np.ravel(FILTERS["sharpen"]))
    np.testing.assert_allclose(np.exp(start) / np.exp(start).sum(), squares / squares.sum(), atol=1e-12)


def test_a_tree_reads_its_root():
    """All angles 0: CX only; the root, bit 3 of 16 amplitudes, ends as the parity of all four bits."""
    network = TreeTensor().build(16)
    theta = np.zeros(network.n_values)
    parity = np.array([(-1.0) ** int(i).bit_count() for i in range(16)])
    np.testing.assert_allclose(network.scores(theta, np.eye(16)), parity, atol=1e-12)


@pytest.mark.parametrize(
    ("design", "n_columns", "message"),
    [
        (DataReuploading(read="most"), 3, "read must be one of 'single', 'half', 'all'"),
        (WeiNet("blur"), 4, "filter must be one of 'edge_detect'"),
        (WeiNet(), 5, "got 5 values, which is no square"),
        (CircuitCentric(n_copies=0), 3, "n_copies must be"),
        (Dressed(0), 3, "n_layers must be"),
    ],
)
def test_bad_options_are_named(design, n_columns, message):
    with pytest.raises(ValueError, match=message):
        design.build(n_columns)


def test_an_image_without_light_is_refused():
    network = WeiNet().build(4)
    with pytest.raises(ValueError, match="row 1 is all zeros"):
        network.scores(network.start(np.random.RandomState(0)), np.array([[1.0, 0, 0, 0], [0, 0, 0, 0]]))
