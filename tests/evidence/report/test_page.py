"""The page: self-contained, without scripts, its policy true, its text safe from hostile names, its pictures sound."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from sklearn.neighbors import KNeighborsClassifier

from ketwise.evidence.inference.correlated import Posterior
from ketwise.evidence.record import Verdict
from ketwise.evidence.report import pictures
from ketwise.evidence.verdict import verdict

HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' autofocus onfocus='x",
    "{{ 7 * 7 }}{% raw %}",
    "</title><h1>owned</h1>",
    "<!-- ",
    "]]>",
    "&lt;b&gt; &amp;",
    "javascript:alert(1)",
    "\u202egnirts desrever",
    "nul\x00 bell\x07 escape\x1b[31m",
    "half \ud800 a pair",
    "line\nbreak\ttab",
    "\u2028\u2029\u200b\ufeff",
    "__float__",
    "a" * 3000,
    "$(reboot) `id` ; rm -rf ~",
    "🦆 \u0301\u0301\u0301 ﷽",
    "%s %n {0.__class__}",
]
VOID = {"meta", "link", "br", "img", "input", "hr"}
SELF_CLOSED = {"line", "rect", "circle", "path"}


class Page(HTMLParser):
    """Collects elements, attributes and text; fails where elements do not nest."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.elements, self.text = [], [], []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in SELF_CLOSED
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def plain():
    """A verdict on harmless names, made once."""
    with pytest.MonkeyPatch.context() as patch:
        return _quick(patch, [f"column {index}" for index in range(6)], "outcome", {})


def _quick(patch, names, target, models):
    from ketwise.evidence import verdict as module
    from tests.evidence.conftest import quick_classical, quick_quantum

    patch.setattr(module, "quantum_opponents", quick_quantum)
    patch.setattr(module, "classical_opponents", quick_classical)
    rng = np.random.default_rng(8)
    X = pd.DataFrame(rng.normal(size=(60, len(names))), columns=names)
    y = pd.Series(np.where(X.iloc[:, 0] + rng.normal(0, 1, 60) > 0, "yes", "no"), name=target)
    return verdict(X, y, cv=3, configurations=2, n_jobs=1, models=models)


def test_the_page_is_one_file_without_scripts(plain):
    text = plain.to_html()
    page = Page(text)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "object", "embed", "form", "img", "base", "audio", "video", "foreignobject"}
    for tag, attributes in page.elements:
        assert not any(name.startswith("on") or name in ("style", "src", "srcset", "formaction") for name in attributes)
        if "href" in attributes:
            assert (tag, attributes["href"]) == ("link", "data:,") or attributes["href"].startswith("#")
    assert not re.search(r"https?:|//[a-z]|url\(|@import", text)
    assert text.startswith("<!doctype html>")
    assert len(text) < 300_000


def test_the_policy_allows_this_style_and_nothing_else(plain):
    text = plain.to_html()
    policy = dict(Page(text).elements[3][1])["content"]
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert (
        policy == f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_the_answer_comes_first_and_the_honest_words_are_there(plain):
    page = Page(plain.to_html())
    body = " ".join(" ".join(page.text).split())
    assert body.index("Every model") > body.index("All quantum models were simulated on this CPU")
    said = plain.sentence.removeprefix(plain.headline).lstrip(": ")
    assert said[1:] in body
    assert "quantum advantage" not in body.lower()
    for word in (plain.data["sha256"], plain.command, "Student's t with 2 degrees", plain.versions["numpy"]):
        assert word in body


def test_everything_tried_is_listed(plain):
    page = Page(plain.to_html())
    assert sum(tag == "details" for tag, _ in page.elements) == len(plain.models) + 1
    text = plain.to_html()
    for model in plain.models:
        for one in model["tried"]:
            assert f"{one['inner_mean']:.4f}" in text


def test_headings_and_pictures_for_those_who_listen(plain):
    page = Page(plain.to_html())
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    images = [attributes for tag, attributes in page.elements if attributes.get("role") == "img"]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(images) == 3
    assert len(set(ids)) == len(ids)
    for attributes in images:
        assert set(attributes["aria-labelledby"].split()) <= set(ids)
    assert ("html", {"lang": "en"}) in page.elements


def test_the_page_is_the_same_every_time(plain):
    assert plain.to_html() == Verdict.from_json(plain.to_json()).to_html()


def replaced(value, words):
    """The value with every word replaced, in all strings at any depth."""
    if isinstance(value, str):
        for old, new in words.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, dict):
        return {key: replaced(item, words) for key, item in value.items()}
    return [replaced(item, words) for item in value] if isinstance(value, list) else value


