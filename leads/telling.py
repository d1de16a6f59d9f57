"""What leads tell of a contact: how each of theirs moved, what was decided, and which fields changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from django.urls import reverse

from contacts.models import Contact, Entity, User
from contacts.story import field_entries
from contacts.telling import ALL, CHANGES
from contacts.timeline import Entry, Rank, Source, older
from leadcrm.lib.paging import Cursor
from leads.models import Cause, Lead, LeadEvent, StageChange
from leads.story import TOLD_AS_EVENTS

LEADS = "leads"
MOST = 200
"""A contact's newest leads, so many, are told of; nobody has more but by mistake."""


class TellsOfLeads:
    """As contacts.telling.Teller says."""

    def kinds(self, user: User) -> Sequence[tuple[str, str]]:
        return [(LEADS, "Leads")]

    def sources(self, contact: Contact, show: str, user: User) -> list[Source]:
        if show not in {ALL, LEADS, CHANGES}:
            return []
        found = Lead.objects.visible_to(user).filter(contact=contact).select_related("process").order_by("-pk")
        leads = {lead.pk: lead for lead in found[:MOST]}
        if not leads:
            return []
        told: list[Source] = []
        if show in {ALL, LEADS}:
            told += [partial(_moves, leads), partial(_events, leads)]
        if show in {ALL, CHANGES}:
            of = [(pk, lead.topic, _url(lead)) for pk, lead in leads.items()]
            ids = list(leads)
            fields = partial(field_entries, Lead, Entity.LEAD, ids, Rank.LEAD_FIELD, user, but=TOLD_AS_EVENTS, of=of)
            told.append(fields)
        return told


def _url(lead: Lead) -> str:
    return reverse("leads:detail", args=[lead.pk])


def _moves(leads: dict[int, Lead], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = StageChange.objects.filter(lead__in=list(leads)).select_related("actor")
    for row in older(rows, "moved_at", Rank.MOVE, cursor)[:size]:
        lead = leads[row.lead_id]
        cause = "" if row.cause == Cause.PERSON else row.get_cause_display()
        yield Entry(
            row.moved_at,
            Rank.MOVE,
            row.pk,
            f"{lead.topic}: moved to",
            about=lead.stages.name_of(row.to_stage),
            detail=": ".join(word for word in (cause, row.reason) if word),
            by=str(row.actor or ""),
            key=True,
            url=_url(lead),
        )


def _events(leads: dict[int, Lead], cursor: Cursor | None, size: int) -> Iterable[Entry]:
    rows = LeadEvent.objects.filter(lead__in=list(leads)).select_related("actor")
    for row in older(rows, "happened_at", Rank.EVENT, cursor)[:size]:
        lead = leads[row.lead_id]
        yield Entry(
            row.happened_at,
            Rank.EVENT,
            row.pk,
            f"{lead.topic}: {row.get_kind_display().lower()}",
            detail=row.detail,
            by=str(row.actor or ""),
            key=True,
            url=_url(lead),
        )


TELLS_OF_LEADS = TellsOfLeads()
