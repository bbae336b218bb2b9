"""The page: self-contained, without scripts, its policy true, its structure sound, its text safe from hostile names."""

import base64
import hashlib
import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

import ketwise as kw
from ketwise.evidence.record import Verdict
from ketwise.evidence.report.page import frame
from tests.evidence.report.example_verdict import KINDS, example
from tests.evidence.report.markup import Page
from tests.hostile_names import HOSTILE_NAMES

UNSEEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"


@pytest.fixture(params=KINDS)
def kind(request):
    return request.param


@pytest.fixture
def shown(kind):
    return example(kind)


@cache
def html(kind):
    return example(kind).to_html()


@cache
def parsed(kind):
    return Page(html(kind))


def test_the_page_is_one_sound_file_without_scripts(kind):
    text = html(kind)
    page = parsed(kind)
    page.assert_sound()
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "img", "base", "audio", "video"}
    assert not page.tags & {"foreignobject", "use", "animate", "input", "button"}
    for tag, attributes, _ in page.elements:
        assert not any(name.startswith("on") or name in ("style", "src", "srcset", "formaction") for name in attributes)
        href = attributes.get("href")
        if href is not None:
            inside = {"link": "data:,", "image": "data:image/png;base64,", "a": "#"}[tag]
            assert href.startswith(inside)
    assert not re.search(r"https?:|//[a-z]|url\(|@import", re.sub(r"base64,[\w+/=]+", "", text))
    assert text.startswith("<!doctype html>")
    assert not re.search(r"\bnan\b|\binf\b|>\s*None\s*<|Undefined", re.sub(r"<style>.*?</style>", "", text, flags=re.S))


def test_pages_stay_small(kind):
    assert len(html(kind).encode()) < 700_000


def test_the_policy_allows_this_style_and_nothing_else(kind):
    text = html(kind)
    policy = next(a["content"] for t, a, _ in parsed(kind).elements if a.get("http-equiv") == "Content-Security-Policy")
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        policy == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_the_answer_comes_first_and_the_honest_words_are_there(kind, shown):
    body = parsed(kind).text
    assert body.index("On this page") > body.index("All quantum models were simulated on this CPU")
    said = shown.sentence.removeprefix(shown.headline).lstrip(": ")
    assert said[1:] in body
    assert "quantum advantage" not in body.lower()
    for word in (shown.data["sha256"], shown.command, shown.versions["numpy"], shown.inference["said"]):
        assert word in body


def test_every_section_is_there_or_says_why_not(kind, shown):
    page = parsed(kind)
    linked = {a["href"][1:] for t, a, _ in page.elements if t == "a"}
    assert {
        "models",
        "champions",
        "use",
        "apart",
        "explained",
        "circuit",
        "data",
        "protocol",
        "tried",
        "replay",
    } <= linked
    titled = {name for name in page.ids if name.endswith("-title")}
    absent = {
        "importance-picture-title": shown.portraits,
        "learning-picture-title": shown.portraits,
        "ablations-picture-title": shown.ablations,
        "kernel-picture-title": shown.diagnosis and shown.diagnosis["kernel"],
        "geometry-picture-title": shown.diagnosis and shown.diagnosis["geometry"],
        "map-quantum-title": shown.decision_map,
        "circuit-0-title": shown.circuit["drawing"],
    }
    for name, given in absent.items():
        assert (name in titled) == bool(given), name
    classes = len(shown.task["classes"])
    assert ("roc-picture-title" in titled) == ("confusion-quantum-title" in titled) == (classes > 0)
    assert ("residual-picture-title" in titled) == (classes == 0)
    expected = sum(
        given in (None, [])
        for given in (shown.portraits, shown.ablations, shown.diagnosis, shown.decision_map, shown.device)
    )
    expected += classes > 0 and shown.portraits is None
    assert sum(a.get("class") == "absent" for _, a, _ in page.elements) == expected


def test_a_run_that_stopped_says_so_at_the_top():
    body = parsed("stopped").text
    assert body.index("Stopped early: 7 of 25 folds.") < body.index("On this page")
    assert "Stopped early" not in parsed("two").text


