"""The words of a message: HTML made text, what was quoted cut off, bounded whatever it is."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from mailparser_reply import EmailReplyParser

MOST_HTML = 400_000
MOST_TEXT = 20_000
LONGEST_LINE = 2_000
KEPT = 5_000
LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da"]
HIDDEN = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "math", "object", "iframe"})
BLOCKS = frozenset({"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "pre"})
VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"})
QUOTES = re.compile(r"gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|tutanota_quote", re.IGNORECASE)
CUTS = frozenset({"divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container"})
"""Marks of Outlook: what follows was written before."""
BLANKS = re.compile(r"[ \t\f\v\u00a0\u200b\u200c\u200d\u2060\ufeff]+")


class _Text(HTMLParser):
    """What of some HTML a person reads. Never keeps a tag, an attribute or a script."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.left_out: list[str] = []
        self.is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if (said.get("id") or "") in CUTS:
            self.is_over = True
        if self.left_out or tag in HIDDEN or tag == "blockquote" or QUOTES.search(said.get("class") or ""):
            if tag not in VOID and len(self.left_out) < 1000:
                self.left_out.append(tag)
        elif tag in BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self.left_out:
            if tag in self.left_out:
                while self.left_out.pop() != tag:
                    continue
        elif tag in BLOCKS and tag not in VOID:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.left_out and not self.is_over:
            self.parts.append(data.replace("\n", " ").replace("\r", " "))


def text_of_html(html: str) -> str:
    """The text that people read in some HTML, without what it quotes."""
    reader = _Text()
    try:
        reader.feed(html[:MOST_HTML])
        reader.close()
    except AssertionError:  # the parser's own, for marked sections that are none
        pass
    return tidy("".join(reader.parts))


def tidy(text: str) -> str:
    """Without control characters, in lines of bounded length, at most one empty line between them."""
    lines: list[str] = []
    for line in text[: 4 * MOST_TEXT].replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        plain = BLANKS.sub(
            " ", "".join(mark for mark in line if mark == "\t" or mark.isprintable() or mark == "\u00a0")
        )
        plain = plain.strip()[:LONGEST_LINE]
        if plain or (lines and lines[-1]):
            lines.append(plain)
    return "\n".join(lines).strip()[:MOST_TEXT]


def without_history(text: str) -> str:
    """What this message itself says, without what it answers; all of it where nothing would be left."""
    try:
        reply = EmailReplyParser(languages=LANGUAGES).parse_reply(text=text[:MOST_TEXT]) or ""
    except (RecursionError, ValueError, IndexError, AttributeError):
        reply = ""
    kept = [line for line in reply.splitlines() if not line.lstrip().startswith(">")]
    return ("\n".join(kept).strip() or text.strip())[:KEPT]
