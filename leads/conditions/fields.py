"""What may be asked of a lead. The only module of the language that knows models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.db.models import Case, CharField, F, Func, Model, OuterRef, QuerySet, Value, When
from django.db.models.expressions import Combinable

from contacts.models import (
    Campaign,
    ConsentLevel,
    ContactRole,
    CustomField,
    Entity,
    Interaction,
    InteractionType,
    MarketingContext,
    Product,
    User,
)
from leads.conditions.custom import custom_value
from leads.conditions.operators import FieldType
from leads.conditions.vocabulary import Choice, Choices, Field, FixedChoices, Vocabulary
from leads.models import Rating, Status
from leads.stages import Stage

NOT_FOR_SCORING = frozenset({"score", "grade", "scored_at", "stage", "status", "sales_ready"})
"""What follows from scores: a score that depended on it would feed on itself."""

MOST_OFFERED = 1000


@dataclass(frozen=True)
class RowChoices:
    """Records of one model, by id."""

    model: type[Model]

    def offered(self) -> list[tuple[Choice, str]]:
        return [(row.pk, str(row)) for row in self.model._default_manager.all()[:MOST_OFFERED]]

    def labels(self, values: Collection[Choice]) -> dict[Choice, str]:
        return {row.pk: str(row) for row in self.model._default_manager.filter(pk__in=values)}


def lead_vocabulary(*, scoring: bool = False) -> Vocabulary:
    """What may be asked of a lead, its contact, its account and what its contact did. One query (custom fields).

    `scoring` leaves out everything that follows from scores. Archived custom fields are in it, marked as such.
    """
    fields = {field.name: field for field in (*LEAD_FIELDS, *CONTACT_FIELDS, *ACCOUNT_FIELDS, *_custom_fields())}
    if scoring:
        fields = {name: field for name, field in fields.items() if name not in NOT_FOR_SCORING}
    return Vocabulary(
        subject="lead",
        fields=MappingProxyType(fields),
        behaviours=MappingProxyType({kind.value: str(kind.label) for kind in InteractionType}),
        interactions=interactions_of_the_leads_contact,
    )


def interactions_of_the_leads_contact() -> QuerySet[Interaction]:
    """Inside a query over leads: the interactions of the row's contact."""
    return Interaction.objects.filter(contact_id=OuterRef("contact_id"))


def of_account(value: Callable[[str], F | Combinable]) -> Case:
    """A value of the lead's account: its own, or else that of its contact; a deleted account is none.

    `value` gives the expression for a path to the account.
    """
    return Case(
        When(account__isnull=False, account__deleted_at__isnull=True, then=value("account__")),
        When(
            contact__account__isnull=False,
            contact__account__deleted_at__isnull=True,
            then=value("contact__account__"),
        ),
    )


TEXT, NUMBER, MOMENT, YES_NO = FieldType.TEXT, FieldType.NUMBER, FieldType.DATETIME, FieldType.YES_NO
CHOICE, REFERENCE = FieldType.CHOICE, FieldType.REFERENCE
_DOMAIN = Func(F("contact__email"), Value("@"), Value(2), function="split_part", output_field=CharField())


def _lead(name: str, label: str, type: FieldType, choices: Choices | None = None, column: str = "") -> Field:
    return Field(name, label, type, F(column or name), "Lead", choices)


def _contact(name: str, label: str, type: FieldType, choices: Choices | None = None) -> Field:
    return Field(f"contact.{name}", f"contact's {label}", type, F(f"contact__{name}"), "Contact", choices)


def _account(name: str, label: str, type: FieldType) -> Field:
    return Field(f"account.{name}", f"account's {label}", type, of_account(lambda path: F(path + name)), "Account")


def _fixed(choices: list[tuple[Any, Any]]) -> FixedChoices:
    return FixedChoices(tuple((value, str(label)) for value, label in choices))


LEAD_FIELDS = (
    _lead("topic", "topic", TEXT),
    _lead("description", "description", TEXT),
    _lead("rating", "sales rating", CHOICE, _fixed(Rating.choices)),
    _lead("product", "product", REFERENCE, RowChoices(Product), "product_id"),
    _lead("campaign", "campaign", REFERENCE, RowChoices(Campaign), "campaign_id"),
    _lead("marketing_context", "marketing context", REFERENCE, RowChoices(MarketingContext), "marketing_context_id"),
    _lead(
        "marketing_context.kind",
        "kind of marketing context",
        CHOICE,
        _fixed(MarketingContext.Kind.choices),
        "marketing_context__kind",
    ),
    _lead("owner", "owner", REFERENCE, RowChoices(User), "owner_id"),
    _lead("external_id", "external id", TEXT),
    _lead("created_at", "creation date", MOMENT),
    _lead("stage", "stage", CHOICE, _fixed(Stage.choices)),
    _lead("status", "status", CHOICE, _fixed(Status.choices)),
    _lead("sales_ready", "sales ready", YES_NO),
    _lead("score", "score", NUMBER),
    _lead("grade", "grade", TEXT),
    _lead("scored_at", "scoring date", MOMENT),
)
CONTACT_FIELDS = (
    _contact("first_name", "first name", TEXT),
    _contact("last_name", "last name", TEXT),
    _contact("email", "e-mail", TEXT),
    Field("contact.email_domain", "contact's e-mail domain", TEXT, _DOMAIN, "Contact"),
    _contact("phone", "phone", TEXT),
    _contact("job_title", "job title", TEXT),
    _contact("role", "role", CHOICE, _fixed(ContactRole.choices)),
    _contact("country", "country", TEXT),
    _contact("city", "city", TEXT),
    _contact("consent_level", "consent", NUMBER, _fixed(ConsentLevel.choices)),
    _contact("marketing_only", "marketing only", YES_NO),
    _contact("created_at", "creation date", MOMENT),
)
ACCOUNT_FIELDS = (
    _account("name", "name", TEXT),
    _account("domain", "domain", TEXT),
    _account("industry", "industry", TEXT),
    _account("employees", "number of employees", NUMBER),
    _account("country", "country", TEXT),
    _account("city", "city", TEXT),
)


def _custom_fields() -> Iterator[Field]:
    """One field for each definition, archived ones included."""
    for definition in CustomField.objects.all():
        entity, key = definition.entity, definition.key
        type = FieldType(definition.type)
        offers = type in (FieldType.CHOICE, FieldType.MULTI_CHOICE)
        yield Field(
            name=f"custom.{key}" if entity == Entity.LEAD else f"{entity}.custom.{key}",
            label=definition.label if entity == Entity.LEAD else f"{entity}'s {definition.label}",
            type=type,
            value=_custom_value(entity, key, type),
            group=Entity(entity).label,
            choices=_fixed([(each, each) for each in definition.choices]) if offers else None,
            archived=definition.archived,
        )


def _custom_value(entity: str, key: str, type: FieldType) -> Combinable:
    if entity == Entity.ACCOUNT:
        return of_account(lambda path: custom_value(f"{path}custom", key, type))
    return custom_value("custom" if entity == Entity.LEAD else "contact__custom", key, type)
