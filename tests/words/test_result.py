"""The JSON form: exact, strict, refused where it is something else."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketwise.words.result import Result, library_versions


@dataclass(frozen=True, kw_only=True)
class Sample(Result):
    value: Any = None
    names: list[str] = field(default_factory=list)


def there_and_back(value):
    return Sample.from_json(Sample(value=value).to_json()).value


@pytest.mark.parametrize(
    "array",
    [
        np.array([0.1, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308]),
        np.array([[1, 2], [3, 4]], dtype=np.int32),
        np.array([1 + 2j, complex(math.nan, math.inf)]),
        np.array([[0.1, math.nan], [math.inf, -math.inf]], dtype=np.float32),
        np.array([True, False]),
        np.zeros((0, 3)),
        np.array(2.5),
    ],
    ids=str,
)
def test_arrays_come_back_to_the_same_bits(array):
    back = there_and_back(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()


@given(st.floats() | st.integers() | st.text() | st.none() | st.booleans())
def test_plain_values_come_back(value):
    back = there_and_back({"deep": [value, [value]]})["deep"][1][0]
    assert type(back) is type(value)
    assert back == value or (math.isnan(value) and math.isnan(back))


def test_the_text_is_strict_json_and_readable():
    text = Sample(
        value=[math.nan, np.float64(0.5), np.int64(3), (1, 2)], names=["Größe", 'a"\u2028<'], seeds={"s": 1}
    ).to_json()
    document = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert document["kind"] == "Sample"
    assert document["value"] == [{"__float__": "nan"}, 0.5, 3, [1, 2]]
    assert "Größe" in text


def test_half_a_surrogate_pair_can_still_be_written():
    text = Sample(names=["\ud800"]).to_json()
    text.encode("utf-8")
    assert Sample.from_json(text).names == ["\ud800"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (object(), "value: object has no JSON form"),
        ({"a": {1: 2}}, r"value\.a: JSON keys are strings, got 1"),
        ([np.array(["a"])], r"value\[0\]: an array of"),
    ],
)
def test_what_has_no_json_form_is_named(value, message):
    with pytest.raises(TypeError, match=message):
        Sample(value=value).to_json()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "JSON object, got list"),
        ('{"kind": "Other"}', "of kind 'Other'"),
        ('{"kind": "Sample", "valeu": 1}', "missing .*'value'.* unknown .*'valeu'"),
    ],
)
def test_other_documents_are_refused(text, message):
    with pytest.raises(ValueError, match=message):
        Sample.from_json(text)


def test_versions_name_what_is_missing():
    assert library_versions("numpy", "no-such-package") == {
        "python": library_versions()["python"],
        "numpy": np.__version__,
        "no-such-package": "not installed",
    }
