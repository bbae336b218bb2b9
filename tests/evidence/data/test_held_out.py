"""A held-out file beside the data: joined by names, of the same kinds, and its rows known as such."""

import pytest

from ketwise.evidence.data import alerts
from ketwise.evidence.data.tables import load
from ketwise.evidence.data.task import deciding_score, recognise
from tests.evidence.data.test_tables import write

DATA = "a,word,y\n" + "".join(f"{i * 7 % 11}.5,{'uvw'[i % 3]},{'no' if i % 2 else 'yes'}\n" for i in range(24))


def both(tmp_path, test, data=DATA, target="y", **roles):
    return load(write(tmp_path, data), target, test=write(tmp_path, test, "test.csv"), **roles)


def test_rows_of_both_files(tmp_path):
    data = both(tmp_path, "y,word,a\nno,v,2\nyes,unseen,\n")  # other order; a new word; a gap
    assert (data.held_out, len(data.y), data.test) == (2, 26, str(tmp_path / "test.csv"))
    assert data.X.a.tolist()[24:26][0] == 2
    assert data.X.a.isna().tolist()[24:] == [False, True]
    assert data.X.word.tolist()[24:] == ["v", "unseen"]
    assert data.y.tolist()[24:] == ["no", "yes"]
    assert len(data.training().y) == 24
    assert data.training().held_out == 0
    alone = load(write(tmp_path, DATA), "y")
    assert data.training().sha256 == alone.sha256 != data.sha256


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("a,y\n1,no\n", "test.csv has no column 'word': both files must have the same columns"),
        ("a,word,more,y\n1,u,2,no\n", "test.csv has a column 'more' that .*data.csv has not"),
        ("a,wort,y\n1,u,no\n", "has no column 'word' and has a column 'wort'"),
        ("a,word\n1,u\n", "test.csv has no column 'y', the target: without it no score"),
        (
            "a,word,y\n1,u,no\nfour,v,yes\n",
            "'a' holds numbers in .*data.csv and text in .*test.csv, such as 'four' in row 2",
        ),
        ("a,word,y\n1,u,no\n2,v,maybe\n", r"'y' takes 'maybe' only in the held-out rows \(1 row\)"),
        ("a,word,y\n1,u,no\n2,v,\n", "'y' is missing in 1 of 2 rows of .*test.csv, the first is row 2"),
        ("a,word,y\n1,u,no\ninf,v,no\n", "test.csv: column 'a' holds 1 infinite value.s., the first in row 2"),
        ("a,word,y\n", "test.csv has a line of column names and no rows"),
        ("", "test.csv is empty"),
        ("a,word,y\n1,u\n", "test.csv, line 2: 2 cells"),
    ],
)
def test_files_that_do_not_fit(tmp_path, test, message):
    with pytest.raises(ValueError, match=message):
        both(tmp_path, test)


def test_places_of_the_held_out_file(tmp_path):
    path = write(tmp_path, DATA)
    with pytest.raises(FileNotFoundError, match=r"there is no file none\.csv"):
        load(path, "y", test="none.csv")
    with pytest.raises(ValueError, match="is the file that is learned from"):
        load(path, "y", test=path)
    with pytest.raises(ValueError, match="iris is a bundled set: the held-out rows must be in"):
        load(path, "y", test="iris")
    with pytest.raises(IsADirectoryError):
        load(path, "y", test=str(tmp_path))


def test_categories_that_look_like_numbers_in_the_held_out_file(tmp_path):
    data = "code,a,y\n" + "".join(f"{'12A'[i % 3]},{i * 7 % 11},{'12x'[i % 3]}\n" for i in range(24))
    joined = both(tmp_path, "code,a,y\n1,1,2\n,2,1\n", data)
    assert joined.X.code.tolist()[24:] == ["1", None]
    assert joined.y.tolist()[24:] == ["2", "1"]


