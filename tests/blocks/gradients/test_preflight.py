"""The preflight on circuits whose gradients, cones and shots are known."""

import re

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks import initial_points
from ketwise.blocks.gradients.preflight import preflight
from ketwise.blocks.gradients.scaling import fit_scaling
from ketwise.blocks.gradients.signal import local_outputs, parameter_groups


def rotations(n_qubits):
    circuit = kw.Circuit(n_qubits)
    for q, w in enumerate(kw.params(n_qubits)):
        circuit.rx(w, q)
    return circuit


def global_cost(n_qubits):
    return rotations(n_qubits).compile(kw.Overlap(np.eye(1 << n_qubits)[0]))


def local_cost(n_qubits):
    return rotations(n_qubits).compile(sum(((0.5 / n_qubits) * kw.Z(q) for q in range(n_qubits)), 0 * kw.Z(0)))


def test_the_global_toy_cost_falls_by_three_eighths_a_qubit():
    found = preflight(global_cost, sizes=(2, 3, 4, 5, 6), draws=6000)
    assert found.n_qubits == 6
    assert found.mean == pytest.approx((1 / 8) * (3 / 8) ** 5, abs=4 * found.standard_error)
    assert found.scaling.law == "exponential"
    assert found.scaling.factor == pytest.approx(3 / 8, abs=4 * found.scaling.factor_error)
    assert found.barren
    assert found.is_global
    assert not found.unseen
    assert found.scaling.at(6) == pytest.approx((1 / 8) * (3 / 8) ** 5, rel=0.2)
    text = repr(found)
    assert "falls exponentially, by 0.3" in text
    assert "(global)" in text
    assert "barren plateau in the making" in text
    assert "a local cost" in text


def test_the_local_toy_cost_falls_as_the_square():
    found = preflight(local_cost, sizes=(2, 3, 4, 6, 8), draws=2000)
    assert found.mean == pytest.approx(1 / (8 * 64), abs=4 * found.standard_error)
    assert found.scaling.law == "polynomial"
    assert found.scaling.power == pytest.approx(-2, abs=4 * found.scaling.power_error)
    assert not found.barren
    assert not found.is_global
    assert "falls polynomially, as n to the power -2.0" in found.says()
    assert found.scaling.at(16) == pytest.approx(1 / (8 * 256), rel=0.1)


@pytest.mark.parametrize("sizes", [(2, 3, 4), (4, 2, 3), (2, 3), (3,)])
def test_no_size_is_measured_twice(sizes):
    """Where no law can be fitted, as with two sizes, the largest alone is measured."""
    asked = []

    def family(n_qubits):
        asked.append(n_qubits)
        return local_cost(n_qubits)

    found = preflight(family, sizes=sizes, draws=50, remedies=False)
    assert sorted(asked) == (sorted(sizes) if len(sizes) > 2 else [max(sizes)])
    assert found.n_qubits == max(sizes)
    if len(sizes) > 2:
        assert found.scaling.sizes == tuple(sorted(sizes))
        assert found.scaling.values[-1] == found.mean
    else:
        assert found.scaling is None


def test_a_local_cost_helps_as_much_as_the_closed_forms_say():
    """Overlap with |0000>, read out as the mean of Z instead: signal over shot noise."""
    n = 4
    found = preflight(global_cost(n), draws=8000)
    remedy = next(r for r in found.remedies if r.name == "a local cost")
    # The mean of Z has derivatives of sin(w)/n: 1/(2 n**2). One shot of a probability has at most 1/4 of its variance.
    assert remedy.mean == pytest.approx(1 / (2 * n**2), rel=0.05)
    assert remedy.gain == pytest.approx((1 / (2 * n**2)) / (4 * (1 / 8) * (3 / 8) ** (n - 1)), rel=0.15)


def test_deep_circuits_reach_the_random_plateau():
    found = preflight(lambda n: kw.ansatz.strongly_entangling(n, 3 * n), sizes=(2, 3, 4, 5), draws=120, remedies=False)
    assert found.mean == pytest.approx(found.haar, rel=0.2)
    assert found.scaling.law == "exponential"
    assert found.scaling.factor == pytest.approx(0.5, abs=0.06)
    assert found.remedies == ()


