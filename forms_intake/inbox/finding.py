"""Finding submissions by who sent them: e-mail, name, number, or any word of what nobody was made of.

Every way has an index, and gives at most MOST ids: who sent a million posts is not found by their name. Whenever there
may be others than those that are found, `Found.more` says so, and the page with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Upper

from contacts import normalise
from contacts.models import Contact
from forms_intake.models import Submission, SubmissionState
from forms_intake.models.submissions import UNLINKED
from leadcrm.lib.lists import containing, terms_of

MOST = 500
MOST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class Found:
    """What was found; `more` when there may be others, `too_short` when nothing was asked."""

    rows: QuerySet[Submission]
    more: bool = False
    too_short: bool = False


def found_by(rows: QuerySet[Submission], words: str) -> Found:
    """Those of `rows` that `words` name. A constant number of queries, none for a number."""
    words = words.replace("\x00", "").strip()
    if number := _number(words):
        return Found(rows.filter(number))
    if email := normalise.email(words):
        return _by_email(rows, email, words)
    if not terms_of(words.split()):
        return Found(rows, too_short=True)
    people = _ids(containing(Contact.objects.alive(), "search_text__contains", words).order_by("-pk"))
    by_people = _ids(Submission.objects.filter(contact__in=people).order_by("-pk")) if people else []
    by_words, cut = _by_words(words)
    more = cut or max(len(people), len(by_people)) >= MOST
    return Found(rows.filter(pk__in={*by_people, *by_words}), more=more)


def _number(words: str) -> Q | None:
    """The id a poster was told, or the number on its page."""
    digits = words.removeprefix("#")
    if digits.isascii() and digits.isdecimal() and len(digits) < 20:
        return Q(pk=min(int(digits), MOST_NUMBER))
    try:
        return Q(public_id=UUID(words))
    except ValueError:
        return None


def _by_email(rows: QuerySet[Submission], email: str, words: str) -> Found:
    """Processed with this address, by the contact who has it, or naming it and not processed."""
    people = _ids(Contact.objects.filter(email=email).order_by("pk"))
    by_email = _ids(Submission.objects.filter(email=email).order_by("-received_at"))
    by_people = _ids(Submission.objects.filter(contact__in=people).order_by("-pk")) if people else []
    by_words, cut = _by_words(words)
    more = cut or max(len(by_email), len(by_people)) >= MOST
    return Found(rows.filter(pk__in={*by_email, *by_people, *by_words}), more=more)


def _by_words(words: str) -> tuple[list[int], bool]:
    """Those that no contact was made of, by what was posted; of those that still wait, which no index holds, the
    latest. Whether there may be others.
    """
    said = Submission.objects.alias(said=Upper(Cast("payload", TextField())))
    aside = _ids(containing(said.filter(UNLINKED), "said__contains", words).order_by())
    waiting = _ids(Submission.objects.filter(state=SubmissionState.PENDING).order_by("-pk"))
    near = _ids(containing(said.filter(pk__in=waiting), "said__contains", words).order_by()) if waiting else []
    return sorted({*aside, *near}, reverse=True), max(len(aside), len(waiting)) >= MOST


def _ids(rows: QuerySet) -> list[int]:
    return list(rows.values_list("pk", flat=True)[:MOST])
