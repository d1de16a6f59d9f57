"""What other systems may ask and tell of contacts, accounts and interactions. The roof adds it."""

from __future__ import annotations

from contacts.api.agreed import routes as consents
from contacts.api.catalogue import routes as catalogue
from contacts.api.companies import routes as accounts
from contacts.api.happened import routes as interactions
from contacts.api.people import routes as contacts

__all__ = ["accounts", "catalogue", "consents", "contacts", "interactions"]
