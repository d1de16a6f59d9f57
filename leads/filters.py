"""The filters of the lead list. They live in the URL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import timedelta
from functools import reduce
from operator import and_
from typing import Any

import django_filters
from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.utils import timezone

from contacts.filters import OwnerFilter
from contacts.finding import phone_in
from contacts.models import Account, Campaign, Contact, Product, Team, Territory
from leadcrm.lib.filter_bar import MainFilters
from leadcrm.lib.lately import KEPT_SECONDS
from leadcrm.lib.lists import containing, terms_of
from leads.conditions.days import start_of
from leads.marketing.narrowing import NAMES, ContextFilter, offered_to
from leads.models import Lead, LeadQuerySet, LeadSource, Priority, Process, Rating, SourceType, Status, StatusReason
from leads.stages import Stage

ANY, CLOSED = "any", "closed"
OLDER = "older"
AGES = [("1", "Since yesterday"), ("7", "Last 7 days"), ("30", "Last 30 days"), (OLDER, "Over 30 days ago")]
OLD_DAYS = 30
MOST_FOUND = 5000
"""Up to so many contacts or accounts a search is answered by their ids; beyond, leads are walked instead."""


class LeadFilter(MainFilters, django_filters.FilterSet):
    main = ("q", "stage", "status", "owner")

    q = django_filters.CharFilter(method="search", label="Search contacts, accounts", max_length=200)
    stage = django_filters.ChoiceFilter(choices=Stage.choices, empty_label="Any")
    status = django_filters.ChoiceFilter(
        choices=[*Status.choices, (CLOSED, "Closed"), (ANY, "Any")],
        method="by_status",
        empty_label=None,
        null_label=None,
    )
    owner = OwnerFilter()
    sales_ready = django_filters.ChoiceFilter(
        choices=[("yes", "Yes"), ("no", "No")], method="by_ready", label="Sales ready", empty_label="Any"
    )
    rating = django_filters.ChoiceFilter(choices=Rating.choices, label="Sales rating", empty_label="Any")
    priority = django_filters.ChoiceFilter(choices=Priority.choices, empty_label="Any")
    team = django_filters.ModelChoiceFilter(queryset=Team.objects.all(), empty_label="Any")
    territory = django_filters.ModelChoiceFilter(queryset=Territory.objects.all(), empty_label="Any")
    product = django_filters.ModelChoiceFilter(queryset=Product.objects.all(), empty_label="Any")
    process = django_filters.ModelChoiceFilter(queryset=Process.objects.all(), empty_label="Any")
    campaign = django_filters.ModelChoiceFilter(queryset=Campaign.objects.all(), empty_label="Any")

    context = ContextFilter("context")
    medium = ContextFilter("medium")
    advertisement = ContextFilter("advertisement")
    job = ContextFilter("job")
    event = ContextFilter("event")
    source_code = ContextFilter("source_code")

    status_reason = django_filters.ModelChoiceFilter(
        queryset=StatusReason.objects.order_by("status", "position"), label="Status reason", empty_label="Any"
    )
    source = django_filters.ModelChoiceFilter(queryset=LeadSource.objects.all(), empty_label="Any")
    source_type = django_filters.ChoiceFilter(choices=SourceType.choices, label="Source type", empty_label="Any")
    recycled = django_filters.ChoiceFilter(
        choices=[("yes", "Yes")], method="by_recycled", label="Recycled", empty_label="Any"
    )
    unread = django_filters.ChoiceFilter(
        choices=[("yes", "Mine, unread")], method="by_unread", label="Unread", empty_label="Any"
    )
    response = django_filters.ChoiceFilter(
        choices=[("late", "Late"), ("waiting", "Waited for")],
        method="by_response",
        label="First response",
        empty_label="Any",
    )
    created = django_filters.ChoiceFilter(choices=AGES, method="by_age", label="Created", empty_label="Any time")

    class Meta:
        model = Lead
        fields: list[str] = []

    @property
    def form(self) -> Any:
        """Without the media, events and so on that nobody keeps, unless the address asks for one."""
        form = super().form
        for name in NAMES:
            if name in form.fields and not self.data.get(name) and not offered_to(self)[name]:
                del form.fields[name]
        return form

    def by_status(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        if value == CLOSED:
            return rows.filter(status__in=[Status.QUALIFIED, Status.DISQUALIFIED])
        return rows if value == ANY else rows.filter(status=value)

    def by_response(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Leads that nobody has answered yet: whose clock runs, those among them that are past their limit."""
        waited_for = rows.filter(first_response__isnull=False)
        return waited_for.filter(respond_by__lt=timezone.now()) if value == "late" else waited_for

    def by_age(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """Made today or in so many days before it, in the workspace's time zone; or longer ago."""
        day = timezone.localdate()
        if value == OLDER:
            return rows.filter(created_at__lt=start_of(day - timedelta(days=OLD_DAYS)))
        return rows.filter(created_at__gte=start_of(day - timedelta(days=int(value))))

    def by_recycled(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(recycled_count__gt=0)

    def by_unread(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        """What became this person's and they have not opened yet."""
        return rows.filter(unread=True, owner=self.request.user)

    def by_ready(self, rows: LeadQuerySet, name: str, value: str) -> QuerySet:
        return rows.ready() if value == "yes" else rows.filter(sales_ready=False)

    def search(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        """Leads whose contact, or whose account or contact's account, contains every word; or has this phone number."""
        terms = terms_of(words.split())
        if not terms:
            return rows
        people = containing(Contact.objects.alive(), "search_text__contains", words)
        companies = containing(Account.objects.alive().alias(upper=Upper("name")), "upper__contains", words)
        contact, account = few(people, f"contact {words}"), few(companies, f"account {words}")
        employed = few(Contact.objects.filter(account__in=companies), f"employed {words}")
        called = Q(contact_id__in=_with_phone(words))
        if contact is not None and account is not None and employed is not None:
            return rows.filter(_leads_of({*contact, *employed}, account) | called)
        rows = rows.alias(of_account=Upper("account__name"), of_employer=Upper("contact__account__name"))
        return rows.filter(
            those("contact_id__in", contact, "contact__search_text", terms)
            | those("account_id__in", account, "of_account", terms)
            | those("contact_id__in", employed, "of_employer", terms)
            | called
        )


def _leads_of(contacts: Iterable[int], accounts: Iterable[int]) -> Q:
    """The leads of these, by their own ids while they are few: to find them among somebody's leads is then no work."""
    said = Q(contact_id__in=contacts) | Q(account_id__in=accounts)
    leads = few(Lead.objects.filter(said))
    return said if leads is None else Q(pk__in=leads)


def _with_phone(words: str) -> list[int]:
    phone = phone_in(words)
    called = Contact.objects.alive().filter(phone_e164=phone).values_list("pk", flat=True)
    return list(called[:MOST_FOUND]) if phone else []


def few(found: QuerySet, said: str = "") -> list[int] | None:
    """The ids of what was found, or None when there are too many to ask for one by one.

    That what was `said` finds too many is remembered for a minute: finding that out is a third of what a search costs,
    and changes nothing but the way it is answered.
    """
    key = f"common:{hashlib.sha256(said.upper().encode()).hexdigest()}" if said else ""
    if key and cache.get(key):
        return None
    ids = list(found.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])
    if len(ids) <= MOST_FOUND:
        return ids
    if key:
        cache.set(key, True, KEPT_SECONDS)
    return None


def those(by_id: str, ids: list[int] | None, text: str, terms: list[Upper]) -> Q:
    """Leads of what was found: by its ids while they are few; else by the text itself, because what is common is met
    soon in the order of the list.
    """
    if ids is not None:
        return Q(**{by_id: ids})
    return reduce(and_, (Q(**{f"{text}__contains": term}) for term in terms))
