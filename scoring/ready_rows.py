"""Which sales-ready leads wait, and which accepted ones, page by page, with why; and whether anything is new."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from contacts.models import Interaction, InteractionType, Role, User
from leadcrm.lib.facts import Count
from leadcrm.lib.paging import ID, Column, Cursor, cursor_of
from leads.access import may_accept
from leads.editing import may_edit
from leads.models import Lead, LeadQuerySet
from scoring.explain import Part, sparklines, top_reasons
from scoring.models import LeadScore
from scoring.ready_ages import GOAL_MINUTES, Age, of_age
from scoring.ready_teams import OneTeam

PAGE = 25
SHOWN_REASONS = 2
COUNTED = 499
NOTICED = 99
"""Beyond it, a count that changes is no news: it is drawn anew with the next."""
CONTACT_DAYS = 7
"""How long an accepted lead should go without contact at most."""
ORDER = (F("score").desc(nulls_last=True), "sales_ready_at", "id")
PLACE = (Column("score", int, nullable=True), Column("sales_ready_at", datetime), ID)
"""What a cursor holds of the last row of a page."""
PLACE_ACCEPTED = (Column("untouched_since", datetime), ID)
PLACE_OF_AGE = (Column("sales_ready_at", datetime), ID)
CONTACT = (InteractionType.CALL, InteractionType.MEETING, InteractionType.MESSAGE)
"""What a salesperson logs when they have reached somebody."""


class Tab(StrEnum):
    MINE = "mine"
    UNASSIGNED = "unassigned"
    TEAM = "team"
    ACCEPTED = "accepted"

    def place(self, age: Age | None = None) -> tuple[Column, ...]:
        if self == Tab.ACCEPTED:
            return PLACE_ACCEPTED
        return PLACE_OF_AGE if age else PLACE


@dataclass(frozen=True)
class Row:
    """A lead that waits, or was accepted: the rules that speak loudest, how many more there are, and its last scores.

    `version` changes whenever anything drawn in the row may have.
    """

    lead: Lead
    reasons: list[Part]
    more: list[Part]
    scores: list[int]
    may_accept: bool
    is_others: bool
    may_rate: bool = False

    @cached_property
    def name(self) -> str:
        """Whose lead it is: six labels of a row say so."""
        lead = self.lead
        return str(lead.contact or lead.account or lead.topic)

    @property
    def goal(self) -> int:
        """How many minutes from becoming sales ready somebody should have answered: its own limit, or the usual; 0 when
        somebody has.
        """
        since, until = self.lead.sales_ready_at, self.lead.respond_by
        if self.lead.responded_at is not None:
            return 0
        if until is None or since is None or until <= since:
            return GOAL_MINUTES
        return int((until - since).total_seconds() // 60)

    @property
    def beyond_first(self) -> list[Part]:
        """What is not said where there is room for one reason only."""
        return [*self.reasons[1:], *self.more]

    @property
    def version(self) -> str:
        lead = self.lead
        contact = lead.contact.version if lead.contact else 0
        said = [(part.name, part.points, part.words) for part in [*self.reasons, *self.more]]
        drawn = (lead.version, lead.updated_at, lead.owner_id, lead.score, lead.grade, contact, said, self.scores)
        moments = (lead.respond_by, lead.responded_at, getattr(lead, "untouched_since", None))
        return hashlib.blake2b(repr((drawn, moments)).encode(), digest_size=9).hexdigest()


@dataclass(frozen=True)
class Page:
    rows: list[Row]
    next: Cursor | None


def waiting(tab: Tab, user: User, age: Age | None = None, team: OneTeam | None = None) -> LeadQuerySet:
    """The sales-ready leads of a tab, hottest and then oldest first, from a partial index; or accepted ones.

    Those of an `age` alone come the longest wait first, from an index by wait. `team`: its and its members' alone.
    """
    if tab == Tab.ACCEPTED:
        return accepted(user)
    leads: LeadQuerySet = Lead.objects.sales_ready()
    if team:
        leads = leads.filter(team.has)
    if age:
        whose = {Tab.MINE: Q(owner=user), Tab.UNASSIGNED: Q(owner=None)}.get(tab, Q())
        aged: LeadQuerySet = of_age(leads.filter(whose), age, timezone.now()).order_by("sales_ready_at", "id")
        return aged
    if tab == Tab.MINE:
        leads = leads.filter(owner=user)
    elif tab == Tab.UNASSIGNED:
        # By owner first, as the index is: to be nobody's does not tell the planner that all are of one.
        return leads.filter(owner=None).order_by("owner_id", *ORDER)
    return leads.order_by(*ORDER)


def accepted(user: User) -> LeadQuerySet:
    """What a person has accepted and not closed, the longest without contact first (`untouched_since`)."""
    contacts = Interaction.objects.filter(contact=OuterRef("contact"), type__in=CONTACT)
    last = contacts.order_by("-occurred_at", "-id").values("occurred_at")[:1]
    leads: LeadQuerySet = Lead.objects.accepted().filter(owner=user)
    leads = leads.annotate(untouched_since=Greatest("accepted_at", Subquery(last)))
    return leads.order_by("untouched_since", "id")


def following(leads: QuerySet, cursor: Cursor | None, number: int) -> list[Any]:
    """The first `number` of `waiting` after `cursor`, sought in the index, not counted off: page 1,000 is as quick."""
    if cursor is None:
        return list(leads[:number])
    if len(cursor.values) == 2:
        since, lead_id = cursor.values
        column = str(leads.query.order_by[0])  # untouched_since, or of an age sales_ready_at
        after = Q(**{f"{column}__gt": since}) | Q(**{column: since, "id__gt": lead_id})
        return list(leads.filter(after, **{f"{column}__gte": since})[:number])
    score, since, lead_id = cursor.values
    later = Q(sales_ready_at__gt=since) | Q(sales_ready_at=since, id__gt=lead_id)
    if score is None:
        return list(leads.filter(later, score=None)[:number])
    lower = leads.filter(Q(score__lt=score) | later, score__lte=score)
    found = list(lower[:number])
    return found + list(leads.filter(score=None)[: number - len(found)]) if len(found) < number else found


def page_of(tab: Tab, user: User, cursor: Cursor | None, age: Age | None = None, team: OneTeam | None = None) -> Page:
    """One page with everything drawn in it: as many queries whatever its size."""
    drawn = waiting(tab, user, age, team).drawn().prefetch_related("campaign", "marketing_context")
    leads = following(drawn, cursor, PAGE + 1)
    shown = leads[:PAGE]
    ids = [lead.pk for lead in shown]
    reasons = top_reasons(ids, limit=10) if ids else {}
    scores = sparklines(ids) if ids else {}
    rows = [_row(lead, user, reasons.get(lead.pk, []), scores.get(lead.pk, [])) for lead in shown]
    return Page(rows, cursor_of(shown[-1], tab.place(age)) if len(leads) > PAGE else None)


def _row(lead: Lead, user: User, parts: list[Part], scores: list[int]) -> Row:
    """Reasons for the score come first; what speaks against it is among the rest."""
    said = [part for part in parts if part.points > 0][:SHOWN_REASONS]
    more = [part for part in parts if part not in said]
    return Row(
        lead, said, more, scores, may_accept(user, lead), lead.owner_id not in {None, user.pk}, may_edit(user, lead)
    )


COUNTS = """
SELECT (SELECT count(*) FROM (SELECT l.id FROM leads_lead l LEFT JOIN contacts_contact c ON c.id = l.contact_id
         WHERE l.status = 'open' AND l.sales_ready AND l.accepted_at IS NULL AND l.deleted_at IS NULL
           AND c.deleted_at IS NULL AND l.owner_id = %(user)s
         ORDER BY l.score DESC NULLS LAST, l.sales_ready_at, l.id LIMIT %(most)s) mine),
       (SELECT count(*) FROM (SELECT l.id FROM leads_lead l LEFT JOIN contacts_contact c ON c.id = l.contact_id
         WHERE l.status = 'open' AND l.sales_ready AND l.accepted_at IS NULL AND l.deleted_at IS NULL
           AND c.deleted_at IS NULL AND l.owner_id IS NULL
         ORDER BY l.owner_id, l.score DESC NULLS LAST, l.sales_ready_at, l.id LIMIT %(most)s) unassigned),
       (SELECT count(*) FROM (SELECT l.id FROM leads_lead l LEFT JOIN contacts_contact c ON c.id = l.contact_id
         WHERE l.status = 'open' AND l.sales_ready AND l.accepted_at IS NULL AND l.deleted_at IS NULL
           AND c.deleted_at IS NULL
         ORDER BY l.score DESC NULLS LAST, l.sales_ready_at, l.id LIMIT %(most)s) team),
       (SELECT count(*) FROM (SELECT l.id FROM leads_lead l LEFT JOIN contacts_contact c ON c.id = l.contact_id
         WHERE l.status = 'open' AND l.accepted_at IS NOT NULL AND l.deleted_at IS NULL
           AND c.deleted_at IS NULL AND l.owner_id = %(user)s LIMIT %(most)s) accepted)
