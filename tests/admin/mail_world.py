"""One row of everything about mailboxes."""

from __future__ import annotations

from forms_intake.models import Mailbox, MailMessage
from tests.admin.given import Given, Subjects
from tests.mailbox.servers import a_mailbox, a_rule


def of_mailboxes(given: Given, subjects: Subjects) -> None:
    words = given.words
    mailbox = a_mailbox(on=False, by=given.user, name=given.name[:80], folder=words[:200])
    Mailbox.objects.filter(pk=mailbox.pk).update(last_error=words[:300], username=words[:254])
    rule = a_rule(mailbox, words[:80], subject=words[:100], words=words[:100], domain=words[:253])
    message = MailMessage.objects.create(
        mailbox=mailbox,
        uid_validity=1,
        uid=1,
        key="k",
        state="failed",
        what="unreadable",
        why=words[:300],
        sender=words[:254],
        subject=words[:300],
        said={"text": words},
        rule=rule,
    )
    message.contacts.add(subjects.contact)
