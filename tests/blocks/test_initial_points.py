"""Starting points: identity blocks are the identity, Gaussian ones keep their published bound."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks import initial_points
from ketwise.blocks.ansatz import hardware_efficient, identity_blocks, sim, strongly_entangling


@pytest.mark.parametrize("n_blocks", [1, 2, 5])
@pytest.mark.parametrize("half", [strongly_entangling(4, 2), sim(14, 3, 2), hardware_efficient(3, 1)])
def test_identity_blocks_start_as_the_identity(half, n_blocks):
    circuit = identity_blocks(half, n_blocks)
    assert circuit.n_params == 2 * n_blocks * half.n_params
    w = initial_points.identity_blocks(circuit.n_params, n_blocks, seed=n_blocks)
    program, size = circuit.compile(kw.State()), 1 << half.n_qubits
    unitary = np.stack([program(w, initial_state=row) for row in np.eye(size)], axis=1)
    np.testing.assert_allclose(unitary, np.eye(size), atol=1e-13)
    # And not for any other values, nor is half a block idle.
    moved = w.copy()
    moved[: half.n_params] += 0.3
    assert abs(program(moved)[0]) < 0.999
    assert abs(half.compile(kw.State())(w[: half.n_params])[0]) < 0.999


def test_the_blocks_of_a_start_are_drawn_apart():
    w = initial_points.identity_blocks(24, 3, seed=0).reshape(3, 2, 4)
    assert (w[:, 0] == w[:, 1]).all()
    assert len(np.unique(w)) == 12


def test_blocks_with_data_or_of_another_size_are_refused():
    with pytest.raises(ValueError, match="block must have no features"):
        identity_blocks(kw.Circuit(1).rx(kw.features(1)[0], 0))
    with pytest.raises(TypeError, match="block must be a Circuit, got Encoding"):
        identity_blocks(kw.encodings.angle(2))
    with pytest.raises(ValueError, match="need a multiple of 4 values: 6"):
        initial_points.identity_blocks(6, 2)


def layers_of_rotations(n_qubits, layers):
    """RX and RY on every qubit and CZ on a ring, as in Zhang et al. (2022)."""
    w = iter(kw.params(2 * n_qubits * layers))
    circuit = kw.Circuit(n_qubits)
    for _ in range(layers):
        for q in range(n_qubits):
            circuit.rx(next(w), q).ry(next(w), q)
        for q in range(n_qubits):
            circuit.cz(q, (q + 1) % n_qubits)
    return circuit


@pytest.mark.parametrize(("n_qubits", "layers", "locality"), [(4, 4, 1), (7, 4, 1), (7, 10, 1), (6, 6, 2), (7, 6, 3)])
def test_gaussian_angles_keep_the_gradient_above_its_bound(n_qubits, layers, locality):
    """Theorem 4.1: the mean squared norm is at least L / (S**S (L + 2)**(S + 1)) for Z...Z on |0...0>."""
    circuit = layers_of_rotations(n_qubits, layers)
    word = kw.identity()
    for q in range(locality):
        word = word * kw.Z(q)
    rng = np.random.default_rng(0)
    starts = np.stack(
        [initial_points.gaussian(circuit.n_params, locality=locality, layers=layers, seed=rng) for _ in range(200)]
    )
    norms = (circuit.compile(word).jacobian(starts)[:, 0] ** 2).sum(axis=1)
    bound = layers / (locality**locality * (layers + 2) ** (locality + 1))
    assert norms.mean() - 4 * norms.std() / np.sqrt(len(norms)) > bound
    # Uniform angles do worse where the circuit is deep enough to scramble.
    if layers == 10:
        uniform = rng.uniform(-np.pi, np.pi, starts.shape)
        assert (circuit.compile(word).jacobian(uniform)[:, 0] ** 2).sum(axis=1).mean() < norms.mean()


def test_moments_and_supports():
    n = 100_000
    assert np.abs(initial_points.uniform(n, seed=0)).max() <= np.pi
    assert initial_points.uniform(n, seed=0).var() == pytest.approx(np.pi**2 / 3, rel=0.02)
    small = initial_points.small_angle(n, 0.05, seed=0)
    assert np.abs(small).max() <= 0.05
    assert small.var() == pytest.approx(0.05**2 / 3, rel=0.02)
    assert initial_points.gaussian(n, locality=2, layers=3, seed=0).var() == pytest.approx(1 / 40, rel=0.03)
    one = initial_points.layerwise(10, np.array([2, 5]), scale=0.5, seed=0)
    assert set(np.flatnonzero(one)) == {2, 5}
    assert np.abs(one).max() <= 0.5


def test_seeds():
    for draw in (
        lambda seed: initial_points.uniform(5, seed=seed),
        lambda seed: initial_points.small_angle(5, seed=seed),
        lambda seed: initial_points.gaussian(5, locality=1, layers=1, seed=seed),
        lambda seed: initial_points.identity_blocks(6, seed=seed),
        lambda seed: initial_points.layerwise(6, slice(2, 4), seed=seed),
    ):
        np.testing.assert_array_equal(draw(7), draw(7))
        rng = np.random.default_rng(7)
        assert (draw(rng) != draw(rng)).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: initial_points.small_angle(3, -0.1), "scale must not be negative"),
        (lambda: initial_points.uniform(-1), "n_params must be a whole number of at least 0"),
        (lambda: initial_points.gaussian(3, locality=0, layers=1), "locality must be a whole number of at least 1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
