"""Connectors are made, set up, checked, switched on and off. One transaction each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.errors import ChangedMeanwhile, InvalidValues, RecordGone
from contacts.models import ContactMatchingStrategy, MarketingContext, Product, User
from forms_intake.ads.access import access_of, are_lost, network, with_secrets
from forms_intake.ads.connecting import network_of
from forms_intake.ads.fetching import let_go_on
from forms_intake.errors import NotReady
from forms_intake.models import (
    AdQuestion,
    AdSource,
    AfterClosed,
    Connector,
    ConnectorState,
    Creates,
    FailsTo,
    FedBy,
    FormState,
    IntakeForm,
    Strategy,
)
from leads.models import LeadMatchingStrategy

SOON = 10
"""Days before a token ends at which people are told."""


@dataclass(frozen=True)
class Check:
    """Something to be put right. `stops`: before it is, the connector cannot be switched on. `place`: its page."""

    words: str
    stops: bool
    place: str


@transaction.atomic
def make_connector(*, kind: str, name: str, by: User) -> Connector:
    """A connector that is being set up. Raises InvalidValues."""
    label = network_of(kind).label
    form_name = f"{label}: {name}"[:100]
    if Connector.objects.filter(name__iexact=name).exists() or IntakeForm.objects.filter(name=form_name).exists():
        raise InvalidValues({"name": "There is one of this name already."})
    context = MarketingContext.objects.create(kind=MarketingContext.Kind.FORM, name=form_name)
    form = IntakeForm.objects.create(
        name=form_name, state=FormState.CLOSED, fed_by=FedBy.ADS, marketing_context=context, edited_by=by
    )
    return Connector.objects.create(kind=kind, name=name, form=form, created_by=by, edited_by=by)


@transaction.atomic
def save_settings(
    connector_id: int,
    *,
    version: int,
    name: str,
    account_id: str,
    product: Product | None,
    owner: User | None,
    token_until: date | None,
    secrets: Mapping[str, str],
    by: User,
) -> Connector:
    """Write its settings; a secret that is left empty stays as it was.

    Raises ChangedMeanwhile, InvalidValues, RecordGone.
    """
    connector = _locked(connector_id, version)
    if Connector.objects.filter(name__iexact=name).exclude(pk=connector_id).exists():
        raise InvalidValues({"name": "There is one of this name already."})
    typed = {key: text.strip() for key, text in secrets.items() if text.strip()}
    if typed:
        connector.sealed, connector.sealed_at = with_secrets(connector, typed), timezone.now()
    # Without an account nothing is asked that would tell that its list works again.
    if typed or (account_id != connector.account_id and connector.fails_to == FailsTo.LIST):
        connector.last_error, connector.last_error_at, connector.failing_since = "", None, None
    if product != connector.product:
        ads = MarketingContext.objects.filter(
            pk__in=AdSource.objects.filter(connector=connector).values("marketing_context")
        )
        ads.update(product=product)
    connector.name, connector.account_id, connector.product = name, account_id, product
    connector.token_until = token_until
    connector.form.lead_owner = owner
    connector.form.save(update_fields=["lead_owner"])
    _saved(connector, by)
    if typed:
        let_go_on(connector_id)
    return connector


@transaction.atomic
def save_strategy(
    connector_id: int,
    *,
    version: int,
    strategy: str,
    makes_contacts: bool,
    contact_strategy: ContactMatchingStrategy | None,
    lead_strategy: LeadMatchingStrategy | None,
    after_closed: str,
    by: User,
) -> Connector:
    """Make this the one strategy of the connector, for all that is processed from now on.

    Raises ChangedMeanwhile, InvalidValues, RecordGone.
    """
    connector = _locked(connector_id, version)
    connector.strategy, connector.makes_contacts = strategy, makes_contacts
    write_strategy(
        connector.form,
        strategy=strategy,
        makes_contacts=makes_contacts,
        contact_strategy=contact_strategy,
        lead_strategy=lead_strategy,
        after_closed=after_closed,
    )
    connector.form.save()
    _saved(connector, by)
    return connector


def write_strategy(
    form: IntakeForm,
    *,
    strategy: str,
    makes_contacts: bool,
    contact_strategy: ContactMatchingStrategy | None,
    lead_strategy: LeadMatchingStrategy | None,
    after_closed: str,
) -> None:
    """Say a strategy in the words of a form, which processing reads. Raises InvalidValues; does not save."""
    if strategy == Strategy.FIELDS and (lead_strategy is None or not lead_strategy.attributes):
        raise InvalidValues({"lead_strategy": "Choose a matching strategy that compares something."})
    form.creates = Creates.BOTH if makes_contacts else Creates.LEAD
    form.always_new_lead = strategy == Strategy.ALWAYS
    form.contact_strategy = contact_strategy
    form.lead_strategy = lead_strategy if strategy == Strategy.FIELDS else None
    form.after_closed = after_closed if strategy != Strategy.ALWAYS else AfterClosed.NEW


def checks_of(connector: Connector) -> list[Check]:
    """What is to be put right, what stops it first."""
    found = []
    secrets = access_of(connector).secrets
    if are_lost(connector):
        found.append(Check("Its secrets cannot be read any more: type them in again.", True, "settings"))
    else:
        missing = [one.label for one in network(connector).secrets if not secrets.get(one.key)]
        found += [Check(f"{label} is missing.", True, "settings") for label in missing]
    if not connector.account_id:
        words = "Without the number of the ad account, what a notification missed cannot be asked for."
        found.append(Check(words, False, "settings"))
    if about := check_of_token(connector):
        found.append(about)
    owner = connector.form.lead_owner
    if owner is not None and not owner.is_active:
        found.append(Check(f"{owner}, who is to own its leads, does not work here any more.", False, "settings"))
    questions = AdQuestion.objects.filter(connector=connector)
    if connector.makes_contacts and questions.exists() and not questions.filter(fills="contact.email").exists():
        words = "No question fills the e-mail: nobody can be known by their answers."
        found.append(Check(words, True, "questions"))
    if connector.strategy == Strategy.FIELDS and connector.form.lead_strategy is None:
        found.append(Check("Its strategy compares nothing.", True, "strategy"))
    return sorted(found, key=lambda one: not one.stops)


def check_of_token(connector: Connector) -> Check | None:
    """What is to be said of its token, once it has ended or soon will have."""
    if connector.token_until is None:
        return None
    days = (connector.token_until - timezone.localdate()).days
    if days < 0:
        return Check("Its token has ended.", True, "settings")
    return (
        Check(f"Its token ends in {days} day{'' if days == 1 else 's'}.", False, "settings") if days <= SOON else None
    )


@transaction.atomic
def switch_on(connector_id: int, *, by: User) -> Connector:
    """Take notifications from now on, and ask for what was missed. Raises NotReady, RecordGone."""
    connector = _locked(connector_id, None)
    problems = [one.words for one in checks_of(connector) if one.stops]
    if problems:
        raise NotReady(problems)
    connector.state = ConnectorState.ON
    connector.pull_at = connector.failing_since = None
    _saved(connector, by)
    let_go_on(connector_id)
    return connector


@transaction.atomic
def switch_off(connector_id: int, *, by: User) -> Connector:
    """Take nothing any more. What is there stays; switched on again, it asks for what it missed. Raises RecordGone."""
    connector = _locked(connector_id, None)
    connector.state = ConnectorState.OFF
    _saved(connector, by)
    return connector


def _locked(connector_id: int, version: int | None) -> Connector:
    rows = Connector.objects.select_for_update(no_key=True, of=("self",))
    connector = (
        rows.select_related("form__lead_owner", "form__lead_strategy", "product").filter(pk=connector_id).first()
    )
    if connector is None:
        raise RecordGone("connector", connector_id)
    if version is not None and connector.version != version:
        raise ChangedMeanwhile("connector", connector_id, seen=version, current=connector.version)
    return connector


def _saved(connector: Connector, by: User) -> None:
    connector.version += 1
    connector.edited_by = by
    connector.save()


def values_of_strategy(connector: Connector) -> dict[str, Any]:
    """Its strategy as write_strategy takes it."""
    form = connector.form
    return {
        "strategy": connector.strategy,
        "makes_contacts": connector.makes_contacts,
        "contact_strategy": form.contact_strategy,
        "lead_strategy": form.lead_strategy,
        "after_closed": form.after_closed,
    }
