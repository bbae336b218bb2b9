"""What each statement of the language means, against circuits built by hand."""

import math

import numpy as np
import pytest

import ketwise as kw
from tests.words.qasm.unitaries import unitary

w, x = kw.params(4), kw.features(4)
HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[4] q;\n'
OLD = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[4];\ncreg c[4];\n'


def read(body, head=HEAD):
    return kw.qasm.loads(head + body)


@pytest.mark.parametrize(
    ("body", "circuit"),
    [
        ("h q[1];", kw.Circuit(4).h(1)),
        ("h q;", kw.Circuit(4).h(0).h(1).h(2).h(3)),
        ("h q[-1];", kw.Circuit(4).h(3)),
        ("h q[1:2];", kw.Circuit(4).h(1).h(2)),
        ("h q[0:2:3];", kw.Circuit(4).h(0).h(2)),
        ("h q[3:-1:2];", kw.Circuit(4).h(3).h(2)),
        ("h q[2:];", kw.Circuit(4).h(2).h(3)),
        ("h q[:1];", kw.Circuit(4).h(0).h(1)),
        ("h q[-2:-1];", kw.Circuit(4).h(2).h(3)),
        ("h q[{3, 0}];", kw.Circuit(4).h(3).h(0)),
        ("h q[1:3][1];", kw.Circuit(4).h(2)),
        ("cx q[0], q[1:3];", kw.Circuit(4).cx(0, 1).cx(0, 2).cx(0, 3)),
        ("cx q[0:1], q[3];", kw.Circuit(4).cx(0, 3).cx(1, 3)),
        ("cx q[0:1], q[2:3];", kw.Circuit(4).cx(0, 2).cx(1, 3)),
        ("let a = q[{2, 0}]; x a[0]; let b = a ++ q[3]; y b;", kw.Circuit(4).x(2).y(2).y(0).y(3)),
        ("let one = q[2]; x one;", kw.Circuit(4).x(2)),
        ("gphase(0.5);", kw.Circuit(4).gphase(0.5)),
        ("ctrl @ gphase(0.5) q[2];", kw.Circuit(4).p(0.5, 2)),
        ("negctrl @ gphase(0.5) q[2];", kw.Circuit(4).gphase(0.5, {2: 0})),
        ("ctrl @ x q[0], q[1];", kw.Circuit(4).cx(0, 1)),
        ("ctrl(2) @ x q[3], q[0], q[1];", kw.Circuit(4).ccx(3, 0, 1)),
        ("negctrl @ ctrl @ rx(1) q[3], q[0], q[1];", kw.Circuit(4).rx(1, 1, {3: 0, 0: 1})),
        ("ctrl @ cx q[2], q[1], q[0];", kw.Circuit(4).ccx(2, 1, 0)),
        ("ctrl @ x q[0], q[1:2];", kw.Circuit(4).cx(0, 1).cx(0, 2)),
        ("inv @ s q[0];", kw.Circuit(4).sdg(0)),
        ("inv @ rx(0.5) q[0];", kw.Circuit(4).rx(-0.5, 0)),
        ("inv @ ctrl @ t q[0], q[1];", kw.Circuit(4).append(kw.Circuit(1).tdg(0).ops[0].gate, [1], None, [0])),
        ("pow(2) @ rx(0.5) q[0];", kw.Circuit(4).rx(1.0, 0)),
        ("pow(-1) @ s q[0];", kw.Circuit(4).sdg(0)),
        ("pow(0.5) @ z q[0];", kw.Circuit(4).p(math.pi / 2, 0)),
        ("pow(0.5) @ x q[0];", kw.Circuit(4).sx(0)),
        ("ctrl @ pow(0.5) @ x q[1], q[0];", kw.Circuit(4).sx(0, [1])),
        ("pow(0.5) @ ctrl @ x q[1], q[0];", kw.Circuit(4).sx(0, [1])),
        ("pow(3) @ x q[0];", kw.Circuit(4).x(0)),
        ("pow(2) @ x q[0];", kw.Circuit(4)),
        ("pow(0) @ h q[0];", kw.Circuit(4)),
        ("gate g(a, b) s, t { rx(a - b) t; cx s, t; } g(3, 1) q[2], q[0];", kw.Circuit(4).rx(2, 0).cx(2, 0)),
        ("gate g s, t { x s; h t; } ctrl @ g q[0], q[1], q[2];", kw.Circuit(4).x(1, [0]).h(2, [0])),
        ("gate g s { h s; t s; } inv @ g q[0];", kw.Circuit(4).tdg(0).h(0)),
        ("gate g s { h s; t s; } pow(2) @ g q[0];", kw.Circuit(4).h(0).t(0).h(0).t(0)),
        ("gate g s { gphase(0.5); } ctrl @ g q[0], q[1];", kw.Circuit(4).p(0.5, 0)),
        ("gate g() s { } g q;", kw.Circuit(4)),
        ("gate f(a) s { rx(a/2) s; } gate g(b) s { f(2*b) s; } g(0.75) q[1];", kw.Circuit(4).rx(0.75, 1)),
        ("gate h s { x s; } h q[0];", kw.Circuit(4).x(0)),
        ("const int n = 3; const float a = pi/n; rx(a) q[n];", kw.Circuit(4).rx(math.pi / 3, 3)),
        ("float[64] a = 0.5; gate g s { rx(a) s; } g q[0];", kw.Circuit(4).rx(0.5, 0)),
        ("qubit r; h r;", kw.Circuit(5).h(4)),
        ("qreg r[2]; h r[1];", kw.Circuit(6).h(5)),
        ("barrier q; barrier; h q[0]; barrier q[0], q[1];", kw.Circuit(4).h(0)),
        ("reset q; h q[0];", kw.Circuit(4).h(0)),
        ("bit[4] c; h q[0]; c = measure q;", kw.Circuit(4).h(0)),
        ("bit[4] c = measure q;", kw.Circuit(4)),
        ("bit a; creg c[2]; h q[1]; a = measure q[1]; measure q[2:3] -> c; measure q[0]; h q[0];", None),
        ("output bit[2] c; measure q[0:1] -> c; h q[2];", kw.Circuit(4).h(2)),
        ("/* h q; */ x q[0]; // y q;\n;;", kw.Circuit(4).x(0)),
        ("id q[0]; phase(0.5) q[0]; cphase(0.5) q[0], q[1];", kw.Circuit(4).p(0.5, 0).cp(0.5, 0, 1)),
    ],
)
def test_statements(body, circuit):
    if circuit is None:
        with pytest.raises(ValueError, match="a gate after a measurement of its qubits"):
            read(body)
    else:
        assert read(body) == circuit


