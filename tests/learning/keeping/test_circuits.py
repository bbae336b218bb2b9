"""Circuits, observables and encodings as data: whatever can be written comes back equal; what cannot be is refused."""

import json

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.preparation.premap import PreMap
from ketwise.learning.keeping.circuits import CIRCUIT_FORMS, MOST_VALUES
from ketwise.learning.keeping.tree import Reader, Writer
from ketwise.words.gates import TABLE

x, w = kw.features(3), kw.params(4)
UNITARY = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)) + 1j)[0]


def every_gate():
    """A circuit with each gate of the table, plain and controlled."""
    circuit = kw.Circuit(4)
    for gate in TABLE.values():
        angle = w[0] * x[1] - 0.5 if gate.is_rotation else None
        circuit.append(gate, range(gate.n_qubits), angle)
        circuit.append(gate, range(gate.n_qubits), angle, {3: 0})
    return circuit


def own_gates():
    circuit = (
        kw.Circuit(5, n_features=7, n_params=9).unitary(UNITARY, 3, 1).diagonal(np.exp([0.1j, 2j]), 2, controls=[4])
    )
    circuit.permutation([2, 0, 3, 1], 4, 0).rotation(kw.X(0) * kw.Y(3) * kw.Z(4), 0.1 * x[0] ** 3 * w[2] + np.pi)
    return circuit + circuit.inverse() + kw.Circuit(5).iswap(0, 1).inverse()


CIRCUITS = {
    "nothing": kw.Circuit(1),
    "declared": kw.Circuit(2, n_features=3, n_params=5),
    "every gate": every_gate(),
    "gates of one's own": own_gates(),
    "controls": kw.Circuit(4).x(0, controls={3: 0, 1: 1}).ry(w[0], 2, controls=[0]),
    "an angle of 0": kw.Circuit(1).rx(0.0, 0),
    "small coefficients": kw.Circuit(1).rx(5e-324 * x[0] + 0.1 * x[0] * x[0] * w[3] + 1e300, 0),
    "iqp": kw.encodings.iqp(5, repeats=2).circuit,
    "zz": kw.encodings.zz(4).circuit,
    "ansatz": kw.ansatz.strongly_entangling(4, layers=3),
}


def there_and_back(value):
    writer = Writer(CIRCUIT_FORMS)
    node = json.loads(json.dumps(writer.node(value)))
    reader = Reader(CIRCUIT_FORMS, writer.arrays)
    made = reader.value(node)
    reader.finish()
    return made


@pytest.mark.parametrize("case", CIRCUITS)
def test_circuits_come_back_equal(case):
    circuit = CIRCUITS[case]
    made = there_and_back(circuit)
    assert made == circuit
    assert str(made) == str(circuit)
    assert [op.gate.matrix is not None for op in made.ops] == [op.gate.matrix is not None for op in circuit.ops]


@pytest.mark.parametrize(
    "observable",
    [
        kw.Z(0),
        kw.X(3) * kw.Y(1) - 0.1 * kw.Z(0) * kw.Z(2) + 1e-300 * kw.identity(),
        kw.identity(),
        kw.Z(0) - kw.Z(0),
        kw.Z(200),
    ],
)
def test_observables_come_back_equal(observable):
    assert there_and_back(observable) == observable


@pytest.mark.parametrize("name", kw.encodings.ENCODINGS)
def test_encodings_come_back_equal(name):
    encoding = kw.encodings.ENCODINGS[name](3)
    assert there_and_back(encoding) == encoding
    assert there_and_back(encoding.twin()) == encoding.twin()


def test_an_encoding_of_ones_own():
    mine = kw.Encoding("mine", kw.Circuit(1).ry(w[0] * x[0] + w[1], 0), start=(1, np.float64(0.5)))
    made = there_and_back(mine)
    assert made == mine
    np.testing.assert_array_equal(made.start_params(), mine.start_params())


