"""What the door holds of a person: what they posted. Erased, a post stays as a figure of its form and page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q, QuerySet

from contacts.privacy.holding import Person, Section, row_of
from forms_intake.imports.personal import FILES
from forms_intake.models import MailMessage, MailState, Submission, SubmissionEvent

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
        yield from MAILS.tell(person)

    def erase(self, person: Person) -> Mapping[str, int]:
        mails = MAILS.erase(person)
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
        return {**counts, **mails, **FILES.erase(person)}


def _linked(person: Person) -> QuerySet[Submission]:
    """What was processed: it knows its contact or its lead."""
    whose = Q(contact__in=person.contact_ids) | Q(lead__contact__in=person.contact_ids)
    for email in person.emails:
        whose |= Q(lead__contact=None, lead__person_email__iexact=email)
    return Submission.objects.filter(whose)


def _naming(person: Person) -> QuerySet[Submission]:
    """What was not processed, or was to no effect, and holds an address of theirs."""
    holds = Q(pk=None)
    for email in person.emails:
        holds |= Q(payload__icontains=email)
        holds |= Q(email=email)
    return Submission.objects.filter(holds, contact=None)


class Mails:
    """Messages that were read. Erased, one stays as a figure of its mailbox, so that it is not read again."""

    def tell(self, person: Person) -> Iterable[Section]:
        rows = _mails(person).select_related("mailbox").order_by("pk")
        yield Section("Messages that were read", [row_of(one, *MAIL) for one in rows])

    def erase(self, person: Person) -> Mapping[str, int]:
        ids = list(_mails(person).values_list("pk", flat=True))
        MailMessage.contacts.through.objects.filter(mailmessage__in=ids, contact__in=person.contact_ids).delete()
        emptied = MailMessage.objects.filter(pk__in=ids)
        emptied.exclude(state=MailState.KEPT).update(state=MailState.IGNORED)
        emptied.update(sender="", subject="", why="", said=None, files_wanted=False, files_told=[])
        return {"messages made anonymous": len(ids)}


MAIL = ("mailbox", "sender", "subject", "sent_at", "state", "what", "why", "said")


def _mails(person: Person) -> QuerySet[MailMessage]:
    whose = Q(contacts__in=person.contact_ids) | Q(submission__contact__in=person.contact_ids)
    for email in person.emails:
        whose |= Q(sender=email) | Q(said__icontains=email) | Q(why__icontains=email)
    return MailMessage.objects.filter(pk__in=MailMessage.objects.filter(whose).values("pk"))


MAILS = Mails()
DOOR = Door()
