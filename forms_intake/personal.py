"""What the door holds of a person: what they posted. Erased, a post stays as a figure of its form and page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from contacts.privacy.holding import Person, Section, row_of
from forms_intake.imports.personal import FILES
from forms_intake.models import Submission, SubmissionEvent

COLUMNS = ("form", "page", "received_at", "state", "payload", "origin", "email")
ERASED = {"erased": True}


class Door:
    """As contacts.privacy.holding.Holder says."""

    def tell(self, person: Person) -> Iterable[Section]:
        rows = Submission.objects.filter(Q(pk__in=_linked(person)) | Q(pk__in=_naming(person)))
        found = rows.select_related("form", "page").order_by("pk")
        yield Section("What they posted to forms", [row_of(one, *COLUMNS) for one in found])
        mended = SubmissionEvent.objects.filter(submission__in=rows).exclude(changes=[]).order_by("pk")
        yield Section("What was mended in it", [row_of(one, "submission", "at", "changes") for one in mended])
        yield from FILES.tell(person)

    def erase(self, person: Person) -> Mapping[str, int]:
        linked = list(_linked(person).values_list("pk", flat=True))
        gone = Submission.objects.filter(pk__in=list(_naming(person).values_list("pk", flat=True)))
        gone = gone | Submission.objects.filter(pk__in=linked).exclude(state="done")
        counts = {"posts made anonymous": len(linked), "posts deleted": gone.count()}
        gone.delete()
        Submission.objects.filter(pk__in=linked).update(
            payload={},
            origin={},
            dropped=[],
            marks=[],
            error="",
            email="",
            decision=ERASED,
            contact=None,
            interaction=None,
        )
        SubmissionEvent.objects.filter(submission__in=linked).update(reason="", changes=[])
        return {**counts, **FILES.erase(person)}


def _linked(person: Person) -> QuerySet[Submission]:
    """What was processed: it knows its contact or its lead."""
    whose = Q(contact__in=person.contact_ids) | Q(lead__contact__in=person.contact_ids)
    if person.emails:
        whose |= Q(lead__contact=None, lead__person_email__in=person.emails)
    return Submission.objects.filter(whose)


def _naming(person: Person) -> QuerySet[Submission]:
    """What was not processed, or was to no effect, and holds an address of theirs."""
    holds = Q(pk=None)
    for email in person.emails:
        holds |= Q(payload__icontains=email)
        holds |= Q(email=email)
    return Submission.objects.filter(holds, contact=None)


DOOR = Door()
