"""What may be asked of each record, wherever it stands: a `path` leads to it from the row that is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, CharField, F, Func, Model, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import IsNull

from contacts.models import (
    PARTS,
    Campaign,
    ConsentLevel,
    ContactRole,
    CustomField,
    Entity,
    MarketingContext,
    Product,
    Team,
    Territory,
    User,
)
from leads.conditions.custom import custom_value
from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Choice, Choices, Field, FixedChoices
from leads.models import LeadSource, Priority, Rating, RecycleReason, SourceType, Status, StatusReason
from leads.stages import Stage

MOST_OFFERED = 1000
MOST_TERMS = 5
TEXT, NUMBER, MOMENT, YES_NO = FieldType.TEXT, FieldType.NUMBER, FieldType.DATETIME, FieldType.YES_NO
CHOICE, REFERENCE, DAY = FieldType.CHOICE, FieldType.REFERENCE, FieldType.DATE


@dataclass(frozen=True)
class RowChoices:
    """Records of one model, by id; `names` are the columns of which their names are made."""

    model: type[Model]
    names: tuple[str, ...] = ("name",)

    def offered(self) -> list[tuple[Choice, str]]:
        return [(row.pk, str(row)) for row in self.model._default_manager.all()[:MOST_OFFERED]]

    def labels(self, values: Collection[Choice]) -> dict[Choice, str]:
        return {row.pk: str(row) for row in self.model._default_manager.filter(pk__in=values)}

    def found(self, words: str, most: int) -> list[tuple[Choice, str]]:
        rows = self.model._default_manager.all()
        for term in words.split()[:MOST_TERMS]:
            rows = rows.filter(reduce(or_, (Q(**{f"{name}__icontains": term}) for name in self.names)))
        return [(row.pk, str(row)) for row in rows[:most]]


def fixed(choices: Iterable[tuple[Any, Any]]) -> FixedChoices:
    return FixedChoices(tuple((value, str(label)) for value, label in choices))


def day_of(column: str) -> Func:
    """A column of days as the language has them: text, year first."""
    return Func(F(column), Value("YYYY-MM-DD"), function="to_char", output_field=CharField())


def _lead(name: str, label: str, type: FieldType, choices: Choices | None = None, column: str = "") -> Field:
    return Field(name, label, type, F(column or name), "Lead", choices)


LEAD_FIELDS = (
    _lead("topic", "topic", TEXT),
    _lead("description", "description", TEXT),
    _lead("rating", "sales rating", CHOICE, fixed(Rating.choices)),
    _lead("source", "source", REFERENCE, RowChoices(LeadSource), "source_id"),
    _lead("source_type", "source type", CHOICE, fixed(SourceType.choices)),
    _lead("estimated_value", "estimated value", NUMBER),
    _lead("product", "product", REFERENCE, RowChoices(Product), "product_id"),
    _lead("campaign", "campaign", REFERENCE, RowChoices(Campaign), "campaign_id"),
    _lead("marketing_context", "marketing context", REFERENCE, RowChoices(MarketingContext), "marketing_context_id"),
    _lead(
        "marketing_context.kind",
        "kind of marketing context",
        CHOICE,
        fixed(MarketingContext.Kind.choices),
        "marketing_context__kind",
    ),
    _lead("owner", "owner", REFERENCE, RowChoices(User, ("first_name", "last_name", "username")), "owner_id"),
    _lead("external_id", "external id", TEXT),
    _lead("created_at", "creation date", MOMENT),
)


@dataclass(frozen=True)
class ContextChoices(RowChoices):
    """Marketing contexts of one kind."""

    kind: str = ""

    def offered(self) -> list[tuple[Choice, str]]:
        return [(row.pk, row.name) for row in self._rows()[:MOST_OFFERED]]

    def labels(self, values: Collection[Choice]) -> dict[Choice, str]:
        return {row.pk: row.name for row in self._rows().filter(pk__in=values)}

    def found(self, words: str, most: int) -> list[tuple[Choice, str]]:
        rows = self._rows()
        for term in words.split()[:MOST_TERMS]:
            rows = rows.filter(name__icontains=term)
        return [(row.pk, row.name) for row in rows[:most]]

    def _rows(self) -> QuerySet[MarketingContext]:
        return MarketingContext.objects.filter(kind=self.kind)


ORIGIN_FIELDS = (
    *(
        _lead(
            f"marketing_context.{part}",
            part,
            REFERENCE,
            ContextChoices(MarketingContext, kind=part),
            f"marketing_context__{part}_id",
        )
        for part in PARTS
    ),
    _lead("marketing_context.source_code", "source code", TEXT, None, "marketing_context__source_code"),
)
"""What a lead came through, by its context. Nobody is told when a context changes, so no score depends on it."""
OUTCOME_FIELDS = (
    _lead("stage", "stage", CHOICE, fixed(Stage.choices)),
    _lead("stage_entered_at", "entry into its stage", MOMENT),
    _lead("status", "status", CHOICE, fixed(Status.choices)),
    _lead("status_reason", "status reason", REFERENCE, RowChoices(StatusReason), "status_reason_id"),
    _lead("closed_at", "closing date", MOMENT),
    _lead("close_reason", "closing note", TEXT),
    _lead("sales_ready", "sales ready", YES_NO),
    _lead("sales_ready_at", "date of becoming sales ready", MOMENT),
    _lead("accepted_at", "date of acceptance", MOMENT),
    _lead("recycled_count", "times recycled", NUMBER),
    _lead("recycled_at", "date of being recycled", MOMENT),
    _lead("recycle_reason", "reason of being recycled", REFERENCE, RowChoices(RecycleReason), "recycle_reason_id"),
    _lead("score", "score", NUMBER),
    _lead("grade", "grade", TEXT),
    _lead("scored_at", "scoring date", MOMENT),
    _lead("team", "team", REFERENCE, RowChoices(Team), "team_id"),
    _lead("territory", "territory", REFERENCE, RowChoices(Territory), "territory_id"),
    _lead("priority", "priority", CHOICE, fixed(Priority.choices)),
    _lead("respond_by", "latest first response", MOMENT),
    _lead("responded_at", "first response", MOMENT),
)
"""What follows from scores: a score that depended on it would feed on itself."""


def catalogue_fields(*, campaign: str = "campaign__", product: str = "product__") -> tuple[Field, ...]:
    """What is known of a row's campaign and product. Nobody is told when it changes, so no score depends on it."""
    return (*campaign_fields(campaign), *product_fields(product))


