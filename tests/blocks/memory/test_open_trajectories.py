"""Trajectories of the open Hopfield network: master equations of all states, written here, and the mean field."""

import functools

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import coshm, expm

from ketwise.blocks.memory.hopfield_jumps import StateVectors
from ketwise.blocks.memory.open_mean_field import hopfield_mean_field
from ketwise.blocks.memory.open_trajectories import open_hopfield, product_trajectories

BOTH = pytest.mark.parametrize("recall", [open_hopfield, product_trajectories])

NETWORKS = {
    2: ([[1, 0]], [1, 1]),
    3: ([[1, 0, 1], [0, 0, 1]], [1, np.nan, 1]),
    4: ([[1, 0, 1, 1], [0, 0, 1, 0], [1, 1, 0, 1]], [0, 0, 1, 1]),
}


def within(errors, found, expected, errors_of):
    """Within that many standard errors, and 0.001 for the step."""
    np.testing.assert_array_less(np.abs(found - expected), errors * errors_of + 1e-3)


def spins_of(states, n):
    return np.array([[1.0 if s >> i & 1 else -1.0 for i in range(n)] for s in states])


def starting_probabilities(probe):
    """Of each basis state: an unknown bit is 0 or 1."""
    n = len(probe)
    fits = [all(np.isnan(probe[i]) or (s >> i & 1) == probe[i] for i in range(n)) for s in range(1 << n)]
    return np.array(fits) / sum(fits)


def glauber(patterns, probe, temperature, times):
    """Probabilities ``(n_times, 2**n)``: each spin is set anew at rate 1, Boltzmann given the rest."""
    xi = 2.0 * np.array(patterns) - 1
    n = xi.shape[1]
    spins = spins_of(range(1 << n), n)
    generator = np.zeros((1 << n, 1 << n))
    for s in range(1 << n):
        for i in range(n):
            to = s ^ 1 << i

            def energy(state):
                coupling = xi.T @ xi / n
                return -0.5 * spins[state] @ (coupling - np.diag(np.diag(coupling))) @ spins[state]

            weights = np.exp(-np.array([energy(s), energy(to)]) / temperature)
            generator[to, s] += weights[1] / weights.sum()
            generator[s, s] -= weights[1] / weights.sum()
    return np.array([expm(generator * t) @ starting_probabilities(probe) for t in times]), spins


@BOTH
@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("temperature", [0.2, 1.0])
def test_without_a_field_it_is_the_classical_master_equation(recall, n, temperature):
    """Detailed balance fixes the rates: the energy is the Hopfield network's, the temperature the one given."""
    patterns, probe = NETWORKS[n]
    found = recall(
        patterns, probe, transverse_field=0, temperature=temperature, time=4, n_times=9, trajectories=4000, seed=n
    )
    probabilities, spins = glauber(patterns, probe, temperature, found.times)
    within(4, found.overlaps, probabilities @ spins @ (2.0 * np.array(patterns).T - 1) / n, found.overlap_errors)
    ones = probabilities @ (spins + 1) / 2
    within(4, found.bits_over_time, ones, np.sqrt(ones * (1 - ones) / 4000))


def on(operator, spin, n):
    return functools.reduce(np.kron, [operator if i == spin else np.eye(2) for i in reversed(range(n))])


def operators(patterns, field, temperature):
    """The Hamiltonian and the jumps as dense matrices."""
    xi = 2.0 * np.array(patterns) - 1
    n = xi.shape[1]
    raising, sz = np.array([[0.0, 0], [1, 0]]), np.diag([-1.0, 1])
    hamiltonian = field * sum(on(raising + raising.T, i, n) for i in range(n))
    jumps = []
    for i in range(n):
        change = sum(xi[:, i] @ xi[:, j] / n * on(sz, j, n) for j in range(n) if j != i) / temperature
        norm = np.linalg.inv(np.sqrt(2 * coshm(change)))  # it is diagonal
        jumps += [expm(change / 2) @ norm @ on(raising, i, n), expm(-change / 2) @ norm @ on(raising.T, i, n)]
    return hamiltonian, jumps


