"""Values to JSON and arrays and back: every kind comes back as it was; what no writer writes is refused."""

import json
import math

import numpy as np
import pytest

from ketwise.learning.keeping.form import WHOLE, Form, array, check_parts, one
from ketwise.learning.keeping.tree import Reader, UnkeepableError, Writer

VALUES = {
    "none": None,
    "booleans": [True, False],
    "whole": [0, -(2**62)],
    "floats": [0.1, -0.0, 5e-324, 1e308],
    "infinite": [math.inf, -math.inf],
    "text": "é\ud800\n\0",
    "tuple": (1, (2.5, "x"), [None]),
    "many floats": [float(k) / 7 for k in range(20)],
    "a tuple of many": tuple(float(k) / 7 for k in range(20)),
    "a map": {"is": "tuple", "items": {"": 1}},
    "a dict": {1: "a", "1": "b", None: 2.5, (1, 2): []},
    "float64": np.float64(0.1),
    "float32": np.float32(0.1),
    "float16": np.float16(0.1),
    "int8": np.int8(-3),
    "uint64": np.uint64(2**62),
    "bool_": np.True_,
    "nan64": np.float64("-inf"),
    "an array": np.arange(6.0).reshape(2, 3),
    "a turned array": np.arange(6.0).reshape(2, 3).T,
    "a scalar array": np.array(3),
    "an empty array": np.zeros((0, 3)),
    "complex": np.array([1j]),
    "texts": np.array([["no", "yes"], ["é", ""]]),
    "wide texts": np.array(["no"], dtype="<U20"),
    "no texts": np.array([], dtype="<U1"),
    "objects of text": np.array(["a", "b\ud800"], dtype=object),
    "objects": np.array([1, "1", 1.5, None, True, np.float32(0.1)], dtype=object),
}


def there_and_back(value, forms=()):
    writer = Writer(forms)
    node = json.loads(json.dumps(writer.node(value), allow_nan=False))
    reader = Reader(forms, writer.arrays)
    made = reader.value(node)
    reader.finish()
    return made


def alike(one, other):
    if isinstance(one, np.ndarray):
        same = one.dtype == other.dtype and one.shape == other.shape
        same = same and one.flags.f_contiguous == other.flags.f_contiguous
        return same and all(map(alike, one.ravel().tolist(), other.ravel().tolist()))
    if isinstance(one, (list, tuple)):
        return type(one) is type(other) and len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(map(alike, one.values(), other.values()))
    return type(one) is type(other) and one == other and str(one) == str(other)


@pytest.mark.parametrize("case", VALUES)
def test_values_come_back_as_they_were(case):
    assert alike(VALUES[case], there_and_back(VALUES[case]))


def test_nan_comes_back():
    assert math.isnan(there_and_back(math.nan))
    assert np.isnan(there_and_back(np.array([np.nan]))).all()


@pytest.mark.parametrize(
    "value", [print, lambda x: x, int, object(), {1, 2}, b"bytes", 1j, np.datetime64("2020-01-01"), range(3)]
)
def test_what_is_no_data_is_refused(value):
    with pytest.raises(UnkeepableError, match=f"a.b.1 is a {type(value).__name__}"):
        Writer(()).node({"b": [0, value]}, "a")


@pytest.mark.parametrize(
    "value",
    [
        2**63,
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.zeros(1, dtype=[("a", int)]),
        np.array([[1, "a"]], dtype=object),
    ],
)
def test_values_of_the_wrong_size_or_kind_are_refused(value):
    with pytest.raises(ValueError, match="where is"):
        Writer(()).node(value, "where")


def test_objects_hold_no_objects():
    cells = np.empty(2, dtype=object)
    cells[:] = [1, [2]]
    with pytest.raises(UnkeepableError, match="cells.1 is a list"):
        Writer(()).node(cells, "cells")


def test_a_subclass_of_a_dict_or_a_list_is_no_plain_one():
    from collections import OrderedDict

    with pytest.raises(UnkeepableError):
        Writer(()).node(OrderedDict(a=1))


