"""Interactions that a file tells of, each once however often the file is imported."""

from __future__ import annotations

import hashlib
import json

from forms_intake.imports.copying import allocate, copy_in, fetch
from forms_intake.imports.job import Job, Person, Tally
from leadcrm.lib.arrays import numbers, words
from leadcrm.lib.text import one_line

CLAIM = """
INSERT INTO contacts_interactionkey (key, interaction_id)
SELECT key, interaction_id FROM unnest(%s::text[], %s::bigint[]) AS wanted (key, interaction_id)
ORDER BY key COLLATE "C"
ON CONFLICT (key) DO NOTHING RETURNING interaction_id
"""
COPY_INTERACTIONS = """
COPY contacts_interaction (id, contact_id, type, subject, occurred_at, source, marketing_context_id, campaign_id,
    product_id, payload)
FROM STDIN (FORMAT csv, NULL E'\\x01')
"""


def store(people: list[Person], job: Job, tally: Tally) -> None:
    """Add the interactions of these people's rows. Without a date in the file they happen at the import, at the
    database's moment: that is when new leads began, and what was before a lead does not count for it.
    """
    if not job.mapping.interactions:
        return
    [(now,)] = fetch("SELECT clock_timestamp()", [])
    wanted: dict[str, tuple[object, ...]] = {}
    for person in people:
        for row in person.rows:
            for number, kind, at in row.interactions:
                mapped = job.mapping.interactions[number]
                subject = mapped.subject or one_line(row.cells[job.columns[mapped.column]].strip())[:300]
                parts = (job.context_id, person.id, kind, subject, at.isoformat() if at else "")
                key = "import:" + hashlib.sha256(json.dumps(parts).encode()).hexdigest()
                wanted[key] = (person.id, kind, subject, at or now)
    ids = allocate("contacts_interaction", len(wanted))
    new = {row[0] for row in fetch(CLAIM, [words(wanted), numbers(ids)])}
    about = (job.context_id, job.campaign_id, job.product_id, json.dumps({"import": job.mapping.name}))
    copy_in(
        COPY_INTERACTIONS,
        ((id, *touch, "import", *about) for id, touch in zip(ids, wanted.values(), strict=True) if id in new),
    )
    tally.interactions += sorted(new)
