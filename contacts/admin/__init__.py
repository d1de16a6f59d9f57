"""The ground in Django's admin, one module a purpose."""

import contacts.permissions  # noqa: F401
from contacts.admin import campaigns, facts, people, records, teams, views

__all__ = ["campaigns", "facts", "people", "records", "teams", "views"]
