"""What looks automatic is marked, with the reason; it is kept, never refused, and can be restored."""

from __future__ import annotations

import time
from typing import Any

import pytest
import time_machine
from disposable_email_domains import blocklist
from django.core.signing import Signer
from django.test import Client
from pytest_django.fixtures import Settings

from contacts.models import Contact, Role
from forms_intake import posts
from forms_intake.models import DisposableDomain, FieldType, FormField, IntakeForm, Submission
from forms_intake.spam.checks import CHECKS
from forms_intake.spam.rules import forget_rules, say_of_domain, say_what_checks_do
from forms_intake.spec.remembering import forget_specs
from leadcrm.lib.domains import unicode_of
from tests.build import a_form, a_user
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db
NINA: dict[str, Any] = {"email": "nina@nordwind.example", "first_name": "Nina"}


@pytest.fixture
def form() -> IntakeForm:
    made = a_form(
        fields={"email": "contact.email", "first_name": "contact.first_name", "company": "account.name", "message": ""}
    )
    FormField.objects.filter(key="message").update(type=FieldType.LONG_TEXT)
    return made


def post(client: Client, form: IntakeForm, more: dict[str, Any] | None = None, **headers: Any) -> Submission:
    answer = client.post(f"/f/{form.public_id}/", NINA | (more or {}), **headers)
    assert answer.status_code == 303, answer.content
    return Submission.objects.latest("pk")


def found(one: Submission) -> dict[str, str]:
    return {mark["check"]: mark["does"] for mark in one.marks}


def test_an_ordinary_post_has_no_mark(client: Client, form: IntakeForm) -> None:
    one = post(
        client, form, {"_token": posts.new_token(), "company": "www.nordwind.example", "message": "Please call me."}
    )
    assert (one.state, one.marks) == ("pending", [])


@pytest.mark.parametrize(
    ("more", "check"),
    [
        ({"your-website": "x"}, "honeypot"),
        ({"first_name": "Win now http://evil.example"}, "links"),
        ({"first_name": "buy at cheap-pills.top"}, "links"),
        ({"company": "<a href=x>Acme</a>"}, "links"),
    ],
)
def test_what_no_person_sends_is_set_aside_with_the_reason_and_can_be_restored(
    client: Client, form: IntakeForm, more: dict[str, str], check: str
) -> None:
    one = post(client, form, more)
    assert (one.state, found(one)) == ("spam", {check: "aside"})
    assert one.error == one.marks[0]["words"]
    processed()
    assert not Contact.objects.exists()
    client.force_login(a_user(Role.MARKETER))
    page = client.get(f"/submissions/{one.pk}/").content.decode()
    assert "set aside for it" in page
    client.post(f"/submissions/{one.pk}/do/", {"do": "not-spam"})
    (one,) = processed(one)
    assert (one.state, found(one)) == ("done", {check: "aside"})  # what was found stays to be read
    assert Contact.objects.get().email == "nina@nordwind.example"


@pytest.mark.parametrize("company", ["acme.com", "www.acme.com", "https://www.acme.com/", "Acme (http://acme.biz/de)"])
def test_a_company_may_be_called_by_its_web_address_and_a_person_may_not(
    client: Client, form: IntakeForm, company: str
) -> None:
    assert found(post(client, form, {"company": company})) == {}
    assert found(post(client, form, {"first_name": company})) == {"links": "aside"}


def test_a_render_time_that_was_made_up_or_changed_says_nothing(client: Client, form: IntakeForm) -> None:
    token = posts.new_token()
    early = token.replace(token.rpartition(".")[2].partition("~")[0], "1000000000000")
    forged = Signer(key="another", salt="forms_intake.token", sep="~").sign("abc.1000000000000")
    for one in (early, forged, "1000000000000", "~~"):
        assert post(client, form, {"_token": one, "message": one}).marks == []
        assert "seconds" not in Submission.objects.latest("pk").origin


