"""Estimator and Sampler give what Qiskit's StatevectorEstimator and StatevectorSampler give, in fewer calls."""

import copy

import numpy as np
import pytest

import ketwise as kw
from ketwise.program.program import Program

pytest.importorskip("qiskit", reason='Qiskit is not installed: pip install "ketwise[qiskit]"')

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter, ParameterVector
from qiskit.circuit.library import real_amplitudes, zz_feature_map
from qiskit.primitives import BaseEstimatorV2, BaseSamplerV2, StatevectorEstimator, StatevectorSampler
from qiskit.quantum_info import Pauli, SparseObservable, SparsePauliOp, Statevector

from tests.interop.qiskit.circuits import asymmetric

TOLERANCE = 1e-12
SEEDS = [7, np.random.default_rng(3)]


@pytest.fixture
def calls(monkeypatch) -> list[int]:
    """The number of rows of every call of the engine."""
    rows: list[int] = []
    run = Program.__call__

    def counted(self, params=None, features=None, initial_state=None):
        result = run(self, params, features, initial_state)
        rows.append(len(np.atleast_2d(result)))
        return result

    monkeypatch.setattr(Program, "__call__", counted)
    return rows


def model(n_qubits: int = 3) -> QuantumCircuit:
    return zz_feature_map(n_qubits, reps=1).compose(real_amplitudes(n_qubits, reps=1))


def agree(pubs, **settings) -> None:
    theirs = StatevectorEstimator().run(pubs, **settings).result()
    ours = kw.qiskit.Estimator().run(pubs, **settings).result()
    assert len(theirs) == len(ours)
    for a, b in zip(theirs, ours, strict=True):
        assert a.data.evs.shape == b.data.evs.shape == b.data.shape
        np.testing.assert_allclose(b.data.evs, a.data.evs, rtol=0, atol=TOLERANCE)
        np.testing.assert_array_equal(b.data.stds, a.data.stds)
        assert a.metadata == b.metadata
    assert theirs.metadata == ours.metadata


def test_they_are_what_qiskit_asks_for():
    assert isinstance(kw.qiskit.Estimator(), BaseEstimatorV2)
    assert isinstance(kw.qiskit.Sampler(), BaseSamplerV2)


@pytest.mark.parametrize("number", range(3))
def test_which_qubit_is_which(number):
    theirs, _ = asymmetric()[number]
    n = theirs.num_qubits
    words = ["I" * (n - 1 - q) + "Z" + "I" * q for q in range(n)] + ["".join("XYZI"[: n - 1]) + "Z"]
    agree([(theirs, word) for word in words])
    agree([(theirs, words)])
    measured = theirs.copy()
    measured.measure_all()
    exact = kw.qiskit.Sampler(default_shots=None).run([measured]).result()[0].data.meas.get_probabilities()
    expected = Statevector(theirs).probabilities_dict()
    assert exact.keys() == {word for word, p in expected.items() if p > 1e-15}
    assert exact == pytest.approx({word: expected[word] for word in exact}, abs=TOLERANCE)
    counts = kw.qiskit.Sampler(seed=5).run([measured]).result()[0].data.meas.get_counts()
    assert counts == StatevectorSampler(seed=5).run([measured]).result()[0].data.meas.get_counts()


def test_which_qubit_is_which_in_a_batch():
    """An RY ladder whose angles are swept: every qubit has another angle in every row."""
    angles = ParameterVector("a", 4)
    theirs = QuantumCircuit(4)
    for q in range(4):
        theirs.ry(angles[q], q)
    for q in range(3):
        theirs.cx(q, q + 1)
    sweep = np.arange(20.0).reshape(5, 4) / 7
    agree([(theirs, [["IIIZ"], ["IIZI"], ["IXZI"], ["ZIII"]], sweep)])
    theirs.measure_all()
    ours = kw.qiskit.Sampler(seed=1).run([(theirs, sweep)]).result()[0].data.meas
    np.testing.assert_array_equal(
        ours.array, StatevectorSampler(seed=1).run([(theirs, sweep)]).result()[0].data.meas.array
    )


