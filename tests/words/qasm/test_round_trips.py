"""What is written is read back: the same operations where OpenQASM has them, the same unitary everywhere."""

import math

import numpy as np
import pytest

import ketwise as kw
from ketwise.words.gates import TABLE
from ketwise.words.qasm.ladders import MAX_TABLE_QUBITS
from tests.words.qasm.unitaries import in_phase_with, sayable_circuit, unitary

x, w = kw.features(3), kw.params(3)


def check(seeds):
    for seed in seeds:
        circuit, params, features = sayable_circuit(seed)
        wanted = unitary(circuit, params, features)
        with_inputs = kw.qasm.loads(kw.qasm.dumps(circuit))
        assert (with_inputs.n_features, with_inputs.n_params) == (circuit.n_features, circuit.n_params)
        np.testing.assert_allclose(
            unitary(with_inputs, params, features), wanted, rtol=0, atol=1e-11, err_msg=str(seed)
        )
        bound = kw.qasm.loads(kw.qasm.dumps(circuit, params, features))
        np.testing.assert_allclose(unitary(bound), wanted, rtol=0, atol=1e-11, err_msg=str(seed))
        old = unitary(kw.qasm.loads(kw.qasm.dumps(circuit, params, features, version=2)))
        np.testing.assert_allclose(in_phase_with(old, wanted), wanted, rtol=0, atol=1e-11, err_msg=str(seed))


def test_random_circuits():
    check(range(200))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_thousand_random_circuits():
    check(range(10_000, 20_000))


CONTROLS = ({}, {3: 1}, {3: 0}, {4: 1, 3: 1}, {3: 0, 4: 1}, {5: 1, 3: 0, 4: 0})


@pytest.mark.parametrize(
    ("name", "controls"),
    # Controlled turns on two qubits are written out, so that only their RZ has the control; iswap always is.
    [(n, c) for n, g in TABLE.items() for c in CONTROLS if g.n_qubits < 2 or n == "swap" or (g.pauli and not c)],
    ids=str,
)
def test_gates_that_openqasm_has_come_back_as_they_were(name, controls):
    """Every row of the gate table, also where a definition or a modifier stands in for a name."""
    gate = TABLE[name]
    angle = 0.3 - 2 * x[0] * w[2] if gate.is_rotation else None
    circuit = kw.Circuit(6, n_features=3, n_params=3).append(gate, range(gate.n_qubits), angle, controls)
    assert kw.qasm.loads(kw.qasm.dumps(circuit)) == circuit


@pytest.mark.parametrize(
    "angle",
    [0.0, -0.0, 1e-300, 5e-324, 1 / 3, -math.pi / 2, 3 * math.pi / 4, np.nextafter(math.pi, 4), 1e22, 123456789.123],
)
def test_numbers_come_back_to_the_bit(angle):
    for version in (2, 3):
        text = kw.qasm.dumps(kw.Circuit(1).rx(angle, 0), version=version)
        assert kw.qasm.loads(text) == kw.Circuit(1).rx(angle, 0)


def test_fractions_of_pi_are_written_as_such():
    circuit = kw.Circuit(1).rx(math.pi, 0).ry(-math.pi / 2, 0).rz(3 * math.pi / 4, 0).p(math.pi / 3 * w[0] - math.pi, 0)
    lines = kw.qasm.dumps(circuit).splitlines()[-4:]
    assert lines == ["rx(pi) q[0];", "ry(-pi/2) q[0];", "rz(3*pi/4) q[0];", "p(pi/3*w_0 - pi) q[0];"]


@pytest.mark.parametrize(
    "angle",
    [w[0], -w[1], x[0] * x[1] * x[2], (math.pi - x[0]) * (math.pi - x[1]), w[0] ** 5 - 0.1 * w[0] * w[1] ** 2 + 1e-9],
)
def test_polynomials_come_back_as_they_were(angle):
    circuit = kw.Circuit(1, n_features=3, n_params=3).ry(angle, 0).gphase(angle)
    assert kw.qasm.loads(kw.qasm.dumps(circuit)) == circuit


def test_words_on_many_qubits_come_back_as_they_were():
    word = kw.X(0) * kw.Y(2) * kw.Z(1) * kw.Y(4)
    circuit = kw.Circuit(5).rotation(word, w[0]).rotation(kw.Y(3) * kw.Y(0), 2.0).rotation(word, x[0])
    assert kw.qasm.loads(kw.qasm.dumps(circuit)) == circuit


def test_values_are_put_in_for_one_kind_of_symbol_at_a_time():
    circuit = kw.Circuit(1).rx(2 * x[0] * w[1] + w[0], 0)
    assert kw.qasm.loads(kw.qasm.dumps(circuit, features=[3.0])) == kw.Circuit(1).rx(6 * w[1] + w[0], 0)
    assert kw.qasm.loads(kw.qasm.dumps(circuit, [5.0, 7.0])) == kw.Circuit(1).rx(14 * x[0] + 5, 0)


def test_version_2_needs_every_value():
    circuit = kw.Circuit(1).rx(w[0] * x[0], 0)
    with pytest.raises(
        ValueError, match="has no parameters and this circuit has features and params: give their values"
    ):
        kw.qasm.dumps(circuit, version=2)
    with pytest.raises(ValueError, match="this circuit has params: give"):
        kw.qasm.dumps(circuit, features=[1.0], version=2)
    assert kw.qasm.loads(kw.qasm.dumps(circuit, [2.0], [0.25], version=2)) == kw.Circuit(1).rx(0.5, 0)


def test_version_2_uses_the_first_library_only():
    """Names of the qelib1.inc of 2017; later ones are not everywhere."""
    first = "u3 u2 u1 cx id x y z h s sdg t tdg rx ry rz cz cy ch ccx crz cu1 cu3"
    for seed in range(60):
        circuit, params, features = sayable_circuit(seed)
        lines = kw.qasm.dumps(circuit, params, features, version=2).splitlines()[3:]
        assert {line.split("(")[0].split(" ")[0] for line in lines} <= {*first.split()}


@pytest.mark.parametrize(
    ("circuit", "words"),
    [
        (kw.Circuit(3).unitary(np.eye(8), 0, 1, 2), "matrix on 3 qubits, and OpenQASM has no matrices: write it as"),
        (kw.Circuit(11).diagonal(np.ones(2048), *range(11)), f"{MAX_TABLE_QUBITS} is the most: write it as"),
        (kw.Circuit(11).permutation(range(2048), *range(11)), f"{MAX_TABLE_QUBITS} is the most: write it as"),
    ],
)
def test_what_openqasm_cannot_say_is_refused_with_a_remedy(circuit, words):
    for version in (2, 3):
        with pytest.raises(ValueError, match=words):
            kw.qasm.dumps(circuit, version=version)


def test_wrong_arguments_of_dumps():
    circuit = kw.Circuit(1).rx(w[0], 0)
    with pytest.raises(TypeError, match="takes a Circuit, got str"):
        kw.qasm.dumps("OPENQASM 3.0;")
    with pytest.raises(ValueError, match="version must be 3 or 2, got 4"):
        kw.qasm.dumps(circuit, version=4)
    with pytest.raises(ValueError, match="params must have shape"):
        kw.qasm.dumps(circuit, [1.0, 2.0])
    with pytest.raises(ValueError, match="a text holds one circuit, not a batch"):
        kw.qasm.dumps(circuit, [[1.0]])
