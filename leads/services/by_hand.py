"""Leads that people enter: one that sales enters counts as taken over by sales."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from contacts.models import Role, User
from leads.models import Cause, Lead, SourceType
from leads.services.readiness import accept, mark_sales_ready
from leads.services.records import create_lead
from leads.stages import Stage

SALES = frozenset({Role.SALESPERSON, Role.SALES_MANAGER})
SOURCES = {Role.TELEPROSPECTOR: SourceType.TELEPROSPECTING} | dict.fromkeys(SALES, SourceType.SALES)
ENTERED = "Entered by sales"


def enter_lead(*, by: User, contact_id: int | None = None, **values: Any) -> Lead:
    """A lead that a person types in, from `values` as create_lead takes them; its source type is who typed it.

    One of a salesperson or sales manager is theirs unless they name its owner, sales ready, in Sales acceptance, and
    where it is their own, accepted. Raises InvalidValues, UnknownField.
    """
    source = SOURCES.get(Role(by.role), SourceType.MARKETING)
    if by.role not in SALES:
        return create_lead(by=by, contact_id=contact_id, source_type=source, **values)
    owner_id = values.pop("owner_id", None) or by.pk
    with transaction.atomic():
        made = create_lead(by=by, contact_id=contact_id, source_type=source, owner_id=owner_id, **values)
        mark_sales_ready([made.pk], cause=Cause.SALES_READY_BY_HAND, detail=ENTERED, actor=by)
        lead: Lead = Lead.objects.get(pk=made.pk)
        if owner_id == by.pk and lead.stage == Stage.SALES_ACCEPTANCE:
            accept(lead.pk, by=by)
            lead.refresh_from_db()
    return lead
