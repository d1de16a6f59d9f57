"""The demo's website: its rules, the visits behind the page views of people we know, and those of people we do not."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from contacts.models import MarketingContext
from forms_intake.models import PageMatch, PageRule, Website
from leadcrm.demo.catalogue import Catalogue

ORIGIN = "https://www.kestrane.example"
DAYS = 45
NOBODY = 1400
"""Visits of people who left no details."""
VISITORS = """
INSERT INTO forms_intake_visitor (key, first_seen, last_seen)
SELECT md5('demo ' || contact_id)::uuid, min(occurred_at), max(occurred_at) FROM contacts_interaction
WHERE type = 'page_visited' AND occurred_at > %(since)s GROUP BY contact_id
"""
IDENTITIES = """
INSERT INTO forms_intake_visitoridentity (visitor_id, contact_id, since, how)
SELECT visitor.id, posted.contact_id, posted.since, 'form'
FROM (
    SELECT contact_id, min(occurred_at) AS since FROM contacts_interaction WHERE type = 'form_submitted'
    GROUP BY contact_id
) posted JOIN forms_intake_visitor visitor ON visitor.key = md5('demo ' || posted.contact_id)::uuid
"""
VISITS = """
WITH seen AS (
    SELECT *, sum(fresh) OVER (PARTITION BY contact_id ORDER BY occurred_at, id) AS number
    FROM (
        SELECT id, contact_id, occurred_at, subject, CASE WHEN occurred_at - lag(occurred_at)
            OVER (PARTITION BY contact_id ORDER BY occurred_at, id) <= interval '30 minutes' THEN 0 ELSE 1 END AS fresh
        FROM contacts_interaction WHERE type = 'page_visited' AND occurred_at > %(since)s
    ) marked
), visits AS (
    INSERT INTO forms_intake_visit
        (website_id, visitor_id, contact_id, started_at, ended_at, pages, landing, referrer, tags, later)
    SELECT %(website)s, visitor.id, seen.contact_id, min(occurred_at), max(occurred_at), count(*),
        (array_agg(subject ORDER BY occurred_at))[1],
        (ARRAY['www.google.com', '', 'www.linkedin.com', ''])[1 + (seen.contact_id + number) %% 4],
        CASE WHEN (seen.contact_id + number) %% 5 = 0 THEN '{"utm_campaign": "empty-miles"}' ELSE '{}' END::jsonb,
        min(occurred_at) < min(identity.since)
    FROM seen JOIN forms_intake_visitor visitor ON visitor.key = md5('demo ' || seen.contact_id)::uuid
        LEFT JOIN forms_intake_visitoridentity identity ON identity.visitor_id = visitor.id
    GROUP BY visitor.id, seen.contact_id, number
    RETURNING id, contact_id, started_at, ended_at
)
INSERT INTO forms_intake_hit (key, visit_id, website_id, at, host, path, title, rule_id)
SELECT md5('hit ' || seen.id)::uuid, visits.id, %(website)s, seen.occurred_at, 'www.kestrane.example', seen.subject, '',
    CASE WHEN seen.subject = '/pricing/' THEN %(pricing)s::bigint
        WHEN starts_with(seen.subject, '/blog/') THEN %(blog)s::bigint END
FROM seen JOIN visits
    ON visits.contact_id = seen.contact_id AND seen.occurred_at BETWEEN visits.started_at AND visits.ended_at
"""
OF_NOBODY = """
WITH guests AS (
    SELECT g, %(now)s - interval '1 minute' * (1 + (abs(hashint8(g)) %% (30 * 24 * 60))) AS at, 1 + g %% 3 AS pages
    FROM generate_series(1, %(number)s) g
), visitors AS (
    INSERT INTO forms_intake_visitor (key, first_seen, last_seen)
    SELECT md5('guest ' || g)::uuid, at, at FROM guests RETURNING id, key
), visits AS (
    INSERT INTO forms_intake_visit
        (website_id, visitor_id, started_at, ended_at, pages, landing, referrer, tags, later)
    SELECT %(website)s, visitors.id, at, at + (pages - 1) * interval '75 seconds', pages, '/', 'www.google.com',
        '{}', false
    FROM guests JOIN visitors ON visitors.key = md5('guest ' || g)::uuid RETURNING id, visitor_id, started_at, pages
)
INSERT INTO forms_intake_hit (key, visit_id, website_id, at, host, path, title, rule_id)
SELECT md5('of ' || visits.id || ' ' || n)::uuid, visits.id, %(website)s,
    visits.started_at + (n - 1) * interval '75 seconds',
    'www.kestrane.example', paths.path, '', CASE paths.path WHEN '/pricing/' THEN %(pricing)s::bigint
        WHEN '/blog/empty-miles/' THEN %(blog)s::bigint END
FROM visits, generate_series(1, visits.pages) n, LATERAL (
    SELECT (ARRAY['/', '/products/route-planning/', '/pricing/', '/blog/empty-miles/', '/customers/'])[
        CASE n WHEN 1 THEN 1 ELSE 2 + (visits.id * n) %% 4 END] AS path
) paths
"""


def make_browsing(now: datetime, catalogue: Catalogue) -> None:
    """A website with three rules, and what people looked at lately."""
    about = next(iter(catalogue.contexts.values()))
    context = MarketingContext.objects.create(
        kind=MarketingContext.Kind.WEBSITE, name="kestrane.example", campaign=about.campaign
    )
    website = Website.objects.create(name="kestrane.example", origins=[ORIGIN], marketing_context=context)
    pricing = PageRule.objects.create(website=website, name="Pricing visited: /pricing/", pattern="/pricing/")
    blog = PageRule.objects.create(
        website=website, name="Blog read", match=PageMatch.PREFIX, pattern="/blog/", position=1
    )
    PageRule.objects.create(
        website=website, name="Job offers", match=PageMatch.GLOB, pattern="*/jobs/*", position=2, active=False
    )
    said: dict[str, int | datetime] = {
        "website": website.pk,
        "pricing": pricing.pk,
        "blog": blog.pk,
        "now": now,
        "number": NOBODY,
    }
    with connection.cursor() as cursor:
        for statement in (VISITORS, IDENTITIES, VISITS, OF_NOBODY):
            cursor.execute(statement, said | {"since": now - timedelta(days=DAYS)})
