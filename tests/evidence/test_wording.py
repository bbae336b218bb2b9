"""The sentence of each outcome, and numbers as people read them."""

import math

import numpy as np
import pytest

from ketwise.evidence.inference.correlated import compare, correlated_posterior
from ketwise.evidence.wording import (
    money,
    number,
    p_value,
    percent,
    quantity,
    seconds,
    sentence,
    significant,
    visible,
)


def said(mean, scale, twin=0.97, rope=0.01, n_rows=569):
    shape = np.tile([1.0, -1.0], 5)
    differences = mean + shape * scale / math.sqrt(np.var(shape, ddof=1) * 0.35)
    comparison = compare(correlated_posterior(differences, 0.25), rope, n_rows)
    return sentence(comparison, 0.971, 0.971 - mean, twin, "ROC AUC", rope, n_rows)


def test_the_whole_sentence():
    assert said(-0.007, 0.0053) == (
        "No useful gain: best quantum model 0.971, best classical 0.978 (ROC AUC); difference −0.007 (95 %: "
        "−0.019 to 0.005); probability of gaining more than 0.01: 0.5 %. Without entanglement the quantum model "
        "scores 0.970. All quantum models were simulated on this CPU; a win would be the model's, not a quantum "
        "computer's."
    )


@pytest.mark.parametrize(
    ("mean", "scale", "start"),
    [
        (0.05, 0.005, "A quantum model helps: "),
        (-0.05, 0.005, "No useful gain, and worse: "),
        (0.0, 0.001, "No useful gain: "),
        (0.011, 0.004, "Ahead, but usefulness is not shown: "),
        (0.0, 0.02, "Cannot tell from this data: "),
    ],
)
def test_every_outcome_has_its_words(mean, scale, start):
    text = said(mean, scale)
    assert text.startswith(start)
    assert "All quantum models were simulated" in text
    assert "quantum advantage" not in text


def test_what_would_settle_it():
    assert "About 6,100 rows would settle it; there are 569." in said(0.0, 0.02)
    assert "more rows alone may not settle it" in said(0.008, 0.0062)
    assert "settle" not in said(0.0, 0.001)
    assert "Without entanglement" not in said(0.0, 0.001, twin=None)


def test_numbers():
    assert [number(x) for x in (0.5, -0.5, -0.0001, 0.0, -0.0)] == ["0.500", "−0.500", "0.000", "0.000", "0.000"]
    assert [percent(x) for x in (0, 0.0004, 0.001, 0.05, 0.5, 0.9791, 0.981, 0.9995, 1)] == [
        "below 0.1 %", "below 0.1 %", "0.1 %", "5.0 %", "50 %", "98 %", "98.1 %", "above 99.9 %", "above 99.9 %",
    ]  # fmt: skip
    assert [seconds(x) for x in (0.0001, 0.02, 0.1, 9.96, 99.6, 3599.6)] == [
        "0.1 ms", "20 ms", "0.1 s", "10 s", "1 min 40 s", "60 min 00 s",
    ]  # fmt: skip


def test_numbers_of_any_size():
    assert [significant(x) for x in (9.996, -0.5, 999_999, 12_345_678, 1e-9, -2.5e-9, math.inf, math.nan)] == [
        "10", "−0.5", "1,000,000", "1.23 × 10⁷", "10⁻⁹", "−2.5 × 10⁻⁹", "∞", "not a number",
    ]  # fmt: skip
    assert [quantity(x) for x in (0, 999_999, 1e6, 9.96e6, 9.994e8, 1e9, 5e11, 1e12)] == [
        "0", "999,999", "1.0 million", "10 million", "999 million", "1.0 billion", "500 billion", "10¹²",
    ]  # fmt: skip
    assert [money(x) for x in (0, 0.004, 99.99, 100, 1e6)] == [
        "0.00 USD", "0.00 USD", "99.99 USD", "100 USD", "1.0 million USD",
    ]  # fmt: skip
    assert [seconds(x) for x in (0, 1e-9, 5e-5, 5999, 6000, 172_799, 172_800, 6.4e7)] == [
        "0 s", "below 1 µs", "50 µs", "99 min 59 s", "1.7 h", "48 h", "2.0 days", "2.0 years",
    ]  # fmt: skip
    assert [p_value(x) for x in (0, 0.00099, 0.001, 0.0999, 0.1, 1)] == [
        "below 0.001", "below 0.001", "0.001", "0.100", "0.10", "1.00",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [1.0, -3.25, 0.000123, 98_765.0, 1.5e-8, 7.77e11])
def test_significant_numbers_read_back(value):
    plain = significant(value).replace("−", "-").replace(",", "").replace(" × 10", "e")
    plain = plain.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    assert float(plain) == pytest.approx(value, rel=5e-3)


def test_what_cannot_be_seen_is_shown():
    assert visible("a\u202eb\x00c\ud800d\u200be\n\tf é 漢") == "a�b�c�d�e  f é 漢"
