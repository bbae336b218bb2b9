"""The verdict in plain words, and how numbers are written for people."""

import math
import unicodedata

from ketwise.evidence.inference.correlated import AHEAD, CANNOT_TELL, HELPS, Comparison

SIMULATED = "All quantum models were simulated on this CPU; a win would be the model's, not a quantum computer's."

_HEADLINES = {
    HELPS: "A quantum model helps",
    AHEAD: "Ahead, but usefulness is not shown",
    CANNOT_TELL: "Cannot tell from this data",
}


def visible(text: str) -> str:
    """Text from outside with everything that cannot be seen, or that reorders what is, shown as a replacement sign.

    Examples
    --------
    >>> visible("a\\x1b[31mb\\u202e\\nc")
    'a�[31mb� c'
    """
    return "".join(
        " " if sign in "\t\n\r" else "�" if unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else sign
        for sign in text
    )


def shortened(text: str, most: int) -> str:
    """Text cut to a length, with an ellipsis where something was cut.

    Examples
    --------
    >>> shortened("gradient boosting", 9)
    'gradient…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


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
    >>> seconds(0.0042), seconds(1.26), seconds(200)
    ('4.2 ms', '1.3 s', '3 min 20 s')
    """
    if value < 0.0995:
        return f"{1000 * value:.2g} ms" if value < 0.00995 else f"{1000 * value:.0f} ms"
    if value < 9.95:
        return f"{value:.2g} s"
    if value < 99.5:
        return f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02d} s"


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
    comparison: Comparison, quantum: float, classical: float, twin: float | None, score: str, rope: float, n_rows: int
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
    """
    low, high = comparison.posterior.interval()
    parts = [
        f"{headline(comparison)}: best quantum model {number(quantum)}, best classical {number(classical)} ({score}); "
        f"difference {number(comparison.posterior.mean)} (95 %: {number(low)} to {number(high)}); "
        f"probability of gaining more than {rope:g}: {percent(comparison.better)}."
    ]
    if comparison.rows_needed is not None:
        if comparison.rows_needed > 1.2 * n_rows:
            parts.append(f"About {rounded_rows(comparison.rows_needed)} rows would settle it; there are {n_rows:,}.")
        else:
            parts.append("The difference lies near the smallest one that matters: more rows alone may not settle it.")
    if twin is not None:
        parts.append(f"Without entanglement the quantum model scores {number(twin)}.")
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
