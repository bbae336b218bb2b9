"""A hundred hostile names as columns, classes, target, groups and file go through without harm, and stay themselves."""

import os

import numpy as np
import pandas as pd
import pytest

from ketwise.evidence.data import alerts
from ketwise.evidence.data.columns import choose_columns, describe, preparation, used_frame
from ketwise.evidence.data.names import MOST_SIGNS, quoted, storable
from ketwise.evidence.data.tables import load, table
from ketwise.evidence.data.task import deciding_score, other_scores, recognise
from tests.hostile_names import HOSTILE_NAMES

N = 40
RNG = np.random.default_rng(0)
NUMBERS, WORDS, Y = RNG.normal(size=N), RNG.choice(["u", "v", "w"], N), np.arange(N) % 2


def through(data):
    """All that is done with a table before anything is trained; every text in it is returned."""
    task = recognise(data.y)
    found = alerts.find(data, task)
    columns = choose_columns(data, found)
    ready = preparation(columns).fit_transform(used_frame(data, columns))
    assert np.isfinite(ready).all()
    score = deciding_score(task, None)
    said = [task.said, score.meaning, *(other.meaning for other in other_scores(task)), *data.notes, *describe(columns)]
    assert len(data.sha256) == 64
    return [*said, *(alert.text for alert in found)]


def test_there_are_a_hundred():
    assert len(HOSTILE_NAMES) == len(set(HOSTILE_NAMES)) >= 100


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_as_column_class_target_and_group(name):
    frame = pd.DataFrame({0: NUMBERS, 1: WORDS, 2: NUMBERS + np.arange(N)})
    frame.columns = pd.Index([name, name + "'", "plain"], dtype=object)
    y = pd.Series([name if code else name + "." for code in Y], name=name, dtype=object)
    data = table(frame, y, groups=pd.Series([name, name + "2"] * (N // 2), name=name, dtype=object), name=name)
    kept = storable(name)
    assert kept == name or "\ud800" in name or "\udfff" in name
    assert list(data.X.columns) == [kept, kept + "'", "plain"]
    assert data.target == kept
    assert sorted(set(data.y)) == sorted([name, name + "."])
    assert set(data.groups) == {name, name + "2"}
    said = through(data)
    assert all(len(text) < 2000 for text in said)


def test_all_at_once():
    values = RNG.normal(size=(N, len(HOSTILE_NAMES)))
    words = RNG.choice(np.array(HOSTILE_NAMES, dtype=object), N)
    frame = pd.DataFrame(values, columns=pd.Index(HOSTILE_NAMES, dtype=object))
    frame["words"] = pd.Series(words, dtype=object)
    data = table(frame, pd.Series(Y, name="</title>"))
    assert list(data.X.columns) == [*map(storable, HOSTILE_NAMES), "words"]
    through(data)
    frame.columns = pd.Index([name if name != "<!--" else "<!-" for name in frame.columns], dtype=object)
    renamed = table(frame, pd.Series(Y, name="</title>"))
    assert renamed.sha256 != data.sha256


def test_a_column_that_is_named_like_the_hash_of_rows_inside():
    """A column with the name that once stood for the target inside the search for repeats hid it."""
    frame = pd.DataFrame({"\0target": np.zeros(N), "a": np.arange(N) // 2 * 1.0, "b": np.tile(NUMBERS[: N // 2], 2)})
    found = alerts.find(table(frame, Y), recognise(table(frame, Y).y))
    assert not any(alert.code == "KW005" for alert in found)


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=range(len(HOSTILE_NAMES)))
def test_as_a_file(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        file = name + ".csv"
        content = "a,b,y\n" + "".join(f"{x},{word},{code}\n" for x, word, code in zip(NUMBERS, WORDS, Y, strict=True))
        with open(file, "w") as handle:
            handle.write(content)
    except (OSError, ValueError):
        with pytest.raises((OSError, ValueError)) as caught:  # no file can have that name: one sentence says so
            load(file, "y")
        assert "\n" not in str(caught.value) or "\n" in name
        return
    data = load(file, "y")
    assert data.name == file
    assert recognise(data.y).classes == ["0", "1"]
    os.unlink(file)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in HOSTILE_NAMES
        if name.strip() and "\0" not in name and "\ud800" not in name and "\udfff" not in name
    ],
    ids=lambda name: ascii(name)[:20],
)
def test_in_a_file(name, tmp_path):
    cell = '"' + name.replace('"', '""') + '"'
    rows = "".join(f"{x},{word},{cell if code else 'other'}\n" for x, word, code in zip(NUMBERS, WORDS, Y, strict=True))
    path = tmp_path / "data.csv"
    path.write_text(f"{cell},b,y\n{rows}", encoding="utf-8", newline="")
    if name in ("NaN", "None", "null"):  # what pandas takes for a gap
        with pytest.raises(ValueError, match="missing in 20 of 40 rows"):
            load(str(path), "y")
        return
    data = load(str(path), "y")
    assert data.X.columns[0] == name.strip()
    # The reader takes leading spaces for layout, as it does in names.
    assert name.strip() in [label.strip() for label in recognise(data.y).classes]


def test_names_in_sentences_are_short_and_printable():
    for name in HOSTILE_NAMES:
        assert len(quoted(name)) <= 10 * MOST_SIGNS + 2
        assert not set(quoted(name)) & set("\0\x1b\n\r\t\u202e\u200b\ud800")
