"""``kw.memory.report``: capacity and noise curves of associative memories. Convert, check, measure, judge, keep."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from ketwise.evidence.memory.judging import headline, sentences, verdict
from ketwise.evidence.memory.probing import FLIPPED, UNKNOWN
from ketwise.evidence.memory.progress import Progress
from ketwise.evidence.memory.question import Question, asked
from ketwise.evidence.memory.record import MemoryReport
from ketwise.evidence.memory.running import Found, columns, run
from ketwise.learning.memory.method import Method
from ketwise.words.result import library_versions


def report(
    patterns: Any = None,
    *,
    n_bits: int | None = None,
    methods: Iterable[str] | Mapping[str, str | Method] | None = None,
    loads: Iterable[float] | None = None,
    load: float | None = None,
    flips: Iterable[float] | None = None,
    unknown: Iterable[float] | None = None,
    fixed_flips: float = 0.1,
    fixed_unknown: float = 0.5,
    noise_rates: Iterable[float] | None = None,
    repeats: int = 5,
    probes: int = 20,
    trajectories: int = 100,
    small_bits: int | None = 8,
    seed: int = 0,
    progress: bool | Callable[[Progress], Any] | None = True,
) -> MemoryReport:
    """Measure how much associative memories hold, how much damage they mend, and what it costs.

    Parameters
    ----------
    patterns : (n_patterns, n_columns) array or DataFrame, optional
        To measure on; turned into bits as :class:`AssociativeMemory` does. Default: random patterns.
    n_bits : int, optional
        Of random patterns. Default 200.
    methods : iterable of str, or dict of str -> str or Method, optional
        Names out of ``kw.memory.METHODS``, or names of your own with values such as
        ``kw.memory.Probabilistic(n_controls=4)``. Default: all; what does not take these patterns is left out, and
        said so.
    loads : iterable of float, optional
        Patterns a bit, for the capacity of random patterns.
    load : float, optional
        Where the shares of broken bits vary. Default 0.1.
    flips, unknown : iterable of float, optional
        Shares of bits that are flipped, or unknown. Rounded to whole bits; at least one bit stays known.
    fixed_flips, fixed_unknown : float
        The shares where the load varies.
    noise_rates : iterable of float, optional
        Depolarising probabilities of a gate; empty for none. Measured on a small memory: 4 random patterns of 6 bits,
        or the given patterns if they are at most 8 of at most 8 bits.
    repeats : int
        Sets of patterns and probes, at least 2; standard errors are over them.
    probes : int
        Probes of a set, at most one a pattern. A method whose answers take long is asked fewer.
    trajectories : int
        For a rate of errors in the gates.
    small_bits : int or None
        Where a method does not take ``n_bits``, loads and shares are measured once more with so few, for all that do.
        None: not.
    seed : int
        The same seed and settings give the same numbers.
    progress : bool or callable
        True prints to standard error; a callable is given a :class:`~ketwise.evidence.memory.progress.Progress`.

    Returns
    -------
    MemoryReport
        A :class:`~ketwise.words.result.Result`; ``.save("memory.html")`` writes the page.

    Raises
    ------
    ValueError
        For patterns, names, shares or numbers that cannot be used.
    MemoryError
        When what a method needs does not fit.
    KeyboardInterrupt
        For Ctrl-C before anything is measured; after that the report is of what is, and says so.

    Notes
    -----
    Every method is asked with the same patterns and the same probes; broken bits are drawn at random, and more broken
    bits hold those of fewer. Quantum methods answer without errors, by exact reductions of their circuits where there
    are any; only the curve against ``noise_rates`` runs gates one by one. With patterns, capacity is left out, and
    prices are given for parts of the table. Cost: ``repeats`` storages and some tens of answers for each method, load
    and share; a minute or two.

    Hopfield, PNAS 79, 2554 (1982); the limit of 0.138 patterns a bit is of Amit, Gutfreund, Sompolinsky, PRL 55, 1530
    (1985).

    Examples
    --------
    >>> found = report(n_bits=16, methods=["probabilistic", "nearest"], loads=[0.25], noise_rates=[], progress=False)
    >>> found.headline
    'A classical memory does as well, and costs less'
    >>> found.table.exact.between(0, 1).all()
    np.True_
    """
    question = asked(
        patterns,
        n_bits=n_bits,
        methods=methods,
        loads=loads,
        load=load,
        flips=flips,
        unknown=unknown,
        fixed_flips=fixed_flips,
        fixed_unknown=fixed_unknown,
        noise_rates=noise_rates,
        repeats=repeats,
        probes=probes,
        trajectories=trajectories,
        small_bits=small_bits,
        seed=seed,
    )
    started = datetime.now(UTC)
    return _kept(question, run(question, progress), started)


def _kept(question: Question, found: Found, started: datetime) -> MemoryReport:
    """The record of what was measured."""
    compared = verdict(found.recall, found.price, {FLIPPED: question.fixed_flips, UNKNOWN: question.fixed_unknown})
    return MemoryReport(
        headline=headline(compared),
        said=sentences(compared, found.device, found.device_facts, found.stopped),
        verdict=compared,
        recall=columns(found.recall),
        price=columns(found.price),
        device=columns(found.device),
        device_facts=found.device_facts,
        left_out=found.left_out,
        data={
            "given": question.patterns is not None,
            "sha256": None if question.patterns is None else hashlib.sha256(question.patterns.tobytes()).hexdigest(),
        },
        stopped=found.stopped,
        command=question.command(),
        settings=question.settings(),
        seeds={"seed": question.seed},
        versions=library_versions("ketwise", "numpy", "scipy"),
        timings={
            "started": started.isoformat(timespec="seconds"),
            "seconds": found.seconds,
            "machine": f"{platform.system()} {platform.machine()}",
        },
    )
