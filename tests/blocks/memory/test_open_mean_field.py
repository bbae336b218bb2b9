"""The open Hopfield network at infinite size: classical limits, published mixtures, one spin's Lindblad equation."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.optimize import brentq

from ketwise.blocks.memory.open_mean_field import hopfield_mean_field, hopfield_phase, hopfield_stationary_states


@pytest.mark.parametrize("temperature", [0.3, 0.5, 0.9])
def test_without_a_field_the_overlap_settles_at_the_classical_one(temperature):
    classical = brentq(lambda m: np.tanh(m / temperature) - m, 1e-3, 1)
    for start in (0.05, 1.0):
        found = hopfield_mean_field(start, transverse_field=0, temperature=temperature, time=400, n_times=2)
        assert found.overlaps[-1, 0] == pytest.approx(classical, abs=1e-6)
    assert hopfield_stationary_states(0, temperature)[1].overlap == pytest.approx(classical, abs=1e-12)


def test_above_the_critical_temperature_nothing_is_left():
    assert hopfield_mean_field(1.0, transverse_field=0, temperature=1.2, time=100).overlaps[-1, 0] < 1e-6
    assert [state.stable for state in hopfield_stationary_states(0, 1.2)] == [True]


def test_a_hot_network_is_a_linear_system():
    """Every spin relaxes and turns by itself: the exponential of a matrix."""
    found = hopfield_mean_field(
        [0.5, -0.3], transverse_field=0.7, temperature=1e12, time=5, n_times=6, y=[0.1, 0.4], x=[0.2, -0.1]
    )
    motion = np.array([[-1, 1.4], [-1.4, -0.5]])
    for at, time in enumerate(found.times):
        expected = expm(motion * time) @ [[0.5, -0.3], [0.1, 0.4]]
        np.testing.assert_allclose([found.overlaps[at], found.y[at]], expected, atol=1e-7)
        np.testing.assert_allclose(found.x[at], np.array([0.2, -0.1]) * np.exp(-time / 2), atol=1e-12)


@pytest.mark.parametrize(("field", "temperature"), [(0.2, 0.4), (1.0, 0.3), (0.5, 1.5)])
def test_it_is_the_lindblad_equation_of_a_spin_in_the_field_of_its_own_mean(field, temperature):
    """Matrices with spin up first, the jumps as the paper writes them, the field from the state itself."""
    sx, sy, sz = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    raising = (sx + 1j * sy) / 2

    def slope(_, flat):
        rho = flat.reshape(2, 2)
        energy = np.trace(rho @ sz).real / temperature
        change = -1j * field * (sx @ rho - rho @ sx)
        for sign, ladder in ((1, raising), (-1, raising.T)):
            jump = np.exp(sign * energy / 2) / np.sqrt(2 * np.cosh(energy)) * ladder
            decay = jump.conj().T @ jump
            change = change + jump @ rho @ jump.conj().T - (decay @ rho + rho @ decay) / 2
        return change.ravel()

    start = np.array([0.6, 0.3, 0.4])  # z, y, x
    rho = (np.eye(2) + start[0] * sz + start[1] * sy + start[2] * sx) / 2
    found = hopfield_mean_field(0.6, transverse_field=field, temperature=temperature, time=8, n_times=9, y=0.3, x=0.4)
    exact = solve_ivp(slope, (0, 8), rho.ravel(), t_eval=found.times, rtol=1e-9, atol=1e-11).y.T.reshape(-1, 2, 2)
    for operator, mine in ((sz, found.overlaps), (sy, found.y), (sx, found.x)):
        np.testing.assert_allclose(mine[:, 0], np.trace(exact @ operator, axis1=1, axis2=2).real, atol=1e-6)


@pytest.mark.parametrize(("n_patterns", "overlap"), [(2, 1 / 2), (3, 1 / 2), (4, 3 / 8), (5, 3 / 8)])
def test_cold_mixtures_have_the_published_overlaps(n_patterns, overlap):
    """Amit, Gutfreund, Sompolinsky, PRA 32, 1007 (1985): binom(2k, k) / 4**k with all of 2k or 2k + 1 patterns."""
    found = hopfield_mean_field([0.4] * n_patterns, transverse_field=0, temperature=0.01, time=30, n_times=2)
    np.testing.assert_allclose(found.overlaps[-1], overlap, atol=1e-4)


@pytest.mark.parametrize(("temperature", "stable"), [(0.44, True), (0.48, False)])
def test_a_mixture_of_three_is_stable_below_its_published_temperature(temperature, stable):
    """Amit, Gutfreund, Sompolinsky, PRA 32, 1007 (1985): below 0.461."""
    mixed = hopfield_mean_field([0.5] * 3, transverse_field=0, temperature=temperature, time=100, n_times=2).overlaps[
        -1
    ]
    pushed = hopfield_mean_field(
        mixed + [0.01, 0, -0.01], transverse_field=0, temperature=temperature, time=2000, n_times=2
    )
    assert (np.ptp(pushed.overlaps[-1]) < 1e-4) == stable


@pytest.mark.parametrize(("field", "temperature"), [(0.2, 0.3), (0.3, 0.5), (0.6, 0.1), (0.1, 0.8), (0.7, 0.1)])
def test_stationary_states_stay_and_are_stable_where_they_say_so(field, temperature):
    state = hopfield_stationary_states(field, temperature)[1]
    how = {"transverse_field": field, "temperature": temperature, "time": 150}
    assert state.overlap * (1 + 8 * field**2) == pytest.approx(np.tanh(state.overlap / temperature), abs=1e-12)
    still = hopfield_mean_field(state.overlap, y=state.y, **how | {"time": 5})
    np.testing.assert_allclose(still.overlaps, state.overlap, atol=1e-6)
    np.testing.assert_allclose(still.y, state.y, atol=1e-6)
    moved = hopfield_mean_field(state.overlap * 1.001, y=state.y, **how)
    assert (abs(moved.overlaps[-30:, 0] - state.overlap).max() < 1e-3 * state.overlap) == state.stable


@pytest.mark.parametrize("field", [0.0, 0.1, 0.2])
def test_retrieval_ends_where_the_slope_of_tanh_no_longer_carries_it(field):
    critical = 1 / (1 + 8 * field**2)
    assert hopfield_phase(field, 0.999 * critical) == "retrieval"
    assert hopfield_phase(field, 1.001 * critical) == hopfield_phase(field, 3) == "paramagnetic"
    below, above = (
        hopfield_mean_field(1.0, transverse_field=field, temperature=t * critical, time=3000, n_times=2)
        for t in (0.99, 1.01)
    )
    assert below.overlaps[-1, 0] > 0.05 > 1e-3 > abs(above.overlaps[-1, 0])


@pytest.mark.parametrize("field", [0.3, 0.6, 2.0])
def test_cycles_set_in_at_two_thirds_of_the_critical_temperature(field):
    """The trace of the linear motion, 1/T - 3/2, changes its sign while the eigenvalues are complex."""
    assert hopfield_phase(field, 0.667) == "paramagnetic"
    assert hopfield_phase(field, 0.666) == hopfield_phase(-field, 0.666) == "limit cycle"


def cycles_at_temperature_0(field):
    """The equations with sign(m) for tanh(m/T): linear on either side of 0, solved in closed form from m = 1."""
    motion = np.array([[-1, 2 * field], [-2 * field, -0.5]])
    centre = -np.linalg.solve(motion, [1, 0])
    frequency = np.sqrt(4 * field**2 - 1 / 16)

    def at(start, time):
        turning = np.eye(2) * np.cos(frequency * time) + (motion + 0.75 * np.eye(2)) / frequency * np.sin(
            frequency * time
        )
        return centre + np.exp(-0.75 * time) * turning @ (start - centre)

    point = np.array([1.0, 0.0])
    for _ in range(2000):
        times = np.linspace(1e-6, 3 * np.pi / frequency, 200)
        after = next((k for k, time in enumerate(times) if at(point, time)[0] < 0), None)
        if after is None:
            return False
        ends = brentq(lambda time, start=point: at(start, time)[0], times[max(after - 1, 0)], times[after])
        last, point = point, np.array([0.0, -at(point, ends)[1]])
        if last[0] == 0 and last[1] - point[1] < 1e-9:
            return True
    raise AssertionError("neither stops nor repeats")


def test_at_low_temperature_cycles_begin_where_the_piecewise_linear_motion_has_them():
    low, high = 0.3, 1.5
    assert not cycles_at_temperature_0(low)
    assert cycles_at_temperature_0(high)
    for _ in range(9):
        middle = (low + high) / 2
        low, high = (low, middle) if cycles_at_temperature_0(middle) else (middle, high)
    assert hopfield_phase(low * 0.99, 0.002) == "retrieval"
    assert hopfield_phase(high * 1.01, 0.002) == "limit cycle"


def late_overlaps(start, field, temperature, y=None):
    how = {"transverse_field": field, "temperature": temperature, "time": 150, "n_times": 1501}
    return hopfield_mean_field(start, y=y, **how).overlaps[-500:, 0]


@pytest.mark.parametrize("temperature", [0.1, 0.25, 0.45, 0.6, 0.75, 1.1])
@pytest.mark.parametrize("field", [0.0, 0.2, 0.45, 0.9])
def test_the_phase_is_what_a_stored_pattern_becomes(field, temperature):
    late = late_overlaps(1.0, field, temperature)
    expected = (
        "paramagnetic" if abs(late).max() < 1e-3 else "retrieval" if late.min() * late.max() > 0 else "limit cycle"
    )
    if expected == "retrieval":
        assert np.ptp(late) < 1e-3
        assert abs(late[-1]) == pytest.approx(hopfield_stationary_states(field, temperature)[1].overlap, abs=1e-3)
    assert hopfield_phase(field, temperature) == expected
    if expected == "limit cycle":
        assert late.max() > 0.1 > -0.1 > late.min()
        assert np.ptp(late[:250]) == pytest.approx(np.ptp(late[250:]), rel=1e-2)


def test_a_cycle_and_a_stable_stationary_state_can_be_there_together():
    field, temperature = 0.7, 0.1
    state = hopfield_stationary_states(field, temperature)[1]
    assert state.stable
    assert hopfield_phase(field, temperature) == "limit cycle"
    assert late_overlaps(1.0, field, temperature).min() < -0.1
    assert np.ptp(late_overlaps(state.overlap, field, temperature, y=state.y + 0.01)) < 1e-3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: hopfield_phase(0.1, 0), "temperature must be above 0"),
        (lambda: hopfield_phase("a", 1), "transverse_field must be a real number"),
        (lambda: hopfield_mean_field([[1.0]], transverse_field=0, temperature=1, time=1), "overlap must have shape"),
        (lambda: hopfield_mean_field([0.1] * 13, transverse_field=0, temperature=1, time=1), "of up to 12 patterns"),
        (lambda: hopfield_mean_field([1, 1], transverse_field=0, temperature=1, time=1), "add up to at most 1, got 2"),
        (lambda: hopfield_mean_field(np.nan, transverse_field=0, temperature=1, time=1), "add up to at most 1"),
        (
            lambda: hopfield_mean_field(1, transverse_field=0, temperature=1, time=1, y=[0, 0]),
            r"y must have shape \(1,\)",
        ),
        (lambda: hopfield_mean_field(1, transverse_field=0, temperature=1, time=0), "time must be above 0"),
        (
            lambda: hopfield_mean_field(1, transverse_field=0, temperature=1, time=1, n_times=1),
            "n_times must be a whole",
        ),
    ],
)
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