def test_a_premap_of_ones_own_is_code():
    mine = PreMap("identity", np.tanh, lambda X, d: d * (1 - np.tanh(X) ** 2))
    with pytest.raises(
        ValueError, match="the pre-map 'identity' is made of Python functions, and a file holds no code"
    ):
        there_and_back(kw.Encoding("mine", kw.Circuit(1).ry(x[0], 0), mine))


@pytest.mark.parametrize("name", ["identity", "arccos", "mine"])
def test_a_premap_is_kept_only_if_its_name_and_settings_make_it(name):
    mine = PreMap(name, np.tanh, lambda X, d: d)
    with pytest.raises(ValueError, match="a file holds no code"):
        there_and_back(mine)


def pairs(**settings):
    items = [{"is": "tuple", "items": [name, value]} for name, value in settings.items()]
    return {"is": "tuple", "items": items}


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("os.system", pairs(), "there is no pre-map 'os.system'"),
        ("identity", pairs(scale=1.0), "there is no pre-map 'identity'"),
        ("arccos", pairs(scale=0.0), "must not be 0"),
        ("arccos", pairs(code="print(1)"), "unexpected keyword argument"),
        ("arccos", {"is": "tuple", "items": [1]}, "settings must be pairs"),
        ("merge_angles", pairs(n_features=2**40, merges={"is": "tuple", "items": []}), "a setting of 1099511627776"),
        ("one_after_another", pairs(first={"is": "tuple", "items": []}), "it makes no PreMap"),
        ("one_after_another", pairs(), "it makes no PreMap"),
    ],
)
def test_what_is_no_premap_is_refused(name, settings, message):
    with pytest.raises(ValueError, match=message):
        Reader(CIRCUIT_FORMS, {}).value({"is": "PreMap", "name": name, "settings": settings})


def node_of(circuit):
    writer = Writer(CIRCUIT_FORMS)
    return json.loads(json.dumps(writer.node(circuit))), writer.arrays


