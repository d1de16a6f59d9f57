"""Words that a marketer marks up: emphasis, links and lists, and nothing else. HTML in them is shown as it is typed.

Two well-kept libraries stand behind each other: one writes HTML from the marks and knows no raw HTML, the other lets
nothing through but a handful of elements and three kinds of links.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
ELEMENTS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
LONGEST_LINK = 500
ANCHOR = re.compile(r"#[A-Za-z][\w-]{0,60}")
ODD = re.compile(r"[\x00-\x20\x7f-\x9f\\<>\"'`\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

_writer = MarkdownIt("zero", {"html": False, "breaks": True}).enable(
    ["paragraph", "list", "emphasis", "link", "escape", "newline"]
)
_writer.validateLink = lambda url: bool(safe_link(url))  # type: ignore[method-assign]


def marked(text: str) -> SafeString:
    """HTML of `text`: **strong**, *emphasis*, [words](https://...), lines that begin with - or 1."""
    written = _writer.render(text.replace("\x00", ""))
    clean = nh3.clean(
        written,
        tags=ELEMENTS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=set(SCHEMES),
        link_rel="noopener",
    )
    return mark_safe(clean.strip())  # noqa: S308  (it was just sanitised)


def safe_link(url: str) -> str:
    """`url` if it may stand in a page: http, https, mailto, tel, or a place in the page (#form); else ""."""
    url = url.strip()
    if ANCHOR.fullmatch(url):
        return url
    if not url or len(url) > LONGEST_LINK or ODD.search(url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme.lower() not in SCHEMES:
        return ""
    if parts.scheme.lower() in ("http", "https"):
        return url if host and not parts.username and not parts.password else ""
    return url if parts.path and not parts.netloc else ""