def test_observables_and_bindings_broadcast(calls):
    circuit = model()
    values = np.random.default_rng(0).normal(size=(2, 5, circuit.num_parameters))
    column = [[SparsePauliOp("ZIX")], [SparsePauliOp(["XXI", "IIZ"], [0.3, 0.7])], [Pauli("IYI")]]
    agree([(circuit, column, values[0])])
    assert calls == [5]
    agree([(circuit, column[0] * 5, values), (circuit, column[0][0], values[0, 0]), (circuit, "ZZZ", values)])
    agree([(circuit, [{"XXX": 0.4, "ZII": 2.0}, "IIZ"], values[0, 0])])


def test_bindings_by_name():
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(1)
    circuit.rx(b, 0)
    circuit.rz(a * b, 0)
    agree([(circuit, "Y", {"b": [0.1, 0.2], "a": [1.0, 2.0]})])
    agree([(circuit, "Y", {(b, a): [[0.1, 1.0], [0.2, 2.0], [0.3, 3.0]]})])


def test_one_parameter_with_and_without_an_axis():
    a = Parameter("a")
    circuit = QuantumCircuit(1)
    circuit.rx(a, 0)
    for values in ([0.1], [[0.1], [0.2]], [0.1, 0.2, 0.3]):
        agree([(circuit, "Z", values)])


def test_no_parameters_and_no_bindings():
    circuit = QuantumCircuit(2)
    circuit.h(0)
    agree([(circuit, "XZ"), (circuit, ["XZ", "IX"])])
    sweep = kw.qiskit.Estimator().run([(model(2), "ZZ", np.zeros((0, model(2).num_parameters)))]).result()
    assert sweep[0].data.evs.shape == (0,)


def test_many_pubs_of_one_structure_are_one_call(calls):
    rng = np.random.default_rng(1)
    circuits = [model(), model(), model()]
    renamed = model().assign_parameters(ParameterVector("other", model().num_parameters))
    pubs = [(circuits[k % 3], "ZIX", rng.normal(size=circuits[0].num_parameters)) for k in range(30)]
    pubs += [(renamed, "ZIX", pubs[0][2])]
    kw.qiskit.Estimator().run(pubs).result()
    assert calls == [30]  # the last pub's row is the first one's
    del calls[:]
    kw.qiskit.Estimator().run([*pubs, (QuantumCircuit(3), "ZIX", [])]).result()
    assert calls == [30, 1]
    agree(pubs)


def test_rows_that_differ_in_one_parameter_only(calls):
    circuit = model()
    shifted = 0.3 + np.eye(circuit.num_parameters)
    agree([(circuit, "ZIX", row) for row in shifted] + [(circuit, "ZIX", shifted)])
    assert calls == [circuit.num_parameters]


def test_pubs_of_one_structure_and_other_observables():
    rng = np.random.default_rng(1)
    circuit = model()
    words = ["ZIX", "XII", "IIY"]
    agree([(circuit, words[k % 3], rng.normal(size=(1 + k % 2, circuit.num_parameters))) for k in range(12)])


@pytest.mark.parametrize("seed", SEEDS, ids=["int", "Generator"])
def test_the_same_seed_gives_the_same_noise(seed):
    circuit = model()
    values = np.random.default_rng(0).normal(size=(2, 5, circuit.num_parameters))
    pubs = [(circuit, [["ZIX"], ["IYI"]], values[0]), (circuit, "ZZZ", values[0, 0], 0.5), (circuit, "IIZ", values)]
    theirs = StatevectorEstimator(seed=copy.deepcopy(seed)).run(pubs, precision=0.1).result()
    ours = kw.qiskit.Estimator(seed=copy.deepcopy(seed), default_precision=0.1).run(pubs).result()
    for a, b in zip(theirs, ours, strict=True):
        np.testing.assert_allclose(a.data.evs, b.data.evs, rtol=0, atol=TOLERANCE)
        assert a.metadata == b.metadata
    exact = kw.qiskit.Estimator().run([pubs[0]]).result()[0].data.evs
    assert np.abs(exact - ours[0].data.evs).max() > 0.01