ARRAYS = {"x": np.arange(3.0), "letters": np.frombuffer(b"noyes", dtype=np.uint8), "ends": np.array([2, 5])}
TEXTS = {"is": "texts", "array": "letters", "ends": "ends", "dtype": "<U3", "shape": [2]}
BAD = {
    "no is": ({"a": 1}, "does not say what it is"),
    "is a number": ({"is": 1}, "does not say what it is"),
    "unknown": ({"is": "os.system", "items": []}, "it is a 'os.system', which this version of ketwise does not know"),
    "another key": ({"is": "tuple", "items": [], "code": 1}, "a tuple has other keys: missing .*, unknown .'code'"),
    "a key less": ({"is": "tuple"}, "missing .'items'"),
    "items no list": ({"is": "tuple", "items": {}}, "items must be a list"),
    "map no object": ({"is": "map", "items": []}, "items must be an object"),
    "dict no pairs": ({"is": "dict", "items": [[1]]}, "must be pairs"),
    "dict twice": ({"is": "dict", "items": [[1, 2], [1, 3]]}, "a key occurs twice"),
    "dict of lists": ({"is": "dict", "items": [[[], 2]]}, "unhashable"),
    "float": ({"is": "float", "value": "1.0"}, "must be nan, inf or -inf"),
    "float of list": ({"is": "float", "value": []}, "must be nan, inf or -inf"),
    "number of text": ({"is": "number", "dtype": "<f8", "value": "1"}, "a dtype of a number and its value"),
    "number dtype": ({"is": "number", "dtype": "O", "value": 1}, "a dtype of a number and its value"),
    "number too large": ({"is": "number", "dtype": "|i1", "value": 300}, "it makes no number"),
    "number of another kind": ({"is": "number", "dtype": "<i8", "value": 1.5}, "the value is no <i8"),
    "no such array": ({"is": "array", "order": "C", "array": "y"}, "there is no array 'y', or it is used twice"),
    "array twice": ([{"is": "array", "order": "C", "array": "x"}] * 2, "at 1 it makes no array: there is no array 'x'"),
    "array order": ({"is": "array", "order": "K", "array": "x"}, "the order must be C or F"),
    "floats of": ({"is": "floats", "of": "set", "array": "x"}, "a list or tuple of floats"),
    "floats of bytes": ({"is": "floats", "of": "list", "array": "letters"}, "a list or tuple of floats"),
    "objects in objects": ({"is": "objects", "items": [[]]}, "must be numbers, text, booleans or null"),
    "texts of floats": (TEXTS | {"array": "x"}, "the letters must be bytes"),
    "texts shape": (TEXTS | {"shape": [3]}, "there are 2 ends"),
    "texts 2^40 rows": (TEXTS | {"shape": [2**40]}, "there are 2 ends"),
    "texts dtype": (TEXTS | {"dtype": "<U2"}, "the dtype must be .O, or <U and the length"),
    "texts signs": (TEXTS | {"dtype": "<U1_0"}, "the dtype must be"),
    "texts no number": (TEXTS | {"dtype": "<Ux"}, "it makes no texts"),
    "texts wide": (TEXTS | {"dtype": "<U1000000"}, "far more room than they take"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_no_writer_writes_is_refused(case):
    node, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        Reader((), ARRAYS).value(node)


@pytest.mark.parametrize(
    ("letters", "ends"),
    [(b"noyes", [5, 2]), (b"noyes", [2, 4]), (b"noyes", [2, 6]), (b"noyes", [-1, 5]), (b"\xff\xffabc", [2, 5])],
)
def test_texts_that_end_in_the_wrong_place_are_refused(letters, ends):
    arrays = {"letters": np.frombuffer(letters, dtype=np.uint8), "ends": np.array(ends)}
    with pytest.raises(ValueError, match="it makes no texts"):
        Reader((), arrays).value(TEXTS)


def test_arrays_that_belong_to_nothing_are_refused():
    reader = Reader((), ARRAYS)
    reader.value(TEXTS)
    with pytest.raises(ValueError, match="it holds an array 'x' that belongs to nothing"):
        reader.finish()


class Point:
    def __init__(self, n):
        self.n = n


POINT = Form("Point", (Point,), lambda value: {"n": value.n}, lambda parts: Point(parts["n"]), frozenset({"n"}))


def test_objects_by_their_form():
    assert there_and_back([Point(3)], (POINT,))[0].n == 3

    class Other(Point):
        pass

    with pytest.raises(UnkeepableError):
        Writer((POINT,)).node(Other(3))
    with pytest.raises(ValueError, match="a Point has other keys: missing .'n'., unknown .'m'"):
        Reader((POINT,), {}).value({"is": "Point", "m": 1})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"n": 2}, "missing .'x'"),
        ({"n": 2, "x": np.zeros((2, 3)), "y": 1}, "unknown .'y'"),
        ({"n": True, "x": np.zeros((1, 3))}, "n must be int, got bool"),
        ({"n": 2, "x": [[0.0]]}, "x must be ndarray, got list"),
        ({"n": 2, "x": np.zeros((3, 3))}, r"x must have shape \(n, m\) with n = 2.*, got \(3, 3\)"),
        ({"n": 2, "x": np.zeros(2)}, r"x must have shape \(n, m\)"),
        ({"n": 2, "x": np.zeros((2, 3), dtype=int)}, "x must have a dtype of kind 'f', got int64"),
        ({"n": 2, "x": np.zeros((2, 3)), "z": np.zeros(4)}, r"z must have shape \(m,\) with m = 3, got \(4,\)"),
        ({"n": 2, "x": np.zeros((2, 3)), "z": None}, None),
    ],
)
def test_parts_are_checked(parts, message):
    rules = {"n": WHOLE, "x": array("n", "m"), "z": array("m", none=True, needed=False), "t": one(str, needed=False)}
    if message is None:
        check_parts(parts, rules)
        return
    with pytest.raises(ValueError, match=message):
        check_parts(parts, rules)
