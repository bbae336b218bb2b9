"""Building, joining, undoing and counting circuits. What a gate does is checked against matrices written here."""

import copy
import inspect
import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ketwise as kw
from ketwise.words.gates import TABLE
from tests.random_circuits import random_circuit

w, x = kw.params(6), kw.features(4)
METHODS = sorted(TABLE)


def final(circuit: kw.Circuit, *inputs) -> np.ndarray:
    return circuit.compile(kw.State())(*inputs)


def matrix(circuit: kw.Circuit, *inputs) -> np.ndarray:
    """The circuit's matrix, column by column from the basis states."""
    return circuit.compile(kw.State())(*(inputs or (None, None)), np.eye(1 << circuit.n_qubits)).T


# -- building


@pytest.mark.parametrize("name", METHODS)
def test_every_row_of_the_table_has_a_method_of_its_name(name):
    gate = TABLE[name]
    angle = [w[0]] if gate.is_rotation else []
    circuit = kw.Circuit(4)
    assert getattr(circuit, name)(*angle, *range(gate.n_qubits)) is circuit
    (op,) = circuit.ops
    assert op.gate is gate
    assert op.qubits == tuple(range(gate.n_qubits))
    assert op.controls == ()
    assert (op.angle is not None) == gate.is_rotation


@pytest.mark.parametrize("name", METHODS)
def test_every_method_takes_controls_in_every_form(name):
    gate = TABLE[name]
    arguments = [w[0]] * gate.is_rotation + list(range(gate.n_qubits))
    forms = [[2, 3], (2, 3), {2: 1, 3: 1}, np.array([2, 3]), iter([2, 3]), {2: True, 3: np.int64(1)}]
    made = [getattr(kw.Circuit(4), name)(*arguments, controls=form) for form in forms]
    assert all(circuit == made[0] for circuit in made)
    assert made[0].ops[0].controls == ((2, 1), (3, 1))
    assert made[0].ops[0].name == f"cc{name}"
    mixed = getattr(kw.Circuit(4), name)(*arguments, controls={3: 0, 2: 1})
    assert mixed.ops[0].controls == ((3, 0), (2, 1))


def test_every_gate_method_takes_controls():
    arguments = {"angle": 0.1, "phi": 0.1, "theta": 0.2, "omega": 0.3, "word": kw.X(0)}
    special = {"unitary": (np.eye(2), 0), "diagonal": ([1, 1j], 0), "permutation": ([1, 0], 0)}
    found = []
    for name, method in inspect.getmembers(kw.Circuit, inspect.isfunction):
        parameters = list(inspect.signature(method).parameters)[1:]
        if name.startswith("_") or name == "append" or inspect.signature(method).return_annotation != "Circuit":
            continue
        if name in ("copy", "inverse", "shift"):
            continue
        found.append(name)
        values, qubit = [], 0
        for parameter in parameters:
            if parameter in arguments:
                values.append(arguments[parameter])
            elif parameter != "controls":
                values.append(qubit)
                qubit += 1
        values = special.get(name, values)
        circuit = getattr(kw.Circuit(5), name)(*values, controls={4: 0})
        assert all((4, 0) in op.controls for op in circuit.ops), name
        assert len(circuit) == (3 if name == "rot" else 1)
    assert set(METHODS) < set(found)
    assert len(found) > 30


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (lambda c: c.cx(0, 1), lambda c: c.x(1, [0])),
        (lambda c: c.cy(0, 1), lambda c: c.y(1, [0])),
        (lambda c: c.cz(0, 1), lambda c: c.z(1, [0])),
        (lambda c: c.ccx(0, 2, 1), lambda c: c.x(1, [0, 2])),
        (lambda c: c.cswap(2, 0, 1), lambda c: c.swap(0, 1, [2])),
        (lambda c: c.crx(w[0], 2, 0), lambda c: c.rx(w[0], 0, [2])),
        (lambda c: c.cry(w[0], 2, 0), lambda c: c.ry(w[0], 0, [2])),
        (lambda c: c.crz(w[0], 2, 0), lambda c: c.rz(w[0], 0, [2])),
        (lambda c: c.p(w[0], 2), lambda c: c.gphase(w[0], [2])),
        (lambda c: c.p(w[0], 2, {1: 0}), lambda c: c.gphase(w[0], {1: 0, 2: 1})),
        (lambda c: c.cp(w[0], 1, 2), lambda c: c.gphase(w[0], [1, 2])),
        (lambda c: c.rot(w[0], x[1], 0.5, 1), lambda c: c.rz(w[0], 1).ry(x[1], 1).rz(0.5, 1)),
        (lambda c: c.rotation(kw.X(0), w[0]), lambda c: c.rx(w[0], 0)),
        (lambda c: c.rotation(kw.Z(0) * kw.Z(2), w[0]), lambda c: c.rzz(w[0], 0, 2)),
        (lambda c: c.rotation(kw.identity(), w[0], [0]), lambda c: c.gphase(-0.5 * w[0], [0])),
        (lambda c: c.crx(w[0], 2, 0, {1: 0}), lambda c: c.rx(w[0], 0, {1: 0, 2: 1})),
    ],
)
def test_shorthands_mean_what_they_stand_for(short, long):
    assert short(kw.Circuit(3)) == long(kw.Circuit(3))


