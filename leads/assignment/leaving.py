"""Whoever leaves takes no lead along: their open leads go to who stands in for them, else where the rules say, else
to nobody, in full view; their open opportunities to who stands in for them, else to nobody, and managers are told.

Who can no longer write (contacts/roles.py) has left, as has who is not active.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import User, WorkSettings
from contacts.roles import Ability, can, roles_with
from leads.assignment import told
from leads.assignment.deciding import Session, decide
from leads.assignment.late import managers_here
from leads.assignment.turn import take_turn
from leads.assignment.waiting import CHUNK, lock
from leads.assignment.writing import write
from leads.models import AGAIN, Lead, Leaver
from leads.opportunities.leaving import give_on as give_on_opportunities
from leads.opportunities.leaving import why_gone
from leads.services.giving import give

LOOK_AGAIN = timedelta(hours=1)
"""Whoever left is looked at again after so long: somebody may have given them leads in the moment they went."""


def give_on() -> int:
    """Give on the open leads of people who no longer work here, one chunk; how many. 0: nobody left any."""
    now = timezone.now()
    here = User.objects.filter(is_active=True, role__in=roles_with(Ability.WRITE))
    Leaver.objects.filter(user__in=here).delete()
    seen = Leaver.objects.filter(user=OuterRef("pk"), looked_at__gt=now - LOOK_AGAIN)
    for user in User.objects.filter(~Exists(seen)).exclude(pk__in=here).order_by("pk"):
        done = _give_on(user)
        done = done or give_on_opportunities(user, to=_who_stands_in(user), managers=managers_here())
        if done:
            return done
        Leaver.objects.update_or_create(user=user, defaults={"looked_at": now})
    return 0


def _give_on(leaver: User) -> int:
    left = Lead.objects.alive().open().filter(owner=leaver).order_by("pk")
    lead_ids = list(left.values_list("pk", flat=True)[:CHUNK])
    if not lead_ids:
        return 0
    with transaction.atomic():
        locked = lock(lead_ids)
        take_turn()
        mine = list(Lead.objects.filter(pk__in=locked, owner=leaver).order_by("pk").values_list("pk", flat=True))
        stands_in = _who_stands_in(leaver)
        if stands_in is not None:
            give(dict.fromkeys(mine, leaver.pk), to=stands_in, by=None, why=f"who stands in for {leaver}")
        else:
            _by_the_rules(mine, leaver)
        facts_changed()
    return len(mine)


def _who_stands_in(leaver: User) -> User | None:
    """Whom they named, if that person works here, and with leads."""
    settings = WorkSettings.objects.filter(user=leaver).select_related("substitute").first()
    return settings.substitute if settings and can(settings.substitute, Ability.WRITE) else None


def _by_the_rules(lead_ids: Sequence[int], leaver: User) -> None:
    session = Session.begun(AGAIN, now=timezone.now())
    decisions = decide(lead_ids, session, without=dict.fromkeys(lead_ids, leaver.pk))
    write(decisions, session, occasion=AGAIN)
    rest = list(Lead.objects.filter(pk__in=lead_ids, owner=leaver).order_by("pk").values_list("pk", flat=True))
    if rest:
        give(dict.fromkeys(rest, leaver.pk), to=None, by=None, why=f"since {leaver} {why_gone(leaver)}")
        tell_unassigned(rest, leaver)


def tell_unassigned(lead_ids: Sequence[int], leaver: User) -> None:
    """Managers learn what nobody has any more."""
    words = f"{leaver} {why_gone(leaver)}, and no rule gave their leads to somebody else"
    told.unassigned(lead_ids, to=managers_here(), words=words)
