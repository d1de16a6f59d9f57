"""What a submission said, field by field: what it was for, and what that did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from contacts.models import Consent, CustomField, How
from forms_intake.confirming import CONFIRMED_AT
from forms_intake.fitting import as_text
from forms_intake.models import FieldType, Submission
from forms_intake.processing.intents import posted_at
from forms_intake.processing.values import FILLED, KEPT, LEFT, OVERWRITTEN, SAME, THEIRS
from forms_intake.spec.shape import FieldSpec, FormSpec
from leadcrm.lib.domains import disguised
from leadcrm.lib.languages import LANGUAGES

DID = {
    FILLED: ("Filled", "good"),
    OVERWRITTEN: ("Overwritten", "good"),
    KEPT: ("Kept what was known", ""),
    SAME: ("Known already", ""),
    LEFT: ("Left alone", ""),
    THEIRS: ("Somebody else’s", "bad"),
}
NEW = ("Written", "good")
"""To a record that it made."""


@dataclass(frozen=True)
class Answer:
    """One field: what was said, which attribute it is for, and what that did (`before`: what stood there). `disguised`:
    the domain of an address as the network has it, where people may take it for another.
    """

    label: str
    said: str
    goes_to: str = ""
    did: str = ""
    tone: str = ""
    before: str = ""
    disguised: str = ""


@dataclass(frozen=True)
class Agreement:
    """One consent: whether it was ticked, in which words, which version of them, and where the proof is."""

    ticked: bool
    wording: str
    version: str = ""
    url: str = ""


def answers_of(submission: Submission, form: FormSpec) -> list[Answer]:
    """What was said, in the order of the form; what no field of it asks stands at the end."""
    wrote = _wrote(submission.decision or {})
    customs = {(one.entity, one.key): one.label for one in CustomField.objects.all()} if _has_custom(form) else {}
    told = []
    for one in form.fields:
        if one.type == FieldType.CONSENT:
            continue
        value = submission.payload.get(one.key)
        if value in (None, "", []):
            told.append(Answer(one.label, "", _attribute(one, customs)))
            continue
        did, tone, before = _done_with(one, submission, wrote)
        plain = disguised(value) if one.type == FieldType.EMAIL and isinstance(value, str) else ""
        told.append(Answer(one.label, as_text(value), _attribute(one, customs), did, tone, before, plain))
    known = {one.key for one in form.fields}
    told += [
        Answer(key, as_text(value) if isinstance(value, (str, bool, list)) else str(value))
        for key, value in submission.payload.items()
        if key not in known
    ]
    return told


def _has_custom(form: FormSpec) -> bool:
    return any(one.target and one.target.custom for one in form.fields)


def _attribute(one: FieldSpec, customs: Mapping[tuple[str, str], str]) -> str:
    if one.target is None:
        return ""
    record, name = one.target.record, one.target.name
    label = customs.get((record, name), name) if one.target.custom else name.replace("_", " ")
    return f"{record.capitalize()}: {label}"


def _wrote(decision: Mapping[str, Any]) -> dict[tuple[str, str], Mapping[str, Any]]:
    return {
        (record, line["field"]): line
        for record, one in decision.items()
        if isinstance(one, dict)
        for line in one.get("wrote", ())
    }


def _done_with(
    one: FieldSpec, submission: Submission, wrote: Mapping[tuple[str, str], Mapping[str, Any]]
) -> tuple[str, str, str]:
    """What became of a value: words, tone, and what was there before."""
    if one.target is None:
        return "", "", ""
    record = one.target.record
    line = wrote.get((record, ("custom." if one.target.custom else "") + one.target.name))
    if line is not None:
        words, tone = DID.get(line["did"], (line["did"], ""))
        before = line.get("before", "")
        return words, tone, as_text(before) if before not in ("", None) else ""
    decided = (submission.decision or {}).get(record)
    if not isinstance(decided, dict):
        return "", "", ""
    if decided.get("new"):
        return (*NEW, "")
    return ("Not written", "", "") if record == "account" else ("", "", "")


def agreements_of(submission: Submission, form: FormSpec) -> list[Agreement]:
    """The consents that were asked, in the words they were given in, as the log of consents has them."""
    kept = _consents_of(submission, form)
    told = []
    for one in form.fields:
        if one.type != FieldType.CONSENT:
            continue
        ticked = submission.payload.get(one.key) is True
        proof = next((row for row in kept if row.purpose_id == (one.purpose.pk if one.purpose else None)), None)
        if not ticked or proof is None:
            told.append(Agreement(ticked, one.label))
            continue
        version = f"{one.purpose}, wording {proof.version.number}" if one.purpose and proof.version else ""
        version += f", {LANGUAGES[proof.language]}" if version and proof.language in LANGUAGES else ""
        told.append(Agreement(True, proof.wording, version, reverse("contacts:detail", args=[proof.contact_id])))
    return told


def _consents_of(submission: Submission, form: FormSpec) -> list[Consent]:
    if not submission.contact_id:
        return []
    confirmed = submission.origin.get(CONFIRMED_AT)
    at = datetime.fromisoformat(confirmed) if confirmed else posted_at(submission)
    rows = Consent.objects.filter(contact=submission.contact_id, recorded_at=at, how=How.FORM, source=form.name)
    return list(rows.select_related("version"))