def registers() -> QuantumCircuit:
    """Two registers of different widths, bits measured out of order, some not at all, one measured over."""
    alpha, beta = ClassicalRegister(2, "alpha"), ClassicalRegister(11, "beta")
    theirs = QuantumCircuit(QuantumRegister(2), QuantumRegister(1), beta, alpha)
    theirs.compose(model(), inplace=True)
    theirs.measure(0, alpha[0])
    theirs.measure([2, 0, 1, 2], [alpha[0], beta[9], alpha[1], beta[0]])
    return theirs


@pytest.mark.parametrize("seed", SEEDS, ids=["int", "Generator"])
def test_the_same_seed_gives_the_same_shots(seed, calls):
    theirs = registers()
    values = np.random.default_rng(0).normal(size=(2, 5, theirs.num_parameters))
    pubs = [(theirs, values), (theirs, values[0, 0], 50), (theirs, values[1])]
    a = StatevectorSampler(seed=copy.deepcopy(seed)).run(pubs, shots=200).result()
    b = kw.qiskit.Sampler(seed=copy.deepcopy(seed), default_shots=200).run(pubs).result()
    assert calls == [10]
    for x, y in zip(a, b, strict=True):
        assert x.data.shape == y.data.shape
        assert x.metadata == y.metadata
        for name in ("alpha", "beta"):
            np.testing.assert_array_equal(x.data[name].array, y.data[name].array)
            assert x.data[name].num_bits == y.data[name].num_bits
        np.testing.assert_array_equal(x.join_data().array, y.join_data().array)


def test_shots_without_a_seed_differ():
    theirs = QuantumCircuit(1)
    theirs.h(0)
    theirs.measure_all()
    first, second = (kw.qiskit.Sampler().run([theirs], shots=100).result()[0].data.meas.array for _ in range(2))
    assert not np.array_equal(first, second)


def test_exact_probabilities_of_registers_and_their_joint():
    theirs = registers()
    values = np.random.default_rng(0).normal(size=(3, theirs.num_parameters))
    result = kw.qiskit.Sampler(default_shots=None).run([(theirs, values)]).result()[0]
    assert result.metadata["shots"] is None
    assert result.data.alpha.shape == (3,)
    for row in range(3):
        # alpha holds qubits 2 and 1, beta holds 2 at its lowest bit and 0 at its tenth.
        state = Statevector(model().assign_parameters(values[row]))
        expected = state.probabilities_dict([2, 1])
        assert result.data.alpha.get_counts(row) == pytest.approx(expected, abs=TOLERANCE)
        expected = {f"0{key[0]}00000000{key[1]}": p for key, p in state.probabilities_dict([2, 0]).items()}
        assert result.data.beta[row].get_counts() == pytest.approx(expected, abs=TOLERANCE)
        joint = result.join_data()[row].get_probabilities()
        # beta comes first in the circuit, so that alpha stands left of it.
        expected = {f"{k[1]}{k[0]}0{k[2]}00000000{k[0]}": p for k, p in state.probabilities_dict().items()}
        assert joint == pytest.approx(expected, abs=TOLERANCE)
    assert result.join_data(["alpha"]).num_bits == 2
    with pytest.raises(ValueError, match="names must be registers"):
        result.join_data(["gamma"])


