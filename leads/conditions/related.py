"""Records related to a lead or a contact, and what may be asked of each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import MappingProxyType

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.lookups import IsNull

from contacts.models import (
    Campaign,
    Consent,
    ConsentLevel,
    Contact,
    CustomField,
    Entity,
    Interaction,
    InteractionType,
    MarketingContext,
    Product,
)
from leads.conditions.custom import custom_value
from leads.conditions.fields import (
    CHOICE,
    LEAD_FIELDS,
    MOMENT,
    NUMBER,
    OUTCOME_FIELDS,
    REFERENCE,
    TEXT,
    YES_NO,
    RowChoices,
    campaign_fields,
    catalogue_fields,
    contact_fields,
    custom_fields,
    custom_of,
    fixed,
    product_fields,
)
from leads.conditions.vocabulary import Field, Relation, Vocabulary
from leads.models import Lead, Outcome

Reference = OuterRef | Combinable

BEHAVIOURS = MappingProxyType({kind.value: str(kind.label) for kind in InteractionType})


def named(fields: Iterable[Field]) -> MappingProxyType[str, Field]:
    return MappingProxyType({field.name: field for field in fields})


def interactions_of(contact: str) -> Callable[[], QuerySet[Interaction]]:
    """The interactions of the contact whose id the row has under `contact`; what robots did is none."""
    return lambda: Interaction.objects.filter(contact_id=OuterRef(contact), robot=False)


INTERACTION = Vocabulary(
    subject="interaction",
    fields=named(
        (
            Field("subject", "subject", TEXT, F("subject"), "Interaction"),
            Field("campaign", "campaign", REFERENCE, F("campaign_id"), "Interaction", RowChoices(Campaign)),
            Field("product", "product", REFERENCE, F("product_id"), "Interaction", RowChoices(Product)),
            Field(
                "marketing_context",
                "marketing context",
                REFERENCE,
                F("marketing_context_id"),
                "Interaction",
                RowChoices(MarketingContext),
            ),
            Field(
                "marketing_context.kind",
                "kind of marketing context",
                CHOICE,
                F("marketing_context__kind"),
                "Interaction",
                fixed(MarketingContext.Kind.choices),
            ),
            Field("source", "source", TEXT, F("source"), "Interaction"),
            Field("occurred_at", "date", MOMENT, F("occurred_at"), "Interaction"),
            Field(
                "outcome",
                "outcome of a call",
                CHOICE,
                custom_value("payload", "outcome", CHOICE),
                "Interaction",
                fixed(Outcome.choices),
            ),
            *catalogue_fields(),
        )
    ),
)
CONSENT = Vocabulary(
    subject="consent",
    fields=named(
        (
            Field("level", "level", NUMBER, F("level"), "Consent", fixed(ConsentLevel.choices)),
            Field("given", "given", YES_NO, F("given"), "Consent"),
            Field("source", "source", TEXT, F("source"), "Consent"),
            Field("recorded_at", "date", MOMENT, F("recorded_at"), "Consent"),
        )
    ),
)
CAMPAIGN = Vocabulary(
    subject="campaign",
    fields=named(
        (Field("campaign", "campaign", REFERENCE, F("id"), "Campaign", RowChoices(Campaign)), *campaign_fields(""))
    ),
)
PRODUCT = Vocabulary(
    subject="product",
    fields=named(
        (Field("product", "product", REFERENCE, F("id"), "Product", RowChoices(Product)), *product_fields(""))
    ),
)


def of_lead(definitions: Sequence[CustomField]) -> tuple[Relation, ...]:
    """What is related to a lead."""
    return (
        Relation(
            "other_leads",
            "further lead of the contact",
            "further leads of the contact",
            lambda: _leads("contact_id").filter(~Q(pk=OuterRef("pk"))),
            _lead_vocabulary(definitions),
        ),
        *_around("contact_id", _account_of_lead, definitions),
    )


def of_opportunity(definitions: Sequence[CustomField]) -> tuple[Relation, ...]:
    """What is related to an opportunity: what is related to its contact, and to its account."""
    return _around("contact_id", _account_of_lead, definitions)


def of_the_contact(definitions: Sequence[CustomField]) -> tuple[Relation, ...]:
    """What is related to a contact."""
    return (
        _leads_of_contact(definitions),
        *_around("pk", lambda: _if_living("account"), definitions),
    )


def _around(contact: str, account: Callable[[], Reference], definitions: Sequence[CustomField]) -> tuple[Relation, ...]:
    """What is related to the contact whose id stands under `contact`, and to the account with that id."""
    return (
        Relation(
            "account.contacts",
            "contact of the account",
            "contacts of the account",
            lambda: Contact.objects.alive().filter(account_id=account()),
            _contact_vocabulary(definitions),
        ),
        Relation(
            "contact.consents",
            "consent of the contact",
            "consents of the contact",
            lambda: Consent.objects.filter(contact_id=OuterRef(contact)),
            CONSENT,
        ),
        Relation(
            "campaigns",
            "campaign that reached the contact",
            "campaigns that reached the contact",
            lambda: Campaign.objects.filter(_touched("campaign_id", contact)),
            CAMPAIGN,
        ),
        Relation(
            "products",
            "product the contact met",
            "products the contact met",
            lambda: Product.objects.filter(_touched("product_id", contact)),
            PRODUCT,
        ),
    )


def _leads(contact: str) -> QuerySet[Lead]:
    leads: QuerySet[Lead] = Lead.objects.alive().filter(contact_id=OuterRef(contact))
    return leads


def _leads_of_contact(definitions: Sequence[CustomField]) -> Relation:
    return Relation(
        "leads",
        "lead of the contact",
        "leads of the contact",
        lambda: _leads("pk"),
        _lead_vocabulary(definitions),
    )


def _lead_vocabulary(definitions: Sequence[CustomField]) -> Vocabulary:
    custom = custom_fields(definitions, {Entity.LEAD: custom_of()})
    return Vocabulary(subject="lead", fields=named((*LEAD_FIELDS, *OUTCOME_FIELDS, *catalogue_fields(), *custom)))


def _contact_vocabulary(definitions: Sequence[CustomField]) -> Vocabulary:
    custom = custom_fields(definitions, {Entity.CONTACT: custom_of()})
    leads = _leads_of_contact(definitions)
    return Vocabulary(
        subject="contact",
        fields=named((*contact_fields(), *custom)),
        behaviours=BEHAVIOURS,
        interactions=interactions_of("pk"),
        interaction=INTERACTION,
        relations=MappingProxyType({leads.name: leads}),
    )


def _if_living(path: str) -> Case:
    """Inside a query over what is related to a row: the id of the row's account at `path`, unless it is deleted."""
    return Case(When(IsNull(OuterRef(f"{path}__deleted_at"), True), then=OuterRef(f"{path}_id")))


def _account_of_lead() -> Case:
    """Its own account, or else that of its contact; a deleted account is none."""
    own_is_there = IsNull(OuterRef("account_id"), False) & IsNull(OuterRef("account__deleted_at"), True)
    return Case(When(own_is_there, then=OuterRef("account_id")), default=_if_living("contact__account"))


def _touched(column: str, contact: str) -> Q:
    """That an interaction or a lead of the contact carries this campaign or product."""
    this = {"contact_id": OuterRef(OuterRef(contact)), column: OuterRef("pk")}
    return Q(Exists(Interaction.objects.filter(**this, robot=False))) | Q(Exists(Lead.objects.alive().filter(**this)))