def test_a_depth_that_does_not_grow_keeps_its_gradient():
    def brickwork(n):
        w = iter(kw.params(2 * n))
        circuit = kw.Circuit(n)
        for q in range(n):
            circuit.ry(next(w), q)
        for q in range(0, n - 1, 2):
            circuit.cz(q, q + 1)
        for q in range(n):
            circuit.rx(next(w), q)
        return circuit

    found = preflight(brickwork, outputs=lambda n: kw.Z(0), sizes=(2, 4, 6, 8), draws=400, remedies=False)
    assert found.scaling.law == "none"
    assert "does not fall" in found.says()
    assert [cone.qubits for cone in found.cones] == [(0, 1)]
    assert sum(group.inside for group in found.groups) == 3
    assert "13 of 16 parameters reach no output" in found.says()


def test_shots_are_those_of_the_whole_gradient():
    """Two qubits, Z on both: squares of 1/2, noise 1/2 a shot, so 1 / error**2 shots for each of 4 circuits."""
    found = preflight(rotations(2), outputs=[kw.Z(0), kw.Z(1)], relative_error=0.1, draws=20_000)
    assert found.shots.per_circuit == pytest.approx(100, rel=0.05)
    assert found.shots.circuits == 4
    assert found.shots.rows == 1
    assert found.shots.per_step == 4 * found.shots.per_circuit
    controlled = preflight(kw.Circuit(2).h(0).h(1).crz(kw.params(1)[0], 0, 1), outputs=kw.X(1), draws=20_000)
    # <X> is (1 + cos(w/2)... )/2 of two halves: derivative -sin(w)/2, mean square 1/8, noise 3/8.
    assert controlled.mean == pytest.approx(1 / 8, rel=0.05)
    assert controlled.shots.per_circuit == pytest.approx(3 / 0.09, rel=0.06)
    assert controlled.shots.circuits == 4


def test_the_noise_that_is_counted_is_that_of_shots():
    """Drawn shots: parameter-shift derivatives from as many as were foretold have at most the error asked for."""
    circuit = kw.ansatz.hardware_efficient(3, 1)
    program = circuit.compile(kw.Z(0) * kw.Z(2))
    found = preflight(program, relative_error=0.5, draws=400, remedies=False)
    rng, shots = np.random.default_rng(0), found.shots.per_circuit
    starts = rng.uniform(-np.pi, np.pi, (60, circuit.n_params))
    cone = sorted({p for cone in found.cones for p in cone.params})
    assert found.shots.circuits == 2 * len(cone)
    exact = program.jacobian(starts)[:, 0][:, cone]
    drawn = np.zeros(exact.shape)
    for column, p in enumerate(cone):
        for sign in (1, -1):
            moved = starts.copy()
            moved[:, p] += sign * np.pi / 2
            up = (1 + program(moved)[:, 0]) / 2
            drawn[:, column] += sign * (2 * rng.binomial(shots, np.clip(up, 0, 1)) / shots - 1) / 2
    error = np.sqrt(((drawn - exact) ** 2).sum() / (exact**2).sum())
    assert 0.2 < error < 0.55


def test_groups_are_layers_and_gates():
    groups = parameter_groups(kw.ansatz.hardware_efficient(3, layers=2))
    assert groups == {
        (layer, gate): list(range(start, start + 3))
        for layer, gate, start in [(1, "ry", 0), (1, "rz", 3), (2, "ry", 6), (2, "rz", 9), (3, "ry", 12), (3, "rz", 15)]
    }
    shared = kw.Circuit(2)
    w = kw.params(2)
    for _ in range(2):
        shared.rzz(w[0], 0, 1).rx(w[1], 0).rx(w[1], 1)
    assert parameter_groups(shared) == {(1, "rx"): [1], (1, "rzz"): [0]}


