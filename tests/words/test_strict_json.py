"""JSON that nobody vouches for: what is JSON is read as the standard library reads it, what is too much is refused."""

import json
import time
import tracemalloc

import pytest

from ketwise.words.strict_json import MOST_DEPTH, MOST_PARTS, strict_json

GOOD = ['{"a": [1, -2.5e-3, true, null, "[{\\"}]"]}', "[]", '"\\u00e9\\ud800"', "0", ' { "" : {} } ', '"\\\\"']


@pytest.mark.parametrize("text", GOOD)
def test_it_reads_what_the_standard_library_reads(text):
    assert strict_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "not JSON"),
        (b"[1,]", "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'"a', "not JSON"),
        (b'"\\', "not JSON"),
        (b"[1] 2", "not JSON"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"[NaN]", "NaN is no JSON number"),
        (b"[Infinity]", "Infinity is no JSON number"),
        (b"[-Infinity]", "-Infinity is no JSON number"),
        (b"[1e999]", "the number 1e999 is too large"),
        (b'{"a": 1, "b": 2, "a": 3}', "the key 'a' occurs twice"),
        (b'[{"x": {"k": 1, "k": 1}}]', "the key 'k' occurs twice"),
        (b"1" * 30, "a whole number has 30 signs"),
        (b"1" * 100_000, "a whole number has 100000 signs"),
        (b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1), f"nested {MOST_DEPTH + 1} deep"),
        (b"[" * 1_000_000, "1000000 lists and objects"),
        (b'{"a":' * 40_000 + b"1" + b"}" * 40_000, "nested 40000 deep"),
        (b"[" + b"[]," * MOST_PARTS + b"0]", f"{MOST_PARTS + 1} lists and objects"),
    ],
    ids=range(19),
)
def test_it_refuses(text, message):
    with pytest.raises(ValueError, match=message):
        strict_json(text)


def test_the_limits_themselves_are_allowed():
    assert strict_json(b"[" * MOST_DEPTH + b"]" * MOST_DEPTH)
    assert len(strict_json(b"[" + b"{}," * (MOST_PARTS - 2) + b"{}]")) == MOST_PARTS - 1


def test_brackets_in_text_do_not_count():
    assert strict_json(json.dumps("[{" * 100_000).encode()) == "[{" * 100_000
    assert strict_json(b'"' + b'\\"' * 100_000 + b'"') == '"' * 100_000


MEGABYTE = {
    "quotes without an end": b'"' + b'\\"' * 500_000,
    "backslashes": b'"' + b"\\" * 1_000_001,
    "quotes": b'"' * 1_000_001,
    "objects": b"[" + b'{"a":0},' * 49_998 + b"0]",
    "numbers": b"[" + b"0.1," * 250_000 + b"0]",
    "texts": b"[" + b'"ab",' * 200_000 + b"0]",
    "keys": b"{" + b",".join(b'"%x":0' % k for k in range(100_000)) + b"}",
}


@pytest.mark.parametrize("case", MEGABYTE)
def test_a_megabyte_of_anything_is_quick_and_small(case):
    def read():
        try:
            strict_json(MEGABYTE[case])
        except ValueError:
            return

    start = time.process_time()
    read()
    assert time.process_time() - start < 1
    tracemalloc.start()
    read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50e6
