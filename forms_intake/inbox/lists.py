"""The inbox as a list: tabs by state, filters in the URL, sorts with an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.forms import DateInput
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from contacts import normalise
from contacts.errors import CannotList
from forms_intake.confirming import HELD_BACK, given_up, is_held_back
from forms_intake.inbox.finding import MOST, Found, found_by
from forms_intake.models import FormVersion, IntakeForm, LandingPage, Submission, SubmissionState
from leadcrm.lib.facts import Count, settled_count
from leadcrm.lib.filter_bar import MainFilters
from leadcrm.lib.lists import ListPage, list_page
from leadcrm.lib.paging import ID, Column, Sort, url_with
from leads.conditions.values import LATEST

MOST_CHOICES = 500
MOST_NAME, MOST_SHOWN = 40, 60
TAB_ORDER = (
    SubmissionState.PENDING,
    SubmissionState.DONE,
    SubmissionState.FAILED,
    SubmissionState.UNCONFIRMED,
    SubmissionState.SPAM,
    SubmissionState.DELETED,
)
WORDS = {
    SubmissionState.PENDING: "Waiting",
    SubmissionState.DONE: "Processed",
    SubmissionState.FAILED: "Failed",
    SubmissionState.UNCONFIRMED: "Waiting for confirmation",
    SubmissionState.SPAM: "Spam",
    SubmissionState.DELETED: "Deleted",
}
SORTS = (
    Sort("newest", "Newest", (Column("received_at", datetime), ID), descending=True),
    Sort("oldest", "Oldest", (Column("received_at", datetime), ID)),
)


@dataclass(frozen=True)
class Tab:
    """One state: its word in the address, how many there are under the present filters, and how loud that is."""

    key: str
    label: str
    url: str
    current: bool
    count: Count
    tone: str = ""


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox. `said_more`: of those that wait the search looked at the latest `search_limit` only."""

    page: ListPage
    tabs: Sequence[Tab]
    state: str
    said_more: bool
    too_short: bool
    query: str
    search_limit: int = MOST


