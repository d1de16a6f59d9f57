"""The door in Django's admin: forms and pages as marketers edit them, and what came in."""

import forms_intake.permissions  # noqa: F401
from forms_intake.admin import anywhere, forms, imports, inbox, pages, received

__all__ = ["anywhere", "forms", "imports", "inbox", "pages", "received"]
