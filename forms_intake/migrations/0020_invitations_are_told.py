"""Whoever is invited from the waiting list of an event is told to the outbox, as all else that becomes of registrations is
(0017, whose functions these are, with one line more).
"""

from django.db import migrations

TELL = """
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM contacts_outboxwish WHERE kind LIKE 'registration.%') THEN
        INSERT INTO contacts_outboxevent (kind, payload)
        SELECT fact.kind, jsonb_build_object(
            'registration_id', n.public_id, 'event_id', n.event_id, 'contact_id', n.contact_id, 'lead_id', n.lead_id,
            'actor_id', fact.actor_id)
        FROM new_rows n {old}
        CROSS JOIN LATERAL (VALUES
            (1, CASE n.state WHEN 'registered' THEN 'registration.registered'
                WHEN 'waiting' THEN 'registration.waitlisted' {invited}
                WHEN 'cancelled' THEN 'registration.cancelled' END,
                {another_state}, CASE n.state WHEN 'cancelled' THEN n.cancelled_by_id END),
            (2, 'registration.checked_in', n.checked_in_at IS NOT NULL AND {not_in_before}, n.checked_in_by_id)
        ) AS fact (place, kind, is_so, actor_id)
        WHERE fact.is_so AND contacts_wanted_outside(fact.kind)
        ORDER BY n.id, fact.place;
    END IF;
    RETURN NULL;
END $$;
"""
INVITED = "WHEN 'invited' THEN 'registration.invited'"


def functions(invited: str) -> str:
    """Both functions, with or without the line about invitations."""
    made = {"function": "forms_intake_tell_registrations_made", "old": "", "another_state": "true"}
    changed = {
        "function": "forms_intake_tell_registrations_changed",
        "old": "JOIN old_rows o ON o.id = n.id",
        "another_state": "n.state IS DISTINCT FROM o.state",
    }
    return TELL.format(**made, not_in_before="true", invited=invited) + TELL.format(
        **changed, not_in_before="o.checked_in_at IS NULL", invited=invited
    )


class Migration(migrations.Migration):
    dependencies = [("forms_intake", "0019_words_of_forms_and_events")]
    operations = [migrations.RunSQL(functions(INVITED), functions(""))]
