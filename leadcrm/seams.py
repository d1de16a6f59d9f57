"""What the apps give each other without importing upward: named here, for whoever stands below to ask for."""

CONDITION_OFFERS = ["segments.conditions.offered", "forms_intake.conditions.offered"]
"""What may be asked in a condition, beside what leads knows: a function (subject) -> Offer of each app above."""

HANGS_ON_CONTACTS = ["forms_intake.events.hanging.REGISTRATIONS", "leads.hanging.LEADS"]
"""What goes with a contact that is deleted (contacts/hanging.py)."""

MOVES_WITH_CONTACTS = [
    "forms_intake.events.hanging.MERGED_REGISTRATIONS",
    "leads.merging.LEADS",
    "segments.merging.PICKS",
]
"""What goes along when a contact is merged, and needs more than another contact (contacts/merging/seam.py)."""

TELLS_OF_CONTACTS = [
    "leads.story_of_contact.TELLS_OF_LEADS",
    "segments.story_of_contact.TELLS_OF_SEGMENTS",
    "forms_intake.tracking.story.TELLS_OF_VISITS",
]
"""What is told of a contact on its timeline, besides what contacts know themselves (contacts/telling.py)."""

TELLS_OF_INTERACTIONS = ["forms_intake.answers.answers_in"]
"""What was answered in an interaction that is on a timeline (contacts/telling.py)."""

NARROWS_LISTS = ["leads.by_condition.BY_CONDITION", "segments.narrowing.BY_SEGMENT"]
"""What the lists of contacts and leads are narrowed by, besides their own filters (contacts/narrowing.py)."""

PLACES_OF_CONTEXTS = ["forms_intake.contexts.places"]
"""Where forms and pages that own marketing contexts can be seen (leads/marketing/origin.py)."""

TELLS_OF_FILES = ["forms_intake.mailbox.telling.told_of_files"]
"""What is known of a lead's files beside their rows (leads/attachments/telling.py)."""

LETTERS = {
    "consent": "contacts.consent.letters.confirm",
    "preferences": "contacts.consent.letters.preferences",
    "submission": "forms_intake.confirming.letter",
    "event": "forms_intake.events.letters.letter",
}
"""Mails to people without an account, by what they are (contacts/letters.py)."""

ASKS_FOR_PURPOSES = ["forms_intake.consenting.uses_of"]
"""Who knows where people are asked to agree to a purpose (contacts/consent/purposes.py)."""

SPEAK_TO_VISITORS = ["forms_intake.spoken.languages_in_use"]
"""Who knows in which languages visitors are spoken to."""

HOLDS_PERSONAL_DATA = [
    "leadcrm.api.personal.KEPT_ANSWERS",
    "leadcrm.webhooks.personal.TOLD",
    "forms_intake.events.personal.REGISTRATIONS",
    "forms_intake.tracking.personal.VISITS",
    "forms_intake.personal.DOOR",
    "scoring.personal.SCORES",
    "segments.personal.MEMBERSHIPS",
    "leads.personal.LEADS",
    "contacts.privacy.own.OWN",
]
"""Who holds personal data, the highest room first (contacts/privacy/holding.py)."""

LISTINGS = {
    "contact": "contacts.views.contacts.LISTING",
    "account": "contacts.views.accounts.LISTING",
    "lead": "leads.views.records.LISTING",
    "opportunity": "leads.opportunities.views.LISTING",
}
"""The lists of records (contacts/lists/listing.py)."""

BULK_SUBJECTS = {
    "lead": "leads.bulk.subjects.LEADS",
    "opportunity": "leads.bulk.subjects.OPPORTUNITIES",
    "submission": "forms_intake.inbox.many.SUBMISSIONS",
}
"""Of which lists many records are changed at once (leads/bulk/subjects.py)."""

PLACES_OF_NOTICES = {"workspace": "integrations:webhooks"}
"""Where notices that are about no lead lead to, by kind (leads/notice_words.py)."""
