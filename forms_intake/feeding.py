"""Forms that no visitor fills in: a connector of ads or a mailbox hands them their answers.

They have no fields of their own: fed_fields.py asks who feeds them what their answers fill. What else is to be known
of one answer stands in its submission's origin, under FED, which no post can write: the marketing context it came
through, by what name it goes, when it was given, and what is to be made of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from contacts.models import MarketingContext
from forms_intake.models import Submission
from forms_intake.spec.shape import ContextSpec, FormSpec

FED = "fed"


def contexts_of_fed(submissions: Iterable[Submission]) -> dict[int, ContextSpec]:
    """The marketing contexts that fed submissions name, by id. One query, and none without such a submission."""
    wanted = {fed["context"] for one in submissions if (fed := one.origin.get(FED)) and fed.get("context")}
    found = MarketingContext.objects.filter(pk__in=wanted) if wanted else ()
    return {one.pk: ContextSpec(one.pk, one.campaign_id, one.product_id) for one in found}


def as_fed(form: FormSpec, fed: Mapping[str, Any]) -> FormSpec:
    """A form as it is for one answer: by which name it goes, and what is made of it."""
    changes = {key: fed[key] for key in ("name", "topic", "creates") if fed.get(key)}
    if fed.get("owner"):
        changes["owner_id"] = fed["owner"]
    return replace(form, **changes) if changes else form


def happened_at(submission: Submission) -> datetime:
    """When the person said it, which may be long before we were told."""
    said = submission.origin.get(FED, {}).get("at")
    return min(datetime.fromisoformat(said), submission.received_at) if said else submission.received_at
