"""What a processed submission leaves behind: one interaction, links, and the decision."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from contacts import normalise
from contacts.models import Interaction, InteractionKey, InteractionType
from contacts.outbox import tell
from forms_intake.anywhere.visits import count_submissions
from forms_intake.feeding import FED, happened_at
from forms_intake.models import Deed, Submission, SubmissionEvent, SubmissionState
from forms_intake.processing.intents import CAPTURED, Intent
from leadcrm.lib.rows import insert
from leads.models import NoticeKind
from leads.services.notices import News, notify_each

SOURCE = "form"
DONE = """
UPDATE forms_intake_submission AS submission
SET state = 'done', error = '', attempts = submission.attempts + 1, processed_at = clock_timestamp(),
    contact_id = done.contact_id, lead_id = done.lead_id, interaction_id = done.interaction_id,
    decision = done.decision, email = done.email
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::jsonb[], %s::text[])
    AS done (id, contact_id, lead_id, interaction_id, decision, email)
WHERE submission.id = done.id
"""


def record_interactions(intents: Sequence[Intent]) -> dict[int, int]:
    """One interaction for each submission, once however often it is processed; interaction ids by submission id.

    None is a robot's, whatever its user agent: whole sites post for their visitors with curl, requests or okhttp. What
    programs send of themselves the door has kept aside as spam.
    """
    keys = {intent.submission.pk: f"submission:{intent.submission.pk}" for intent in intents}
    known = dict(InteractionKey.objects.filter(key__in=keys.values()).values_list("key", "interaction_id"))
    for intent in intents:
        if intent.submission.interaction_id:  # keys are kept for half a year, submissions for as long as one wants
            known.setdefault(keys[intent.submission.pk], intent.submission.interaction_id)
    fresh = [intent for intent in intents if keys[intent.submission.pk] not in known]
    made = insert(_interaction(intent) for intent in fresh)
    insert(
        InteractionKey(key=keys[intent.submission.pk], interaction_id=interaction.pk)
        for intent, interaction in zip(fresh, made, strict=True)
    )
    ids = {keys[intent.submission.pk]: one.pk for intent, one in zip(fresh, made, strict=True)}
    return {pk: (known | ids)[key] for pk, key in keys.items()}


def _interaction(intent: Intent) -> Interaction:
    submission = intent.submission
    fed = submission.origin.get(FED, {})
    return Interaction(
        contact_id=intent.contact_id,
        type=fed.get("type", InteractionType.FORM_SUBMITTED),
        subject=fed.get("subject", intent.form.name)[:300],
        occurred_at=happened_at(submission),
        source=CAPTURED if intent.is_captured else intent.form.fed_by or SOURCE,
        marketing_context_id=intent.context.id,
        campaign_id=intent.context.campaign_id,
        product_id=intent.context.product_id,
        payload={
            "submission": str(submission.public_id),
            "form": intent.form.public_id,
            **fed.get("payload", {}),
        },
    )


def mark_done(intents: Sequence[Intent], interactions: Mapping[int, int]) -> None:
    """Link the submissions to what they became, with the decision."""
    if not intents:
        return
    rows = [
        (
            intent.submission.pk,
            intent.contact_id or None,
            intent.lead_id,
            interactions.get(intent.submission.pk),
            json.dumps(_explained(intent)),
            normalise.email(intent.values("contact").get("email", "")),
        )
        for intent in intents
    ]
    with connection.cursor() as cursor:
        cursor.execute(DONE, [list(column) for column in zip(*rows, strict=True)])
    count_submissions(
        (intent.form.id, timezone.localdate(intent.submission.received_at))
        for intent in intents
        if intent.submission.processed_at is None and intent.submission.run_anew_id is None
    )


def _explained(intent: Intent) -> dict[str, Any]:
    """The decision, with what it wrote field by field."""
    for record, lines in intent.wrote.items():
        if record in intent.decision:
            intent.decision[record]["wrote"] = lines
    for record, before in (intent.submission.decision or {}).items():
        # What it made when it was processed first, it has made, however often it is processed again.
        now = intent.decision.get(record)
        if isinstance(before, dict) and before.get("new") and now and now.get("winner") == before.get("winner"):
            now["new"] = True
    return intent.decision


def tell_followers(intents: Sequence[Intent]) -> None:
    """Tell whoever follows a form of what came through it: each person once a form and set."""
    by_form: dict[int, list[Intent]] = {}
    for intent in intents:
        if intent.form.notify:
            by_form.setdefault(intent.form.id, []).append(intent)
    for followed in by_form.values():
        form = followed[0].form
        leads = list(dict.fromkeys(intent.lead_id for intent in followed if intent.lead_id))
        news = {person: News(leads, form.name, len(followed)) for person in form.notify}
        notify_each(NoticeKind.SUBMITTED, news, by=None)


def mark_failed(problems: Mapping[int, str]) -> None:
    """Keep submissions that cannot be processed, with the reason, for people to mend and retry."""
    failed = list(Submission.objects.filter(pk__in=problems).only("pk", "attempts"))
    for submission in failed:
        submission.state, submission.error = SubmissionState.FAILED, problems[submission.pk]
        submission.attempts = min(submission.attempts + 1, 32_767)
    Submission.objects.bulk_update(failed, ["state", "error", "attempts"])
    insert(SubmissionEvent(submission_id=one.pk, deed=Deed.FAILED, reason=one.error, changes=[]) for one in failed)
    tell("submission.failed", [{"submission_id": one.pk, "error": one.error} for one in failed])
