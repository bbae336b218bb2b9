"""Fidelities of states against NumPy's own product, their bits in any company, and the engine without a compiler."""

import numpy as np
import pytest

from ketwise.blocks.kernels.overlaps import fidelities_of_states
from ketwise.engine import native

SIZES = [1, 2, 15, 16, 17, 127, 128, 129, 260]


def states(n: int, length: int, dtype: str, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, length)) + 1j * rng.normal(size=(n, length))
    return (rows / np.linalg.norm(rows, axis=1)[:, None]).astype(dtype)


@pytest.fixture(params=["native", "NumPy"])
def engine(request, monkeypatch):
    if request.param == "NumPy":
        monkeypatch.setattr(native, "instruction_sets", lambda: ())
    elif not native.instruction_sets():
        pytest.skip("the native engine was not built on this machine")
    return request.param


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
@pytest.mark.parametrize("length", [2, 128, 300, 512])
@pytest.mark.parametrize("n", SIZES)
def test_they_are_squared_overlaps(engine, n, length, dtype):
    a, b = states(n, length, dtype), states(30, length, dtype, seed=1)
    bound = 1e-13 if dtype == "complex128" else 5e-6
    wide = [rows.astype(complex) for rows in (a, b)]
    np.testing.assert_allclose(fidelities_of_states(a, b), abs(wide[0].conj() @ wide[1].T) ** 2, rtol=0, atol=bound)
    np.testing.assert_allclose(fidelities_of_states(a), abs(wide[0].conj() @ wide[0].T) ** 2, rtol=0, atol=bound)


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
@pytest.mark.parametrize("n", [3, 131])
def test_long_states_are_read_in_pieces(n, dtype):
    """From 2**13 amplitudes on a block of states is larger than what a thread holds of it."""
    a, b = states(n, 1 << 13, dtype), states(130, 1 << 13, dtype, seed=1)
    bound = 1e-13 if dtype == "complex128" else 5e-6
    wide = [rows.astype(complex) for rows in (a, b)]
    np.testing.assert_allclose(fidelities_of_states(a, b), abs(wide[0].conj() @ wide[1].T) ** 2, rtol=0, atol=bound)
    np.testing.assert_allclose(fidelities_of_states(b), abs(wide[1].conj() @ wide[1].T) ** 2, rtol=0, atol=bound)


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_an_entry_has_the_same_bits_in_any_company_and_order(engine, dtype):
    a = states(150, 256, dtype)
    whole = fidelities_of_states(a)
    np.testing.assert_array_equal(whole, whole.T)
    np.testing.assert_array_equal(fidelities_of_states(a, a.copy()), whole)
    np.testing.assert_array_equal(fidelities_of_states(a[3:20], a[77:149]), whole[3:20, 77:149])
    np.testing.assert_array_equal(fidelities_of_states(a[77:149], a[3:20]), whole[77:149, 3:20])
    np.testing.assert_array_equal(fidelities_of_states(a[5:6]), whole[5:6, 5:6])


@pytest.mark.parametrize("dtype", ["complex128", "complex64"])
def test_the_number_of_threads_changes_no_bit(dtype, monkeypatch):
    if not native.instruction_sets():
        pytest.skip("the native engine was not built on this machine")
    a, found = states(400, 64, dtype), []
    for threads in (1, 2, 4):
        monkeypatch.setattr(native, "n_threads", lambda threads=threads: threads)
        found.append(fidelities_of_states(a))
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_no_states_give_no_fidelities(engine):
    assert fidelities_of_states(states(0, 4, "complex128"), states(3, 4, "complex128")).shape == (0, 3)
    assert fidelities_of_states(states(3, 4, "complex128"), states(0, 4, "complex128")).shape == (3, 0)