H = [0, 0, 1, 0, 0]  # gate 0, no controls, one qubit, no terms, qubit 0
GATE = {"is": "Gate", "name": "h", "pauli": None, "matrix": None, "diagonal": None, "permutation": None}
RY = GATE | {"name": "ry"}
BAD = {
    "a gate that is not there": ({"gates": [GATE | {"name": "os.system"}]}, {}, "no gate is named 'os.system'"),
    "two descriptions": ({"gates": [GATE | {"pauli": "X"}]}, {}, "a name of its own and one of its descriptions"),
    "another word": ({"gates": [GATE | {"name": "rx", "pauli": "X"}]}, {}, "a name of its own"),
    "no Pauli word": ({"gates": [GATE | {"name": "rxq", "pauli": "XQ"}]}, {}, "no rotation about the Pauli word"),
    "a gate that is text": ({"gates": ["h"]}, {}, "gates must hold gates"),
    "2^63 qubits": ({"n_qubits": 2**63}, {}, "at most 1048576 qubits"),
    "2^40 parameters": ({"n_params": 2**40}, {}, f"at most 1048576 qubits and {MOST_VALUES} values"),
    "no qubits": ({"n_qubits": 0}, {}, "n_qubits must be a whole number of at least 1"),
    "negative features": ({"n_features": -1}, {}, "n_features must be a whole number of at least 0"),
    "qubits of text": ({"n_qubits": "2"}, {}, "n_qubits must be int, got str"),
    "a qubit too many": ({}, {"ops": [0, 0, 1, 0, 7]}, "qubit 7 is out of range"),
    "a negative qubit": ({}, {"ops": [0, 0, 1, 0, -1]}, "qubit -1 is out of range"),
    "two qubits": ({}, {"ops": [0, 0, 2, 0, 0, 1]}, "h acts on 1 qubits, got 2"),
    "a gate too many": ({}, {"ops": [1, 0, 1, 0, 0]}, "an operation has gate 1, and there are 1"),
    "a negative gate": ({}, {"ops": [-1, 0, 1, 0, 0]}, "an operation has gate -1"),
    "an end in the middle": ({}, {"ops": [0, 0, 1, 0]}, "it ends in the middle of an operation"),
    "2^62 controls": ({}, {"ops": [0, 2**62, 1, 0, 0]}, "it ends in the middle of an operation"),
    "minus one control": ({}, {"ops": [0, -1, 1, 0, 0]}, "it ends in the middle of an operation"),
    "a control twice": ({}, {"ops": [0, 2, 1, 0, 1, 1, 1, 0, 0]}, "a control is given twice"),
    "a control of 2": ({}, {"ops": [0, 1, 1, 0, 1, 2, 0]}, "control value of qubit 1 must be 0 or 1"),
    "a control on itself": ({}, {"ops": [0, 1, 1, 0, 0, 1, 0]}, "qubit 0 is given twice"),
    "an angle of h": ({}, {"ops": [0, 0, 1, 1, 0]}, "h takes no angle"),
    "an angle left over": ({}, {"angles": [0], "coefficients": [1.0]}, "more angles than operations take"),
    "no coefficient": ({"gates": [RY]}, {"ops": [0, 0, 1, 1, 0], "angles": [0]}, "a term without a coefficient"),
    "a coefficient of nan": (
        {"gates": [RY]},
        {"ops": [0, 0, 1, 1, 0], "angles": [0], "coefficients": [np.nan]},
        "must be finite",
    ),
    "a symbol too many": (
        {"gates": [RY]},
        {"ops": [0, 0, 1, 1, 0], "angles": [1, 0, 5], "coefficients": [1.0]},
        "a symbol that the circuit has not",
    ),
    "a third kind of symbol": (
        {"gates": [RY], "n_features": 9},
        {"ops": [0, 0, 1, 1, 0], "angles": [1, 2, 0], "coefficients": [1.0]},
        "a symbol that the circuit has not",
    ),
    "a term twice": (
        {"gates": [RY]},
        {"ops": [0, 0, 1, 2, 0], "angles": [0, 0], "coefficients": [1.0, 2.0]},
        "a term without a coefficient, twice",
    ),
    "terms in disorder": (
        {"gates": [RY], "n_features": 2},
        {"ops": [0, 0, 1, 1, 0], "angles": [2, 0, 1, 0, 0], "coefficients": [1.0]},
        "or out of order",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_circuit_is_refused(case):
    changes, values, message = BAD[case]
    node, arrays = node_of(kw.Circuit(2).h(0))
    assert arrays["ops"].tolist() == H
    for name, given in values.items():
        arrays[name] = np.array(given, dtype=arrays[name].dtype)
    with pytest.raises(ValueError, match=message):
        Reader(CIRCUIT_FORMS, arrays).value(node | changes)


@pytest.mark.parametrize(
    ("field", "change", "message"),
    [
        ("matrix", lambda m: 2 * m, "matrix is not unitary"),
        ("matrix", lambda m: m[:2, :2], "matrix is not unitary"),
        ("matrix", lambda m: m.ravel(), "matrix must have shape"),
        ("diagonal", lambda d: 2 * d, "diagonal is not unitary"),
        ("permutation", lambda p: np.zeros_like(p), "must hold each of 0 to 3 exactly once"),
    ],
)
def test_gates_of_ones_own_are_checked_again(field, change, message):
    node, arrays = node_of(own_gates())
    (name,) = {gate[field]["array"] for gate in node["gates"] if gate[field] and not gate["name"].endswith("_dg")}
    arrays[name] = change(arrays[name])
    with pytest.raises(ValueError, match=message):
        Reader(CIRCUIT_FORMS, arrays).value(node)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("coefficients", [np.nan, 1.0], "must be finite"),
        ("coefficients", [0.0, 1.0], "sorted and different"),
        ("coefficients", [1.0], "coefficients must have shape"),
        ("x", np.zeros((2, 1), dtype=bool), "must have shape"),
    ],
)
def test_what_is_no_observable_is_refused(name, value, message):
    node, arrays = node_of(kw.Z(0) + 0.5 * kw.X(1))
    arrays[name] = np.array(value)
    with pytest.raises(ValueError, match=message):
        Reader(CIRCUIT_FORMS, arrays).value(node)
