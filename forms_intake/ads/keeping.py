"""Answers become raw submissions, each lead once, however often and by whatever way it is told."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.text import slugify

from contacts import normalise
from contacts.models import Campaign, MarketingContext
from forms_intake.ads.access import network
from forms_intake.ads.connecting import Answer, From, Said
from forms_intake.feeding import FED
from forms_intake.models import AdLead, AdLeadState, AdQuestion, AdSource, Connector, Submission
from forms_intake.services.receiving import PROCESS
from forms_intake.targets import target_of
from leadcrm.lib.doorbell import ring_on_commit

BY_FILE = "file:"
"""How ids begin that we made, for leads whose file does not say theirs."""
MOST_QUESTIONS = 500
"""Of a connector; beyond that answers go by the name OTHERS together."""
OTHERS = "Other answers"
SETTLED = (AdLeadState.KEPT, AdLeadState.TEST, AdLeadState.WITHDRAWN)
Kind = MarketingContext.Kind


@dataclass
class Kept:
    """How many were new and how many known."""

    new: int = 0
    known: int = 0
    tests: int = 0
    ids: list[int] = field(default_factory=list)


@transaction.atomic
def keep(connector_id: int, answers: Sequence[Answer]) -> Kept:
    """Keep these leads of one connector: a submission for each that is new. One at a time for each connector."""
    connector = (
        Connector.objects.select_for_update(no_key=True, of=("self",)).select_related("form").get(pk=connector_id)
    )
    kept = Kept()
    known = _known(connector, answers)
    fresh: list[tuple[AdLead, Answer]] = []
    for answer in answers:
        twin = _twin(answer)
        same = [one for one in (known.get(answer.external_id), known.get(twin)) if one and _may_be(one, answer)]
        settled = next((one for one in same if one.state in SETTLED), None)
        if settled is not None:
            kept.known += 1
            _same(settled, answer, known)
            continue
        lead = same[0] if same else AdLead(connector=connector, external_id=answer.external_id or BY_FILE + twin)
        lead.state = AdLeadState.TEST if answer.is_test else AdLeadState.KEPT
        lead.twin = "" if twin in known else twin
        fresh.append((lead, answer))
        known[lead.external_id] = lead
        known.setdefault(twin, lead)
    if fresh:
        _write(connector, fresh, kept)
    return kept


def _known(connector: Connector, answers: Sequence[Answer]) -> dict[str, AdLead]:
    """Leads that may be these, by id and by twin, held until all is written."""
    ids = [answer.external_id for answer in answers if answer.external_id]
    named = Q(external_id__in=ids) | Q(twin__in=[_twin(answer) for answer in answers])
    rows = AdLead.objects.filter(named, connector=connector).order_by("pk").select_for_update(no_key=True)
    found: dict[str, AdLead] = {}
    for one in rows:
        found[one.external_id] = one
        if one.twin:
            found[one.twin] = one
    return found


def _may_be(lead: AdLead, answer: Answer) -> bool:
    """Two leads with ids of their own are two, however alike: somebody has sent a form twice."""
    return lead.external_id == answer.external_id or not answer.external_id or lead.external_id.startswith(BY_FILE)


def _same(lead: AdLead, answer: Answer, known: dict[str, AdLead]) -> None:
    """A lead that came in a file without its id has it from now on, so that it is not fetched as another."""
    if not (lead.external_id.startswith(BY_FILE) and answer.external_id):
        return
    told = known.get(answer.external_id)
    if told is not None and told.pk != lead.pk:
        told.delete()
    lead.external_id = answer.external_id
    if lead.pk:
        lead.save(update_fields=["external_id"])
    known[lead.external_id] = lead


def _twin(answer: Answer) -> str:
    """The same for a lead that comes once with its id and once without: who answered, when, on which form."""
    who = next((found for one in answer.said if (found := normalise.email(one.answer))), "")
    if not who:
        who = "\0".join(sorted(f"{one.question}\1{one.answer}" for one in answer.said))
    when = f"{answer.submitted_at:%Y%m%d%H%M}" if answer.submitted_at else answer.external_id
    form = (answer.through.form_name or answer.through.form_id).casefold()
    return hashlib.sha256("\0".join([form, when, who]).encode()).hexdigest()


def _write(connector: Connector, fresh: Sequence[tuple[AdLead, Answer]], kept: Kept) -> None:
    real = [(lead, answer) for lead, answer in fresh if not answer.is_test]
    keys = _keys(connector, [answer for _, answer in fresh])
    sources = _sources(connector, {answer.through for _, answer in real})
    now = timezone.now()
    submissions = Submission.objects.bulk_create(
        Submission(
            public_id=uuid4(),
            form=connector.form,
            payload=_payload(answer.said, keys),
            origin=_origin(connector, answer, sources[answer.through]),
            received_at=now,
        )
        for _, answer in real
    )
    by_lead = {id(lead): made for (lead, _), made in zip(real, submissions, strict=True)}
    for lead, answer in fresh:
        lead.submission = by_lead.get(id(lead))
        lead.source = None if answer.is_test else sources[answer.through]
        lead.submitted_at = answer.submitted_at
        lead.error, lead.retry_at = "", None
        lead.save()
    kept.new += len(real)
    kept.tests += len(fresh) - len(real)
    kept.ids += [made.pk for made in submissions]
    if real:
        Connector.objects.filter(pk=connector.pk).update(last_lead_at=now)
        ring_on_commit(PROCESS)


def _payload(said: Sequence[Said], keys: Mapping[str, AdQuestion]) -> dict[str, Any]:
    payload: dict[str, Any] = {}
    for one in said:
        question = keys.get(one.question) or keys[OTHERS]
        if question.is_consent:
            payload[question.key] = one.ticked
        elif question.name == OTHERS:
            payload[question.key] = "\n".join(
                filter(None, [payload.get(question.key), f"{one.question}: {one.answer}"])
            )
        else:
            payload[question.key] = ", ".join(filter(None, [payload.get(question.key), one.answer]))
    return payload


def _origin(connector: Connector, answer: Answer, source: AdSource) -> dict[str, Any]:
    through = answer.through
    told = {
        "network": network(connector).label,
        "account": through.account_name or through.account_id,
        "campaign": through.campaign_name or through.campaign_id,
        "ad": through.creative_id,
        "form": through.form_name or through.form_id,
    }
    fed: dict[str, Any] = {"context": source.marketing_context_id, "name": source.marketing_context.name}
    fed["topic"] = (through.form_name or source.marketing_context.name)[:200]
    if answer.submitted_at:
        fed["at"] = answer.submitted_at.isoformat()
    return {key: text for key, text in told.items() if text} | {FED: fed}


# --- Questions ---------------------------------------------------------------------------------------------------


def _keys(connector: Connector, answers: Sequence[Answer]) -> dict[str, AdQuestion]:
    """The questions by their words; new ones are kept, and fill what the network's ready-made ones are for."""
    known = {one.name: one for one in AdQuestion.objects.filter(connector=connector)}
    asked: dict[str, Said] = {}
    times: dict[str, int] = {}
    for answer in answers:
        for one in answer.said:
            asked.setdefault(one.question, one)
            times[one.question] = times.get(one.question, 0) + 1
    for name, one in asked.items():
        if name in known or OTHERS in known:
            continue
        if len(known) >= MOST_QUESTIONS:
            known[OTHERS] = _new_question(connector, Said(OTHERS, ""), known)
        else:
            known[name] = _new_question(connector, one, known)
    now = timezone.now()
    for name, number in times.items():
        if name in known:
            AdQuestion.objects.filter(pk=known[name].pk).update(answers=F("answers") + number, last_seen_at=now)
    return known


