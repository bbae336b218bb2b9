"""What a notebook shows of estimators, circuits and results: HTML that holds together, and names what it shows."""

from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import ketwise as kw
from tests.integrations.models import ESTIMATORS, NAMES, flowers, targets

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
VOID = {"input", "br", "hr", "img", "meta", "link"}


class Page(HTMLParser):
    """Refuses tags that are not closed in their order."""

    def __init__(self, html):
        super().__init__()
        self.open, self.said, self.tags = [], [], set()
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data.strip())


@pytest.mark.parametrize("estimator", ESTIMATORS, ids=NAMES)
def test_every_estimator_has_a_page_before_and_after_its_fit(estimator):
    X, y = flowers()
    model = clone(estimator)
    before = Page(model._repr_html_())
    after = Page(model.fit(X, targets(model, y))._repr_html_())
    for page in (before, after):
        assert type(model).__name__ in page.said
        assert set(model.get_params()) <= set(page.said)
    assert any("Not fitted" in text for text in before.said)
    assert any(text.endswith("Fitted") for text in after.said)


def test_a_search_over_a_pipeline_shows_its_parts():
    search = GridSearchCV(make_pipeline(StandardScaler(), kw.VariationalClassifier()), {})
    page = Page(search._repr_html_())
    assert {"GridSearchCV", "StandardScaler", "VariationalClassifier"} <= set(page.said)


def test_settings_of_a_users_own_are_text():
    circuit = kw.encodings.angle(2)
    hostile = kw.Encoding("<script>alert(1)</script>", circuit.circuit)
    assert "script>alert" not in "".join(
        part for part in kw.QuantumKernelClassifier(hostile)._repr_html_().split("<script>") if "alert(1)" in part
    )


def test_a_circuit_is_a_picture():
    root = ElementTree.fromstring(kw.ansatz.strongly_entangling(3)._repr_svg_())
    assert root.get("aria-label") == "Circuit of 3 qubits and 24 operations"


def test_results_are_tables():
    X, y = flowers()
    found = kw.minimize(kw.Circuit(1).ry(kw.params(1)[0], 0).compile(kw.Z(0)), [0.3])
    for result in (kw.encodings.card("iqp", X[:, :3], y == "virginica"), kw.plan(kw.Circuit(2).h(0), kw.Z(0))):
        assert "table" in Page(result._repr_html_()).tags
    assert found.value < -0.99
