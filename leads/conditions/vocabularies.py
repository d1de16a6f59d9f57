"""What may be asked of a lead and of a contact, put together; apps above add theirs by the roof's settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import MappingProxyType

from django.conf import settings
from django.utils.module_loading import import_string

from contacts.models import CustomField, Entity
from leads.conditions.fields import (
    LEAD_FIELDS,
    ORIGIN_FIELDS,
    OUTCOME_FIELDS,
    account_fields,
    account_of_contact,
    account_of_lead,
    catalogue_fields,
    contact_fields,
    custom_fields,
    custom_of,
    custom_of_contacts_account,
    custom_of_leads_account,
)
from leads.conditions.opportunity import OPPORTUNITY_FIELDS
from leads.conditions.related import (
    BEHAVIOURS,
    INTERACTION,
    interactions_of,
    named,
    of_lead,
    of_opportunity,
    of_the_contact,
)
from leads.conditions.vocabulary import Offer, Relation, Vocabulary


def lead_vocabulary(*, scoring: bool = False) -> Vocabulary:
    """What may be asked of a lead, its contact, its account and what its contact did. One query (custom fields).

    `scoring` leaves out what follows from scores, and all whose changes do not call for new scores: related records,
    what behaviours were about, what apps above offer. Archived custom fields are in it, marked as such.
    """
    definitions = list(CustomField.objects.all())
    custom = custom_fields(
        definitions,
        {
            Entity.LEAD: custom_of(),
            Entity.CONTACT: custom_of("contact__"),
            Entity.ACCOUNT: custom_of_leads_account(),
        },
    )
    own = (*LEAD_FIELDS, *contact_fields("contact__"), *account_fields(account_of_lead), *custom)
    if scoring:
        return Vocabulary("lead", named(own), BEHAVIOURS, interactions_of("contact_id"))
    offers = list(_offers("lead"))
    return Vocabulary(
        "lead",
        named(
            (
                *own,
                *ORIGIN_FIELDS,
                *OUTCOME_FIELDS,
                *catalogue_fields(),
                *(field for offer in offers for field in offer.fields),
            )
        ),
        BEHAVIOURS,
        interactions_of("contact_id"),
        _interaction(offers),
        _by_name(of_lead(definitions), offers),
    )


def without_contact(vocabulary: Vocabulary) -> Vocabulary:
    """What of this can hold for a lead of an account alone: nothing about a contact, what it did, or what is related
    to it. The account's contacts are related to the account.
    """
    return replace(
        vocabulary,
        fields={name: field for name, field in vocabulary.fields.items() if not name.startswith("contact.")},
        behaviours={},
        interactions=None,
        interaction=None,
        relations={name: each for name, each in vocabulary.relations.items() if name.startswith("account.")},
    )


def contact_vocabulary() -> Vocabulary:
    """What may be asked of a contact, its account and what it did. One query (custom fields)."""
    definitions = list(CustomField.objects.all())
    custom = custom_fields(definitions, {Entity.CONTACT: custom_of(), Entity.ACCOUNT: custom_of_contacts_account()})
    offers = list(_offers("contact"))
    offered = (field for offer in offers for field in offer.fields)
    return Vocabulary(
        "contact",
        named((*contact_fields(), *account_fields(account_of_contact), *custom, *offered)),
        BEHAVIOURS,
        interactions_of("pk"),
        _interaction(offers),
        _by_name(of_the_contact(definitions), offers),
    )


def opportunity_vocabulary() -> Vocabulary:
    """What may be asked of an opportunity, its contact, its account and what its contact did. One query (custom
    fields).
    """
    definitions = list(CustomField.objects.all())
    custom = custom_fields(
        definitions, {Entity.CONTACT: custom_of("contact__"), Entity.ACCOUNT: custom_of_leads_account()}
    )
    own = (*OPPORTUNITY_FIELDS, *contact_fields("contact__"), *account_fields(account_of_lead), *custom)
    return Vocabulary(
        "opportunity",
        named((*own, *catalogue_fields())),
        BEHAVIOURS,
        interactions_of("contact_id"),
        INTERACTION,
        _by_name(of_opportunity(definitions), ()),
    )


def _offers(subject: str) -> Iterator[Offer]:
    """What the apps above offer for this subject: `settings.CONDITION_OFFERS` names a function of each."""
    for path in settings.CONDITION_OFFERS:
        yield import_string(path)(subject)


def _interaction(offers: Iterable[Offer]) -> Vocabulary:
    offered = (field for offer in offers for field in offer.interaction)
    return replace(INTERACTION, fields=named((*INTERACTION.fields.values(), *offered)))


def _by_name(relations: Iterable[Relation], offers: Iterable[Offer]) -> MappingProxyType[str, Relation]:
    offered = (relation for offer in offers for relation in offer.relations)
    return MappingProxyType({relation.name: relation for relation in (*relations, *offered)})
