"""All that is measured, stage after stage: the comparison first, then what stands beside it and explains it."""

from dataclasses import dataclass
from typing import Any

from ketwise.evidence.explain.champion import Explained, explain
from ketwise.evidence.inference.correlated import Comparison, compare
from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM
from ketwise.evidence.prepared import Prepared
from ketwise.evidence.question import Question
from ketwise.evidence.trials.ablated import measure_ablations
from ketwise.evidence.trials.measure import Trials, Watch, complete_folds, measure_models
from ketwise.evidence.trials.parallel import BUDGET, Crew
from ketwise.evidence.trials.portraits import measure_map, measure_portraits
from ketwise.evidence.trials.second_lines import measure_second_lines
from ketwise.evidence.trials.tally import Tally
from ketwise.evidence.trials.uncertainty import uncertainty_of
from ketwise.evidence.wording import headline, number, seconds


@dataclass(frozen=True)
class Measured:
    """The complete folds and what the later stages found; ``stopped`` where the run ended early."""

    tally: Tally
    comparison: Comparison
    ablations: list[dict[str, Any]]
    second_lines: list[dict[str, Any]]
    portraits: dict[str, Any] | None
    decision_map: dict[str, Any] | None
    explained: Explained
    stopped: dict[str, Any] | None
    clock: dict[str, float]


def measure(ready: Prepared, question: Question, crew: Crew, watch: Watch) -> Measured:
    """Run every stage, or as many as the crew gets to.

    Raises
    ------
    ValueError
        If a model fails, or the budget is spent before two folds are complete.
    KeyboardInterrupt
        If the run is interrupted before two folds are complete.
    """

    def tally_of(trials: Trials) -> Tally:
        complete = complete_folds(ready.folds, ready.opponents, trials)
        uncertainty = uncertainty_of(ready.bench, complete, ready.layout)
        return Tally(ready.opponents, ready.tried, complete, trials, uncertainty, ready.bench.score.most)

    def so_far(trials: Trials) -> str | None:
        complete = complete_folds(ready.folds, ready.opponents, trials)
        if len(complete) < 2 or len(complete) == len(ready.folds):
            return None
        return _so_far(tally_of(trials), question, len(ready.folds))

    with crew.listening():
        trials = measure_models(crew, watch, ready.bench, ready.opponents, ready.tried, ready.folds, so_far)
        if len(complete_folds(ready.folds, ready.opponents, trials)) < min(2, len(ready.folds)):
            _refuse(crew, question)
        tally = tally_of(trials)
        return Measured(
            tally,
            _compared(tally, question),
            measure_ablations(crew, watch, ready.bench, tally, question.configurations),
            measure_second_lines(crew, watch, ready.bench, tally),
            measure_portraits(crew, watch, ready.bench, tally),
            measure_map(crew, watch, ready.bench, tally),
            explain(crew, watch, ready.bench, tally),
            _stopped(crew, tally, len(ready.folds), question),
            watch.clock,
        )


def _compared(tally: Tally, question: Question) -> Comparison:
    gap = tally.uncertainty.gap(tally.champions(QUANTUM), tally.champions(CLASSICAL))
    return compare(gap, question.rope, tally.n_rows)


def _so_far(tally: Tally, question: Question, n_folds: int) -> str:
    """A provisional verdict in one line."""
    found = _compared(tally, question)
    low, high = found.posterior.interval()
    return (
        f"After {len(tally.folds)} of {n_folds} folds: {headline(found).lower()}; difference "
        f"{number(found.posterior.mean)} (95 %: {number(low)} to {number(high)})."
    )


def _refuse(crew: Crew, question: Question) -> None:
    if crew.stopped == BUDGET:
        raise ValueError(
            f"the budget of {seconds(question.budget or 0)} was spent before two folds were complete, and nothing can "
            "be compared: allow more, or try fewer configurations"
        )
    raise KeyboardInterrupt("interrupted before two folds were complete: nothing to report")


def _stopped(crew: Crew, tally: Tally, n_folds: int, question: Question) -> dict[str, Any] | None:
    if crew.stopped is None:
        return None
    done = len(tally.folds)
    cause = (
        f"the budget of {seconds(question.budget or 0)} was spent" if crew.stopped == BUDGET else "it was interrupted"
    )
    if done < n_folds:
        said = (
            f"Stopped after {done} of {n_folds} folds, because {cause}: what was planned was not all run, and the "
            "comparison is not as fair as it would be."
        )
    else:
        said = f"Stopped after the comparison, because {cause}: some of what explains it is missing."
    return {"why": crew.stopped, "said": said, "folds_done": done, "folds": n_folds}