def campaign_fields(path: str) -> tuple[Field, ...]:
    return (
        Field("campaign.name", "campaign's name", TEXT, F(f"{path}name"), "Campaign"),
        Field("campaign.code", "campaign's code", TEXT, F(f"{path}code"), "Campaign"),
        Field("campaign.active", "campaign active", YES_NO, F(f"{path}active"), "Campaign"),
        Field("campaign.starts_on", "campaign's start", DAY, day_of(f"{path}starts_on"), "Campaign"),
        Field("campaign.ends_on", "campaign's end", DAY, day_of(f"{path}ends_on"), "Campaign"),
    )


def product_fields(path: str) -> tuple[Field, ...]:
    return (
        Field("product.name", "product's name", TEXT, F(f"{path}name"), "Product"),
        Field("product.code", "product's code", TEXT, F(f"{path}code"), "Product"),
        Field("product.active", "product active", YES_NO, F(f"{path}active"), "Product"),
    )


def contact_fields(path: str = "") -> tuple[Field, ...]:
    """What may be asked of the contact at `path`."""

    def field(name: str, label: str, type: FieldType, choices: Choices | None = None) -> Field:
        return Field(f"contact.{name}", f"contact's {label}", type, F(path + name), "Contact", choices)

    domain = Func(F(f"{path}email"), Value("@"), Value(2), function="split_part", output_field=CharField())
    return (
        field("first_name", "first name", TEXT),
        field("last_name", "last name", TEXT),
        field("email", "e-mail", TEXT),
        Field("contact.email_domain", "contact's e-mail domain", TEXT, domain, "Contact"),
        field("phone", "phone", TEXT),
        field("job_title", "job title", TEXT),
        field("role", "role", CHOICE, fixed(ContactRole.choices)),
        field("country", "country", TEXT),
        field("city", "city", TEXT),
        field("consent_level", "consent", NUMBER, fixed(ConsentLevel.choices)),
        field("marketing_only", "marketing only", YES_NO),
        field("do_not_call", "wish not to be called", YES_NO),
        field("do_not_email", "wish not to be e-mailed", YES_NO),
        field("created_at", "creation date", MOMENT),
    )


