"""What a lead's page says of files that came, or are to come, with the mail it was made of."""

from __future__ import annotations

from django.urls import reverse

from contacts.models import User
from contacts.roles import Ability, can
from forms_intake.models import Mailbox, MailMessage
from leads.attachments.telling import FilesTold, Note
from leads.models import Lead

MOST = 20
NAMED = 60


def told_of_files(lead: Lead, user: User) -> FilesTold:
    """One query. Messages are linked for who keeps mailboxes."""
    rows = MailMessage.objects.filter(submission__lead=lead).select_related("mailbox").order_by("-pk")
    may_look = can(user, Ability.MARKET)
    notes, came_by = [], {}
    for message in rows[:MOST]:
        mail = f"the mail “{str(message)[:NAMED]}”"
        url = reverse("forms_intake:mail_message", args=[message.mailbox_id, message.pk]) if may_look else ""
        if message.files_wanted:
            comes = message.mailbox.active and not message.mailbox.last_error
            standing = "are on their way" if comes else "are not here yet"
            notes.append(Note(f"Files of {mail} {standing}. {when_fetched(message.mailbox)}", url))
        for file in message.files_told:
            if file["why"]:
                name = f"“{file['name']}” of {mail}" if file["name"] else f"What {mail} had attached"
                notes.append(Note(f"{name} is not here: {file['why']}", url, is_bad=True))
            else:
                came_by[file["name"]] = f"by {mail}"
    return FilesTold(notes, came_by)


def when_fetched(mailbox: Mailbox) -> str:
    """When the files of a mail are fetched from its mailbox: a sentence."""
    if not mailbox.active:
        return f"They stay in the mailbox {mailbox} until it is switched on again."
    if mailbox.last_error:
        return f"They wait for the mailbox {mailbox}, which cannot be read now: {mailbox.last_error}"
    return "They are attached at the next visit of the mailbox, within a minute or two."
