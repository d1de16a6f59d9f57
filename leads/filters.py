"""The filters of the lead list. They live in the URL."""

from __future__ import annotations

from functools import reduce
from operator import and_

import django_filters
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from contacts.filters import OwnerFilter
from contacts.models import Account, Campaign, Contact, Product
from leadcrm.lib.lists import containing, terms_of
from leads.models import Lead, Rating, Status
from leads.stages import Stage

ANY = "any"
MOST_FOUND = 2000
"""Up to so many contacts or accounts a search is answered by their ids; beyond, leads are walked instead."""


class LeadFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Search contacts, accounts", max_length=200)
    stage = django_filters.ChoiceFilter(choices=Stage.choices, empty_label="Any")
    status = django_filters.ChoiceFilter(
        choices=[*Status.choices, (ANY, "Any")], method="by_status", empty_label=None, null_label=None
    )
    owner = OwnerFilter()
    sales_ready = django_filters.ChoiceFilter(
        choices=[("yes", "Yes"), ("no", "No")], method="by_ready", label="Sales ready", empty_label="Any"
    )
    rating = django_filters.ChoiceFilter(choices=Rating.choices, label="Sales rating", empty_label="Any")
    product = django_filters.ModelChoiceFilter(queryset=Product.objects.all(), empty_label="Any")
    campaign = django_filters.ModelChoiceFilter(queryset=Campaign.objects.all(), empty_label="Any")

    class Meta:
        model = Lead
        fields: list[str] = []

    def by_status(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows if value == ANY else rows.filter(status=value)

    def by_ready(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(sales_ready=value == "yes")

    def search(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        """Leads whose contact, or whose account or contact's account, contains every word."""
        if not terms_of(words.split()):
            return rows
        people = containing(Contact.objects.alive(), "search_text__contains", words)
        companies = containing(Account.objects.alive().alias(upper=Upper("name")), "upper__contains", words)
        found = [
            ("contact_id__in", _few(people)),
            ("account_id__in", _few(companies)),
            ("contact_id__in", _few(Contact.objects.filter(account__in=companies))),
        ]
        if any(ids is None for _, ids in found):
            return _walked(rows, terms_of(words.split()))
        by_people, by_company, by_colleagues = (Q(**{name: ids}) for name, ids in found)
        return rows.filter(by_people | by_company | by_colleagues)


def _few(found: QuerySet) -> list[int] | None:
    """The ids, unless there are too many."""
    ids = list(found.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
    return ids if len(ids) <= MOST_FOUND else None


def _walked(rows: QuerySet, terms: list[Upper]) -> QuerySet:
    """What is common is met soon: rows are looked at in the order of the list, without a table of all matches."""
    rows = rows.alias(of_account=Upper("account__name"), of_employer=Upper("contact__account__name"))
    by_contact, by_account, by_employer = (
        reduce(and_, (Q(**{f"{name}__contains": term}) for term in terms))
        for name in ("contact__search_text", "of_account", "of_employer")
    )
    return rows.filter(by_contact | by_account | by_employer)
