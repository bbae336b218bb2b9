"""What a report on associative memories is asked: methods, patterns, shares, loads, rates; converted and checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ketwise.blocks.memory.patterns import Bits
from ketwise.engine.sampling import seed_key
from ketwise.evidence.memory.given_patterns import bits_of
from ketwise.learning.memory.method import Method
from ketwise.learning.memory.methods import METHODS, method_of
from ketwise.words.checks import positive_int, real_number

N_BITS = 200
LOADS = (0.02, 0.05, 0.08, 0.1, 0.12, 0.14, 0.16, 0.2, 0.3, 0.5, 0.8, 1.0, 1.3, 2.0)
FLIPS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
UNKNOWN = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
NOISE_RATES = (0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)
#: Parts of a table, where patterns are given: what is read from fewer of them.
PARTS = (0.125, 0.25, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class Question:
    """All choices of a report.

    Attributes
    ----------
    patterns : (n_patterns, n_bits) array of bits or None
        Given ones; None for random ones.
    n_bits : int
    methods : dict of str -> Method
    named : bool
        The methods were asked for; else they are all that there are.
    loads : tuple of float
        Patterns a bit; empty where patterns are given.
    load : float
        Where shares are varied.
    flips, unknown : tuple of float
    fixed_flips, fixed_unknown : float
        Where loads are varied.
    noise_rates : tuple of float
    repeats, probes, trajectories : int
    small_bits : int or None
    seed : int
    """

    patterns: Bits | None
    n_bits: int
    methods: dict[str, Method]
    named: bool
    loads: tuple[float, ...]
    load: float
    flips: tuple[float, ...]
    unknown: tuple[float, ...]
    fixed_flips: float
    fixed_unknown: float
    noise_rates: tuple[float, ...]
    repeats: int
    probes: int
    trajectories: int
    small_bits: int | None
    seed: int

    @property
    def n_patterns(self) -> int:
        """Patterns of the memory whose probes are broken more and more."""
        return patterns_at(self.load, self.n_bits) if self.patterns is None else len(self.patterns)

    def settings(self) -> dict[str, Any]:
        """The choices as a record keeps them."""
        return {
            "n_bits": self.n_bits,
            "n_patterns": self.n_patterns,
            "methods": {name: repr(method) for name, method in self.methods.items()},
            "loads": list(self.loads),
            "load": self.load,
            "flips": list(self.flips),
            "unknown": list(self.unknown),
            "fixed_flips": self.fixed_flips,
            "fixed_unknown": self.fixed_unknown,
            "noise_rates": list(self.noise_rates),
            "repeats": self.repeats,
            "probes": self.probes,
            "trajectories": self.trajectories,
            "small_bits": self.small_bits,
        }

    def command(self) -> str:
        """The call that measures the same again."""
        given = self.settings()
        for name in ("n_patterns", "methods"):
            del given[name]
        if self.patterns is not None:
            for name in ("n_bits", "loads", "load", "small_bits"):
                del given[name]
        words = [] if self.patterns is None else ["patterns"]
        if self.named:
            by_name = all(METHODS.get(name) == method for name, method in self.methods.items())
            words.append(f"methods={list(self.methods) if by_name else self.methods}")
        words += [f"{name}={value}" for name, value in given.items()]
        return f"kw.memory.report({', '.join(words)}, seed={self.seed})"


def asked(
    patterns: Any,
    *,
    n_bits: Any,
    methods: Any,
    loads: Any,
    load: Any,
    flips: Any,
    unknown: Any,
    fixed_flips: Any,
    fixed_unknown: Any,
    noise_rates: Any,
    repeats: Any,
    probes: Any,
    trajectories: Any,
    small_bits: Any,
    seed: Any,
) -> Question:
    """Return the question, or refuse it: see :func:`ketwise.evidence.memory.report.report`."""
    bits = None
    if patterns is not None:
        for name, value in (("n_bits", n_bits), ("loads", loads), ("load", load)):
            if value is not None:
                raise ValueError(f"{name} is for random patterns, and patterns were given: leave it out")
        bits = bits_of(patterns)
    n = positive_int("n_bits", N_BITS if n_bits is None else n_bits, minimum=2) if bits is None else bits.shape[1]
    seed_key(seed)  # refuses what is no seed
    if seed is None or isinstance(seed, np.random.Generator):
        raise ValueError(f"seed must be a whole number, so that the report can say it, got {seed!r}")
    return Question(
        patterns=bits,
        n_bits=n,
        methods=_methods(methods),
        named=methods is not None,
        loads=_shares("loads", LOADS if loads is None else loads, above=0.0) if bits is None else (),
        load=_share("load", 0.1 if load is None else load, above=0.0) if bits is None else len(bits) / n,
        flips=_shares("flips", FLIPS if flips is None else flips, most=1.0),
        unknown=_shares("unknown", UNKNOWN if unknown is None else unknown, below=1.0),
        fixed_flips=_share("fixed_flips", fixed_flips, most=1.0),
        fixed_unknown=_share("fixed_unknown", fixed_unknown, below=1.0),
        noise_rates=_shares("noise_rates", NOISE_RATES if noise_rates is None else noise_rates, most=1.0),
        repeats=positive_int("repeats", repeats, minimum=2),
        probes=positive_int("probes", probes),
        trajectories=positive_int("trajectories", trajectories, minimum=2),
        small_bits=None if small_bits is None else positive_int("small_bits", small_bits, minimum=2),
        seed=int(seed),
    )


def patterns_at(load: float, n_bits: int) -> int:
    """Return the number of patterns of a load, at least one."""
    return max(1, round(load * n_bits))


def bits_at(share: float, n_bits: int) -> int:
    """Return the number of bits of a share."""
    return round(share * n_bits)


def _methods(given: Any) -> dict[str, Method]:
    if given is None:
        return dict(METHODS)
    if isinstance(given, Mapping):
        found = {}
        for name, value in given.items():
            if not isinstance(name, str) or not name.strip():
                raise ValueError(f"methods: a name must be a text that can be seen, got {name!r}")
            found[name] = method_of(value)
    elif isinstance(given, str):
        found = {given: method_of(given)}
    else:
        if not isinstance(given, Iterable):
            raise ValueError(f"methods must be names out of kw.memory.METHODS, or names with values, got {given!r}")
        names = list(given)
        for name in names:
            if not isinstance(name, str):
                raise ValueError(f"methods: {name!r} has no name; give a dict such as {{'mine': {name!r}}}")
            if names.count(name) > 1:
                raise ValueError(f"methods: {name!r} is given twice")
        found = {name: method_of(name) for name in names}
    if not found:
        raise ValueError("methods is empty: give at least one, or leave it out for all")
    return found


def _shares(name: str, given: Any, **limits: float) -> tuple[float, ...]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise ValueError(f"{name} must be a sequence of numbers, got {given!r}")
    return tuple(sorted({_share(name, value, **limits) for value in given}))


def _share(
    name: str, given: Any, *, above: float | None = None, below: float | None = None, most: float | None = None
) -> float:
    value = real_number(name, given)
    if above is not None and value <= above:
        raise ValueError(f"{name} must be above {above:g}, got {value:g}")
    if above is None and value < 0:
        raise ValueError(f"{name} must not be negative, got {value:g}")
    if below is not None and value >= below:
        raise ValueError(f"{name} must be below {below:g}, got {value:g}: something of a probe must be known")
    if most is not None and value > most:
        raise ValueError(f"{name} must be at most {most:g}, got {value:g}")
    return value
