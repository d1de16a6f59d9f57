"""What beat rings, and how often: a lost doorbell delays work, and never loses it."""

from __future__ import annotations

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    # Whatever a lost doorbell left behind is found within seconds.
    "sweep submissions": {"task": "forms_intake.process_submissions", "schedule": 2.0, "options": {"expires": 2}},
    "sweep changes": {"task": "scoring.score_changes", "schedule": 2.0, "options": {"expires": 2}},
    "sweep segments": {"task": "segments.refresh", "schedule": 5.0, "options": {"expires": 5}},
    # Scores that time alone changes: next_change_at may be early, never late, and is followed within a minute.
    "scores that are due": {"task": "scoring.score_due", "schedule": 20.0, "options": {"expires": 20}},
    # What was dated ahead and counts by now.
    "dated ahead": {"task": "contacts.note_what_is_due", "schedule": 10.0, "options": {"expires": 10}},
    "rehearsals": {"task": "scoring.rehearse", "schedule": 10.0, "options": {"expires": 10}},
    # Deleted records can be restored for thirty days, then they go; delivered outbox rows and old keys go with them.
    "forget": {"task": "contacts.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    # Facts for other systems, in order; and what is long told.
    "webhooks": {"task": "webhooks.deliver", "schedule": 2.0, "options": {"expires": 2}},
    "forget webhooks": {"task": "webhooks.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    "forget answers": {"task": "api.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    # Page views, and what happened to mails.
    "sweep hits": {"task": "forms_intake.track", "schedule": 2.0, "options": {"expires": 2}},
    # Imports whose doorbell was lost, or whose worker died.
    "imports": {"task": "forms_intake.do_imports", "schedule": 5.0, "options": {"expires": 5}},
    # Leads of ads that were told of, and those that were not; what was told long ago.
    "ad leads": {"task": "forms_intake.fetch_ad_leads", "schedule": 10.0, "options": {"expires": 10}},
    "mailboxes": {"task": "forms_intake.read_mailboxes", "schedule": 15.0, "options": {"expires": 15}},
    # Connectors and mailboxes that have failed for a while, and tokens that end soon.
    "outages": {"task": "forms_intake.outages", "schedule": 300.0, "options": {"expires": 300}},
    # Invitations from waiting lists that run out, and events that are over.
    "events": {"task": "forms_intake.events", "schedule": 30.0, "options": {"expires": 30}},
    "forget posts": {"task": "forms_intake.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    # What was written to contacts while they were merged away.
    "merged": {"task": "contacts.fetch_stragglers", "schedule": 60.0, "options": {"expires": 60}},
    # Contacts that may be one person, a moment at a time.
    "duplicates": {"task": "contacts.look_for_duplicates", "schedule": 2.0, "options": {"expires": 2}},
    # New matching strategies get their keys for what was there before.
    "contact keys": {"task": "contacts.backfill_strategies", "schedule": 10.0, "options": {"expires": 10}},
    "lead keys": {"task": "leads.backfill_strategies", "schedule": 10.0, "options": {"expires": 10}},
    # Leads that rules are still to be asked about, those of people who left, and first responses that are late.
    "assignment": {"task": "leads.assign", "schedule": 5.0, "options": {"expires": 5}},
    "assignment runs": {"task": "leads.run_assignment", "schedule": 10.0, "options": {"expires": 10}},
    "leavers": {"task": "leads.give_on", "schedule": 20.0, "options": {"expires": 20}},
    "first responses": {"task": "leads.follow_clocks", "schedule": 20.0, "options": {"expires": 20}},
    # Leads of processes that were changed, where they are many.
    "changed processes": {"task": "leads.sweep_processes", "schedule": 5.0, "options": {"expires": 5}},
    # Leads that stay longer in a stage than their process allows.
    "stage limits": {"task": "leads.stage_limits", "schedule": 300.0, "options": {"expires": 300}},
    # What is no longer to be called later.
    "calls for later": {"task": "leads.tidy_calls", "schedule": 3600.0, "options": {"expires": 3600}},
    # Changes of many leads whose doorbell was lost, and those that are long over.
    "bulk jobs": {"task": "leads.do_bulk", "schedule": 5.0, "options": {"expires": 5}},
    "forget bulk jobs": {"task": "leads.forget_bulk", "schedule": 3600.0, "options": {"expires": 3600}},
    # Mails that are due, tasks that fell due, digests in the morning, old notices.
    "mail": {"task": "leads.deliver_mail", "schedule": 10.0, "options": {"expires": 10}},
    "reminders": {"task": "leads.remind", "schedule": 30.0, "options": {"expires": 30}},
    "reports": {"task": "leads.report", "schedule": 5.0, "options": {"expires": 5}},
    "forget notices": {"task": "leads.forget", "schedule": 3600.0, "options": {"expires": 3600}},
    # Custom fields marked searchable get their indexes.
    "searchable fields": {"task": "leads.keep_indexes", "schedule": 30.0, "options": {"expires": 30}},
}
