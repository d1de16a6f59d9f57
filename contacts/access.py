"""Who may read and edit which contact and account on its page, by role and ownership."""

from __future__ import annotations

from contacts.models import Account, Contact, Record, Role, User

KEEPERS = frozenset({Role.MARKETER, Role.SALES_MANAGER, Role.ADMINISTRATOR})


def may_edit(user: User, record: Contact | Account) -> bool:
    """Own ones and those nobody has; marketers, managers and administrators all."""
    return user.is_active and (user.role in KEEPERS or record.owner_id in {None, user.pk})


def may_delete(user: User, record: Record) -> bool:
    """Own ones; marketers, managers and administrators all."""
    return user.is_active and (user.role in KEEPERS or record.owner_id == user.pk)


def may_manage(user: User) -> bool:
    """Change many at once, and see what others deleted."""
    return user.is_active and user.role in KEEPERS