def test_a_memory_shows_what_it_stores_and_that_a_formula_does_as_well():
    body = parsed("memory").text
    assert "Its answer is a closed formula, classically exact and cheap" in body
    for words in ("stores 455 training rows of 166 bits", "written as 7.1 million CX", "3.2 × 10⁻⁵", "31,200 runs"):
        assert words in body
    assert "152,675 gates store 455 rows of 166 bits" in body
    assert "principal components of the 30 prepared columns" in body
    assert "the memory classifier stored all of them" in body
    assert "the classical models had all of them." in parsed("two").text


def test_everything_tried_is_listed(kind, shown):
    text = html(kind)
    page = parsed(kind)
    assert sum(tag == "details" for tag, _, _ in page.elements) == len(shown.models) + 1
    for number, model in enumerate(shown.models, start=1):
        assert f"model-{number}" in page.ids
        for one in model["tried"]:
            assert f"{one['inner_mean']:.4f}".replace("-", "−") in text


def test_the_page_is_the_same_every_time(kind, shown):
    assert html(kind) == Verdict.from_json(shown.to_json()).to_html()


def test_the_frame_for_notebooks_holds_the_page_and_runs_nothing(shown):
    framed = frame(shown)
    assert framed.count("<") == 2
    assert 'sandbox=""' in framed


def replaced(value, words):
    """The value with every word replaced, in all strings at any depth."""
    if isinstance(value, str):
        for old, new in words.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {key: replaced(item, words) for key, item in value.items()}
    return [replaced(item, words) for item in value] if isinstance(value, list) else value


def small(verdict):
    """The same with three models, three folds, two configurations and forty rows: a hundred pages are made of it."""
    rich = {name: getattr(verdict, name) for name in verdict.__dataclass_fields__}
    kept = [rich["models"][k] for k in (0, 4, -1)]
    names = {model["name"] for model in kept}
    rich["models"] = [model | {"tried": model["tried"][:2], "scores": model["scores"][:3]} for model in kept]
    rich["differences"] = rich["differences"][:3]
    rich["settings"] = rich["settings"] | {"outer_folds": 3}
    rich["scores"] = [row for row in rich["scores"] if row["model"] in names and row["fold"] < 3]
    trials = [row for row in rich["timings"]["trials"] if row["model"] in names and row["fold"] < 3]
    rich["timings"] = rich["timings"] | {"trials": trials}
    given = {key: value[:40] for key, value in rich["predictions"].items() if key in ("row", "truth")}
    sides = ("quantum", "classical")
    for side in sides:
        given[side] = {key: value[:40] for key, value in rich["predictions"][side].items()}
    rich["predictions"] = given | {"fold": np.zeros(40, dtype=int)}
    rich["portraits"] = {side: dict(rich["portraits"][side]) for side in sides}
    for side in sides:
        if rich["portraits"][side]["probabilities"] is not None:
            rich["portraits"][side]["probabilities"] = rich["portraits"][side]["probabilities"][:40]
    return type(verdict)(**rich)


@pytest.fixture(scope="module")
def templates():
    """Records in which everything that can come from outside carries a mark, each with its page of harmless names."""
    words = {"column": "§ column", "worst": "§ worst", "mean perimeter": "§", "benign": "§0", "malignant": "§1"}
    words |= {"setosa": "§0", "diagnosis": "§ target", "breast_cancer": "§ file", "A file that": "§ file"}
    words |= {"fidelity kernel": "§ model", "XGBoost": "§ rival", "converge": "§"}
    found = []
    for kind in ("two", "map", "regression"):
        document = small(example(kind)).to_dict()
        document = {k: value if k in ("kind", "diagnosis") else replaced(value, words) for k, value in document.items()}
        assert str(document).count("§") > 25
        found.append((document, Page(Verdict.from_dict(replaced(document, {"§": "plain"})).to_html())))
    return found


