"""The demo's mailbox: what people we know wrote, a stranger, an answering machine, and a mail in somebody's name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from contacts.models import Contact, User
from forms_intake.mailbox.keeping import keep
from forms_intake.mailbox.parsing import parse
from forms_intake.mailbox.setting_up import make_mailbox, save_rule
from forms_intake.models import Effect, Mailbox, MailMessage
from forms_intake.processing.work import process_next
from leads.models import Lead

ADDRESS = "sales@leadcrm.example"
HOST = "mx.leadcrm.example"
QUOTE = "\n\nOn Monday, Sam wrote:\n> Shall we talk on Thursday?"


def make_mailbox_of_sales(staff: Mapping[str, User], now: datetime) -> None:
    """It is off: a demo calls nobody."""
    maria = staff["maria"]
    mailbox = make_mailbox(
        name="Sales inbox",
        address=ADDRESS,
        host="imap.leadcrm.example",
        port=993,
        security="tls",
        username=ADDRESS,
        password="a demo has none",  # noqa: S106
        folder="INBOX",
        trusted_host=HOST,
        read_from=(now - timedelta(days=30)).date(),
        by=maria,
    )
    rule: dict[str, Any] = {
        "recipient": "",
        "domain": "",
        "words": "",
        "owner": None,
        "campaign": None,
        "product": None,
    }
    wanted = (("Job applications", "application", Effect.IGNORE), ("Whoever else writes", "", Effect.LEAD))
    for name, subject, effect in wanted:
        save_rule(
            mailbox.pk,
            None,
            version=Mailbox.objects.get(pk=mailbox.pk).version,
            name=name,
            subject=subject,
            effect=effect,
            makes_account=effect == Effect.LEAD,
            by=maria,
            **rule,
        )
    mailbox = Mailbox.objects.get(pk=mailbox.pk)
    for uid, (hours, mail) in enumerate(_mails(now), 1):
        kept = keep(mailbox, parse(mail, trusted_host=HOST), uid_validity=1, uid=uid)
        if kept is not None:
            MailMessage.objects.filter(pk=kept.pk).update(read_at=now - timedelta(hours=hours) + timedelta(minutes=1))
    while process_next():
        pass
    Mailbox.objects.filter(pk=mailbox.pk).update(last_read_at=now - timedelta(hours=2), uid_validity=1, last_uid=99)


def _mails(now: datetime) -> list[tuple[int, bytes]]:
    """Hours ago, and the mail; the oldest first."""
    known = Lead.objects.sales_ready().exclude(contact=None).order_by("pk").values("contact")[:3]
    people = list(Contact.objects.filter(pk__in=known).exclude(email="").order_by("pk"))
    said = [
        (70 - 9 * place, _mail(now, 70 - 9 * place, str(one), one.email, subject, text))
        for place, (one, (subject, text)) in enumerate(zip(people, WRITTEN, strict=False))
    ]
    said.append((30, _mail(now, 30, "Oskar Lindqvist", "oskar@lindqvistfrakt.example", *STRANGER)))
    if people:
        away = "Automatic reply: Route planning"
        said.append((26, _mail(now, 26, str(people[0]), people[0].email, away, "I am back on Monday.")))
        forged = f"{HOST}; spf=fail smtp.mailfrom=mailer.example; dkim=none; dmarc=fail"
        text = "Please send the invoice to our new account."
        said.append((5, _mail(now, 5, str(people[-1]), people[-1].email, "New bank account", text, found=forged)))
    said.append(
        (3, _mail(now, 3, "Petra Vogel", "petra.vogel@gmail.com", "My application", "Please find it attached."))
    )
    return said


WRITTEN = (
    ("Re: Route planning for our depots", "Thursday at ten suits us. Two of our dispatchers will join." + QUOTE),
    ("Question about the trial", "Can we connect our telematics during the trial, or only afterwards?"),
    ("Re: Offer", "The board has approved the budget. What are the next steps?" + QUOTE),
)
STRANGER = (
    "Route planning for 60 trucks",
    "We run 60 trucks between Malmö and Hamburg and plan by hand.\nCould you show us what you do?",
)


def _mail(now: datetime, hours: int, name: str, address: str, subject: str, text: str, *, found: str = "") -> bytes:
    message = EmailMessage()
    message["Authentication-Results"] = found or f"{HOST}; dmarc=pass header.from={address.rpartition('@')[2]}"
    message["From"], message["To"], message["Subject"] = f'"{name}" <{address}>', ADDRESS, subject
    message["Message-ID"] = f"<demo.{hours}@{address.rpartition('@')[2]}>"
    message["Date"] = now - timedelta(hours=hours)
    message.set_content(text)
    return message.as_bytes()
