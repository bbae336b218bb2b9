"""Tables for notebooks: what stands in them, and that nothing in them is markup of a value's own."""

from dataclasses import dataclass
from html.parser import HTMLParser

import numpy as np
import pytest

from ketwise.words.draw_table import html_table, in_short
from ketwise.words.result import Result
from tests.hostile_names import HTML


class Page(HTMLParser):
    """Tags in their order, and all text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.open, self.said = [], [], ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.said += data + "\n"


@dataclass(frozen=True, kw_only=True)
class Fit(Result):
    weights: np.ndarray
    name: str
    losses: list


def test_a_result_shows_its_fields_and_folds_what_it_depends_on():
    found = Fit(weights=np.arange(6.0).reshape(2, 3), name="a", losses=[0.5, 0.25], settings={"shots": 100})
    page = Page(found._repr_html_())
    assert page.said.split("\n")[:9] == [
        "Fit",
        "weights",
        "an array (2, 3) of float64: [[0. 1. 2.] [3. 4. 5.]]",
        "name",
        "a",
        "losses",
        "0.5, 0.25",
        "settings",
        "shots",
    ]
    assert page.tags.count("details") == 1


@pytest.mark.parametrize("name", HTML)
def test_values_are_text(name):
    found = Fit(weights=np.zeros(1), name=name, losses=[name], settings={name: name})
    assert set(Page(found._repr_html_()).tags) <= {
        "div", "table", "caption", "tbody", "tr", "th", "td", "details", "summary"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "most"),
    [
        (np.zeros((1000, 1000)), 170),
        (list(range(100_000)), 170),
        ({f"key {k}": "v" * 50 for k in range(1000)}, 170),
        ("word " * 1000, 160),
        ([["a" * 100] * 100] * 100, 170),
    ],
)
def test_large_values_stay_short(value, most):
    assert len(in_short(value)) <= most


def test_what_was_left_out_is_counted():
    assert in_short(list(range(1000))).endswith("11 and 988 more")


def test_a_table_with_a_head():
    page = Page(html_table([("native", "1 ms")], head=("backend", "time"), caption="costs"))
    assert page.said.split() == ["costs", "backend", "time", "native", "1", "ms"]
    assert page.tags.count("th") == 3