@pytest.mark.parametrize("number", range(len(HOSTILE_NAMES)))
def test_hostile_names_stay_text(templates, number):
    """As columns, classes, models, target, file and remarks; what cannot be seen is shown as the replacement sign."""
    document, harmless = templates[number % len(templates)]
    text = Verdict.from_dict(replaced(document, {"§": HOSTILE_NAMES[number]})).to_html()
    page = Page(text)
    page.assert_sound()
    # Labels may find other places, and lines lead to them: everything else is the same, element by element.
    moved = ("text", "line")
    assert [tag for tag, _, _ in page.elements if tag not in moved] == [
        tag for tag, _, _ in harmless.elements if tag not in moved
    ]
    assert {key for _, a, _ in page.elements for key in a} == {key for _, a, _ in harmless.elements for key in a}
    assert not re.search(UNSEEN, text)
    assert "�" in text or not re.search(UNSEEN, HOSTILE_NAMES[number])


def test_nothing_is_drawn_outside_the_pictures(kind):
    pictures = re.findall(r'<svg class="picture[^>]*viewBox="0 0 ([\d.]+) ([\d.]+)".*?</svg>', html(kind), re.S)
    assert len(pictures) > 5
    for svg in re.findall(r'<svg class="picture.*?</svg>', html(kind), re.S):
        width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
        for x in re.findall(r'\b(?:x|x1|x2|cx)="(-?[\d.]+)"', svg):
            assert -1 <= float(x) <= width + 1
        for y in re.findall(r'\b(?:y|y1|y2|cy)="(-?[\d.]+)"', svg):
            assert -1 <= float(y) <= height + 1
        for steps in re.findall(r' d="M([\d. L-]+)Z?"', svg):
            for x, y in (pair.split() for pair in steps.split("L")):
                assert -1 <= float(x) <= width + 1
                assert -1 <= float(y) <= height + 1


def test_one_test_set_and_two_folds_can_be_shown():
    document = example("two").to_dict()
    one = replaced(document, {})
    one["settings"] |= {"split": "held-out", "outer_folds": 1, "cv": "held out"}
    one["data"] |= {"held_out": 114}
    one["predictions"]["fold"]["values"] = [0] * len(one["predictions"]["fold"]["values"])
    page = Page(Verdict.from_dict(one).to_html())
    page.assert_sound()
    assert "tested on the 114 that were held out" in page.text
    assert "single folds" not in page.text


def test_columns_that_only_one_side_saw_and_equal_scores_can_be_shown():
    document = example("two")
    rich = {name: getattr(document, name) for name in document.__dataclass_fields__}
    portraits = {side: dict(portrait) for side, portrait in rich["portraits"].items()}
    importance = portraits["quantum"]["importance"]
    portraits["quantum"]["importance"] = {"columns": importance["columns"][:1], "drops": np.zeros((1, 5))}
    portraits["classical"]["importance"] = {"columns": ["a", "b"], "drops": np.zeros((2, 5))}
    portraits["quantum"]["learning"] = {"rows": np.array([10]), "scores": np.full((1, 5), 0.5)}
    portraits["classical"]["learning"] = {"rows": np.array([10]), "scores": np.array([[0.5, np.nan, 0.5, np.nan, 0.5]])}
    models = [dict(model, scores=np.full(25, 0.5), mean=0.5, interval=[0.5, 0.5]) for model in rich["models"]]
    Page(Verdict(**(rich | {"portraits": portraits, "models": models})).to_html()).assert_sound()


def test_hostile_names_through_a_whole_verdict(quick, tmp_path):
    rng = np.random.default_rng(8)
    # Half a surrogate pair no frame can hold where pandas keeps its strings in Arrow.
    half = re.compile("[\ud800-\udfff]")
    names = dict.fromkeys(name for name in HOSTILE_NAMES if name.strip() and not half.search(name))
    X = pd.DataFrame(rng.normal(size=(60, len(names))), columns=list(names))
    y = pd.Series(np.where(X.iloc[:, 0] + rng.normal(0, 1, 60) > 0, "<b>yes</b>", "</html>no"), name="<i>target")
    models = {name: KNeighborsClassifier() for name in list(names)[:2]}
    result = kw.verdict(X, y, cv=2, configurations=2, n_jobs=1, models=models)
    page = Page(result.to_html())
    page.assert_sound()
    assert not page.tags & {"script", "img", "iframe", "i"}
    assert not re.search(UNSEEN, result.to_html())
    assert "<b>yes</b>" in page.text
    written = result.save(tmp_path / "page.html")
    assert Verdict.from_json(written[1].read_text("utf-8")).to_html() == written[0].read_text("utf-8")
