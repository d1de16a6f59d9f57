"""What a message is, and what becomes of it: of somebody known, of one of us, of a stranger, of nobody."""

from __future__ import annotations

from typing import Any

import pytest

from contacts.models import Account, Contact, Interaction, InteractionType, Role
from contacts.services.contacts import create_contact
from forms_intake.errors import NotRetriable
from forms_intake.mailbox import keeping, setting_up
from forms_intake.mailbox.parsing import parse
from forms_intake.models import Effect, Mailbox, MailMessage, MailState, Submission
from forms_intake.processing.work import process_next
from leads.models import Lead
from tests.build import a_campaign, a_user
from tests.mailbox.servers import ADDRESS, HOST, PASSED, a_mail, a_mailbox, a_rule

pytestmark = pytest.mark.django_db

BOUNCE = b"""From: MAILER-DAEMON@ours.example
To: sales@ours.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@ours.example>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain

Your message did not arrive.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.ours.example

Final-Recipient: rfc822; eva@blau.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--B--
"""


def take(mailbox: Mailbox, raw: bytes, uid: int = 1) -> MailMessage | None:
    """The message as a reader takes it, and what waits is processed."""
    now = Mailbox.objects.get(pk=mailbox.pk)
    message = keeping.keep(now, parse(raw, trusted_host=now.trusted_host), uid_validity=1, uid=uid)
    while process_next():
        pass
    return message


@pytest.fixture
def eva() -> Contact:
    return create_contact(first_name="Eva", last_name="Blau", email="eva@blau.example")


def test_what_somebody_known_writes_stands_on_their_timeline(eva: Contact) -> None:
    message = take(
        a_mailbox(), a_mail("Yes, Tuesday.\n\nOn Mon, 3 Nov 2026 at 10:00, Sam <s@o.example> wrote:\n> When?")
    )

    interaction = Interaction.objects.get()
    assert (interaction.contact, interaction.type, interaction.subject) == (eva, InteractionType.MESSAGE, "An offer")
    assert interaction.payload == {"details": "Yes, Tuesday."}
    assert message is not None
    assert (message.state, message.said, list(message.contacts.all())) == (MailState.KEPT, None, [eva])
    assert not Submission.objects.exists()


def test_what_one_of_us_writes_with_the_mailbox_in_copy_is_mail_to_them(eva: Contact) -> None:
    sam = a_user(Role.SALESPERSON, "sam", email="sam@ours.example")

    take(a_mailbox(), a_mail(sender="Sam <Sam@Ours.example>", to="Eva <eva@blau.example>", Cc=ADDRESS))

    interaction = Interaction.objects.get()
    assert (interaction.contact, interaction.type) == (eva, InteractionType.EMAIL_SENT)
    assert interaction.payload["by_id"] == sam.pk


