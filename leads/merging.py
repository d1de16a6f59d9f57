"""Leads go along when their contact is merged into another: the same leads, with their match keys in step."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import F
from django.utils import timezone

from contacts.merging.seam import Moved
from leads import match_keys
from leads.models import Lead

WHAT = "leads.Lead.contact"


class LeadsOfMerged:
    """As contacts.merging.seam.Mover says. What hangs on a lead (files, comments, calls, its tasks) stays with it."""

    models: Collection[str] = frozenset({"leads.Lead"})
    moves = models

    def move(self, *, source: int, target: int, only: Moved | None = None) -> Moved:
        """Closed and deleted leads too. An interest of which `target` has an open lead already keeps that one's key:
        both stay open, side by side.
        """
        rows = Lead._base_manager.filter(contact=source).order_by("pk")
        if only is not None:
            rows = rows.filter(pk__in=list(only.get(WHAT, ())))
        before = [lead for lead in rows if lead.is_open and lead.deleted_at is None]
        for lead in before:
            lead.contact_id = target
        match_keys.claim_for(before)
        leads = list(rows.select_for_update(no_key=True, of=("self",)))
        Lead._base_manager.filter(pk__in=[lead.pk for lead in leads]).update(
            contact=target, version=F("version") + 1, updated_at=timezone.now()
        )
        kinds = match_keys.kinds_in_use()
        for lead in leads:
            lead.contact_id = target
            is_keyed = lead.is_open and lead.deleted_at is None
            match_keys.keep_only(lead.pk, match_keys.keys_of(match_keys.values_of(lead), kinds) if is_keyed else ())
        return {WHAT: [lead.pk for lead in leads]}


LEADS = LeadsOfMerged()
