"""Numbers in, SVG out: what is drawn, what is said for those who do not see it, and that words stay words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

from leadcrm.lib.charts import Bar, contribution_bars, count_bars, every_day, sparkline
from leadcrm.lib.plots import bars_per_day
from leadcrm.lib.score_history import score_history

HOSTILE = "<script>alert(1)</script>\"' onload=x"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(f"<div>{svg}</div>")


def test_a_sparkline_goes_up_when_numbers_do() -> None:
    path = parsed(sparkline([10, 40])).find(".//path")

    assert path is not None
    start, end = path.attrib["d"].removeprefix("M").split(" L")
    assert float(end.split()[1]) < float(start.split()[1])


def test_a_sparkline_needs_two_numbers() -> None:
    assert sparkline([7]) == ""
    assert sparkline([]) == ""


def test_the_same_number_all_along_is_a_line_in_the_middle() -> None:
    path = parsed(sparkline([5, 5, 5])).find(".//path")

    assert path is not None
    assert {point.split()[1] for point in path.attrib["d"].removeprefix("M").split(" L")} == {"10"}


def test_bars_say_each_day_and_the_whole_in_words() -> None:
    drawn = parsed(bars_per_day([(date(2026, 11, 1), 2), (date(2026, 11, 2), 6)], "new leads"))

    titles = [title.text for title in drawn.iter("title")]
    svg = drawn.find("svg")
    assert titles == ["1 Nov: 2", "2 Nov: 6"]
    assert svg is not None
    assert svg.attrib["aria-label"].startswith("New leads a day, 1 Nov to 2 Nov: 8 in all, at most 6 a day")


def test_bars_are_as_long_as_their_numbers() -> None:
    rects = list(parsed(bars_per_day([(date(2026, 11, 1), 3), (date(2026, 11, 2), 6)], "x")).iter("rect"))

    assert float(rects[1].attrib["height"]) == 2 * float(rects[0].attrib["height"])


def test_days_without_any_are_there_too() -> None:
    days = every_day({date(2026, 11, 2): 4}, days=3, until=date(2026, 11, 3))

    assert days == [(date(2026, 11, 1), 0), (date(2026, 11, 2), 4), (date(2026, 11, 3), 0)]


def test_no_days_and_all_zero_days_do_not_break() -> None:
    assert bars_per_day([], "x") == ""
    assert "0 in all" in bars_per_day([(date(2026, 11, 1), 0)], "x")


def test_a_score_holds_until_it_changes() -> None:
    first = datetime(2026, 11, 1, tzinfo=UTC)
    drawn = score_history([(first, 10), (first + timedelta(days=1), 80)], 50, until=first + timedelta(days=2))

    line = parsed(drawn).find(".//path[@class='line']")
    assert line is not None
    assert line.attrib["d"].startswith("M0 ")
    assert " H157 V12 " in line.attrib["d"]
    assert "ready at 50" in drawn


def test_a_history_of_one_moment_or_below_zero_is_drawn() -> None:
    moment = datetime(2026, 11, 1, tzinfo=UTC)

    assert "nan" not in score_history([(moment, -20)], 0, until=moment)


def test_contributions_show_their_sign_and_their_share() -> None:
    items = parsed(contribution_bars([Bar("Demo", 30), Bar("Free mail", -15, "profile")])).findall("li")

    assert [item.findtext("b") for item in items] == ["+30", "−15"]
    assert [item.find(".//rect[@class='is']").attrib["width"] for item in items] == ["100", "50"]  # type: ignore[union-attr]


def test_counts_have_no_sign() -> None:
    assert "<b>1,200</b>" in count_bars([Bar("Inquiry", 1200)])


def test_names_cannot_become_markup() -> None:
    drawn = contribution_bars([Bar(HOSTILE, 1, HOSTILE)]) + bars_per_day([(date(2026, 11, 1), 1)], HOSTILE)

    assert "<script" not in drawn
    assert not list(parsed(drawn).iter("script"))
    assert "onload" not in parsed(drawn).find("svg").attrib  # type: ignore[union-attr]
