"""Keeping what was typed at a stand: one submission, matched at once where nobody else has it in hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import Error

from contacts.models import User
from forms_intake import validation
from forms_intake.capture.occasions import capture_form
from forms_intake.feeding import FED
from forms_intake.models import CaptureOccasion, EventState, Submission
from forms_intake.posts import RESERVED
from forms_intake.processing.intents import CAPTURED
from forms_intake.processing.work import process_one
from forms_intake.services.receiving import store_post
from forms_intake.spec.reading import specs_of
from forms_intake.spec.shape import FormSpec
from leadcrm.lib.errors import DomainError
from leads.models import Rating

log = structlog.get_logger("forms_intake.capture")

OURS = frozenset({"rating", "consent_how", "registers"})
"""What the page asks beside the form's own questions."""
CONSENT_HOW = {"": "No consent", "verbally": "They said so", "on paper": "They signed it on paper"}
NOBODY = "Give an e-mail address, or a last name and a telephone number: otherwise nobody could be found again."
LATEST = 10
NOTE = ("lead", "description")


@dataclass
class Kept:
    """What was kept, or what is wrong with what was typed, by key."""

    submission: Submission | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)


def form_spec() -> FormSpec:
    """The form of quick capture as it is now."""
    form = capture_form()
    return specs_of([form.pk])[form.pk]


def capture(occasion: CaptureOccasion, posted: Mapping[str, Sequence[str]], *, token: str, ip: str, by: User) -> Kept:
    """Keep one person who was met. The same token with the same words again is the first one's answer, whenever a
    telephone that had no connection sends it.
    """
    spec = form_spec()
    texts = {key: list(values) for key, values in posted.items()}
    consents = [one for one in spec.fields if one.consent_level]
    how = validation.last_said(texts.get("consent_how", []))
    for one in consents:
        texts[one.key] = ["yes"] if how in CONSENT_HOW and how else []
    checked = validation.check(spec, texts, reserved=RESERVED | OURS)
    if not checked.errors and not any(keys <= checked.values.keys() for keys in spec.identifying):
        checked.errors = {next(iter(sorted(spec.identifying[-1])), spec.email_key): [NOBODY]}
    elif checked.errors and not any(keys <= checked.values.keys() for keys in spec.identifying):
        checked.errors = {
            key: [NOBODY] if "cannot know you" in " ".join(said) else said for key, said in checked.errors.items()
        }
    if checked.errors:
        return Kept(errors=checked.errors)
    rating = validation.last_said(texts.get("rating", []))
    origin: dict[str, Any] = {
        "source": CAPTURED,
        "occasion": occasion.name,
        FED: {
            "context": occasion.marketing_context_id,
            "type": occasion.did,
            "subject": occasion.name,
            "owner": by.pk if occasion.leads_to == CaptureOccasion.LeadsTo.CATCHER else None,
            "payload": {"by": str(by), "by_id": by.pk, "details": _note(spec, checked.values)},
        },
        "by": by.pk,
        "by_name": str(by),
        "rating": rating if rating in Rating.values else "",
        "consent_how": how if how in CONSENT_HOW else "",
    }
    if ip:
        origin["ip"] = ip
    if texts.get("registers") and _takes(occasion):
        origin |= {"registers": occasion.event_id, "walk_in": True, "came": True}
    public_id = store_post(
        form_id=spec.id,
        page_id=None,
        version_id=spec.version_id,
        token=token,
        values=checked.values,
        dropped=checked.dropped,
        origin=origin,
    )
    submission = Submission.objects.get(public_id=public_id)
    try:
        process_one(submission.pk)
    except (DomainError, Error) as error:  # it is kept; a worker takes it in a moment
        log.warning("not processed at once", submission=submission.pk, error=repr(error))
    return Kept(submission=Submission.objects.select_related("contact", "lead").get(pk=submission.pk))


def _note(spec: FormSpec, values: Mapping[str, Any]) -> str:
    """What was noted, for the timeline."""
    noting = (one.key for one in spec.fields if one.target and (one.target.record, one.target.name) == NOTE)
    return next((str(values[key]) for key in noting if key in values), "")


def _takes(occasion: CaptureOccasion) -> bool:
    event = occasion.event
    return event is not None and event.state in (EventState.LIVE, EventState.CLOSED) and not event.is_over


def latest_of(user: User) -> list[Submission]:
    """The last ones that somebody wrote down, with whom they became."""
    rows = Submission.objects.filter(form=capture_form(), origin__by=user.pk).select_related("contact__account", "lead")
    return list(rows.order_by("-pk")[:LATEST])