def test_calls_chain_and_change_the_circuit_they_are_called_on():
    circuit = kw.Circuit(2)
    same = circuit.h(0).cx(0, 1)
    assert same is circuit
    assert len(circuit) == len(circuit.ops) == 2


def test_sizes_follow_the_symbols_used_and_may_be_declared_larger():
    circuit = kw.Circuit(2)
    assert (circuit.n_features, circuit.n_params) == (0, 0)
    circuit.ry(w[3] * x[1], 0)
    assert (circuit.n_features, circuit.n_params) == (2, 4)
    declared = kw.Circuit(1, n_features=7, n_params=1).rx(w[2], 0)
    assert (declared.n_features, declared.n_params) == (7, 3)
    assert declared.compile(kw.Z(0))(np.zeros(3), np.zeros(7)).shape == (1,)


# -- what the gates do, in matrices written out here

CNOT_0_1 = np.array([[1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 1, 0, 0]])


def test_a_cnot_with_control_0_exchanges_the_states_1_and_3():
    np.testing.assert_array_equal(matrix(kw.Circuit(2).cx(0, 1)), CNOT_0_1)


def test_a_control_on_zero_acts_where_the_qubit_is_zero():
    np.testing.assert_array_equal(matrix(kw.Circuit(2).x(1, {0: 0})), np.eye(4)[[2, 1, 0, 3]])


def test_toffoli_and_fredkin_exchange_two_states_each():
    np.testing.assert_array_equal(matrix(kw.Circuit(3).ccx(0, 1, 2)), np.eye(8)[[0, 1, 2, 7, 4, 5, 6, 3]])
    np.testing.assert_array_equal(matrix(kw.Circuit(3).cswap(2, 0, 1)), np.eye(8)[[0, 1, 2, 3, 4, 6, 5, 7]])


def test_phases():
    a = 0.7
    phase = np.exp(1j * a)
    np.testing.assert_allclose(matrix(kw.Circuit(1).p(a, 0)), np.diag([1, phase]), atol=1e-15)
    np.testing.assert_allclose(matrix(kw.Circuit(1).gphase(a)), phase * np.eye(2), atol=1e-15)
    np.testing.assert_allclose(matrix(kw.Circuit(2).cp(a, 0, 1)), np.diag([1, 1, 1, phase]), atol=1e-15)
    np.testing.assert_allclose(matrix(kw.Circuit(2).gphase(a, {0: 1, 1: 0})), np.diag([1, phase, 1, 1]), atol=1e-15)
    np.testing.assert_allclose(matrix(kw.Circuit(2).crz(a, 0, 1)), np.diag(np.exp([0, -0.5j * a, 0, 0.5j * a])))


