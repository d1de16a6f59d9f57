"""Finding submissions by who sent them: e-mail, name, number, or any word of what nobody was made of.

What is rare is found by its index: up to MOST_BY_ID contacts, or MOST submissions that were set aside, by their ids.
What is common is found by going through the submissions in the order of the list, until a page is full. Either way all
are found, but for those that still wait: no index holds them, and only the latest MOST are looked at (`Found.more`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast, Upper

from contacts import normalise
from contacts.models import Contact
from forms_intake.models import Submission, SubmissionState
from forms_intake.models.submissions import UNLINKED
from leadcrm.lib.lists import containing, terms_of

MOST = 2_000
"""So many that wait are looked at; from so many on, how many were found is not worth counting."""
MOST_BY_ID = 20_000
MOST_NUMBER = 2**63 - 1
SAID = Upper(Cast("payload", TextField()))


@dataclass(frozen=True)
class Found:
    """What was found; `common` when it is so many that their number is not worth counting, `more` when there may be
    others among those that wait, `too_short` when nothing was asked.
    """

    rows: QuerySet[Submission]
    more: bool = False
    too_short: bool = False
    common: bool = False


def found_by(rows: QuerySet[Submission], words: str) -> Found:
    """Those of `rows` that `words` name. A constant number of queries, none for a number."""
    words = words.replace("\x00", "").strip()
    if number := _number(words):
        return Found(rows.filter(number))
    email = normalise.email(words)
    if not email and not terms_of(words.split()):
        return Found(rows, too_short=True)
    by_people, many_people = _by_email(email) if email else _by_name(words)
    by_words, many_aside, more = _by_words(words)
    found = rows.alias(said=SAID).filter(by_people | by_words)
    return Found(found, more=more, common=many_people or many_aside)


def _number(words: str) -> Q | None:
    """The id a poster was told, or the number on its page."""
    digits = words.removeprefix("#")
    if digits.isascii() and digits.isdecimal() and len(digits) < 20:
        return Q(pk=min(int(digits), MOST_NUMBER))
    try:
        return Q(public_id=UUID(words))
    except ValueError:
        return None


def _by_email(email: str) -> tuple[Q, bool]:
    """Processed with this address, or by the contact who has it."""
    people = _ids(Contact.objects.filter(email=email).order_by("pk"))
    return Q(email=email) | Q(contact__in=people), False


def _by_name(words: str) -> tuple[Q, bool]:
    """By the contact; whether those are many."""
    people = _ids(containing(Contact.objects.alive(), "search_text__contains", words).order_by(), MOST_BY_ID)
    if len(people) < MOST_BY_ID:
        return Q(contact__in=people), len(people) >= MOST
    return _contains("contact__search_text", words) & Q(contact__deleted_at=None), True


def _by_words(words: str) -> tuple[Q, bool, bool]:
    """Those that no contact was made of, by what was posted; whether they are many, and whether there may be others
    among those that still wait.
    """
    said = Submission.objects.alias(said=SAID)
    aside = _ids(said.filter(UNLINKED, _contains("said", words)).order_by())
    waiting = _ids(Submission.objects.filter(state=SubmissionState.PENDING).order_by("-pk"))
    near = _ids(said.filter(_contains("said", words), pk__in=waiting).order_by()) if waiting else []
    many = len(aside) >= MOST
    found = Q(pk__in=near) | (UNLINKED & _contains("said", words)) if many else Q(pk__in=[*aside, *near])
    return found, many, len(waiting) >= MOST


def _contains(text: str, words: str) -> Q:
    """That a text in capitals contains every word that is long enough."""
    return reduce(and_, (Q(**{f"{text}__contains": term}) for term in terms_of(words.split())))


def _ids(rows: QuerySet, most: int = 0) -> list[int]:
    return list(rows.values_list("pk", flat=True)[: most or MOST])
