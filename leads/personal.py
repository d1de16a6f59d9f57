"""What leads hold of a person, for a copy of it and for its erasure.

Erased, a lead stays as a figure: when it came, through what, how far it went, what it scored and became. Whom it was
about, and every word that somebody wrote, goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from contacts import custom_fields
from contacts.models import Contact, Entity, FieldChange, ListOf
from contacts.privacy.holding import Person, Section, plain, row_of
from contacts.privacy.own import changes_told, forget_logged
from contacts.privacy.searches import forget_searched
from leads import match_keys
from leads.attachments.store import discard
from leads.models import (
    Attachment,
    BulkJob,
    BulkRefusal,
    Call,
    CallLater,
    Lead,
    LeadComment,
    LeadEvent,
    Notice,
    Opportunity,
    OpportunityClose,
    OpportunityEvent,
    StageChange,
    Status,
    StatusReason,
    Task,
)
from leads.models.code_lists import NO_LONGER_INTERESTED
from leads.opportunities.of_leads import open_ones_of
from leads.services.closing import close_leads
from leads.services.events import event

ERASED = "Erased on request"
LEAD = (
    *("topic", "created_at", "stage", "status", "status_reason", "closed_at", "close_reason", "description"),
    *("rating", "estimated_value", "priority", "campaign", "product", "marketing_context", "source", "owner"),
    *("person_first_name", "person_last_name", "person_email", "person_phone", "external_id"),
    *("purchase_timeframe", "budget_amount", "budget_status", "need", "purchase_need", "purchase_process"),
    *("decision_maker", "sales_ready", "sales_ready_at", "accepted_at", "accepted_by", "score", "grade"),
)
MOVE = ("lead", "from_stage", "to_stage", "reason", "moved_at")
TASK = ("title", "note", "state", "due_at", "created_at", "done_at")
OPPORTUNITY = (*("topic", "account", "owner", "status", "stage", "description", "external_id", "created_at"),)
# Words of notices that wait to be mailed, and of those that were: whose leads they are about is an array in them.
SILENCE = """
UPDATE contacts_outboxevent SET payload = payload - 'words' - 'note' - 'reason' || '{"words": ""}'
WHERE (payload ->> 'lead_id')::bigint = ANY(%(ids)s)
    OR (jsonb_typeof(payload -> 'lead_ids') = 'array' AND EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(payload -> 'lead_ids') AS one (id) WHERE one.id::bigint = ANY(%(ids)s)
    ))
