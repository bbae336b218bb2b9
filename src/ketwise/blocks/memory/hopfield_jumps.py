"""The open quantum Hopfield network as two models of quantum jumps: full state vectors, and products of spins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketwise.blocks.memory.patterns import Bits
from ketwise.blocks.memory.quantum_jumps import chosen

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StateVectors:
    """Full states as real arrays ``(rows, 2**n)``: the amplitude of basis state s is ``(-i)**popcount(s)`` times it.

    A transverse field turns ``(a, -i b)`` of a spin into the same form, decay is real, and a jump changes the phase of
    the whole state only. So what starts in a basis state stays real in this frame, for a quarter of the work.

    Attributes
    ----------
    rates : (2 n, 2**n) array
        Of each jump from each basis state: bit i to 1 in row i, to 0 in row n + i; 0 where it is there already.
    outflow : (2**n,) array
        Their sum over the jumps.
    field : float
    """

    rates: Array
    outflow: Array
    field: float

    @classmethod
    def of(cls, spins: Array, field: float, beta: float) -> StateVectors:
        """Return the model of patterns of spins ``(n_patterns, n)``."""
        n = spins.shape[1]
        up = (np.arange(1 << n) >> np.arange(n)[:, None] & 1).astype(np.float64)
        drive = np.tanh(beta * _fields(spins, 2.0 * up.T - 1.0).T)
        rates = np.concatenate([(1.0 - up) * (1.0 + drive) / 2.0, up * (1.0 - drive) / 2.0])
        return cls(rates, rates.sum(axis=0), field)

    def start(self, bits: Bits) -> Array:
        states = np.zeros((len(bits), len(self.outflow)))
        states[np.arange(len(bits)), bits.astype(np.int64) @ (1 << np.arange(bits.shape[1]))] = 1.0
        return states

    def evolved(self, states: Array, spans: Array) -> tuple[Array, Array]:
        n = len(self.rates) // 2
        low = n // 2
        half = np.exp(-0.25 * spans[:, None] * self.outflow)
        split = (states * half).reshape(len(states), 1 << n - low, 1 << low)
        turned = _turns(n - low, self.field * spans) @ split @ _turns(low, -self.field * spans)
        ended: Array = turned.reshape(states.shape) * half
        kept = np.einsum("rs,rs->r", ended, ended)
        ended /= np.sqrt(kept)[:, None]
        return ended, np.log(kept)

    def jumped(self, states: Array, uniforms: Array) -> Array:
        channel = chosen(np.einsum("rs,cs->rc", states**2, self.rates), uniforms)
        n = len(self.rates) // 2
        source = np.arange(states.shape[1]) ^ (1 << channel % n)[:, None]
        landed = np.take_along_axis(np.sqrt(self.rates[channel]) * states, source, axis=1)
        landed /= np.linalg.norm(landed, axis=1, keepdims=True)
        return landed

    def spins(self, states: Array) -> Array:
        """Expectations ``(rows, n)`` of the spins."""
        n = len(self.rates) // 2
        table = 2.0 * (np.arange(1 << n) >> np.arange(n)[:, None] & 1) - 1.0
        expected: Array = np.einsum("rs,ns->rn", states**2, table)
        return expected


@dataclass(frozen=True)
class ProductStates:
    """A spin for each bit, as real arrays ``(rows, n, 2)`` in the same frame; the others act on it by their mean.

    Attributes
    ----------
    patterns : (n_patterns, n) array
        Spins.
    field, beta : float
    """

    patterns: Array
    field: float
    beta: float

    def start(self, bits: Bits) -> Array:
        return np.stack([1.0 - bits, bits.astype(np.float64)], axis=-1)

    def evolved(self, states: Array, spans: Array) -> tuple[Array, Array]:
        cos, sin = np.cos(self.field * spans / 2.0)[:, None], np.sin(self.field * spans / 2.0)[:, None]
        turned = _turned(states, cos, sin)
        spans = spans[:, None, None]
        middle = turned * np.exp(-spans / 4.0 * self._rates(turned))  # fields in the middle of the step
        middle /= np.linalg.norm(middle, axis=2, keepdims=True)
        turned *= np.exp(-spans / 2.0 * self._rates(middle))
        kept = np.einsum("rnb,rnb->rn", turned, turned)
        turned /= np.sqrt(kept)[:, :, None]
        return _turned(turned, cos, sin), np.log(kept).sum(axis=1)

    def jumped(self, states: Array, uniforms: Array) -> Array:
        weights = states**2 * self._rates(states)
        spin, bit = np.divmod(chosen(weights.reshape(len(states), -1), uniforms), 2)
        landed = states.copy()
        landed[np.arange(len(states)), spin] = np.eye(2)[1 - bit]
        return landed

    def spins(self, states: Array) -> Array:
        """Expectations ``(rows, n)`` of the spins."""
        expected: Array = states[:, :, 1] ** 2 - states[:, :, 0] ** 2
        return expected

    def _rates(self, states: Array) -> Array:
        """Rates ``(rows, n, 2)`` at which a spin leaves bit 0 and bit 1."""
        drive = np.tanh(self.beta * _fields(self.patterns, self.spins(states)))
        return np.stack([1.0 + drive, 1.0 - drive], axis=-1) / 2.0


def _fields(patterns: Array, spins: Array) -> Array:
    """Return what acts on each spin ``(rows, n)``: ``sum_j J_ij s_j`` over the others, from ``spins (rows, n)``."""
    n_patterns, n = patterns.shape
    acting: Array = (spins @ patterns.T @ patterns - n_patterns * spins) / n
    return acting


def _turns(n: int, angles: Array) -> Array:
    """Return ``[[cos, -sin], [sin, cos]]`` on each of n spins as matrices ``(len(angles), 2**n, 2**n)``."""
    index = np.arange(1 << n)
    differ = np.bitwise_count(index[:, None] ^ index)
    signs = 1.0 - 2.0 * (np.bitwise_count(~index[:, None] & index) & 1)
    powers = np.arange(n + 1)
    entries = np.cos(angles)[:, None] ** (n - powers) * np.sin(angles)[:, None] ** powers
    matrices: Array = signs * entries[:, differ]
    return matrices


def _turned(states: Array, cos: Array, sin: Array) -> Array:
    down, up = states[:, :, 0], states[:, :, 1]
    return np.stack([cos * down - sin * up, sin * down + cos * up], axis=-1)
