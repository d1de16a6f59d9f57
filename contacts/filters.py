"""The filters of the contact and account lists. They live in the URL."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.forms import HiddenInput

from contacts.finding import phone_in
from contacts.models import Account, ConsentLevel, Contact, ContactRole, User
from leadcrm.lib.lists import containing

MINE, NOBODY = "me", "nobody"


class OwnerFilter(django_filters.ChoiceFilter):
    """Mine, nobody's, or somebody's."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=self.people, label="Owner", empty_label="Anyone", **kwargs)

    @staticmethod
    def people() -> list[tuple[str, str]]:
        users = User.objects.filter(is_active=True).order_by("first_name", "username")
        return [(MINE, "Me"), (NOBODY, "Nobody"), *((str(user.pk), str(user)) for user in users)]

    def filter(self, qs: QuerySet, value: str) -> QuerySet:
        if not value:
            return qs
        if value == NOBODY:
            return qs.filter(owner__isnull=True)
        return qs.filter(owner=self.parent.request.user.pk if value == MINE else int(value))


class ContactFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Search", max_length=200)
    owner = OwnerFilter()
    account = django_filters.NumberFilter(method="of_account", widget=HiddenInput, label="Account")
    role = django_filters.ChoiceFilter(choices=ContactRole, empty_label="Any")
    consent = django_filters.ChoiceFilter(
        choices=ConsentLevel, field_name="consent_level", lookup_expr="gte", label="Consent from", empty_label="Any"
    )

    class Meta:
        model = Contact
        fields: list[str] = []

    def of_account(self, rows: QuerySet, name: str, number: Decimal) -> QuerySet:
        """Reached from an account's page; a number that no account has finds nobody."""
        return rows.filter(account=int(number)) if 0 < number < 2**63 else rows.none()

    def search(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        by_name = containing(rows, "search_text__contains", words)
        return by_name | rows.filter(phone_e164=phone) if (phone := phone_in(words)) else by_name


class AccountFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search", label="Search", max_length=200)
    owner = OwnerFilter()

    class Meta:
        model = Account
        fields: list[str] = []

    def search(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        return containing(rows.alias(upper=Upper("name")), "upper__contains", words)
