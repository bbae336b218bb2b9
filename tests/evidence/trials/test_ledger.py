"""The ledger: what was finished comes back to the bit, a torn line is dropped, another question is refused."""

import json

import numpy as np
import pytest

from ketwise.evidence.trials.ledger import Ledger, LedgerInUseError, kept_seed

QUESTION = {"seed": 0, "models": {"a": [1, 2]}, "versions": {"numpy": "2"}}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.ledger.jsonl"


def test_pieces_come_back_to_the_bit(path):
    ledger = Ledger(path, QUESTION, resume=False)
    value = {"x": np.array([0.1, np.nan, 1 / 3]), "n": 3, "said": "é\n", "deep": {"codes": np.arange(3, dtype="<i4")}}
    ledger.add("a/0", value)
    ledger.add("a/1", {"none": None})
    ledger.close()
    again = Ledger(path, QUESTION, resume=True)
    assert list(again.found) == ["a/0", "a/1"]
    found = again.found["a/0"]
    assert found["x"].tobytes() == value["x"].tobytes()
    assert found["deep"]["codes"].dtype == np.dtype("<i4")
    assert found["said"] == value["said"]
    again.add("a/2", {})
    again.remove()
    assert not path.exists()


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_line_that_was_being_written_is_dropped(path, cut):
    """As a kill or a full disk leaves it; the next piece is written after the last whole one."""
    ledger = Ledger(path, QUESTION, resume=False)
    ledger.add("a/0", {"x": 1})
    ledger.add("a/1", {"x": 2})
    ledger.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    again = Ledger(path, QUESTION, resume=True)
    assert list(again.found) == ["a/0"]
    again.add("a/1", {"x": 2})
    again.close()
    assert path.read_bytes() == whole


def test_another_question_is_refused_with_what_differs(path):
    Ledger(path, QUESTION, resume=False).close()
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"keeps another run \(seed was 0, now 1; versions numpy was 2, now 3\)"):
        Ledger(path, QUESTION | {"seed": 1, "versions": {"numpy": "3"}}, resume=True)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        b"notes",
        b"\n",
        b"no json\n",
        b"[]\n",
        b'{"format": "other"}\n',
        b'{"format": "ketwise ledger 1"}\n\xff\n',
        b"{}\n{}\n",
    ],
)
def test_what_is_no_ledger_is_refused_and_kept(path, content):
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is no ledger of a verdict"):
        Ledger(path, QUESTION, resume=True)
    assert path.read_bytes() == content


def test_nothing_to_resume(path):
    with pytest.raises(FileNotFoundError, match="there is no .* to resume from: run without --resume"):
        Ledger(path, QUESTION, resume=True)
    assert not path.exists()


def test_beginning_anew_forgets_what_was_there(path):
    path.write_text("old")
    Ledger(path, QUESTION, resume=False).close()
    assert json.loads(path.read_text())["question"] == QUESTION


@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("left", [0, 1, 20, 60, -1])
def test_killed_before_the_first_line_was_whole(path, left, resume):
    Ledger(path, QUESTION, resume=False).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:left])
    ledger = Ledger(path, QUESTION, resume=resume)
    ledger.close()
    assert ledger.found == {}
    assert path.read_bytes() == whole


def test_a_ledger_of_the_same_question_is_gone_on_from_unasked(path):
    ledger = Ledger(path, QUESTION, resume=False)
    ledger.add("a/0", {"x": 1})
    ledger.close()
    again = Ledger(path, QUESTION, resume=False)
    again.close()
    assert again.found == {"a/0": {"x": 1}}
    other = Ledger(path, QUESTION | {"seed": 1}, resume=False)
    other.close()
    assert other.found == {}
    assert len(path.read_text().splitlines()) == 1


def test_a_damaged_line_costs_what_follows_it_and_no_more(path):
    ledger = Ledger(path, QUESTION, resume=False)
    for number in range(3):
        ledger.add(f"a/{number}", {"x": number})
    ledger.close()
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], b"\0" * 9 + b"\n", lines[3]]))
    again = Ledger(path, QUESTION, resume=True)
    again.close()
    assert list(again.found) == ["a/0"]
    assert path.read_bytes() == b"".join(lines[:2])


@pytest.mark.parametrize("resume", [False, True])
def test_two_runs_cannot_write_to_one_ledger(path, resume):
    first = Ledger(path, QUESTION, resume=False)
    first.add("a/0", {"x": 1})
    with pytest.raises(LedgerInUseError, match="another run is writing to .*: wait until it has ended"):
        Ledger(path, QUESTION | {"seed": int(not resume)}, resume=resume)
    first.add("a/1", {"x": 2})
    first.close()
    again = Ledger(path, QUESTION, resume=True)
    again.close()
    assert list(again.found) == ["a/0", "a/1"]


def test_the_seed_of_a_ledger(path):
    assert kept_seed(path) is None
    Ledger(path, QUESTION | {"seed": 17}, resume=False).close()
    assert kept_seed(path) == 17
    for content in (b"", b"[]\n", b"no\n", b'{"format":"ketwise ledger 1"}\n'):
        path.write_bytes(content)
        assert kept_seed(path) is None