def assert_harmless(text, plain):
    page, harmless = Page(text), Page(plain.to_html())
    assert {tag for tag, _ in page.elements} == {tag for tag, _ in harmless.elements}
    assert {key for _, attributes in page.elements for key in attributes} == {
        key for _, attributes in harmless.elements for key in attributes
    }
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "49" not in "".join(re.findall(r"<h1>.*?</h1>|<title>.*?</title>", text))


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_stay_text(plain, name):
    words = {"column 0": name, "outcome": name + " target", "ket neighbours": name + " model", "yes": name + " class"}
    document = replaced(plain.to_dict(), {**words, "X, y": name + " file"})
    document |= {key: plain.to_dict()[key] for key in ("kind", "outcome")}
    assert_harmless(Verdict.from_dict(document).to_html(), plain)


def test_hostile_names_through_a_whole_verdict(tmp_path):
    with pytest.MonkeyPatch.context() as patch:
        models = {name: KNeighborsClassifier() for name in HOSTILE[:4]}
        plain = _quick(patch, ["predicted a", "b"], "outcome", {})
        result = _quick(patch, ["predict " + name for name in HOSTILE], HOSTILE[0], models)
    assert len(result.alerts) >= len(HOSTILE)
    assert_harmless(result.to_html(), plain)
    written = result.save(tmp_path / "page.html")
    assert Verdict.from_json(written[1].read_text("utf-8")).data["target"] == HOSTILE[0]


def test_regression_and_point_mass_can_be_drawn():
    for posterior in (
        Posterior(0.0, 0.0, 9),
        Posterior(0.3, 0.0, 2),
        Posterior(-2.0, 5.0, 1),
        Posterior(1e-6, 1e-7, 9),
    ):
        for rope in (0.0, 0.01, 5.0):
            Page(str(pictures.posterior_picture(posterior, rope, "score")))


def test_nothing_is_drawn_outside_the_picture(plain):
    for drawn in re.findall(r'<svg class="picture" viewBox="0 0 400 (\d+)".*?</svg>', plain.to_html(), re.S):
        assert int(drawn) < 600
    for svg in re.findall(r'<svg class="picture".*?</svg>', plain.to_html(), re.S):
        assert "nan" not in svg
        for x in re.findall(r'\b(?:x|x1|x2|cx)="(-?[\d.]+)"', svg):
            assert -1 <= float(x) <= 401


def test_labels_do_not_cover_each_other():
    rng = np.random.default_rng(1)
    for _ in range(20):
        places = [(float(x), float(y)) for x, y in zip(rng.uniform(50, 390, 9), rng.uniform(20, 320, 9), strict=True)]
        names = ["m" * int(n) for n in rng.integers(5, 20, 9)]
        boxes = []
        for (x, y, anchor), name in zip(pictures._place(names, places), names, strict=True):
            left = x if anchor == "start" else x - 6.6 * len(name)
            boxes.append((left, y - 7, left + 6.6 * len(name), y + 7))
        assert sum(pictures._overlap(a, b) > 0 for i, a in enumerate(boxes) for b in boxes[:i]) <= 1


@pytest.mark.parametrize(("low", "high"), [(0.98, 1.002), (-3.0, 7.0), (0.123, 0.124), (-1e-6, 1e-6)])
def test_ticks_are_round_inside_and_told_apart(low, high):
    axis = pictures.Axis(low, high, 0, 100)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 8
    assert all(low <= tick <= high for tick in ticks)
    assert len({f"{tick:.{axis.digits()}f}" for tick in ticks}) == len(ticks)
    assert axis(low) == 0
    assert axis(high) == pytest.approx(100)