def test_the_first_qubit_of_an_array_is_the_lowest_bit_of_its_index():
    """The same asymmetric matrix on (0, 1) and on (1, 0) differs by exchanging the states 1 and 2."""
    u = np.linalg.qr(np.arange(16).reshape(4, 4) ** 1.5 + 1j * np.eye(4))[0]
    swap = np.eye(4)[[0, 2, 1, 3]]
    np.testing.assert_allclose(matrix(kw.Circuit(2).unitary(u, 0, 1)), u, atol=1e-15)
    np.testing.assert_allclose(matrix(kw.Circuit(2).unitary(u, 1, 0)), swap @ u @ swap, atol=1e-15)
    table = [2, 0, 1, 3]
    expected = np.zeros((4, 4))
    expected[table, range(4)] = 1
    np.testing.assert_array_equal(matrix(kw.Circuit(2).permutation(table, 0, 1)), expected)
    values = np.exp(1j * np.arange(4))
    np.testing.assert_allclose(matrix(kw.Circuit(2).diagonal(values, 1, 0)), np.diag(values[[0, 2, 1, 3]]))


def test_arrays_are_copied():
    u = np.array([[0, 1], [1, 0]], dtype=complex)
    circuit = kw.Circuit(1).unitary(u, 0)
    u[:] = np.eye(2)
    np.testing.assert_array_equal(final(circuit), [0, 1])


def test_rot_is_rz_then_ry_then_rz():
    def rz(a):
        return np.diag(np.exp([-0.5j * a, 0.5j * a]))

    def ry(a):
        return np.array([[np.cos(a / 2), -np.sin(a / 2)], [np.sin(a / 2), np.cos(a / 2)]])

    np.testing.assert_allclose(matrix(kw.Circuit(1).rot(0.3, 0.5, 0.7, 0)), rz(0.7) @ ry(0.5) @ rz(0.3), atol=1e-15)


# -- joining


def test_plus_runs_the_left_one_first_and_leaves_both_alone():
    a, b = kw.Circuit(1).x(0), kw.Circuit(1).h(0)
    h = np.array([[1, 1], [1, -1]]) / np.sqrt(2)
    np.testing.assert_allclose(final(a + b), h[:, 1], atol=1e-15)
    np.testing.assert_allclose(final(b + a), h[::-1, 0], atol=1e-15)
    assert (len(a), len(b), len(a + b)) == (1, 1, 2)
    (a + b).h(0)
    assert (len(a), len(b)) == (1, 1)


def test_equal_symbols_of_both_stay_one_value():
    both = kw.Circuit(1).ry(w[0], 0) + kw.Circuit(1).ry(w[0], 0)
    assert both.n_params == 1
    np.testing.assert_allclose(both.compile(kw.Z(0))([0.3]), np.cos(0.6), atol=1e-15)


def test_shift_makes_symbols_distinct():
    layer = kw.Circuit(1).ry(w[0] * x[0] + w[1], 0)
    both = layer + layer.shift(params=layer.n_params, features=1)
    assert (both.n_params, both.n_features) == (4, 2)
    params, features = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.5, 0.6])
    angle = 0.1 * 0.5 + 0.2 + 0.3 * 0.6 + 0.4
    np.testing.assert_allclose(both.compile(kw.Z(0))(params, features), np.cos(angle), atol=1e-15)
    assert layer.n_params == 2
    assert kw.Circuit(1, n_params=2).shift(params=3).n_params == 5


def test_adding_takes_the_larger_of_declared_sizes():
    total = kw.Circuit(1, n_params=5) + kw.Circuit(1, n_features=3)
    assert (total.n_params, total.n_features) == (5, 3)


# -- undoing


@given(st.integers(0, 10_000))
def test_a_circuit_followed_by_its_inverse_is_the_identity(seed):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, int(rng.integers(1, 5)), 12)
    inputs = rng.normal(size=circuit.n_params), rng.normal(size=circuit.n_features)
    for both in (circuit + circuit.inverse(), circuit.inverse() + circuit):
        np.testing.assert_allclose(matrix(both, *inputs), np.eye(1 << circuit.n_qubits), atol=1e-13)
    assert circuit.inverse().inverse() == circuit


