"""Erasure: everything personal goes or becomes anonymous, in one transaction, and stones keep it so.

Match keys first, then the contact, then what hangs on it, the highest room first (contacts/privacy/holding.py).
"""

from __future__ import annotations

import time
from collections import Counter

import structlog
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from contacts import match_keys
from contacts.doorbells import facts_changed
from contacts.errors import InvalidValues
from contacts.models import Contact, DataRequest, DataRequestStep, MatchKey, User
from contacts.outbox import tell
from contacts.privacy.exporting import person_of
from contacts.privacy.holding import Person, holders
from contacts.privacy.requests import locked, note
from contacts.privacy.tombstones import raise_over
from leadcrm.lib.claims import Key

log = structlog.get_logger("contacts.privacy")

PATIENCE = 5
COLLISIONS = ("40P01", "40001")


def typed_right(request: DataRequest) -> str:
    """What whoever erases must type, so that nobody is erased by a slip."""
    return request.email or request.name or "erase"


def erase(request_id: int, *, typed: str, by: User) -> DataRequest:
    """Erase the person of a request for good. `typed` is their address, typed once more.

    Raises AlreadyAnswered, InvalidValues: typed wrong, or, where four eyes are asked for, by who entered it.
    """
    for tries in range(PATIENCE):
        try:
            return _erase(request_id, typed, by)
        except OperationalError as error:  # crossed with another writer, such as the one who processes their post
            if getattr(error.__cause__, "pgcode", "") not in COLLISIONS or tries + 1 == PATIENCE:
                raise
            time.sleep(0.05 * 2**tries)
    raise AssertionError


def _erase(request_id: int, typed: str, by: User) -> DataRequest:
    with transaction.atomic():
        request = locked(request_id)
        if request.kind != DataRequest.Kind.ERASURE:
            raise InvalidValues({"typed": "This is no request to be erased."})
        if settings.ERASURE_FOUR_EYES and request.entered_by_id == by.pk:
            raise InvalidValues({"typed": "You have entered this request: somebody else has to erase."})
        if typed.strip().casefold() != typed_right(request).casefold():
            raise InvalidValues({"typed": f"Please type {typed_right(request)} exactly."})
        person = person_of(request)
        keys, theirs = _keys(person), _requests_of(request, person)
        MatchKey.objects.filter(pk__in=[key.pk for key in _locked_keys(person)]).delete()
        list(Contact.objects.filter(pk__in=person.contact_ids).order_by("pk").select_for_update())
        with connection.cursor() as cursor:  # what is closed stays as it is, but for this
            cursor.execute("SET LOCAL leadcrm.erasing = 'on'")
        gone: Counter[str] = Counter()
        for holder in holders():
            gone.update(holder.erase(person))
        stones = raise_over(keys, request)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL leadcrm.erasing = 'off'")
        _finish(request, theirs, dict(gone), by)
        # Only numbers: whoever copied them must know whom to forget.
        tell("contact.erased", [{"contact_id": pk} for pk in sorted(person.contact_ids)])
        facts_changed()
    log.info("erased", request=request_id, by=by.pk, stones=stones, gone=dict(gone))
    return request


def _locked_keys(person: Person) -> list[MatchKey]:
    rows = MatchKey.objects.filter(contact__in=person.contact_ids).order_by("kind", "value")
    return list(rows.select_for_update())


def _keys(person: Person) -> list[Key]:
    """All keys by which they could be known again: those they have, those their values make, their addresses."""
    kinds = match_keys.kinds_in_use()
    people = Contact.objects.filter(pk__in=person.contact_ids)
    made = [key for one in people for key in match_keys.keys_of(match_keys.values_of(one), kinds)]
    owned = MatchKey.objects.filter(contact__in=person.contact_ids).values_list("kind", "value")
    return [*made, *owned, *(("email", email) for email in person.emails)]


def _requests_of(request: DataRequest, person: Person) -> list[DataRequest]:
    """All requests of the same person, this one among them."""
    same = Q(pk=request.pk) | Q(contact__in=person.contact_ids)
    if request.digest:
        same |= Q(digest=request.digest)
    return list(DataRequest.objects.filter(same))


def _finish(request: DataRequest, theirs: list[DataRequest], gone: dict[str, int], by: User) -> None:
    """The request keeps what was done and by whom, and of whom only a hash; so do others of the same person."""
    gone = {word: number for word, number in gone.items() if number}
    now, done = timezone.now(), DataRequest.State.DONE
    # What was written down about it may name them.
    steps = DataRequestStep.objects.filter(request__in=theirs).exclude(what__startswith="Copy made")
    steps.update(words="")
    for one in theirs:
        if one.pk != request.pk and one.state == DataRequest.State.OPEN:
            note(one, "Closed: the person was erased", by=by)
            DataRequest.objects.filter(pk=one.pk).update(state=done, done_at=now, done_by=by)
    DataRequest.objects.filter(pk__in=[one.pk for one in theirs]).update(name="", email="", contact=None)
    DataRequest.objects.filter(pk=request.pk).update(state=done, done_at=now, done_by=by, outcome=gone)
    note(request, "Erased", words=", ".join(f"{number} {word}" for word, number in gone.items()), by=by)
    request.refresh_from_db()