"""


def counts(user: User, up_to: int = COUNTED) -> dict[Tab, Count]:
    """How many are in each tab, counted up to `up_to`: one statement, in the order of the partial indexes."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"user": user.pk, "most": up_to + 1})
        numbers = cursor.fetchone()
    return {tab: Count(min(number, up_to), number > up_to) for tab, number in zip(Tab, numbers, strict=True)}


def waiting_for(user: User, waits: dict[Tab, Count]) -> Count:
    """What the rail shows of `counts`: a salesperson's own and nobody's, for others the team's."""
    count = waits[Tab.MINE] + waits[Tab.UNASSIGNED] if user.role == Role.SALESPERSON else waits[Tab.TEAM]
    return Count(min(count.number, NOTICED), count.more or count.number > NOTICED)


def token(tab: Tab, user: User, cursor: Cursor | None, age: Age | None = None, team: OneTeam | None = None) -> str:
    """A word that changes whenever the page would look different: two indexed queries, nothing rendered."""
    computed = LeadScore.objects.filter(lead=OuterRef("pk")).order_by("-computed_at").values("computed_at")[:1]
    names = ["id", "version", "updated_at", "owner_id", "score", "grade", "computed", "contact__version"]
    names += ["respond_by", "responded_at"]
    names += ["untouched_since"] if tab == Tab.ACCEPTED else []
    shown = waiting(tab, user, age, team).annotate(computed=Subquery(computed)).values_list(*names)
    known = repr((following(shown, cursor, PAGE + 1), [str(count) for count in counts(user, NOTICED).values()]))
    return hashlib.blake2b(known.encode(), digest_size=12).hexdigest()
