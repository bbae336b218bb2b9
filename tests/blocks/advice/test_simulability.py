"""Sentences on what is classically easy: each stands exactly where its reason holds, which is computed here."""

import numpy as np
import pytest

from ketwise.blocks.advice.simulability import bond_bound, by_amplitudes, is_iqp, what_is_easy
from ketwise.blocks.encodings import ENCODINGS, Encoding, angle, basis, heisenberg, iqp, qaoa, reuploading, unary, zz
from ketwise.blocks.kernels import fidelity
from ketwise.words.angle import features
from ketwise.words.circuit import Circuit
from ketwise.words.observable import Z
from ketwise.words.outputs import State

RNG = np.random.default_rng(0)
AMPLITUDES = {"amplitude", "unary", "hamming_weight", "basis_superposition"}


def says(encoding, words):
    return any(words in sentence for sentence in what_is_easy(encoding))


@pytest.mark.parametrize("name", ENCODINGS)
def test_the_bond_bound_holds_for_states(name):
    encoding = ENCODINGS[name](5)
    n = encoding.n_qubits
    rows = RNG.uniform(0.1, 0.9, size=(2, 5))
    params = RNG.normal(size=encoding.n_params) if encoding.n_params else None
    bound = bond_bound(encoding.circuit)
    for state in encoding.compile(State())(params, rows):
        for cut in range(1, n):
            values = np.linalg.svd(state.reshape(2 ** (n - cut), 2**cut), compute_uv=False)
            assert (values > 1e-10).sum() <= bound
    assert bound <= 2 ** (n // 2)


def test_the_bond_bound_of_known_circuits():
    assert bond_bound(angle(6).circuit) == 1
    ghz = Circuit(6).h(0)
    for q in range(5):
        ghz.cx(q, q + 1)
    assert bond_bound(ghz) == 2
    assert bond_bound(Circuit(6).cx(0, 5)) == 2
    assert bond_bound(ghz + ghz.inverse()) == 4
    assert bond_bound(Circuit(4).swap(1, 2)) == 4
    assert bond_bound(Circuit(1).h(0)) == 1


@pytest.mark.parametrize("name", ENCODINGS)
def test_products_and_amplitudes_are_told(name):
    encoding = ENCODINGS[name](4)
    assert says(encoding, "states are products") == (encoding.circuit.n_two_qubit() == 0)
    assert by_amplitudes(encoding) == (name in AMPLITUDES)
    assert says(encoding.twin(), "states are products")
    assert says(encoding, "squared cosine") == (name in AMPLITUDES)
    assert not says(encoding.twin(), "squared cosine")


def layered(n):
    circuit = Circuit(n)
    for q in range(n):
        circuit.h(q)
    return circuit


@pytest.mark.parametrize(
    ("circuit", "expected"),
    [
        (iqp(3).circuit, True),
        (iqp(3, pairs="ring").circuit, True),
        (zz(2, repeats=1).circuit, True),
        (iqp(3, repeats=2).circuit, False),
        (angle(2).circuit, False),
        (reuploading(2).circuit, False),
        (layered(2).cz(0, 1).cp(0.3, 0, 1).t(0).s(1).diagonal([1, 1j], 0), True),
        (layered(2).cx(0, 1), False),
        (layered(2).h(0), False),
        (layered(2).rotation(Z(0) * Z(1), 0.4).x(0), False),
        (Circuit(2).h(0).rz(0.1, 1).h(1), False),  # a phase before its H
        (Circuit(2).h(0), False),
    ],
)
def test_iqp_is_recognised(circuit, expected):
    assert is_iqp(circuit) is expected


def test_an_iqp_kernel_is_a_mean_over_bit_strings():
    encoding, rows = iqp(4), RNG.normal(size=(2, 4))
    assert says(encoding, "IQP")
    assert not says(iqp(4, repeats=2), "IQP")
    assert not says(zz(4), "IQP")
    bits = (np.arange(16)[:, None] >> np.arange(4)) & 1
    spins = 1 - 2 * bits
    pairs = [(a, b) for a in range(4) for b in range(a + 1, 4)]
    phases = [spins @ x + sum(x[a] * x[b] * spins[:, a] * spins[:, b] for a, b in pairs) for x in rows]
    mean = np.exp(0.5j * (phases[0] - phases[1])).mean()
    assert fidelity(encoding, rows)[0, 1] == pytest.approx(abs(mean) ** 2, abs=1e-14)


def test_clifford_is_said_where_all_gates_are_at_quarter_turns():
    assert says(qaoa(3), "Clifford")
    assert says(zz(3), "Clifford")
    assert not says(heisenberg(3), "Clifford")  # its initial states are not stabilisers
    assert not says(Encoding("t", Circuit(2).t(0).cx(0, 1).rx(features(1)[0], 0)), "Clifford")
    assert says(Encoding("s", Circuit(2).rz(np.pi / 2, 0).cx(0, 1).rx(features(1)[0], 0)), "Clifford")
    assert not says(Encoding("crx", Circuit(2).crx(features(1)[0], 0, 1)), "Clifford")


def test_groups_and_few_gates_are_told():
    two = Circuit(6).rzz(features(2)[0], 0, 1).rzz(features(2)[1], 2, 3).h(4)
    assert says(Encoding("two", two), "groups of at most 2")
    line = iqp(8, pairs="linear")
    assert says(line, "bond dimension 2 is exact")
    assert not says(reuploading(4, layers=3), "bond dimension")


def test_nothing_is_claimed_of_wide_circuits_without_structure():
    wide = ENCODINGS["qaoa"](40, layers=30)
    assert not says(wide, "amplitudes, exactly")
    assert says(unary(8), "inner product")
    deep = Circuit(40)
    for _ in range(30):
        for q in range(40):
            deep.rx(features(1)[0], q).crx(features(1)[0], q, (q + 7) % 40)
    assert what_is_easy(Encoding("deep", deep)) == [
        "Nothing is known from its structure alone; 40 qubits are too many to hold every amplitude."
    ]
    assert says(basis(40), "at any number of qubits")
