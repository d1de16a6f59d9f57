"""Reading pages as a screen reader would: headings, landmarks, labels."""

from __future__ import annotations

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Headings in order, elements counted, ids, the labels and controls of forms, links, and images."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.elements: list[str] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.controls: list[dict[str, str | None]] = []
        self.links: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.elements.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if named.get("id"):
            self.ids.append(str(named["id"]))
        if tag == "label" and named.get("for"):
            self.labelled.add(str(named["for"]))
        if tag in ("input", "select", "textarea") and named.get("type") != "hidden":
            self.controls.append(named)
        if tag == "a":
            self.links.append(str(named.get("href")))
        if tag == "img":
            self.images.append(named)
