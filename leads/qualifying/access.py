"""Who may qualify a lead, and take that back."""

from __future__ import annotations

from contacts.models import User
from contacts.roles import Ability, can
from leads.models import Lead, Qualification


def may_turn_into_more(user: User, lead: Lead) -> bool:
    """Qualify it: the salesperson who has it, and managers."""
    return can(user, Ability.SELL) and (lead.owner_id == user.pk or can(user, Ability.MANAGE_TEAM))


def may_undo(user: User, qualification: Qualification) -> bool:
    """Take qualifying back: who did it, and managers."""
    return can(user, Ability.SELL) and (qualification.actor_id == user.pk or can(user, Ability.MANAGE_TEAM))
