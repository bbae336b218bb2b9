"""The verdict, from the numbers: which classical memory does as well as the best quantum one, and at what cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketwise.evidence.memory.pieces import NOISE, Row
from ketwise.evidence.memory.probing import FLIPPED, UNKNOWN
from ketwise.evidence.wording import number, percent, quantity

Array = NDArray[np.float64]

SIMULATED = (
    "All quantum memories were computed on this computer, as if no gate ever erred: what is said of repetitions and "
    "gates is what a device would have to do."
)
#: Outcomes of one comparison.
BETTER, SAME, WORSE, OPEN = "classical better", "classical as well", "quantum better", "cannot tell"
#: A share of recalls that is too small to matter: "as well" is at most so much worse, with 95 %.
MARGIN = 0.02


def verdict(recall: Iterable[Row], price: Iterable[Row], fixed: Mapping[str, float]) -> dict[str, dict[str, Any]]:
    """Compare the best quantum with the best classical memory for each kind of damage.

    Parameters
    ----------
    recall, price : iterable of dict
        Rows as they were measured.
    fixed : dict of str -> float
        For each kind of damage the share of broken bits at which a price is said.

    Returns
    -------
    dict of str -> dict
        By kind of damage: what :func:`compared` gives; empty where a side is missing.
    """
    rows, prices = [row for row in recall if row["curve"] == NOISE], list(price)
    found = {}
    for damage in (FLIPPED, UNKNOWN):
        mine = [row for row in rows if row["damage"] == damage]
        sides = {side: {row["method"] for row in mine if row["side"] == side} for side in ("quantum", "classical")}
        if all(sides.values()):
            found[damage] = compared(mine, prices, sides, fixed[damage])
    return found


def compared(rows: Sequence[Row], prices: Sequence[Row], sides: Mapping[str, set[str]], share: float) -> dict[str, Any]:
    """Return the best of each side by the share of exact recalls, mean over all shares of broken bits.

    Parameters
    ----------
    rows : sequence of dict
        Of one memory and one kind of damage.
    prices : sequence of dict
    sides : dict of str -> set of str
        Methods of the quantum and of the classical side.
    share : float
        Where prices are said: the measured share that is nearest.

    Returns
    -------
    dict
        ``quantum`` and ``classical``: the best method with its mean and standard error. ``difference`` (classical minus
        quantum) and its 95 % ``interval`` over the repeats, which are paired: all methods had the same patterns and
        probes. ``matches``: classical methods that are shown to be at most :data:`MARGIN` worse than the best quantum
        one, cheapest first. ``outcome``; ``price`` at one share.
    """
    scores = {method: _scores(rows, method) for side in sides.values() for method in side}
    order = list(dict.fromkeys(row["method"] for row in rows))
    operations = {row["method"]: row["operations"] for row in prices if row["curve"] == NOISE}
    work = {m: _work(_price(rows, prices, m, share)) for m in sides["quantum"]}
    work |= {m: operations[m] for m in sides["classical"]}
    # Of several that recall the same the one that costs least.
    best = {
        side: max((m for m in order if m in methods), key=lambda m: (float(scores[m].mean()), -work[m]))
        for side, methods in sides.items()
    }
    difference, interval = _paired(scores[best["classical"]] - scores[best["quantum"]])
    lowest = {m: _paired(scores[m] - scores[best["quantum"]])[1][0] for m in sides["classical"]}
    matches = [m for m in order if m in lowest and lowest[m] >= -MARGIN]
    one = next(row for row in rows if row["method"] == best["quantum"])
    return {
        **{side: {"method": method} | _level(scores[method]) for side, method in best.items()},
        "difference": difference,
        "interval": interval,
        "outcome": _outcome(*interval),
        "matches": sorted(matches, key=operations.__getitem__),
        "shares": sorted({row["share"] for row in rows}),
        "n_patterns": one["n_patterns"],
        "n_bits": one["n_bits"],
        "price": _price(rows, prices, best["quantum"], share),
        "operations": {method: operations[method] for method in order if method in sides["classical"]},
    }


def _outcome(low: float, high: float) -> str:
    """In words, from the interval of the classical memory minus the quantum one."""
    if low > 0:
        return BETTER
    if low >= -MARGIN:
        return SAME
    return WORSE if high < 0 else OPEN


def _scores(rows: Sequence[Row], method: str) -> Array:
    """Mean over the shares of broken bits ``(repeats,)``."""
    found: Array = np.mean([row["exact"] for row in rows if row["method"] == method], axis=0)
    return found


def _paired(differences: Array) -> tuple[float, list[float]]:
    """Mean and 95 % interval, by Student's t over the repeats."""
    from scipy.stats import t

    mean, error = float(differences.mean()), float(differences.std(ddof=1)) / math.sqrt(len(differences))
    half = float(t.ppf(0.975, len(differences) - 1)) * error
    return mean, [max(mean - half, -1.0), min(mean + half, 1.0)]