def _new_question(connector: Connector, said: Said, known: Mapping[str, AdQuestion]) -> AdQuestion:
    taken = {one.key for one in known.values()}
    begin = re.sub(r"[^a-z0-9]+", "_", slugify(said.question)).strip("_")
    begin = (begin if begin[:1].isalpha() else f"question_{begin}".rstrip("_"))[:44]
    key = next(one for one in [begin, *(f"{begin}_{n}" for n in range(2, MOST_QUESTIONS + 9))] if one not in taken)
    fills = "" if said.is_consent else network(connector).known_questions.get(said.question.casefold().strip(), "")
    return AdQuestion.objects.create(
        connector=connector,
        key=key,
        name=said.question,
        fills=fills if target_of(fills) else "",
        is_consent=said.is_consent,
    )


# --- Ads as marketing contexts -----------------------------------------------------------------------------------


def _sources(connector: Connector, throughs: set[From]) -> dict[From, AdSource]:
    known = {_ad(one): one for one in AdSource.objects.filter(connector=connector).select_related("marketing_context")}
    found: dict[From, AdSource] = {}
    for through in throughs:
        ad = _ad(through)
        if ad not in known:
            known[ad] = _new_source(connector, through)
        found[through] = known[ad]
    return found


def _ad(one: From | AdSource) -> tuple[str, ...]:
    return one.campaign_id, one.campaign_name, one.creative_id, one.form_id, one.form_name


def _new_source(connector: Connector, through: From) -> AdSource:
    campaign = None
    if through.campaign_name:
        campaign = Campaign.objects.filter(name__iexact=through.campaign_name).order_by("pk").first()
        campaign = campaign or Campaign.objects.get_or_create(name=through.campaign_name)[0]
    label = network(connector).label
    context = MarketingContext.objects.create(
        kind=Kind.ADVERTISEMENT,
        name=_free_name(_name_of(through, label)),
        campaign=campaign,
        product=connector.product,
        medium=_medium(label.split()[0]),
    )
    return AdSource.objects.create(
        connector=connector,
        marketing_context=context,
        **{name: getattr(through, name) for name in From.__dataclass_fields__},
    )


def _name_of(through: From, label: str) -> str:
    form = through.form_name or (f"form {through.form_id}" if through.form_id else "an unknown form")
    campaign = through.campaign_name or (f"campaign {through.campaign_id}" if through.campaign_id else "")
    ad = f"ad {through.creative_id}" if through.creative_id else ""
    return ", ".join(filter(None, [f"{label.split()[0]}: {form}", campaign, ad]))[:190]


def _free_name(name: str) -> str:
    of_kind = MarketingContext.objects.filter(kind=Kind.ADVERTISEMENT)
    names = (name, *(f"{name} ({n})" for n in range(2, 1000)))
    return next(one for one in names if not of_kind.filter(name__iexact=one).exists())


def _medium(name: str) -> MarketingContext:
    found = MarketingContext.objects.filter(kind=Kind.MEDIUM, name__iexact=name).first()
    return found or MarketingContext.objects.create(kind=Kind.MEDIUM, name=name)


def moment_words(at: datetime | None) -> str:
    """A moment as the log says it."""
    return f"{timezone.localtime(at):%d.%m.%Y %H:%M}" if at else ""