def test_a_register_wider_than_an_integer():
    theirs = QuantumCircuit(2, 70)
    theirs.x(1)
    theirs.measure([0, 1], [3, 66])
    expected = "000" + "1" + "0" * 66
    assert kw.qiskit.Sampler(default_shots=None).run([theirs]).result()[0].data.c.get_counts() == {expected: 1.0}
    assert kw.qiskit.Sampler(default_shots=5).run([theirs]).result()[0].data.c.get_counts() == {expected: 5}


def test_angles_that_are_no_polynomials():
    """Qiskit evaluates them; circuits that differ in the parameters of such an angle are not taken for one another."""
    a, b, c = Parameter("a"), Parameter("b"), Parameter("c")
    one, two = QuantumCircuit(2), QuantumCircuit(2)
    for circuit, other in ((one, c), (two, a)):
        circuit.ry((b.sin() + 2) / (1 + b**2), 0)
        circuit.rx(other * b.cos(), 1)
        circuit.cx(0, 1)
        circuit.rz(b, 1)
        circuit.h(1)
    values = np.random.default_rng(2).normal(size=(4, 2))
    agree([(one, ["ZZ", "IX", "ZI", "YI"], values), (two, "ZZ", values), (one, "XX", values)])
    # Alike but for the place of b among the parameters, which only the function tells.
    one, two = QuantumCircuit(1), QuantumCircuit(1)
    for circuit, angles in ((one, (c, b)), (two, (b, a))):
        circuit.ry(b.sin(), 0)
        circuit.rx(angles[0], 0)
        circuit.rz(angles[1], 0)
    agree([(one, "X", values), (two, "X", values)])


def test_projectors_in_observables():
    circuit = model()
    values = np.full(circuit.num_parameters, 0.4)
    found = kw.qiskit.Estimator().run([(circuit, SparseObservable.from_list([("0+I", 1.0)]), values)]).result()
    state = Statevector(circuit.assign_parameters(values))
    expected = state.expectation_value(SparsePauliOp(["III", "ZII", "IXI", "ZXI"], [0.25] * 4)).real
    assert found[0].data.evs == pytest.approx(expected, abs=TOLERANCE)


def test_rows_in_several_calls_are_the_same(monkeypatch, calls):
    circuit = model()
    circuit.measure_all()
    values = np.random.default_rng(0).normal(size=(21, circuit.num_parameters))
    whole = kw.qiskit.Sampler(seed=1).run([(circuit, values)]).result()[0].data.meas.array
    monkeypatch.setattr("ketwise.program.interop.qiskit.batched.MAX_NUMBERS", 64)
    parts = kw.qiskit.Sampler(seed=1).run([(circuit, values)]).result()[0].data.meas.array
    assert calls == [21, 8, 8, 5]
    np.testing.assert_array_equal(whole, parts)


def test_faults_are_named_when_the_run_is_asked_for():
    circuit = model()
    values = np.zeros(circuit.num_parameters)
    for pub in [(circuit, "ZZ", values), (circuit, "ZZZ", values[1:]), (circuit, "ZZZ"), circuit]:
        with pytest.raises(ValueError) as theirs:
            StatevectorEstimator().run([pub])
        with pytest.raises(ValueError) as ours:
            kw.qiskit.Estimator().run([pub])
        assert str(ours.value) == str(theirs.value)
    with pytest.raises(ValueError, match="must be non-negative"):
        kw.qiskit.Estimator().run([(circuit, "ZZZ", values)], precision=-1.0)
    with pytest.raises(ValueError, match="shots must be positive"):
        kw.qiskit.Sampler().run([circuit], shots=0)
    with pytest.warns(UserWarning, match=r"add measure_all\(\)"):
        kw.qiskit.Sampler().run([(circuit, values)]).result()
    late = QuantumCircuit(1, 1)
    late.measure(0, 0)
    late.h(0)
    with pytest.raises(ValueError, match="Measure at the end only"):
        kw.qiskit.Sampler().run([late]).result()
    with pytest.raises(ValueError, match="finite"):
        kw.qiskit.Estimator().run([(circuit, "ZZZ", values * np.nan)]).result()