def lindblad(patterns, probe, field, temperature, times):
    """Density matrices at each time, and the sum of all jumps' ``L^+ L``."""
    n = len(probe)
    hamiltonian, jumps = operators(patterns, field, temperature)
    decay = sum(jump.T @ jump for jump in jumps)

    def slope(_, flat):
        rho = flat.reshape(1 << n, 1 << n)
        change = -1j * (hamiltonian @ rho - rho @ hamiltonian) - (decay @ rho + rho @ decay) / 2
        return (change + sum(jump @ rho @ jump.T for jump in jumps)).ravel()

    start = np.diag(starting_probabilities(probe)).astype(complex).ravel()
    solved = solve_ivp(slope, (0, times[-1]), start, t_eval=times, rtol=1e-8, atol=1e-10)
    return solved.y.T.reshape(len(times), 1 << n, 1 << n), decay


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize(("field", "temperature"), [(0.3, 0.3), (1.0, 0.1), (-2.0, 1.0)])
def test_with_a_field_it_is_the_lindblad_equation(n, field, temperature):
    patterns, probe = NETWORKS[n]
    found = open_hopfield(
        patterns, probe, transverse_field=field, temperature=temperature, time=3, n_times=7, trajectories=4000, seed=n
    )
    times = np.linspace(0, 3, 61)
    rho, decay = lindblad(patterns, probe, field, temperature, times)
    populations = np.einsum("tss->ts", rho).real
    spins = populations @ spins_of(range(1 << n), n)
    within(4, found.overlaps, (spins @ (2.0 * np.array(patterns).T - 1) / n)[::10], found.overlap_errors)
    within(4, found.bits_over_time, (spins[::10] + 1) / 2, 0.5 / np.sqrt(4000))  # the largest error there is
    expected = np.trapezoid(np.einsum("tsr,rs->t", rho, decay).real, times)
    within(4, found.jumps.mean(), expected, found.jumps.std() / np.sqrt(4000))


def test_between_jumps_every_amplitude_follows_the_matrix_exponential():
    """``exp(-i H t - sum L^+ L t / 2)`` in a frame where basis state s has the phase ``(-i)**popcount(s)``."""
    patterns, field, temperature = NETWORKS[4][0], 0.8, 0.4
    hamiltonian, jumps = operators(patterns, field, temperature)
    model = StateVectors.of(2.0 * np.array(patterns) - 1, field, 1 / temperature)
    start = np.random.default_rng(0).normal(size=(1, 16))
    start /= np.linalg.norm(start)
    phases = (-1j) ** np.array([s.bit_count() for s in range(16)])
    exact = expm(-1j * hamiltonian - sum(jump.T @ jump for jump in jumps) / 2) @ (phases * start[0]) / phases
    errors = []
    for n_steps in (10, 20):
        states, logarithm = start, 0.0
        for _ in range(n_steps):
            states, decay = model.evolved(states, np.array([1 / n_steps]))
            logarithm += decay[0]
        errors.append(np.abs(states[0] * np.exp(logarithm / 2) - exact).max())
    assert errors[0] < 2e-3
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.05)


@BOTH
def test_one_spin_relaxes_and_turns_in_closed_form(recall):
    """Nothing acts on it: a linear system of its y and z components, to infinite temperature and back and forth."""
    found = recall([[1]], [1], transverse_field=1.5, temperature=0.3, time=3, n_times=13, trajectories=4000, step=0.02)
    motion = np.array([[-1, 3.0], [-3.0, -0.5]])
    expected = np.array([(expm(motion * t) @ [1, 0])[:1] for t in found.times])
    within(4, found.overlaps, expected, found.overlap_errors)
    assert np.abs(expected).max() > 10 * found.overlap_errors.max()


@BOTH
def test_the_error_falls_with_the_square_of_the_step(recall):
    """The same random numbers: a trajectory moves by a quarter when its steps are halved."""
    how = {"transverse_field": 1.0, "temperature": 0.3, "time": 3, "n_times": 4, "trajectories": 400}
    overlaps = [
        recall([[1, 0, 1, 1, 0, 0]], [1, 0, 1, 1, 1, 0], step=0.1 / 2**k, **how).trajectory_overlaps[:, 1:]
        for k in (0, 1, 4)
    ]
    coarse, fine = (np.median(np.abs(one - overlaps[2])) for one in overlaps[:2])
    assert 3.3 < coarse / fine < 4.8  # 4 but for the error of the finest


@BOTH
def test_without_a_field_there_is_no_error_of_the_step(recall):
    how = {"transverse_field": 0.0, "temperature": 0.5, "time": 5, "n_times": 6, "trajectories": 50}
    coarse, fine = (recall([[1, 0, 1, 1]], [1, 0, 0, np.nan], step=step, **how) for step in (5.0, 0.03))
    np.testing.assert_array_equal(coarse.jumps, fine.jumps)
    np.testing.assert_allclose(coarse.trajectory_overlaps, fine.trajectory_overlaps, atol=1e-12)
    assert coarse.jumps.min() > 0


