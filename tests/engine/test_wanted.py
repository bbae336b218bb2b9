"""Which derivatives a sweep gives: a mask of angles, by sample or summed; what is asked for keeps its bits."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.engine.angles import AngleValues, Wanted
from ketwise.engine.native import choose, compile_plan, instruction_sets
from ketwise.words.outputs import as_outputs
from tests.random_circuits import random_circuit

pytestmark = pytest.mark.skipif(not instruction_sets(), reason="the native engine was not built on this machine")


def problem(seed: int, n_qubits: int, n_ops: int, dtype: str):
    """A plan, its angles, of which about a third differ from sample to sample, and cotangents."""
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, n_qubits, n_ops)
    plan = compile_plan(circuit, as_outputs([kw.Z(1), kw.X(n_qubits - 1) * kw.Z(0)]), np.dtype(dtype), choose())
    n = plan.n_angles
    differs = rng.random(n) < 0.3
    column = np.where(differs, np.cumsum(differs) - 1, -1).astype(np.int32)
    angles = AngleValues(19, rng.normal(size=n), rng.normal(size=(19, differs.sum())), column)
    return rng, plan, angles, rng.normal(size=(19, 2))


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize(("n_qubits", "n_ops"), [(2, 12), (5, 30), (12, 70)])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("by_sample", [False, True])
def test_a_mask_leaves_the_others_their_bits(seed, n_qubits, n_ops, dtype, by_sample):
    rng, plan, angles, weights = problem(seed, n_qubits, n_ops, dtype)

    def derivatives(mask):
        *_, d_shared, d_rows, _ = plan.run(angles, cotangent=weights, wanted=Wanted(mask, by_sample=by_sample))
        if by_sample:
            return d_rows.T
        whole = np.zeros((plan.n_angles, angles.batch))
        differing = angles.column >= 0
        whole[differing] = d_rows[:, angles.column[differing]].T
        whole[~differing, 0] = d_shared[~differing]
        assert not d_shared[differing].any()
        return whole

    every = derivatives(np.ones(plan.n_angles, dtype=bool))
    masks = [rng.random(plan.n_angles) < part for part in (0.1, 0.5)]
    for mask in [*masks, np.arange(plan.n_angles) == plan.n_angles - 1, np.zeros(plan.n_angles, dtype=bool)]:
        found = derivatives(mask)
        assert not found[~mask].any()
        # A pass in which one is wanted, and others not, is undone in one go or in two.
        np.testing.assert_allclose(found[mask], every[mask], rtol=0, atol=1e-12 if dtype == "complex128" else 1e-5)


@pytest.mark.parametrize("dtype", ["complex64", "complex128"])
@pytest.mark.parametrize("seed", range(4))
def test_derivatives_by_sample_add_up_to_those_of_shared_angles(seed, dtype):
    _, plan, angles, weights = problem(seed, 4, 40, dtype)
    mask = np.ones(plan.n_angles, dtype=bool)
    *_, d_shared, d_rows, _ = plan.run(angles, cotangent=weights, wanted=Wanted(mask))
    *_, by_sample, _ = plan.run(angles, cotangent=weights, wanted=Wanted(mask, by_sample=True))
    differing = angles.column >= 0
    unit = 1e-12 if dtype == "complex128" else 5e-6
    total = by_sample.sum(axis=0)
    np.testing.assert_allclose(total[~differing], d_shared[~differing], rtol=0, atol=unit * np.abs(weights).sum())
    np.testing.assert_allclose(by_sample[:, differing], d_rows[:, angles.column[differing]], rtol=0, atol=10 * unit)


@pytest.mark.parametrize("seed", range(4))
def test_the_derivative_by_the_first_state_is_the_same_from_kept_states_and_from_undone_ones(seed):
    rng, plan, angles, weights = problem(seed, 6, 40, "complex128")
    initial = rng.normal(size=(19, 64)) + 1j * rng.normal(size=(19, 64))
    wanted = Wanted(np.ones(plan.n_angles, dtype=bool), initial_state=True)
    _, states, *_ = plan.run(angles, initial=initial, keep=True)
    *_, undone = plan.run(angles, initial=initial, states=states, forward=False, cotangent=weights, wanted=wanted)
    nothing = wanted._replace(angles=np.zeros(plan.n_angles, dtype=bool))
    assert plan.keeps
    for asked in (wanted, nothing):
        *_, kept = plan.run(angles, initial=initial, cotangent=weights, wanted=asked)
        np.testing.assert_allclose(kept, undone, rtol=0, atol=1e-10)
