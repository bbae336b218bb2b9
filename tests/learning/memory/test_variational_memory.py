"""The variational memory: maps in closed form, an independent simulation, finite differences, and what is recalled."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import brentq

import ketwise as kw
from ketwise.learning.memory.variational import VariationalMemory, train_variational_memory
from ketwise.learning.memory.variational_loss import memory_program, recall_loss

PATTERNS = np.array([[0, 0, 0, 0, 1, 1, 1, 1], [1, 0, 1, 0, 1, 0, 1, 0], [1, 1, 0, 1, 1, 0, 0, 1]])


@pytest.fixture(scope="module")
def trained():
    return train_variational_memory(PATTERNS)


def random_memory(seed, n_bits=4):
    circuit = kw.ansatz.strongly_entangling(n_bits, 2)
    return VariationalMemory(circuit, np.random.default_rng(seed).normal(size=circuit.n_params))


def all_flips(pattern, n_flips):
    rows = np.array([pattern for _ in combinations(range(len(pattern)), n_flips)])
    for row, flipped in zip(rows, combinations(range(len(pattern)), n_flips), strict=True):
        row[list(flipped)] ^= 1
    return rows


def simulated(memory, values):
    """One application of a single probe: its product state, made here, through the reference backend."""
    state = np.ones(1)
    for value in values:  # qubit 0 is the lowest bit of the index
        state = np.kron([np.cos(np.pi * value / 2), np.sin(np.pi * value / 2)], state)
    outputs = [kw.Z(q) for q in range(memory.n_bits)]
    return (1 - memory.circuit.compile(outputs, backend=kw.Reference())(memory.params, initial_state=state)) / 2


def test_without_a_circuit_each_value_goes_to_the_square_of_a_sine_and_clean_bits_stay():
    memory = VariationalMemory(kw.Circuit(5), None)
    values = np.random.default_rng(0).random((7, 5))
    np.testing.assert_allclose(memory.apply(values), np.sin(np.pi * values / 2) ** 2, atol=1e-14)
    for pattern in ([0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]):
        np.testing.assert_allclose(memory.apply(pattern), pattern, atol=1e-15)
        assert memory.contraction(pattern) < 1e-12
        found = memory.recall(pattern)
        assert found.bits.tolist() == pattern
        assert (found.iterations, found.converged) == (1, True)
    np.testing.assert_allclose(memory.apply([0, 1, None, np.nan, 1]), [0, 1, 0.5, 0.5, 1], atol=1e-15)
    np.testing.assert_array_equal(memory.recall([0.4, 0.6, 0.1, 0.9, 0.49]).bits, [0, 1, 0, 1, 0])


def turned_bit(angle):
    return VariationalMemory(kw.Circuit(1).ry(kw.params(1)[0], 0), [angle])


@pytest.mark.parametrize("angle", [0.1, -0.3, 0.3])
def test_one_turned_bit_has_the_fixed_points_and_slopes_of_its_closed_form(angle):
    """The map is ``sin((pi v + angle) / 2)**2``, with slope ``pi / 2 sin(pi v + angle)``."""
    memory = turned_bit(angle)
    for pattern, low, high in ((0, -0.3, 0.114), (1, 0.886, 1.3)):  # between them the fixed points repel
        root = brentq(lambda v: np.sin((np.pi * v + angle) / 2) ** 2 - v, low, high, xtol=1e-14)
        np.testing.assert_allclose(memory.fixed_point([pattern]), [root], atol=1e-10)
        slope = abs(np.pi / 2 * np.sin(np.pi * root + angle))
        assert memory.contraction([pattern]) == pytest.approx(slope, abs=1e-9)


def test_a_bit_that_is_turned_too_far_is_no_longer_held():
    """The fixed point near 0 meets one that repels where the slope is 1, ``sin(pi v + angle) = 2 / pi``."""
    phase = np.arcsin(2 / np.pi)
    last = phase - np.pi * (1 - np.cos(phase)) / 2
    assert 0.8 < turned_bit(last - 0.005).contraction([0]) < 1
    with pytest.raises(ValueError, match=r"no fixed point reads as the pattern \[0\]"):
        turned_bit(last + 0.005).contraction([0])


def test_a_cx_makes_a_parity_and_a_pattern_that_it_moves_is_not_held():
    memory = VariationalMemory(kw.Circuit(2).cx(0, 1), None)
    a, b = np.cos(np.pi * np.array([0.2, 0.7]))
    np.testing.assert_allclose(memory.apply([0.2, 0.7]), [(1 - a) / 2, (1 - a * b) / 2], atol=1e-14)
    assert memory.contraction([0, 1]) < 1e-12
    found = memory.recall([[1, 1], [0, 1]], max_iter=7)
    assert found.iterations.tolist() == [7, 1]
    assert found.converged.tolist() == [False, True]
    np.testing.assert_array_equal(found.bits, [[1, 0], [0, 1]])  # there and back, seven times
    for pattern in ([1, 1], [1, 0]):
        with pytest.raises(ValueError, match="no fixed point reads as the pattern"):
            memory.contraction(pattern)


@pytest.mark.parametrize("seed", range(3))
def test_the_map_and_its_iteration_are_those_of_an_independent_simulation(seed):
    memory = random_memory(seed)
    values = np.random.default_rng(seed).random((3, 4))
    np.testing.assert_allclose(memory.apply(values), [simulated(memory, row) for row in values], atol=1e-13)
    for row in values:
        for _ in range(5):
            row[:] = simulated(memory, row)
    start = np.random.default_rng(seed).random((3, 4))
    np.testing.assert_allclose(memory.recall(start, max_iter=5, tol=0).bit_probabilities, values, atol=1e-12)


def test_a_circuit_leaves_the_mean_over_all_bit_strings_at_one_half():
    """The trace of Z is 0 in every basis: what one application gains for some strings others lose."""
    everything = (np.arange(16)[:, np.newaxis] >> np.arange(4)) & 1
    np.testing.assert_allclose(random_memory(5).apply(everything).mean(axis=0), 0.5, atol=1e-14)


@pytest.mark.parametrize("applications", [1, 3])
def test_the_gradient_of_the_loss_agrees_with_finite_differences(applications):
    rng = np.random.default_rng(2)
    circuit = kw.ansatz.strongly_entangling(3, 2)
    theta = rng.normal(size=circuit.n_params)
    loss = recall_loss(memory_program(circuit), rng.random((5, 3)), rng.integers(0, 2, (5, 3)) * 1.0, applications)
    steps = 1e-5 * np.eye(len(theta))
    differences = [(loss(theta + step)[0] - loss(theta - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(loss(theta)[1], differences, atol=1e-9)


def test_a_map_that_comes_back_every_other_time_is_not_rewarded():
    """RY(pi) takes 0 to 1 and back: squared differences of 1 and 0."""
    program = memory_program(kw.Circuit(1).ry(kw.params(1)[0], 0))
    assert recall_loss(program, np.zeros((1, 1)), np.zeros((1, 1)), 2)(np.array([np.pi]))[0] == pytest.approx(0.5)


def test_trained_patterns_are_attractors(trained):
    assert len(trained.loss_curve) == 200  # no step is spared, also where the loss goes up for a while
    found = trained.recall(PATTERNS)
    np.testing.assert_array_equal(found.bits, PATTERNS)
    assert found.converged.all()
    for pattern, settled in zip(PATTERNS, found.bit_probabilities, strict=True):
        assert trained.contraction(pattern) < 1
        point = trained.fixed_point(pattern)
        np.testing.assert_allclose(trained.apply(point), point, atol=1e-9)
        np.testing.assert_allclose(settled, point, atol=1e-4)


def test_one_wrong_bit_is_put_right_in_most_cases_and_unknown_ones_are_filled_in(trained):
    for pattern in PATTERNS:
        probes = all_flips(pattern, 1)
        assert (trained.recall(probes).bits == pattern).all(axis=1).mean() >= 0.75  # left alone: 0
        unknown = np.where(all_flips(pattern, 2) != pattern, np.nan, pattern)
        assert (trained.recall(unknown).bits == pattern).all(axis=1).mean() >= 0.75  # guessed: 0.25


@pytest.mark.parametrize("row", range(3))
def test_the_contraction_is_that_of_finite_differences(trained, row):
    point = trained.fixed_point(PATTERNS[row])
    step = 1e-4  # the fixed points of a trained memory lie further inside
    columns = [trained.apply(point + shift) - trained.apply(point - shift) for shift in step * np.eye(8)]
    radius = np.abs(np.linalg.eigvals(np.array(columns).T / (2 * step))).max()
    assert trained.contraction(PATTERNS[row]) == pytest.approx(radius, abs=1e-6)


def test_the_loss_comes_down_and_the_same_seed_gives_the_same_bits():
    settings = {"layers": 1, "copies": 8, "max_iter": 40}
    one, same, other = (train_variational_memory(PATTERNS[:, :6], seed=seed, **settings) for seed in (4, 4, 5))
    np.testing.assert_array_equal(one.params, same.params)
    np.testing.assert_array_equal(one.loss_curve, same.loss_curve)
    assert (one.params != other.params).all()
    assert len(one.loss_curve) == 40
    assert one.loss_curve[-1] < one.loss_curve[0] / 2


def test_copies_are_broken_at_the_rates_that_were_asked_for(monkeypatch):
    import ketwise.learning.memory.variational as module

    seen = []
    monkeypatch.setattr(module, "recall_loss", lambda *args: seen.append(args) or recall_loss(*args))
    train_variational_memory([[0, 1, 0, 1]], flip=0.2, unknown=0.4, copies=2000, max_iter=1, layers=1)
    (_, given, targets, applications) = seen[0]
    assert applications == 3
    np.testing.assert_array_equal(targets, np.tile([0.0, 1.0, 0.0, 1.0], (2000, 1)))
    np.testing.assert_array_equal(given[0], targets[0])
    assert np.mean(given == 0.5) == pytest.approx(0.4, abs=0.03)  # 5 standard deviations
    assert np.mean(given == 1 - targets) == pytest.approx(0.2 * 0.6, abs=0.02)


def test_a_probe_alone_and_in_a_batch_settles_at_the_same_bits(trained):
    probes = [[0, 0, None, 0, 1, 1, 0.8, 1], [1, 0, 1, 0, 1, 1, 1, 0]]
    both = trained.recall(probes)
    for row, probe in enumerate(probes):
        alone = trained.recall(probe)
        np.testing.assert_array_equal(alone.bit_probabilities, both.bit_probabilities[row])
        assert (alone.iterations, alone.converged) == (both.iterations[row], both.converged[row])
    np.testing.assert_array_equal(trained.apply(probes[0]), trained.apply(probes)[0])


def test_a_callback_sees_each_step_and_can_end_the_training():
    seen = []
    memory = train_variational_memory(
        [[0, 1, 1]],
        ansatz=kw.ansatz.hardware_efficient(3, 1),
        max_iter=9,
        copies=4,
        callbacks=lambda now: seen.append(now.loss) or len(seen) == 5,
    )
    np.testing.assert_array_equal(memory.loss_curve, seen)
    assert len(seen) == 5
    assert memory.circuit.n_params == 12


def train(**settings):
    return lambda: train_variational_memory([[0, 1]], **settings)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train_variational_memory([]), "the memory is empty"),
        (lambda: train_variational_memory([[0] * 15]), "at most 14 bits, a qubit each, got 15: store fewer, or use"),
        (lambda: VariationalMemory(kw.Circuit(15), None), "at most 14 bits"),
        (lambda: VariationalMemory(kw.encodings.angle(2).circuit, None), "circuit must have no features"),
        (lambda: VariationalMemory(kw.Circuit(2), [0.1]), "this circuit has no params"),
        (lambda: VariationalMemory(kw.ansatz.hardware_efficient(1, 1), [[0.0] * 4]), r"params must have shape \(4,\)"),
        (train(ansatz=kw.Circuit(2)), "ansatz must have 2 qubits, one a bit, parameters and no features"),
        (train(ansatz=kw.ansatz.hardware_efficient(3)), "ansatz must have 2 qubits"),
        (train(layers=0), "layers must be a whole number of at least 1"),
        (train(flip=0.5), r"flip must be at least 0 and below 0\.5, got 0\.5"),
        (train(unknown=1.0), r"unknown must be at least 0 and below 1\.0"),
        (train(copies=0), "copies must be a whole number"),
        (train(applications=0), "applications must be a whole number"),
        (train(max_iter=0), "max_iter must be a whole number"),
        (train(learning_rate=0.0), "learning_rate must be above 0"),
        (train(seed=-1), "seed must be a whole number"),
        (lambda: random_memory(0).apply([0.0, 1.0]), r"probes must have shape \(4,\) or \(n_probes, 4\), got \(2,\)"),
        (lambda: random_memory(0).apply([0, 0, 0, 1.5]), "row 0, column 3 is 1.5"),
        (lambda: random_memory(0).apply("0101"), "probes must be an array of numbers"),
        (lambda: random_memory(0).apply([1j, 0, 0, 0]), "probes must be an array of numbers"),
        (lambda: random_memory(0).recall([[0, 0, 0, 1], [None] * 4]), "nothing is known of probe 1"),
        (lambda: random_memory(0).recall([0, 0, 0, 1], max_iter=0), "max_iter must be a whole number"),
        (lambda: random_memory(0).recall([0, 0, 0, 1], tol=-1.0), "tol must be at least 0"),
        (lambda: random_memory(0).contraction([0, 0, 0.5, 1]), "patterns must be 0 or 1"),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_what_is_no_circuit_and_what_does_not_fit_is_refused():
    with pytest.raises(TypeError, match="circuit must be a Circuit"):
        VariationalMemory("ry", None)
    with pytest.raises(TypeError, match="ansatz must be a Circuit"):
        train(ansatz="ry")()
    with pytest.raises(MemoryError, match="copies needs"):
        train(copies=10**12)()