@pytest.mark.parametrize(
    ("body", "circuit"),
    [
        ("h q;", kw.Circuit(4).h(0).h(1).h(2).h(3)),
        ("CX q[0],q[1]; cx q[1],q[2];", kw.Circuit(4).cx(0, 1).cx(1, 2)),
        ("rx(1/2) q[0]; ry(-2^2) q[0]; rz(2^3^2) q[0];", kw.Circuit(4).rx(0.5, 0).ry(-4, 0).rz(512, 0)),
        ("gate g(a) s,t { cu1(a/2) s,t; } g(ln(exp(3))) q[0],q[3];", kw.Circuit(4).cp(1.5, 0, 3)),
        (
            "swap q[0],q[1]; ccx q[0],q[1],q[2]; cswap q[0],q[1],q[2];",
            kw.Circuit(4).swap(0, 1).ccx(0, 1, 2).cswap(0, 1, 2),
        ),
        ("rzz(0.5) q[0],q[1]; sxdg q[2];", kw.Circuit(4).rzz(0.5, 0, 1).sxdg(2)),
        ("barrier q,q[0]; measure q -> c;", kw.Circuit(4)),
        ("u0(1) q[0]; id q[0]; u1(0.5) q[0];", kw.Circuit(4).p(0.5, 0)),
    ],
)
def test_statements_of_version_2(body, circuit):
    assert read(body, OLD) == circuit


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2*3", 7), ("(1 + 2)*3", 9), ("2**3**2", 512), ("-2**2", -4), ("2**-1", 0.5), ("7 % 4", 3), ("-7 % 4", -3),
        ("6/3", 2), ("7.0/2", 3.5), ("1 - 2 - 3", -4), ("8/2/2", 2), ("- -1", 1), ("0x1F + 0b11 + 0o7 + 1_000", 1041),
        ("1e3", 1000), (".5", 0.5), ("5.", 5), ("1_0.5e-1", 1.05), ("π + pi", 2 * math.pi), ("τ - tau + euler - ℇ", 0),
        ("arccos(0.5)", math.acos(0.5)), ("arcsin(0.5)", math.asin(0.5)), ("arctan(0.5)", math.atan(0.5)),
        ("ceiling(1.2)", 2), ("floor(-1.2)", -2), ("cos(0.5)", math.cos(0.5)), ("sin(0.5)", math.sin(0.5)),
        ("tan(0.5)", math.tan(0.5)), ("exp(0.5)", math.exp(0.5)), ("log(0.5)", math.log(0.5)),
        ("sqrt(2)", math.sqrt(2)), ("mod(7, 4)", 3), ("mod(7.5, 2)", 1.5), ("popcount(13)", 3),
        ("pow(2, 0.5)", math.sqrt(2)), ("float(3)/2", 1.5), ("int[32](2.7)", 2), ("uint(7)", 7),
        ("angle[20](0.5)", 0.5), ("0**0 + (-1)**3", 0),
    ],
)  # fmt: skip
def test_expressions(text, value):
    circuit = read(f"rx({text}) q[0];")
    assert circuit == kw.Circuit(4).rx(value, 0)


