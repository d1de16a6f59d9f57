"""The words of a message: text made of HTML, quotes cut, whatever somebody sends."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_intake.mailbox.parsing import as_json, from_json, parse
from forms_intake.mailbox.words import KEPT, text_of_html, tidy, without_history
from tests.mailbox.servers import a_mail


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Dear all,</p><p>yes&nbsp;please &amp; thanks</p>", "Dear all,\n\nyes please & thanks"),
        ("<script>alert(1)</script>Hi<style>p{}</style>", "Hi"),
        ("<div>New<blockquote>old <b>words</b></blockquote></div>after", "New\nafter"),
        ("new<div class='gmail_quote'>On Monday<div>old</div></div>", "new"),
        ("new<div id=divRplyFwdMsg>From: Sam</div>old", "new"),
        ("<a href='javascript:alert(1)'>here</a>", "here"),
        ("<svg onload=alert(1)><p>x</svg>y", "y"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("&lt;script&gt;", "<script>"),
    ],
)
def test_html_is_made_the_text_that_people_read(html: str, text: str) -> None:
    assert text_of_html(html) == text


@pytest.mark.parametrize(
    "mail",
    [
        "Yes, Tuesday suits.\n\nOn Mon, 3 Nov 2026 at 10:00, Sam <sam@ours.example> wrote:\n> Does Tuesday suit?\n",
        "Yes, Tuesday suits.\n\nAm 03.11.2026 um 10:00 schrieb Sam Reid:\n> Passt Dienstag?\n",
        "Yes, Tuesday suits.\n\n-----Original Message-----\nFrom: Sam\nSent: Monday\nTo: Eva\nSubject: Day\n\nIs it?\n",
    ],
)
def test_what_it_answers_is_cut_off(mail: str) -> None:
    assert without_history(tidy(mail)) == "Yes, Tuesday suits."


def test_what_is_nothing_but_quotes_stays() -> None:
    assert without_history("> only this") == "> only this"


@pytest.mark.parametrize("text", ["> " * 30_000, "On " * 30_000, "<div>" * 100_000, "From: a\n" * 9_000, "\n" * 99_999])
def test_nothing_takes_long(text: str) -> None:
    began = time.process_time()  # other processes may be busy too

    found = parse(a_mail(text), trusted_host="")
    text_of_html(text)

    assert len(found.text) <= KEPT
    assert time.process_time() - began < 3


@given(st.binary(max_size=2000))
def test_no_bytes_break_it(raw: bytes) -> None:
    found = parse(raw, trusted_host="mx.ours.example")

    assert from_json(as_json(found)) == found
    assert "\x00" not in found.text + found.subject


@given(st.text(max_size=300), st.text(max_size=300), st.sampled_from(["From", "To", "Date", "Subject", "Message-ID"]))
def test_no_header_breaks_it(value: str, text: str, name: str) -> None:
    raw = f"{name}: {value}\r\nContent-Type: text/html; charset={value}\r\n\r\n{text}".encode("utf-8", "replace")

    found = parse(raw, trusted_host="mx.ours.example")

    assert from_json(as_json(found)) == found
