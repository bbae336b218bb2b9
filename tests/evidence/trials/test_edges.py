"""KW011: a value that keeps landing on the edge of its grid is named; one that may end there is not."""

from ketwise.evidence.models.opponents import CLASSICAL, QUANTUM, Opponent
from ketwise.evidence.trials.edges import edge_alerts
from ketwise.evidence.trials.tally import Tally
from ketwise.evidence.trials.uncertainty import FromFolds
from tests.evidence.trials.test_tally import FOLDS, tally


def alerts(grid, first, second):
    """Quantum model q1 alone on its side, choosing its second configuration in every fold."""
    whole = tally()
    opponents = [
        Opponent("q1", QUANTUM, "", None, {}, grid),
        *(one for one in whole.opponents if one.side == CLASSICAL),
    ]
    configurations = {one.name: [first, second] for one in opponents}
    return edge_alerts(Tally(opponents, configurations, FOLDS, whole.trials, FromFolds(3, 0.25)))


def test_edges_are_named_once_a_model():
    grid = {"C": [0.1, 1.0, 10.0], "bandwidth": [0.1, 0.5, 1.0], "layers": [1, 2, 3]}
    (found,) = alerts(grid, {"C": 1.0}, {"C": 10.0, "bandwidth": 0.1, "layers": 3})
    assert found.code == "KW011"
    assert "the largest C, 10 (in 3 of 3 folds) and the smallest bandwidth, 0.1 (in 3 of 3 folds)" in found.text
    assert "layers" not in found.text


def test_the_middle_of_a_grid_is_fine():
    assert alerts({"C": [0.1, 1.0, 10.0]}, {"C": 10.0}, {"C": 1.0}) == []
    assert alerts({"C": [1.0, 10.0]}, {"C": 1.0}, {"C": 10.0}) == []
