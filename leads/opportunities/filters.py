"""The filters of the list of opportunities. They live in the URL."""

from __future__ import annotations

from decimal import Decimal

import django_filters
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.forms import HiddenInput

from contacts.filters import OwnerFilter
from contacts.models import Account, Campaign, Contact, Product, Team, Territory
from leadcrm.lib.filter_bar import MainFilters
from leadcrm.lib.lists import containing, terms_of
from leads.filters import few, those
from leads.models import Competitor, LostReason, Opportunity
from leads.opportunities import months
from leads.opportunities.chances import of_category
from leads.opportunities.gates import pipeline_settings
from leads.opportunities.stages import Forecast, OpportunityStage, OpportunityStatus

ANY, COUNTED = "any", "counted"


class OpportunityFilter(MainFilters, django_filters.FilterSet):
    main = ("q", "status", "owner", "closing")

    q = django_filters.CharFilter(method="search", label="Search", max_length=200)
    status = django_filters.ChoiceFilter(
        choices=[*OpportunityStatus.choices, (ANY, "Any")], method="by_status", empty_label=None, null_label=None
    )
    stage = django_filters.ChoiceFilter(choices=OpportunityStage.choices, empty_label="Any")
    owner = OwnerFilter()
    team = django_filters.ModelChoiceFilter(
        queryset=Team.objects.all(), method="by_team", label="Owner’s team", empty_label="Any"
    )
    account = django_filters.NumberFilter(method="of_account", widget=HiddenInput, label="Account")
    territory = django_filters.ModelChoiceFilter(
        queryset=Territory.objects.all(), field_name="lead__territory", label="Lead’s territory", empty_label="Any"
    )
    closing = django_filters.ChoiceFilter(
        choices=months.choices, method="by_month", label="Closes in", empty_label="Any time"
    )
    forecast = django_filters.ChoiceFilter(
        choices=[*Forecast.choices, (COUNTED, "All but omitted")],
        method="by_category",
        label="Forecast",
        empty_label="Any",
    )
    product = django_filters.ModelChoiceFilter(queryset=Product.objects.all(), empty_label="Any")
    campaign = django_filters.ModelChoiceFilter(queryset=Campaign.objects.all(), empty_label="Any")
    competitor = django_filters.ModelChoiceFilter(queryset=Competitor.objects.all(), empty_label="Any")
    lost_reason = django_filters.ModelChoiceFilter(
        queryset=LostReason.objects.all(), label="Lost because of", empty_label="Any"
    )

    class Meta:
        model = Opportunity
        fields: list[str] = []

    def of_account(self, rows: QuerySet, name: str, number: Decimal) -> QuerySet:
        """Reached from an account's page; a number that no account has finds nothing."""
        return rows.filter(account=int(number)) if 0 < number < 2**63 else rows.none()

    def by_status(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows if value == ANY else rows.filter(status=value)

    def by_team(self, rows: QuerySet, name: str, team: Team) -> QuerySet:
        return rows.filter(owner__in=team.members.all())

    def by_month(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(months.closing_in(value))

    def by_category(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        settings = pipeline_settings()
        if value == COUNTED:
            return rows.exclude(of_category(Forecast.OMITTED, settings))
        return rows.filter(of_category(value, settings))

    def search(self, rows: QuerySet, name: str, words: str) -> QuerySet:
        """Those whose topic, contact or account contains every word that is long enough."""
        terms = terms_of(words.split())
        if not terms:
            return rows
        people = containing(Contact.objects.alive(), "search_text__contains", words)
        companies = containing(Account.objects.alive().alias(upper=Upper("name")), "upper__contains", words)
        topics = containing(Opportunity.objects.alias(upper_topic=Upper("topic")), "upper_topic__contains", words)
        rows = rows.alias(of_topic=Upper("topic"), of_account=Upper("account__name"))
        return rows.filter(
            those("pk__in", few(topics), "of_topic", terms)
            | those("contact_id__in", few(people), "contact__search_text", terms)
            | those("account_id__in", few(companies), "of_account", terms)
        )
