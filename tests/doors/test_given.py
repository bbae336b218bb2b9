"""Estimators and durations named on the command line."""

import pytest
from sklearn.base import is_classifier

from ketwise.doors.duration import seconds_of
from ketwise.doors.given import estimators


def test_an_estimator_or_a_dict_of_them(tmp_path, monkeypatch):
    (tmp_path / "some_models.py").write_text(
        "from sklearn.linear_model import Ridge\nfrom sklearn.svm import SVC\n"
        "one = SVC()\nmany = {'a': SVC(), 'b': Ridge()}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    found = estimators([f"{tmp_path}/some_models.py:one", "some_models:many"], "--models")
    assert list(found) == ["one", "a", "b"]
    assert is_classifier(found["one"])
    with pytest.raises(ValueError, match="two models named 'a'"):
        estimators(["some_models:many"] * 2, "--models")
    (tmp_path / "broken_models.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(ValueError, match=r"importing broken_models failed \(ModuleNotFoundError"):
        estimators(["broken_models:x"], "--against")


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1.5m", 90), (" 2H ", 7200), ("1d1h1m1s", 90061)])
def test_durations(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "5 m", "-5m", "1e3", "5m30", "inf", "nan", "0", "0h"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="--budget"):
        seconds_of(text)
