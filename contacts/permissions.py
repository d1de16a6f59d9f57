"""Who may do what, by role alone; the ground's share of it. Administrators are superusers: everything is theirs."""

from __future__ import annotations

from typing import Any

from rules.predicates import predicate

from contacts.models import (
    Account,
    AccountKey,
    AccountPair,
    Campaign,
    Consent,
    ConsentAsked,
    Contact,
    ContactMatchingStrategy,
    CustomField,
    DataRequest,
    DataRequestStep,
    DuplicatePair,
    FieldChange,
    Guardianship,
    Interaction,
    InteractionKey,
    MailDomain,
    MarketingContext,
    MatchKey,
    Merge,
    MergedRows,
    Product,
    Purpose,
    PurposeWording,
    Role,
)
from leadcrm.lib.permissions import allow


def _has_role(user: Any, *roles: str) -> bool:
    return bool(user.is_active and getattr(user, "role", "") in roles)


@predicate  # type: ignore[untyped-decorator]
def is_administrator(user: Any) -> bool:
    return _has_role(user, Role.ADMINISTRATOR)


@predicate  # type: ignore[untyped-decorator]
def is_marketer(user: Any) -> bool:
    return _has_role(user, Role.MARKETER)


allow(is_marketer, Account, Campaign, Contact, ContactMatchingStrategy, CustomField, MarketingContext, Product, Purpose)
allow(is_marketer, Consent, Interaction, to=("view", "add"))
allow(is_marketer, ConsentAsked, DataRequest, DataRequestStep, Guardianship, PurposeWording, to=("view",))
allow(is_marketer, AccountKey, AccountPair, to=("view",))
allow(is_marketer, DuplicatePair, FieldChange, MailDomain, InteractionKey, MatchKey, Merge, MergedRows, to=("view",))
