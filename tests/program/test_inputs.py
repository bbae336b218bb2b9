"""Bad input to circuits and programs: one row each, the exception, and the words that say what, where, what to do."""

import re
import time

import numpy as np
import pytest

import ketwise as kw

NAN, INF = float("nan"), float("inf")
x, w = kw.features(2), kw.params(2)


def circuit() -> kw.Circuit:
    """Two qubits, two features, two parameters; <Z0> = cos(w0 x0), <Z1> = cos(w1^2 + x1)."""
    return kw.Circuit(2).ry(w[0] * x[0], 0).ry(w[1] * w[1] + x[1], 1)


def program(outputs=None, **options):
    return circuit().compile(outputs or [kw.Z(0), kw.Z(1)], **options)


GOOD = np.array([0.5, 0.25]), np.array([[0.3, 0.7], [1.0, -2.0], [0.0, 0.1]])


def works(p) -> None:
    """The program still gives the values of its closed form."""
    (a, b), features = GOOD
    np.testing.assert_allclose(
        p(*GOOD), np.column_stack([np.cos(a * features[:, 0]), np.cos(b * b + features[:, 1])]), atol=1e-14
    )


# -- building: (call on a circuit of three qubits, exception, fragment of the message)

BUILDING = {
    "angle is nan": (lambda c: c.rx(NAN, 0), ValueError, "an angle must be finite, got nan"),
    "angle is infinite": (lambda c: c.p(-INF, 0), ValueError, "an angle must be finite, got -inf"),
    "angle in a rot": (lambda c: c.rot(0.1, 0.2, NAN, 0), ValueError, "an angle must be finite, got nan"),
    "angle is missing": (lambda c: c.append(kw.Circuit(1).h(0).rx(1, 0).ops[1].gate, [0]), ValueError, "got None"),
    "angle of a fixed gate": (lambda c: c.append(kw.Circuit(1).h(0).ops[0].gate, [0], 0.1), ValueError, "takes no"),
    "angle beyond all floats": (lambda c: c.rx(10**400, 0), ValueError, "an angle must be a real number"),
    "angle is text": (lambda c: c.rx("0.5", 0), ValueError, "an angle must be a real number, got '0.5'"),
    "angle is complex": (lambda c: c.rx(np.complex128(1j), 0), ValueError, "an angle must be a real number"),
    "angle is an array": (lambda c: c.rx(np.zeros(3), 0), ValueError, "an angle must be a real number"),
    "angle and qubit exchanged": (lambda c: c.rx(0, w[1]), ValueError, "rx: a qubit must be a whole number, got w[1]"),
    "qubit too high": (lambda c: c.h(3), ValueError, "h: qubit 3 is out of range, the circuit has qubits 0 to 2"),
    "qubit negative": (lambda c: c.rz(0.1, -1), ValueError, "rz: qubit -1 is out of range"),
    "qubit of a phase": (lambda c: c.p(0.1, 7), ValueError, "p: qubit 7 is out of range"),
    "qubit is a fraction": (lambda c: c.h(1.0), ValueError, "h: a qubit must be a whole number, got 1.0"),
    "qubit is a bool": (lambda c: c.h(True), ValueError, "h: a qubit must be a whole number, got True"),
    "qubits in a list": (lambda c: c.unitary(np.eye(4), [0, 1]), ValueError, "a qubit must be a whole number, got [0"),
    "qubit repeated": (lambda c: c.rzz(0.1, 1, 1), ValueError, "rzz: qubit 1 is given twice"),
    "swap with itself": (lambda c: c.swap(2, 2), ValueError, "swap: qubit 2 is given twice"),
    "control is the target": (lambda c: c.cx(1, 1), ValueError, "qubit 1 is given twice"),
    "controls equal": (lambda c: c.ccx(0, 0, 1), ValueError, "ccx: qubit 0 is given twice"),
    "control repeated": (lambda c: c.x(2, [0, 0]), ValueError, "x: qubit 0 is given twice"),
    "control of a phase repeated": (lambda c: c.p(0.1, 1, [1]), ValueError, "p: qubit 1 is given twice"),
    "control out of range": (lambda c: c.x(0, {5: 1}), ValueError, "x: qubit 5 is out of range"),
    "control is a number": (lambda c: c.x(0, 1), TypeError, "x: controls must be qubits such as [2] or a mapping"),
    "control is nested": (lambda c: c.x(0, [[1]]), ValueError, "x: a qubit must be a whole number, got [1]"),
    "control value": (lambda c: c.x(0, {1: 2}), ValueError, "x: control value of qubit 1 must be 0 or 1, got 2"),
    "too few qubits": (lambda c: c.unitary(np.eye(4), 0), ValueError, "unitary acts on 2 qubits, got 1: (0,)"),
    "too many qubits": (lambda c: c.permutation([1, 0], 0, 1), ValueError, "permutation acts on 1 qubits, got 2"),
    "matrix not unitary": (lambda c: c.unitary([[1, 1], [0, 1]], 0), ValueError, "matrix is not unitary: max |U^H U"),
    "matrix nearly unitary": (lambda c: c.unitary(np.eye(2) * (1 + 1e-8), 0), ValueError, "is not unitary"),
    "matrix has nan": (lambda c: c.unitary([[NAN, 0], [0, 1]], 0), ValueError, "matrix is not unitary"),
    "matrix is infinite": (lambda c: c.unitary([[INF, 0], [0, 1]], 0), ValueError, "matrix is not unitary"),
    "matrix overflows": (lambda c: c.unitary([[1e200, 0], [0, 1]], 0), ValueError, "matrix is not unitary"),
    "matrix not square": (lambda c: c.unitary(np.ones((2, 3)), 0), ValueError, "shape (2**k, 2**k), got (2, 3)"),
    "matrix of three rows": (lambda c: c.unitary(np.eye(3), 0), ValueError, "2**k rows for k qubits, got 3"),
    "matrix is text": (lambda c: c.unitary("h", 0), ValueError, "matrix must be an array of complex numbers"),
    "matrix is ragged": (lambda c: c.unitary([[1], [0, 1]], 0), ValueError, "must be an array of complex numbers"),
    "diagonal not a phase": (lambda c: c.diagonal([1, 2], 0), ValueError, "diagonal is not unitary: max ||value| - 1"),
    "diagonal has nan": (lambda c: c.diagonal([1, NAN], 0), ValueError, "diagonal is not unitary"),
    "diagonal is a matrix": (lambda c: c.diagonal(np.eye(2), 0), ValueError, "diagonal must have shape (2**k,)"),
    "permutation repeats": (lambda c: c.permutation([0, 0], 0), ValueError, "each of 0 to 1 exactly once"),
    "permutation of fractions": (lambda c: c.permutation([0.0, 1.0], 0), ValueError, "must be a 1-d array of whole"),
    "permutation of three": (lambda c: c.permutation([0, 2, 1], 0), ValueError, "2**k rows for k qubits, got 3"),
    "rotation of text": (lambda c: c.rotation("ZZ", 0.1), TypeError, "Pauli word such as kw.X(0) * kw.Y(2)"),
    "rotation of a sum": (lambda c: c.rotation(kw.X(0) + kw.Z(1), 0.1), ValueError, "one Pauli word with coeffi"),
    "rotation of a multiple": (lambda c: c.rotation(2 * kw.X(0), 0.1), ValueError, "one Pauli word with coefficient 1"),
    "rotation too wide": (lambda c: c.rotation(kw.X(3), 0.1), ValueError, "rx: qubit 3 is out of range"),
    "shift is negative": (lambda c: c.shift(params=-1), ValueError, "a shift must be a whole number of at least 0"),
    "circuits of other width": (lambda c: c + kw.Circuit(2), ValueError, "a circuit on 2 qubits to one on 3"),
}


