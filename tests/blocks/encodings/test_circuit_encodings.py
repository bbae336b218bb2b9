"""Encodings by Hamiltonians, in layers and with trained parameters, against what defines them."""

import numpy as np
import pytest
from scipy.linalg import expm

from ketwise.blocks.encodings import (
    ENCODINGS,
    Encoding,
    amplitude,
    angle,
    hardware_efficient,
    heisenberg,
    high_dimensional,
    hubregtsen,
    multi_control,
    pauli,
    qaoa,
    random_gates,
    trained_z,
    yz_cx,
    zz,
)
from ketwise.blocks.encodings.slots import bricks
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Observable, X, Y, Z
from ketwise.words.outputs import State

RNG = np.random.default_rng(0)


def states(encoding, rows, params=None):
    return encoding.compile(State())(params, rows)


def chain(couplings):
    """Return the Heisenberg Hamiltonian as a matrix."""
    total = sum(
        (pauli_j(j) * pauli_j(j + 1)) * float(value) for j, value in enumerate(couplings) for pauli_j in (X, Y, Z)
    )
    return total.to_matrix(len(couplings) + 1)


def test_trotters_product_converges_to_the_evolution():
    x = np.array([0.7, -1.1, 0.4])
    initial = states(heisenberg(3, steps=1), np.zeros(3))
    exact = expm(-1j * 1.0 * chain(x)) @ initial
    errors = [np.linalg.norm(states(heisenberg(3, steps=steps), x) - exact) for steps in (10, 20, 40, 400)]
    assert errors[0] / errors[1] == pytest.approx(2, abs=0.15)
    assert errors[1] / errors[2] == pytest.approx(2, abs=0.1)
    assert errors[3] < 2e-3
    bond = states(heisenberg(1, steps=3, time=2.5), x[:1])  # the three words of one bond commute: no error at all
    np.testing.assert_allclose(bond, expm(-2.5j * chain(x[:1])) @ states(heisenberg(1), np.zeros(1)), atol=1e-12)


def test_initial_spins_are_uniform_on_the_sphere_and_follow_the_seed():
    circuit = heisenberg(299, steps=1, seed=3)
    turns = [float(op.angle.terms.get((), 0.0)) for op in circuit.circuit.ops[:600]]
    heights = np.cos(turns[0::2])
    assert abs(heights.mean()) < 4 * np.sqrt(1 / 3 / 300)
    assert (heights**2).mean() == pytest.approx(1 / 3, abs=4 * np.sqrt(4 / 45 / 300))
    assert heisenberg(2, seed=1) == heisenberg(2, seed=1) != heisenberg(2, seed=2)


def test_a_pauli_map_of_z_and_zz_is_the_zz_map():
    rows = RNG.uniform(0, 6, size=(4, 3))
    for blocks, pairs in (("all", "all"), ("linear", "linear"), ([(0, 2)], [(0, 2)])):
        ours = pauli(3, words=["Z", "ZZ"], blocks=blocks)
        np.testing.assert_allclose(states(ours, rows), states(zz(3, pairs=pairs), rows), atol=1e-12)


def test_a_pauli_map_from_its_definition():
    """One repeat, exponentials of matrices; the rightmost letter is for the first qubit of a block."""
    x = RNG.normal(size=3)
    product = np.prod(np.pi - x)
    expected = np.full(8, 8**-0.5, dtype=complex)
    for value, word in zip(x, ("IIY", "IYI", "YII"), strict=True):
        expected = expm(-1j * value * Observable(word).to_matrix(3)) @ expected
    expected = expm(-1j * product * Observable("XZY").to_matrix(3)) @ expected
    np.testing.assert_allclose(states(pauli(3, words=["Y", "XZY"], repeats=1), x), expected, atol=1e-12)
    plain = expm(-1j * x[0] * x[1] * Observable("IXY").to_matrix(3)) @ np.full(8, 8**-0.5)
    plain = expm(-1j * x[1] * x[2] * Observable("XYI").to_matrix(3)) @ plain
    found = states(pauli(3, words=["XY"], repeats=1, shifted=False), x)
    np.testing.assert_allclose(found, plain, atol=1e-12)


def test_identities_in_a_word_are_left_out():
    with_gap = pauli(4, words=["ZIZ"], repeats=1, blocks="ring").circuit
    assert with_gap.counts() == {"h": 4, "rzz": 4}
    assert [op.qubits for op in with_gap.ops if op.name == "rzz"] == [(0, 2), (1, 3), (2, 0), (3, 1)]


