"""A condition as a filter of the lead list: it stands in the URL as text, so that a list can be shared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from contacts.views.editing import person
from leadcrm.lib.lists import ListPage
from leadcrm.lib.paging import url_with
from leadcrm.lib.patience import TooSlow, within
from leads.access import may_ask
from leads.condition_field import ConditionField
from leads.conditions import InvalidCondition, compile_condition, describe, lead_vocabulary, parse_source

NAME = "condition"
LONGEST = 4000
"""An address holds no more."""
READING_MS = 5000
"""How long a list may look for the rows of a page."""


class ConditionForm(forms.Form):
    condition = ConditionField(subject="lead", required=True, label="Leads for which this holds")

    def clean_condition(self) -> dict[str, object]:
        tree: dict[str, object] = self.cleaned_data["condition"]
        if len(self.text_of(tree)) > LONGEST:
            raise forms.ValidationError(f"This is too long for an address: at most {LONGEST:,} characters as text.")
        return tree

    def text_of(self, tree: dict[str, object]) -> str:
        return str(self.fields["condition"].prepare_value(tree))


@dataclass(frozen=True)
class Chosen:
    """The condition a list is narrowed by. `problem`: why it is not, and then the list is empty, never unfiltered."""

    text: str
    says: str = ""
    problem: str = ""
    narrows: Q | None = None
    clear_url: str = ""


def chosen(request: HttpRequest) -> Chosen | None:
    """What the URL asks for; None without a condition."""
    text = request.GET.get(NAME, "")
    if not text.strip():
        return None
    clear_url = url_with(request.GET, condition="", at="")
    if not may_ask(person(request)):
        problem = "This address holds a condition. Marketers and administrators can list leads by conditions."
        return Chosen(text, problem=problem, clear_url=clear_url)
    try:
        vocabulary = lead_vocabulary()
        node = parse_source(text, vocabulary, stored=True)
        words = describe(node, vocabulary)
        narrows = compile_condition(node, vocabulary, now=timezone.now())
    except InvalidCondition as error:
        problem = f"The condition in the address cannot be used any more. {error.message}"
        return Chosen(text, problem=problem, clear_url=clear_url)
    return Chosen(text, f"{words[:1].upper()}{words[1:]}.", narrows=narrows, clear_url=clear_url)


def narrowed(
    request: HttpRequest, rows: QuerySet, page: Callable[[QuerySet], ListPage]
) -> tuple[ListPage, Chosen | None]:
    """The page of those of `rows` that meet the condition of the URL; an empty one with the reason if it cannot be."""
    condition = chosen(request)
    if condition is None:
        return page(rows), None
    found = page(rows.none())
    if condition.narrows is not None:
        try:
            with within(READING_MS):
                found = page(rows.filter(condition.narrows))
        except TooSlow:
            problem = f"This takes longer than {READING_MS // 1000} seconds. Ask for less, or sort by newest."
            condition = replace(condition, problem=problem)
    return replace(found, kept=[*found.kept, (NAME, condition.text)], filtered=True), condition