@pytest.mark.parametrize(("call", "error", "words"), BUILDING.values(), ids=BUILDING)
def test_building(call, error, words):
    c = kw.Circuit(3).h(0)
    with pytest.raises(error, match=re.escape(words)):
        call(c)
    # A refused operation leaves nothing behind.
    assert c == kw.Circuit(3).h(0)


def test_a_matrix_on_six_qubits_names_the_way_out():
    with pytest.raises(ValueError, match=r"matrix acts on 6 qubits; dense matrices go up to 5: write it as rotations"):
        kw.Circuit(6).unitary(np.eye(64), *range(6))


@pytest.mark.parametrize("n_qubits", [0, -1, 2.0, "2", None, True])
def test_a_bad_number_of_qubits(n_qubits):
    with pytest.raises(ValueError, match="n_qubits must be a whole number of at least 1, got"):
        kw.Circuit(n_qubits)


# -- compiling: (call, exception, fragment)

COMPILING = {
    "no observables": (lambda: program(kw.Expectations([])), ValueError, "at least one observable, such as kw.Z(0)"),
    "an empty list": (lambda: circuit().compile([]), ValueError, "at least one observable"),
    "observable too wide": (lambda: program(kw.Z(2)), ValueError, "1*ZII acts on qubit 2; the circuit has qubits 0 to"),
    "observable far too wide": (lambda: program(kw.Z(99)), ValueError, "acts on qubit 99"),
    "second observable too wide": (lambda: program([kw.Z(0), kw.X(5)]), ValueError, "acts on qubit 5"),
    "not Hermitian": (lambda: program(kw.X(0) * kw.Y(0)), ValueError, "1*X and 1*Y is not Hermitian: the words antic"),
    "a function": (lambda: program([kw.Z]), TypeError, "outputs must be observables such as kw.Z(0), got <function"),
    "a number": (lambda: program([1.0]), TypeError, "outputs must be observables such as kw.Z(0), got 1.0"),
    "text": (lambda: program("ZZ"), TypeError, "outputs must be observables such as [kw.Z(0)], or"),
    "a class": (lambda: program(kw.State), TypeError, "write State(), not State"),
    "probabilities of a number": (lambda: program(kw.Probabilities(0)), TypeError, "a sequence such as [0, 1]"),
    "probabilities twice": (lambda: program(kw.Probabilities([1, 1])), ValueError, "qubit 1 is given twice"),
    "probabilities too high": (lambda: program(kw.Probabilities([2])), ValueError, "probabilities: qubit 2 is out of"),
    "overlap of wrong size": (lambda: program(kw.Overlap(np.ones(8))), ValueError, "(n_states, 2**2), got (1, 8)"),
    "overlap of wrong shape": (lambda: kw.Overlap(np.ones((1, 2, 2))), ValueError, "(2**n,) or (n_states, 2**n), got"),
    "overlap with nan": (lambda: kw.Overlap([NAN, 0, 0, 0]), ValueError, "states must be finite"),
    "overlap of nothing": (lambda: kw.Overlap(np.zeros((0, 4))), ValueError, "at least one"),
    "overlap of text": (lambda: kw.Overlap("0101"), ValueError, "states must be an array of complex numbers: got text"),
    "dtype of reals": (lambda: program(dtype="float64"), ValueError, "must be complex128 or complex64, got float64"),
    "dtype unknown": (lambda: program(dtype="quad"), ValueError, "must be complex128 or complex64, got 'quad'"),
    "backend by name": (lambda: program(backend="native"), TypeError, "such as kw.Native() or kw.Reference(); got 'n"),
    "backend is a class": (lambda: program(backend=kw.Native), TypeError, "such as kw.Native() or kw.Reference()"),
    "backend unknown": (lambda: program(backend=kw.Native("sse9")), ValueError, "'sse9' cannot be used here; there"),
}


