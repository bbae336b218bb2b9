"""What is measured, piece by piece: memories of some load with some bits of their probes broken, by every method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.blocks.memory.patterns import Bits
from ketwise.evidence.memory.probing import FLIPPED, NONE, UNKNOWN, Memory, part_of, random_memory
from ketwise.evidence.memory.question import PARTS, Question, bits_at, patterns_at
from ketwise.evidence.memory.recalling import probes_for, recall_measures
from ketwise.learning.memory.method import Method

#: Curves of the table of recalls.
CAPACITY, SMALL, PARTS_OF_TABLE, NOISE, SMALL_NOISE = "capacity", "small", "parts", "noise", "small-noise"
#: Patterns of the memory of few bits whose probes are broken more and more.
FEW_PATTERNS = 3
MEASURES = ("overlap", "exact", "read", "success", "repetitions", "runs")
Row = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """One memory for every method: repeated with new patterns, and asked with each kind of damage.

    Attributes
    ----------
    curve : str
    n_bits, n_patterns : int
    damages : tuple of (str, int)
        Kinds with the number of broken bits.
    """

    curve: str
    n_bits: int
    n_patterns: int
    damages: tuple[tuple[str, int], ...]

    @property
    def said(self) -> str:
        """What it is, for whoever watches."""
        where = f"{self.n_patterns} pattern{'s' * (self.n_patterns > 1)} of {self.n_bits} bits"
        return f"{self.curve}: {where}, {', '.join(f'{count} {damage}' for damage, count in self.damages)}"


def pieces_of(question: Question, small: bool) -> list[Piece]:
    """Return all memories to measure, those of the verdict first.

    Parameters
    ----------
    question : Question
    small : bool
        Measure loads and broken bits once more with few bits.
    """
    n, p = question.n_bits, question.n_patterns
    found = [Piece(NOISE, n, p, ((FLIPPED, count),)) for count in sorted({bits_at(s, n) for s in question.flips})]
    most = n - 1
    counts = sorted({min(most, bits_at(share, n)) for share in question.unknown})
    found += [Piece(NOISE, n, p, ((UNKNOWN, count),)) for count in counts]
    if question.patterns is not None:
        sizes = sorted({max(1, round(part * p)) for part in PARTS})
        return found + [Piece(PARTS_OF_TABLE, n, size, _fixed(question, n)[1:]) for size in sizes]
    sizes = sorted({patterns_at(load, n) for load in question.loads})
    found += [Piece(CAPACITY, n, size, _fixed(question, n)) for size in sizes]
    if small:
        assert question.small_bits is not None
        few = question.small_bits
        sizes = sorted({patterns_at(load, few) for load in question.loads})
        found += [Piece(SMALL, few, size, _fixed(question, few)) for size in sizes]
        # One piece: what trains is trained once for all of them.
        broken = [(FLIPPED, count) for count in range(few // 2 + 1)] + [(UNKNOWN, count) for count in range(few)]
        found.append(Piece(SMALL_NOISE, few, FEW_PATTERNS, tuple(broken)))
    return found


def _fixed(question: Question, n_bits: int) -> tuple[tuple[str, int], ...]:
    flipped = bits_at(question.fixed_flips, n_bits)
    unknown = min(n_bits - 1, bits_at(question.fixed_unknown, n_bits))
    return ((NONE, 0), (FLIPPED, flipped), (UNKNOWN, unknown))


def measured_piece(question: Question, piece: Piece, methods: Mapping[str, Method]) -> tuple[list[Row], list[Row]]:
    """Return the recalls of a piece, each measure an array over the repeats, and the prices of its memory."""
    memories = [_memory(question, piece, repeat) for repeat in range(question.repeats)]
    rows, prices = [], []
    for name, method in methods.items():
        able = [each for each in piece.damages if each[0] == UNKNOWN or method.mends]
        if not able:
            continue
        n_probes = probes_for(method, memories[0].patterns, len(memories[0].rows))
        found: dict[tuple[str, int], list[dict[str, float]]] = {each: [] for each in able}
        for memory in memories:
            held = method.store(memory.patterns, memory.seed)
            for damage, count in able:
                probes = memory.probes(damage, count)[:n_probes]
                found[damage, count].append(recall_measures(method, held, memory, probes))
        where: Row = {"curve": piece.curve, "method": name, "side": side(method)}
        size: Row = {"n_bits": piece.n_bits, "n_patterns": piece.n_patterns, "load": piece.n_patterns / piece.n_bits}
        for damage, count in able:
            measures = {key: np.array([each[key] for each in found[damage, count]]) for key in MEASURES}
            broken = {"damage": damage, "broken": count, "share": count / piece.n_bits, "probes": n_probes}
            rows.append(where | size | broken | measures)
        prices.append(where | size | _price(method, memories[0].patterns))
    return rows, prices


def side(method: Method) -> str:
    """Return "quantum" or "classical"."""
    return "quantum" if method.quantum else "classical"


def _memory(question: Question, piece: Piece, repeat: int) -> Memory:
    if question.patterns is None:
        return random_memory(question.seed, piece.n_patterns, piece.n_bits, repeat, question.probes)
    return part_of(question.patterns, question.seed, piece.n_patterns, repeat, question.probes)


def _price(method: Method, patterns: Bits) -> dict[str, float]:
    """Qubits and gates of a repetition, NaN where a quantum method's gates are not counted; classical operations."""
    cost = method.cost(patterns)
    counted = not method.quantum or cost.storage_gates + cost.recall_gates > 0
    gates = [cost.storage_gates, cost.storage_cx, cost.storage_depth, cost.recall_gates]
    names = ["storage_gates", "storage_cx", "storage_depth", "recall_gates"]
    found = {name: float(value) if counted else float("nan") for name, value in zip(names, gates, strict=True)}
    return {"n_qubits": float(cost.n_qubits)} | found | {"operations": float(cost.operations)}
