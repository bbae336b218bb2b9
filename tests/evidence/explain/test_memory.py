"""What is said of a memory as champion: its storage counted by its circuit, its success by the formula, its bill."""

import numpy as np
import pandas as pd
import pytest

import ketwise as kw
from ketwise.blocks.memory import probabilistic_retrieval, probabilistic_storage
from ketwise.evidence.data.task import recognise
from ketwise.evidence.explain import memory as module
from ketwise.evidence.explain.diagnosis import diagnosis, diagnosis_alerts
from ketwise.evidence.explain.memory import memory_device, memory_remarks, recalled
from ketwise.evidence.models.memory_facts import is_quantum_memory, is_stored, storage_facts
from ketwise.evidence.trials.fitting import circuit_facts
from ketwise.learning.memory.quantum_methods import Kernel, Probabilistic

RNG = np.random.default_rng(3)
BITS = np.unique(RNG.integers(0, 2, (20, 6)), axis=0)
Y = np.arange(len(BITS)) % 2
PROBES = RNG.integers(0, 2, (31, 6)).astype(float)
B = 4


def fitted(method=None):
    return kw.AssociativeMemoryClassifier(method or Probabilistic(n_controls=B)).fit(BITS, Y)


def test_facts_are_those_of_the_circuits():
    facts = circuit_facts(fitted())
    storage = probabilistic_storage(BITS, n_controls=B, pattern_register=False, toffoli=True)
    assert facts["storage_gates"] == len(storage)
    assert storage.depth() <= facts["storage_depth"] <= len(storage)
    assert facts["n_qubits"] == storage.n_qubits == 6 + 2 + B
    assert (facts["n_patterns"], facts["n_bits"]) == BITS.shape
    dearest = probabilistic_retrieval(np.zeros(6), n_controls=B, pattern_register=False)
    assert facts["recall_gates"] == len(dearest)
    assert facts["operations"] == 4 * len(BITS)
    assert is_stored(facts)
    assert not is_stored({})
    assert not is_stored(circuit_facts(kw.QuantumKernelClassifier().fit(PROBES, np.arange(31) % 2)))


def test_levels_are_counted_as_bits():
    X = np.arange(12.0).reshape(6, 2)
    model = kw.AssociativeMemoryClassifier(Probabilistic(1), n_levels=4).fit(X, np.arange(6) % 2)
    assert storage_facts(model)["n_bits"] == 6


def test_success_is_that_of_the_formula_for_the_middle_row():
    found = recalled(fitted(), PROBES)
    distances = (BITS[None] != PROBES[:, None]).sum(axis=2)
    success = np.sort((np.cos(np.pi * distances / 12) ** (2 * B)).mean(axis=1))
    assert found["success"] == pytest.approx(success[15], rel=1e-9)
    assert found["repetitions"] == pytest.approx(1 / success[15], rel=1e-9)
    assert found["repetitions_worst"] == pytest.approx(1 / success[::-1][27], rel=1e-9)
    assert (found["probes"], found["n_controls"]) == (31, B)


def test_the_bill_counts_every_run_and_no_training():
    facts, found = storage_facts(fitted()), recalled(fitted(), PROBES)
    cost = memory_device(facts, found, shots=200)
    runs = round(200 * found["repetitions"])
    assert cost["train"] == {"circuits": 0, "shots": 0, "seconds": 0, "money": 0}
    one = cost["predict_one"]
    assert (one["circuits"], one["shots"]) == (1, runs)
    assert one["money"] == pytest.approx(0.30 + runs * 0.0009)
    layers = facts["storage_cx"] + facts["recall_gates"]
    assert one["seconds"] == pytest.approx(runs * (250e-6 + layers * 0.1e-6))
    assert cost["payable"] is True
    assert f"{facts['storage_cx']:,} CX on 12 qubits" in cost["says"]
    assert any("4 of the qubits are control qubits" in line for line in cost["assumptions"])
    assert diagnosis_alerts(None, cost) == []


def test_what_nobody_would_pay_or_wait_for_is_said_of_predicting(monkeypatch):
    facts, found = storage_facts(fitted()), recalled(fitted(), PROBES)
    dear = memory_device(facts, found | {"repetitions": 2e5})
    assert dear["payable"] is False
    (alert,) = diagnosis_alerts(None, dear)
    assert (alert.code, alert.title) == ("KW012", "Predicting on a device could not be paid")
    assert "To predict one row with the quantum champion" in alert.text
    monkeypatch.setattr(module, "PAYABLE_MONEY", 1e12)
    assert memory_device(facts, found | {"repetitions": 2e5})["payable"] is True
    assert memory_device(facts, found | {"repetitions": 2e7})["payable"] is False


def test_no_bill_for_what_never_answers_or_stores_nothing():
    facts, found = storage_facts(fitted()), recalled(fitted(), PROBES)
    assert memory_device(facts, found | {"repetitions": np.inf}) is None
    softmax = fitted(Kernel(beta=2.0))
    assert memory_device(storage_facts(softmax), recalled(softmax, PROBES)) is None
    assert recalled(softmax, PROBES)["n_controls"] == 0


def test_the_diagnosis_says_that_a_formula_does_as_well():
    found = diagnosis(fitted(), BITS, Y, recognise(pd.Series(Y, name="y")))
    assert [found[key] for key in ("kernel", "geometry", "gradient", "spectrum")] == [None] * 4
    assert found["remarks"] == memory_remarks(storage_facts(fitted()))
    assert found["remarks"][0].startswith("Classically exact and cheap")
    assert f"{4 * len(BITS)} elementary operations" in found["remarks"][0]
    assert diagnosis_alerts(found, None) == []


def test_which_memories_are_explained_like_this():
    X = RNG.normal(size=(8, 4))
    real = kw.AssociativeMemoryClassifier("amplitude", encoding="real").fit(X, np.arange(8) % 2)
    assert not is_quantum_memory(real)
    assert circuit_facts(real) == {}
    assert not is_quantum_memory(kw.AssociativeMemoryClassifier("nearest"))
    assert not is_quantum_memory(kw.AssociativeMemoryClassifier("hopfield"))
    assert not is_quantum_memory(kw.QuantumKernelClassifier())
    assert is_quantum_memory(kw.AssociativeMemoryClassifier("grover"))
