"""Which attribute the answers to a question fill, by the exact words of the question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from contacts.errors import ChangedMeanwhile, RecordGone
from contacts.models import User
from forms_intake.models import AdQuestion, Connector, Update
from forms_intake.targets import target_of


@dataclass(frozen=True)
class Meaning:
    """What one question is for: what it fills ("" for nothing) and how, or, for a statement, its level of consent."""

    fills: str = ""
    update: str = Update.FILL
    consent_level: int | None = None


@transaction.atomic
def save_mapping(connector_id: int, meanings: Mapping[int, Meaning], *, version: int, by: User) -> int:
    """Write what questions are for, by their ids; how many changed. It holds for what is processed from now on.

    Raises ChangedMeanwhile, RecordGone.
    """
    connector = Connector.objects.select_for_update(no_key=True).filter(pk=connector_id).first()
    if connector is None:
        raise RecordGone("connector", connector_id)
    if connector.version != version:
        raise ChangedMeanwhile("connector", connector_id, seen=version, current=connector.version)
    changed = 0
    for question in AdQuestion.objects.filter(connector=connector, pk__in=meanings).order_by("pk"):
        meant = meanings[question.pk]
        wanted = Meaning(
            fills=meant.fills if not question.is_consent and target_of(meant.fills) else "",
            update=meant.update,
            consent_level=meant.consent_level if question.is_consent else None,
        )
        if (question.fills, question.update, question.consent_level) != (
            wanted.fills,
            wanted.update,
            wanted.consent_level,
        ):
            question.fills, question.update = wanted.fills, wanted.update
            question.consent_level, question.mapped_by = wanted.consent_level, by
            question.save(update_fields=["fills", "update", "consent_level", "mapped_by"])
            changed += 1
    if changed:
        Connector.objects.filter(pk=connector_id).update(version=F("version") + 1, edited_by=by)
    return changed
