"""A crew: every piece once, those in the ledger not again; a stop keeps what is finished."""

import os
import signal
import threading
import time

import pytest

from ketwise.evidence.trials.ledger import Ledger
from ketwise.evidence.trials.parallel import BUDGET, INTERRUPTED, Crew, Piece


def square(x, wait=0.0):
    time.sleep(wait)
    return {"value": x * x}


def fails(x):
    raise ValueError(f"piece {x} is broken")


def pieces(count, wait=0.0):
    return [Piece(f"square/{x}", square, (x, wait)) for x in range(count)]


def values(crew, work):
    return {piece.key: value["value"] for piece, value in crew.run(work)}


ALL = {f"square/{x}": x * x for x in range(7)}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_piece_is_done_once(n_jobs):
    crew = Crew(n_jobs)
    assert values(crew, pieces(7)) == ALL
    assert values(crew, []) == {}
    assert crew.stopped is None


def test_what_the_ledger_holds_is_not_done_again(tmp_path):
    first = Ledger(tmp_path / "l", {}, resume=False)
    assert values(Crew(1, first), pieces(3)) == dict(list(ALL.items())[:3])
    first.close()
    again = Ledger(tmp_path / "l", {}, resume=True)
    # Broken pieces under the keys of finished ones would raise if they were run.
    broken = [Piece(f"square/{x}", fails, (x,)) for x in range(3)]
    assert values(Crew(1, again), [*broken, *pieces(7)[3:]]) == ALL
    again.close()


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_error_goes_on(n_jobs):
    work = [*pieces(2), Piece("bad", fails, (5,)), *pieces(7)[2:]]
    with pytest.raises(ValueError, match="piece 5 is broken"):
        values(Crew(n_jobs), work)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_spent_budget_starts_nothing_more(n_jobs):
    crew = Crew(n_jobs, budget=0.5 if n_jobs == 1 else 3.0)  # processes take a second to start
    start = time.monotonic()
    found = values(crew, pieces(400, wait=0.05))
    assert crew.stopped == BUDGET
    assert 0 < len(found) < 200
    assert time.monotonic() - start < 20
    assert values(crew, pieces(7)) == {}


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupt_keeps_what_is_finished(n_jobs, tmp_path):
    book = Ledger(tmp_path / "l", {}, resume=False)
    crew, found = Crew(n_jobs, book), {}
    before = signal.getsignal(signal.SIGINT)
    with crew.listening():
        for piece, value in crew.run(pieces(400, wait=0.02)):
            found[piece.key] = value
            if len(found) == 5:
                threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
    assert crew.stopped == INTERRUPTED
    assert 5 <= len(found) < 100
    assert signal.getsignal(signal.SIGINT) is before
    book.close()
    # What is done is in the ledger, and given again by a crew that goes on.
    again = Ledger(tmp_path / "l", {}, resume=True)
    assert again.found == found
    again.close()


def test_a_model_cannot_swallow_the_interrupt():
    """Training loops take KeyboardInterrupt for their own; the run must end all the same."""

    def trains_on():
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)
        except KeyboardInterrupt:
            pass
        return {"value": 0}

    crew = Crew(1)
    start = time.monotonic()
    with crew.listening():
        assert values(crew, [Piece("x", trains_on, ()), *pieces(3)]) == {}
    assert crew.stopped == INTERRUPTED
    assert time.monotonic() - start < 4
