"""A segment as a filter of the lists of leads and contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import HttpRequest
from django.urls import reverse

from contacts.narrowing import Narrowing
from contacts.views.editing import person
from leads.access import may_ask
from segments.definition import is_member
from segments.models import Segment, State, Subject

NAME = "segment"


class InSegment(forms.Form):
    def __init__(self, *args: Any, subject: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[NAME] = forms.ModelChoiceField(with_members(subject), required=False, empty_label="Any")


def with_members(subject: str) -> QuerySet[Segment]:
    """The segments of contacts or leads that have been live."""
    return Segment.objects.alive().filter(subject=subject).exclude(state=State.DRAFT)


class BySegment:
    """As contacts.narrowing.Narrower says."""

    def narrowing(self, request: HttpRequest, subject: str) -> Narrowing | None:
        value = request.GET.get(NAME, "").strip()
        if not value or subject not in Subject.values:
            return None
        if not may_ask(person(request)):
            said = "This address holds a segment. Marketers and administrators can list by segments."
            return Narrowing(NAME, value, problem=said)
        number = int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0
        segment = with_members(subject).filter(pk=number).first()
        if segment is None:
            return Narrowing(NAME, value, problem="The segment in the address is gone, or is of others.", in_bar=True)
        of_those = "" if segment.is_live else ", as it was when it was stopped"
        return Narrowing(
            NAME,
            value,
            "Members of the segment",
            f"{segment}{of_those}.",
            narrows=is_member(segment.pk, subject),
            change_url=reverse("segments:detail", args=[segment.pk]),
            in_bar=True,
        )

    def fields(self, request: HttpRequest, subject: str) -> Sequence[BoundField]:
        if subject not in Subject.values:
            return []
        form = InSegment(request.GET, subject=subject)
        return [form[NAME]] if may_ask(person(request)) else []


BY_SEGMENT = BySegment()
