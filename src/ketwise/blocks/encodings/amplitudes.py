"""Encodings by amplitudes: of all basis states, of those with a given number of ones, of given bit strings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

from ketwise.blocks.encodings.encoding import Encoding
from ketwise.blocks.preparation.dense import dense_preparation
from ketwise.blocks.preparation.premaps import amplitude_angles, merge_angles
from ketwise.blocks.preparation.sparse import sparse_preparation, unary_preparation
from ketwise.words.checks import positive_int, real_number


def amplitude(n_features: int, *, pad: float = 0.0) -> Encoding:
    """Return the state whose amplitudes are the features, normalised: ``x / |x|``, prepared by gates.

    Parameters
    ----------
    n_features : int
        At least 2, or 1 where it is padded with another number than 0. Rows are filled up with ``pad`` to the next
        power of 2.
    pad : float

    Raises
    ------
    ValueError
        When a row is run whose features are all 0, ``pad`` too.

    Notes
    -----
    ``n = ceil(log2(n_features))`` qubits, ``2**n - 1`` RY and ``2**n - 2`` CX: as many gates as features. Papers that
    count log(n_features) assume a memory that gives out superpositions (QRAM), which nobody has. The kernel is the
    squared cosine of the rows. A trap: the length of a row is lost, and with ``pad=0`` so is its sign. Derivatives by
    the second of two neighbouring features that are both exactly 0 are given as 0. Möttönen et al., Quantum
    Information and Computation 5, 467 (2005).

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.encodings.amplitude(3).compile(kw.State())(None, [2.0, -1.0, 2.0])[:3].real.round(4)
    array([ 0.6667, -0.3333,  0.6667])
    """
    n_features, pad = positive_int("n_features", n_features), real_number("pad", pad)
    if n_features == 1 and pad == 0.0:
        raise ValueError("one amplitude, normalised, is always 1: n_features must be at least 2, or pad not 0")
    n_qubits = max(1, (n_features - 1).bit_length())
    prepared = dense_preparation(n_qubits)
    premap = amplitude_angles(n_features, n_qubits, pad)
    return Encoding("amplitude", prepared.circuit, premap, unentangled=prepared.twin)


def unary(n_features: int) -> Encoding:
    """Return the state where feature q, normalised, is the amplitude of "qubit q is 1 and all others are 0".

    Parameters
    ----------
    n_features : int
        At least 2, and as many qubits.

    Raises
    ------
    ValueError
        When a row is run whose features are all 0.

    Notes
    -----
    A chain of ``n_features - 1`` turns of neighbours, two two-qubit rotations each: more qubits than :func:`amplitude`,
    but no gate that joins qubits far apart. The state has ``n_features`` amplitudes, whatever the number of qubits. In
    the twin the first qubit of each pair is turned alone. Johri et al., npj Quantum Information 7, 122 (2021).

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.encodings.unary(2).compile(kw.State())(None, [3.0, -4.0]).real.round(4)
    array([ 0. ,  0.6, -0.8,  0. ])
    """
    prepared, merges = unary_preparation(_several(n_features))
    return Encoding("unary", prepared.circuit, merge_angles(n_features, merges), unentangled=prepared.twin)


def hamming_weight(n_features: int, *, weight: int = 2) -> Encoding:
    """Return the state whose amplitudes are the features, normalised, on basis states with ``weight`` ones.

    Parameters
    ----------
    n_features : int
        At least 2. Basis states are taken in the order of their index.
    weight : int
        Ones in each. As few qubits as have that many such states.

    Raises
    ------
    ValueError
        When a row is run whose features are all 0.

    Notes
    -----
    A state of fixed weight can be told from one that noise has reached. Synthesis as in :func:`basis_superposition`.
    Farias et al., arXiv:2405.20408 (2024).

    Examples
    --------
    >>> import ketwise as kw
    >>> kw.encodings.hamming_weight(3).compile(kw.State())(None, [1.0, 2.0, 2.0]).real.round(4)
    array([0.    , 0.    , 0.    , 0.3333, 0.    , 0.6667, 0.6667, 0.    ])
    """
    n_features, weight = _several(n_features), positive_int("weight", weight)
    n_qubits = weight + 1
    while comb(n_qubits, weight) < n_features:
        n_qubits += 1
    # In the order of their index: the highest one first.
    strings = sorted(sum(1 << q for q in ones) for ones in combinations(range(n_qubits), weight))
    prepared, merges = sparse_preparation(strings[:n_features], n_qubits)
    return Encoding("hamming weight", prepared.circuit, merge_angles(n_features, merges), unentangled=prepared.twin)


def basis_superposition(n_features: int, *, patterns: Sequence[str] | None = None) -> Encoding:
    """Return a superposition of given bit strings, with the features, normalised, as their amplitudes.

    Parameters
    ----------
    n_features : int
        At least 2, and as many as patterns. Equal features give the uniform superposition.
    patterns : sequence of str, optional
        Distinct strings such as "0110", qubit 0 rightmost. Default: the domain walls 00.., 0..01, 0..011, ...

    Raises
    ------
    ValueError
        When a row is run whose features are all 0.

    Notes
    -----
    About ``n_qubits`` CX a pattern and those of rotations with few controls, written out as CX and RY. That a data set
    could be had as such a superposition at no cost is again the assumption of a QRAM. Ventura, Martinez, Information
    Sciences 124, 273 (2000); synthesis: Gleinig, Hoefler, DAC 58, 433 (2021).

    Examples
    --------
    >>> import ketwise as kw
    >>> ghz = kw.encodings.basis_superposition(2, patterns=["000", "111"])
    >>> ghz.compile(kw.Probabilities())(None, [1.0, 1.0]).round(6)
    array([0.5, 0. , 0. , 0. , 0. , 0. , 0. , 0.5])
    """
    n_features = _several(n_features)
    if patterns is None:
        n_qubits, strings = n_features - 1, [(1 << k) - 1 for k in range(n_features)]
    else:
        n_qubits = len(patterns[0]) if len(patterns) else 0
        if len(patterns) != n_features or not n_qubits:
            raise ValueError(f"patterns must be {n_features} bit strings, one a feature, got {len(patterns)}")
        for pattern in patterns:
            if len(pattern) != n_qubits or set(pattern) - {"0", "1"}:
                raise ValueError(f"patterns must be strings of {n_qubits} zeros and ones, got {pattern!r}")
        strings = [int(pattern, 2) for pattern in patterns]
    prepared, merges = sparse_preparation(strings, n_qubits)
    return Encoding(
        "basis superposition", prepared.circuit, merge_angles(n_features, merges), unentangled=prepared.twin
    )


def _several(n_features: int) -> int:
    """Refuse one feature: one amplitude, normalised, is always 1."""
    if positive_int("n_features", n_features) == 1:
        raise ValueError("one amplitude, normalised, is always 1: n_features must be at least 2")
    return n_features
