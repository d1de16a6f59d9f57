"""A made-up company of any size, always the same: one contact a lead, five interactions a contact, no random data.

Rows are written by the database itself, set by set. Indexes and keys of the large tables are put aside meanwhile and
nobody hears of changes; then the model goes live and every lead gets its first score.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

from bench.model import make_model
from bench.server import Server, vacuum
from contacts.models import ChangeConsumer, MarketingContext
from forms_intake.models import FieldType, FormField, IntakeForm
from leads.stages import Stage
from scoring import runs
from scoring.lifecycle import go_live

FORM = "Ask for a call"
FIELDS = {
    "first_name": ("contact.first_name", FieldType.TEXT),
    "last_name": ("contact.last_name", FieldType.TEXT),
    "email": ("contact.email", FieldType.EMAIL),
    "phone": ("contact.phone", FieldType.PHONE),
    "company": ("account.name", FieldType.TEXT),
    "message": ("lead.description", FieldType.LONG_TEXT),
}
"""The six fields that `limits/post.lua` posts, and what they fill."""

LARGE = ("contacts_contact", "contacts_matchkey", "contacts_interaction", "leads_lead", "leads_leadmatchkey")

SMALL_TABLES = """
INSERT INTO contacts_product (name, code, active) SELECT 'Product ' || g, 'P' || g, true FROM generate_series(1, 5) g;
INSERT INTO contacts_campaign (name, code, active)
    SELECT 'Campaign ' || g, 'C' || g, true FROM generate_series(1, 10) g;
INSERT INTO contacts_marketingcontext (kind, name, campaign_id, product_id, source_code)
    SELECT 'page', 'Page ' || g, campaign.id, product.id, ''
    FROM generate_series(1, 20) g
    JOIN contacts_campaign campaign ON campaign.name = 'Campaign ' || 1 + g % 10
    JOIN contacts_product product ON product.name = 'Product ' || 1 + g % 5;
INSERT INTO contacts_user (password, is_superuser, username, first_name, last_name, email, is_staff, is_active,
        date_joined, role)
    SELECT '!', false, 'seller' || g, 'Seller', 'No ' || g, '', false, true, now(), 'salesperson'
    FROM generate_series(1, 50) g;
"""

ACCOUNTS = """
INSERT INTO contacts_account (id, name, domain, industry, employees, phone, country, city, external_id, custom, version)
    OVERRIDING SYSTEM VALUE
SELECT g, 'Company ' || g, 'd' || g || '.example', 'Industry ' || g %% 12, (g * 37) %% 2000, '',
    (array['US','GB','DE','FR','IN','BR','JP','CA','AU','NL'])[1 + g %% 10], 'City ' || g %% 2000, '', '{}', 1
FROM generate_series(1, %(accounts)s) g
"""

CONTACTS = """
INSERT INTO contacts_contact (id, first_name, last_name, email, phone, phone_e164, job_title, role, account_id, country,
        city, consent_level, marketing_only, owner_id, external_id, custom, version, created_at, updated_at)
    OVERRIDING SYSTEM VALUE
SELECT g, 'F' || g %% 997, 'L' || g %% 9973, 'u' || g || '@d' || 1 + g %% %(accounts)s || '.example',
    '+1' || 2000000000 + g, '+1' || 2000000000 + g,
    (array['Engineer','Buyer','Head of logistics','Student','Driver','Founder','Clerk','Analyst'])[1 + g %% 8],
    (array['decision_maker','influencer','champion','user','','','',''])[1 + g %% 8], 1 + g %% %(accounts)s,
    (array['US','GB','DE','FR','IN','BR','JP','CA','AU','NL'])[1 + g %% 10], 'City ' || g %% 2000, g %% 6, false,
    (SELECT min(id) FROM contacts_user) + g %% 50, '', '{}', 1,
    moment, moment
FROM generate_series(1, %(leads)s) g
CROSS JOIN LATERAL (SELECT now() - (%(leads)s - g) * 730.0 / %(leads)s * interval '1 day' AS moment) made
"""

MATCH_KEYS = """
INSERT INTO contacts_matchkey (kind, value, contact_id) SELECT 'email', email, id FROM contacts_contact ORDER BY id
"""

LEADS = """
INSERT INTO leads_lead (id, topic, contact_id, product_id, campaign_id, marketing_context_id, process_id, owner_id,
        description, rating, status, close_reason, stage, sales_ready, ready_hold, grade, external_id, custom, version,
        created_at, updated_at, stage_entered_at)
    OVERRIDING SYSTEM VALUE
