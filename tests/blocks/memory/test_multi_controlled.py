"""A NOT with many controls as Toffolis does what it stands for and gives back what it borrowed."""

import numpy as np
import pytest

import ketwise as kw
from ketwise.blocks.memory.multi_controlled import controlled_not, toffolis


@pytest.mark.parametrize(
    ("k", "borrowed"), [(1, 0), (2, 0), (3, 1), (4, 1), (4, 2), (5, 1), (5, 2), (5, 4), (6, 1), (7, 1)]
)
def test_it_is_the_gate_on_every_basis_state(k, borrowed):
    n = k + 1 + borrowed
    written = controlled_not(kw.Circuit(n), range(k), k, range(k + 1, n))
    gate = kw.Circuit(n).x(k, range(k))
    # An uneven state tells all basis states apart.
    start = np.arange(1, 1 + (1 << n), dtype=complex)
    start /= np.linalg.norm(start)
    np.testing.assert_allclose(
        written.compile(kw.State())(None, None, start), gate.compile(kw.State())(None, None, start), atol=1e-14
    )
    assert written.counts()["ccx"] == toffolis(k, borrowed) if k > 1 else written.counts()["cx"] == 1


def test_the_cost_is_linear():
    assert [toffolis(k, k - 2) for k in (3, 10, 100)] == [4, 32, 392]
    assert all(toffolis(k, 1) < 8 * k for k in range(3, 300))


def test_nothing_to_borrow_is_refused():
    with pytest.raises(ValueError, match="needs one qubit to borrow"):
        controlled_not(kw.Circuit(4), range(3), 3, [])
