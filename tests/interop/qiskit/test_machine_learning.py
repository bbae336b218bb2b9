"""qiskit-machine-learning on our primitives and gradients gives what it gives on the stock ones."""

import numpy as np
import pytest

import ketwise as kw

pytest.importorskip("qiskit_machine_learning", reason='it is not installed: pip install "ketwise[qiskit]"')

from qiskit import ClassicalRegister, QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.circuit.library import real_amplitudes, zz_feature_map
from qiskit.primitives import StatevectorEstimator
from qiskit.quantum_info import SparsePauliOp
from qiskit_machine_learning.algorithms.classifiers import VQC
from qiskit_machine_learning.gradients import ParamShiftEstimatorGradient, ParamShiftSamplerGradient
from qiskit_machine_learning.kernels import FidelityQuantumKernel
from qiskit_machine_learning.neural_networks import EstimatorQNN, SamplerQNN
from qiskit_machine_learning.optimizers import L_BFGS_B
from qiskit_machine_learning.primitives import QMLEstimator, QMLSampler
from qiskit_machine_learning.state_fidelities import ComputeUncompute

TOLERANCE = 1e-10
RNG = np.random.default_rng(0)
X = RNG.normal(size=(4, 2))
FEATURE_MAP, ANSATZ = zz_feature_map(2, reps=1), real_amplitudes(2, reps=1)
WEIGHTS = RNG.normal(size=ANSATZ.num_parameters)
OBSERVABLES = [SparsePauliOp("IZ"), SparsePauliOp(["XI", "YY"], [0.5, 2.0])]
PARTS = {"input_params": list(FEATURE_MAP.parameters), "weight_params": list(ANSATZ.parameters)}
# SciPy, about how qiskit-machine-learning calls its optimisers; NumPy, about how it builds circuits.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def both(make_stock, make_ours, inputs=X) -> None:
    """Values and gradients by weights and by inputs agree."""
    stock, ours = make_stock(), make_ours()
    np.testing.assert_allclose(ours.forward(inputs, WEIGHTS), stock.forward(inputs, WEIGHTS), atol=TOLERANCE)
    for input_gradients in (False, True):
        stock.input_gradients = ours.input_gradients = input_gradients
        for a, b in zip(ours.backward(inputs, WEIGHTS), stock.backward(inputs, WEIGHTS), strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                np.testing.assert_allclose(a, b, atol=TOLERANCE)


@pytest.mark.parametrize("own_gradient", [True, False])
def test_estimator_qnn(own_gradient):
    settings = {"circuit": FEATURE_MAP.compose(ANSATZ), "observables": OBSERVABLES, "default_precision": 0.0, **PARTS}
    gradient = kw.qiskit.EstimatorGradient() if own_gradient else None
    both(
        lambda: EstimatorQNN(estimator=QMLEstimator(), **settings),
        lambda: EstimatorQNN(estimator=kw.qiskit.Estimator(), gradient=gradient, **settings),
    )


@pytest.mark.parametrize("own_gradient", [True, False])
def test_sampler_qnn(own_gradient):
    settings = {"circuit": FEATURE_MAP.compose(ANSATZ), "interpret": lambda x: x % 3, "output_shape": 3, **PARTS}
    gradient = kw.qiskit.SamplerGradient() if own_gradient else None
    both(
        lambda: SamplerQNN(sampler=QMLSampler(), **settings),
        lambda: SamplerQNN(sampler=kw.qiskit.Sampler(default_shots=None), gradient=gradient, **settings),
    )


@pytest.mark.parametrize("duplicates", ["all", "off_diagonal", "none"])
def test_fidelity_kernel(duplicates):
    stock, ours = (
        FidelityQuantumKernel(
            feature_map=FEATURE_MAP, fidelity=ComputeUncompute(sampler=sampler), evaluate_duplicates=duplicates
        )
        for sampler in (QMLSampler(), kw.qiskit.Sampler(default_shots=None))
    )
    np.testing.assert_allclose(ours.evaluate(X), stock.evaluate(X), atol=TOLERANCE)
    np.testing.assert_allclose(ours.evaluate(X, X[:2]), stock.evaluate(X, X[:2]), atol=TOLERANCE)
    local = ComputeUncompute(sampler=kw.qiskit.Sampler(default_shots=None), local=True)
    expected = ComputeUncompute(sampler=QMLSampler(), local=True)
    pair = ([FEATURE_MAP], [FEATURE_MAP], X[:1], X[1:2])
    np.testing.assert_allclose(local.run(*pair).result().fidelities, expected.run(*pair).result().fidelities)


def test_vqc_takes_the_same_steps():
    """With a gradient: COBYLA decides by a comparison of losses that are equal but for rounding."""
    labels, found = np.array([0, 1, 1, 0]), []
    for sampler in (QMLSampler(), kw.qiskit.Sampler(default_shots=None)):
        model = VQC(
            feature_map=FEATURE_MAP,
            ansatz=ANSATZ,
            sampler=sampler,
            optimizer=L_BFGS_B(maxiter=2),
            initial_point=WEIGHTS,
        )
        found.append(model.fit(X, labels).weights)
    assert np.abs(found[0] - WEIGHTS).max() > 0.1
    np.testing.assert_allclose(*found, atol=1e-6)


def test_gradients_of_several_circuits_observables_and_parameters():
    other = real_amplitudes(2, reps=2)
    circuits = [ANSATZ, other, ANSATZ, other, ANSATZ]
    observables = [OBSERVABLES[k % 2] for k in range(5)]
    values = [RNG.normal(size=c.num_parameters) for c in circuits]
    parameters = [None, [other.parameters[4], other.parameters[1]], list(ANSATZ.parameters[1:]), None, None]
    stock = ParamShiftEstimatorGradient(QMLEstimator()).run(circuits, observables, values, parameters).result()
    ours = kw.qiskit.EstimatorGradient().run(circuits, observables, values, parameters).result()
    for a, b in zip(ours.gradients, stock.gradients, strict=True):
        np.testing.assert_allclose(a, b, atol=TOLERANCE)
    assert ours.metadata == stock.metadata


def test_gradients_of_measured_registers():
    circuit = QuantumCircuit(2)
    circuit.add_register(ClassicalRegister(2, "c"))
    circuit.compose(ANSATZ, inplace=True)
    circuit.measure([0, 1], [1, 0])
    stock = ParamShiftSamplerGradient(QMLSampler()).run([circuit], [WEIGHTS]).result()
    ours = kw.qiskit.SamplerGradient().run([circuit], [WEIGHTS]).result()
    for a, b in zip(ours.gradients[0], stock.gradients[0], strict=True):
        states = range(4)
        np.testing.assert_allclose([a.get(s, 0.0) for s in states], [b.get(s, 0.0) for s in states], atol=TOLERANCE)
    wider = QuantumCircuit(2, 3)
    wider.compose(ANSATZ, inplace=True)
    wider.measure([0, 1], [2, 0])
    spread = kw.qiskit.SamplerGradient().run([wider], [WEIGHTS]).result().gradients[0]
    for a, b in zip(spread, ours.gradients[0], strict=True):
        assert a == {0: b[0], 1: b[1], 4: b[2], 5: b[3]}
    circuit.add_register(ClassicalRegister(1, "d"))
    with pytest.raises(ValueError, match="needs one classical register, the circuit has 2"):
        kw.qiskit.SamplerGradient().run([circuit], [WEIGHTS]).result()


def test_gradients_through_angles_that_are_no_polynomials():
    """Against central differences of the stock estimator: the stock gradient does not bind such expressions."""
    a, b = Parameter("a"), Parameter("b")
    circuit = QuantumCircuit(2)
    circuit.ry(a.sin() * b, 0)
    circuit.rx(b / (2 + a * a), 1)
    circuit.cx(0, 1)
    circuit.rz(a, 1)
    circuit.h(1)
    rows, step = np.array([[0.3, 0.8], [-1.0, 0.1], [2.0, -0.4]]), 1e-5
    found = kw.qiskit.EstimatorGradient().run([circuit] * 3, [OBSERVABLES[1]] * 3, rows).result().gradients
    for k in range(2):
        shift = step * np.eye(2)[k]
        ends = StatevectorEstimator().run([(circuit, OBSERVABLES[1], rows + s * shift) for s in (1, -1)]).result()
        slopes = (ends[0].data.evs - ends[1].data.evs) / (2 * step)
        np.testing.assert_allclose(np.array(found)[:, k], slopes, atol=1e-8)
