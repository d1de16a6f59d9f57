"""Who may read and edit which contact and account on its page, by role and ownership."""

from __future__ import annotations

from contacts.models import Account, Contact, Record, SavedView, Sharing, User
from contacts.roles import Ability, can


def may_write(user: User) -> bool:
    """Enter records, and log what happened."""
    return can(user, Ability.WRITE)


def may_edit(user: User, record: Contact | Account) -> bool:
    """Own ones and those nobody has; who may edit others' all."""
    return can(user, Ability.EDIT_OTHERS) or (may_write(user) and record.owner_id in {None, user.pk})


def may_delete(user: User, record: Record) -> bool:
    """Own ones; who may edit others' all."""
    return can(user, Ability.EDIT_OTHERS) or (may_write(user) and record.owner_id == user.pk)


def may_manage(user: User) -> bool:
    """Change many at once, and see what others deleted."""
    return can(user, Ability.EDIT_OTHERS)


def may_save_view(user: User, view: SavedView) -> bool:
    """Change a saved view, share it, delete it: whose it is, and administrators those that others see too."""
    if not user.is_active:
        return False
    return view.owner_id == user.pk or (can(user, Ability.ADMINISTER) and view.sharing != Sharing.PRIVATE)


def may_export(user: User) -> bool:
    """Take a list along as a file."""
    return can(user, Ability.EXPORT)


def may_share_views(user: User) -> bool:
    """Put a view in front of others."""
    return may_manage(user)