@pytest.mark.parametrize(
    ("text", "angle"),
    [
        ("a", w[0]),
        ("-a", -w[0]),
        ("a*b - 2*a/4 + 1", w[0] * w[1] - w[0] / 2 + 1),
        ("(pi - a)**2", (math.pi - w[0]) ** 2),
        ("a**0", 1.0),
        ("a - a", 0.0),
        ("float[32](a)", w[0]),
        ("half + b", w[0] * 0.5 + w[1]),
        ("(a + b)*(a - b)", (w[0] + w[1]) * (w[0] - w[1])),
    ],
)
def test_polynomials_in_inputs(text, angle):
    head = HEAD.replace("qubit", "input float[64] a;\ninput angle b;\nconst float half = a/2;\nqubit")
    assert read(f"ry({text}) q[0];", head) == kw.Circuit(4, n_params=2).ry(angle, 0)
    assert read(f"gate g(a, s) t {{ ry(s) t; }} g(1, {text}) q[0];", head) == kw.Circuit(4, n_params=2).ry(angle, 0)


def test_which_inputs_are_features():
    ours = "input float[64] w_1; input float x_0; input float w_0; rx(w_1*x_0 - w_0) q[0];"
    assert read(ours) == kw.Circuit(4).rx(w[1] * x[0] - w[0], 0)
    assert kw.qasm.loads(HEAD + ours, features=[]) == kw.Circuit(4).rx(w[0] * w[1] - w[2], 0)
    assert kw.qasm.loads(HEAD + ours, features=["w_0"]) == kw.Circuit(4).rx(w[0] * w[1] - x[0], 0)
    gap = "input float w_1; input float x_0; rx(w_1*x_0) q[0];"  # w_0 is missing: names of somebody else
    assert read(gap) == kw.Circuit(4).rx(w[0] * w[1], 0)
    for features, words in (
        (["a"], "names 'a', which is no input; inputs are w_1, x_0"),
        ("w_1", "must be a sequence"),
    ):
        with pytest.raises(ValueError, match=words):
            kw.qasm.loads(HEAD + gap, features=features)