def test_a_form_that_was_shown_days_ago_or_is_sent_again_and_again_is_noted(
    client: Client, form: IntakeForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forms_intake.spam.judging.SENT_OFTEN", 2)
    with time_machine.travel(time.time() - 3 * 24 * 3600, tick=True):
        token = posts.new_token()
    first, second, third = (post(client, form, {"_token": token, "message": str(n)}) for n in range(3))
    assert found(first) == found(second) == {"old": "note"}
    assert found(third) == {"old": "note", "worn": "note"}
    assert third.state == "pending"


def test_too_quick_is_set_aside(client: Client, form: IntakeForm, settings: Settings) -> None:
    settings.FORM_MIN_MILLISECONDS = 5000
    assert found(post(client, form, {"_token": posts.new_token()})) == {"quick": "aside"}


def test_the_same_long_text_and_many_posts_from_one_place_are_marked(
    client: Client, form: IntakeForm, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forms_intake.spam.judging.SAME_TEXT", 2)
    text = "We offer the very best links for your website, dear sir or madam."
    sent = [post(client, form, {"email": f"a{n}@b{n}.example", "message": f"{text}{'!' * n}"}) for n in range(3)]
    assert [one.state for one in sent] == ["pending", "pending", "spam"]
    settings.FORM_ADDRESS_PER_HOUR, settings.FORM_TOTAL_PER_HOUR = 2, 5
    form, other = a_form("Fresh"), a_form("Another")
    there: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9"}
    for number in range(2):
        assert found(post(client, form, {"last_name": str(number)}, **there)) == {}
    assert found(post(client, other, **there)) == {"address": "note"}  # the same sender, another form
    elsewhere = [found(post(client, form, {"last_name": f"m{n}"}, REMOTE_ADDR=f"192.0.2.{n}")) for n in range(4)]
    assert elsewhere == [{}, {}, {}, {"busy": "note"}]
    assert Submission.objects.filter(state="pending").count() == 9


def test_addresses_to_throw_away_are_noted_as_the_workspace_says(client: Client, form: IntakeForm) -> None:
    maria = a_user(Role.MARKETER)
    assert found(post(client, form, {"email": "x@mailinator.com"})) == {"disposable": "note"}
    assert found(post(client, form, {"email": "x@sub.mailinator.com"})) == {"disposable": "note"}
    say_of_domain("mailinator.com", is_disposable=False, by=maria)
    say_of_domain("throw.example", is_disposable=True, by=maria)
    assert found(post(client, form, {"email": "y@mailinator.com"})) == {}
    assert found(post(client, form, {"email": "y@throw.example"})) == {"disposable": "note"}
    say_what_checks_do({"disposable": "aside"}, by=maria)
    assert post(client, form, {"email": "z@throw.example"}).state == "spam"
    say_what_checks_do({"disposable": "off"}, by=maria)
    assert post(client, form, {"email": "q@throw.example"}).marks == []


def test_a_domain_to_throw_away_is_one_however_it_is_written(client: Client, form: IntakeForm) -> None:
    listed = next(domain for domain in blocklist if domain.startswith("xn--") and domain.count(".") == 1)
    assert found(post(client, form, {"email": f"x@{unicode_of(listed)}"})) == {"disposable": "note"}
    maria = a_user(Role.MARKETER)
    say_of_domain("w\u00fcrfe.example", is_disposable=True, by=maria)
    assert found(post(client, form, {"email": "y@xn--wrfe-0ra.example"})) == {"disposable": "note"}
    assert found(post(client, form, {"email": "y@w\u00fcrfe.example"})) == {"disposable": "note"}
    say_of_domain("xn--wrfe-0ra.example", is_disposable=False, by=maria)
    assert found(post(client, form, {"email": "z@w\u00fcrfe.example"})) == {}
    assert not DisposableDomain.objects.exists()


def test_marketers_say_on_a_page_what_checks_do(client: Client, form: IntakeForm) -> None:
    client.force_login(a_user(Role.MARKETER))
    page = client.get("/forms/spam/").content.decode()
    assert all(check.name in page for check in CHECKS)
    client.post("/forms/spam/", {"links": "off", "disposable": "aside", "owner": "note", "honeypot": "nonsense"})
    assert post(client, form, {"first_name": "http://x.example"}).state == "spam"  # one bad word: nothing was saved
    client.post("/forms/spam/", {"links": "off", "disposable": "aside"})
    assert post(client, form, {"first_name": "http://y.example"}).state == "pending"
    client.post("/forms/spam/domains/", {"domain": "someone@throw.example", "is": "disposable"})
    assert post(client, form, {"email": "x@throw.example"}).state == "spam"


def test_the_door_asks_no_table_about_spam_once_it_knows(
    client: Client, form: IntakeForm, settings: Settings, django_assert_num_queries: Any
) -> None:
    settings.FORM_DEFINITION_SECONDS = 60
    post(client, form)
    with django_assert_num_queries(1):
        client.post(f"/f/{form.public_id}/", NINA | {"message": "x", "email": "x@mailinator.com"})
    forget_rules()
    forget_specs()
