"""Forms that do not update everything: only leads, or nothing at all."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.db import connection
from django.db.models.functions import Upper

from contacts import match_keys, normalise
from contacts.match_keys import Kind
from contacts.privacy import tombstones
from forms_intake.models import Creates
from forms_intake.processing.agreeing import let_back
from forms_intake.processing.intents import Intent
from forms_intake.processing.interests import match_leads, new_lead
from forms_intake.processing.keys import asked_keys
from forms_intake.processing.locking import ALIVE, locked_shared
from leads.models import Lead
from leads.services.records import contacts_known_to

TAKE_TURNS = "SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS turns (number)"
NO_UPDATE = {"strategy": "None", "reason": "The form updates nothing: the post is kept as a submission only."}
UNKNOWN = {"strategy": "None", "reason": "The form makes only leads, and nobody is known by what was said."}


def without_update(intents: Sequence[Intent]) -> list[Intent]:
    """Those of forms that update nothing, with that as their decision; they need no matching."""
    found = [intent for intent in intents if intent.form.creates == Creates.NOTHING]
    for intent in found:
        intent.decision["contact"] = dict(NO_UPDATE)
    return found


def match_only_leads(intents: Sequence[Intent], kinds: list[Kind]) -> None:
    """Give posts of forms that make only leads their lead. A contact who is known is linked and stays as it is; else
    the lead is about a person without a contact, and further posts of the same e-mail about the same join it. Raises
    CannotProcess for somebody who was erased and does not come back of their own will.
    """
    if not intents:
        return
    _link_known(intents, kinds)
    _link_as_leads_are([intent for intent in intents if not intent.contact_id and not intent.submission.lead_id])
    match_leads([intent for intent in intents if intent.contact_id or intent.submission.lead_id])
    unknown = [intent for intent in intents if not intent.contact_id and not intent.submission.lead_id]
    if unknown:
        erased = tombstones.standing_over({key for intent in unknown for key in intent.keys})
        for intent in unknown:
            let_back(intent, erased)
        _match_unknown(unknown)


def _link_known(intents: Sequence[Intent], kinds: list[Kind]) -> None:
    for intent in intents:
        intent.keys = match_keys.keys_of(intent.values("contact"), kinds)
    asked = {intent.submission.pk: asked_keys(intent) for intent in intents}
    owners = match_keys.owners_of([key for pairs in asked.values() for key, _ in pairs])
    alive = locked_shared(ALIVE, sorted(set(owners.values())))
    for intent in intents:
        found = [(owners[key], key, why) for key, why in asked[intent.submission.pk] if owners.get(key) in alive]
        intent.decision["contact"] = dict(UNKNOWN)
        if found:
            contact_id, key, why = found[0]
            intent.contact_id = contact_id
            intent.decision["contact"] = {
                "strategy": intent.form.contact_strategy.name,
                "key": f"{key[0]}: {key[1]}".replace("\n", ", "),
                "candidates": list(dict.fromkeys(owner for owner, _, _ in found)),
                "winner": contact_id,
                "reason": f"{why} The form makes only leads: the contact stays as it is.",
            }


def _link_as_leads_are(intents: Sequence[Intent]) -> None:
    """Link those whose leads would be linked the moment they are opened, by the strategy of all leads: only of who is
    known before are leads matched, and the interaction written.
    """
    known = contacts_known_to([new_lead(intent, None) for intent in intents]) if intents else []
    for intent, contact_id in zip(intents, known, strict=True):
        if contact_id is not None:
            intent.contact_id = contact_id
            intent.decision["contact"] = {
                "strategy": "As leads without a contact are linked",
                "key": "",
                "candidates": [contact_id],
                "winner": contact_id,
                "reason": "Known by the default strategy. The form makes only leads: the contact stays as it is.",
            }


def _match_unknown(intents: Sequence[Intent]) -> None:
    """Who has an open lead without a contact about the same keeps it; the first of each other e-mail makes one."""
    emails = {one.submission.pk: normalise.email(one.values("contact").get("email", "")) for one in intents}
    about = {one.submission.pk: (emails[one.submission.pk], one.context.id) for one in intents}
    joinable = [one for one in intents if emails[one.submission.pk] and not one.form.always_new_lead]
    leads = _known_leads({about[one.submission.pk] for one in joinable})
    first: dict[tuple[str, int], Intent] = {}
    making, joining = [], []
    for intent in intents:
        key = about[intent.submission.pk]
        if intent not in joinable:
            making.append(intent)
        elif key in leads:
            intent.lead_id = leads[key]
            intent.decision["lead"] = _joined(intent, leads[key])
        elif key in first:
            joining.append(intent)
        else:
            first[key] = intent
            making.append(intent)
    match_leads(making)
    for intent in joining:
        intent.lead_id = first[about[intent.submission.pk]].lead_id
        intent.decision["lead"] = _joined(intent, intent.lead_id)


def _known_leads(wanted: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
    """Open leads without a contact by e-mail and context; the oldest. Posts about one of them go one after another."""
    if not wanted:
        return {}
    words = (f"lead:{email}:{context}" for email, context in wanted)
    numbers = sorted(int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], signed=True) for word in words)
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURNS, [numbers])
    leads = (
        Lead.objects.alive()
        .open()
        .annotate(email=Upper("person_email"))
        .filter(
            contact=None,
            marketing_context__in={context for _, context in wanted},
            email__in={email.upper() for email, _ in wanted},
        )
    )
    by_email = {email.upper(): email for email, _ in wanted}
    return {
        (by_email[email], context): pk
        for email, context, pk in leads.order_by("-pk").values_list("email", "marketing_context_id", "pk")
    }


def _joined(intent: Intent, lead_id: int | None) -> dict[str, object]:
    return {
        "strategy": intent.form.lead_strategy.name,
        "key": "",
        "candidates": [lead_id],
        "winner": lead_id,
        "reason": "An open lead without a contact has the same e-mail and the same interest.",
    }
