"""The verdict in plain words, and how numbers are written for people."""

import math

from ketwise.evidence.inference.correlated import AHEAD, CANNOT_TELL, HELPS, Comparison
from ketwise.words.visible import shortened as shortened
from ketwise.words.visible import visible as visible

SIMULATED = "All quantum models were simulated on this CPU; a win would be the model's, not a quantum computer's."
#: What a quantum memory is to a classical computer.
FORMULA = "its answer is a closed formula, exact and cheap on a classical computer"

_HEADLINES = {
    HELPS: "A quantum model helps",
    AHEAD: "Ahead, but usefulness is not shown",
    CANNOT_TELL: "Cannot tell from this data",
}


def number(value: float, digits: int = 3) -> str:
    """A number with a proper minus sign and no negative zero.

    Examples
    --------
    >>> number(-0.0071), number(-0.0001)
    ('−0.007', '0.000')
    """
    text = f"{value:.{digits}f}"
    if not text.strip("-0."):
        text = text.lstrip("-")
    return text.replace("-", "−")


def percent(probability: float) -> str:
    """A probability in percent that never claims certainty it does not have.

    Examples
    --------
    >>> percent(0.004), percent(0.00001), percent(0.99999), percent(0.952)
    ('0.4 %', 'below 0.1 %', 'above 99.9 %', '95 %')
    """
    if probability < 0.001:
        return "below 0.1 %"
    if probability > 0.999:
        return "above 99.9 %"
    inner = 100 * probability
    if inner < 10 or inner > 98:
        return f"{inner:.1f} %"
    return f"{inner:.0f} %"


def seconds(value: float) -> str:
    """A duration in the unit that fits.

    Examples
    --------
    >>> seconds(0.0042), seconds(1.26), seconds(200), seconds(7.2e3), seconds(1e9)
    ('4.2 ms', '1.3 s', '3 min 20 s', '2.0 h', '32 years')
    """
    if value < 9.5e-5:
        return f"{1e6 * value:.2g} µs" if value >= 9.5e-7 else "below 1 µs" if value > 0 else "0 s"
    if value < 0.0995:
        return f"{1000 * value:.2g} ms" if value < 0.00995 else f"{1000 * value:.0f} ms"
    if value < 9.95:
        return f"{value:.2g} s"
    if value < 99.5:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 100:
        return f"{minutes} min {rest:02d} s"
    for unit, size in (("h", 3600.0), ("days", 86400.0)):
        if value < {"h": 48, "days": 730}[unit] * size:
            return _two_digits(value / size) + f" {unit}"
    return f"{_two_digits(value / (365.25 * 86400))} years"


def significant(value: float, digits: int = 3) -> str:
    """A number of any size to some significant digits, as people write it.

    Examples
    --------
    >>> significant(0.01234), significant(-1234567), significant(0.0000042), significant(2.5e12), significant(0.0)
    ('0.0123', '−1,230,000', '4.2 × 10⁻⁶', '2.5 × 10¹²', '0')
    """
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else ("−" if value < 0 else "") + "∞"
    mantissa, power = f"{value:.{digits - 1}e}".split("e")
    exponent = int(power)
    if float(mantissa) == 0:
        return "0"
    if -4 <= exponent < 7:
        text = f"{round(value, digits - 1 - exponent):,.{max(0, digits - 1 - exponent)}f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")
    short = (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa).replace("-", "−")
    return power_of_ten(exponent) if short == "1" else f"{short} × {power_of_ten(exponent)}"


def power_of_ten(exponent: int) -> str:
    """A power of ten as it is printed.

    Examples
    --------
    >>> power_of_ten(-12)
    '10⁻¹²'
    """
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def quantity(count: float) -> str:
    """A count: exact up to a million, then in words that say its size.

    Examples
    --------
    >>> quantity(1234), quantity(5_380_000), quantity(7.1e9), quantity(3e15)
    ('1,234', '5.4 million', '7.1 billion', '3 × 10¹⁵')
    """
    if count < 1e6:
        return f"{count:,.0f}"
    for word, size in (("million", 1e6), ("billion", 1e9)):
        if count < 999.5 * size:
            return f"{_two_digits(count / size)} {word}"
    return significant(count, 2)


