"""What is refused says where, what and what to do; short texts cannot ask for long work."""

import time

import pytest

import ketwise as kw
from ketwise.words.qasm import values
from ketwise.words.qasm.tokens import MAX_CHARACTERS

HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float a;\nqubit[4] q;\n'
OLD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4];\n'


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("rx(1e99999) q[0];", "line 5, column 4: a number must be finite, got inf"),
        ("rx(1e300*1e300) q[0];", "line 5, column 9: a number must be finite"),
        ("rx(1/0) q[0];", "line 5, column 5: division by zero"),
        ("rx(1/2) q[0];", "line 5, column 5: 1/2 divides whole numbers and would drop the rest; write 1.0/2"),
        ("rx(99999999999999999999) q[0];", "column 4: a whole number must fit into 64 bits"),
        ("rx(2**64) q[0];", "column 5: a whole number must fit into 64 bits"),
        ("rx(sqrt(-1)) q[0];", "column 4: sqrt.-1. has no real value"),
        ("rx((-2)**0.5) q[0];", r"column 8: -2\*\*0.5 has no real value; write another number"),
        ("rx(sin(a)) q[0];", "column 4: the argument of sin must be known when the text is read"),
        ("rx(1/a) q[0];", "column 5: an angle must be a polynomial in the inputs"),
        ("rx(a**0.5) q[0];", "column 5: an input can be raised to whole powers"),
        ("rx(a**65) q[0];", "column 5: an input can be raised to whole powers from 0 to 64"),
        ("rx(b) q[0];", "column 4: 'b' has no value here; declare it with input or const"),
        ("rx(cos()) q[0];", "cos needs an argument"),
        ("rx(mod(1)) q[0];", "mod takes 2 arguments, got 1"),
        ("rx(10ns) q[0];", "column 4: '10ns. q.0.' is no number; durations and imaginary numbers are not read"),
        ("rx q[0];", "column 1: rx takes 1 angle, got 0"),
        ("h(1) q[0];", "column 1: h takes 0 angles, got 1"),
        ("h q[0], q[1];", "column 1: this gate takes 1 qubit, got 2"),
        ("ctrl @ h q[0];", "this gate takes 2 qubits, 1 of them controls, got 1"),
        ("ctrl(0) @ h q[0];", "ctrl needs at least one control, got 0"),
        ("ctrl(1.5) @ h q[0];", "the number of ctrl must be a whole number, got 1.5"),
        ("ctrl(a) @ h q[0];", "the number of ctrl must be known when the text is read"),
        ("pow @ h q[0];", "expected '\\(' after pow, found '@'"),
        ("pow(0.5) @ rx(a) q[0];", "pow.0.5. of a gate that depends on an input is no polynomial in it"),
        ("cx q[0], q[0];", "column 1: a qubit is given twice"),
        ("ctrl(2) @ x q[0], q[0], q[1];", "a qubit is given twice"),
        ("cx q[0:1], q[1:3];", "registers of 2 and 3 qubits do not go together"),
        ("h q[4];", "column 4: index 4 is out of range: there are 4, 0 to 3"),
        ("h q[-5];", "index -5 is out of range"),
        ("h q[2:7];", "the range selects nothing or goes beyond the 4 there are"),
        ("h q[3:1];", "the range selects nothing"),
        ("h q[0:0:2];", "the step of a range first:step:last must not be zero"),
        ("h q[0.5];", "an index must be a whole number, got 0.5"),
        ("h q[0][0];", "a single qubit or bit has no index"),
        ("h p;", "column 3: 'p' is not the name of a qubit; declared are q"),
        ("h a;", "'a' is not the name of a qubit"),
        ("foo q[0];", "column 1: there is no gate 'foo'; define it above"),
        ("rzz(1) q[0], q[1];", "there is no gate 'rzz'; define it above"),
        ("h q[0]", "line 5, column 7: expected ';' after the qubits, found the end of the text"),
        ("h q[0]; qubit q;", "column 15: 'q' is declared already; choose another name"),
        ("qubit[0] r;", "a size must be from 1 to 10000, got 0"),
        ("qubit[1000000000] r;", "a size must be from 1 to 10000"),
        ("qubit[9999] r;", "a program may have 10000 qubits at most"),
        ("h $0;", "qubits are either declared or written \\$0"),
        ("input int n;", "an input must be of type float or angle"),
        ("input array[float, 3] v;", "an input must be of type float or angle"),
        ("int n = 2.5;", "an int must be a whole number, got 2.5"),
        ("const n = 2;", "a value must be of type int, uint, float, angle, got 'n'"),
        ("let b = q[0] ++ q;", "an alias has a qubit twice"),
        ("gate g s { g s; }", "there is no gate 'g'"),
        ("gate g s, s { }", "a name stands for two angles or qubits"),
        ("gate g s { h t; }", "'t' is no qubit of this gate, those are s"),
        ("gate g s { h s[0]; }", "expected ',' between qubits, found '\\['"),
        ("gate g s { h s; } gate g s { }", "gate 'g' is defined already"),
        ("gate U s { }", "gate 'U' is defined already"),
        ("gate g s { rx(t) s; }", "'t' has no value here"),
        ("gate g s { measure s; }", "there is no gate 'measure'"),
        ("measure q[0]; h q[0];", "a gate after a measurement of its qubits is not read"),
        ("h q[0]; reset q[0];", "reset after a gate is not read"),
        ("bit[2] c; c = measure q;", "4 qubits do not go into 2 bits"),
        ("bit c; c = 1;", "bits take results of measurements only"),
        (
            "bit c; if (c) h q[0];",
            "control flow is not read: a Circuit is one fixed sequence of gates; write the gates",
        ),
        ("for int i in [0:3] { h q[i]; }", "control flow is not read"),
        ("while (true) { }", "control flow is not read"),
        ("def f(qubit r) { }", "subroutines are not read"),
        ("defcal h $0 { }", "pulses are not read"),
        ("delay[10ns] q;", "timing is not read"),
        ("box { h q[0]; }", "timing is not read"),
        ("bool b = true;", "values of this type are not read"),
        ("opaque g q;", "a gate without a definition cannot be simulated"),
        ("#pragma keep", "pragmas are not read"),
        ("@tag h\nh q[0];", "annotations are not read"),
        ('include "/etc/passwd";', 'include "stdgates.inc" is the only one that is read, no file is opened'),
        ('include "qelib1.inc";', 'include "stdgates.inc" is the only one'),
        ("h q[0]; /* ", "column 9: this comment has no end"),
        ('h q[0]; "', "this string has no end"),
        ("h q[0]; \\", "the character .* has no meaning here"),
        ("\n\n  h q[9];", "line 7, column 6: index 9"),
    ],
)
def test_refused(body, message):
    with pytest.raises(ValueError, match=message) as caught:
        kw.qasm.loads(HEAD + body)
    assert str(caught.value).startswith("line ")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("inv @ h q[0];", "there is no gate 'inv'"),
        ("qubit r;", "there is no gate 'qubit'"),
        ("input float a;", "there is no gate 'input'"),
        ("gphase(1);", "there is no gate 'gphase'"),
        ("if (c == 1) x q[0];", "control flow is not read"),
        ("opaque g q;", "a gate without a definition"),
        ("rx(arccos(0)) q[0];", "'arccos' has no value here; functions are cos, exp, ln"),
        ("rx(5 % 3) q[0];", "expected ',' between angles, found '%'"),
        ("rx(tau) q[0];", "'tau' has no value here"),
        ('include "stdgates.inc";', 'include "qelib1.inc" is the only one'),
    ],
)
def test_refused_in_version_2(body, message):
    with pytest.raises(ValueError, match=message):
        kw.qasm.loads(OLD + body)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1, column 1: a program begins with its version"),
        ("qubit q;", "a program begins with its version"),
        ("OPENQASM 4.0; qubit q;", "versions 2 and 3 are read, not 4.0"),
        ("OPENQASM 3.0;", "the program has no qubits"),
        ("OPENQASM 3.0; qubit q; h q;", "there is no gate 'h'; write include \"stdgates.inc\"; above it"),
        (" " * (MAX_CHARACTERS + 1), "the text has 10,000,001 characters"),
    ],
)
def test_refused_as_a_whole(text, message):
    with pytest.raises(ValueError, match=message):
        kw.qasm.loads(text)


