"""Random features against the circuit they stand for, and the projected kernel against its formula."""

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

import ketwise as kw
from ketwise.learning import presets
from ketwise.learning.projected_kernel import ProjectedKernelClassifier
from ketwise.learning.random_features import QuantumRandomFeatures, bits_at, parities, sink

X = np.random.default_rng(0).normal(size=(6, 5))


def angles(model, rows):
    scaled = rows if model.scaler_ is None else model.scaler_.transform(rows)
    return np.einsum("eqj,bj->beq", model.weights_, scaled) + model.offsets_


@pytest.mark.parametrize("n_qubits", [1, 2, 3, "half", "full"])
def test_exact_features_are_those_of_the_circuit(n_qubits):
    model = QuantumRandomFeatures(3, n_qubits=n_qubits, shots=None, random_state=0).fit(X)
    laid = angles(model, X)
    n = laid.shape[2]
    program = sink(n).compile([kw.Z(q) for q in range(n)])
    expected = np.array([0.5 * (1 - program(None, row)) for row in laid]).reshape(6, -1)
    np.testing.assert_allclose(model.transform(X), expected, atol=1e-12)


def test_bits_come_with_the_probabilities_of_the_circuit():
    """4,000 shots of one circuit on three qubits: all eight strings within five standard errors."""
    row, shots = X[:1, :3], 4_000
    singles = QuantumRandomFeatures(1, shots=1, scale=False, random_state=0).fit(row)
    counts = np.zeros(8)
    for seed in range(shots):
        singles.seed_ = seed
        counts[int(singles.transform(row)[0] @ [1, 2, 4])] += 1
    expected = sink(3).compile(kw.Probabilities())(None, angles(singles, row)[0])[0]
    error = np.sqrt(expected * (1 - expected) / shots)
    assert (np.abs(counts / shots - expected) < 5 * error + 1e-12).all()


def test_means_of_many_shots_are_the_exact_features():
    exact, shots = (
        QuantumRandomFeatures(4, shots=shots, random_state=0).fit(X).transform(X) for shots in (None, 10_000)
    )
    assert np.abs(exact - shots).max() < 5 * 0.5 / 100


def test_parities_are_what_cx_does_to_basis_states():
    for n in (1, 2, 5):
        table = parities(n)
        circuit = kw.Circuit(n)
        for op in sink(n).ops:
            if op.controls:
                circuit.cx(op.controls[0][0], op.qubits[0])
        states = circuit.compile(kw.Probabilities())(None, None, np.eye(1 << n))
        for code, row in enumerate(states):
            bits = (code >> np.arange(n)) & 1
            assert np.argmax(row) == sum((bits[summed].sum() % 2) << q for q, summed in enumerate(table))


def test_the_circuit_is_written_out_for_five_qubits():
    """CX on (0, 1), (2, 3), then on (0, 2), (1, 3), (2, 4), in this order."""
    assert [summed.tolist() for summed in parities(5)] == [[0], [0, 1], [0, 2], [0, 1, 2, 3], [0, 2, 4]]


def test_a_row_has_its_own_noise_and_keeps_it():
    model = QuantumRandomFeatures(50, random_state=0).fit(X)
    together = model.transform(X)
    np.testing.assert_array_equal(model.transform(X[::-1])[::-1], together)
    np.testing.assert_array_equal(np.vstack([model.transform(x[np.newaxis]) for x in X]), together)
    # Two rows that differ by next to nothing have the same probabilities and other shots.
    near = model.transform(np.vstack([X[0], X[0] + 1e-9]))
    assert (near[0] != near[1]).any()


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_shared_noise_reads_the_outcomes_of_the_circuit_in_the_order_of_strings(n):
    """Cumulative probabilities of the simulated circuit, strings sorted as text with qubit 0 first."""
    turned = np.random.default_rng(n).uniform(0, 2 * np.pi, (4, n))
    strings = [format(code, f"0{n}b") for code in range(1 << n)]
    probabilities = sink(n).compile(kw.Probabilities())(None, turned)[:, [int(each[::-1], 2) for each in strings]]
    ends = np.cumsum(probabilities, axis=1)
    for share in np.random.default_rng(0).uniform(size=50):
        expected = [[int(bit) for bit in strings[np.searchsorted(row, share, side="right")]] for row in ends]
        np.testing.assert_array_equal(bits_at(np.sin(turned / 2) ** 2, share), expected)


