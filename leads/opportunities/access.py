"""Who may do what with opportunities, by role and ownership. Who sees which: OpportunityQuerySet.visible_to."""

from __future__ import annotations

from contacts.models import User
from contacts.roles import Ability, can
from leads.models import Opportunity


def may_make(user: User) -> bool:
    """Begin an opportunity by hand."""
    return can(user, Ability.SELL)


def may_manage(user: User) -> bool:
    """Work on everybody's opportunities, and see what others deleted."""
    return can(user, Ability.MANAGE_TEAM)


def may_work_on(user: User, opportunity: Opportunity) -> bool:
    """Edit, move and close it: a salesperson their own and nobody's, a manager every one."""
    return can(user, Ability.SELL) and (may_manage(user) or opportunity.owner_id in {None, user.pk})


def may_delete(user: User, opportunity: Opportunity) -> bool:
    """A salesperson their own, a manager every one."""
    return can(user, Ability.SELL) and (may_manage(user) or opportunity.owner_id == user.pk)


def may_assign(user: User, opportunity: Opportunity) -> bool:
    """Give it to somebody else."""
    return may_manage(user)
