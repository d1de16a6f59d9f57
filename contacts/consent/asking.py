"""Consents that count only once a link in a mail was followed: asked, asked again, confirmed, forgotten."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from contacts.letters import address_of, may_ask, post_letter
from contacts.models import Consent, ConsentAsked, Contact, Purpose, PurposeWording
from contacts.models.consent import HELD_FOR
from contacts.services.consents import record_consent, standing_of
from leadcrm.lib.languages import ENGLISH

SALT = "contacts.consent-asked"
VALID = timedelta(days=30)
"""So long the link in a mail confirms."""
KEPT = timedelta(days=60)
"""So long what was not confirmed can be asked for again."""
LETTER = "consent"
BATCH = 200
PAUSE = timedelta(minutes=10)
"""Within so long the same question brings no second mail."""


class Expired(Exception):
    """The link is ours, but too old; `asked` may be asked again."""

    def __init__(self, asked: ConsentAsked | None) -> None:
        super().__init__("The link has run out.")
        self.asked = asked


def ask(
    *,
    contact: Contact,
    purpose: Purpose,
    version: PurposeWording | None,
    how: str,
    source: str = "",
    page: str = "",
    ip: str | None = None,
    language: str = ENGLISH,
) -> ConsentAsked:
    """Send a person the question whether they agree to a purpose, in the language they were asked in; it waits for
    their answer, also where no letter more may go to their address today (`mailed` says so; it goes by itself later).

    Links name a question, and who reads one address cannot answer for another: asked at another address than before,
    it is another question, and no link that went out before answers it.
    """
    words, words_in = version.said_in(language) if version else ("", "")
    with transaction.atomic():
        before = ConsentAsked.objects.filter(contact=contact, purpose=purpose).select_for_update().first()
        if before is not None and before.email != contact.email:
            before.delete()
        asked, is_first = ConsentAsked.objects.update_or_create(
            contact=contact,
            purpose=purpose,
            defaults={
                "version": version,
                "wording": words,
                "language": words_in,
                "how": how,
                "source": source[:200],
                "page": page[:300],
                "ip": ip,
                "email": contact.email,
            },
        )
        # Who asks the first time in the same moment as another waits for them, and finds that it was asked.
        if is_first or asked.asked_at < timezone.now() - PAUSE:
            asked.mailed = _send(asked, language)
        if is_first and not asked.mailed:
            asked.asked_at = timezone.now() - PAUSE  # the next try is no second letter
            asked.save(update_fields=["asked_at"])
    return asked


def ask_again(asked: ConsentAsked, *, language: str = ENGLISH) -> bool | None:
    """The same question with a fresh link; no second mail within some minutes. Gives whether it goes, as
    `ConsentAsked.mailed` does.
    """
    with transaction.atomic():
        locked = ConsentAsked.objects.filter(pk=asked.pk).select_for_update().first()
        if locked is not None and locked.asked_at < timezone.now() - PAUSE:
            return _send(locked, language)
    return None


def _send(asked: ConsentAsked, language: str) -> bool:
    if not may_ask(asked.email, about=f"consent to {asked.purpose_id}"):
        asked.held_at = asked.held_at or timezone.now()
        asked.save(update_fields=["held_at"])
        return False
    asked.asked_at, asked.held_at = timezone.now(), None
    asked.save(update_fields=["asked_at", "held_at"])
    post_letter(LETTER, asked=str(asked.pk), language=language)
    return True


def send_held_back() -> int:
    """Have the letters sent that were held back a day ago, as far as the limit lets them now; how many. Who agrees by
    now is asked nothing. A transaction for each batch, and whoever works on one of them goes first.
    """
    sent, after, full = 0, uuid.UUID(int=0), set[str]()
    here = Q(contact__deleted_at=None, email=F("contact__email"), purpose__retired_at=None)
    waiting = ConsentAsked.objects.filter(here, held_at__lt=timezone.now() - HELD_FOR)
    while True:
        with transaction.atomic():
            rows = waiting.filter(pk__gt=after).order_by("pk").select_for_update(skip_locked=True, of=("self",))
            batch = list(rows[:BATCH])
            for one in batch:
                if one.email in full:  # what may have none any more is not counted again
                    continue
                if not standing_of(one.contact_id).agrees_to(one.purpose_id):
                    went = _send(one, one.language or ENGLISH)
                    sent += went
                    full |= set() if went else {one.email}
        if len(batch) < BATCH:
            return sent
        after = batch[-1].pk


def link_to(asked: ConsentAsked) -> str:
    """The whole address that confirms it."""
    token = signing.dumps([str(asked.pk), asked.contact_id, asked.purpose_id], salt=SALT)
    return address_of(reverse("preferences:confirm", args=[token]))


def found(token: str) -> tuple[ConsentAsked | None, Consent | None]:
    """What a link is about: the question that waits, or the consent it has become. Raises Expired, BadSignature."""
    try:
        asked_id, contact_id, purpose_id = signing.loads(token, salt=SALT, max_age=VALID)
        late = False
    except signing.SignatureExpired:
        asked_id, contact_id, purpose_id = signing.loads(token, salt=SALT)
        late = True
    everything = ConsentAsked.objects.select_related("contact", "purpose")
    asked = everything.filter(pk=asked_id, contact__deleted_at=None).first()
    if asked is not None and asked.email == asked.contact.email:
        if late:
            raise Expired(asked)
        return asked, None
    given = Consent.objects.filter(contact=contact_id, purpose=purpose_id).order_by("-recorded_at", "-pk").first()
    if given is not None and given.given and given.confirmed_at is not None:
        return None, given
    raise Expired(None)


def confirm(asked: ConsentAsked, *, ip: str | None) -> Consent | None:
    """Their answer is yes: from now on it counts. None when another click was quicker, they took it back, or have
    another address by now.
    """
    with transaction.atomic():
        # The contact first, as whoever takes back does: a click and an unsubscribe in one moment wait for each other.
        Contact.objects.filter(pk=asked.contact_id).select_for_update(no_key=True).first()
        taken = (
            ConsentAsked.objects.filter(pk=asked.pk, email=F("contact__email"))
            .select_for_update(of=("self",))
            .select_related("purpose", "version")
            .first()
        )
        if taken is None:
            return None
        consent = record_consent(
            contact_id=taken.contact_id,
            purpose=taken.purpose,
            version=taken.version,
            wording=taken.wording,
            language=taken.language,
            how=taken.how,
            source=taken.source,
            page=taken.page,
            ip=taken.ip,
            confirmed_at=timezone.now(),
            confirmed_ip=ip,
        )
        ConsentAsked.objects.filter(pk=taken.pk).delete()
    return consent
