"""What a program is: cached by structure, a snapshot of its circuit, the same after a copy or in another process."""

import copy
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine import native
from ketwise.program.backends import default
from ketwise.words.gates import Gate


def circuit():
    x, w = kw.features(1), kw.params(2)
    return kw.Circuit(2).ry(w[0] * x[0], 0).cx(0, 1).rz(w[1], 1).h(1)


def run(program):
    return program([0.3, 0.4], [0.7])


def test_equal_structures_share_one_program():
    assert circuit().compile(kw.Z(1)) is circuit().compile([kw.Z(1)])
    assert circuit().compile(kw.Z(1)) is not circuit().compile(kw.Z(1), dtype="complex64")
    assert circuit().compile(kw.Z(1)) is not circuit().compile(kw.Z(0))
    assert circuit().compile(kw.Z(1)) is not circuit().x(0).compile(kw.Z(1))


def test_the_cache_forgets_what_was_not_used_for_long():
    program = circuit().compile(kw.Z(1))
    for k in range(300):
        kw.Circuit(1).rx(float(k), 0).compile(kw.Z(0))
    assert circuit().compile(kw.Z(1)) is not program


def test_a_program_keeps_the_circuit_it_was_compiled_from():
    c = circuit()
    program = c.compile(kw.Z(1))
    before = run(program)
    c.x(1)
    np.testing.assert_array_equal(run(program), before)
    np.testing.assert_allclose(run(c.compile(kw.Z(1))), -before, atol=1e-15)


def test_a_circuit_taken_from_a_program_is_a_copy():
    program = circuit().compile(kw.Z(1))
    before = run(program)
    program.circuit.x(1).h(0)
    assert circuit().compile(kw.Z(1)) is program
    np.testing.assert_allclose(program.probabilities([0.3, 0.4], [0.7]).sum(), 1.0, atol=1e-14)
    np.testing.assert_array_equal(run(program), before)
    assert len(program.circuit) == 4


def test_programs_with_states_in_their_outputs_are_not_kept():
    states = np.eye(4)
    overlaps = [circuit().compile(kw.Overlap(states)) for _ in range(2)]
    assert overlaps[0] is not overlaps[1]
    np.testing.assert_array_equal(*map(run, overlaps))


def test_coefficients_beyond_single_precision_are_refused():
    with pytest.raises(ValueError, match="too large for complex64: use complex128"):
        circuit().compile(1e38 * kw.Z(0), dtype="complex64")
    program = circuit().compile(kw.Z(1), dtype="complex64")
    with pytest.raises(ValueError, match="cotangent must be finite in the precision of the program, complex64"):
        program.vjp([0.3, 0.4], [0.7], np.array([1e300]))


def test_copies_and_other_processes_give_the_same_bits():
    program = circuit().compile(kw.Z(1))
    np.testing.assert_array_equal(run(copy.deepcopy(program)), run(program))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        np.testing.assert_array_equal(pool.submit(run, program).result(timeout=60), run(program))


def test_a_forked_process_runs(monkeypatch):
    program = circuit().compile(kw.Z(1))
    expected = run(program)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking a test process that has threads
        with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
            np.testing.assert_array_equal(pool.submit(run, program).result(timeout=60), expected)


def test_without_a_native_build_the_reference_takes_over_with_one_warning(monkeypatch):
    monkeypatch.setattr(default, "instruction_sets", tuple)
    monkeypatch.delenv("KETWISE_REQUIRE_NATIVE", raising=False)
    default.default_backend.cache_clear()
    try:
        with pytest.warns(kw.NativeMissingWarning, match="Install a C\\+\\+ compiler .* apt install g\\+\\+") as caught:
            program = circuit().compile(kw.Z(1))
        kw.Circuit(1).compile(kw.Z(0))  # a second warning would be an error
        assert len(caught) == 1
        assert program.backend == kw.Reference()
        np.testing.assert_allclose(run(program), run(circuit().compile(kw.Z(1), backend=kw.Reference())))
    finally:
        default.default_backend.cache_clear()


def test_the_native_engine_can_be_required(monkeypatch):
    monkeypatch.setattr(default, "instruction_sets", tuple)
    monkeypatch.setenv("KETWISE_REQUIRE_NATIVE", "1")
    default.default_backend.cache_clear()
    try:
        with pytest.raises(ImportError, match="KETWISE_REQUIRE_NATIVE is set .* apt install"):
            kw.Circuit(1).compile(kw.Z(0))
    finally:
        default.default_backend.cache_clear()


def test_explain_counts_passes():
    if not native.instruction_sets():
        pytest.skip("the native engine was not built on this machine")
    text = circuit().compile(kw.Z(1)).explain(batch=16)
    assert "2 qubits, 4 operations, depth 4" in text
    assert "passes: 3;" in text
    assert "values and gradient of 16 samples: " in text
    assert "measured now, values and gradient: " in text


def test_explain_counts_the_operations_of_a_layer():
    """RY on every qubit: two products and sums a real number, two real numbers a place."""
    if not native.instruction_sets():
        pytest.skip("the native engine was not built on this machine")
    n = 6
    layer = kw.Circuit(n)
    for q in range(n):
        layer.ry(kw.params(n)[q], q)
    (cost,) = layer.compile(kw.Z(0))._plan.costs()
    assert cost[:3] == ("rotations", n, 2 * n * 2**n)


@pytest.mark.parametrize(
    "gate",
    [
        Gate("wide", 6, matrix=np.eye(64, dtype=complex)),
        Gate("short", 3, diagonal=np.ones(2, dtype=complex)),
        Gate("far", 1, permutation=np.array([0, 10**9])),
    ],
    ids=lambda gate: gate.name,
)
def test_a_hand_made_gate_that_contradicts_itself_is_refused(gate):
    """These once made the native engine read and write outside its arrays."""
    if not native.instruction_sets():
        pytest.skip("the native engine was not built on this machine")
    with pytest.raises(ValueError, match="more than 5 qubits|wrong size|leaves its range"):
        kw.Circuit(6).append(gate, range(gate.n_qubits)).compile(kw.Z(0))
