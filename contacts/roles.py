"""Who may do what: the roles, the abilities, and the one matrix of both. Everything else asks `can`.

Whose a record is narrows what a role may do with it further; that is said by `access.py` of each app.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.db import models


class Role(models.TextChoices):
    MARKETER = "marketer", "Marketer"
    TELEPROSPECTOR = "teleprospector", "Teleprospector"
    SALESPERSON = "salesperson", "Salesperson"
    SALES_MANAGER = "sales_manager", "Sales manager"
    ADMINISTRATOR = "administrator", "Administrator"
    READER = "reader", "Read-only"


class Ability(StrEnum):
    """What a role lets people do. The value is how a page says it after "may"."""

    # Records.
    SEE_EVERY_LEAD = "see every lead, not only sales-ready and own ones"
    SEE_MARKETING_ONLY = "see contacts kept for marketing only in lists and search"
    WRITE = "enter records and edit own ones and nobody's"
    EDIT_OTHERS = "edit, delete and restore what others have, many at once"
    EXPORT = "export lists"
    # Working on leads.
    CALL = "work in the calling queue"
    QUALIFY = "say by hand that a lead is sales ready"
    SELL = "accept and return leads, and work on opportunities"
    DISPATCH = "give leads to somebody else, many at once"
    MANAGE_TEAM = "keep teams, territories and assignment rules, and work on everybody's opportunities"
    # Marketing.
    MARKET = "keep forms, segments, scoring models, campaigns and code lists"
    ASK = "use conditions of their own"
    PRIVACY = "answer people who ask for their data or to be erased"
    # Everybody's.
    REPORT = "read reports and the forecast"
    ERASE = "erase a person for good"
    ADMINISTER = "change processes, people and settings"


A, R = Ability, Role
MATRIX: dict[Ability, frozenset[Role]] = {
    A.SEE_EVERY_LEAD: frozenset({R.MARKETER, R.TELEPROSPECTOR, R.SALES_MANAGER, R.ADMINISTRATOR, R.READER}),
    A.SEE_MARKETING_ONLY: frozenset({R.MARKETER, R.ADMINISTRATOR, R.READER}),
    A.WRITE: frozenset({R.MARKETER, R.TELEPROSPECTOR, R.SALESPERSON, R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.EDIT_OTHERS: frozenset({R.MARKETER, R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.EXPORT: frozenset({R.MARKETER, R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.CALL: frozenset({R.TELEPROSPECTOR, R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.QUALIFY: frozenset({R.MARKETER, R.TELEPROSPECTOR, R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.SELL: frozenset({R.SALESPERSON, R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.DISPATCH: frozenset({R.MARKETER, R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.MANAGE_TEAM: frozenset({R.SALES_MANAGER, R.ADMINISTRATOR}),
    A.MARKET: frozenset({R.MARKETER, R.ADMINISTRATOR}),
    A.ASK: frozenset({R.MARKETER, R.ADMINISTRATOR}),
    A.PRIVACY: frozenset({R.MARKETER, R.ADMINISTRATOR}),
    A.REPORT: frozenset({R.MARKETER, R.SALES_MANAGER, R.ADMINISTRATOR, R.READER}),
    A.ERASE: frozenset({R.ADMINISTRATOR}),
    A.ADMINISTER: frozenset({R.ADMINISTRATOR}),
}
"""Asking conditions of one's own is asking about anybody, so it is for those who see all contacts."""

IN_ADMIN = frozenset({Role.MARKETER, Role.ADMINISTRATOR})
"""Who signs in to the admin."""


def can(user: Any, ability: Ability) -> bool:
    """Whether this person's role lets them; nobody inactive or not signed in may anything."""
    return bool(getattr(user, "is_active", False)) and getattr(user, "role", "") in MATRIX[ability]


def roles_with(ability: Ability) -> frozenset[Role]:
    """The roles that have an ability."""
    return MATRIX[ability]


class Abilities:
    """What one person can, for templates: `{% if user.can.EXPORT %}`. KeyError for no ability."""

    def __init__(self, user: Any) -> None:
        self._user = user

    def __getitem__(self, name: str) -> bool:
        return can(self._user, Ability[name])
