"""The same bits and no growth wherever programs are used: threads, pools, forks, fresh processes, long trainings."""

import concurrent.futures
import hashlib
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.native import instruction_sets
from ketwise.program.program import Program
from ketwise.words.outputs import as_outputs
from tests.random_circuits import random_circuit, random_outputs

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")

needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads /proc")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def large_problem(dtype: str):
    """Work for more than four threads."""
    rng = np.random.default_rng(17)
    circuit = random_circuit(rng, 8, 80)
    program = circuit.compile([kw.Z(0), kw.X(1) * kw.Y(2), 0.3 * kw.Z(3) * kw.Z(0) + kw.X(4)], dtype=dtype)
    batch = 1000
    features, weights = rng.normal(size=(batch, circuit.n_features)), rng.normal(size=(batch, 3))
    return program, rng.normal(size=circuit.n_params), features, weights


def digest(dtype: str = "complex128") -> str:
    """A number that changes with any bit of a value or a gradient."""
    program, params, features, weights = large_problem(dtype)
    results = program.vjp(params, features, weights)
    values, residual = program.forward(params, features)
    kept = program.backward(residual, weights)
    return hashlib.sha256(b"".join(a.tobytes() for a in (*results, values, *kept[:2]))).hexdigest()


def run_python(code: str, **environment: str) -> str:
    """What a fresh interpreter prints; it finds this file as ``tests.engine.test_robustness``."""
    run = subprocess.run(
        [sys.executable, "-c", f"from tests.engine.test_robustness import *; {code}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        env={**os.environ, **environment},
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@needs_proc
@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
def test_four_threads_give_the_bits_of_one_and_really_work(dtype, monkeypatch):
    program, params, features, weights = large_problem(dtype)
    before, seen, done = len(os.listdir("/proc/self/task")), [0], threading.Event()

    def watch():
        while not done.is_set():
            seen.append(len(os.listdir("/proc/self/task")))

    monkeypatch.setenv("KETWISE_NUM_THREADS", "1")
    expected = program.vjp(params, features, weights)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        watcher = pool.submit(watch)
        try:
            for threads in ("2", "4") * 200:  # on a busy machine it may take a few for the watcher to have its turn
                monkeypatch.setenv("KETWISE_NUM_THREADS", threads)
                for left, right in zip(expected, program.vjp(params, features, weights), strict=True):
                    np.testing.assert_array_equal(left, right)
                if max(seen) >= before + 1 + 3:
                    break
        finally:
            done.set()
        watcher.result()
    assert max(seen) >= before + 1 + 3  # the watcher, and three beside the thread that calls


def test_every_way_to_start_a_process_gives_the_same_bits():
    """The parent has used its threads before it forks."""
    found = dict(line.split() for line in run_python("in_processes()", KETWISE_NUM_THREADS="4").splitlines())
    assert set(found) == {"parent", *multiprocessing.get_all_start_methods()}
    assert len(set(found.values())) == 1


def in_processes() -> None:
    """Print a digest of this process, and of two workers of each kind that there is."""
    print("parent", digest())
    for method in multiprocessing.get_all_start_methods():
        context = multiprocessing.get_context(method)
        with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
            print(method, *set(pool.map(digest, ["complex128"] * 4)))


@needs_fork
def test_a_fork_in_the_middle_of_another_thread_s_run_gives_the_same_bits():
    digests = run_python("forks_in_the_middle()", KETWISE_NUM_THREADS="4").split()
    assert len(digests) == 6
    assert len(set(digests)) == 1


def forks_in_the_middle() -> None:
    """Print a digest of this process, and of five forks made while a thread of it computes."""
    print(digest(), flush=True)
    stop = threading.Event()

    def compute():
        while not stop.is_set():
            digest()

    worker = threading.Thread(target=compute)
    worker.start()
    for _ in range(5):
        child = os.fork()
        if not child:
            print(digest(), flush=True)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    stop.set()
    worker.join()


@pytest.mark.parametrize("threads", ["1", "4"])
def test_eight_threads_compile_and_run_different_programs_at_once(threads, monkeypatch):
    monkeypatch.setenv("KETWISE_NUM_THREADS", threads)

    def compile_and_run(seed: int) -> bytes:
        rng = np.random.default_rng(seed)
        circuit = random_circuit(rng, 6, 40)
        outputs = as_outputs(random_outputs(rng, 6))
        # Not circuit.compile, which would return the same program twice.
        program = Program(circuit, outputs, kw.Native(), np.dtype(("complex64", "complex128")[seed % 2]))
        features = rng.normal(size=(int(rng.integers(1, 400)), circuit.n_features))
        weights = rng.normal(size=(len(features), program.n_outputs))
        return b"".join(a.tobytes() for a in program.vjp(rng.normal(size=circuit.n_params), features, weights))

    alone = [compile_and_run(seed) for seed in range(32)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert list(pool.map(compile_and_run, range(32))) == alone


#: Steps after which a process is looked at for the first and for the last time, and bytes by which it may have grown:
#: less than an object a step. Threads take turns in the arenas of the allocator, which fill for a while, as the heap
#: does that objects of all sizes are made in; the states of one thread of one step are 64 KiB.
STEPS = {
    "training": (1_000, 10_000, 128 << 10),
    "compiling": (3_000, 5_000, 128 << 10),
    "threads": (150, 450, 4 << 20),
}


@needs_proc
@pytest.mark.parametrize("what", STEPS)
def test_memory_does_not_grow(what):
    grown = int(run_python(f"print(growth({what!r}))", KETWISE_NUM_THREADS="4"))
    assert grown < STEPS[what][2]


def growth(what: str) -> int:
    """Bytes by which this process grows between the two numbers of steps."""
    warm, steps, _ = STEPS[what]
    w, x = kw.params(2), kw.features(1)
    n_qubits, batch = (8, 500) if what == "threads" else (2, 17)
    circuit = kw.Circuit(n_qubits)
    for q in range(n_qubits):
        circuit.ry(w[0] * x[0], q).cx(q, (q + 1) % n_qubits).rx(w[1], q)
    params, features, weights = np.array([0.1, 0.2]), np.ones((batch, 1)), np.ones((batch, 2))
    before = 0
    for step in range(steps):
        if step == warm:
            before = resident_bytes()
        if what == "compiling":
            circuit = kw.Circuit(2).ry(0.001 * step, 0).rx(w[0], 1).cx(0, 1).rzz(w[1] * x[0], 0, 1)
        program = circuit.compile([kw.Z(0), kw.Z(1)])
        _, d_params, _ = program.vjp(params, features, weights)
        params = params - 1e-4 * d_params
        program(params, features)
    return resident_bytes() - before


def resident_bytes() -> int:
    """Memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not hasattr(os, "confstr") or "CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="of glibc")
def test_calls_do_not_fault_their_memory_in_again_and_again():
    """A gradient with some hundred kilobytes of arrays took 168 page faults, and a quarter longer for it."""
    assert float(run_python("print_faults_of_a_call()", KETWISE_NUM_THREADS="1")) < 10


def print_faults_of_a_call() -> None:
    """Print the page faults of one gradient among many, in a heap whose top is free."""
    import resource

    x, w = kw.features(8), kw.params(12)
    circuit = kw.Circuit(8)
    for layer in range(6):
        for q in range(8):
            circuit.rz(x[q] * w[layer], q).ry(x[q] + w[layer + 6], q).cx(q, (q + 1) % 8)
    program = circuit.compile([kw.Z(q) for q in range(8)])
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=12), rng.normal(size=(256, 8)), rng.normal(size=(256, 8))
    for _ in range(10):
        program.vjp(*inputs)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        program.vjp(*inputs)
    print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 50)
