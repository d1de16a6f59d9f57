"""Who may do what with the stage of a lead on its page. Who may edit and delete it: editing.py."""

from __future__ import annotations

from contacts.models import Role, User
from leads.editing import may_edit
from leads.models import Lead

SALES = frozenset({Role.SALESPERSON, Role.SALES_MANAGER, Role.ADMINISTRATOR})
QUALIFYING = frozenset({Role.MARKETER, Role.TELEPROSPECTOR, Role.SALES_MANAGER, Role.ADMINISTRATOR})
DISPATCHING = frozenset({Role.MARKETER, Role.SALES_MANAGER, Role.ADMINISTRATOR})


def works_in_sales(user: User) -> bool:
    """Whether accepting and returning is this person's work."""
    return user.is_active and user.role in SALES


def may_accept(user: User, lead: Lead) -> bool:
    """Take a sales-ready lead or return it to marketing: a salesperson their own and nobody's, a manager every one."""
    return works_in_sales(user) and (user.role != Role.SALESPERSON or lead.owner_id in {None, user.pk})


def may_qualify(user: User, lead: Lead) -> bool:
    """Say by hand that a lead is sales ready, or that it is not."""
    return user.is_active and user.role in QUALIFYING


def may_dispatch(user: User) -> bool:
    """Give leads to somebody else, many at once."""
    return user.is_active and user.role in DISPATCHING


def may_assign(user: User, lead: Lead) -> bool:
    """Give a lead to somebody else."""
    return may_dispatch(user)


def may_take(user: User, lead: Lead) -> bool:
    """Take a lead that nobody has."""
    return user.is_active


def may_move(user: User, lead: Lead) -> bool:
    """Move, close and reopen it: whoever may edit it, and those who qualify leads."""
    return may_edit(user, lead) or may_qualify(user, lead)
