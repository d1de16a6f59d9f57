"""The pairs of some contacts with any others, in one statement that looks at a bounded number of rows for each."""

from __future__ import annotations

from contacts.likeness.weights import WEIGHTS

# Candidates come from indexes that lists have anyway: phone number, name, account. Each is bounded, so that a contact
# costs the same among a thousand as among a million. A name or number that too many share is nobody's.
KEEP = """
WITH asked AS MATERIALIZED (
    SELECT id, account_id, phone_e164, upper(first_name) AS first, upper(last_name) AS last,
        first_name || ' ' || last_name AS name
    FROM contacts_contact WHERE id = ANY(%(ids)s) AND deleted_at IS NULL
), met AS (
    SELECT asked.id AS one, other.id AS other FROM asked CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids FROM (
            SELECT id FROM contacts_contact WHERE phone_e164 = asked.phone_e164 AND phone_e164 <> '' LIMIT %(most)s + 1
        ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
    WHERE asked.phone_e164 <> '' AND cardinality(same.ids) <= %(most)s
    UNION
    SELECT asked.id, other.id FROM asked CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids FROM (
            SELECT id FROM contacts_contact
            WHERE upper(last_name) = asked.last AND upper(first_name) = asked.first LIMIT %(most)s + 1
        ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
    WHERE asked.last <> '' AND asked.first <> '' AND cardinality(same.ids) <= %(most)s
    UNION
    SELECT asked.id, other.id FROM asked CROSS JOIN LATERAL (
        SELECT array_agg(id) AS ids FROM (
            SELECT id FROM contacts_contact
            WHERE upper(last_name) = asked.first AND upper(first_name) = asked.last LIMIT %(most)s + 1
        ) found) same CROSS JOIN LATERAL unnest(same.ids) AS other (id)
    WHERE asked.last <> '' AND asked.first <> '' AND cardinality(same.ids) <= %(most)s
    UNION
    SELECT asked.id, other.id FROM asked CROSS JOIN LATERAL (
        SELECT id, first_name, last_name FROM contacts_contact WHERE account_id = asked.account_id
        LIMIT %(colleagues)s
    ) other
    WHERE asked.account_id IS NOT NULL AND asked.last <> ''
        AND similarity(other.first_name || ' ' || other.last_name, asked.name) >= %(alike)s -- whatever the case
), pair AS (
    SELECT DISTINCT least(one, other) AS first_id, greatest(one, other) AS second_id FROM met WHERE one <> other
), said AS (
    SELECT pair.*, a.last_name = '' OR b.last_name = '' AS nameless, ARRAY_REMOVE(ARRAY[
        CASE WHEN a.phone_e164 <> '' AND a.phone_e164 = b.phone_e164 THEN 'phone' END,
        CASE WHEN a.last_name = '' OR b.last_name = '' THEN NULL
            WHEN upper(a.first_name) = upper(b.first_name) AND upper(a.last_name) = upper(b.last_name)
                AND a.first_name <> '' THEN 'name'
            WHEN upper(a.first_name) = upper(b.last_name) AND upper(a.last_name) = upper(b.first_name) THEN 'swapped'
            WHEN similarity(a.first_name || ' ' || a.last_name, b.first_name || ' ' || b.last_name)
                >= %(alike)s THEN 'similar_name' END,
        CASE WHEN a.account_id = b.account_id THEN 'account' END,
        -- first.last at two companies says no more than the name does.
        CASE WHEN a.email <> '' AND b.email <> '' AND (split_part(a.email, '@', 2) = split_part(b.email, '@', 2)
            OR split_part(a.email, '@', 2) = ANY(%(free)s) OR split_part(b.email, '@', 2) = ANY(%(free)s))
            AND similarity(
            regexp_replace(split_part(a.email, '@', 1), '[+].*|[._-]', '', 'g'),
            regexp_replace(split_part(b.email, '@', 1), '[+].*|[._-]', '', 'g')) >= %(mailbox)s THEN 'mailbox' END,
        CASE WHEN a.email <> '' AND split_part(a.email, '@', 2) = split_part(b.email, '@', 2)
            AND (a.account_id = b.account_id) IS NOT TRUE
            AND NOT (split_part(a.email, '@', 2) = ANY(%(free)s)) THEN 'domain' END,
        CASE WHEN a.city <> '' AND upper(a.city) = upper(b.city)
            AND (a.account_id <> b.account_id) IS NOT TRUE THEN 'city' END
    ], NULL) AS reasons
    FROM pair JOIN contacts_contact a ON a.id = first_id JOIN contacts_contact b ON b.id = second_id
    WHERE a.deleted_at IS NULL AND b.deleted_at IS NULL
), weighed AS (
    SELECT first_id, second_id, nameless, reasons,
        least(100, (SELECT sum((%(weights)s::jsonb ->> reason)::int) FROM unnest(reasons) reason)) AS likeness
    FROM said
)
, kept AS (
    -- Colleagues share a switchboard, an account, a city: something must be about the person.
    SELECT first_id, second_id, reasons, likeness FROM (
        SELECT *, row_number() OVER (PARTITION BY first_id ORDER BY likeness DESC, second_id) AS place FROM weighed
        WHERE likeness >= %(enough)s AND (nameless OR reasons && %(personal)s::text[])
    ) ranked WHERE place <= %(pairs)s
), over AS (
    DELETE FROM contacts_duplicatepair old
    WHERE old.dismissed_at IS NULL AND NOT 'strategy' = ANY(old.reasons)
        AND (old.first_id = ANY(%(ids)s) OR old.second_id = ANY(%(ids)s))
        AND NOT EXISTS (SELECT FROM kept WHERE kept.first_id = old.first_id AND kept.second_id = old.second_id)
)
INSERT INTO contacts_duplicatepair (first_id, second_id, reasons, likeness)
SELECT first_id, second_id, reasons, likeness FROM kept ORDER BY first_id, second_id
ON CONFLICT (first_id, second_id) DO UPDATE SET likeness = excluded.likeness, reasons = excluded.reasons
    WHERE contacts_duplicatepair.dismissed_at IS NULL
"""
"""Write what is alike now, drop what is no longer, and leave what somebody said is not the same."""
JSON_WEIGHTS = {reason.value: weight for reason, weight in WEIGHTS.items()}
