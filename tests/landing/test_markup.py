"""Words on pages: a few marks, and nothing that anybody typed becomes HTML of its own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_intake.landing.markup import marked, safe_link

HOSTILE_LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https:///evil",
    "https://user:word@evil.example",
    "https://a.example/\"onclick='x'",
    "http://[::1",
    "ftp://a.example",
    "mailto:",
    "#",
    "#a b",
    "/leads/",
]


def test_marks_are_strong_emphasis_links_lists_and_paragraphs() -> None:
    assert marked("One **two** *three*\nfour\n\nFive [six](https://a.example/?b=1&c=2)") == (
        "<p>One <strong>two</strong> <em>three</em><br>\nfour</p>\n"
        '<p>Five <a href="https://a.example/?b=1&amp;c=2" rel="noopener">six</a></p>'
    )
    assert re.sub(r"\s", "", marked("- a\n- b\n\n1. c")) == "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>"


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<b>x</b>",
        "&lt;b&gt;",
        "# x",
        "`x`",
        "![x](https://a/b.png)",
    ],
)
def test_html_and_every_other_mark_are_words(text: str) -> None:
    elements = set(re.findall(r"<(\w+)", marked(text)))

    assert elements <= {"p", "a"}
    assert "<script" not in marked(text)


@pytest.mark.parametrize("url", HOSTILE_LINKS)
def test_only_links_that_lead_where_they_say_are_links(url: str) -> None:
    assert safe_link(url) == ""
    assert "href" not in marked(f"[x]({url})") or "javascript" not in marked(f"[x]({url})").lower()
    assert "javascript:" not in "".join(re.findall(r'href="([^"]*)"', marked(f"[x](<{url}>)"))).lower()


@pytest.mark.parametrize(
    "url", ["https://a.example", "http://a.example/x?y#z", "mailto:a@b.example", "tel:+431", "#form"]
)
def test_links_to_pages_people_and_places_in_the_page_are_kept(url: str) -> None:
    assert safe_link(f" {url} ") == url


@given(st.text(alphabet=st.sampled_from("<>&\"'()[]*_-.:/\\ \n1ajvscriptonlx=#!`"), max_size=80))
def test_whatever_is_typed_only_a_few_elements_come_out(text: str) -> None:
    made = marked(text)

    assert set(re.findall(r"<\s*(\w+)", made)) <= {"p", "br", "strong", "em", "ul", "ol", "li", "a"}
    assert set(re.findall(r"<\w+\s+(\w+)=", made)) <= {"href", "start"}
    assert all(
        link.startswith(("http:", "https:", "mailto:", "tel:", "#")) for link in re.findall(r'href="([^"]*)"', made)
    )
