"""What waits for its person's click: corrected and asked again by people here, set aside, held back, never askable."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from contacts.models import Contact, OutboxEvent, Role
from forms_intake import confirming
from forms_intake.models import Deed, FormCapture, Submission
from forms_intake.processing.work import process_next
from forms_intake.services.submissions import do
from forms_intake.spec.remembering import forget_specs
from leads.mail.delivering import deliver_some
from tests.build import a_form, a_user
from tests.forms_intake.letters import count_letters
from tests.forms_intake.posting import a_submission
from tests.leads.work.post_office import PostOffice

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwnd.example", "first_name": "Nina", "last_name": "Lind"}
SITE = "https://shop.example.com"


@pytest.fixture(autouse=True)
def letters(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    forget_specs()
    return count_letters(monkeypatch)


@pytest.fixture
def marketer() -> Client:
    client = Client()
    client.force_login(a_user(Role.MARKETER))
    return client


def waiting(client: Client, **said: str) -> tuple[Submission, str]:
    """A post that waits, and the link that was mailed for it."""
    form = a_form(double_opt_in=True)
    client.post(f"/f/{form.public_id}/", NINA | said)
    return Submission.objects.get(), link()


def link() -> str:
    deliver_some()
    found = re.search(r"http://[^/]+(/f/confirm/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def corrected(marketer: Client, one: Submission, **values: str) -> Any:
    one.refresh_from_db()
    typed = {key: str(value) for key, value in one.payload.items()} | values
    return marketer.post(
        f"/submissions/{one.pk}/", typed | {"attempts": str(one.attempts), "edition": str(one.edition)}
    )


def mailed_again(marketer: Client, one: Submission) -> str:
    return marketer.post(f"/submissions/{one.pk}/do/", {"do": "letter"}, follow=True).content.decode()


def page_of(marketer: Client, one: Submission) -> str:
    return marketer.get(f"/submissions/{one.pk}/").content.decode()


def test_a_mistyped_address_that_waits_is_corrected_and_asked_itself(client: Client, marketer: Client) -> None:
    one, first = waiting(client)
    assert "Send the letter again" in page_of(marketer, one)

    answer = corrected(marketer, one, email="nina@nordwind.example")

    one.refresh_from_db()
    assert (answer.status_code, one.state) == (302, "asked")
    second = link()
    assert mail.outbox[-1].to == ["nina@nordwind.example"]
    assert client.post(first).status_code == 410
    assert process_next() == 0
    client.post(second)
    assert process_next() == 1
    assert Contact.objects.get().email == "nina@nordwind.example"
    assert list(one.events.values_list("deed", flat=True)) == ["edited"]


def test_what_else_is_mended_in_one_that_waits_brings_no_second_letter(client: Client, marketer: Client) -> None:
    one, first = waiting(client)

    corrected(marketer, one, last_name="Lindt")

    one.refresh_from_db()
    assert (one.state, one.payload["last_name"]) == ("asked", "Lindt")
    assert OutboxEvent.objects.count() == 1
    client.post(first)
    assert process_next() == 1


def test_one_that_waits_is_not_processed_by_an_edit_though_its_form_asks_no_longer(
    client: Client, marketer: Client
) -> None:
    one, _ = waiting(client)
    type(one.form).objects.update(double_opt_in=False)

    corrected(marketer, one, last_name="Lindt")

    assert process_next() == 0


def test_the_letter_is_sent_again_at_a_click_and_not_twice_within_minutes(client: Client, marketer: Client) -> None:
    one, _ = waiting(client)

    assert "The letter is on its way" in mailed_again(marketer, one)
    assert "Nothing was done" in mailed_again(marketer, one)

    assert OutboxEvent.objects.count() == 2
    assert "The letter was sent again" in page_of(marketer, one)
    client.post(link())
    assert process_next() == 1
    assert "Nothing was done" in mailed_again(marketer, one)
    assert OutboxEvent.objects.count() == 2


def test_sending_again_keeps_to_the_limit_of_letters_too(
    client: Client, marketer: Client, letters: Counter[str]
) -> None:
    one, _ = waiting(client)
    letters["confirm-to:nina@nordwnd.example"] = 5

    assert "within a day" in mailed_again(marketer, one)

    assert OutboxEvent.objects.count() == 1


def test_an_address_that_is_corrected_while_it_was_set_aside_as_spam_is_asked(client: Client, marketer: Client) -> None:
    one, first = waiting(client)
    do(Deed.SPAM, [one.pk], by=None)

    corrected(marketer, one, email="nina@nordwind.example")

    one.refresh_from_db()
    assert one.state == "asked"
    link()
    assert mail.outbox[-1].to == ["nina@nordwind.example"]
    assert client.post(first).status_code == 410


def test_one_that_was_asked_and_set_aside_by_mistake_is_not_asked_twice(client: Client) -> None:
    one, _ = waiting(client)

    do(Deed.SPAM, [one.pk], by=None)
    do(Deed.NOT_SPAM, [one.pk], by=None)

    assert OutboxEvent.objects.count() == 1


def test_spam_in_somebodys_name_uses_up_none_of_their_letters(client: Client) -> None:
    form = a_form(double_opt_in=True)
    for nth in range(5):
        client.post(f"/f/{form.public_id}/", NINA | {"your-website": "http://spam", "first_name": f"N{nth}"})

    client.post(f"/f/{form.public_id}/", NINA)

    assert Submission.objects.filter(state="asked").count() == OutboxEvent.objects.count() == 1


def test_where_the_limit_holds_a_letter_back_the_inbox_says_so_and_it_goes_later(
    client: Client, marketer: Client, letters: Counter[str]
) -> None:
    form = a_form(double_opt_in=True)
    letters["confirm-to:nina@nordwnd.example"] = 5
    client.post(f"/f/{form.public_id}/", NINA)
    one = Submission.objects.get()

    assert "No letter was sent" in page_of(marketer, one)
    assert "No letter was sent" in marketer.get("/submissions/?state=asked").content.decode()
    assert not OutboxEvent.objects.exists()

    letters.clear()
    mailed_again(marketer, one)

    assert OutboxEvent.objects.count() == 1
    assert "No letter was sent" not in marketer.get("/submissions/?state=asked").content.decode()
    client.post(link())
    assert process_next() == 1


OFFERED = ("“Send the letter again” tries once more", ">Send it again</button>")


def test_a_letter_that_the_mail_server_refuses_is_said_where_its_post_waits_and_goes_again_at_one_click(
    client: Client, marketer: Client, settings: Settings
) -> None:
    client.post(f"/f/{a_form(double_opt_in=True).public_id}/", NINA)
    one, locmem, refusal = Submission.objects.get(), settings.EMAIL_BACKEND, ": 550 no such person"

    def told() -> list[str]:
        return [page_of(marketer, one), marketer.get("/submissions/?state=asked").content.decode()]

    with PostOffice() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", office.port, False
        office.refused.add(NINA["email"])
        for _ in range(2):
            deliver_some()
            assert all("could not be sent" in page and refusal in page for page in told())
            assert all(label in page for label, page in zip(OFFERED, told(), strict=True))
            assert "on its way once more" in mailed_again(marketer, one)
            assert not any("could not be sent" in page for page in told())
    settings.EMAIL_BACKEND = locmem

    client.post(link())

    assert process_next() == 1
    assert OutboxEvent.objects.filter(given_up_at__isnull=False).count() == 2


def test_a_letter_that_is_still_tried_or_was_given_up_before_another_went_is_not_said(
    client: Client, marketer: Client
) -> None:
    client.post(f"/f/{a_form(double_opt_in=True).public_id}/", NINA)
    one, now = Submission.objects.get(), timezone.now()
    OutboxEvent.objects.update(error="No answer: timed out")
    assert "could not be sent" not in page_of(marketer, one)

    OutboxEvent.objects.update(given_up_at=now, created_at=now - timedelta(days=3))
    assert "No answer: timed out" in page_of(marketer, one)
    one.origin = one.origin | {"asked_at": (now - timedelta(days=1)).isoformat()}
    one.save()
    assert "could not be sent" not in page_of(marketer, one)


def test_a_letter_held_back_goes_when_the_post_is_said_to_be_no_spam(client: Client, letters: Counter[str]) -> None:
    form = a_form(double_opt_in=True)
    letters["confirm-to:nina@nordwnd.example"] = 5
    client.post(f"/f/{form.public_id}/", NINA)
    letters.clear()

    for deed in (Deed.SPAM, Deed.NOT_SPAM):
        do(deed, [Submission.objects.get().pk], by=None)

    assert OutboxEvent.objects.count() == 1


def test_posts_that_are_said_to_be_no_spam_keep_to_the_limit(letters: Counter[str]) -> None:
    form = a_form(double_opt_in=True)
    made = [a_submission(form, **NINA) for _ in range(7)]
    Submission.objects.update(state="spam")

    do(Deed.NOT_SPAM, [one.pk for one in made], by=None)

    assert Submission.objects.filter(state="asked").count() == 7
    assert OutboxEvent.objects.count() == 5


def test_whoever_confirms_what_was_set_aside_as_spam_need_not_again_once_it_is_none(client: Client) -> None:
    one, address = waiting(client)
    do(Deed.SPAM, [one.pk], by=None)

    assert "Your address is confirmed" not in client.get(address).content.decode()
    for _ in range(2):
        answer = client.post(address, REMOTE_ADDR="192.0.2.2").content.decode()
        assert "Your address is confirmed" in answer
        assert "spam" not in answer.lower()
    one.refresh_from_db()
    assert (one.state, one.origin["confirmed_ip"]) == ("spam", "192.0.2.2")
    assert process_next() == 0

    do(Deed.NOT_SPAM, [one.pk], by=None)

    assert process_next() == 1
    assert OutboxEvent.objects.filter(payload__letter="submission").count() == 1


def test_the_link_of_a_post_that_was_deleted_confirms_nothing_until_it_is_back(client: Client) -> None:
    one, address = waiting(client)
    do(Deed.DELETED, [one.pk], by=None)

    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 410
        assert "Your address is confirmed" not in answer.content.decode()
    one.refresh_from_db()
    assert "confirmed_at" not in one.origin

    do(Deed.RESTORED, [one.pk], by=None)
    client.post(address)

    assert process_next() == 1


def test_what_was_heard_without_an_address_to_confirm_fails_with_that_reason_and_is_asked_once_it_has_one(
    client: Client, marketer: Client
) -> None:
    form = a_form(origins=[SITE], double_opt_in=True)
    capture = FormCapture.objects.create(form=form, name="Shop", selector="#contact", names={})
    by_script: dict[str, Any] = {"HTTP_ORIGIN": SITE, "HTTP_SEC_FETCH_MODE": "cors", "HTTP_ACCEPT": "application/json"}
    heard = client.post(f"/f/{form.public_id}/", {"first_name": "Nina", "_capture": capture.pk}, **by_script)
    one = Submission.objects.get()

    assert heard.status_code == 202
    assert "waits_for" not in heard.json()
    assert (one.state, one.error) == ("failed", "It says no e-mail address to which the letter to confirm could go.")

    do(Deed.RETRIED, [one.pk], by=None)
    one.refresh_from_db()
    assert (one.state, process_next()) == ("failed", 0)
    assert one.error

    corrected(marketer, one, email="nina@nordwind.example")
    one.refresh_from_db()
    assert (one.state, one.error) == ("asked", "")
    client.post(link())
    assert process_next() == 1


def test_one_that_waits_and_loses_its_address_by_an_edit_fails_with_that_reason(
    client: Client, marketer: Client
) -> None:
    one, _ = waiting(client)

    corrected(marketer, one, email="")

    one.refresh_from_db()
    assert one.state == "failed"
    assert "no e-mail address" in one.error


def test_a_click_in_the_old_mailbox_does_not_confirm_an_address_that_was_corrected_in_that_moment(
    client: Client, marketer: Client
) -> None:
    one, first = waiting(client)
    seen = confirming.found(first.split("/")[-2])
    assert seen is not None

    corrected(marketer, one, email="nina@nordwind.example")

    assert confirming.confirm(seen, ip=None) is False
    one.refresh_from_db()
    assert (one.state, "confirmed_at" in one.origin) == ("asked", False)


def test_a_post_that_is_sent_again_uses_up_none_of_its_persons_letters(client: Client, letters: Counter[str]) -> None:
    form = a_form(double_opt_in=True)

    for _ in range(6):
        client.post(f"/f/{form.public_id}/", NINA)

    assert letters == {"confirm-to:nina@nordwnd.example": 1}
    assert OutboxEvent.objects.count() == 1
