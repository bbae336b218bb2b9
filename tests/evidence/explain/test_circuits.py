"""What is said of circuits holds: which are IQP, which are products, how many frequencies they have."""

import numpy as np
import pytest

from ketwise.blocks.encodings import angle, iqp
from ketwise.evidence.explain.circuits import simulability, spectrum
from ketwise.words.outputs import State


def test_an_overlap_of_iqp_states_is_a_mean_over_bit_strings():
    """The remark's claim, for three qubits: the fidelity is |mean of exp(i phase(z))|**2 over the eight strings."""
    x, y = np.random.default_rng(0).normal(size=(2, 3))

    def phase(features, z):
        signs = 1 - 2 * np.array([(z >> q) & 1 for q in range(3)])
        pairs = [(0, 1), (0, 2), (1, 2)]
        one = sum(features[q] * signs[q] for q in range(3))
        return -0.5 * (one + sum(features[a] * features[b] * signs[a] * signs[b] for a, b in pairs))

    mean = np.mean([np.exp(1j * (phase(y, z) - phase(x, z))) for z in range(8)])
    states = iqp(3).compile(State())(None, np.array([x, y]))
    assert abs(np.vdot(states[0], states[1])) ** 2 == pytest.approx(abs(mean) ** 2, abs=1e-12)


def test_only_what_holds_is_said():
    assert any("products" in remark for remark in simulability(angle(3).circuit))
    assert not any("products" in remark for remark in simulability(iqp(3).circuit))
    assert any("IQP" in remark for remark in simulability(iqp(3).circuit, of_pairs=True))
    assert not any("IQP" in remark for remark in simulability(iqp(3).circuit))  # a readout is not a pair
    assert any("1,024 amplitudes" in remark for remark in simulability(iqp(10).circuit))
    assert simulability(iqp(31, pairs="ring").circuit) == []


def test_the_spectrum_is_counted_or_bounded():
    counted = spectrum(angle(3), None)
    assert counted["size"] == 27  # -1, 0, 1 in each of three features
    assert counted["log10_bound"] == pytest.approx(np.log10(27))
    assert "27" in counted["says"]
    many = spectrum(iqp(6), None)
    assert many["size"] is None
    assert many["log10_bound"] == pytest.approx(21 * np.log10(3))  # 6 features and 15 products
    assert "10^10" in many["says"]
