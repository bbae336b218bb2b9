"""The page in a headless Chromium: nothing is loaded or complained about, nothing overflows, and all can be read.

Skipped where no Chromium is installed.
"""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.evidence.report.browser import NAMES, Browser, browser_path
from tests.evidence.report.example_verdict import example

pytestmark = pytest.mark.skipif(
    browser_path() is None, reason=f"needs a browser: one of {', '.join(NAMES)} on the PATH"
)

HERE = Path(__file__).parent
CONTRAST, OVERLAPS = ((HERE / name).read_text("utf-8") for name in ("contrast.js", "overlaps.js"))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(browser_path(), tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Files of pages, written when asked for."""
    folder = tmp_path_factory.mktemp("pages")

    def written(kind):
        path = folder / f"{kind}.html"
        if not path.exists():
            path.write_text(example(kind).to_html(), "utf-8")
        return path

    return written


@pytest.mark.parametrize("kind", ["two", "many", "regression", "map", "memory"])
@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_it_fits_and_can_be_read(browser, pages, kind, width, scheme):
    seen = len(browser.events)
    browser.show(pages(kind), width, scheme)
    browser.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser.evaluate("innerWidth") == width
    assert browser.evaluate("document.scrollingElement.scrollWidth") <= width
    ratios = browser.evaluate(CONTRAST)
    assert len(ratios) > 500
    assert [found for found in ratios if found[0] < 4.5] == []
    assert browser.evaluate(OVERLAPS) == []
    paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper)[:3])) > 3 * 128) == (scheme == "light")
    events = browser.events[seen:]
    complaints = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Network.loadingFailed")
    assert [event["params"] for event in events if event["method"] in complaints] == []
    asked = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
    assert {url for url in asked if not url.startswith("data:image/png;base64,")} == {pages(kind).as_uri()}


def test_a_screenshot_shows_something(browser, pages, tmp_path):
    pil = pytest.importorskip("PIL.Image")
    for width, scheme in ((360, "dark"), (1280, "light")):
        browser.show(pages("two"), width, scheme)
        (tmp_path / "shot.png").write_bytes(browser.screenshot())
        with pil.open(tmp_path / "shot.png") as opened:
            assert opened.width == width
            assert opened.height > 5000
            strips = np.array_split(np.asarray(opened.convert("L"), dtype=float), 20)
        assert all(np.ptp(strip) > 60 for strip in strips)


@pytest.mark.parametrize("kind", ["two", "regression", "stopped"])
def test_those_who_listen_are_told_what_there_is(browser, pages, kind):
    browser.show(pages(kind), 1280)
    nodes = browser.tree()

    def named(*roles):
        return [
            (node["role"]["value"], node.get("name", {}).get("value", ""), node)
            for node in nodes
            if node["role"]["value"] in roles
        ]

    headings = named("heading")
    levels = [next(p["value"]["value"] for p in node["properties"] if p["name"] == "level") for _, _, node in headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert all(name for _, name, _ in headings)
    pictures = named("image", "img", "graphics-document", "SvgRoot")
    assert len(pictures) >= (6 if kind == "stopped" else 9)
    for role in ("image", "img", "link", "region", "navigation", "complementary", "DisclosureTriangle"):
        assert all(name.strip() for _, name, _ in named(role)), role
    for role in ("main", "banner", "contentinfo", "navigation"):
        assert len(named(role)) == 1, role
    names = [name for _, name, _ in named("region")]
    assert len(set(names)) == len(names)


def test_links_of_the_contents_open_what_they_lead_to(browser, pages):
    browser.show(pages("two"), 1280)
    browser.evaluate("document.querySelector('a[href=\"#model-3\"]').click()")
    assert browser.evaluate("document.getElementById('model-3').closest('details').open")
    assert browser.evaluate("document.getElementById('model-3').getBoundingClientRect().top") < 900


def test_it_can_be_printed_with_everything_in_it(browser, pages):
    browser.show(pages("two"), 1280)
    printed = browser.pdf()
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 50_000
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 8