def test_a_regression(tmp_path):
    data = "a,y\n" + "".join(f"{i % 7},{i}.25\n" for i in range(24))
    joined = both(tmp_path, "a,y\n1,99.5\n", data)
    assert joined.y.tolist()[24] == 99.5
    with pytest.raises(ValueError, match="target 'y' holds numbers in .* and text in .*, such as 'many'"):
        both(tmp_path, "a,y\n1,many\n", data)


def test_an_empty_column_on_either_side(tmp_path):
    void = DATA.replace("a,word", "void,a,word").replace("\n", "\n,")[:-1]
    assert both(tmp_path, "void,a,word,y\nx,1,u,no\n", void).X.void.isna().all()
    assert both(tmp_path, "a,word,y\n1,,no\n2,,no\n").X.word.tolist()[24:] == [None, None]


def test_dates_on_both_sides(tmp_path):
    data = "when,a,y\n" + "".join(f"2024-01-{i + 1:02d},{i % 7},{i % 2}\n" for i in range(24))
    joined = both(tmp_path, "when,a,y\n2024-02-01,1,0\n", data, time="when")
    assert joined.time.iloc[24] - joined.time.iloc[0] == 31
    with pytest.raises(ValueError, match="'when' holds dates in .* and text in .*, such as '1 Feb' in row 1"):
        both(tmp_path, "when,a,y\n1 Feb,1,0\n", data, time="when")
    with pytest.raises(ValueError, match=r"time 'when' is empty in 1 of 26 rows, the first is row 2 of .*test.csv"):
        both(tmp_path, "when,a,y\n2024-02-01,1,0\n,2,0\n", data, time="when")


def test_a_bundled_set_with_a_held_out_file(tmp_path):
    names = load("iris").X.columns
    test = write(tmp_path, ",".join([*names, "target"]) + "\n1,2,3,4,setosa\n")
    assert load("iris", test=test).y.tolist()[150] == "setosa"


def test_the_task_is_recognised_without_the_held_out_rows(tmp_path):
    rows = "".join(f"{i % 7},{int(i % 25 == 0)}\n" for i in range(100))  # 4 % of class 1
    joined = both(tmp_path, "a,y\n" + "".join(f"{i},1\n" for i in range(60)), "a,y\n" + rows)
    task = recognise(joined.y, joined.held_out)
    assert task.counts == [96, 64]
    assert task.shares.tolist() == [0.96, 0.04]
    assert task.is_imbalanced
    assert deciding_score(task, None).name == "average_precision"


def test_rows_in_both_files_are_remarked(tmp_path):
    joined = both(tmp_path, "a,word,y\n0.5,u,yes\n123,u,yes\n")
    found = [alert for alert in alerts.find(joined, recognise(joined.y, joined.held_out)) if alert.code == "KW007"]
    assert len(found) == 1
    assert "1 of the 2 held-out rows also occur among the rows that are learned from" in found[0].text
    joined = both(tmp_path, "a,word,y\n123,u,yes\n")
    assert not any(alert.code == "KW007" for alert in alerts.find(joined, recognise(joined.y, joined.held_out)))


def test_groups_and_times_in_both_files_are_remarked(tmp_path):
    data = "g,t,y\n" + "".join(f"p{i // 3},{i},{i * 7 % 11}.5\n" for i in range(24))
    for roles, message in (
        ({"groups": "g"}, "1 group ('p7') have rows in both files"),
        ({"time": "t"}, "1 of the 2 held-out rows are not later"),
    ):
        joined = both(tmp_path, "g,t,y\np7,99,1.5\np8,3,1.5\n", data, **roles)
        found = alerts.find(joined, recognise(joined.y, joined.held_out))
        assert any(message in alert.text for alert in found if alert.code == "KW007")


def test_remarks_are_about_the_rows_learned_from(tmp_path):
    leak = "a,b,y\n" + "".join(f"{i * 7 % 11},{i % 5},{i % 2}\n" for i in range(240))
    test = "a,b,y\n" + "".join(f"{i % 2},{i % 5},{i % 2}\n" for i in range(5000))
    joined = both(tmp_path, test, leak)
    found = alerts.find(joined, recognise(joined.y, joined.held_out))
    assert not any(alert.code == "KW002" for alert in found)