OfAccount = Callable[[Callable[[str], "F | Combinable"]], Case]
"""From an expression by path to the account to its value for the row."""


def account_of_lead(value: Callable[[str], F | Combinable]) -> Case:
    """A value of the lead's account: its own, or else that of its contact; a deleted account is none."""
    return Case(
        When(account__isnull=False, account__deleted_at__isnull=True, then=value("account__")),
        When(
            contact__account__isnull=False,
            contact__account__deleted_at__isnull=True,
            then=value("contact__account__"),
        ),
    )


def account_of_contact(value: Callable[[str], F | Combinable]) -> Case:
    """A value of the contact's account; a deleted account is none."""
    return Case(When(account__isnull=False, account__deleted_at__isnull=True, then=value("account__")))


def account_fields(of_account: OfAccount) -> tuple[Field, ...]:
    def field(name: str, label: str, type: FieldType) -> Field:
        value = of_account(lambda path: F(path + name))
        return Field(f"account.{name}", f"account's {label}", type, value, "Account")

    return (
        field("name", "name", TEXT),
        field("domain", "domain", TEXT),
        field("industry", "industry", TEXT),
        field("employees", "number of employees", NUMBER),
        field("country", "country", TEXT),
        field("city", "city", TEXT),
    )


@dataclass(frozen=True)
class CustomOf:
    """How a row comes by the custom fields of one kind of record.

    `value` gives the expression by key and type; `there` says that the record is there and not deleted, in words from
    which PostgreSQL sees that it may begin with that record; `indexed`: such expressions may have an index.
    """

    value: Callable[[str, FieldType], Combinable]
    there: Q | None = None
    indexed: bool = True


def custom_of(path: str = "") -> CustomOf:
    """Of the record at `path`; the row itself without one."""
    there = Q(IsNull(F(f"{path}created_at"), False)) if path else None
    return CustomOf(lambda key, type: custom_value(f"{path}custom", key, type), there)


def custom_of_contacts_account() -> CustomOf:
    living = Q(IsNull(F("account__created_at"), False), IsNull(F("account__deleted_at"), True))
    return CustomOf(lambda key, type: custom_value("account__custom", key, type), living)


def custom_of_leads_account() -> CustomOf:
    """Of one of two accounts, so that no index serves."""
    return CustomOf(
        lambda key, type: account_of_lead(lambda path: custom_value(f"{path}custom", key, type)), indexed=False
    )


def custom_fields(definitions: Iterable[CustomField], records: Mapping[str, CustomOf]) -> Iterator[Field]:
    """One field for each definition of the records in `records`, archived ones included."""
    for definition in definitions:
        entity, key = definition.entity, definition.key
        if entity not in records:
            continue
        type = FieldType(definition.type)
        offers = type in (FieldType.CHOICE, FieldType.MULTI_CHOICE)
        yield Field(
            name=f"custom.{key}" if entity == Entity.LEAD else f"{entity}.custom.{key}",
            label=definition.label if entity == Entity.LEAD else f"{entity}'s {definition.label}",
            type=type,
            value=records[entity].value(key, type),
            group=Entity(entity).label,
            choices=fixed((each, each) for each in definition.choices) if offers else None,
            archived=definition.archived,
            indexed=definition.searchable and records[entity].indexed,
            there=records[entity].there,
        )