def test_two_walls_of_roots_of_iswap_are_a_wall_of_iswaps():
    quarter = Circuit(2).rxx(-np.pi / 4, 0, 1).ryy(-np.pi / 4, 0, 1)
    start = Circuit(2).ry(0.3, 0).rx(1.1, 1)
    twice = (start + quarter + quarter).compile(State())()
    np.testing.assert_allclose(twice, start.iswap(0, 1).compile(State())(), atol=1e-14)


def test_all_features_are_laid_however_few_qubits():
    for build, n_features in ((high_dimensional, 23), (hardware_efficient, 7), (yz_cx, 7), (multi_control, 7)):
        circuit = build(n_features, 3).circuit
        used = {index for op in circuit.ops if op.angle for m in op.angle.terms for kind, index in m if kind == 0}
        assert used == set(range(n_features))
    assert high_dimensional(23, 5).circuit.counts()["ry"] == 10  # two layers of fifteen places


def test_layers_walls_and_rings():
    assert bricks(5, closed=False) == [(0, 1), (2, 3), (1, 2), (3, 4)]
    assert bricks(5, closed=True) == [(0, 1), (2, 3), (4, 0), (1, 2), (3, 4)]
    assert bricks(2, closed=True) == [(0, 1), (1, 0)]
    assert bricks(1, closed=True) == []


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_qaoa_without_training_is_an_angle_encoding(layers):
    rows = RNG.normal(size=(3, 3))
    untrained = states(qaoa(3, layers=layers), rows, np.zeros(6 * layers))
    np.testing.assert_allclose(untrained, states(angle(3, axis="x"), (layers + 1) * rows), atol=1e-13)


def test_hubregtsen_lays_further_rounds_about_another_axis():
    circuit = hubregtsen(5, 2, last=False).circuit
    laid = [(op.name, op.qubits[0], next(iter(op.angle.terms))[0][1]) for op in circuit.ops if op.name in ("rz", "rx")]
    assert laid == [("rz", 0, 0), ("rz", 1, 1), ("rx", 0, 2), ("rx", 1, 3), ("rz", 0, 4), ("rz", 1, 0)]


def test_trained_z_of_one_layer_is_phases():
    x, w = RNG.normal(size=2), RNG.normal(size=2)
    phases = np.exp(1j * w * x)
    expected = 0.5 * np.array([1, phases[0], phases[1], phases.prod()])
    np.testing.assert_allclose(states(trained_z(2, layers=1), x, w), expected, atol=1e-14)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("layered", [False, True])
def test_random_gates_lay_every_feature_and_draw_what_the_seed_says(seed, layered):
    encoding = random_gates(5, 3, n_gates=7, layered=layered, seed=seed)
    used = {index for op in encoding.circuit.ops if op.angle for m in op.angle.terms for kind, index in m if kind == 0}
    assert used == set(range(5))
    assert len(encoding.start) == encoding.n_params
    assert random_gates(5, 3, n_gates=7, layered=layered, seed=seed) == encoding
    assert random_gates(5, 3, n_gates=7, layered=layered, seed=seed + 100) != encoding
    assert random_gates(5, 3, trained=0.0, seed=seed).n_params == 0


def test_a_twin_of_its_own_keeps_what_is_appended():
    circuit = Circuit(2).ry(0.3, 0).cx(0, 1).rz(0.2, 1)
    whole = amplitude(4) + circuit
    assert whole.twin().circuit.counts()["rz"] == 1
    assert whole.twin().circuit.n_two_qubit() == 0
    assert len(whole.twin().circuit) == len(amplitude(4).twin().circuit) + 2
    with pytest.raises(ValueError, match="two or more qubits"):
        Encoding("wrong", Circuit(2), unentangled=Circuit(2).cx(0, 1))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pauli(2, words=["II"]), "words"),
        (lambda: pauli(2, words=["AB"]), "words"),
        (lambda: pauli(2, words=["XXX"]), "at most 2 letters"),
        (lambda: pauli(3, words=["ZZZ"], blocks=[(0, 1)]), "one of 3 qubits"),
        (lambda: pauli(3, blocks="some"), "blocks"),
        (lambda: heisenberg(2, steps=0), "steps"),
        (lambda: heisenberg(2, seed=-1), "seed"),
        (lambda: qaoa(2, axis="q"), "axis"),
        (lambda: random_gates(4, n_gates=3), "4 features need as many gates"),
        (lambda: random_gates(2, trained=1.5), "trained"),
        (lambda: random_gates(2, scale=0.0), "scale must not be 0"),
        (lambda: random_gates(2, scale=float("nan")), "scale must be finite"),
        (lambda: random_gates(2, scale="wide"), "scale must be a real number"),
        (lambda: yz_cx(5, 2, layers=1), "3 layers"),
        (lambda: ENCODINGS["iqp"](2, scale=0.0), "scale must not be 0"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