def test_without_a_field_both_are_the_same_jump_for_jump():
    """No spin is ever in a superposition: the channels are drawn in another order, the flips are as many."""
    patterns, probe = NETWORKS[4]
    how = {"transverse_field": 0.0, "temperature": 0.7, "time": 5, "n_times": 2, "trajectories": 3000}
    one, other = open_hopfield(patterns, probe, **how), product_trajectories(patterns, probe, **how)
    error = np.hypot(one.jumps.std(), other.jumps.std()) / np.sqrt(3000)
    within(4, one.jumps.mean(), other.jumps.mean(), error)
    within(4, one.jumps.std(), other.jumps.std(), error)


@BOTH
def test_a_trajectory_depends_on_the_seed_and_its_number_alone(recall):
    patterns, probe = NETWORKS[4]
    how = {"transverse_field": 0.5, "temperature": 0.5, "time": 3, "n_times": 4}
    all_of_them = recall(patterns, probe, trajectories=30, seed=5, **how)
    some = recall(patterns, probe, trajectories=7, seed=5, **how)
    np.testing.assert_allclose(some.trajectory_overlaps, all_of_them.trajectory_overlaps[:7], atol=1e-12)
    np.testing.assert_array_equal(some.jumps, all_of_them.jumps[:7])
    other = recall(patterns, probe, trajectories=7, seed=6, **how)
    assert np.abs(other.trajectory_overlaps - some.trajectory_overlaps).max() > 0.1


@BOTH
def test_blocks_of_trajectories_change_nothing(recall, monkeypatch):
    patterns, probe = NETWORKS[3]
    how = {"transverse_field": 0.5, "temperature": 0.5, "time": 2, "n_times": 3, "trajectories": 17}
    whole = recall(patterns, probe, **how)
    monkeypatch.setattr("ketwise.blocks.memory.open_trajectories.TOGETHER", 32)
    parts = recall(patterns, probe, **how)
    np.testing.assert_allclose(parts.trajectory_overlaps, whole.trajectory_overlaps, atol=1e-12)
    np.testing.assert_allclose(parts.bits_over_time, whole.bits_over_time, atol=1e-12)
    np.testing.assert_array_equal(parts.jumps, whole.jumps)


@BOTH
def test_means_and_errors_are_those_of_the_trajectories(recall):
    patterns, probe = NETWORKS[4]
    found = recall(patterns, probe, transverse_field=0.5, temperature=0.5, time=2, n_times=3, trajectories=50)
    np.testing.assert_allclose(found.overlaps, found.trajectory_overlaps.mean(axis=0), atol=1e-12)
    spread = found.trajectory_overlaps.std(axis=0, ddof=1)
    np.testing.assert_allclose(found.overlap_errors, spread / np.sqrt(50), atol=1e-12)
    xi = 2.0 * np.array(patterns) - 1
    np.testing.assert_allclose(found.overlaps, (2 * found.bits_over_time - 1) @ xi.T / 4, atol=1e-12)
    np.testing.assert_array_equal(found.bits_over_time[0], probe)
    np.testing.assert_array_equal(found.recalled, found.bit_probabilities > 0.5)


PHASES = pytest.mark.parametrize(
    ("field", "temperature", "what"), [(0.1, 0.3, "retrieval"), (0.2, 1.5, "paramagnetic"), (1.0, 0.3, "limit cycle")]
)


@PHASES
def test_a_large_network_follows_the_mean_field(field, temperature, what):
    """400 spins: off by about 1/400 in each unit of time, and by the fluctuations."""
    pattern = np.random.default_rng(0).integers(0, 2, (1, 400))
    how = {"transverse_field": field, "temperature": temperature, "time": 4.0, "n_times": 9}
    found, limit = product_trajectories(pattern, pattern[0], trajectories=10, **how), hopfield_mean_field(1.0, **how)
    within(4, found.overlaps, limit.overlaps, found.overlap_errors + 1 / 400)
    if what == "limit cycle":
        assert limit.overlaps.min() < -0.6


