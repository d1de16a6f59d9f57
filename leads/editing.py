"""Who may edit, close and delete which lead, by role and ownership. Who may act on its stage: access.py."""

from __future__ import annotations

from contacts.access import may_delete, may_manage
from contacts.models import User
from contacts.roles import Ability, can
from leads.models import Lead

__all__ = ["may_delete", "may_edit", "may_manage"]


def may_edit(user: User, lead: Lead) -> bool:
    """Own leads and those nobody has; who may edit others' all."""
    return can(user, Ability.EDIT_OTHERS) or (can(user, Ability.WRITE) and lead.owner_id in {None, user.pk})