SELECT g, 'Topic ' || g %% 500, g, context.product_id, context.campaign_id, context.id,
    (SELECT id FROM leads_process WHERE is_default), (SELECT min(id) FROM contacts_user) + g %% 50, '',
    (array['hot','warm','cold',''])[1 + g %% 4], 'open', '', %(stage)s, false, false, '', '', '{}', 1,
    moment, moment, moment
FROM generate_series(1, %(leads)s) g
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM contacts_marketingcontext) context
    ON context.place = 1 + g %% 20
CROSS JOIN LATERAL (SELECT now() - (%(leads)s - g) * 365.0 / %(leads)s * interval '1 day' AS moment) made
ORDER BY g
"""

INTERACTIONS = """
INSERT INTO contacts_interaction (contact_id, type, subject, occurred_at, recorded_at, source, marketing_context_id,
    campaign_id, product_id, payload)
SELECT 1 + (hashint8(g)::bigint & 2147483647) %% %(leads)s, event.type, event.subject, event.at, event.at, 'seed',
    context.id, context.campaign_id, context.product_id, '{}'
FROM generate_series(1, %(leads)s * 5) g
CROSS JOIN LATERAL (
    SELECT (array['page_visited','page_visited','page_visited','email_sent','email_opened','email_opened',
            'email_clicked','form_submitted','form_visited','downloaded','event_checked_in','call'])
            [1 + (hashint8(g + 77777777)::bigint & 2147483647) %% 12] AS type,
        (array['/','/pricing','/features','/blog/routes','/contact','/customers'])[1 + g %% 6] AS subject,
        now() - ((hashint8(g * 3 + 5)::bigint & 2147483647) %% 31536000) * interval '1 second' AS at
) event
JOIN (SELECT *, row_number() OVER (ORDER BY id) AS place FROM contacts_marketingcontext) context
    ON context.place = 1 + g %% 20
"""

SEQUENCES = """
SELECT setval(pg_get_serial_sequence('contacts_account', 'id'), (SELECT max(id) FROM contacts_account)),
    setval(pg_get_serial_sequence('contacts_contact', 'id'), (SELECT max(id) FROM contacts_contact)),
    setval(pg_get_serial_sequence('leads_lead', 'id'), (SELECT max(id) FROM leads_lead))
"""

PLAIN_INDEXES = """
SELECT 'DROP INDEX ' || quote_ident(indexname), indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = ANY(%(tables)s) AND indexname NOT IN (
    SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u'))
ORDER BY indexname
"""
FOREIGN_KEYS = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
    format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%(tables)s::regclass[])
ORDER BY conname
"""


def ensure(server: Server, leads: int) -> str:
    """The kept database with that many scored leads, made unless it is there; its name."""
    name = server.seeded(leads)
    if not server.is_current(name):
        server.create(name)
        server.use(name)
        call_command("migrate", verbosity=0)
        fill(leads)
        connection.close()
        server.mark_current(name)
    return name


def fill(leads: int) -> None:
    """Fill the empty database in use and score every lead."""
    sizes: dict[str, int | str] = {
        "leads": leads,
        "accounts": max(1, leads // 20),
        "stage": Stage.MARKETING_QUALIFICATION.value,
    }
    consumers = list(ChangeConsumer.objects.all())
    ChangeConsumer.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(SMALL_TABLES)
        cursor.execute(ACCOUNTS, sizes)
        with bare_tables():
            for statement in (CONTACTS, MATCH_KEYS, LEADS, INTERACTIONS):
                cursor.execute(statement, sizes)
        cursor.execute(SEQUENCES)
    ChangeConsumer.objects.bulk_create(consumers)
    make_form()
    vacuum(*LARGE)
    go_live(make_model())
    while runs.advance_run() is not None:
        pass
    vacuum("leads_lead", "scoring_leadscore", "scoring_scorechange")


@contextmanager
def bare_tables() -> Iterator[None]:
    """Within this the large tables have no foreign keys and no indexes but those of their constraints."""
    tables = {"tables": list(LARGE)}
    with connection.cursor() as cursor:
        cursor.execute(PLAIN_INDEXES, tables)
        aside = list(cursor.fetchall())
        cursor.execute(FOREIGN_KEYS, tables)
        aside += cursor.fetchall()
        for away, _ in aside:
            cursor.execute(away)
        yield
        for _, back in aside:
            cursor.execute(back)


def make_form() -> IntakeForm:
    """The form that posts go to."""
    context = MarketingContext.objects.create(kind=MarketingContext.Kind.FORM, name=FORM)
    form = IntakeForm.objects.create(name=FORM, marketing_context=context)
    fields = enumerate(FIELDS.items())
    FormField.objects.bulk_create(
        FormField(form=form, key=key, label=key.replace("_", " ").capitalize(), fills=fills, type=type, position=place)
        for place, (key, (fills, type)) in fields
    )
    return form
