"""Whatever the text: a circuit, or a ValueError with its place, soon."""

import random
import re
import time

import pytest

import ketwise as kw
from tests.words.qasm.hostile_texts import PROGRAMS, hostile_text

PLACED = re.compile(r"line \d+, column \d+: .{10}")


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_programs_that_are_spoilt_are_read(text):
    assert len(kw.qasm.loads(text)) > 0


def outcome(text):
    """The error, if any; every other exception fails the test."""
    try:
        kw.qasm.loads(text)
    except ValueError as error:
        return error
    return None


def survive(seeds):
    read = 0
    for seed in seeds:
        text = hostile_text(random.Random(seed))
        started = time.process_time()
        error = outcome(text)
        assert time.process_time() - started < 10, seed
        read += error is None
        if error is not None:
            assert PLACED.match(str(error)), (seed, str(error))
            assert type(error) is ValueError, (seed, error)
            assert len(str(error)) < 1000, seed
    return read


def test_hostile_texts():
    read = survive(range(4000))
    assert 100 < read < 2000  # both outcomes were tried


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_hundred_thousand_hostile_texts():
    survive(range(1_000_000, 1_200_000))
