"""Who asks for their data gets what they wrote; who is erased is in the log of a mailbox no more."""

from __future__ import annotations

import json

import pytest

from contacts.models import Role
from contacts.privacy.erasing import erase
from contacts.privacy.exporting import make_copy
from contacts.privacy.requests import enter
from contacts.services.contacts import create_contact
from forms_intake.mailbox import keeping
from forms_intake.mailbox.parsing import parse
from forms_intake.models import MailMessage
from tests.build import a_user
from tests.mailbox.servers import HOST, PASSED, a_mail, a_mailbox

pytestmark = pytest.mark.django_db


def test_messages_are_in_the_copy_and_gone_with_the_person_and_are_not_read_again() -> None:
    maria = a_user(Role.ADMINISTRATOR)
    eva = create_contact(first_name="Eva", last_name="Blau", email="eva@blau.example")
    mailbox = a_mailbox(trusted_host=HOST)
    known, forged = (
        parse(a_mail(Authentication_Results=PASSED), trusted_host=HOST),
        parse(a_mail(number="2"), trusted_host=HOST),
    )
    for uid, parsed in enumerate((known, forged), 1):
        keeping.keep(mailbox, parsed, uid_validity=1, uid=uid)

    copy = json.loads(make_copy(enter(kind="export", contact=eva, by=maria), form="json", by=maria))
    assert len(copy["data"]["Messages that were read"]) == 2
    asked = enter(kind="erasure", contact=eva, by=maria)
    erase(asked.pk, typed="eva@blau.example", by=maria)

    assert set(MailMessage.objects.values_list("sender", "subject", "why", "said")) == {("", "", "", None)}
    assert not MailMessage.contacts.through.objects.exists()
    assert keeping.keep(mailbox, known, uid_validity=2, uid=9) is None