def test_attached_files_are_named_and_never_kept(eva: Contact) -> None:
    mail = a_mail().replace(b"Content-Type: text/plain", b"X-Was: text/plain", 1)
    mail = mail.replace(b"MIME-Version: 1.0", b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="X"')
    mail += b'\n--X\nContent-Type: text/plain\n\nsee it\n--X\nContent-Type: image/svg+xml; name="../../a.svg"\n'
    mail += b'Content-Disposition: attachment; filename="../../a<b>.svg"\n\n<svg onload=alert(1)>\n--X--\n'

    take(a_mailbox(), mail)

    assert Interaction.objects.get().payload == {"details": "see it", "files": [".._.._a<b>.svg"]}


def test_a_mail_that_came_back_is_told_of_its_contact(eva: Contact) -> None:
    take(a_mailbox(), BOUNCE)

    interaction = Interaction.objects.get()
    assert (interaction.contact, interaction.type) == (eva, InteractionType.EMAIL_BOUNCED)
    assert "550 5.1.1 no such user" in interaction.payload["details"]


def test_a_delay_is_no_bounce(eva: Contact) -> None:
    message = take(a_mailbox(), BOUNCE.replace(b"Action: failed", b"Action: delayed"))

    assert message is not None
    assert message.state == MailState.IGNORED
    assert not Interaction.objects.exists()


@pytest.mark.parametrize(
    ("headers", "what"),
    [
        ({"Auto_Submitted": "auto-replied"}, "automatic"),
        ({"Precedence": "bulk"}, "automatic"),
        ({"X_Autoreply": "yes"}, "automatic"),
        ({"subject": "Out of office: back on Monday"}, "automatic"),
        ({"subject": "Automatische Antwort: Angebot"}, "automatic"),
        ({"sender": "no-reply@blau.example"}, "automatic"),
        ({"List_Id": "<news.blau.example>"}, "a mailing list"),
        ({"sender": ADDRESS}, "our own mail"),
        ({"sender": "leadcrm@localhost"}, "our own mail"),
        ({"sender": "nobody"}, "unreadable"),
    ],
)
def test_what_no_person_wrote_is_left_alone(eva: Contact, headers: dict[str, Any], what: str, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "LeadCRM <crm@ours.example>"
    if headers.get("sender") == "leadcrm@localhost":
        headers = {"sender": "LeadCRM <crm@ours.example>"}
    mailbox = a_mailbox()
    a_rule(mailbox)

    message = take(mailbox, a_mail(**headers))

    assert message is not None
    assert (message.state, message.what, message.said) == (MailState.IGNORED, what, None)
    assert not Interaction.objects.exists()
    assert not Submission.objects.exists()


def test_a_loop_is_left_alone(eva: Contact) -> None:
    message = take(a_mailbox(), b"Received: from a by b; now\n" * 60 + a_mail())

    assert message is not None
    assert message.what == "a loop"


# --- Strangers ----------------------------------------------------------------------------------------------------


def test_of_a_stranger_nothing_is_made_until_a_rule_says_so() -> None:
    mailbox = a_mailbox()

    message = take(mailbox, a_mail())

    assert message is not None
    assert (message.state, message.why) == (
        MailState.IGNORED,
        "Nobody is known by eva@blau.example, and there is no rule.",
    )
    assert not Contact.objects.exists()
    a_rule(mailbox)
    again = keeping.settle_again(message.pk, by=a_user(), trusted=False)
    process_next()
    assert (again.state, Lead.objects.count(), Contact.objects.count()) == (MailState.KEPT, 1, 1)


def test_a_rule_makes_a_contact_and_a_lead_with_its_campaign_and_owner() -> None:
    campaign, owner = a_campaign("Autumn"), a_user()
    mailbox = a_mailbox()
    a_rule(mailbox, campaign=campaign, owner=owner)

    message = take(mailbox, a_mail())

    lead, interaction = Lead.objects.get(), Interaction.objects.get()
    assert (lead.topic, lead.description, lead.campaign, lead.owner) == (
        "An offer",
        "I would like an offer.",
        campaign,
        owner,
    )
    assert (lead.contact, str(lead.contact)) == (Contact.objects.get(), "Eva Blau")
    assert (interaction.type, interaction.subject) == (InteractionType.MESSAGE, "An offer")
    assert interaction.payload["details"] == "I would like an offer."
    assert message is not None
    assert message.submission == Submission.objects.get()
    assert not Account.objects.exists()


def test_the_first_rule_that_fits_decides() -> None:
    mailbox = a_mailbox()
    a_rule(mailbox, "Spam", subject="casino", effect=Effect.IGNORE)
    a_rule(mailbox, "Partners", domain="partner.example", effect=Effect.CONTACT)
    a_rule(mailbox, "Support", recipient="support@ours.example", effect=Effect.IGNORE)
    a_rule(mailbox, "Offers", words="offer")

    names = []
    for number, said in enumerate(
        [
            {"subject": "CASINO night"},
            {"sender": "Max <max@berlin.partner.example>"},
            {"to": "support@ours.example"},
            {"sender": "Eva <eva@blau.example>"},
            {"text": "Hello", "sender": "x@y.example"},
        ]
    ):
        message = take(mailbox, a_mail(number=str(number), **said), uid=number + 1)
        assert message is not None
        names.append(message.rule.name if message.rule else "")

    assert names == ["Spam", "Partners", "Support", "Offers", ""]
    assert (Contact.objects.count(), Lead.objects.count()) == (2, 1)


@pytest.mark.parametrize(("address", "name"), [("eva@blau.example", "blau.example"), ("eva@gmail.com", None)])
def test_an_account_is_made_of_a_companys_domain_only(address: str, name: str | None) -> None:
    mailbox = a_mailbox()
    a_rule(mailbox, makes_account=True)

    take(mailbox, a_mail(sender=f"Eva Blau <{address}>"))

    assert [account.name for account in Account.objects.all()] == ([name] if name else [])


def test_rules_are_asked_in_the_order_people_give_them() -> None:
    mailbox, by = a_mailbox(), a_user()
    first, second = a_rule(mailbox, "First"), a_rule(mailbox, "Second")

    setting_up.move_rule(mailbox.pk, second.pk, up=True, by=by)
    assert [rule.name for rule in mailbox.rules.all()] == ["Second", "First"]
    setting_up.remove_rule(mailbox.pk, second.pk, by=by)
    assert list(mailbox.rules.all()) == [first]


# --- Who somebody says they are -----------------------------------------------------------------------------------

FORGED = f"{HOST}; spf=fail smtp.mailfrom=blau.example; dkim=none; dmarc=fail header.from=blau.example"


@pytest.mark.parametrize(
    "found",
    [
        FORGED,
        f"{HOST}; spf=pass smtp.mailfrom=attacker.example; dkim=pass header.d=attacker.example",
        f"{HOST}; none",
        "mx.attacker.example; dmarc=pass header.from=blau.example",
        "",
        "nonsense ((((",
    ],
)
def test_a_message_that_nothing_vouches_for_is_credited_to_nobody(eva: Contact, found: str) -> None:
    mailbox = a_mailbox(trusted_host=HOST)
    headers = {"Authentication_Results": found} if found else {}

    message = take(mailbox, a_mail(**headers))

    assert message is not None
    assert (message.state, message.what) == (MailState.SUSPICIOUS, "suspicious")
    assert message.why
    assert not Interaction.objects.exists()


@pytest.mark.parametrize(
    "found",
    [
        PASSED,
        f"{HOST}; spf=pass smtp.mailfrom=bounce.blau.example",
        f"{HOST}; spf=fail smtp.mailfrom=list.example; dkim=pass header.d=blau.example",
    ],
)
def test_a_message_that_is_vouched_for_is_theirs(eva: Contact, found: str) -> None:
    take(a_mailbox(trusted_host=HOST), a_mail(Authentication_Results=found))

    assert Interaction.objects.get().contact == eva


def test_only_the_topmost_word_of_the_trusted_host_counts(eva: Contact) -> None:
    forged = f"Authentication-Results: {FORGED}\nAuthentication-Results: {PASSED}\n".encode()

    message = take(a_mailbox(trusted_host=HOST), forged + a_mail())

    assert message is not None
    assert message.state == MailState.SUSPICIOUS


def test_nobody_forges_a_bounce_or_one_of_us(eva: Contact) -> None:
    a_user(Role.SALESPERSON, "sam", email="sam@ours.example")
    mailbox = a_mailbox(trusted_host=HOST)

    bounce = take(mailbox, BOUNCE)
    ours = take(mailbox, a_mail(sender="sam@ours.example", to="eva@blau.example"), uid=2)

    assert bounce is not None
    assert ours is not None
    assert (bounce.state, ours.state) == (MailState.SUSPICIOUS, MailState.SUSPICIOUS)
    assert not Interaction.objects.exists()


def test_a_person_can_vouch_for_it_or_leave_it_alone_once(eva: Contact) -> None:
    mailbox, maria = a_mailbox(trusted_host=HOST), a_user(Role.MARKETER)
    first, second = take(mailbox, a_mail()), take(mailbox, a_mail(number="2"), uid=2)
    assert first is not None
    assert second is not None

    settled = keeping.settle_again(first.pk, by=maria, trusted=True)
    keeping.dismiss(second.pk, by=maria)

    assert (settled.state, settled.settled_by, settled.said) == (MailState.KEPT, maria, None)
    assert Interaction.objects.get().contact == eva
    second.refresh_from_db()
    assert (second.state, second.said) == (MailState.IGNORED, None)
    for one in (first, second):
        with pytest.raises(NotRetriable):
            keeping.settle_again(one.pk, by=maria, trusted=True)


def test_a_message_in_two_mailboxes_is_one(eva: Contact) -> None:
    one, other = a_mailbox(), a_mailbox(name="Info inbox", address="info@ours.example")
    for mailbox in (one, other):
        a_rule(mailbox)
        take(mailbox, a_mail())
        take(mailbox, a_mail(sender="x@y.example", number="2"), uid=2)

    assert Interaction.objects.filter(contact=eva).count() == 1
    assert Submission.objects.count() == 1


def test_a_stranger_nobody_vouches_for_waits_only_where_a_rule_would_make_something() -> None:
    mailbox = a_mailbox(trusted_host=HOST)
    nothing = take(mailbox, a_mail(number="1"))
    a_rule(mailbox)
    waits = take(mailbox, a_mail(number="2"), uid=2)

    assert nothing is not None
    assert waits is not None
    assert (nothing.state, waits.state) == (MailState.IGNORED, MailState.SUSPICIOUS)
    assert not Submission.objects.exists()


def test_a_stranger_who_writes_to_two_mailboxes_at_once_is_heard_once_though_known_by_the_second() -> None:
    first, second = a_mailbox(trusted_host=HOST), a_mailbox(name="Info", trusted_host=HOST)
    for mailbox in (first, second):
        a_rule(mailbox, effect=Effect.LEAD)
    raw = a_mail(Authentication_Results=PASSED)

    take(first, raw)
    twin = take(second, raw)

    assert Interaction.objects.get().contact == Contact.objects.get()
    assert twin is not None
    assert (twin.state, twin.why) == (MailState.IGNORED, keeping.ELSEWHERE)
