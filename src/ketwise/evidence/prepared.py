"""Everything that is fixed before the first model is trained: task, score, alerts, columns, models, configurations."""

from dataclasses import dataclass

from ketwise.evidence.data import alerts as remarks
from ketwise.evidence.data.alerts import Alert
from ketwise.evidence.data.columns import Columns, choose_columns, used_frame
from ketwise.evidence.data.tables import Table
from ketwise.evidence.data.task import deciding_score, recognise
from ketwise.evidence.models.classical import classical_opponents
from ketwise.evidence.models.memory import memory_opponents
from ketwise.evidence.models.opponents import (
    CLASSICAL,
    QUANTUM,
    Opponent,
    Settings,
    fewest_configurations,
    given_opponents,
)
from ketwise.evidence.models.quantum import quantum_opponents
from ketwise.evidence.question import Question
from ketwise.evidence.trials.fitting import Bench
from ketwise.evidence.trials.folds import Fold, Layout, outer_folds


@dataclass(frozen=True)
class Prepared:
    """What a run starts from."""

    bench: Bench
    columns: Columns
    alerts: list[Alert]
    opponents: list[Opponent]
    tried: dict[str, list[Settings]]
    layout: Layout
    folds: list[Fold]


def prepared(data: Table, question: Question) -> Prepared:
    """Recognise the task, look for alerts, choose columns and the score, draw configurations and folds.

    Raises
    ------
    ValueError
        For data or settings that cannot be used: what, where, and what to do.
    """
    task = recognise(data.y, data.held_out)
    score = deciding_score(task, question.scoring)
    alerts = remarks.find(data, task, score=score, rope=question.rope)
    columns = choose_columns(data, alerts)
    memory = memory_opponents(data.training().X, columns, task.is_classification)
    opponents = _roster(task.is_classification, question, memory)
    tried = {one.name: one.configurations(question.configurations, question.seed) for one in opponents}
    layout = Layout.of(data)
    folds = outer_folds(task, question.cv, question.seed, layout)
    bench = Bench(used_frame(data, columns), task, columns, score, question.seed, layout)
    return Prepared(bench, columns, alerts, opponents, tried, layout, folds)


def _roster(is_classification: bool, question: Question, memory: list[Opponent]) -> list[Opponent]:
    classical, quantum = classical_opponents(is_classification), quantum_opponents(is_classification) + memory
    most = fewest_configurations([*classical, *quantum])
    if question.configurations > most:
        raise ValueError(
            f"configurations={question.configurations}: the smallest grid has {most}, and all models get the same "
            "number"
        )
    taken = {opponent.name for opponent in [*classical, *quantum]}
    classical += given_opponents(question.against, CLASSICAL, "against", taken)
    return classical + quantum + given_opponents(question.models, QUANTUM, "models", taken)
