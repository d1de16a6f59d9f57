"""Files of a mail are kept with the lead that came of it, through the door of all files of leads."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from contacts.models import Contact, Role
from contacts.services.contacts import create_contact
from forms_intake.mailbox import reading
from forms_intake.mailbox.files import files_in
from forms_intake.models import Effect, Mailbox, MailMessage
from forms_intake.processing.work import process_next
from leads.attachments.store import path_of
from leads.models import Attachment, Lead, LeadEvent
from tests.build import a_user
from tests.mailbox.servers import Server, a_mail, a_mailbox, a_rule

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.ATTACHMENTS_FOLDER = tmp_path
    return tmp_path


def with_files(*files: tuple[str, bytes], number: str = "1", sender: str = "Eva Blau <eva@blau.example>") -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "hello@nordwind.example", "An offer"
    message["Message-ID"] = f"<{number}@blau.example>"
    message.set_content("Please see what is attached.")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def visit(mailbox: Mailbox) -> None:
    reading.read(Mailbox.objects.get(pk=mailbox.pk))


def test_once_there_is_a_lead_its_files_are_fetched_looked_at_and_attached(server: Server) -> None:
    mailbox = a_mailbox(server)
    a_rule(mailbox)
    server.gets(
        with_files(
            ("../../plan.pdf", PDF),
            ("evil.html", b"<script>alert(1)</script>"),
            ("photo.png", b"<svg onload=alert(1)>"),
            ("big.txt", b"word " * 400_000),
        )
    )

    visit(mailbox)
    assert MailMessage.objects.get().files_wanted and not Attachment.objects.exists()
    process_next()
    visit(mailbox)
    visit(mailbox)

    kept = {one.name: one for one in Attachment.objects.all()}
    assert set(kept) == {"plan.pdf", "big.txt"}
    assert {one.lead for one in kept.values()} == {Lead.objects.get()}
    assert path_of(kept["plan.pdf"].key).read_bytes() == PDF
    assert (kept["plan.pdf"].added_by, kept["big.txt"].size) == (None, 2_000_000)
    told = {one["name"]: one["why"] for one in MailMessage.objects.get().files_told}
    assert told["plan.pdf"] == "" and "not taken" in told["evil.html"] and "something else" in told["photo.png"]
    assert LeadEvent.objects.filter(kind="attached").count() == 2


def test_files_of_who_is_known_and_of_contacts_alone_stay_where_they_are(server: Server) -> None:
    create_contact(last_name="Ek", email="otto@ek.example")
    mailbox = a_mailbox(server)
    a_rule(mailbox, effect=Effect.CONTACT)
    server.gets(with_files(("a.pdf", PDF)), with_files(("a.pdf", PDF), number="2", sender="otto@ek.example"))

    visit(mailbox)
    process_next()
    visit(mailbox)

    assert Contact.objects.count() == 2
    assert not Attachment.objects.exists() and not MailMessage.objects.filter(files_wanted=True).exists()


def test_a_message_that_is_gone_or_too_large_says_so(server: Server, settings: Any) -> None:
    mailbox = a_mailbox(server)
    a_rule(mailbox)
    server.gets(with_files(("a.pdf", PDF + b"%" * 5000)))
    visit(mailbox)
    process_next()
    settings.ATTACHMENT_BYTES = 1000
    visit(mailbox)
    assert "larger than" in MailMessage.objects.get().files_told[0]["why"]

    settings.ATTACHMENT_BYTES = 10**6
    MailMessage.objects.update(files_wanted=True)
    server.is_emptied()
    visit(mailbox)
    assert not Attachment.objects.exists()
    assert "no longer in the mailbox" in MailMessage.objects.get().files_told[0]["why"]


def test_what_is_attached_once_is_not_attached_again_after_a_crash(server: Server) -> None:
    mailbox = a_mailbox(server)
    a_rule(mailbox)
    server.gets(with_files(("a.pdf", PDF)))
    visit(mailbox)
    process_next()
    visit(mailbox)
    MailMessage.objects.update(files_wanted=True)
    visit(mailbox)

    assert Attachment.objects.count() == 1


def test_pictures_in_the_text_are_no_files_and_nothing_breaks_it() -> None:
    message = EmailMessage()
    message.set_content("Hello")
    message.add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png", disposition="inline")
    broken = b"Content-Type: multipart/mixed; boundary=X\n\n--X\nContent-Disposition: attachment; "
    broken += b'filename="=?x?q?=FF?="\nContent-Transfer-Encoding: base64\n\n%%%\n--X--\n'

    assert list(files_in(message.as_bytes())) == []
    assert len(list(files_in(broken))) <= 1
    assert list(files_in(b"\xff\xfe no mail at all")) == []
    assert list(files_in(a_mail())) == []


def test_the_page_of_the_lead_says_which_files_are_on_their_way_and_what_brought_those_that_are_there(
    server: Server, client: Client
) -> None:
    maria, sam = a_user(Role.MARKETER, "maria"), a_user(Role.SALESPERSON, "sam")
    mailbox = a_mailbox(server)
    a_rule(mailbox)
    server.gets(with_files(("plan.pdf", PDF), ("evil.html", b"<script>alert(1)</script>")))
    visit(mailbox)
    process_next()
    lead, message = Lead.objects.get(), MailMessage.objects.get()
    files = reverse("leads:attachments", args=[lead.pk])
    its_page = reverse("forms_intake:mail_message", args=[mailbox.pk, message.pk])

    client.force_login(maria)
    said = client.get(files).content.decode()
    assert "Files of the mail “An offer” are on their way." in said and its_page in said
    assert "within a minute or two" in said
    Mailbox.objects.update(active=False)
    assert "are not here yet. They stay in the mailbox" in client.get(files).content.decode()
    assert "until it is switched on again" in client.get(files).content.decode()
    assert "until it is switched on again" in client.get(its_page).content.decode()
    Mailbox.objects.update(active=True, last_error="The password was refused.")
    assert "cannot be read now: The password was refused." in client.get(files).content.decode()

    visit(mailbox)
    Lead.objects.update(owner=sam)
    client.force_login(sam)
    said = client.get(files).content.decode()
    assert "plan.pdf" in said and "by the mail “An offer”" in said and "somebody who left" not in said
    assert "“evil.html” of the mail “An offer” is not here:" in said
    assert "on their way" not in said and its_page not in said
