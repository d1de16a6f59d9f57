"""Calendar files: folded, escaped, in UTC, and replaced by what is sent later."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_intake.events.acting import cancel
from forms_intake.events.calendar import calendar_of, escaped, fold
from forms_intake.models import EventRegistration
from tests.events.making import an_event, registers


def unfolded(text: str) -> str:
    return text.replace("\r\n ", "")


def unescaped(text: str) -> str:
    out, marks = "", iter(text)
    for mark in marks:
        following = next(marks) if mark == "\\" else ""
        out += "\n" if following in "nN" and following else following or mark
    return out


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=300))
def test_a_line_is_cut_at_75_octets_and_never_within_a_character(text: str) -> None:
    folded = fold(f"SUMMARY:{text}")
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert unfolded(folded) == f"SUMMARY:{text}"


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=100))
def test_what_is_escaped_is_read_back_and_holds_no_line(text: str) -> None:
    assert "\n" not in escaped(text)
    assert unescaped(escaped(text)) == text


@pytest.mark.django_db
def test_a_calendar_file_says_when_in_utc_and_cancelling_takes_it_back() -> None:
    begin = datetime(2031, 7, 3, 14, tzinfo=ZoneInfo("Europe/Vienna"))
    event = an_event(
        "Day, with; marks",
        starts_at=begin,
        ends_at=begin + timedelta(hours=3),
        time_zone="Europe/Vienna",
        organiser_email="maria@kestrane.example",
    )
    nina = registers(event)
    text = unfolded(calendar_of(nina))
    assert "DTSTART:20310703T120000Z\r\nDTEND:20310703T150000Z\r\n" in text
    assert r"SUMMARY:Day\, with\; marks" in text
    assert "ORGANIZER;CN=" in text
    assert "METHOD:PUBLISH" in text
    assert text.endswith("END:VCALENDAR\r\n")
    uid = next(line for line in text.split("\r\n") if line.startswith("UID:"))

    cancel([nina.pk], by=None)

    gone = unfolded(calendar_of(EventRegistration.objects.select_related("event").get()))
    assert "METHOD:CANCEL" in gone
    assert "STATUS:CANCELLED" in gone
    assert uid in gone
    assert "SEQUENCE:0" in text
    assert "SEQUENCE:1" in gone