def money(dollars: float) -> str:
    """An amount in US dollars, to the cent only where cents count.

    Examples
    --------
    >>> money(0.3), money(1234.5), money(7.1e9)
    ('0.30 USD', '1,234 USD', '7.1 billion USD')
    """
    return f"{dollars:.2f} USD" if dollars < 100 else f"{quantity(dollars)} USD"


def p_value(probability: float) -> str:
    """A p-value to two digits, never 0.

    Examples
    --------
    >>> p_value(0.0312), p_value(0.5), p_value(1e-9)
    ('0.031', '0.50', 'below 0.001')
    """
    if probability < 0.001:
        return "below 0.001"
    return f"{probability:.3f}" if probability < 0.1 else f"{probability:.2f}"


def _two_digits(value: float) -> str:
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def rounded_rows(rows: int) -> str:
    """A number of rows to two digits: more would pretend.

    Examples
    --------
    >>> rounded_rows(23456)
    '23,000'
    """
    digits = max(0, int(math.log10(rows)) - 1)
    return f"{round(rows, -digits):,}"


def headline(comparison: Comparison) -> str:
    """The outcome in a few words."""
    if comparison.clearly_worse:
        return "No useful gain, and worse"
    return _HEADLINES.get(comparison.outcome, "No useful gain")


def sentence(
    comparison: Comparison,
    quantum: float,
    classical: float,
    twin: float | None,
    score: str,
    rope: float,
    n_rows: int,
    rows: str = "rows",
    stopped: str | None = None,
    memories: tuple[int, int] = (0, 0),
) -> str:
    """The verdict as one paragraph.

    Parameters
    ----------
    comparison : Comparison
    quantum, classical, twin : float
        Mean outer score of each side's champion; ``twin`` of the quantum champion without entanglement.
    score : str
        Label of the deciding score.
    rope : float
    n_rows : int
    rows : str
        What they are called.
    stopped : str, optional
        Why the comparison is incomplete.
    memories : (int, int)
        In how many folds the quantum champion is a memory, and of how many.
    """
    low, high = comparison.posterior.interval()
    parts = [
        f"{headline(comparison)}: best quantum model {number(quantum)}, best classical {number(classical)} ({score}); "
        f"difference {number(comparison.posterior.mean)} (95 %: {number(low)} to {number(high)}); "
        f"probability of gaining more than {rope:g}: {percent(comparison.better)}."
    ]
    if comparison.rows_needed is not None:
        if comparison.rows_needed > 1.2 * n_rows:
            parts.append(f"About {rounded_rows(comparison.rows_needed)} {rows} would settle it; there are {n_rows:,}.")
        else:
            parts.append(
                f"The difference lies near the smallest one that matters: more {rows} alone may not settle it."
            )
    if twin is not None:
        parts.append(f"Without entanglement the quantum model scores {number(twin)}.")
    if memories[0]:
        where = "" if memories[0] == memories[1] else f" in {memories[0]} of {memories[1]} folds"
        parts.append(f"The best quantum model is a memory{where}: {FORMULA}.")
    if stopped is not None:
        parts.append(stopped)
    parts.append(SIMULATED)
    return " ".join(parts)


def settings_text(settings: dict[str, object]) -> str:
    """A configuration on one line.

    Examples
    --------
    >>> settings_text({"C": 1.0, "max_depth": None})
    'C 1, max depth none'
    """
    if not settings:
        return "nothing to tune"
    return ", ".join(f"{name.replace('_', ' ')} {_setting(value)}" for name, value in settings.items())


def _setting(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
