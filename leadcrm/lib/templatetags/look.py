"""Words and tones for pages: ages, days, signed points, the colour of a grade or a face."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from django import template
from django.template.defaultfilters import stringfilter
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from leadcrm.lib.charts import sparkline
from leadcrm.lib.domains import disguised
from leadcrm.lib.durations import duration_words
from leadcrm.lib.filter_bar import Bar, bar_of
from leadcrm.lib.links import address_of
from leadcrm.lib.numbers import amount, signed, whole
from leadcrm.lib.text import straight

register = template.Library()


@register.simple_tag(takes_context=True)
def filter_bar(context: dict[str, Any], form: Any, more: Any = None) -> Bar:
    """The filters of a list as its bar draws them (leadcrm/lib/filter_bar.py)."""
    return bar_of(form, context["request"].GET, more or ())


@register.simple_tag(takes_context=True)
def options(context: template.RequestContext, choices: Sequence[Any], chosen: Any = None) -> SafeString:
    """Options of a select for these records, the chosen one (an id) selected; a tag, because fifty rows ask for each of
    fifty people.
    """
    kept: Any = context.render_context
    drawn = kept.setdefault(OPTIONS, {})
    if id(choices) not in drawn:
        drawn[id(choices)] = [(one.pk, escape(str(one))) for one in choices]
    parts = [
        f'<option value="{pk}"{" selected" if pk == chosen else ""}>{said}</option>' for pk, said in drawn[id(choices)]
    ]
    return SafeString("".join(parts))


OPTIONS = "leadcrm.options"
register.simple_tag(address_of, name="address")
register.filter(disguised)
TONES = {"hot": "hot", "a": "hot", "warm": "warm", "b": "warm", "cold": "cold", "cool": "cold", "c": "cold"}


@register.filter(name="straight", is_safe=True)
@stringfilter
def in_one_direction(text: str) -> str:
    """The text without marks that would turn what stands around it (leadcrm/lib/text.py)."""
    return straight(text)


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago, in words; nothing for no moment."""
    return duration_words(timezone.now() - moment) if moment else ""


@register.filter
def ago(moment: datetime | None) -> str:
    """How long ago, said as such: "just now", "4 min ago"; nothing for no moment."""
    words = age(moment)
    return words if words in {"", "just now"} else f"{words} ago"


@register.filter
def lasted(length: timedelta | None) -> str:
    """A length of time in words: "under a minute", "3 h 10 min"."""
    if length is None:
        return ""
    return "under a minute" if length < timedelta(minutes=1) else duration_words(length)


@register.filter
def day_words(when: date) -> str:
    """Today, yesterday, the weekday within a week, else the date."""
    day = timezone.localdate(when) if isinstance(when, datetime) else when
    today = timezone.localdate()
    ago = (today - day).days
    if ago in {0, 1}:
        return "Yesterday" if ago else "Today"
    if 1 < ago < 7:
        return day.strftime("%A")
    return f"{day.day} {day:%B}" if day.year == today.year else f"{day.day} {day:%B %Y}"


register.filter("signed", signed)
register.filter("whole", whole)
register.filter("amount", amount)


@register.filter
def thousands(number: int) -> str:
    """12,345."""
    return f"{number:,}"


@register.filter
def grade_tone(grade: str) -> str:
    """The colour class of a grade by its usual names; none for others."""
    return TONES.get(str(grade).strip().lower(), "")


@register.filter
def tone_of(key: Any) -> int:
    """Which of five colours something with this id gets; the same one everywhere."""
    return key % 5 if isinstance(key, int) else sum(map(ord, str(key))) % 5


@register.simple_tag
def face(initials: str, of: Any, size: str = "") -> SafeString:
    """Initials in a circle, its colour by the id `of`; a tag, because lists draw one a row and an include is slow."""
    return format_html(
        '<span class="face tone-{} {}" aria-hidden="true">{}</span>',
        tone_of(of),
        size and f"{size}-face",
        initials or "?",
    )


@register.simple_tag
def score(number: int | None, grade: str = "", spark: list[int] | None = None) -> SafeString:
    """A score with its grade, and its last values as a line."""
    if number is None:
        return format_html('<span class="quiet">{}</span>', "No score")
    graded = format_html(' <span class="grade {}">{}</span>', grade_tone(grade), grade) if grade else ""
    line = format_html(" {}", sparkline(spark)) if spark else ""
    return format_html('<span class="score">{}{}{}</span>', whole(number), graded, line)


@register.simple_tag
def since(moment: datetime | None, goal_minutes: int = 0) -> SafeString:
    """A clock that counts on (static/js/clock.js); with a goal it is coloured by how much of it is used up."""
    if moment is None:
        return format_html('<span class="quiet">{}</span>', "–")
    waited = timezone.now() - moment
    goal = timedelta(minutes=goal_minutes)
    tone = "" if not goal_minutes else "late" if waited >= goal else "soon" if waited >= goal / 2 else "fine"
    local = timezone.localtime(moment)
    return format_html(
        '<time class="clock {}" data-since data-goal="{}" datetime="{}" title="since {}">{}</time>',
        tone,
        goal_minutes * 60 or "",
        moment.isoformat(),
        f"{local.day} {local:%B %Y, %H:%M}",
        duration_words(waited),
    )


@register.simple_tag
def due(moment: datetime | None, day: date | None, all_day: bool, is_overdue: bool) -> SafeString:
    """When something is to be done: the day, the time unless any time of it will do, and whether that is past."""
    if moment is None or day is None:
        return format_html('<span class="quiet">{}</span>', "no date")
    local = timezone.localtime(moment)
    return format_html(
        '<span class="{}"><time datetime="{}" title="{}">{}{}</time>{}</span>',
        "late" if is_overdue else "",
        local.isoformat(timespec="seconds"),
        f"{day:%A}, {day.day} {day:%B %Y}",
        f"{day:%a} {day.day} {day:%b}",
        "" if all_day else f", {local:%H:%M}",
        OVERDUE if is_overdue else "",
    )


OVERDUE = SafeString(' <span class="tag bad">overdue</span>')