class SubmissionFilter(MainFilters, django_filters.FilterSet):
    """What narrows the inbox besides the state."""

    main: ClassVar[tuple[str, ...]] = ("q", "form", "since", "until")
    q = django_filters.CharFilter(method="search", label="Search", max_length=200)
    form = django_filters.ChoiceFilter(field_name="form_id", empty_label="Any", label="Form")
    since = django_filters.DateFilter(
        method="from_day", label="From", widget=DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = django_filters.DateFilter(
        method="to_day", label="To", widget=DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    page = django_filters.ChoiceFilter(field_name="page_id", empty_label="Any", label="Landing page")
    version = django_filters.ChoiceFilter(method="of_version", empty_label="Any", label="Version of the form")
    source = django_filters.CharFilter(method="of_source", label="Campaign source", max_length=300)
    reason = django_filters.CharFilter(method="for_reason", label="Reason", max_length=200)

    class Meta:
        model = Submission
        fields: list[str] = []

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, Submission.objects.none())
        self.found = Found(Submission.objects.none())
        form_id = data.get("form", "")
        self.filters["form"].extra["choices"] = _choices(IntakeForm.objects.order_by("name").values_list("pk", "name"))
        self.filters["page"].extra["choices"] = _choices(
            LandingPage.objects.order_by("title").values_list("pk", "title")
        )
        is_id = form_id.isascii() and form_id.isdecimal() and len(form_id) < 19
        versions = FormVersion.objects.filter(form=int(form_id)) if is_id else None
        if versions is None:
            del self.filters["version"]
        else:
            self.filters["version"].extra["choices"] = [
                (str(pk), f"Version {number}") for pk, number in versions.values_list("pk", "number")[:MOST_CHOICES]
            ]

    def of_version(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(version=int(value))

    def narrow(self, rows: QuerySet[Submission]) -> QuerySet[Submission]:
        """`rows` as the filters want them, of any state. What cannot be read is left out, and said at its field."""
        self.is_valid()
        narrowed: QuerySet[Submission] = self.filter_queryset(rows)
        return narrowed

    def search(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        self.found = found_by(rows, words)
        return self.found.rows

    def from_day(self, rows: QuerySet, name: str, day: Any) -> QuerySet:
        return rows.filter(received_at__gte=_midnight(day))

    def to_day(self, rows: QuerySet, name: str, day: Any) -> QuerySet:
        return rows.filter(received_at__lt=_midnight(min(day, LATEST) + timedelta(days=1)))

    def of_source(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        tagged = rows.filter(origin__has_key="utm_source")
        found: QuerySet = tagged.alias(source=KeyTextTransform("utm_source", "origin")).filter(source=words)
        return found

    def for_reason(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        """Only what failed or was put aside has one, and each of those states has its index."""
        has_one = (SubmissionState.FAILED, SubmissionState.SPAM)
        return rows.filter(error__icontains=words.replace("\x00", ""), state__in=has_one)


def inbox(request: HttpRequest) -> Inbox:
    """The page that the address asks for: a state's, or all that is not deleted."""
    state = request.GET.get("state", "")
    state = state if state in SubmissionState.values else ""
    filters = SubmissionFilter(request.GET)
    base = filters.narrow(Submission.objects.all())
    rows = of_state(base, state).select_related("form", "page", "contact", "lead", "version")
    page = list_page(request, filters, rows, SORTS)
    not_sent = given_up([one for one in page.rows if one.state == SubmissionState.UNCONFIRMED])
    for one in page.rows:
        one.not_sent = not_sent.get(one.pk, "")
        one.who, one.state_words = _who(one.payload), WORDS[SubmissionState(one.state)]
        one.held_back = HELD_BACK if one.state == SubmissionState.UNCONFIRMED and is_held_back(one) else ""
    return Inbox(
        page=page,
        tabs=_tabs(request.GET, base, state, page, counted=not filters.found.common),
        state=state,
        said_more=filters.found.more,
        too_short=filters.found.too_short,
        query=url_with(request.GET, at="", sort="")[1:],
    )


def _who(payload: dict[str, Any]) -> str:
    """Whom a post seems to be of, where nobody was made of it: an address, else what is short, else how it begins."""
    texts = [value for value in payload.values() if isinstance(value, str) and value.strip()]
    address = next((text for text in texts if normalise.email(text)), "")
    short = " ".join(text for text in texts if len(text) <= MOST_NAME)
    return address or (short or next(iter(texts), ""))[:MOST_SHOWN]


def asked_for(query: str, *, search: bool = True) -> QuerySet[Submission]:
    """All submissions that an address of the inbox shows; without `search` whatever their words. Raises CannotList
    when a filter cannot be read: without it, more would be meant than somebody saw.
    """
    asked = QueryDict(query, mutable=True)
    if not search:
        asked.pop("q", None)
    state = asked.get("state", "")
    filters = SubmissionFilter(asked)
    if not filters.is_valid():
        label = next(str(filters.form[name].label or name) for name in filters.form.errors)
        raise CannotList(f"“{label}” asks for something that is not there to choose.")
    return of_state(filters.narrow(Submission.objects.all()), state if state in SubmissionState.values else "")


def of_state(rows: QuerySet[Submission], state: str) -> QuerySet[Submission]:
    return rows.filter(state=state) if state else rows.exclude(state=SubmissionState.DELETED)


def _tabs(
    query: QueryDict, base: QuerySet[Submission], current: str, page: ListPage, *, counted: bool
) -> Sequence[Tab]:
    """Without `counted` only the present one says a number: each other would take as long as the list itself."""
    found = []
    for key, label in (("", "All"), *((state.value, WORDS[state]) for state in TAB_ORDER)):
        if key == current:
            count = page.page.count
        else:
            count = settled_count(of_state(base, key), at_least=0) if counted else Count(0, True)
        found.append(_tab(query, key, label, count, is_current=key == current))
    return found


def _tab(query: QueryDict, key: str, label: str, count: Count, *, is_current: bool) -> Tab:
    tone = "bad" if key == SubmissionState.FAILED and count.number else ""
    return Tab(key, label, url_with(query, state=key, at=""), is_current, count, tone)


def _choices(rows: Any) -> list[tuple[str, str]]:
    return [(str(pk), str(name)) for pk, name in rows[:MOST_CHOICES]]


def _midnight(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))
