"""`leadcrm link-orphans`: what linking all open leads without a contact would do, or doing it."""

from __future__ import annotations

from collections.abc import Callable

from leads.models import Lead
from leads.orphans.resolving import Becomes, Decision, Tally, chunks, orphans, preview, resolve

EXAMPLES = 10


def link_orphans(*, apply: bool, say: Callable[[str], None]) -> Tally:
    """Say, lead by lead for the first few and in numbers for all, whose the orphans are; with `apply`, link them.

    Chunk by chunk: what was done when it is stopped stays done, and the next call goes on with the rest.
    """
    tally = Tally()
    for leads in chunks():
        decisions = resolve(leads, by=None, cause="command:link-orphans") if apply else preview(leads)
        for one in decisions[: max(0, EXAMPLES - tally.seen)]:
            say(_line(one, done=apply))
        tally.add(decisions)
        if apply:
            say(f"{tally.seen:,} looked at, {tally.linked + tally.created:,} linked.")
    silent = Lead.objects.alive().open().filter(contact=None).count() - orphans().count()
    say(_sum(tally, done=apply))
    if silent:
        say(f"{silent:,} more leads have no contact and say nothing of one; they are about an account.")
    return tally


def _line(one: Decision, *, done: bool) -> str:
    who = f"Lead {one.lead.pk}, {one.lead.person_name}"
    if one.becomes == Becomes.LEFT:
        return f"  {who}: stays. {one.why}"
    if one.becomes == Becomes.CREATED:
        return f"  {who}: a new contact, for marketing only."
    whose = f"contact {one.contact_id}" if one.contact_id else "the contact made for a lead before"
    return f"  {who}: {'linked to' if done else 'is'} {whose}."


def _sum(tally: Tally, *, done: bool) -> str:
    if not tally.seen:
        return "Every open lead that says whom it is about has its contact."
    words = (
        f"{tally.linked:,} linked to contacts that are there, {tally.created:,} to new ones, {tally.left:,} left."
        if done
        else f"{tally.linked:,} would be linked to contacts that are there, {tally.created:,} to new ones made for "
        f"marketing only, {tally.left:,} would stay. Nothing is written; --apply does it."
    )
    return f"Of {tally.seen:,} open leads without a contact, {words}"