@pytest.mark.parametrize(("call", "error", "words"), COMPILING.values(), ids=COMPILING)
def test_compiling(call, error, words):
    with pytest.raises(error, match=re.escape(words)):
        call()
    works(program())


@pytest.mark.parametrize("outputs", [kw.Z(0), kw.State(), kw.Probabilities(), kw.Probabilities([3])])
@pytest.mark.parametrize("backend", [None, kw.Reference()])
@pytest.mark.parametrize("n_qubits", [48, 62, 63, 64, 65, 10_000])
def test_a_state_that_no_machine_holds_is_refused_at_once(n_qubits, backend, outputs):
    """n = 64 is where a shift by n would wrap round, and 10,000 where a number of bytes no longer prints."""
    start = time.perf_counter()
    with pytest.raises(MemoryError) as error:
        kw.Circuit(n_qubits).h(0).compile(outputs, backend=backend)
    assert time.perf_counter() - start < 1
    unit = r"([\d.]+ [EPTGMK]iB|2\*\*\d+ bytes)"
    need = rf"a state vector on {n_qubits} qubits needs {unit}, {unit} can be used; the largest that fits is (\d+) qub"
    found = re.search(need, str(error.value))
    assert found, str(error.value)
    assert 10 < int(found[3]) < 48


# -- calling: (call on a program of two outputs, exception, fragment)

