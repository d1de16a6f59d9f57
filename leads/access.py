"""Who may do what with a lead on its pages, by role alone."""

from __future__ import annotations

from contacts.models import Role, User

SALES = frozenset({Role.SALESPERSON, Role.SALES_MANAGER, Role.ADMINISTRATOR})
QUALIFYING = frozenset({Role.MARKETER, Role.TELEPROSPECTOR, Role.SALES_MANAGER, Role.ADMINISTRATOR})
DISPATCHING = frozenset({Role.MARKETER, Role.SALES_MANAGER, Role.ADMINISTRATOR})


def may_accept(user: User) -> bool:
    """Take a sales-ready lead, or return it to marketing."""
    return user.role in SALES


def may_qualify(user: User) -> bool:
    """Say by hand that a lead is sales ready, or that it is not."""
    return user.role in QUALIFYING


def may_assign(user: User) -> bool:
    """Give a lead to somebody else; to take one that nobody has, everybody may."""
    return user.role in DISPATCHING
