"""What reaches a connector: notifications, kept in one statement and answered at once, and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from contacts.models import User
from forms_intake.ads.access import network
from forms_intake.ads.connecting import Answer, NotTaken, Told, Unreadable
from forms_intake.ads.keeping import BY_FILE, Kept, keep
from forms_intake.models import AdLead, AdLeadState, AdSync, Connector, SyncHow
from leadcrm.lib.doorbell import ring_on_commit

FETCH = "forms_intake.fetch_ad_leads"
CHUNK = 200
MOST_ROWS = 20_000
MOST_BYTES = 20 * 1024 * 1024
MOST_REASONS = 50
INSERT = """
INSERT INTO forms_intake_adlead (connector_id, external_id, twin, state, submitted_at, told_at, attempts, error)
SELECT %s, told.id, '', 'waiting', told.at, now(), 0, ''
FROM unnest(%s::varchar[], %s::timestamptz[]) AS told (id, at)
ON CONFLICT DO NOTHING RETURNING external_id
"""


@transaction.atomic
def take_told(connector: Connector, told: Sequence[Told], *, how: str = SyncHow.WEBHOOK, what: str = "") -> AdSync:
    """Keep what a notification tells of, to be fetched by a worker; what is known already changes nothing."""
    withdrawn = {one.external_id for one in told if one.withdrawn}
    wanted = {one.external_id: one for one in told if not one.withdrawn and not one.external_id.startswith(BY_FILE)}
    new: set[str] = set()
    if wanted:
        rows: list[list[Any]] = [
            [one.external_id for one in wanted.values()],
            [one.submitted_at for one in wanted.values()],
        ]
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [connector.pk, *rows])
            new = {row[0] for row in cursor.fetchall()}
    if withdrawn:
        waiting = AdLead.objects.filter(connector=connector, external_id__in=withdrawn)
        waiting.filter(submission=None).update(state=AdLeadState.WITHDRAWN, retry_at=None)
    sync = AdSync.objects.create(
        connector=connector,
        how=how,
        what=(what or ", ".join([*wanted, *withdrawn]))[:200],
        new=len(new),
        known=len(wanted) - len(new),
        note=_withdrawn_words(connector, withdrawn),
    )
    if new:
        ring_on_commit(FETCH)
    return sync


def _withdrawn_words(connector: Connector, ids: set[str]) -> str:
    if not ids:
        return ""
    kept = AdLead.objects.filter(connector=connector, external_id__in=ids).exclude(submission=None).count()
    tail = f" {kept} had been kept: erase the person if they ask for it." if kept else ""
    return f"{len(ids)} withdrawn by {'its person' if len(ids) == 1 else 'their people'}.{tail}"


def take_file(connector: Connector, path: Path, name: str, *, by: User) -> AdSync:
    """Keep the leads of a file. Rows that are none are named; a second time, or after the webhook, nothing doubles.

    Raises NotTaken for a file that is none of the network's, or too long; then nothing of it is kept.
    """
    asked = network(connector)
    if sum(1 for _ in islice(asked.read_file(path, name), MOST_ROWS + 1)) > MOST_ROWS:
        raise NotTaken(f"It has more than {MOST_ROWS:,} rows, and nothing of it was kept: send it in several files.")
    sync = AdSync(connector=connector, how=SyncHow.FILE, what=name[:200], by=by)
    tests = 0
    for answers, bad in _chunks(asked.read_file(path, name)):
        kept = keep(connector.pk, answers) if answers else Kept()
        sync.new, sync.known, tests = sync.new + kept.new, sync.known + kept.known, tests + kept.tests
        sync.failed += len(bad)
        for one in bad[: MOST_REASONS - len(sync.reasons)]:
            sync.reasons.append({"line": one.line, "why": one.why})
    if tests:
        sync.note = f"{tests} test lead{'s' if tests > 1 else ''}, which made nothing."
    sync.save()
    return sync


def _chunks(rows: Iterable[Answer | Unreadable]) -> Iterator[tuple[list[Answer], list[Unreadable]]]:
    iterator: Iterator[Any] = iter(rows)
    while found := list(islice(iterator, CHUNK)):
        yield (
            [one for one in found if isinstance(one, Answer)],
            [one for one in found if isinstance(one, Unreadable)],
        )