"""


class LeadsOfAPerson:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        leads = list(_leads(person).select_related(*("status_reason", "campaign", "product", "marketing_context")))
        ids = [lead.pk for lead in leads]
        yield Section("Leads", [_told(lead) for lead in leads])
        stages = StageChange.objects.filter(lead__in=ids).order_by("moved_at", "pk")
        yield Section("Moves of leads", [row_of(one, *MOVE) for one in stages.select_related("lead")])
        events = LeadEvent.objects.filter(lead__in=ids).order_by("happened_at", "pk").select_related("lead")
        yield Section("Events of leads", [row_of(one, "lead", "kind", "detail", "happened_at") for one in events])
        comments = LeadComment.objects.filter(lead__in=ids, deleted_at=None).select_related("author")
        yield Section("Comments", [row_of(one, "author", "body", "created_at") for one in comments.order_by("pk")])
        files = Attachment.objects.filter(lead__in=ids).order_by("pk")
        yield Section("Files", [row_of(one, "name", "size", "created_at") for one in files])
        calls = Call.objects.filter(lead__in=ids).order_by("pk")
        yield Section("Calls", [row_of(one, "outcome", "happened_at") for one in calls])
        tasks = Task.objects.filter(Q(lead__in=ids) | Q(contact__in=person.contact_ids)).order_by("pk")
        yield Section("Tasks", [row_of(one, *TASK) for one in tasks])
        chances = _opportunities(person).select_related("account", "owner")
        yield Section("Opportunities", [row_of(one, *OPPORTUNITY) for one in chances])
        changes = FieldChange.objects.filter(subject="lead", subject_id__in=ids)
        yield Section("Changes of leads", changes_told(changes))

    def erase(self, person: Person) -> Mapping[str, int]:
        found = _leads(person).select_for_update(no_key=True, of=("self",)).order_by("pk")
        ids = list(found.values_list("pk", flat=True))
        chances = list(_opportunities(person).select_for_update(of=("self",)).values_list("pk", flat=True))
        _close(ids)
        counts = {"leads made anonymous": len(ids), "opportunities made anonymous": len(chances)}
        counts |= _remove(ids, person)
        _silence(ids)
        _make_anonymous(ids)
        _make_chances_anonymous(chances)
        counts["bulk changes"] = forget_searched(BulkJob.objects.all(), person)
        return counts


def _leads(person: Person) -> QuerySet[Lead]:
    """Theirs, deleted ones too, and those that name them without having a contact."""
    theirs = Q(contact__in=person.contact_ids)
    for email in person.emails:
        theirs |= Q(contact=None, person_email__iexact=email)
    found: QuerySet[Lead] = Lead.objects.filter(theirs).order_by("pk")
    return found


def _opportunities(person: Person) -> QuerySet[Opportunity]:
    theirs = Q(contact__in=person.contact_ids) | Q(lead__contact__in=person.contact_ids)
    found: QuerySet[Opportunity] = Opportunity.objects.filter(theirs).order_by("pk")
    return found


def _told(lead: Lead) -> dict[str, object]:
    return row_of(lead, *LEAD) | {label: plain(words) for label, words in custom_fields.in_words(lead, Entity.LEAD)}


def _close(ids: Sequence[int]) -> None:
    """Nobody works on them any more: those with an open opportunity are qualified, the others are not."""
    open_ids = list(Lead.objects.alive().open().filter(pk__in=ids).values_list("pk", flat=True))
    promising = open_ones_of(open_ids)
    reason = StatusReason.objects.get(pk=NO_LONGER_INTERESTED)
    others = [pk for pk in open_ids if pk not in promising]
    close_leads(others, by=None, status=Status.DISQUALIFIED, reason=reason, note=ERASED)
    close_leads(list(promising), by=None, status=Status.QUALIFIED)
    match_keys.release(list(ids))


def _remove(ids: Sequence[int], person: Person) -> dict[str, int]:
    files = list(Attachment.objects.filter(lead__in=ids).values_list("key", flat=True))
    Attachment.objects.filter(lead__in=ids).delete()
    for key in files:
        transaction.on_commit(partial(discard, key))
    tasks = Task.objects.filter(Q(lead__in=ids) | Q(contact__in=person.contact_ids))
    comments = LeadComment.objects.filter(lead__in=ids)
    counts = {"files": len(files), "tasks": tasks.count(), "comments": comments.count()}
    tasks.delete()
    comments.delete()
    CallLater.objects.filter(lead__in=ids).delete()
    Call.objects.filter(lead__in=ids, before__isnull=False).update(before=None)
    return counts


def _silence(ids: Sequence[int]) -> None:
    """What was said of these leads elsewhere says it no more."""
    Notice.objects.filter(lead_ids__overlap=list(ids)).exclude(words="").update(words="")
    BulkRefusal.objects.filter(record_id__in=ids, job__entity=ListOf.LEAD).update(record_words=ERASED)
    LeadEvent.objects.filter(lead__in=ids).exclude(detail="").update(detail="")
    StageChange.objects.filter(lead__in=ids).exclude(reason="").update(reason="")
    with connection.cursor() as cursor:
        cursor.execute(SILENCE, {"ids": list(ids)})
    forget_logged(Lead, ids)


def _make_anonymous(ids: Sequence[int]) -> None:
    now = timezone.now()
    deleted = Contact.objects.deleted().values("pk")
    # A lead that nobody saw, because its contact was deleted, is not to be seen now that it has none.
    Lead.objects.filter(pk__in=ids, deleted_at=None, contact__in=deleted).update(deleted_at=now)
    Lead.objects.filter(pk__in=ids).update(
        topic=ERASED,
        contact=None,
        description="",
        custom={},
        external_id="",
        person_first_name="",
        person_last_name="",
        person_email="",
        person_phone="",
        close_reason="",
        follow_up_on=None,
        updated_at=now,
    )
    LeadEvent.objects.bulk_create([event(pk, LeadEvent.Kind.ERASED, None, "", now) for pk in ids])
    # Last: making them anonymous was a change of their fields as well.
    FieldChange.objects.filter(subject="lead", subject_id__in=ids).delete()


def _make_chances_anonymous(ids: Sequence[int]) -> None:
    Opportunity.objects.filter(pk__in=ids).update(
        topic=ERASED, contact=None, description="", custom={}, external_id="", updated_at=timezone.now()
    )
    OpportunityEvent.objects.filter(opportunity__in=ids).update(detail="")
    OpportunityClose.objects.filter(opportunity__in=ids).update(note="")
    BulkRefusal.objects.filter(record_id__in=ids, job__entity=ListOf.OPPORTUNITY).update(record_words=ERASED)
    FieldChange.objects.filter(subject="opportunity", subject_id__in=ids).delete()
    forget_logged(Opportunity, ids)


LEADS = LeadsOfAPerson()
