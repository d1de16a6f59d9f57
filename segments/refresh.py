"""Bringing the members of a live segment up to date: all of them, or only some records. Set-based, one transaction.

The lock on the segment comes first and the facts are read by a later statement, so no older snapshot can land on a
newer one; one builder a segment at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from leads.conditions import InvalidCondition, Vocabulary
from segments.definition import Definition, read, vocabulary_of, wanted
from segments.gone import must_exist
from segments.models import Cause, Segment
from segments.needs import SOON, next_refresh

log = structlog.get_logger("segments.refresh")

AGAIN = timedelta(minutes=5)
"""When to try again what failed."""
MANY = 1_000
"""More members than this that change at once are told to other segments in the lane of bulk changes."""

# `member` is contact_id or lead_id. Whoever is wanted and not there joins; whoever is there and not wanted leaves.
MEMBERS = """
WITH wanted AS MATERIALIZED ({wanted}),
gone AS (
    DELETE FROM segments_membership m WHERE m.segment_id = %(segment)s {only_membership}
        AND NOT EXISTS (SELECT FROM wanted WHERE wanted.id = m.{member})
    RETURNING m.{member} AS id
), come AS (
    INSERT INTO segments_membership (segment_id, {member}, joined_at)
    SELECT %(segment)s, wanted.id, %(now)s FROM wanted
    WHERE NOT EXISTS (
        SELECT FROM segments_membership m WHERE m.segment_id = %(segment)s AND m.{member} = wanted.id)
    RETURNING {member} AS id
), changed AS (
    SELECT id, true AS joined FROM come UNION ALL SELECT id, false FROM gone
), history AS (
    INSERT INTO segments_membershipchange (segment_id, {member}, joined, cause, changed_at)
    SELECT %(segment)s, id, joined, %(cause)s, %(now)s FROM changed
), told AS (
    INSERT INTO contacts_outboxevent (kind, payload)
    SELECT CASE WHEN joined THEN 'segment.joined' ELSE 'segment.left' END,
        jsonb_build_object('segment', %(segment)s::bigint, 'name', %(name)s::text, %(subject)s::text, id,
            'at', %(now)s::timestamptz)
    FROM changed WHERE %(announce)s
), heard AS (
    INSERT INTO contacts_change (consumer, subject, subject_id, bulk)
    SELECT %(consumer)s, %(subject)s, id, (SELECT count(*) > %(many)s FROM changed) FROM changed WHERE %(is_used)s
)
SELECT count(*) FILTER (WHERE joined), count(*) FILTER (WHERE NOT joined) FROM changed
"""
CONSUMER = "segments"
IN_MEMORY = "SET LOCAL work_mem = '64MB'"


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: how many joined and left; `failed` when the members stayed as they were."""

    joined: int = 0
    left: int = 0
    failed: bool = False


@transaction.atomic
def refresh(segment_id: int) -> Refreshed:
    """Bring all members of a live segment up to date with the facts as they are now.

    When that fails the last good members stay, `Segment.error` says why, and it is tried again soon.
    """
    segment = Segment.objects.live().select_for_update(no_key=True).filter(pk=segment_id).first()
    if segment is None:
        return Refreshed()  # stopped or deleted meanwhile
    now, vocabulary = timezone.now(), vocabulary_of(segment.subject)
    cause = Cause.LIVE if segment.refreshed_at is None else Cause.TIME
    done, definition = attempt(segment, vocabulary, now=now, cause=cause)
    if definition is None:
        segment.next_refresh_at = now + AGAIN
    elif segment.refreshed_at is None:
        segment.next_refresh_at = now + SOON
    else:
        segment.next_refresh_at = next_refresh(definition, vocabulary, now=now)
    if not done.failed:
        segment.refreshed_at = now
        segment.refresh_ms = round((timezone.now() - now).total_seconds() * 1000)
    segment.save(update_fields=["next_refresh_at", "refreshed_at", "refresh_ms"])
    return done


def attempt(
    segment: Segment,
    vocabulary: Vocabulary,
    *,
    now: datetime,
    cause: Cause,
    ids: Sequence[int] | None = None,
) -> tuple[Refreshed, Definition | None]:
    """Bring the members among `ids` (None: all) of a locked segment up to date; what was done and by which definition.

    Whatever goes wrong is kept as the segment's `error`, and nothing of its members changes.
    """
    assert segment.live is not None
    definition = None
    try:
        definition = read(segment, segment.live, vocabulary, stored=True)
        must_exist(definition, vocabulary)
        with transaction.atomic():
            done = _members(segment, definition, vocabulary, now=now, cause=cause, ids=ids)
        error = ""
    except InvalidCondition as refused:
        error = f"At {refused.path or 'the top'}: {refused.problem}"
    except DatabaseError as failed:
        log.warning("segment not refreshed", segment=segment.pk, error=repr(failed))
        error = "The database could not answer it: " + str(failed).splitlines()[0]
    if error:
        done = Refreshed(failed=True)
    segment.members_count += done.joined - done.left
    if done.joined or done.left or error != segment.error:
        segment.error = error[:500]
        segment.save(update_fields=["members_count", "error"])
    return done, None if error else definition


def _members(
    segment: Segment,
    definition: Definition,
    vocabulary: Vocabulary,
    *,
    now: datetime,
    cause: Cause,
    ids: Sequence[int] | None,
) -> Refreshed:
    member = f"{segment.subject}_id"
    records = wanted(definition, vocabulary, now=now)
    only = ""
    params: dict[str, Any] = {}
    if ids is not None:
        records = records.filter(id__any_of=ids)
        only = f"AND m.{member} = ANY(%(ids)s)"
        params["ids"] = list(ids)
    text, values = records.order_by().values("id").query.sql_with_params()
    names = [f"p{number}" for number in range(len(values))]
    params |= dict(zip(names, values, strict=True))
    named = text % tuple(f"%({name})s" for name in names)
    params |= {
        "segment": segment.pk,
        "name": segment.name,
        "subject": segment.subject,
        "now": now,
        "cause": cause,
        "announce": segment.announce,
        "consumer": CONSUMER,
        "many": MANY,
        "is_used": Segment.objects.live().made_of(segment.pk).exists(),
    }
    with connection.cursor() as cursor:
        cursor.execute(IN_MEMORY)
        cursor.execute(MEMBERS.format(wanted=named, member=member, only_membership=only), params)
        joined, left = cursor.fetchone()
    return Refreshed(joined, left)
