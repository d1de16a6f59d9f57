"""Occasions of quick capture, and the form it posts to; each made once, when it is first needed."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Campaign, ContactMatchingStrategy, MarketingContext, Product, User
from contacts.services.strategies import save_strategy
from forms_intake.building.editing import make_form
from forms_intake.building.starters import CAPTURE
from forms_intake.models import CaptureForm, CaptureOccasion, Creates, Event, FormState, IntakeForm

MAKING = 7_251_930
"""The number of the advisory lock under which one at a time makes an occasion or the form."""
FORM_NAME, STRATEGY_NAME = "Quick capture", "By last name and phone"
STRATEGY = ["last_name", "phone"]
"""Whoever gives no e-mail address is known by both; an address alone says who somebody is in any case."""


def capture_form() -> IntakeForm:
    """The form that quick capture posts to. It is closed to everybody else: nobody can post to its address."""
    known = CaptureForm.objects.select_related("form").first()
    return known.form if known else _make_form()


@transaction.atomic
def _make_form() -> IntakeForm:
    _one_at_a_time()
    known = CaptureForm.objects.select_related("form").first()
    if known:
        return known.form
    strategies = ContactMatchingStrategy.objects.filter(retired_at=None)
    strategy = next((one for one in strategies if sorted(one.attributes) == STRATEGY and not one.fuzzy), None)
    if strategy is None:
        taken = ContactMatchingStrategy.objects.filter(name=STRATEGY_NAME).exists()
        name = f"{STRATEGY_NAME} (capture)" if taken else STRATEGY_NAME
        strategy = save_strategy(ContactMatchingStrategy, None, name=name, attributes=STRATEGY, by=None)
    name, number = FORM_NAME, 2
    while IntakeForm.objects.filter(name=name).exists():
        name, number = f"{FORM_NAME} {number}", number + 1
    form = make_form(name=name, definition=CAPTURE.definition, by=None)
    form.state, form.contact_strategy = FormState.CLOSED, strategy
    form.save(update_fields=["state", "contact_strategy"])
    CaptureForm.objects.create(form=form)
    return form


@transaction.atomic
def occasion_for(
    *,
    event: Event | None,
    campaign: Campaign | None,
    product: Product | None,
    source: str,
    did: str,
    leads_to: str,
    by: User,
) -> CaptureOccasion:
    """The occasion that is so, made where there is none."""
    _one_at_a_time()
    context = _context(event, campaign, product, " ".join(source.split())[:50])
    occasion, _ = CaptureOccasion.objects.get_or_create(
        marketing_context=context,
        did=did,
        leads_to=leads_to,
        defaults={"name": context.name, "event": event, "made_by": by},
    )
    CaptureOccasion.objects.filter(pk=occasion.pk).update(used_at=timezone.now())
    return occasion


def _context(event: Event | None, campaign: Campaign | None, product: Product | None, source: str) -> MarketingContext:
    own = event.marketing_context if event else None
    campaign_id = campaign.pk if campaign else own.campaign_id if own else None
    product_id = product.pk if product else own.product_id if own else None
    if own and not source and (campaign_id, product_id) == (own.campaign_id, own.product_id):
        return own
    parts = [event.name if event else "", campaign.name if campaign else "", product.name if product else "", source]
    name = " · ".join(part for part in parts if part) or FORM_NAME
    wanted = {
        "kind": MarketingContext.Kind.MANUAL,
        "name": name[:200],
        "campaign_id": campaign_id,
        "product_id": product_id,
        "event": own,
        "source_code": source,
    }
    return MarketingContext.objects.filter(**wanted).first() or MarketingContext.objects.create(**wanted)


def occasion_with(number: str) -> CaptureOccasion | None:
    """The occasion whose number an address names; None for what is none."""
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    known = CaptureOccasion.objects.select_related("marketing_context__campaign", "marketing_context__product")
    return known.filter(pk=int(number)).first()


def for_import(occasion: CaptureOccasion, *, by: User) -> dict[str, Any]:
    """What an import of a list of badges or cards begins with: where these people come from, whose the leads are, and
    that consent needs a basis, which is begun and left to be finished.
    """
    context = occasion.marketing_context
    lead: dict[str, Any] = {"topic": f"Met: {occasion.name}"[:200]}
    if context.campaign:
        lead["campaign"] = context.campaign.name
    if context.product:
        lead["product"] = context.product.name
    if occasion.leads_to == CaptureOccasion.LeadsTo.CATCHER:
        lead["owner"] = by.username
    basis = f"Let their badge be scanned, or gave their card, at {occasion.name}."
    return {"name": occasion.name[:100], "creates": Creates.BOTH.value, "lead": lead, "consent": {"basis": basis}}


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
