"""Mailboxes and their rules are made, changed, ordered, switched on and off. One transaction each."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from contacts.errors import ChangedMeanwhile, InvalidValues, RecordGone
from contacts.models import Campaign, MarketingContext, Product, User
from forms_intake.errors import NotReady
from forms_intake.mailbox.reading import PURPOSE, READ, read_anew_from
from forms_intake.models import FedBy, FormState, IntakeForm, Mailbox, MailMessage, MailRule
from leadcrm.lib.doorbell import ring_on_commit
from leadcrm.lib.sealed import seal

PLACE = ("host", "port", "security", "username", "folder")
"""What says which messages there are; another place is read from its beginning."""


@transaction.atomic
def make_mailbox(*, password: str, by: User, **said: Any) -> Mailbox:
    """A mailbox that is not read yet. Raises InvalidValues."""
    form_name = f"Mailbox: {said['name']}"[:100]
    if Mailbox.objects.filter(name__iexact=said["name"]).exists() or IntakeForm.objects.filter(name=form_name).exists():
        raise InvalidValues({"name": "There is one of this name already."})
    context = MarketingContext.objects.create(kind=MarketingContext.Kind.FORM, name=form_name)
    form = IntakeForm.objects.create(
        name=form_name, state=FormState.CLOSED, fed_by=FedBy.MAILBOX, marketing_context=context, edited_by=by
    )
    mailbox = Mailbox(form=form, edited_by=by, read_from=said.pop("read_from", None) or timezone.localdate(), **said)
    _seal(mailbox, password)
    mailbox.save()
    return mailbox


@transaction.atomic
def save_mailbox(mailbox_id: int, *, version: int, password: str, by: User, **said: Any) -> Mailbox:
    """Write its settings; a password that is left empty stays. Raises ChangedMeanwhile, InvalidValues, RecordGone."""
    mailbox = _locked(mailbox_id)
    if mailbox.version != version:
        raise ChangedMeanwhile("mailbox", mailbox_id, seen=version, current=mailbox.version)
    if Mailbox.objects.filter(name__iexact=said["name"]).exclude(pk=mailbox_id).exists():
        raise InvalidValues({"name": "There is one of this name already."})
    moved = any(getattr(mailbox, name) != said[name] for name in PLACE if name in said)
    if moved and not password:
        # Whoever may change where it is sent must know it: it is not shown to another server.
        raise InvalidValues({"password": "Type the password again: it goes to another place now."})
    for name, value in said.items():
        setattr(mailbox, name, value)
    if moved:
        mailbox.read_from = read_anew_from(mailbox)
        mailbox.uid_validity, mailbox.last_uid = None, 0
    _seal(mailbox, password)
    mailbox.last_error, mailbox.last_error_at, mailbox.failures, mailbox.read_at = "", None, 0, None
    mailbox.failing_since = None
    _saved(mailbox, by)
    return mailbox


def _seal(mailbox: Mailbox, password: str) -> None:
    if password:
        mailbox.sealed, mailbox.sealed_at = seal(password, purpose=PURPOSE), timezone.now()


@transaction.atomic
def switch(mailbox_id: int, *, on: bool, by: User) -> Mailbox:
    """Read it from now on, or no more; what was read stays. Raises NotReady, RecordGone."""
    mailbox = _locked(mailbox_id)
    if on and mailbox.sealed is None:
        raise NotReady(["Its password is missing."])
    mailbox.active = on
    mailbox.read_at = mailbox.failing_since = None
    _saved(mailbox, by)
    if on:
        ring_on_commit(READ)
    return mailbox


def read_now(mailbox_id: int) -> None:
    """Have it read at once."""
    Mailbox.objects.filter(pk=mailbox_id).update(read_at=None)
    ring_on_commit(READ)


@transaction.atomic
def save_rule(
    mailbox_id: int,
    rule_id: int | None,
    *,
    version: int,
    campaign: Campaign | None,
    product: Product | None,
    by: User,
    **said: Any,
) -> MailRule:
    """A new rule, behind the others, or another wording of one, where the mailbox is as it was seen.

    Raises ChangedMeanwhile, RecordGone.
    """
    mailbox = _locked(mailbox_id)
    if mailbox.version != version:
        raise ChangedMeanwhile("mailbox", mailbox_id, seen=version, current=mailbox.version)
    rule = mailbox.rules.filter(pk=rule_id).first() if rule_id else MailRule(mailbox=mailbox)
    if rule is None:
        raise RecordGone("rule", rule_id or 0)
    context_name = f"{mailbox.form.name}, {said['name']}"[:200]
    if rule.pk is None:
        last = mailbox.rules.aggregate(last=Max("position"))["last"]
        rule.position = 0 if last is None else min(last + 1, 32_767)
        rule.marketing_context = MarketingContext.objects.create(
            kind=MarketingContext.Kind.FORM, name=context_name, campaign=campaign, product=product
        )
    else:
        MarketingContext.objects.filter(pk=rule.marketing_context_id).update(
            name=context_name, campaign=campaign, product=product
        )
    for name, value in said.items():
        setattr(rule, name, value)
    rule.save()
    _saved(mailbox, by)
    return rule


@transaction.atomic
def move_rule(mailbox_id: int, rule_id: int, *, up: bool, by: User) -> None:
    """Ask a rule one place earlier or later. Raises RecordGone."""
    mailbox = _locked(mailbox_id)
    rules = list(mailbox.rules.all())
    place = next((place for place, one in enumerate(rules) if one.pk == rule_id), None)
    if place is None:
        raise RecordGone("rule", rule_id)
    rules.insert(max(0, place + (-1 if up else 1)), rules.pop(place))
    for position, one in enumerate(rules):
        if one.position != position:
            one.position = position
            one.save(update_fields=["position"])
    _saved(mailbox, by)


@transaction.atomic
def remove_rule(mailbox_id: int, rule_id: int, *, by: User) -> None:
    """Ask it no more; what it made stays, with its marketing context. Raises RecordGone."""
    mailbox = _locked(mailbox_id)
    MailMessage.objects.filter(rule=rule_id).update(rule=None)
    mailbox.rules.filter(pk=rule_id).delete()
    _saved(mailbox, by)


def _locked(mailbox_id: int) -> Mailbox:
    rows = Mailbox.objects.select_for_update(no_key=True, of=("self",)).select_related("form")
    mailbox = rows.filter(pk=mailbox_id).first()
    if mailbox is None:
        raise RecordGone("mailbox", mailbox_id)
    return mailbox


def _saved(mailbox: Mailbox, by: User) -> None:
    """All but what a reader writes meanwhile, unless it was put back here."""
    mailbox.version, mailbox.edited_by = mailbox.version + 1, by
    columns = [one.name for one in Mailbox._meta.concrete_fields if one.name not in ("id", *READERS)]
    mailbox.save(update_fields=columns)
    if mailbox.uid_validity is None:
        Mailbox.objects.filter(pk=mailbox.pk).update(uid_validity=None, last_uid=0)


READERS = ("uid_validity", "last_uid", "last_read_at", "busy_until")