def _level(scores: Array) -> dict[str, float]:
    return {"mean": float(scores.mean()), "error": float(scores.std(ddof=1)) / math.sqrt(len(scores))}


def _price(rows: Sequence[Row], prices: Sequence[Row], method: str, share: float) -> dict[str, float]:
    row = min((r for r in rows if r["method"] == method), key=lambda r: abs(r["share"] - share))
    cost = next(one for one in prices if one["method"] == method and one["curve"] == NOISE)
    return {
        "share": row["share"],
        "repetitions": float(np.mean(row["repetitions"])),
        "runs": float(np.mean(row["runs"])),
        "read": float(np.mean(row["read"])),
        "exact": float(np.mean(row["exact"])),
        "gates": cost["storage_gates"] + cost["recall_gates"],
        "n_qubits": cost["n_qubits"],
    }


def _work(price: Mapping[str, float]) -> float:
    """Gates of one reading; infinite where they are not counted."""
    gates = price["repetitions"] * price["gates"]
    return math.inf if math.isnan(gates) else gates


def headline(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The outcome in a few words."""
    if not found:
        return "Nothing to compare"
    outcomes = {one["outcome"] for one in found.values()}
    if OPEN in outcomes:
        return "Too few probes to tell which recalls more"
    if WORSE in outcomes:
        return "A quantum memory recalls more" + (", a classical one elsewhere" if BETTER in outcomes else "")
    if outcomes == {BETTER}:
        return "A classical memory recalls more"
    cheaper = all(_is_cheaper(one) for one in found.values())
    return "A classical memory does as well" + (", and costs less" if cheaper else "")


def _is_cheaper(one: Mapping[str, Any]) -> bool:
    """Whether the cheapest match takes fewer operations than a reading takes gates."""
    return bool(one["operations"][one["matches"][0]] < _work(one["price"]))


def sentences(
    found: Mapping[str, Mapping[str, Any]], device: Sequence[Row], facts: Mapping[str, Any] | None, stopped: str | None
) -> list[str]:
    """The verdict in plain words, a paragraph for each kind of damage, one for the gates."""
    said = [_said(damage, one) for damage, one in found.items()]
    if not said:
        said.append("Quantum and classical memories were not both measured on the same probes.")
    if facts is not None:
        said += _of_device(device, facts)
    if stopped is not None:
        said.append(stopped)
    return [*said, SIMULATED]


def _said(damage: str, one: Mapping[str, Any]) -> str:
    quantum, classical, price = one["quantum"], one["classical"], one["price"]
    low, high = one["interval"]
    where = f"{one['n_patterns']} patterns of {one['n_bits']} bits, {_range(one['shares'])} {damage}"
    parts = [
        f"{damage.capitalize()} bits ({where}): the best quantum memory, {quantum['method']}, recalls "
        f"{percent(quantum['mean'])} of the probes without an error by its likeliest answer; the best classical one, "
        f"{classical['method']}, {percent(classical['mean'])}."
    ]
    if one["difference"] == low == high:
        parts.append(f"The difference is {number(100 * one['difference'], 1)} % in every repeat.")
    else:
        parts.append(
            f"The difference is {number(100 * one['difference'], 1)} % (95 %: {number(100 * low, 1)} to "
            f"{number(100 * high, 1)} %)."
        )
    if one["matches"]:
        cheapest = one["matches"][0]
        verb = "does as well or better" if len(one["matches"]) == 1 else "is the cheapest that does as well or better"
        within = f"(at most {percent_of(MARGIN)} worse, with 95 %)"
        parts.append(f"{cheapest} {verb} {within}, with {quantity(one['operations'][cheapest])} operations an answer.")
        others = one["matches"][1:]
        if others:
            parts.append(f"So {'does' if len(others) == 1 else 'do'} {_listed(others)}.")
    elif one["outcome"] == WORSE:
        parts.append("No classical memory here does as well.")
    else:
        parts.append(
            f"That is too wide to say whether a classical memory does as well, within {percent_of(MARGIN)}: more "
            "repeats or probes would tell."
        )
    return " ".join([*parts, _costs(damage, quantum["method"], price)])


def _costs(damage: str, method: str, price: Mapping[str, float]) -> str:
    at = f"At {percent_of(price['share'])} {damage} bits"
    if math.isinf(price["repetitions"]):
        return f"{at} a run of {method} may never succeed."
    times = _counted(price["repetitions"], "repetition")
    if math.isnan(price["gates"]):
        return f"{at} {method} takes {times} for one copy of its answer; its gates are not counted here."
    whole = price["repetitions"] * price["gates"]
    words = (
        f"{at} one reading of {method} takes {times} of {quantity(price['gates'])} gates, {quantity(whole)} in all, on "
        f"{price['n_qubits']:.0f} qubits, and is right with a chance {_of(percent(price['read']))}"
    )
    if not math.isfinite(price["runs"]):
        return f"{words}; its likeliest answer cannot be told from the second by readings."
    if price["runs"] <= 1:
        return f"{words}; one reading is enough for its likeliest answer."
    return f"{words}; its likeliest answer takes about {quantity(price['runs'])} readings."


def _of(words: str) -> str:
    """A percentage after "chance": of 5 %, or below 0.1 %."""
    return f"of {words}" if words[0].isdigit() else words


def _of_device(device: Sequence[Row], facts: Mapping[str, Any]) -> list[str]:
    """What errors in the gates do, at the rate of about one error in a repetition."""
    noisy = [row for row in device if row["rate"] > 0]
    if not noisy:
        return []
    row = min(noisy, key=lambda one: abs(math.log(one["rate"] * facts["gates"])))
    clean = next((f" instead of {percent(one['right'])}" for one in device if one["rate"] == 0), "")
    return [
        f"Errors in the gates (probabilistic, {facts['n_patterns']} patterns of {facts['n_bits']} bits, "
        f"{facts['gates']} gates a repetition): at a rate of {row['rate']:g} a gate a reading is right with "
        f"{percent(row['right'])}{clean}, and with {percent(row['spurious'])} it was never stored."
    ]


def percent_of(share: float) -> str:
    """A share of bits, which is exact.

    Examples
    --------
    >>> percent_of(0.125), percent_of(0.5)
    ('12.5 %', '50 %')
    """
    return f"{100 * share:.3g} %"


def _range(shares: Sequence[float]) -> str:
    return percent_of(shares[0]) if len(shares) == 1 else f"{100 * shares[0]:.3g} to {percent_of(shares[-1])}"


def _counted(count: float, what: str) -> str:
    words = f"{count:.1f}" if count < 9.95 else quantity(count)
    return f"{words} {what}s"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
