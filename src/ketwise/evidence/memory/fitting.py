"""Which methods can be asked with so many bits: each is tried once; what it says where it refuses is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ketwise.blocks.memory.patterns import Bits
from ketwise.evidence.memory.question import Question
from ketwise.evidence.wording import quantity
from ketwise.learning.memory.method import Method

#: Operations of one answer, and bits of a circuit that is trained, beyond which a method is measured only if named.
MOST_OPERATIONS, MOST_TRAINED = 1e9, 8


class Fitting(NamedTuple):
    """Methods for the main curves, for the small memory (empty where there is none), and those left out with why."""

    main: dict[str, Method]
    small: dict[str, Method]
    left_out: list[dict[str, str]]


def fitting(question: Question) -> Fitting:
    """Try every method.

    Raises
    ------
    ValueError
        For a method that was asked for and takes neither size, and where no method takes ``n_bits``.
    """
    main, refused = _tried(question.methods, question.n_bits, question.named)
    if not main:
        name, why = next(iter(refused.items()))
        raise ValueError(f"no method takes {question.n_bits} bits; {name}: {why}")
    small: dict[str, Method] = {}
    if refused and question.small_bits is not None and question.patterns is None:
        small, _ = _tried(question.methods, question.small_bits, question.named)
    nowhere = {name: why for name, why in refused.items() if name not in small}
    if nowhere and question.named:
        name, why = next(iter(nowhere.items()))
        raise ValueError(f"the method {name!r} does not take these patterns: {why}")
    if not set(refused) & set(small):
        small = {}
    left_out = [
        {"method": name, "why": why, "where": "everywhere" if name in nowhere else f"{question.n_bits} bits"}
        for name, why in refused.items()
    ]
    return Fitting(main, small, left_out)


def _tried(methods: Mapping[str, Method], n_bits: int, named: bool) -> tuple[dict[str, Method], dict[str, str]]:
    """Store two patterns and recall one of them, with everything known."""
    patterns = np.zeros((2, n_bits), dtype=np.uint8)
    patterns[1, ::2] = 1
    able, refused = {}, {}
    for name, method in methods.items():
        try:
            if not named:
                _refuse_long(method, patterns)
            held = method.store(patterns, 0)
            method.answer(held, patterns[1:].astype(np.float64), 0)
        except (ValueError, MemoryError) as error:
            refused[name] = str(error)
        else:
            able[name] = method
    return able, refused


def _refuse_long(method: Method, patterns: Bits) -> None:
    """Raise for what would take hours and was not asked for."""
    if method.trains and patterns.shape[1] > MOST_TRAINED:
        raise ValueError(
            f"it is trained anew for every set of patterns, which takes long with more than {MOST_TRAINED} bits: "
            "name it in methods to measure it"
        )
    operations = method.cost(patterns).operations
    if operations > MOST_OPERATIONS:
        raise ValueError(f"an answer takes {quantity(operations)} operations: name it in methods to measure it")
