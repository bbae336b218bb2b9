"""The page: one sound file that asks for nothing, safe from hostile names, readable in a browser where there is one."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import ketwise as kw
from tests.evidence.report import browser as browsers
from tests.evidence.report.markup import Page
from tests.hostile_names import HOSTILE_NAMES

UNSEEN = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
KINDS = ("random", "given", "one side", "little")
QUICK = {"progress": False, "repeats": 2, "probes": 5, "trajectories": 3}


@cache
def example(kind):
    if kind == "random":
        methods = [name for name in kw.memory.METHODS if name != "variational"]  # which is trained
        return kw.memory.report(n_bits=24, methods=methods, small_bits=4, loads=[0.1, 0.5, 1.0], **QUICK)
    if kind == "given":
        patterns = np.random.default_rng(0).integers(0, 2, (6, 8))
        methods = ["probabilistic", "grover", "hopfield", "nearest"]
        return kw.memory.report(patterns, methods=methods, noise_rates=[0, 0.01], **QUICK)
    if kind == "one side":
        return kw.memory.report(n_bits=12, methods=["nearest", "hopfield"], loads=[0.5], noise_rates=[], **QUICK)
    return kw.memory.report(
        n_bits=12, methods=["probabilistic", "nearest"], loads=[], flips=[], unknown=[0.5], noise_rates=[0.01], **QUICK
    )


@pytest.fixture(params=KINDS)
def shown(request):
    return example(request.param)


def test_the_page_is_one_sound_file_that_asks_for_nothing(shown):
    text = shown.to_html()
    page = Page(text)
    page.assert_sound()
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "img", "base", "audio", "video", "image"}
    for tag, attributes, _ in page.elements:
        assert not any(name.startswith("on") or name in ("style", "src", "srcset") for name in attributes)
        if attributes.get("href") is not None:
            assert attributes["href"].startswith({"link": "data:,", "a": "#"}[tag])
    assert not re.search(r"https?:|//[a-z]|url\(|@import", text)
    assert not re.search(r"\bnan\b|>\s*None\s*<|Undefined", re.sub(r"<style>.*?</style>", "", text, flags=re.S))
    assert len(text.encode()) < 900_000


def test_the_verdict_stands_at_the_top_and_promises_nothing(shown):
    body = Page(shown.to_html()).text.replace("\u00a0", " ")
    for words in (shown.headline, *shown.said):
        assert body.index(words) < body.index("On this page")
    for text in (body, shown.sentence):
        assert "advantage" not in text.lower()
    assert shown.command in body
    assert shown.versions["numpy"] in body


def test_sections_are_there_or_say_why_not():
    titles = {kind: set(Page(example(kind).to_html()).ids) for kind in KINDS}
    for damage in ("none", "flipped", "unknown"):
        for measure in ("overlap", "exact"):
            for curve in ("capacity", "small"):
                assert f"{curve}-{damage}-{measure}-title" in titles["random"]
    for damage in ("flipped", "unknown"):
        assert f"small-noise-{damage}-exact-title" in titles["random"]
        assert f"small-noise-{damage}-exact-title" not in titles["given"]
    for name in ("repetitions-share", "repetitions-n_patterns", "storage", "work", "device"):
        assert f"{name}-title" in titles["random"]
        assert f"{name}-title" in titles["given"]
        assert f"{name}-title" not in titles["one side"]
    bodies = {kind: Page(example(kind).to_html()).text for kind in KINDS}
    assert "the patterns were given, and with them the load, 0.75 patterns a bit" in bodies["given"]
    assert "open-hopfield is left out at 24 bits" in bodies["random"]
    assert "grover and hopfield-inversion hold the bits of a probe that are known" in bodies["random"]
    assert "Not measured: no load was asked for" in bodies["little"]
    assert "No quantum memory was measured" in bodies["one side"]
    assert "no rate was asked for" in bodies["one side"]


def test_a_table_too_large_for_gates_says_so():
    patterns = np.random.default_rng(1).integers(0, 2, (9, 10))
    found = kw.memory.report(patterns, methods=["probabilistic", "nearest"], **QUICK)
    assert found.device == {}
    assert "only for at most 8 patterns of at most 8 bits" in Page(found.to_html()).text


def test_every_number_drawn_is_in_a_table_too():
    shown = example("given")
    body = Page(shown.to_html()).text
    for row in shown.table.itertuples():
        assert f"{row.exact:.3f} ± {row.exact_error:.3f}" in body
    for row in shown.device_table.itertuples():
        assert f"{row.spurious:.3f} ± {row.spurious_error:.3f}" in body


def test_the_frame_for_notebooks_holds_the_page_and_runs_nothing(shown):
    framed = shown._repr_html_()
    assert framed.count("<") == 2
    assert 'sandbox=""' in framed


@pytest.mark.parametrize("start", range(0, len(HOSTILE_NAMES), 8))
def test_hostile_names_of_methods_stay_text(start):
    names = [name for name in dict.fromkeys(HOSTILE_NAMES[start : start + 8]) if name.strip()]
    methods = {name: ("probabilistic", "nearest")[k % 2] for k, name in enumerate(names)}
    found = kw.memory.report([[0, 1, 1, 0], [1, 1, 0, 0]], methods=methods, flips=[0.25, 0.5], **QUICK)
    text = found.to_html()
    page = Page(text)
    page.assert_sound()
    assert not page.tags & {"script", "img", "iframe", "object", "embed", "base", "form", "plaintext", "animate"}
    assert not any(name.startswith("on") for _, attributes, _ in page.elements for name in attributes)
    assert not re.search(UNSEEN, text)
    assert kw.memory.MemoryReport.from_json(found.to_json()).to_html() == text
    assert found.to_json().encode("utf-8")


def test_nothing_is_drawn_outside_the_pictures(shown):
    pictures = re.findall(r'<svg class="picture.*?</svg>', shown.to_html(), re.S)
    assert pictures
    for svg in pictures:
        width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
        for x in re.findall(r'\b(?:x|x1|x2|cx)="(-?[\d.]+)"', svg):
            assert -1 <= float(x) <= width + 1
        for y in re.findall(r'\b(?:y|y1|y2|cy)="(-?[\d.]+)"', svg):
            assert -1 <= float(y) <= height + 1
        for steps in re.findall(r' d="M([\d. L-]+)Z?"', svg):
            for x, y in (pair.split() for pair in steps.split("L")):
                assert -1 <= float(x) <= width + 1
                assert -1 <= float(y) <= height + 1


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if browsers.browser_path() is None:
        pytest.skip(f"needs a browser: one of {', '.join(browsers.NAMES)} on the PATH")
    with browsers.Browser(browsers.browser_path(), tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_it_fits_and_can_be_read(browser, tmp_path, width, scheme):
    here = Path(browsers.__file__).parent
    path = tmp_path / "memory.html"
    path.write_text(example("random").to_html(), "utf-8")
    seen = len(browser.events)
    browser.show(path, width, scheme)
    browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.evaluate("document.scrollingElement.scrollWidth") <= width
    ratios = browser.evaluate((here / "contrast.js").read_text("utf-8"))
    assert len(ratios) > 300
    assert [found for found in ratios if found[0] < 4.5] == []
    assert browser.evaluate((here / "overlaps.js").read_text("utf-8")) == []
    complaints = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Network.loadingFailed")
    assert [event["params"] for event in browser.events[seen:] if event["method"] in complaints] == []
    asked = [e["params"]["request"]["url"] for e in browser.events[seen:] if e["method"] == "Network.requestWillBeSent"]
    assert set(asked) == {path.as_uri()}
    assert browser.pdf().startswith(b"%PDF-")
