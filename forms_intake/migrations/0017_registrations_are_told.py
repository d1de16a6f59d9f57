"""What becomes of registrations for events, whoever writes: told to the outbox when somebody outside wants to hear of it."""

from django.db import migrations

# Who is registered by hand and stands at the door is registered first, and checked in then.
TELL = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM contacts_outboxwish WHERE kind LIKE 'registration.%%') THEN
        INSERT INTO contacts_outboxevent (kind, payload)
        SELECT fact.kind, jsonb_build_object(
            'registration_id', n.public_id, 'event_id', n.event_id, 'contact_id', n.contact_id, 'lead_id', n.lead_id,
            'actor_id', fact.actor_id)
        FROM new_rows n {old}
        CROSS JOIN LATERAL (VALUES
            (1, CASE n.state WHEN 'registered' THEN 'registration.registered'
                WHEN 'waiting' THEN 'registration.waitlisted' WHEN 'cancelled' THEN 'registration.cancelled' END,
                {another_state}, CASE n.state WHEN 'cancelled' THEN n.cancelled_by_id END),
            (2, 'registration.checked_in', n.checked_in_at IS NOT NULL AND {not_in_before}, n.checked_in_by_id)
        ) AS fact (place, kind, is_so, actor_id)
        WHERE fact.is_so AND contacts_wanted_outside(fact.kind)
        ORDER BY n.id, fact.place;
    END IF;
    RETURN NULL;
END $$;
"""
MADE = TELL.format(function="forms_intake_tell_registrations_made", old="", another_state="true", not_in_before="true")
CHANGED = TELL.format(
    function="forms_intake_tell_registrations_changed",
    old="JOIN old_rows o ON o.id = n.id",
    another_state="n.state IS DISTINCT FROM o.state",
    not_in_before="o.checked_in_at IS NULL",
)
TRIGGERS = """
CREATE TRIGGER registration_told_made AFTER INSERT ON forms_intake_eventregistration
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION forms_intake_tell_registrations_made();
CREATE TRIGGER registration_told_changed AFTER UPDATE ON forms_intake_eventregistration
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION forms_intake_tell_registrations_changed();
"""
UNDO = """
DROP FUNCTION forms_intake_tell_registrations_made() CASCADE;
DROP FUNCTION forms_intake_tell_registrations_changed() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("forms_intake", "0016_form_language"), ("contacts", "0038_accounts_are_told")]
    operations = [migrations.RunSQL((MADE + CHANGED).replace("%%", "%") + TRIGGERS, UNDO)]