def test_only_text_is_read():
    with pytest.raises(TypeError, match="takes the text of a program as str, got bytes"):
        kw.qasm.loads(b"OPENQASM 3.0;")


INPUTS = "".join(f"input float i{k};" for k in range(12))
SUM = "+".join(f"i{k}" for k in range(12))
DOUBLED = "gate g0 s { %s }" + "".join(f"gate g{k + 1} s {{ g{k} s; g{k} s; }}" for k in range(40)) + " g40 q[0];"
BOMBS = {
    "gates that double": DOUBLED % "h s;",
    "empty gates that double": DOUBLED % "",
    "gates in gates": "".join(f"gate g{k} s {{ {f'g{k - 1}' if k else 'h'} s; }}" for k in range(100)),
    "many on many": "qubit[9000] r;" + "h r;" * 1000,
    "polynomials": f"{INPUTS} const float s = {SUM};" + "rx(s**2 + s) q;" * 30_000,
    "terms": f"{INPUTS} rx(({SUM})**5) q;",
    "degrees": "gate g0(t) s { rx(t) s; }"
    + "".join(f"gate g{k + 1}(t) s {{ g{k}(t*t) s; }}" for k in range(40))
    + "g40(a) q;",
    "powers": "gate g s { h s; x s; } pow(999999999999999999) @ g q[0];",
    "powers of powers": "gate g s { h s; x s; }" + "pow(2) @ " * 40 + "g q[0];",
    "roots": "qubit[5] r; gate g s, t, u, v, w { h s; cx s, t; cx t, u; cx u, v; cx v, w; }"
    + "pow(0.5) @ g r[0], r[1], r[2], r[3], r[4];" * 3000,
    "a long sum": "rx(" + "1+" * 1_000_000 + "1) q;",
    "brackets": "rx(" + "(" * 1_000_000,
    "signs": "rx(" + "-" * 1_000_000 + "1) q;",
    "aliases": "qubit[9000] r;" + "".join(f"let l{k} = r[0:8999];" for k in range(1000)),
    "controls": "ctrl @ " * 100_000 + "x q[0];",
    "a large number of controls": "ctrl(999999999999999999) @ x q[0];",
}


BY_BOMB = pytest.mark.parametrize("body", BOMBS.values(), ids=BOMBS.keys())


@BY_BOMB
def test_short_texts_cannot_ask_for_long_work(body, monkeypatch):
    """With a fortieth of the steps, so that the test is short."""
    monkeypatch.setattr(values, "MAX_STEPS", values.MAX_STEPS // 40)
    started = time.process_time()
    with pytest.raises(ValueError, match="line 5, column"):
        kw.qasm.loads(HEAD + body)
    assert time.process_time() - started < 5


@pytest.mark.long
@BY_BOMB
def test_short_texts_cannot_ask_for_long_work_with_all_steps(body):
    started = time.process_time()
    with pytest.raises(ValueError, match="line 5, column"):
        kw.qasm.loads(HEAD + body)
    assert time.process_time() - started < 60
