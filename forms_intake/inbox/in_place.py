"""Correcting what a processed submission wrote, where it wrote it: same contact, lead and interaction.

A value is put where the submission's own value still stands, where nothing stands, and where the field overwrites
anyhow. What somebody changed since is theirs: it stays, and the history says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from contacts import normalise
from contacts.errors import InvalidValues
from contacts.models import Account, Contact, Record, User
from contacts.services.accounts import update_account
from contacts.services.contacts import update_contact
from forms_intake.errors import CannotOverwrite, CannotProcess
from forms_intake.models import Deed, Submission, SubmissionEvent, Update
from forms_intake.processing.intents import Said, said_in
from forms_intake.spec.shape import FieldSpec, FormSpec
from forms_intake.targets import PRODUCT, Target
from leads.models import Lead
from leads.services.records import update_lead

CORRECTED, CHANGED_SINCE, NOWHERE = "corrected", "changed_since", "nowhere"
OF_PERSON = ("first_name", "last_name", "email", "phone")
CLOSED, LINKED = "closed", "linked"
"""What became of an edit of a field: the value that had been written is corrected; somebody changed that since; the
field fills nothing; the lead is closed; the company was there before, and only linked.
"""


@dataclass
class _There:
    """A record that it wrote to, and how a change of that is saved. `person`: a lead, as to whom it is about."""

    kind: str
    record: Record | None
    save: Callable[..., Any]
    untouched: str = ""
    person: bool = False

    def takes(self, target: Target) -> bool:
        return self.record is not None and (not self.person or (not target.custom and target.name in OF_PERSON))

    def column(self, target: Target) -> str:
        return f"person_{target.name}" if self.person else target.name

    def current(self, target: Target) -> Any:
        assert self.record is not None
        return self.record.custom.get(target.name) if target.custom else getattr(self.record, self.column(target))

    def change(self, target: Target, value: Any, into: dict[str, Any]) -> None:
        if target.custom:
            into.setdefault("custom", {})[target.name] = value
        else:
            into[self.column(target)] = "" if value is None and isinstance(self.current(target), str) else value


def overwrite(
    submission: Submission, form: FormSpec, payload: dict[str, Any], changes: list[dict[str, Any]], *, by: User
) -> None:
    """Correct what a locked, processed submission wrote, to what `payload` says; `changes` are the fields that differ.

    To be called within a transaction. Raises CannotOverwrite, InvalidValues, and what saving a contact, account or lead
    raises; then nothing is saved.
    """
    before, after = _by_target(form, submission.payload), _by_target(form, payload)
    fields = {one.key: one for one in form.fields}
    there = _there(submission)
    wanted: dict[str, dict[str, Any]] = {place.kind: {} for place in there.values()}
    told = []
    for change in changes:
        field = fields[change["key"]]
        did = _decide(field, before, after, there, wanted)
        told.append(change | {"did": did})
    for place in there.values():
        values = wanted.pop(place.kind, None)
        if values and place.record is not None:
            try:
                place.save(place.record.pk, version=place.record.version, changes=values, by=by)
            except InvalidValues as problem:
                raise InvalidValues(_by_key(problem, form, place.kind)) from problem
    emails = [said.value for target, said in after.items() if target == Target("contact", "email")]
    Submission.objects.filter(pk=submission.pk).update(
        payload=payload, email=normalise.email(emails[0]) if emails else "", edition=F("edition") + 1
    )
    SubmissionEvent.objects.create(submission=submission, deed=Deed.OVERWROTE, by=by, changes=told)


def _there(submission: Submission) -> dict[str, _There]:
    contact = Contact.objects.filter(pk=submission.contact_id or 0).first()
    lead = Lead.objects.filter(pk=submission.lead_id or 0).first()
    for record, word in ((contact, "contact"), (lead, "lead")):
        if record is not None and record.deleted_at:
            raise CannotOverwrite(submission.pk, f"the {word} it wrote to was deleted.")
    said = (submission.decision or {}).get("account", {})
    account = Account.objects.filter(pk=said.get("winner"), deleted_at=None).first() if said.get("new") else None
    closed = "" if lead is None or lead.is_open else CLOSED
    of_lead = _There("lead", lead, update_lead, closed)
    of_contact = _There("contact", contact, update_contact)
    if contact is None and lead is not None and lead.contact_id is None:
        of_contact = _There("lead", lead, update_lead, closed, person=True)
    of_account = _There("account", account, update_account, "" if account else LINKED)
    return {"contact": of_contact, "account": of_account, "lead": of_lead}


def _decide(
    field: FieldSpec,
    before: Mapping[Target, Said],
    after: Mapping[Target, Said],
    there: Mapping[str, _There],
    wanted: dict[str, dict[str, Any]],
) -> str:
    """What becomes of the edit of one field; the change goes into `wanted`."""
    target = field.target
    if target is None:
        return NOWHERE
    place = there[target.record]
    if place.untouched or not place.takes(target):
        return place.untouched or NOWHERE
    current = place.current(target)
    was = before[target].value if target in before else None
    new = after[target].value if target in after else None
    is_blank = current in (None, "", [])
    if not (is_blank or _same(target, current, was) or field.update == Update.OVERWRITE):
        return CHANGED_SINCE
    place.change(target, new, wanted[place.kind])
    return CORRECTED


def _same(target: Target, current: Any, said: Any) -> bool:
    if target.of_contact and target.name == "email":
        return normalise.email(current or "") == normalise.email(said or "")
    return bool(current == said)


def _by_target(form: FormSpec, payload: Mapping[str, Any]) -> dict[Target, Said]:
    """What a payload says by attribute. Raises InvalidValues for what does not fit."""
    try:
        return {said.target: said for said in said_in(form, payload) if said.target != PRODUCT}
    except CannotProcess as problem:
        raise InvalidValues({"": problem.message}) from problem


def _by_key(problem: InvalidValues, form: FormSpec, kind: str) -> dict[str, str]:
    """Errors of a record's columns, named by the fields of the form that fill them."""
    keys: dict[str, str] = {}
    for one in form.fields:
        if one.target and one.target.record == kind:
            keys[("custom." if one.target.custom else "") + one.target.name] = one.key
        elif one.target and one.target.of_contact and kind == "lead":
            keys[f"person_{one.target.name}"] = one.key
    return {keys.get(name, name): words for name, words in problem.data["errors"].items()}
