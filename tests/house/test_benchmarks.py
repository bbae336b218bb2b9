"""The speed benchmark runs and reads its own lines, shows no time where values differ, and judges goals as it says."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.house.sources import ROOT

BENCHMARKS = ROOT / "benchmarks"
SCENARIOS = {
    "qnn_gradient.py": {"QNN gradient", "QNN forward"},
    "reuploading.py": {"re-uploading gradient"},
    "iqp_kernel.py": {"IQP kernel matrix"},
    "latency.py": {"first call, 300 gates", "smallest call", "smallest gradient", "import"},
}
#: Scripts with tables of their own: other peers, other sizes.
APART = {
    "memory_recall.py": {"recall, 2 patterns"},
    "memory_closed_form.py": {"closed form, 20 patterns, 5 probes"},
}


@pytest.fixture
def benchmark_modules(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    monkeypatch.syspath_prepend(str(BENCHMARKS / "peers"))
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import case
    import contest
    import counts
    import limits
    import problems
    import roofline
    import table

    modules = (case, contest, counts, limits, problems, roofline, table)
    return {module.__name__: module for module in modules}


def run(script: str, *options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BENCHMARKS / script), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def gradient_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "runs.jsonl"
    assert run("qnn_gradient.py", "--tiny", "--repeats", 1, "--out", out).returncode == 0
    return out


@pytest.mark.parametrize("script", [*SCENARIOS, *APART])
def test_each_script_runs_by_itself_without_peers(script: str, tmp_path: Path) -> None:
    out = tmp_path / "runs.jsonl"
    done = run(script, "--tiny", "--repeats", 2, "--budget", 0.2, "--out", out)
    assert done.returncode == 0, done.stderr
    head, *cases = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert head["machine"]["cores"] >= 1
    assert {case["scenario"] for case in cases} == (SCENARIOS | APART)[script]
    for case in cases:
        assert case["rows"], case["scenario"]
        for row in case["rows"]:
            assert row["error"] is None, row["error"]
            assert 1 <= len(row["times_s"]) <= 2
            assert row["ours"]
    head_of_the_machine, again = run("table.py", out).stdout.split("\n", 1)
    assert head["machine"]["processor"] in head_of_the_machine
    assert again.strip() in done.stdout
    assert len(run("table.py", out, "--markdown").stdout.splitlines()) == 3 + sum(
        len({row["dtype"] for row in case["rows"]}) for case in cases
    )


def test_the_roofline_is_drawn_from_a_run(gradient_run: Path, tmp_path: Path) -> None:
    drawn = tmp_path / "roofline.svg"
    assert run("roofline.py", gradient_run, "--out", drawn).returncode == 0
    points = ElementTree.parse(drawn).getroot().findall("{http://www.w3.org/2000/svg}circle")
    rows = [row for line in gradient_run.read_text("utf-8").splitlines()[1:] for row in json.loads(line)["rows"]]
    in_the_key = 2
    assert len(points) == in_the_key + sum(row["column"] == "ketwise" and row["share"] is not None for row in rows)


def test_every_scenario_is_in_the_one_table() -> None:
    text = (BENCHMARKS / "bench.py").read_text("utf-8")
    assert {f"{name}.py" for name in re.findall(r"(\w+)\.cases", text)} == set(SCENARIOS)


def test_every_peer_has_an_environment_that_make_sets_up(benchmark_modules: dict[str, ModuleType]) -> None:
    import iqp_kernel
    import memory_recall
    import rivals

    found = re.search(r"^PEERS := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    made = set(found[1].split())
    peers = [
        peer
        for n in (4, 8, 12, 14)
        for peer in rivals.gradient_peers(n, "full") + rivals.compiling_peers(n, "full") + iqp_kernel.peers(n)
    ] + memory_recall.peers()
    assert {peer.home for peer in peers if peer.home} == made
    for home in made:
        assert (BENCHMARKS / "peers" / f"requirements-{home}.txt").exists()
    for peer in peers:
        assert (BENCHMARKS / "peers" / peer.script).exists(), peer.script


def test_values_that_differ_are_refused(benchmark_modules: dict[str, ModuleType]) -> None:
    contest = benchmark_modules["contest"]
    ours = contest.Contestant("ours", "", "complex128", 1, ours=True)
    double = contest.Contestant("peer", "", "complex128", 1, "peer")
    single = contest.Contestant("peer", "", "complex64", 1, "peer")
    exact = np.array([3.0, -10.0, 0.5])
    contest.compare({ours: {"g": exact}, double: {"g": exact + 5e-9}, single: {"g": exact + 5e-4, "more": exact}})
    for contestant, error in ((double, 2e-8), (single, 2e-3), (double, np.nan)):
        with pytest.raises(ValueError, match="No times are shown"):
            contest.compare({ours: {"g": exact}, contestant: {"g": exact + error}})
    for other in ({"g": exact[:2]}, {"h": exact}, {}):
        with pytest.raises(ValueError, match="nothing to compare"):
            contest.compare({ours: {"g": exact}, double: other})
    with pytest.raises(ValueError, match="nothing to compare"):
        contest.compare({single: {"g": exact}})


def test_a_peer_that_is_not_there_is_listed(
    benchmark_modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contest = benchmark_modules["contest"]
    absent = contest.Contestant("absent", "qulacs_backprop.py", "complex128", 1, "absent")
    request = {"problem": "entangling", "n_qubits": 3, "samples": 4}
    monkeypatch.setattr(contest, "ROOT", tmp_path)
    (row,) = contest.hold([absent], request, 1, 1.0)
    assert row.error == "not installed (make bench-peers)"
    assert row.times == []
    (tmp_path / ".venv-peers" / "absent").mkdir(parents=True)
    (tmp_path / ".venv-peers" / "absent" / ".failed").touch()
    (row,) = contest.hold([absent], request, 1, 1.0)
    assert row.error == "not installed: it could not be"


def test_a_contestant_that_breaks_is_listed_with_its_last_words(benchmark_modules: dict[str, ModuleType]) -> None:
    contest = benchmark_modules["contest"]
    broken = contest.Contestant("broken", "ketwise_engine.py", "complex128", 1, arguments=("no such task",))
    (row,) = contest.hold([broken], {"problem": "entangling", "n_qubits": 3, "samples": 4}, 1, 1.0)
    assert row.error == "KeyError: 'no such task'"


def row_of(modules: dict[str, ModuleType], column: str, dtype: str, *times: float, apart: str = "") -> Any:
    contest = modules["contest"]
    contestant = contest.Contestant(column, "", dtype, 1, ours=column.startswith("ketwise"), apart=apart)
    return contest.Row(contestant, times=list(times))


def test_goals_are_judged_against_the_right_rival(benchmark_modules: dict[str, ModuleType]) -> None:
    case = benchmark_modules["case"]
    rows = [
        row_of(benchmark_modules, "ketwise", "complex64", 1.0, 2.0, 9.0),
        row_of(benchmark_modules, "ketwise avx2", "complex64", 0.1),
        row_of(benchmark_modules, "slow", "complex64", 40.0),
        row_of(benchmark_modules, "fast", "complex64", 30.0),
        row_of(benchmark_modules, "double", "complex128", 20.0),
        row_of(benchmark_modules, "compiled", "complex64", 10.0, apart="compiles"),
        row_of(benchmark_modules, "gone", "complex64"),
    ]
    rows[-1].error = "gave up after 600 s"
    shares = {row.contestant: 0.5 for row in rows}

    def judged(*goal: Any) -> Any:
        return case.judge(case.Goal(*goal), rows, shares)

    # Ours is the median of three runs, 2; never the column of the other instruction set.
    assert (judged("times", 15, "complex64")["measured"], judged("times", 15, "complex64")["met"]) == (15.0, True)
    assert not judged("times", 15.1, "complex64")["met"]
    assert judged("times", 5, "complex64", "compiled")["measured"] == 5.0
    assert judged("longer", 0.2, "complex64", "compiled")["met"]
    assert not judged("longer", 0.19, "complex64", "compiled")["met"]
    assert judged("seconds", 2.0, "complex64")["met"]
    assert not judged("seconds", 1.9, "complex64")["met"]
    assert judged("share", 0.5, "complex64")["met"]
    assert not judged("share", 0.51, "complex64")["met"]
    assert judged("times", 1, "complex64", "gone")["met"] is None
    assert judged("times", 1, "complex64", "gone")["words"] == "gone was not measured: gave up after 600 s"
    assert judged("times", 1, "complex128")["met"] is False  # ours is missing
    assert {key: found["times"] for key, found in case.ratios(rows, "complex64").items()} == {"same": 15.0, "any": 10.0}


def test_each_way_of_ours_is_judged_against_what_does_the_same(benchmark_modules: dict[str, ModuleType]) -> None:
    case, table = benchmark_modules["case"], benchmark_modules["table"]
    rows = [
        row_of(benchmark_modules, "ketwise", "complex128", 1.0),
        row_of(benchmark_modules, "ketwise whole", "complex128", 4.0),
        row_of(benchmark_modules, "Aer", "complex128", 7.0),
        row_of(benchmark_modules, "Aer whole", "complex128", 10.0, apart="makes the circuit in every run"),
    ]
    goals = [
        case.judge(case.Goal("times", 1, "complex128", rival, own), rows, {row.contestant: None for row in rows})
        for own, rival in (("ketwise", "Aer"), ("ketwise whole", "Aer whole"))
    ]
    assert [goal["measured"] for goal in goals] == [7.0, 2.5]
    assert goals[1]["words"].startswith("ketwise whole: 2.5 times Aer whole")
    records = [row.record() | {"share": None} for row in rows]
    ratios = {dtype: case.ratios(rows, dtype) for dtype in case.PRECISION}
    head, row = table.lines([{"scenario": "s", "n_qubits": 3, "rows": records, "ratios": ratios, "goals": goals}])
    assert [(name, cell) for name, cell in zip(head, row, strict=True) if "ratio" in name] == [
        ("ratio", "7"),
        ("ratio ketwise whole", "2.5"),
    ]


def test_the_growth_of_a_memory_is_measured_and_fitted(benchmark_modules: dict[str, ModuleType]) -> None:
    import memory_growth

    assert memory_growth.power([1, 2, 4], [[3.0], [11.0, 12.0, 99.0], [48.0]]) == pytest.approx(2.0)
    done = run("memory_growth.py", "--tiny", "--repeats", 1)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^\| +\d", done.stdout, re.MULTILINE)) == 4
    assert len(re.findall(r"storage grows as [pn]\*\*", done.stdout)) == 2


def test_what_the_memories_are_compared_by_is_the_closed_form(benchmark_modules: dict[str, ModuleType]) -> None:
    problems = benchmark_modules["problems"]
    import closed_recall
    import memories

    patterns, probes = memories.memory(problems.problem("memory", 4, 8), 3)
    assert len({tuple(row) for row in patterns}) == 8
    cosines = np.cos(np.pi / 8 * np.array([[np.sum(a != b) for b in patterns] for a in probes])) ** 2
    for rows in (1, 2, 3):
        success, posterior = closed_recall.with_numpy(patterns, probes, rows)
        np.testing.assert_allclose(success, (cosines**memories.CONTROLS).mean(axis=1))
        np.testing.assert_allclose(posterior, cosines**memories.CONTROLS / (8 * success[:, None]))
    # A state vector's probabilities: what is stored passes with its cosine, and fails with the rest.
    state = np.zeros(32)
    at = patterns @ [1, 2, 4, 8]
    state[at], state[16 + at] = cosines[0] / 8, (1 - cosines[0]) / 8
    success, posterior = memories.read(state, patterns)
    assert success == pytest.approx(cosines[0].mean())
    np.testing.assert_allclose(posterior, cosines[0] / cosines[0].sum())


def test_operations_are_counted_as_the_page_says(benchmark_modules: dict[str, ModuleType]) -> None:
    counts = benchmark_modules["counts"]
    # One qubit, one layer, one sample: one complex 2x2 matrix times a vector of two is 4 products and 2 sums.
    assert counts.rotations(1, 1, 1, gradient=False) == 4 * 6 + 2 * 2
    # Two overlaps of <l|P|s> for P = X, Y, Z: each the imaginary part of two products of two multiply-adds.
    assert counts.rotations(1, 1, 1, gradient=True) == 3 * (4 * 6 + 2 * 2) + 3 * 2 * 2 * 2
    assert counts.rotations(3, 6, 10, gradient=False) == 28 * (8 // 2) * 3 * 6 * 10
    assert counts.gram(2, 3) == 8 * 4 * (3 + 2 + 1)


def test_the_problems_are_the_circuits_that_they_say(benchmark_modules: dict[str, ModuleType]) -> None:
    """The circuit of ours, gate by gate through the NumPy engine's matrices, against a product written out here."""
    import ketwise as kw

    problems = benchmark_modules["problems"]
    import ketwise_engine

    def matrix(letter: str, angle: float) -> np.ndarray:
        pauli = {"y": np.array([[0, -1j], [1j, 0]]), "z": np.diag([1, -1])}[letter]
        return np.cos(angle / 2) * np.eye(2) - 1j * np.sin(angle / 2) * pauli

    for name in ("entangling", "reuploading"):
        given = problems.problem(name, 2, 3)
        found = ketwise_engine.circuit(given).compile(kw.Z(0))(given.weights.ravel(), given.features)
        for sample, x in enumerate(given.features):
            state = np.eye(4)[0].astype(complex)
            if name == "entangling":
                state = np.kron(matrix("y", x[1]), matrix("y", x[0])) @ state
            for layer in range(problems.LAYERS):
                for q in range(2):
                    angles = given.weights[layer, q] if name == "entangling" else given.weights[0, layer, q]
                    angles = angles if name == "entangling" else angles + given.weights[1, layer, q] * x[q]
                    gate = matrix("z", angles[2]) @ matrix("y", angles[1]) @ matrix("z", angles[0])
                    state = (np.kron(np.eye(2), gate) if q == 0 else np.kron(gate, np.eye(2))) @ state
                for control in (0, 1):  # from q to the other one, for both
                    flipped = [b ^ (1 << (1 - control)) if b >> control & 1 else b for b in range(4)]
                    state = state[np.argsort(flipped)]
            assert found[sample, 0] == pytest.approx(np.abs(state) ** 2 @ [1, -1, 1, -1], abs=1e-12)


def test_a_machine_without_a_compiler_has_no_limits(
    benchmark_modules: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = benchmark_modules["limits"]
    monkeypatch.setattr(limits, "compiler", lambda: None)
    assert limits.program("baseline", tmp_path) is None
    monkeypatch.setattr(limits, "program", lambda isa: None)
    peak = limits.Peak("baseline")
    peak.measure()
    assert peak.record() == {"all_cores": {}, "one_core": {}}
    assert limits.bandwidths("baseline", [16]) == []
