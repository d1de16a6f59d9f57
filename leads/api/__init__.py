"""What other systems may ask and tell of leads. The roof adds it."""

from __future__ import annotations

from leads.api.acts import routes as acts
from leads.api.lookups import routes as lookups
from leads.api.opportunities import routes as opportunities
from leads.api.records import routes as records

__all__ = ["acts", "lookups", "opportunities", "records"]