def test_inputs_that_nothing_uses_count():
    assert kw.qasm.loads("OPENQASM 3; input float x_0; input float x_1; input float w_0; qubit q;").n_features == 2


def u(theta, phi, lam):
    """The OpenQASM 3.0 specification's matrix of U."""
    half = np.exp(1j * theta / 2)
    c, s = half * np.cos(theta / 2), half * np.sin(theta / 2)
    return np.array([[c, -np.exp(1j * lam) * s], [np.exp(1j * phi) * s, np.exp(1j * (phi + lam)) * c]])


@pytest.mark.parametrize("angles", [(0.3, 1.1, -0.7), (0, 0.4, 0.5), (math.pi, 0, math.pi), (0, 0, 0), (-2.0, 0, 0)])
def test_u_has_the_specified_phase(angles):
    head = "OPENQASM 3.0;\nqubit q;\n"
    text = ", ".join(map(str, angles))
    np.testing.assert_allclose(unitary(kw.qasm.loads(f"{head}U({text}) q;")), u(*angles), atol=1e-15)
    controlled = unitary(kw.qasm.loads(f"OPENQASM 3.0;\nqubit[2] q;\nctrl @ U({text}) q[1], q[0];"))
    np.testing.assert_allclose(controlled[2:, 2:], u(*angles), atol=1e-15)
    np.testing.assert_allclose(controlled[:2, :2], np.eye(2), atol=1e-15)


def test_powers_of_whole_gates_are_principal():
    """Against SciPy's matrix power, on gates made of several and with -1 among the eigenvalues."""
    fractional = pytest.importorskip("scipy.linalg").fractional_matrix_power
    body = "gate g a, b { h a; cx a, b; rz(0.3) b; gphase(0.2); }"
    whole = unitary(read(f"{body} g q[0], q[1];"))
    for exponent in (0.5, -0.3, 1.7):
        found = unitary(read(f"{body} pow({exponent}) @ g q[0], q[1];"))
        np.testing.assert_allclose(found, fractional(whole, exponent), atol=1e-10)
    for name in ("x", "y", "h", "swap", "t", "sdg", "cx", "ccx"):
        qubits = ", ".join(f"q[{k}]" for k in range({"swap": 2, "cx": 2, "ccx": 3}.get(name, 1)))
        root = unitary(read(f"pow(1/4.0) @ {name} {qubits};"))
        np.testing.assert_allclose(np.linalg.matrix_power(root, 4), unitary(read(f"{name} {qubits};")), atol=1e-12)
        assert np.angle(np.linalg.eigvals(root)).max() < math.pi / 4 + 1e-9


def test_the_argument_of_minus_one_is_pi_however_it_was_rounded():
    """Conjugates of Z: their root is the conjugate of S, never of its inverse."""
    for angle in np.linspace(-3, 3, 61):
        body = f"gate g s {{ ry({angle}) s; rx(1) s; z s; rx(-1) s; ry({-angle}) s; }} pow(0.5) @ g q[0];"
        turned = kw.Circuit(1).ry(angle, 0).rx(1.0, 0)
        wanted = unitary(turned + kw.Circuit(1).s(0) + turned.inverse())
        np.testing.assert_allclose(unitary(read(body))[:2, :2], wanted, atol=1e-12)


def test_only_a_definition_that_spells_the_turn_becomes_one():
    body = "gate rzz(t) a, b {{ cx a, b; rz({}) b; cx a, b; }} rzz(0.5) q[0], q[1];"
    assert read(body.format("t")) == kw.Circuit(4).rzz(0.5, 0, 1)
    assert read(body.format("2*t")).counts() == {"cx": 2, "rz": 1}
    assert read("gate rzz(t) a, b { } rzz(0.5) q[0], q[1];") == kw.Circuit(4)
