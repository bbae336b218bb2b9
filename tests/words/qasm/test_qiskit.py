"""Qiskit reads what we write and we read what it writes, with the same unitary; its library files define our gates."""

import re
from pathlib import Path

import numpy as np
import pytest

import ketwise as kw
from ketwise.words.qasm.library import INCLUDES, STANDARD
from tests.words.qasm.unitaries import in_phase_with, sayable_circuit, unitary

qiskit = pytest.importorskip("qiskit")
qasm2 = pytest.importorskip("qiskit.qasm2")
qasm3 = pytest.importorskip("qiskit.qasm3")
Operator = pytest.importorskip("qiskit.quantum_info").Operator


def test_qiskit_reads_version_2():
    for seed in range(60):
        circuit, params, features = sayable_circuit(seed)
        theirs = Operator(qasm2.loads(kw.qasm.dumps(circuit, params, features, version=2))).data
        wanted = unitary(circuit, params, features)
        np.testing.assert_allclose(in_phase_with(theirs, wanted), wanted, rtol=0, atol=1e-9, err_msg=str(seed))


def test_qiskit_reads_version_3_to_the_phase():
    pytest.importorskip("qiskit_qasm3_import", reason="Qiskit reads version 3 through this package")
    for seed in range(40):
        circuit, params, features = sayable_circuit(seed)
        theirs = qasm3.loads(kw.qasm.dumps(circuit))
        assert len(theirs.parameters) == 5
        given = {p: (features if p.name[0] == "x" else params)[int(p.name[2:])] for p in theirs.parameters}
        wanted = unitary(circuit, params, features)
        found = Operator(theirs.assign_parameters(given)).data
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9, err_msg=str(seed))


def test_qiskits_own_reader_of_version_3_reads_the_common_gates():
    """It knows no modifiers, no gate definitions, no inputs and no global phase yet."""
    circuit = kw.Circuit(3).h(0).cx(0, 2).rx(0.3, 1).ry(-0.7, 2).rz(1e-5, 0).ccx(0, 1, 2).swap(0, 1).cp(0.4, 2, 0)
    circuit.crx(0.1, 0, 1).cry(0.2, 1, 2).crz(0.3, 2, 0).s(0).tdg(1).sx(2).cz(0, 1).cy(1, 2).x(0).y(1).z(2)
    with pytest.warns(qiskit.exceptions.ExperimentalWarning):
        theirs = Operator(qasm3.loads_experimental(kw.qasm.dumps(circuit))).data
    np.testing.assert_allclose(theirs, unitary(circuit), rtol=0, atol=1e-12)


@pytest.mark.parametrize("version", [2, 3])
def test_random_circuits_of_qiskit(version):
    """All of its standard gates on up to four qubits; those that the libraries lack come as definitions."""
    random_circuit = pytest.importorskip("qiskit.circuit.random").random_circuit
    for seed in range(40):
        theirs = random_circuit(1 + seed % 4, 4, max_operands=4, seed=seed)
        text = (qasm2 if version == 2 else qasm3).dumps(theirs)
        wanted = Operator(theirs).data
        found = unitary(kw.qasm.loads(text))
        np.testing.assert_allclose(in_phase_with(found, wanted), wanted, rtol=0, atol=1e-9, err_msg=str(seed))


def test_parameters_of_qiskit():
    """Qiskit's names are not ours: they become parameters in the order of declaration, or features where named."""
    x, t = qiskit.circuit.ParameterVector("x", 2), qiskit.circuit.Parameter("θ")
    theirs = qiskit.QuantumCircuit(2)
    theirs.rx(x[0] * t + 0.3, 0)
    theirs.rzz(t / 3 - x[1], 0, 1)
    text = qasm3.dumps(theirs)
    names = re.findall(r"input float\[64\] (\S+);", text)
    assert len(names) == 3
    values = {"_x_0_": 0.4, "_x_1_": -1.2, "θ": 0.9}
    bound = Operator(theirs.assign_parameters({x[0]: 0.4, x[1]: -1.2, t: 0.9})).data
    ours = kw.qasm.loads(text)
    assert (ours.n_params, ours.n_features) == (3, 0)
    assert ours.counts() == {"rx": 1, "rzz": 1}
    np.testing.assert_allclose(unitary(ours, [values[name] for name in names]), bound, rtol=0, atol=1e-12)
    split = kw.qasm.loads(text, features=["_x_1_", "_x_0_"])
    np.testing.assert_allclose(unitary(split, [0.9], [-1.2, 0.4]), bound, rtol=0, atol=1e-12)


def test_measured_circuits_of_qiskit():
    theirs = qiskit.QuantumCircuit(2)
    theirs.h(0)
    theirs.cx(0, 1)
    theirs.measure_all()
    for text in (qasm2.dumps(theirs), qasm3.dumps(theirs)):
        assert kw.qasm.loads(text) == kw.Circuit(2).h(0).cx(0, 1)


def library_text(version):
    return (Path(qiskit.__file__).parent / "qasm" / "libs" / INCLUDES[version]).read_text("utf-8")


@pytest.mark.parametrize("version", [2, 3])
def test_the_library_is_whole(version):
    assert set(re.findall(r"^gate (\w+)", library_text(version), re.MULTILINE)) == set(STANDARD[version])


@pytest.mark.parametrize(("version", "name"), [(v, name) for v in (2, 3) for name in STANDARD[v]])
def test_a_library_gate_is_what_the_librarys_text_says(version, name):
    """The text is read with our reader from U and CX up, without any gate of ours.

    In version 3 with the phase, except for CX: there the file takes U to have no phase of its own, against the rest of
    it. In version 2 nothing has a phase.
    """
    rng = np.random.default_rng(len(name))
    gate = STANDARD[version][name]
    for _ in range(2):
        angles = ", ".join(repr(float(angle)) for angle in rng.uniform(-6, 6, gate.n_angles))
        qubits = ", ".join(f"q[{q}]" for q in rng.permutation(gate.n_qubits))
        call = f"qreg q[{gate.n_qubits}]; {name}{f'({angles})' if angles else ''} {qubits};"
        spelled = unitary(kw.qasm.loads(f"OPENQASM {version}.0;\n{library_text(version)}\n{call}"))
        ours = unitary(kw.qasm.loads(f'OPENQASM {version}.0;\ninclude "{INCLUDES[version]}";\n{call}'))
        if version == 2:
            spelled = in_phase_with(spelled, ours)
        if version == 3 and name == "CX":
            cx = unitary(kw.qasm.loads(f'OPENQASM 3.0; include "stdgates.inc"; {call.replace("CX", "cx")}'))
            np.testing.assert_array_equal(ours, cx)
            continue
        np.testing.assert_allclose(ours, spelled, rtol=0, atol=1e-12)