def test_shared_noise_has_the_right_means_and_no_row_has_its_own():
    exact, many = (
        QuantumRandomFeatures(4, shots=shots, noise="shared", random_state=0).fit(X).transform(X)
        for shots in (None, 1_000)
    )
    assert np.abs(exact - many).max() < 5 * 0.5 / np.sqrt(1_000)
    once = QuantumRandomFeatures(50, noise="shared", random_state=0).fit(X)
    near = once.transform(np.vstack([X[0], X[0] + 1e-9]))
    np.testing.assert_array_equal(near[0], near[1])
    assert np.isin(near, (0.0, 1.0)).all()


@pytest.mark.parametrize("share", [0.0, 0.5, np.nextafter(1.0, 0.0)])
def test_shared_noise_on_basis_states(share):
    """Certain outcomes come whatever the share: a 1 on qubit 0 is copied by CX to the qubits after it."""
    ones = np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    np.testing.assert_array_equal(bits_at(ones, share), [[0, 0, 0], [1, 1, 1], [1, 0, 0]])


def test_kitchen_sinks_learn():
    rows, y = load_iris(return_X_y=True)
    assert (
        presets.kitchen_sinks(n_circuits=300, random_state=0).fit(rows[::2], y[::2]).score(rows[1::2], y[1::2]) > 0.85
    )


def test_column_names():
    names = QuantumRandomFeatures(2, n_qubits=2, random_state=0).fit(X).get_feature_names_out()
    assert list(names) == [f"quantumrandomfeatures{k}" for k in range(4)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_qubits": "most"}, "n_qubits must be"),
        ({"shots": 0}, "shots must be"),
        ({"n_circuits": 0}, "n_circuits"),
        ({"noise": "one"}, "noise must be 'own' or 'shared', got 'one'"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        QuantumRandomFeatures(**settings).fit(X)


def test_the_projected_kernel_is_a_gaussian_of_bloch_vectors_with_a_scale_from_the_data():
    rows, y = load_iris(return_X_y=True)
    model = ProjectedKernelClassifier(time=0.5, steps=2, gamma_factor=3.0, random_state=0).fit(rows, y)
    Z = model.preparation_.transform(rows)
    state = model.encoding_.compile(kw.State())(None, Z)
    words = [p(q).to_matrix(5) for p in (kw.X, kw.Y, kw.Z) for q in range(5)]
    bloch = np.array([[np.vdot(psi, word @ psi).real for word in words] for psi in state])
    assert model.gamma_ == pytest.approx(3.0 / (4 * bloch.var()))
    machine = make_pipeline(SVC(kernel="rbf", gamma=model.gamma_)).fit(bloch, y)
    np.testing.assert_allclose(model.decision_function(rows), machine.decision_function(bloch), atol=1e-6)


def test_the_chain_is_trotters_product():
    """Two columns, one step: the exponentials of both bonds, from their matrices."""
    from scipy.linalg import expm

    model = ProjectedKernelClassifier(time=0.7, steps=1, random_state=1).fit(X[:, :2], [0, 1, 0, 1, 0, 1])
    x = model.preparation_.transform(X[:1, :2])[0]
    bonds = [sum((p(j) * p(j + 1)).to_matrix(3) for p in (kw.X, kw.Y, kw.Z)) for j in range(2)]
    start = model.encoding_.compile(kw.State())(None, [0.0, 0.0])
    # t n / steps x_j / 2: RXX and the others turn by half their angle
    evolved = expm(-0.5j * 1.4 * x[1] * bonds[1]) @ expm(-0.5j * 1.4 * x[0] * bonds[0]) @ start
    np.testing.assert_allclose(model.encoding_.compile(kw.State())(None, x), evolved, atol=1e-12)


def test_its_bad_settings_are_named():
    with pytest.raises(ValueError, match="gamma_factor must be positive"):
        ProjectedKernelClassifier(gamma_factor=0.0).fit(X, [0, 1, 0, 1, 0, 1])
