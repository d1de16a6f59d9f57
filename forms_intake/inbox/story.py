"""One submission told: field by field what was said and what that did, whose it is and why, and its history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from contacts.models import Account, Consent, Contact, CustomField, DuplicatePair, How
from forms_intake.confirming import CONFIRMED_AT
from forms_intake.feeding import FED
from forms_intake.fitting import as_text
from forms_intake.matching.words import key_in_words
from forms_intake.models import Deed, FieldType, Submission
from forms_intake.posts import LANGUAGE
from forms_intake.processing.intents import POSTED_AT, posted_at
from forms_intake.processing.values import FILLED, KEPT, LEFT, OVERWRITTEN, SAME, THEIRS
from forms_intake.spec.shape import FieldSpec, FormSpec
from leadcrm.lib.domains import disguised
from leadcrm.lib.languages import LANGUAGES
from leads.models import Lead

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
EDITS = {
    "corrected": "corrected where it was written",
    "changed_since": "left: somebody changed it since",
    "nowhere": "kept here only",
    "closed": "left: the lead is closed",
    "linked": "left: the company was known before",
}


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


@dataclass(frozen=True)
class Candidate:
    """A record that was looked at: its name, where it is, whether it was taken, and its points of likeness, of 100."""

    words: str
    url: str = ""
    won: bool = False
    points: int | None = None


@dataclass(frozen=True)
class Decision:
    """How one kind of record was found or made."""

    record: str
    strategy: str
    key: str
    reason: str
    made: bool
    candidates: list[Candidate] = field(default_factory=list)


@dataclass(frozen=True)
class Happening:
    """One line of the history."""

    at: datetime
    words: str
    by: str = ""
    reason: str = ""
    changes: list[tuple[str, str, str, str]] = field(default_factory=list)
    url: str = ""
    tone: str = ""


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
        told.append(Agreement(True, proof.wording, version, _url("contacts:detail", proof.contact_id)))
    return told


def _consents_of(submission: Submission, form: FormSpec) -> list[Consent]:
    if not submission.contact_id:
        return []
    confirmed = submission.origin.get(CONFIRMED_AT)
    at = datetime.fromisoformat(confirmed) if confirmed else posted_at(submission)
    rows = Consent.objects.filter(contact=submission.contact_id, recorded_at=at, how=How.FORM, source=form.name)
    return list(rows.select_related("version"))


def decisions_of(submission: Submission) -> list[Decision]:
    """How contact, account and lead were decided. A constant number of queries."""
    decision = submission.decision or {}
    said = {record: one for record in ("contact", "account", "lead") if isinstance(one := decision.get(record), dict)}
    points = _points(submission.contact_id, said.get("contact", {}).get("suggested", ()))
    told = []
    for record, one in said.items():
        ids = [*one.get("candidates", ())]
        winner = one.get("winner")
        if winner and winner not in ids:
            ids.append(winner)
        suggested = [pk for pk in one.get("suggested", ()) if pk not in ids]
        names = _names(record, [*ids, *suggested])
        candidates = [Candidate(*names[pk], won=pk == winner) for pk in ids]
        candidates += [Candidate(*names[pk], points=points.get(pk)) for pk in suggested]
        told.append(
            Decision(
                record=record,
                strategy=one.get("strategy", "By web domain, then by name" if record == "account" else ""),
                key=key_in_words(one.get("key", "")),
                reason=one.get("reason", ""),
                made=bool(one.get("new")),
                candidates=candidates,
            )
        )
    return told


def _points(contact_id: int | None, others: Sequence[int]) -> dict[int, int]:
    if not contact_id or not others:
        return {}
    one, other = Q(first=contact_id, second__in=others), Q(second=contact_id, first__in=others)
    pairs = DuplicatePair.objects.filter(one | other)
    return {pair.second_id if pair.first_id == contact_id else pair.first_id: pair.likeness for pair in pairs}


def _names(record: str, ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Name and address of records; of those that are gone, that they are."""
    ids = list(ids)
    model: Any = {"contact": Contact, "account": Account, "lead": Lead}[record]
    place = {"contact": "contacts:detail", "account": "accounts:detail", "lead": "leads:detail"}[record]
    found = model.objects.select_related("contact").in_bulk(ids) if record == "lead" else model.objects.in_bulk(ids)
    names = {}
    for pk in ids:
        one = found.get(pk)
        if one is None:
            names[pk] = f"{record.capitalize()} {pk}, which is gone", ""
        else:
            gone = " (deleted)" if one.deleted_at else ""
            names[pk] = f"{one}{gone}", "" if gone else _url(place, pk)
    return names


def history_of(submission: Submission) -> list[Happening]:
    """What happened to it, the first at the top."""
    origin = submission.origin
    told = [Happening(submission.received_at, _received(submission))]
    if CONFIRMED_AT in origin:
        told.append(
            Happening(datetime.fromisoformat(origin[CONFIRMED_AT]), "Confirmed by the person, by a click in a mail")
        )
    for one in submission.events.select_related("by").order_by("pk"):
        changes = [
            (change["label"], change["before"], change["after"], EDITS.get(change.get("did", ""), ""))
            for change in one.changes
        ]
        tone = "bad" if one.deed == Deed.FAILED else ""
        told.append(Happening(one.at, one.get_deed_display(), str(one.by or ""), one.reason, changes, tone=tone))
    if submission.processed_at:
        tries = f", at the {_ordinal(submission.attempts)} try" if submission.attempts > 1 else ""
        told.append(Happening(submission.processed_at, f"Processed{tries}", tone="good"))
    if submission.emptied_at:
        told.append(Happening(submission.emptied_at, "What was posted was removed: it had been kept long enough"))
    for run in submission.runs.order_by("pk"):
        told.append(Happening(run.received_at, "Run as new", url=_url("forms_intake:submission", run.pk)))
    return sorted(told, key=lambda one: one.at)


ORIGIN = {
    "ip": "Address",
    "user_agent": "Browser",
    "referrer": "Came from page",
    "seconds": "Filled in within",
    LANGUAGE: "Shown in",
    "utm_source": "Campaign source",
    "utm_medium": "Campaign medium",
    "utm_campaign": "Campaign name",
    "utm_term": "Search term",
    "utm_content": "Which advertisement",
    "gclid": "Google click",
    "fbclid": "Facebook click",
    "msclkid": "Microsoft click",
    CONFIRMED_AT: "Confirmed",
    "confirmed_ip": "Confirmed from",
    POSTED_AT: "First posted",
    "by_name": "Written down by",
    "consent_how": "Consent given",
    "source": "By way of",
}
"""How a page calls what it is told of where a post came from; other keys are their own words."""
UNSAID = frozenset({"by", FED})
"""For processing alone: what it says stands elsewhere on the page."""


def origin_of(submission: Submission) -> list[tuple[str, str]]:
    """Where a submission came from, as pairs of a label and what there is to say."""
    said = []
    for key, value in submission.origin.items():
        if key in UNSAID or value in ("", None) or isinstance(value, dict | list):
            continue
        words = f"{value} second{'' if value == 1 else 's'}" if key == "seconds" else str(value)
        said.append((ORIGIN.get(key, key.replace("_", " ").capitalize()), words))
    return said


def _received(submission: Submission) -> str:
    if posted := submission.origin.get(POSTED_AT):
        day = timezone.localtime(datetime.fromisoformat(posted))
        return f"A new run of what was posted on {day:%d.%m.%Y at %H:%M}"
    return "Received"


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")


def _url(name: str, pk: int) -> str:
    return reverse(name, args=[pk])
