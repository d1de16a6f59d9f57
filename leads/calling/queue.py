"""Which leads a person could call now, the next one first.

First what was promised a call back and is due, the earliest first; then by score and by how long it has waited. Own
leads and nobody's, each a walk along the partial index `leads_to_call`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from contacts.models import User
from leadcrm.lib.facts import Count, honest_count
from leads.calling.covering import covered_by, keeps_promise
from leads.models import CallClaim, CallLater, Lead
from leads.stages import Stage

ORDER = (F("score").desc(nulls_last=True), "stage_entered_at", "id")
COUNTED = 200
Why = CallLater.Why


def waits(user: User, now: datetime) -> QuerySet[CallLater]:
    """For a lead (OuterRef): that it is not to be called yet, by anybody or by this person."""
    still = Q(due_at__gt=now) & (~Q(why=Why.WRONG_NUMBER) | Q(number=OuterRef("contact__phone_e164")))
    for_them = Q(person=None) | Q(person=user)
    found: QuerySet[CallLater] = CallLater.objects.filter(still, for_them, lead=OuterRef("pk"))
    return found


def free_for(user: User, leads: Any, *, now: datetime) -> Any:
    """Those of `leads` with somebody to call, who did not ask not to be, whom this person may call now: nobody else has
    them in hand. A lead without a contact can be called where it says a number.
    """
    in_hand = CallClaim.objects.filter(lead=OuterRef("pk"), until__gt=now).exclude(person=user)
    somebody = Q(contact__isnull=False, contact__do_not_call=False) | (Q(contact=None) & ~Q(person_phone=""))
    callable = leads.visible_to(user).filter(somebody)
    return callable.filter(~Exists(in_hand), ~Exists(waits(user, now)))


def is_free_for(user: User, lead_id: int) -> bool:
    """Whether this person may call this lead now: theirs, nobody's, or promised by who is away; before sales, in
    nobody else's hand.
    """
    now = timezone.now()
    one = Lead.objects.open().exclude(stage=Stage.SALES_ACCEPTANCE).filter(pk=lead_id)
    if free_for(user, one.filter(Q(owner=None) | Q(owner=user)), now=now).exists():
        return True
    lead = free_for(user, one, now=now).first()
    return lead is not None and keeps_promise(user, lead, now)


def due(user: User, *, now: datetime, most: int) -> list[int]:
    """Leads whose promised call back is due, the longest due first: whoever is free keeps the promise, also of who is
    away.
    """
    promised = CallLater.objects.filter(why=Why.CALL_BACK, person=None, due_at__lte=now)
    whose = Q(owner=None) | Q(owner=user)
    if away := covered_by(user, now):
        whose |= Q(owner__in=away, accepted_at=None)
    leads = Lead.objects.open().exclude(stage=Stage.SALES_ACCEPTANCE).filter(whose)
    free = free_for(user, leads, now=now).filter(pk=OuterRef("lead"))
    rows = promised.filter(Exists(free)).order_by("due_at", "pk")
    return list(rows.values_list("lead", flat=True)[:most])


def by_score(user: User, *, now: datetime, most: int) -> list[int]:
    """Leads in the queue by score and age. Own ones and nobody's are two ranges of one index."""
    free = free_for(user, Lead.objects.to_call(), now=now)
    own = free.filter(owner=user).order_by(*ORDER)
    nobodys = free.filter(owner=None).order_by("owner_id", *ORDER)
    columns = ("pk", "score", "stage_entered_at")
    rows = [*own.values_list(*columns)[:most], *nobodys.values_list(*columns)[:most]]
    rows.sort(key=lambda row: (row[1] is None, -(row[1] or 0), row[2], row[0]))
    return [pk for pk, *_ in rows[:most]]


def next_leads(user: User, *, most: int, now: datetime | None = None) -> list[int]:
    """The ids of the leads this person would call next, in order. Four queries; more while somebody is away."""
    moment = now or timezone.now()
    first = due(user, now=moment, most=most)
    if len(first) == most:
        return first
    promised = set(first)
    return [*first, *(pk for pk in by_score(user, now=moment, most=most) if pk not in promised)][:most]


def without_contact(user: User, *, most: int) -> list[Lead]:
    """Leads in the queue that nobody can call, because they have no contact and say no number, the best first: own ones
    and nobody's.
    """
    leads = Lead.objects.visible_to(user).to_call().filter(contact=None, person_phone="")
    return list(leads.filter(Q(owner=None) | Q(owner=user)).order_by(*ORDER)[:most])


def waiting_in(user: User) -> tuple[Count, Count]:
    """How many this person could call now: their own, and nobody's."""
    now = timezone.now()
    free = free_for(user, Lead.objects.to_call(), now=now)
    own = honest_count(free.filter(owner=user).order_by(*ORDER).values("pk"), COUNTED)
    return own, honest_count(free.filter(owner=None).order_by("owner_id", *ORDER).values("pk"), COUNTED)


def next_call_back(user: User) -> CallLater | None:
    """The next promised call back that is still to come and that this person would get."""
    now = timezone.now()
    theirs = Lead.objects.visible_to(user).open().filter(Q(owner=None) | Q(owner=user))
    rows = CallLater.objects.filter(why=Why.CALL_BACK, person=None, due_at__gt=now)
    rows = rows.filter(Exists(theirs.filter(pk=OuterRef("lead")).exclude(stage=Stage.SALES_ACCEPTANCE)))
    return rows.select_related("lead__contact").order_by("due_at", "pk").first()
