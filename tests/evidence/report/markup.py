"""Reads a page strictly: fails where elements do not nest, and keeps elements, attributes, ids and text."""

from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "link", "br"}
SELF_CLOSED = {"line", "rect", "circle", "path", "image"}
#: What may stand inside a paragraph: a browser would close the paragraph before anything else.
PHRASING = {"a", "b", "bdi", "code", "em", "span"}


class Page(HTMLParser):
    """The elements of a page as ``(tag, attributes, path of tags above)``, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._keep(tag, attrs)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SELF_CLOSED, tag
        assert "svg" in self.stack
        self._keep(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _keep(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute of {tag} is given twice"
        for above in ("p", "h1", "h2", "h3", "h4", "dt", "th"):
            assert above not in self.stack or tag in PHRASING, f"{tag} inside {above}"
        self.elements.append((tag, dict(attrs), tuple(self.stack)))

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _, _ in self.elements}

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes, _ in self.elements if "id" in attributes]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def headings(self) -> list[int]:
        return [int(tag[1]) for tag, _, _ in self.elements if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit()]

    def assert_sound(self) -> None:
        """Ids unique, what is referred to there, one h1, no heading level skipped."""
        assert len(set(self.ids)) == len(self.ids)
        for tag, attributes, _ in self.elements:
            for name in ("aria-labelledby", "aria-describedby"):
                assert set((attributes.get(name) or "").split()) <= set(self.ids)
            if (attributes.get("href") or "").startswith("#"):
                assert attributes["href"][1:] in self.ids
            if tag == "th":
                assert attributes.get("scope") in ("row", "col")
            if tag == "svg" and attributes.get("aria-hidden") != "true":
                assert attributes.get("role") == "img"
                assert attributes.get("aria-labelledby")
        levels = self.headings()
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