def test_the_full_network_comes_closer_to_the_mean_field_with_every_spin():
    how = {"transverse_field": 0.2, "temperature": 0.3, "time": 2.0, "n_times": 11}
    limit = hopfield_mean_field(1.0, **how).overlaps
    away = []
    for n in (3, 6, 10):
        pattern = ([1, 0] * n)[:n]
        found = open_hopfield([pattern], pattern, trajectories=500, **how)
        away.append(np.abs(found.overlaps - limit).max())
    assert away[0] > 2 * away[1] > 4 * away[2]
    assert away[2] < 0.015


def autocorrelation(overlaps, lag):
    """Of single trajectories ``(trajectories, n_times)``, which have no mean by symmetry, before any average."""
    return np.mean(overlaps[:, lag:] * overlaps[:, :-lag]) / np.mean(overlaps**2)


def half_period(**how):
    """Steps of 0.1 from one change of sign of the mean field to the next."""
    late = hopfield_mean_field(1.0, time=40, n_times=401, **how).overlaps[200:, 0]
    return round(np.diff(np.flatnonzero(late[:-1] * late[1:] < 0)).mean())


def test_single_trajectories_of_eight_spins_cycle_where_their_mean_does_not():
    """As Torres, Manzano, New J. Phys. 26, 103018 (2024) find for few spins: the cycles lose step with one another."""
    pattern, how = [1, 0, 0, 1, 1, 0, 1, 0], {"transverse_field": 1.0, "temperature": 0.3}
    found = open_hopfield([pattern], pattern, time=40, n_times=401, trajectories=50, **how)
    late, half = found.trajectory_overlaps[:, 150:, 0], half_period(**how)
    assert autocorrelation(late, half) < -0.5
    assert autocorrelation(late, 2 * half) > 0.4
    assert np.sqrt(np.mean(late**2)) > 0.5
    assert np.abs(found.overlaps[150:]).max() < 0.3
    hot = open_hopfield(
        [pattern], pattern, transverse_field=1.0, temperature=2.0, time=40, n_times=401, trajectories=50
    )
    assert autocorrelation(hot.trajectory_overlaps[:, 150:, 0], 2 * half) < 0.3


@PHASES
def test_an_image_of_64_bits_shows_the_three_behaviours_of_the_paper(field, temperature, what):
    rng = np.random.default_rng(4)
    patterns = rng.integers(0, 2, (2, 64))
    probe = patterns[0].astype(float)
    probe[rng.permutation(64)[:20]] = np.nan
    found = product_trajectories(
        patterns, probe, transverse_field=field, temperature=temperature, time=30, n_times=301, trajectories=8
    )
    late = found.trajectory_overlaps[:, 100:, 0]
    size = np.sqrt(np.mean(late**2))
    if what == "retrieval":
        assert late.min() > 0.7
        np.testing.assert_array_equal(found.recalled, patterns[0])
    elif what == "paramagnetic":
        assert size < 0.3
    else:
        half = half_period(transverse_field=field, temperature=temperature)
        assert size > 0.4
        assert autocorrelation(late, half) < -0.7
        assert autocorrelation(late, 2 * half) > 0.7


GOOD = {"transverse_field": 0.1, "temperature": 0.5, "time": 1.0}


@BOTH
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"temperature": 0}, "temperature must be above 0, got 0.0"),
        ({"transverse_field": np.inf}, "transverse_field must be finite"),
        ({"time": -1}, "time must be above 0"),
        ({"n_times": 1}, "n_times must be a whole number of at least 2"),
        ({"trajectories": 1}, "trajectories must be a whole number of at least 2"),
        ({"step": 0}, "step must be above 0"),
        ({"seed": -1}, "seed must be a whole number"),
        ({"patterns": []}, "the memory is empty"),
        ({"probe": [None, None]}, "nothing is known"),
        ({"probe": [[0, 1]]}, r"one probe at a time: it must have shape \(2,\)"),
    ],
)
def test_bad_input_says_what_is_wrong(recall, change, message):
    given = {"patterns": [[0, 1]], "probe": [0, 1], **GOOD, **change}
    with pytest.raises(ValueError, match=message):
        recall(given.pop("patterns"), given.pop("probe"), **given)


def test_too_many_bits_are_counted_and_sent_elsewhere():
    with pytest.raises(ValueError, match=r"up to 12 bits, got 20: .*2\*\*20 amplitudes.*320 MiB; use product_traj"):
        open_hopfield([[0] * 20], [0] * 20, **GOOD)
    with pytest.raises(MemoryError, match="100000000000 trajectories needs"):
        product_trajectories([[0] * 20], [0] * 20, trajectories=10**11, **GOOD)
