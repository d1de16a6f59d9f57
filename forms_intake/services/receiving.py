"""Keeping a post: one statement, one round trip, and a repeat gets the first one's answer.

After validation only a dead database can refuse a post. Nothing is matched here; a worker does that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from contacts.letters import DELIVER_MAIL
from forms_intake.models import SubmissionState
from leadcrm.lib import doorbell

PROCESS = "forms_intake.process_submissions"
WITH_TOKEN_SECONDS = 30 * 24 * 3600
WITHOUT_TOKEN_SECONDS = 5 * 60
PATIENCE = 3

FRESH = """
WITH fresh AS (
    INSERT INTO forms_intake_submissionkey AS known (key, public_id, expires_at)
    VALUES (%(key)s, %(public_id)s::uuid, clock_timestamp() + %(keep)s * interval '1 second')
    ON CONFLICT (key) DO UPDATE SET public_id = excluded.public_id, expires_at = excluded.expires_at
        WHERE known.expires_at < clock_timestamp()
    RETURNING public_id
)
"""
INSERT = """
INSERT INTO forms_intake_submission
    (public_id, form_id, version_id, page_id, variant, payload, dropped, origin, marks, state, attempts, error)
SELECT public_id, %(form)s, %(version)s, %(page)s, %(variant)s, %(payload)s::jsonb, %(dropped)s::varchar[],
    %(origin)s::jsonb, %(marks)s::jsonb, %(state)s, 0, %(error)s
FROM fresh RETURNING public_id
"""
STORE = FRESH + INSERT
ASK = f"""
{FRESH}, kept AS ({INSERT}), mailed AS (
    INSERT INTO contacts_outboxevent (kind, payload, batch)
    SELECT 'mail', jsonb_build_object('letter', 'submission', 'submission', public_id::text), gen_random_uuid()
    FROM kept
)
SELECT public_id FROM kept
"""
"""The same, and the letter that asks the person to confirm is in the outbox."""
KNOWN = "SELECT public_id FROM forms_intake_submissionkey WHERE key = %s"
KEPT = "SELECT EXISTS (SELECT FROM forms_intake_submissionkey WHERE key = %s AND expires_at >= clock_timestamp())"


def store_post(
    *,
    form_id: int,
    page_id: int | None,
    variant: str = "",
    version_id: int | None = None,
    token: str,
    values: Mapping[str, Any],
    dropped: Sequence[str],
    origin: Mapping[str, Any],
    spam: str = "",
    marks: Sequence[Mapping[str, str]] = (),
    confirm: bool = False,
    mailed: bool = True,
    problem: str = "",
) -> UUID:
    """Keep one checked post and ring for a worker; gives the submission's public id, for a repeat the first one's.

    A repeat is the same form, token and values within thirty days, or without a token within five minutes. `spam`
    says why it is taken for spam: then it is kept aside with that reason, and never stands in the way of a real post;
    `marks` are what checks found, whether or not it is spam for it.
    With `confirm` nothing is made of it before the person has clicked in a mail, which is sent if `mailed`. With a
    `problem` nothing is made of it either: it is kept as failed, with that reason.
    """
    payload = _canonical(values)
    parameters = {
        "key": _key(form_id, token, payload, spam=bool(spam)),
        "public_id": str(uuid4()),
        "keep": WITH_TOKEN_SECONDS if token else WITHOUT_TOKEN_SECONDS,
        "form": form_id,
        "version": version_id,
        "page": page_id,
        "variant": variant,
        "payload": payload,
        "dropped": list(dropped),
        "origin": json.dumps(origin),
        "marks": json.dumps(list(marks)) if marks else "[]",
        "state": _state(spam, problem, confirm),
        "error": spam or problem,
    }
    asks = confirm and mailed and not spam
    public_id, is_new = _store(ASK if asks else STORE, parameters)
    if is_new and not spam and not problem:
        doorbell.ring_on_commit(DELIVER_MAIL if confirm else PROCESS)
    return public_id


def is_repeat(form_id: int, token: str, values: Mapping[str, Any]) -> bool:
    """Whether `store_post` would give the answer of an earlier post, that was no spam, and keep nothing: for what must
    not be counted twice. Of two at the same moment neither is.
    """
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [_key(form_id, token, _canonical(values), spam=False)])
        return bool(cursor.fetchone()[0])


def _key(form_id: int, token: str, payload: str, *, spam: bool) -> bytes:
    said = [str(form_id).encode(), token.encode(errors="replace"), b"spam" if spam else b"", payload.encode()]
    return hashlib.sha256(b"\0".join(said)).digest()


def _state(spam: str, problem: str, confirm: bool) -> str:
    if spam:
        return SubmissionState.SPAM.value
    if problem:
        return SubmissionState.FAILED.value
    return SubmissionState.UNCONFIRMED.value if confirm else SubmissionState.PENDING.value


def _store(statement: str, parameters: dict[str, Any]) -> tuple[UUID, bool]:
    with connection.cursor() as cursor:
        for _ in range(PATIENCE):
            cursor.execute(statement, parameters)
            row = cursor.fetchone()
            if row:
                return row[0], True
            cursor.execute(KNOWN, [parameters["key"]])
            row = cursor.fetchone()
            if row:
                return row[0], False
            # The key expired and was cleared away between the two statements.
    raise RuntimeError("a submission key comes and goes")


def _canonical(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
