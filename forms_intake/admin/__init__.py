"""The door in Django's admin: forms and pages as marketers edit them, and what came in."""

import forms_intake.permissions  # noqa: F401
from forms_intake.admin import (
    ads,
    anywhere,
    capture,
    events,
    forms,
    imports,
    inbox,
    mailboxes,
    pages,
    received,
    tracking,
)

__all__ = [
    "ads",
    "anywhere",
    "capture",
    "events",
    "forms",
    "imports",
    "inbox",
    "mailboxes",
    "pages",
    "received",
    "tracking",
]
