"""What people agreed to: kept, held against what they withdrew since, and what brings back who was erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from django.utils import timezone

from contacts.models import Consent, How
from contacts.privacy import tombstones
from forms_intake.errors import CannotProcess
from forms_intake.processing.intents import RETYPED, Intent
from leadcrm.lib.claims import Key
from leadcrm.lib.rows import insert


def let_back(intent: Intent, erased: Mapping[Key, datetime]) -> None:
    """Who was erased comes back by their own will: with a fresh consent, or a click in a mail; it is on record.
    Raises CannotProcess where neither is given: then a person decides.
    """
    stones = [key for key in intent.keys if key in erased]
    if not stones:
        return
    day = f"{timezone.localtime(min(erased[key] for key in stones)):%d.%m.%Y}"
    by_others = intent.is_captured or RETYPED in intent.submission.origin
    if (by_others or not intent.agreed) and intent.confirmed_at is None:
        why = "what others write down brings nobody back" if by_others else "agrees to nothing here"
        raise CannotProcess(
            f"This person was erased at their own request on {day}, and {why}. If they want to be "
            "known again, let them come back on the page of requests, then retry this."
        )
    tombstones.lift(stones, f"By themselves: form {intent.form.name}")
    intent.decision["erased"] = f"Was erased on {day}, and came back by themselves with a fresh consent."


def withdrawn_by(contact_ids: Collection[int]) -> dict[int, list[Consent]]:
    """What each of these contacts has withdrawn. One query, none without contacts."""
    withdrawn: dict[int, list[Consent]] = {one: [] for one in contact_ids}
    for consent in Consent.objects.filter(contact_id__in=contact_ids, given=False) if contact_ids else ():
        withdrawn[consent.contact_id].append(consent)
    return withdrawn


def agreed_level(intent: Intent, withdrawn: Iterable[Consent]) -> int:
    """The level an intent agreed to, as far as nothing that was withdrawn later lowers it: it may have waited."""
    given = max((agreed.level for agreed in intent.agreed), default=0)
    concerned = {None, *(agreed.purpose_id for agreed in intent.agreed)}
    later = (one for one in withdrawn if one.recorded_at > intent.agreed_at)
    return min([given, *(one.level for one in later if one.purpose_id in concerned)])


def keep_consents(intents: Iterable[Intent]) -> None:
    """Write down what those agreed to who are contacts now; once, however often it is processed."""
    intents = list(intents)
    kept = _kept(intents)
    consents = [
        Consent(
            contact_id=intent.contact_id,
            level=agreed.level,
            wording=agreed.wording,
            language=agreed.language,
            purpose_id=agreed.purpose_id,
            version_id=agreed.version_id,
            how=How.PERSON if intent.is_captured else How.FORM,
            source=_source_of(intent),
            page=intent.page_address,
            ip=intent.submission.origin.get("ip") or None,
            confirmed_at=intent.confirmed_at,
            confirmed_ip=intent.submission.origin.get("confirmed_ip") or None,
            recorded_at=intent.agreed_at,
        )
        for intent in intents
        if intent.contact_id
        for agreed in intent.agreed
        if (intent.contact_id, intent.agreed_at, agreed.purpose_id, agreed.level) not in kept
    ]
    insert(consents)


def _kept(intents: Iterable[Intent]) -> set[tuple[int, datetime, int | None, int]]:
    """What was written down of those that were processed before, by contact, moment, purpose and level. No query where
    there are none.
    """
    again = [intent for intent in intents if intent.contact_id and intent.agreed and intent.submission.processed_at]
    if not again:
        return set()
    rows = Consent.objects.filter(
        contact_id__in={intent.contact_id for intent in again},
        recorded_at__in={intent.agreed_at for intent in again},
        given=True,
    )
    return set(rows.values_list("contact_id", "recorded_at", "purpose_id", "level"))


def _source_of(intent: Intent) -> str:
    """Where a consent was given: the form, or on what occasion, how, and to whom."""
    said = intent.submission.origin
    if not intent.is_captured:
        return intent.form.name
    return f"{said.get('occasion', intent.form.name)}: {said.get('consent_how', '')}, to {said.get('by_name', '')}"[
        :200
    ]
