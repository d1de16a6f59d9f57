"""Lists, dashboards and homes as a signed-in person gets them, through the whole application in this process.

Every list as it opens, in each order it offers, page 1,000, with each filter once (a value that many rows have, one
that twenty have, one that none has), with a search that finds and one that does not. `ours` is the p95 of the slowest.
Each page must take as many queries as with a tenth of the leads.

Tables are vacuumed and written to disk after they are filled, as `limits.py` vacuums its own: a company grows over
years, and what a million rows leave to do that were all written a minute ago is no part of anybody's day. What was
loaded is left alone by the garbage collection, as it is in our web server.
"""

from __future__ import annotations

import gc
import os

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import histories, seed
from bench.list_pages import Page, every_page
from bench.report import Report, percentile
from bench.server import Server

DEFAULT = {"leads": 50_000, "rounds": 1}
FULL = {"leads": 1_000_000, "rounds": 1}
GOAL_MS = 100
COUNTING = 5
"""So many statements are a count within its time: a page that shows all there is asks for none."""
EACH = 20
"""How often a page is asked for in a round, after once that does not count."""

RARITIES = """
INSERT INTO contacts_product (name, code, active) VALUES ('Rare', 'rare', true), ('Unused', 'unused', true);
INSERT INTO contacts_campaign (name, code, active) VALUES ('Rare', 'rare', true), ('Unused', 'unused', true);
INSERT INTO leads_leadsource (name, position, archived)
    VALUES ('Fair', 90, false), ('Rare', 91, false), ('Unused', 92, false);
UPDATE leads_lead SET source_id = (SELECT id FROM leads_leadsource WHERE name = 'Fair'), source_type = 'sales',
    recycled_count = 1, unread = owner_id IS NOT NULL WHERE id %% 25 = 8;
UPDATE leads_lead SET source_id = (SELECT id FROM leads_leadsource WHERE name = 'Rare')
    WHERE id %% (%(leads)s / 20) = 6;
UPDATE leads_lead SET product_id = (SELECT id FROM contacts_product WHERE name = 'Rare')
    WHERE id %% (%(leads)s / 20) = 1;
UPDATE leads_lead SET campaign_id = (SELECT id FROM contacts_campaign WHERE name = 'Rare')
    WHERE id %% (%(leads)s / 20) = 2;
UPDATE leads_lead SET status = 'disqualified', closed_at = now() WHERE id %% (%(leads)s / 20) = 3;
UPDATE leads_lead SET stage = 'teleprospecting_acceptance' WHERE id %% (%(leads)s / 20) = 4 AND NOT sales_ready;
UPDATE leads_lead SET teleprospecting_ready = true, owner_id = NULL WHERE id %% 20 = 7 AND NOT sales_ready;
UPDATE leads_lead SET owner_id = NULL WHERE id %% (%(leads)s / 20) = 5 OR (sales_ready AND id %% 20 = 6);
DELETE FROM contacts_change;
"""
"""What almost no lead has, for the filters that find little; and one lead in twenty waits to be called."""


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The p95 in milliseconds of every page, and which take more queries than with few leads."""
    few = {page.name: page.queries for page in prepared(server, leads // 10)}
    pages = prepared(server, leads)
    gc.collect()
    gc.freeze()
    runs = [one_round(pages) for _ in range(rounds)]
    connection.close()
    server.drop(server.run)
    slowest = max(pages, key=lambda page: page.p95_ms)
    growing = {page.name: [few[page.name], page.queries] for page in pages if page.queries > few[page.name] + COUNTING}
    return Report(
        name="lists",
        ours=slowest.p95_ms,
        limit=GOAL_MS,
        ratio=slowest.p95_ms / GOAL_MS,
        goal=GOAL_MS,
        goal_is="ours below, and no page takes more queries than with a tenth of the leads, those of a count aside",
        ok=slowest.p95_ms < GOAL_MS and not growing,
        n=sum(len(page.took_ms) for page in pages),
        unit="ms",
        runs=runs,
        more={
            "slowest": slowest.name,
            "over": sum(page.p95_ms >= GOAL_MS for page in pages),
            "more_queries": growing,
            "leads": leads,
            "pages": {page.name: page.figures() for page in pages},
        },
    )


def prepared(server: Server, leads: int) -> list[Page]:
    """A copy of the company of that size with what lists are narrowed by, and each page asked for once."""
    connection.close()
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    with connection.cursor() as cursor:
        cursor.execute(RARITIES, {"leads": max(leads, 200)})
    histories.write()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    os.sync()
    pages = every_page()
    for page in pages:
        cache.clear()
        page.first_ms = page.get()
        cache.clear()  # as many as there can be: a count that was remembered asks nothing
        with CaptureQueriesContext(connection) as queries:
            page.get()
        page.queries = len(queries)
    return pages


def one_round(pages: list[Page]) -> dict[str, float]:
    """Ask for each page `EACH` times; the worst p95 of this round, and how long all took."""
    worst = total = 0.0
    for page in pages:
        page.get()
        took = [page.get() for _ in range(EACH)]
        page.took_ms += took
        worst, total = max(worst, percentile(took, 0.95)), total + sum(took)
    return {"ours": worst, "mean_ms": total / EACH / len(pages)}
