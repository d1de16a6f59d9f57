"""Spam that got through: what it alone made goes with it, for thirty days, and comes back when it was none.

Only what nothing but spam speaks of: a contact or lead that posts made, all of which are spam by now, and that has no
other interaction or lead. While others of its posts are no spam, a post is marked, and what it made stays for them: the
last one that is marked takes it along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q

from contacts.models import Contact, Interaction, InteractionType, User
from contacts.services.contacts import delete_contacts, restore_contact
from forms_intake.models import Submission, SubmissionState
from leadcrm.lib.errors import DomainError
from leads.models import Lead
from leads.services.deleting import delete_leads, restore_lead

KNOWN_BEFORE = "It was processed for somebody who was known before: what it wrote stays, and so does it."
MORE_SINCE = "It was processed, and more has come of it since: delete the contact or the lead itself."
STAYS = "What it made stays: it has other posts that are no spam. The last that is marked takes it along."
UNKNOWN_WHETHER = (
    "What was posted first is gone, so nobody can tell whether they came by spam alone: it stays as it is. Delete the "
    "contact or the lead itself if they did."
)
NOTHING_MADE = "It was processed and made nothing; it can be deleted."


CONTACT, LEAD = "contact", "lead"
Made = tuple[str, int]
"""A contact or, where there is none, a lead: which of the two, and its id."""
IS_SPAM = Q(state=SubmissionState.SPAM) | Q(state=SubmissionState.DELETED, was=SubmissionState.SPAM)


@dataclass
class TakenBack:
    """By id of a submission: why it cannot be spam, and why what it made stays though it is."""

    reasons: dict[int, str] = field(default_factory=dict)
    stays: dict[int, str] = field(default_factory=dict)


@dataclass
class _Posts:
    """The posts of one contact or lead: being marked as spam now, spam already, and those that are none."""

    marked: list[Submission] = field(default_factory=list)
    spam: list[Submission] = field(default_factory=list)
    real: list[Submission] = field(default_factory=list)

    @property
    def all(self) -> list[Submission]:
        return [*self.marked, *self.spam, *self.real]


def hold_made(done: Sequence[Submission]) -> None:
    """Lock what these processed submissions made or were matched to, before it is looked at: whoever marks, lets
    through or processes more of theirs in this moment comes before or after.
    """
    people = Contact.objects.filter(pk__in={one.contact_id for one in done if one.contact_id}).order_by("pk")
    list(people.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    leads = Lead.objects.filter(pk__in={one.lead_id for one in done if one.lead_id and not one.contact_id})
    list(leads.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))


def take_back(done: Sequence[Submission], *, by: User | None) -> TakenBack:
    """Delete what these processed submissions made, with those that are spam already, and nobody else.

    Within the transaction that marks them. A constant number of queries and one deletion of each kind.
    """
    hold_made(done)
    reasons = {one.pk: NOTHING_MADE for one in done if _made(one) is None}
    made = _by_what_they_made(done)
    spoken, lost = _spoken_of(made), _came_by_what_is_gone(made)
    taken = TakenBack(reasons)
    gone: list[Made] = []
    for what, posts in made.items():
        marked = [one.pk for one in posts.marked]
        if not any(_is_maker(one, what) for one in posts.all):
            reasons |= dict.fromkeys(marked, UNKNOWN_WHETHER if what in lost else KNOWN_BEFORE)
        elif what in spoken:
            reasons |= dict.fromkeys(marked, MORE_SINCE)
        elif posts.real:
            taken.stays |= dict.fromkeys(marked, STAYS)
        else:
            gone.append(what)
    delete_contacts(sorted(pk for kind, pk in gone if kind == CONTACT), by=by)
    delete_leads(sorted(pk for kind, pk in gone if kind == LEAD), by=by)
    return taken


def bring_back(submission: Submission, *, by: User | None) -> str:
    """Restore what was taken back with a submission, and is held; why it cannot be, or ""."""
    try:
        with transaction.atomic():
            if submission.contact_id:
                if Contact.objects.filter(pk=submission.contact_id, deleted_at__isnull=False).exists():
                    restore_contact(submission.contact_id, by=by)
            elif submission.lead_id and Lead.objects.filter(pk=submission.lead_id, deleted_at__isnull=False).exists():
                restore_lead(submission.lead_id, by=by)
    except DomainError as problem:
        return problem.message
    return ""


def _made(one: Submission) -> Made | None:
    """What a post made or was matched to: its contact, else its lead."""
    if one.contact_id:
        return CONTACT, one.contact_id
    return (LEAD, one.lead_id) if one.lead_id else None


def _is_maker(one: Submission, what: Made) -> bool:
    """Whether this post made it. What it made and was merged into somebody else is somebody else."""
    kind, pk = what
    decided = (one.decision or {}).get(kind) or {}
    return bool(decided.get("new")) and decided.get("winner") == pk


def _by_what_they_made(done: Sequence[Submission]) -> dict[Made, _Posts]:
    """All posts of each contact or lead that these made or were matched to."""
    made: dict[Made, _Posts] = {}
    for one in done:
        if what := _made(one):
            made.setdefault(what, _Posts()).marked.append(one)
    contacts, leads = ([pk for kind, pk in made if kind == wanted] for wanted in (CONTACT, LEAD))
    others = Submission.objects.filter(Q(contact__in=contacts) | Q(contact=None, lead__in=leads))
    others = others.filter(Q(state=SubmissionState.DONE) | IS_SPAM).exclude(pk__in=[one.pk for one in done])
    for one in others.only("state", "contact_id", "lead_id", "interaction_id", "decision"):
        if what := _made(one):
            (made[what].real if one.state == SubmissionState.DONE else made[what].spam).append(one)
    return made


def _came_by_what_is_gone(made: Mapping[Made, _Posts]) -> set[Made]:
    """Contacts who submitted something that is kept no longer, before all that is: it may be what made them."""
    contacts = [pk for kind, pk in made if kind == CONTACT]
    posted = Interaction.objects.filter(contact__in=contacts, type=InteractionType.FORM_SUBMITTED)
    first = posted.order_by("contact", "occurred_at", "pk").distinct("contact").values_list("contact", "pk")
    whose = {pk: contact for contact, pk in first}
    there = Submission.objects.filter(interaction__in=whose).values_list("interaction", flat=True)
    return {(CONTACT, whose[pk]) for pk in whose.keys() - set(there)}


def _spoken_of(made: Mapping[Made, _Posts]) -> set[Made]:
    """Those that something else than their posts speaks of: an interaction, a lead that none of those made, or a post
    of somebody else about a lead of theirs.
    """
    contacts = [pk for kind, pk in made if kind == CONTACT]
    posts = [one for some in made.values() for one in some.all]
    told = Interaction.objects.filter(contact__in=contacts)
    told = told.exclude(pk__in=[one.interaction_id for one in posts if one.interaction_id])
    own = [one.lead_id for one in posts if one.lead_id and _is_maker(one, (LEAD, one.lead_id))]
    others = Lead.objects.alive().filter(contact__in=contacts).exclude(pk__in=own)
    whose = {one.lead_id: what for what, some in made.items() for one in some.all if one.lead_id}
    by_others = Submission.objects.filter(state=SubmissionState.DONE, lead__in=whose)
    by_others = by_others.exclude(pk__in=[one.pk for one in posts])
    return {
        *((CONTACT, pk) for pk in told.values_list("contact", flat=True) if pk),
        *((CONTACT, pk) for pk in others.values_list("contact", flat=True) if pk),
        *(whose[pk] for pk in by_others.values_list("lead", flat=True) if pk),
    }
