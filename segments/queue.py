"""What waits: changed facts, and segments whose time to be refreshed has come."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Change, ChangeConsumer, Contact, Further
from contacts.waiting import claim_changes
from leads.affected import leads_of_subjects
from leads.models import Lead
from segments.definition import vocabulary_of
from segments.models import Cause, Segment, Subject
from segments.needs import COLLEAGUES
from segments.refresh import CONSUMER, attempt, refresh

LIVE_BATCH = 1_000
BULK_BATCH = 10_000
ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtext('segments.refresh_changes'))"


@transaction.atomic
def refresh_changes(*, bulk: bool = False) -> int:
    """Delete the oldest waiting changes and bring their records in or out of every live segment.

    One transaction and one worker at a time: a fact that commits meanwhile has queued a change of its own, which is
    taken up afterwards. Returns of how many subjects they told; 0 too when another worker is at it.
    """
    with connection.cursor() as cursor:
        cursor.execute(ONE_AT_A_TIME)
        if not cursor.fetchone()[0]:
            return 0
    subjects = claim_changes(CONSUMER, bulk=bulk, most=BULK_BATCH if bulk else LIVE_BATCH)
    if subjects:
        _follow(subjects)
    return sum(map(len, subjects.values()))


def _follow(subjects: Mapping[str, Collection[int]]) -> None:
    segments = list(Segment.objects.live().select_for_update(no_key=True).order_by("pk"))
    now = timezone.now()
    for subject in Subject:
        of_this = [segment for segment in segments if segment.subject == subject]
        ids = (members_of_subjects(subjects, of_this, subject)) if of_this else []
        if ids:
            vocabulary = vocabulary_of(subject)
            for segment in of_this:
                attempt(segment, vocabulary, now=now, cause=Cause.FACTS, ids=ids)


def members_of_subjects(
    subjects: Mapping[str, Collection[int]], segments: Collection[Segment], subject: Subject
) -> list[int]:
    """The ids of the contacts or leads that these contacts, accounts and leads may say something new about."""
    if any(COLLEAGUES in segment.needs for segment in segments):
        accounts = Contact.objects.filter(id__any_of=list(subjects["contact"])).exclude(account=None)
        more = accounts.order_by().values_list("account_id", flat=True)
        subjects = {**subjects, "account": {*subjects["account"], *more}}
    contacts = set(subjects["contact"])
    if subjects["lead"]:  # what became of a lead may matter to its contact, and to the contact's other leads
        of_leads = Lead.objects.filter(id__any_of=list(subjects["lead"])).exclude(contact=None)
        contacts.update(of_leads.order_by().values_list("contact_id", flat=True))
    if subject == Subject.LEAD:
        return leads_of_subjects({**subjects, "contact": contacts})
    if subjects["account"]:
        of_accounts = Contact.objects.filter(account__id__any_of=list(subjects["account"]))
        contacts.update(of_accounts.order_by().values_list("id", flat=True))
    return sorted(contacts)


def refresh_due() -> int:
    """Refresh from the ground up the one live segment that is due the longest. Returns how many there were."""
    due = Segment.objects.live().filter(next_refresh_at__lte=timezone.now()).order_by("next_refresh_at")
    with transaction.atomic():
        segment = due.select_for_update(skip_locked=True, no_key=True).first()
        if segment is None:
            return 0
        refresh(segment.pk)
    return 1


def hear() -> None:
    """Ask for the changes that live segments depend on, and for no others; without live segments, for none.

    What a worker has taken up is left to it: it may be waiting for the segment that the caller has locked.
    """
    live = Segment.objects.live().values_list("needs", flat=True)
    if live:
        further = {need for needs in live for need in needs} & set(Further.values)
        ChangeConsumer.objects.update_or_create(name=CONSUMER, defaults={"further": sorted(further)})
    else:
        ChangeConsumer.objects.filter(name=CONSUMER).delete()
        waiting = Change.objects.filter(consumer=CONSUMER).select_for_update(skip_locked=True)
        Change.objects.filter(pk__in=waiting.values("pk")).delete()
