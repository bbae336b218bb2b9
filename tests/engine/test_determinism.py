"""The same bits: alone or in any batch, on one thread or several, again and in another process."""

import concurrent.futures
import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import instruction_sets
from tests.random_circuits import random_circuit

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")

OUTPUTS = {
    "expectations": [kw.Z(0), kw.X(1) * kw.Y(2), 0.3 * kw.Z(3) * kw.Z(0) + kw.X(4)],
    "probabilities": kw.Probabilities([2, 0, 4]),
    "overlap": kw.Overlap(np.eye(32)[3] * 0.6 + np.eye(32)[17] * 0.8j),
    "state": kw.State(),
}


def problem(kind: str, dtype: str, batch: int):
    rng = np.random.default_rng(7)
    circuit = random_circuit(rng, 5, 60)
    program = circuit.compile(OUTPUTS[kind], dtype=dtype)
    features = np.random.default_rng(11).normal(size=(1000, circuit.n_features))[:batch]
    params = rng.normal(size=circuit.n_params)
    weights = np.random.default_rng(13).normal(size=(1000, program.n_outputs))[:batch]
    return program, params, features, weights


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("batch", [0, 1, 7, 8, 9, 15, 16, 17, 33, 1000])
def test_a_sample_alone_equals_itself_in_any_batch(kind, dtype, batch):
    program, params, features, weights = problem(kind, dtype, batch)
    values, _, d_features = program.vjp(params, features, weights)
    assert values.shape == (batch, program.n_outputs)
    assert d_features.shape == features.shape
    for row in {0, batch // 2, batch - 1} if batch else set():
        alone, _, d_alone = program.vjp(params, features[row], weights[row])
        np.testing.assert_array_equal(alone, values[row])
        np.testing.assert_array_equal(d_alone, d_features[row])
    order = np.random.default_rng(1).permutation(batch)
    np.testing.assert_array_equal(program(params, features[order]), values[order])


@pytest.mark.parametrize("isa", instruction_sets())
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("kind", OUTPUTS)
def test_every_lane_computes_the_same(kind, dtype, isa):
    """One sample in every place of two tiles: products and sums must be fused for all lanes or for none."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        circuit = random_circuit(rng, 5, 40)
        program = circuit.compile(OUTPUTS[kind], dtype=dtype, backend=kw.Native(isa))
        features = np.tile(rng.normal(size=circuit.n_features), (32, 1))
        params = np.tile(rng.normal(size=circuit.n_params), (32, 1))
        weights = np.tile(rng.normal(size=program.n_outputs), (32, 1))
        for result in program.vjp(params, features, weights):
            np.testing.assert_array_equal(result, np.tile(result[0], (32, 1)))
        shared = program(params[0], features)
        np.testing.assert_array_equal(shared, np.tile(shared[0], (32, 1)))
        np.testing.assert_array_equal(program.vjp(params[0], features, weights)[0], shared)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("kind", OUTPUTS)
def test_one_thread_equals_two(kind, dtype, monkeypatch):
    program, params, features, weights = problem(kind, dtype, 1000)
    results = []
    for threads in ("1", "2", "4"):
        monkeypatch.setenv("KETWISE_NUM_THREADS", threads)
        results.append(program.vjp(params, features, weights))
        again = program.vjp(params, features, weights)
        for left, right in zip(results[-1], again, strict=True):
            np.testing.assert_array_equal(left, right)
    for other in results[1:]:
        for left, right in zip(results[0], other, strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("kind", OUTPUTS)
def test_the_reference_keeps_the_promise_too(kind):
    native, params, features, weights = problem(kind, "complex128", 20)
    program = native.circuit.compile(OUTPUTS[kind], backend=kw.Reference())
    values, _, d_features = program.vjp(params, features, weights)
    for row in (0, 7, 19):
        alone, _, d_alone = program.vjp(params, features[row], weights[row])
        np.testing.assert_array_equal(alone, values[row])
        np.testing.assert_array_equal(d_alone, d_features[row])


@pytest.mark.parametrize(("dtype", "bound"), [("complex128", 1e-12), ("complex64", 5e-6)])
def test_shared_parameters_equal_the_same_parameters_in_a_batch(dtype, bound):
    program, params, features, _ = problem("expectations", dtype, 17)
    rows = np.tile(params, (17, 1))
    np.testing.assert_allclose(program(params, features), program(rows, features), rtol=0, atol=bound)


@pytest.mark.parametrize(("dtype", "bound"), [("complex128", 1e-12), ("complex64", 5e-6)])
def test_forward_and_backward_equal_the_fused_sweep(dtype, bound):
    """A sweep after its own forward run may read states back; one from kept final states undoes them."""
    program, params, features, weights = problem("expectations", dtype, 40)
    values, residual = program.forward(params, features)
    d_params, d_features, nothing = program.backward(residual, weights)
    fused = program.vjp(params, features, weights)
    np.testing.assert_array_equal(values, fused[0])
    scale = np.abs(weights).sum(axis=1).max()
    np.testing.assert_allclose(d_features, fused[2], rtol=0, atol=bound * scale)
    np.testing.assert_allclose(d_params, fused[1], rtol=0, atol=bound * np.abs(weights).sum())
    assert nothing is None
    # The residual is not used up.
    np.testing.assert_array_equal(program.backward(residual, weights)[0], d_params)


def test_eight_threads_calling_at_once_get_the_same_bits():
    program, params, features, weights = problem("expectations", "complex128", 100)
    expected = program.vjp(params, features, weights)[1]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: program.vjp(params, features, weights)[1], range(32)))
    assert all(np.array_equal(one, expected) for one in found)


@pytest.mark.parametrize("batch", [4088, 4096, 4097, 9001])
def test_sums_over_large_batches_cross_the_size_of_a_block_of_tiles(batch, monkeypatch):
    """Partial sums are made over blocks of tiles that grow with the batch: same bits for any number of threads."""
    x, w = kw.features(1), kw.params(2)
    program = kw.Circuit(2).ry(w[0] * x[0], 0).cx(0, 1).rx(w[1], 1).compile([kw.Z(0), kw.Z(1)])
    rng = np.random.default_rng(batch)
    params, features, weights = rng.normal(size=2), rng.normal(size=(batch, 1)), rng.normal(size=(batch, 2))
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("KETWISE_NUM_THREADS", threads)
        found.append(program.vjp(params, features, weights))
    for other in found[1:]:
        for left, right in zip(found[0], other, strict=True):
            np.testing.assert_array_equal(left, right)
    # Closed form: <Z0> = cos(w0 x), <Z1> = cos(w0 x) cos(w1).
    first, second = np.cos(params[0] * features[:, 0]), np.cos(params[1])
    np.testing.assert_allclose(found[0][0], np.stack([first, first * second], axis=1), atol=1e-12)
    slope = -np.sin(params[0] * features[:, 0]) * features[:, 0] * (weights[:, 0] + weights[:, 1] * second)
    expected = [slope.sum(), (-np.sin(params[1]) * first * weights[:, 1]).sum()]
    np.testing.assert_allclose(found[0][1], expected, rtol=1e-11, atol=1e-11)


PROCESS = """
import hashlib, numpy as np
from tests.engine.test_determinism import problem
program, params, features, weights = problem("expectations", "complex128", 100)
print(hashlib.sha256(b"".join(a.tobytes() for a in program.vjp(params, features, weights))).hexdigest())
"""


def test_another_process_gets_the_same_bits():
    program, params, features, weights = problem("expectations", "complex128", 100)
    ours = hashlib.sha256(b"".join(a.tobytes() for a in program.vjp(params, features, weights))).hexdigest()
    run = subprocess.run(
        [sys.executable, "-c", PROCESS], capture_output=True, text=True, check=True, timeout=120, env=dict(os.environ)
    )
    assert run.stdout.strip() == ours


def test_the_interpreter_is_free_during_a_run():
    """Another Python thread makes progress while the engine works: the lock is released."""
    n_qubits, layers = 12, 6
    circuit = kw.Circuit(n_qubits)
    w = kw.params(n_qubits * layers)
    for k in range(n_qubits * layers):
        circuit.ry(w[k], k % n_qubits).cx(k % n_qubits, (k + 1) % n_qubits)
    program = circuit.compile([kw.Z(0)])
    params = np.zeros((400, circuit.n_params))
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        job = pool.submit(program, params)
        ticks = 0
        while not job.done():
            ticks += 1
        assert job.result().shape == (400, 1)
    assert ticks > 100