CALLING = {
    "params missing": (lambda p: p(None, GOOD[1]), "params is missing: this circuit needs 2 values of params"),
    "features missing": (lambda p: p(GOOD[0]), "features is missing: this circuit needs 2 values of features"),
    "params too few": (lambda p: p([0.1], GOOD[1]), "params must have shape (2,) or (batch, 2), got (1,)"),
    "params too many": (lambda p: p([0.1] * 3, GOOD[1]), "params must have shape (2,) or (batch, 2), got (3,)"),
    "params turned over": (lambda p: p(np.zeros((2, 3)), GOOD[1]), "(batch, 2), got (2, 3)"),
    "params of three axes": (lambda p: p(np.zeros((1, 1, 2)), GOOD[1]), "(batch, 2), got (1, 1, 2)"),
    "params a number": (lambda p: p(0.1, GOOD[1]), "params must have shape (2,) or (batch, 2), got ()"),
    "features too many": (
        lambda p: p(GOOD[0], np.zeros((3, 4))),
        "features must have shape (2,) or (batch, 2), got (3, 4",
    ),
    "features empty": (lambda p: p(GOOD[0], []), "features must have shape (2,) or (batch, 2), got (0,)"),
    "batches differ": (lambda p: p(np.zeros((2, 2)), GOOD[1]), "params has 2 rows, features has 3 rows"),
    "state's batch differs": (lambda p: p(*GOOD, np.eye(4)), "features has 3 rows, initial_state has 4 rows"),
    "params nan": (lambda p: p([0.1, NAN], GOOD[1]), "params must be finite: row 0, column 1 is nan"),
    "features infinite": (
        lambda p: p(GOOD[0], [[0, 0], [0, 0], [-INF, 0]]),
        "features must be finite: row 2, column 0 is -inf",
    ),
    "a polynomial overflows": (
        lambda p: p([0.1, 1e200], GOOD[1]),
        "the angle of rotation 1 is not finite for sample 0: values are too large",
    ),
    "a polynomial overflows in a row": (
        lambda p: p(np.array([[0.1, 0.1], [1e200, 0.1], [0.1, 0.1]]), [1e200, 0.0]),
        "the angle of rotation 0 is not finite for sample 1",
    ),
    "params complex": (
        lambda p: p(np.array([0.1, 1j]), GOOD[1]),
        "params must be an array of real numbers: got dtype c",
    ),
    "params complex in a list": (lambda p: p([0.1, np.complex128(1j)], GOOD[1]), "got dtype complex128"),
    "params text in objects": (
        lambda p: p(np.array(["0.1", 0.2], dtype=object), GOOD[1]),
        "params must be an array of real numbers: got text",
    ),
    "params text": (lambda p: p(["0.1", "0.2"], GOOD[1]), "params must be an array of real numbers: got text"),
    "params of objects": (lambda p: p([0.1, {}], GOOD[1]), "params must be an array of real numbers"),
    "params ragged": (lambda p: p([[0.1], [0.1, 0.2]], GOOD[1]), "params must be an array of real numbers"),
    "features dates": (
        lambda p: p(GOOD[0], np.zeros(2, "M8[D]")),
        "features must be an array of real numbers: got dtype",
    ),
    "features hold None": (lambda p: p(GOOD[0], [None, 1.0]), "features must be finite: row 0, column 0 is nan"),
    "state not normalised": (lambda p: p(*GOOD, [1, 1, 0, 0]), "initial_state must have norm 1, row 0 has 1.41421"),
    "one state not normalised": (
        lambda p: p(*GOOD, [[1, 0, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]),
        "initial_state must have norm 1, row 2 has 0",
    ),
    "state nan": (lambda p: p(*GOOD, [NAN, 0, 0, 0]), "initial_state must be finite"),
    "state of wrong size": (lambda p: p(*GOOD, [1, 0]), "initial_state must have shape (4,) or (batch, 4), got (2,)"),
    "state text": (lambda p: p(*GOOD, "0"), "initial_state must"),
    "cotangent of one axis": (lambda p: p.vjp(*GOOD, [1.0, 1.0]), "cotangent must have shape (3, 2), got (2,)"),
    "cotangent turned over": (lambda p: p.vjp(*GOOD, np.ones((2, 3))), "cotangent must have shape (3, 2), got (2, 3)"),
    "cotangent missing": (lambda p: p.vjp(*GOOD, None), "cotangent must have shape (3, 2), got ()"),
    "cotangent nan": (lambda p: p.vjp(*GOOD, np.full((3, 2), NAN)), "cotangent must be finite"),
    "cotangent complex": (lambda p: p.vjp(*GOOD, np.full((3, 2), 1j)), "real numbers, got dtype complex128"),
    "cotangent text": (lambda p: p.vjp(*GOOD, np.full((3, 2), "a")), "real numbers, got dtype <U1"),
    "shots zero": (lambda p: p.sample(*GOOD, shots=0), "shots must be a whole number of at least 1, got 0"),
    "shots a fraction": (lambda p: p.sample(*GOOD, shots=10.0), "shots must be a whole number of at least 1, got 10.0"),
    "seed negative": (lambda p: p.sample(*GOOD, shots=1, seed=-1), "seed must be a whole number of at least 0"),
    "seed text": (lambda p: p.sample(*GOOD, shots=1, seed="a"), "a numpy Generator or None, got 'a'"),
    "no residual": (lambda p: p.backward(None, np.ones((3, 2))), "the residual that forward of this same program"),
    "residual of another": (
        lambda p: p.backward(program([kw.Z(1), kw.Z(0)]).forward(*GOOD)[1], np.ones((3, 2))),
        "the residual that forward of this same program returned",
    ),
    "wanted unknown": (
        lambda p: p.backward(p.forward(*GOOD)[1], np.ones((3, 2)), wanted=("weights",)),
        "wanted must be a tuple of names out of params, features, initial_state, got ('weights',)",
    ),
    "wanted is text": (lambda p: p.vjp(*GOOD, np.ones((3, 2)), wanted="params"), "wanted must be a tuple of names out"),
    "wanted is None": (lambda p: p.vjp(*GOOD, np.ones((3, 2)), wanted=None), "wanted must be a tuple of names out of"),
    "wanted of a state in vjp": (
        lambda p: p.vjp(*GOOD, np.ones((3, 2)), wanted=("initial_state",)),
        "wanted must be a tuple of names out of params, features, got",
    ),
    "jacobian of wrong shape": (lambda p: p.jacobian([0.1], GOOD[1]), "params must have shape (2,)"),
}


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
@pytest.mark.parametrize(("call", "words"), CALLING.values(), ids=CALLING)
def test_calling(call, words, dtype):
    with pytest.raises(ValueError, match=re.escape(words)):
        call(program(dtype=dtype))
    works(program())


@pytest.mark.parametrize("name", ["params", "features"])
def test_surplus_values(name):
    p = kw.Circuit(1).x(0).compile(kw.Z(0))
    with pytest.raises(ValueError, match=rf"this circuit has no {name}: give None, got an array of shape \(1,\)"):
        p(**{name: [0.1]})
    # What has no values may say so with None or with nothing in an array.
    for nothing in (None, [], np.zeros((3, 0))):
        assert (p(**{name: nothing}) == -1).all()


def test_a_state_has_no_jacobian():
    with pytest.raises(TypeError, match="jacobian needs real outputs: ask for expectations, probabilities or overlaps"):
        program(kw.State()).jacobian(*GOOD)


def test_expectation_is_refused_by_a_program_of_something_else():
    with pytest.raises(TypeError, match="this program computes Probabilities: compile observables"):
        program(kw.Probabilities()).expectation(*GOOD)


def test_outputs_that_do_not_fit_are_refused_before_they_are_made():
    """Two million rows of 2**18 probabilities are 4 TiB, though the states need no more than a tile at a time."""
    wide = kw.Circuit(18).ry(x[0], 0)
    features = np.zeros((2_000_000, 1))
    for call in (
        lambda: wide.compile(kw.Probabilities())(None, features),
        lambda: wide.compile(kw.State())(None, features),
        lambda: wide.compile(kw.Z(0)).sample(None, features, shots=1),
    ):
        with pytest.raises(MemoryError, match=r"2000000 samples on 18 qubits needs .* can be used; the largest that"):
            call()
    assert wide.compile(kw.Z(0))(None, features[:2]).shape == (2, 1)


def test_lists_integers_and_other_layouts_are_welcome():
    p = program()
    expected = p(np.array([1.0, 2.0]), np.array([[3.0, 4.0], [5.0, 6.0]]))
    for params, features in [
        ([1, 2], [[3, 4], [5, 6]]),
        (np.array([1, 2], dtype=np.int8), np.array([[3, 4], [5, 6]], dtype=np.float32)),
        (np.array([1, 0, 2, 0])[::2], np.asfortranarray([[3.0, 4.0], [5.0, 6.0]])),
        (np.array([1.0, 2.0], dtype=object), np.array([[5.0, 6.0], [3.0, 4.0]])[::-1]),
    ]:
        np.testing.assert_array_equal(p(params, features), expected)


def test_inputs_are_left_alone():
    params, features = GOOD[0].copy(), GOOD[1].copy()
    state = np.tile(np.array([0.6, 0, 0.8j, 0]), (3, 1))
    given = [a.copy() for a in (params, features, state)]
    p = program()
    p.backward(p.forward(*given)[1], np.ones((3, 2)))
    for before, after in zip((params, features, state), given, strict=True):
        np.testing.assert_array_equal(before, after)
