"""Runs that end early, or were killed: what is finished is reported, and going on gives the same bits."""

import os
import signal

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ketwise.evidence.trials.parallel import Crew
from ketwise.evidence.verdict import verdict
from tests.evidence.test_verdict import numbers

SETTINGS = {"cv": (3, 2), "configurations": 2, "n_jobs": 1}


class Killed(BaseException):
    """As if the process had been killed."""


def after(count, act):
    """A progress callback that acts when so many trials have ended."""
    seen = []

    def told(step):
        if step.trial is not None:
            seen.append(step.trial)
            if len(seen) == count:
                act()

    return told


def kill():
    raise Killed


def interrupt():
    os.kill(os.getpid(), signal.SIGINT)


@pytest.mark.parametrize(("n_jobs", "count"), [(1, 1), (1, 9), (1, 17), (2, 9)])
def test_a_killed_run_goes_on_to_the_same_bits(quick, two_classes, tmp_path, count, n_jobs):
    whole = verdict(*two_classes, **SETTINGS)
    ledger = tmp_path / "run.jsonl"
    settings = SETTINGS | {"n_jobs": n_jobs}
    with pytest.raises(Killed):
        verdict(*two_classes, **settings, ledger=ledger, progress=after(count, kill))
    done = []
    again = verdict(*two_classes, **settings, ledger=ledger, progress=lambda step: done.append(step.done))
    assert numbers(again) == numbers(whole)
    assert len(ledger.read_text().splitlines()) > 18


def test_later_stages_go_on_too(quick, two_classes, tmp_path):
    whole, ledger = verdict(*two_classes, **SETTINGS), tmp_path / "run.jsonl"

    def told(step):
        if step.stage == "portraits" and step.done == 2:
            raise Killed

    with pytest.raises(Killed):
        verdict(*two_classes, **SETTINGS, ledger=ledger, progress=told)
    assert numbers(verdict(*two_classes, **SETTINGS, ledger=ledger)) == numbers(whole)


def test_an_interrupt_reports_the_complete_folds(quick, two_classes, tmp_path):
    ledger = tmp_path / "run.jsonl"
    part = verdict(*two_classes, **SETTINGS, ledger=ledger, progress=after(14, interrupt))
    assert part.stopped["why"] == "interrupted"
    assert (part.stopped["folds_done"], part.stopped["folds"]) == (4, 6)
    assert "Stopped after 4 of 6 folds, because it was interrupted" in part.sentence
    whole = verdict(*two_classes, **SETTINGS)
    assert part.differences.tolist() == whole.differences[:4].tolist()
    assert part.ablations == []
    assert part.portraits is None
    assert part.diagnosis is None
    assert "Stopped after 4 of 6" in part.to_html()
    assert numbers(verdict(*two_classes, **SETTINGS, ledger=ledger)) == numbers(whole)


def test_too_early_there_is_nothing_to_report(quick, two_classes):
    with pytest.raises(KeyboardInterrupt, match="before two folds were complete"):
        verdict(*two_classes, **SETTINGS, progress=after(4, interrupt))


def test_a_budget_is_a_ceiling_and_is_said(quick, two_classes, monkeypatch):
    with pytest.raises(ValueError, match="the budget of 1 ms was spent before two folds were complete"):
        verdict(*two_classes, **SETTINGS, budget=0.001)
    must_stop, asked = Crew._must_stop, []

    def spent(crew):
        """As if time ran out after the eleventh trial."""
        asked.append(1)
        if len(asked) > 12:
            crew._deadline = 0.0
        return must_stop(crew)

    monkeypatch.setattr(Crew, "_must_stop", spent)
    part = verdict(*two_classes, **SETTINGS, budget=60)
    assert part.stopped["why"] == "budget"
    assert part.stopped["folds_done"] == 3
    assert "because the budget of 60 s was spent" in part.sentence
    assert "not as fair" in part.sentence


def test_a_ledger_of_another_question_is_refused(quick, two_classes, tmp_path):
    ledger = tmp_path / "run.jsonl"
    verdict(*two_classes, **SETTINGS, ledger=ledger)
    for more in ({"random_state": 1}, {"configurations": 3}, {"against": {"mine": LogisticRegression()}}):
        with pytest.raises(ValueError, match="keeps another run"):
            verdict(*two_classes, **SETTINGS | more, ledger=ledger)
    X, y = two_classes
    with pytest.raises(ValueError, match="keeps another run .*data was"):
        verdict(X + 1e-9, y, **SETTINGS, ledger=ledger)


def test_an_estimator_that_raises_late_names_itself_and_loses_nothing(quick, two_classes, tmp_path):
    sums = []

    class Looks(LogisticRegression):
        def fit(self, X, y):
            sums.append(float(np.sum(np.asarray(X) ** 3)))
            return super().fit(X, y)

    ledger = tmp_path / "run.jsonl"
    verdict(*two_classes, **SETTINGS, against={"looks": Looks()})

    class Fails(LogisticRegression):
        def fit(self, X, y):
            if float(np.sum(np.asarray(X) ** 3)) == sums[4 * 2 + 3]:
                raise RuntimeError("not today")
            return super().fit(X, y)

    with pytest.raises(ValueError, match="fails failed in fold 3: RuntimeError: not today"):
        verdict(*two_classes, **SETTINGS, against={"fails": Fails()}, ledger=ledger)
    assert len(ledger.read_text().splitlines()) > 8
