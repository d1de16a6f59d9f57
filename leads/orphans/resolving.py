"""Many leads without a contact at once: linked to whom the strategy knows, or to contacts made for marketing only.

Chunk by chunk, each a short transaction with a constant number of statements. Who is first with a key decides, as for
every writer. Whatever was interrupted goes on with what is left: a lead that has its contact is no orphan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from contacts import match_keys as contact_keys
from contacts import normalise
from contacts.acting import acting
from contacts.doorbells import facts_changed
from contacts.match_keys import Kind
from contacts.models import Contact, User
from contacts.privacy import tombstones
from leadcrm.lib.rows import insert
from leads import match_keys
from leads.models import Lead
from leads.orphans.person import asked_kinds, keys_of, person_of

CHUNK = 1000
LINK = """
UPDATE leads_lead lead SET contact_id = found.contact_id, version = version + 1, updated_at = now()
FROM unnest(%s::bigint[], %s::bigint[]) AS found (id, contact_id) WHERE lead.id = found.id
"""
ERASED = "Whom it is about was erased at their own request, and is not taken back without their will."


class Becomes(StrEnum):
    LINKED = "linked"
    CREATED = "created"
    LEFT = "left"


@dataclass(frozen=True)
class Decision:
    """What becomes of one orphan: whose it is, or why it stays one. No `contact_id`: a contact still to be made."""

    lead: Lead
    becomes: Becomes
    contact_id: int | None = None
    why: str = ""


@dataclass
class Tally:
    """What became of many."""

    linked: int = 0
    created: int = 0
    left: int = 0
    contacts: set[int] = field(default_factory=set)

    def add(self, decisions: Sequence[Decision]) -> None:
        for one in decisions:
            setattr(self, one.becomes, getattr(self, one.becomes) + 1)

    @property
    def seen(self) -> int:
        return self.linked + self.created + self.left


def orphans() -> QuerySet[Lead]:
    """Open leads without a contact of which something is known about whom they are about."""
    said = Q(person_email="", person_phone="", person_first_name="", person_last_name="")
    found: QuerySet[Lead] = Lead.objects.alive().open().filter(contact=None).exclude(said)
    return found


def chunks(after: int = 0, *, size: int = CHUNK) -> Iterator[list[Lead]]:
    """All orphans behind an id, in id order, so many at once."""
    while found := list(orphans().filter(pk__gt=after).order_by("pk").select_related("account")[:size]):
        yield found
        after = found[-1].pk


def preview(leads: Sequence[Lead]) -> list[Decision]:
    """What linking these would do, at this moment. Writes nothing; two queries."""
    kinds = asked_kinds()
    asked = {lead.pk: keys_of(lead, kinds) for lead in leads}
    owners = contact_keys.owners_of([key for keys in asked.values() for key in keys])
    alive = set(Contact.objects.alive().filter(pk__in=owners.values()).values_list("pk", flat=True))
    made: set[tuple[str, str]] = set()
    decisions = []
    for lead in leads:
        found = [owners[key] for key in asked[lead.pk] if owners.get(key) in alive]
        if found:
            decisions.append(Decision(lead, Becomes.LINKED, found[0]))
        elif not asked[lead.pk]:
            decisions.append(_left(lead, kinds))
        else:
            first = made.isdisjoint(asked[lead.pk])
            decisions.append(Decision(lead, Becomes.CREATED if first else Becomes.LINKED))
            made.update(asked[lead.pk])
    return decisions


def _left(lead: Lead, kinds: Sequence[Kind]) -> Decision:
    ways = " or ".join(" and ".join(kind).replace("_", " ") for kind in kinds)
    return Decision(lead, Becomes.LEFT, why=f"Nobody can be known by what it says; it takes {ways}.")


def resolve(leads: Sequence[Lead], *, by: User | None, cause: str) -> list[Decision]:
    """Link these orphans, or make their contacts, marketing only, where nobody is known. One transaction.

    Contact keys are claimed first, then contacts, lead keys and leads are locked, as everywhere; a lead that changed
    meanwhile is left for the next time.
    """
    with acting(by, cause=cause), transaction.atomic():
        kinds = asked_kinds()
        winners, fresh, left = _winners(leads, kinds)
        gone = _gone(set(winners.values()) - fresh.keys())
        winners = {pk: contact_id for pk, contact_id in winners.items() if contact_id not in gone}
        linked = _lock(leads, winners)
        made = _make(fresh, linked)
        with connection.cursor() as cursor:
            cursor.execute(LINK, [list(linked), list(linked.values())])
        facts_changed()
    return [_told(lead, linked, made, left.get(lead.pk)) for lead in leads]


def _winners(
    leads: Sequence[Lead], kinds: Sequence[Kind]
) -> tuple[dict[int, int], dict[int, Lead], dict[int, Decision]]:
    """Whose each lead is; which contacts are to be made, of which lead; and who stays an orphan, why."""
    every = list(dict.fromkeys([*kinds, *contact_keys.kinds_in_use()]))
    own = dict(zip((lead.pk for lead in leads), contact_keys.allocate_contact_ids(len(leads)), strict=True))
    known = [lead for lead in leads if keys_of(lead, kinds)]
    left = {lead.pk: _left(lead, kinds) for lead in leads if lead not in known}
    owners = contact_keys.claim([(*key, own[lead.pk]) for lead in known for key in keys_of(lead, every)])
    erased = tombstones.standing_over(owners)
    became: dict[int, int] = {}
    winners: dict[int, int] = {}
    fresh: dict[int, Lead] = {}
    for lead in known:
        mine = own[lead.pk]
        # Whoever turned out to be somebody else stands for them.
        asked = [became.get(owners[key], owners[key]) for key in keys_of(lead, kinds)]
        winner = next((owner for owner in asked if owner != mine), mine)
        if winner == mine and not erased.keys().isdisjoint(keys_of(lead, every)):
            left[lead.pk] = Decision(lead, Becomes.LEFT, why=ERASED)
            became[mine] = mine  # its keys are free again
            continue
        if winner == mine:
            fresh[mine] = lead
        else:
            became[mine] = winner
        winners[lead.pk] = winner
    contact_keys.release(sorted(became))
    return winners, fresh, left


def _gone(contact_ids: set[int]) -> set[int]:
    """Those of some contacts that are deleted; the others are locked."""
    locked = Contact.objects.alive().filter(pk__in=contact_ids).select_for_update(no_key=True).order_by("pk")
    return contact_ids - set(locked.values_list("pk", flat=True))


def _lock(leads: Sequence[Lead], winners: Mapping[int, int]) -> dict[int, int]:
    """Claim the lead keys, lock the leads, and give those that are still as they were, with their contact."""
    kinds = match_keys.kinds_in_use()
    wanted = []
    for lead in leads:
        if lead.pk in winners and lead.is_open:
            values = match_keys.values_of(lead) | {"contact": winners[lead.pk]}
            wanted += [(*key, lead.pk) for key in match_keys.keys_of(values, kinds)]
    match_keys.claim(wanted)
    locked = Lead.objects.alive().open().filter(pk__in=winners, contact=None)
    now = {lead.pk: lead for lead in locked.select_for_update(no_key=True, of=("self",)).order_by("pk")}
    same = {
        lead.pk: winners[lead.pk]
        for lead in leads
        if lead.pk in now and (now[lead.pk].version, now[lead.pk].status) == (lead.version, lead.status)
    }
    match_keys.release(sorted(winners.keys() - same.keys()))
    return same


def _make(fresh: Mapping[int, Lead], linked: Mapping[int, int]) -> set[int]:
    """Make those of the new contacts that a lead is linked to; the keys of the others are free again."""
    used = set(linked.values())
    contact_keys.release(sorted(fresh.keys() - used))
    made = [(contact_id, lead) for contact_id, lead in fresh.items() if contact_id in used]
    insert(
        Contact(
            pk=contact_id,
            phone_e164=normalise.phone(lead.person_phone),
            account_id=lead.account_id if lead.account and lead.account.deleted_at is None else None,
            marketing_only=True,
            **person_of(lead),
        )
        for contact_id, lead in made
    )
    return {lead.pk for _, lead in made}


def _told(lead: Lead, linked: Mapping[int, int], made: set[int], left: Decision | None) -> Decision:
    if lead.pk in linked:
        return Decision(lead, Becomes.CREATED if lead.pk in made else Becomes.LINKED, linked[lead.pk])
    return left or Decision(lead, Becomes.LEFT, why="It was changed in the same moment; try again.")