def test_the_inverse_keeps_sizes():
    undo = kw.Circuit(2, n_features=3, n_params=4).rx(w[0], 0).inverse()
    assert (undo.n_features, undo.n_params) == (3, 4)


# -- counting


def test_depth_is_the_longest_chain():
    assert kw.Circuit(3).depth() == 0
    assert kw.Circuit(3).h(0).h(1).h(2).depth() == 1
    ladder = kw.Circuit(4)
    for q in range(3):
        ladder.cx(q, q + 1)
    assert ladder.depth() == 3
    assert kw.Circuit(4).cx(0, 1).cx(2, 3).depth() == 1
    assert kw.Circuit(3).x(0, [2]).h(1).depth() == 1  # the qubit between is free
    assert kw.Circuit(3).x(0, [2]).h(2).depth() == 2  # a control is not
    assert kw.Circuit(2).h(0).gphase(0.3).depth() == 1


def test_counts_are_by_name_with_a_c_for_each_control():
    circuit = kw.Circuit(3).h(0).h(1).cx(0, 1).ccx(0, 1, 2).rzz(w[0], 0, 1).crx(0.1, 0, 1).p(0.2, 0).cp(0.1, 0, 1)
    assert circuit.counts() == Counter(h=2, cx=1, ccx=1, rzz=1, crx=1, cgphase=1, ccgphase=1)
    assert circuit.n_two_qubit() == 5


# -- as a value


def test_equal_structure_has_an_equal_hashable_key():
    def make():
        u = np.array([[0, 1j], [1j, 0]])
        return kw.Circuit(2, n_params=3).ry(w[0] + x[1], 0).unitary(u, 1).rotation(kw.X(0) * kw.Y(1), 0.5)

    assert make().key == make().key
    assert hash(make().key) == hash(make().key)
    assert make() == make()
    assert make().compile(kw.Z(0)) is make().compile(kw.Z(0))


@pytest.mark.parametrize(
    "other",
    [
        kw.Circuit(3).ry(w[0], 0),
        kw.Circuit(2).ry(w[1], 0),
        kw.Circuit(2).ry(x[0], 0),
        kw.Circuit(2).ry(2 * w[0], 0),
        kw.Circuit(2).ry(w[0], 1),
        kw.Circuit(2).rx(w[0], 0),
        kw.Circuit(2).ry(w[0], 0, [1]),
        kw.Circuit(2, n_params=2).ry(w[0], 0),
        kw.Circuit(2).ry(w[0], 0).h(0),
        kw.Circuit(2),
    ],
)
def test_any_difference_is_seen(other):
    assert kw.Circuit(2).ry(w[0], 0) != other


def test_user_arrays_with_equal_names_are_told_apart():
    a, b = kw.Circuit(1).diagonal([1, 1j], 0), kw.Circuit(1).diagonal([1, -1j], 0)
    assert a != b
    assert a.compile(kw.State()) is not b.compile(kw.State())


def test_a_circuit_is_no_dictionary_key_since_it_can_change():
    with pytest.raises(TypeError, match="unhashable"):
        hash(kw.Circuit(1))


def test_a_copy_is_independent():
    first = kw.Circuit(1).h(0)
    second = first.copy()
    second.rx(w[5], 0)
    assert (len(first), first.n_params) == (1, 0)
    assert (len(second), second.n_params) == (2, 6)
    for twin in (copy.deepcopy(first), pickle.loads(pickle.dumps(first))):
        assert twin == first
        assert twin.compile(kw.Z(0)) is first.compile(kw.Z(0))


def test_a_program_does_not_follow_later_changes_of_its_circuit():
    circuit = kw.Circuit(1).h(0)
    program = circuit.compile(kw.Z(0))
    circuit.h(0)
    np.testing.assert_allclose(program(), 0, atol=1e-15)
    np.testing.assert_allclose(circuit.compile(kw.Z(0))(), 1, atol=1e-15)


def test_repr_says_the_sizes():
    circuit = kw.Circuit(2).ry(w[0] * x[2], 0).cx(0, 1)
    assert repr(circuit) == "Circuit(n_qubits=2, n_features=3, n_params=1, ops=2, depth=2)"
