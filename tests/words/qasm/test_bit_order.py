"""Qubit q is bit q: circuits that look different from the other end, through our readers and writers and Qiskit's.

The states are written down by hand.
"""

import numpy as np
import pytest

import ketwise as kw

ANGLES = (0.3, 1.1, 2.5)
LADDER = kw.Circuit(3).ry(ANGLES[0], 0).ry(ANGLES[1], 1).ry(ANGLES[2], 2)


def basis(index):
    return np.eye(8)[index]


def ladder_state():
    """The amplitude of index i is a product of cosines for its zeros and sines for its ones, qubit q at bit q."""
    index = np.arange(8)
    return np.prod([np.where(index >> q & 1, np.sin(a / 2), np.cos(a / 2)) for q, a in enumerate(ANGLES)], axis=0)


CASES = {
    "X on qubit 0": (kw.Circuit(3).x(0), basis(1)),
    "X on qubit 1": (kw.Circuit(3).x(1), basis(2)),
    "X on qubit 2": (kw.Circuit(3).x(2), basis(4)),
    "RY ladder": (LADDER, ladder_state()),
    "CX from 0 to 2": (kw.Circuit(3).x(0).cx(0, 2), basis(5)),
    "open control": (kw.Circuit(3).x(0).x(2, {1: 0}), basis(5)),
    "matrix": (kw.Circuit(3).unitary(np.eye(4)[[1, 2, 3, 0]].T, 2, 0), basis(4)),
    "permutation": (kw.Circuit(3).permutation([3, 0, 1, 2, 4, 5, 6, 7], 1, 2, 0), basis(6)),
    "diagonal": (kw.Circuit(3).x(1).diagonal([1, 1j, -1, -1j], 1, 0), 1j * basis(2)),
    "Pauli word": (kw.Circuit(3).rotation(kw.Y(1) * kw.X(2), np.pi), basis(6)),
}
BY_CASE = pytest.mark.parametrize(("circuit", "state"), CASES.values(), ids=CASES.keys())
BY_VERSION = pytest.mark.parametrize("version", [2, 3])


def same_state(given, wanted, version):
    """Equal in version 3, and up to a phase in version 2, which has none."""
    if version == 2:
        assert abs(np.vdot(given, wanted)) == pytest.approx(1, abs=1e-12)
        given = given * (np.vdot(given, wanted))
    np.testing.assert_allclose(given, wanted, rtol=0, atol=1e-12)


@BY_VERSION
@BY_CASE
def test_written_and_read(circuit, state, version):
    read = kw.qasm.loads(kw.qasm.dumps(circuit, version=version))
    for backend in (kw.Native(), kw.Reference()):
        program = read.compile(kw.State(), backend=backend)
        same_state(program(), state, version)
        for row in program(None, None, np.tile(np.eye(8)[0], (3, 1))):  # in a batch
            same_state(row, state, version)


@BY_VERSION
@BY_CASE
def test_qiskit_reads_the_same(circuit, state, version):
    pytest.importorskip("qiskit")
    from qiskit import qasm2, qasm3
    from qiskit.quantum_info import Statevector

    if version == 3:
        pytest.importorskip("qiskit_qasm3_import", reason="Qiskit reads version 3 through this package")
    theirs = (qasm2 if version == 2 else qasm3).loads(kw.qasm.dumps(circuit, version=version))
    same_state(Statevector(theirs).data, state, version)


@BY_VERSION
@pytest.mark.parametrize("case", ["X on qubit 0", "X on qubit 1", "RY ladder", "CX from 0 to 2"])
def test_what_qiskit_writes_is_read_the_same(case, version):
    qiskit = pytest.importorskip("qiskit")
    theirs = qiskit.QuantumCircuit(3)
    if case == "RY ladder":
        for q, angle in enumerate(ANGLES):
            theirs.ry(angle, q)
    else:
        theirs.x(1 if case == "X on qubit 1" else 0)
        if case == "CX from 0 to 2":
            theirs.cx(0, 2)
    from qiskit import qasm2, qasm3

    text = (qasm2 if version == 2 else qasm3).dumps(theirs)
    same_state(kw.qasm.loads(text).compile(kw.State())(), CASES[case][1], version)


def test_registers_stand_in_the_order_of_their_declaration():
    circuit = kw.qasm.loads('OPENQASM 3; include "stdgates.inc"; qubit[2] b; bit[2] c; qubit a; x a; x b[1];')
    np.testing.assert_array_equal(circuit.compile(kw.State())(), basis(6))


def test_hardware_qubits_are_their_numbers():
    circuit = kw.qasm.loads('OPENQASM 3; include "stdgates.inc"; x $2; cx $2, $0;')
    np.testing.assert_array_equal(circuit.compile(kw.State())(), basis(5))