def test_starts_can_be_given_and_are_said():
    circuit = kw.ansatz.strongly_entangling(3, 2)
    zero = preflight(circuit, params=np.zeros(circuit.n_params), outputs=kw.Z(0), draws=10, remedies=False)
    assert zero.mean == 0
    assert zero.shots.per_circuit is None
    assert zero.barren
    assert "no number of shots shows a gradient" in zero.says()
    drawn = preflight(
        circuit, params=lambda rng: initial_points.small_angle(circuit.n_params, seed=rng), draws=50, remedies=True
    )
    assert drawn.start == "as given"
    assert "uniform on [-pi, pi]" in {r.name for r in drawn.remedies}


def test_an_estimator_is_looked_at_where_it_starts():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(40, 3)), rng.integers(0, 2, 40)
    model = kw.VariationalClassifier(layers=2, max_iter=1, random_state=0).fit(X, y)
    found = preflight(model, X, draws=60, batch_size=8)
    assert found.n_params == model.model_.encoding.n_params
    assert "where its training starts" in found.says()
    assert "data from 40 rows" in found.says()
    assert found.shots.rows == 8
    assert not found.barren
    with pytest.raises(ValueError, match="X is missing: an estimator's gradient is that on its data"):
        preflight(model)
    with pytest.raises(TypeError, match="a fitted variational estimator"):
        preflight(kw.VariationalClassifier())


def test_data_are_made_up_only_where_that_can_be_done():
    made_up = preflight(kw.encodings.reuploading(2, layers=1), draws=20, remedies=False)
    assert "data uniform on [-pi, pi], for none were given" in made_up.says()
    given = preflight(kw.encodings.reuploading(2, layers=1), np.zeros((5, 2)), draws=20)
    assert "data from 5 rows" in given.says()
    assert next(r for r in given.remedies if r.name == "identity blocks").gain is None


def test_seeds_give_the_same_and_remedies_are_sorted():
    first, second = (preflight(kw.ansatz.sim(14), draws=40, seed=5) for _ in range(2))
    assert repr(first) == repr(second)
    gains = [r.gain or 0 for r in first.remedies]
    assert gains == sorted(gains, reverse=True)
    assert re.search(r"Measured, no help here: .*identity blocks \(0\)", repr(first))


def test_local_outputs():
    assert local_outputs(kw.Expectations([kw.Z(0), kw.X(3)]), 4) is None
    (mean,) = local_outputs(kw.Expectations(2 * kw.X(0) * kw.Y(1) * kw.Z(2)), 3).observables
    assert mean == (2 / 3) * (kw.X(0) + kw.Y(1) + kw.Z(2))


def test_laws_need_sizes_and_gradients():
    n = np.array([2, 4, 6, 8])
    exponential = fit_scaling(n.tolist(), (0.5**n).tolist(), (0.02 * 0.5**n).tolist())
    assert (exponential.law, exponential.factor) == ("exponential", pytest.approx(0.5, rel=1e-12))
    near = fit_scaling([6, 7, 8], [1.0, 0.8, 0.65], [0.1, 0.1, 0.1])
    # 0.8 a qubit and the power -1.5 both miss these by less than a tenth of an error.
    assert near.law == "unclear"
    with pytest.raises(ValueError, match="three different sizes or more"):
        fit_scaling([2, 3], [1.0, 0.5], [0.1, 0.1])
    with pytest.raises(ValueError, match="the gradient at 4 qubits is 0"):
        fit_scaling([2, 3, 4], [1.0, 0.5, 0.0], [0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: preflight(kw.Circuit(2).h(0)), ValueError, "there is nothing to train"),
        (lambda: preflight(rotations(2), draws=1), ValueError, "draws must be a whole number of at least 2"),
        (lambda: preflight(rotations(2), relative_error=0), ValueError, "relative_error must be above 0"),
        (lambda: preflight(rotations(2), params=[0.1]), ValueError, r"params must have shape \(2,\)"),
        (lambda: preflight(global_cost(2), outputs=kw.Z(0)), ValueError, "a program has its outputs"),
        (lambda: preflight([1, 2]), TypeError, "preflight needs a Circuit"),
        (lambda: preflight(rotations, sizes=()), ValueError, "sizes must hold at least one"),
        (lambda: preflight(kw.encodings.reuploading(2), [1.0]), ValueError, "X must have shape"),
    ],
)
def test_bad_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
