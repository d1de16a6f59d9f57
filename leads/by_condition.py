"""A condition as a filter of the lists of leads and contacts: it stands in the URL as text, so a list can be shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from contacts.narrowing import Narrowing
from contacts.views.editing import person
from leadcrm.lib.paging import url_with
from leads.access import may_ask
from leads.condition_field import ConditionField
from leads.conditions import InvalidCondition, compile_condition, describe, parse_source
from leads.subjects import SUBJECTS

NAME = "condition"
LONGEST = 4000
"""An address holds no more."""


class ConditionForm(forms.Form):
    def __init__(self, *args: Any, subject: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = f"{SUBJECTS[subject].noun.capitalize()} for which this holds"
        self.fields[NAME] = ConditionField(subject=subject, required=True, label=label)

    def clean_condition(self) -> dict[str, object]:
        tree: dict[str, object] = self.cleaned_data[NAME]
        if len(self.text_of(tree)) > LONGEST:
            raise forms.ValidationError(f"This is too long for an address: at most {LONGEST:,} characters as text.")
        return tree

    def text_of(self, tree: dict[str, object]) -> str:
        return str(self.fields[NAME].prepare_value(tree))


class ByCondition:
    """As contacts.narrowing.Narrower says."""

    def narrowing(self, request: HttpRequest, subject: str) -> Narrowing | None:
        text = request.GET.get(NAME, "")
        if not text.strip():
            return None
        noun = SUBJECTS[subject].noun
        if not may_ask(person(request)):
            said = f"This address holds a condition. Marketers and administrators can list {noun} by conditions."
            return Narrowing(NAME, text, problem=said)
        change_url = reverse("leads:by_condition", args=[subject]) + url_with(request.GET, at="")
        try:
            vocabulary = SUBJECTS[subject].vocabulary()
            node = parse_source(text, vocabulary, stored=True)
            words = describe(node, vocabulary)
            narrows = compile_condition(node, vocabulary, now=timezone.now())
        except InvalidCondition as error:
            said = f"The condition in the address cannot be used any more. {error.message}"
            return Narrowing(NAME, text, problem=said, change_url=change_url)
        begins = f"{noun.capitalize()} for which this holds:"
        return Narrowing(NAME, text, begins, f"{words[:1].upper()}{words[1:]}.", "", narrows, change_url)

    def fields(self, request: HttpRequest, subject: str) -> Sequence[BoundField]:
        """None: conditions are made on a page of their own."""
        return ()


BY_CONDITION = ByCondition()
