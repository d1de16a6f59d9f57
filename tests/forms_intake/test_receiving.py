"""A post is checked, kept raw and answered; nothing else happens in the request."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from contacts.models import Contact, MatchKey
from forms_intake import posts
from forms_intake.errors import NotParseable
from forms_intake.models import (
    FieldType,
    FormField,
    FormState,
    IntakeForm,
    LandingPage,
    Submission,
    SubmissionKey,
    SubmissionState,
)
from forms_intake.spec.remembering import forget_specs
from leads.models import Lead
from tests.build import a_form, a_page

pytestmark = pytest.mark.django_db

NINA = {"email": "nina@nordwind.example", "first_name": "Nina", "last_name": "Lind"}


def post_json(client: Client, form: IntakeForm, body: Any, **more: Any) -> Any:
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return client.post(f"/f/{form.public_id}/", text, content_type="application/json", **more)


def test_a_form_post_is_kept_raw_and_sent_on_to_the_thanks(client: Client) -> None:
    form = a_form()

    answer = client.post(f"/f/{form.public_id}/", NINA)

    assert (answer.status_code, answer["Location"]) == (303, f"/f/{form.public_id}/thanks/")
    submission = Submission.objects.get()
    assert submission.payload == NINA
    assert submission.state == SubmissionState.PENDING
    assert not Contact.objects.exists()
    assert not Lead.objects.exists()
    assert client.get(answer["Location"]).status_code == 200


def test_a_json_post_is_told_the_submissions_id(client: Client) -> None:
    form = a_form()

    answer = post_json(client, form, NINA)

    assert answer.status_code == 202
    assert answer.json() == {"id": str(Submission.objects.get().public_id)}


def test_the_forms_own_redirect_wins_and_the_posts_is_ignored(client: Client) -> None:
    form = a_form(redirect_url="https://nordwind.example/thanks")

    answer = client.post(f"/f/{form.public_id}/", {**NINA, "redirect_url": "https://evil.example", "next": "//evil"})

    assert answer["Location"] == "https://nordwind.example/thanks"
    assert Submission.objects.get().dropped == ["redirect_url", "next"]


def test_the_page_may_end_where_its_form_redirects_and_nowhere_else(client: Client) -> None:
    a_page(a_form(redirect_url="https://nordwind.example/thanks?a=1"))

    policy = client.get("/p/demo/")["Content-Security-Policy"]

    assert "form-action 'self' https://nordwind.example;" in policy + ";"
    assert policy.count("nordwind.example") == 1


def test_unknown_keys_are_dropped_and_listed_and_cannot_set_anything(client: Client) -> None:
    form = a_form()

    client.post(f"/f/{form.public_id}/", {**NINA, "owner": "1", "score": "100", "stage": "sales_acceptance", "id": "7"})

    submission = Submission.objects.get()
    assert submission.payload == NINA
    assert sorted(submission.dropped) == ["id", "owner", "score", "stage"]


def test_dropped_names_are_bounded(client: Client) -> None:
    form = a_form()

    client.post(f"/f/{form.public_id}/", NINA | {f"{number:03}" + "x" * 300: "1" for number in range(100)})

    dropped = Submission.objects.get().dropped
    assert len(dropped) == 50
    assert max(len(name) for name in dropped) == 100


def test_where_it_came_from_is_kept_apart_from_what_was_said(client: Client) -> None:
    form = a_form()

    client.post(
        f"/f/{form.public_id}/",
        {**NINA, "utm_source": "newsletter"},
        HTTP_USER_AGENT="B" * 1000,
        HTTP_REFERER="https://nordwind.example/?utm_campaign=autumn&utm_source=other",
        REMOTE_ADDR="198.51.100.7",
    )

    origin = Submission.objects.get().origin
    assert origin["utm_source"] == "newsletter"
    assert origin["utm_campaign"] == "autumn"
    assert origin["ip"] == "198.51.100.7"
    assert origin["user_agent"] == "B" * 300
    assert "utm_source" not in Submission.objects.get().payload


def test_a_filled_trap_gets_the_ordinary_answer_and_is_kept_as_spam(client: Client) -> None:
    form = a_form()

    answer = client.post(f"/f/{form.public_id}/", {**NINA, "your-website": "https://spam.example"})

    assert answer.status_code == 303
    submission = Submission.objects.get()
    assert submission.state == SubmissionState.SPAM
    assert "cannot see" in submission.error

    client.post(f"/f/{form.public_id}/", NINA)
    assert Submission.objects.filter(state=SubmissionState.PENDING).count() == 1


def test_a_form_that_comes_back_at_once_was_not_filled_in_by_a_person(client: Client, settings: Settings) -> None:
    settings.FORM_MIN_MILLISECONDS = 60_000
    a_page(form := a_form())
    token = client.get("/p/demo/").content.decode().split('name="_token" value="')[1].split('"')[0]

    client.post(f"/f/{form.public_id}/", {**NINA, "_token": token})
    client.post(f"/f/{form.public_id}/", {**NINA, "_token": "made up~by.someone"})

    assert [submission.state for submission in Submission.objects.order_by("pk")] == ["spam", "pending"]


def test_who_filled_in_a_form_while_our_clock_was_set_back_is_not_taken_for_a_program(
    client: Client, settings: Settings
) -> None:
    settings.FORM_MIN_MILLISECONDS = 100
    a_page(form := a_form())
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        token = client.get("/p/demo/").content.decode().split('name="_token" value="')[1].split('"')[0]

    client.post(f"/f/{form.public_id}/", {**NINA, "_token": token})

    assert Submission.objects.get().state == SubmissionState.PENDING


@pytest.mark.parametrize(
    ("type", "value", "good"),
    [
        (FieldType.EMAIL, "nina", False),
        (FieldType.EMAIL, "nina@nordwind.example", True),
        (FieldType.PHONE, "call me", False),
        (FieldType.PHONE, "+49 30 123456", True),
        (FieldType.NUMBER, "12,5", False),
        (FieldType.NUMBER, "inf", False),
        (FieldType.NUMBER, "-12.5", True),
        (FieldType.DATE, "31.12.2026", False),
        (FieldType.DATE, "2026-W01-1", False),
        (FieldType.DATE, "2026-12-31", True),
        (FieldType.CHOICE, "blue", False),
        (FieldType.CHOICE, "red", True),
        (FieldType.MULTI_CHOICE, "blue", False),
        (FieldType.MULTI_CHOICE, "red", True),
        (FieldType.YES_NO, "perhaps", False),
        (FieldType.YES_NO, "no", True),
        (FieldType.CONSENT, "no", False),
        (FieldType.CONSENT, "yes", True),
        (FieldType.TEXT, "x" * 21, False),
        (FieldType.TEXT, "nul\x00", False),
        (FieldType.TEXT, "   ", False),
        (FieldType.TEXT, "ok", True),
    ],
)
def test_each_type_of_field_refuses_what_it_cannot_hold(client: Client, type: str, value: str, good: bool) -> None:
    form = a_form()
    FormField.objects.create(
        form=form, key="extra", label="Extra", type=type, required=True, choices=["red"], max_length=30, position=9
    )
    FormField.objects.filter(key="extra", type=FieldType.TEXT).update(max_length=20)

    answer = client.post(f"/f/{form.public_id}/", {**NINA, "extra": value})

    assert answer.status_code == (303 if good else 422)
    assert Submission.objects.count() == int(good)


def test_what_is_required_is_marked_and_the_mark_explained(client: Client) -> None:
    form = a_form()
    a_page(form)
    FormField.objects.filter(form=form).update(required=False)
    mark = '<span class="must" aria-hidden="true">*</span>'
    assert mark not in client.get(f"/f/{form.public_id}/").content.decode()

    FormField.objects.filter(form=form, key="email").update(required=True)
    forget_specs()
    shown = client.get(f"/f/{form.public_id}/").content.decode()

    assert f"{mark} marks what is required." in shown
    assert shown.count(mark) == 2 and shown.count(" required>") == 1


def test_json_is_told_which_fields_are_wrong(client: Client) -> None:
    form = a_form()
    FormField.objects.filter(form=form).update(required=True)

    answer = post_json(client, form, {"email": "nina", "first_name": None})

    assert answer.status_code == 422
    assert sorted(answer.json()["errors"]) == ["email", "first_name", "last_name"]
    assert not Submission.objects.exists()


def test_a_wrong_field_gives_the_page_again_with_what_was_typed(client: Client) -> None:
    form = a_form()
    a_page(form, title="Talk to us")

    answer = client.post(f"/f/{form.public_id}/", {"email": "nina", "first_name": "Ni<b>na", "_page": "demo"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Talk to us" in page
    assert 'value="nina"' in page
    assert "Ni&lt;b&gt;na" in page
    assert "This is not an e-mail address." in page


def test_a_form_posted_from_elsewhere_is_shown_alone(client: Client) -> None:
    form = a_form("Ask for a demo")

    answer = client.post(f"/f/{form.public_id}/", {"email": "nina", "first_name": "Nina"})

    assert answer.status_code == 422
    assert 'value="Nina"' in answer.content.decode()


@pytest.mark.parametrize("text", [r'"\ud800"', r'"a\u0000b"', r'["\udfff"]'])
def test_characters_that_cannot_be_kept_are_a_field_error(client: Client, text: str) -> None:
    form = a_form()

    answer = post_json(client, form, f'{{"email": "nina@nordwind.example", "first_name": {text}}}')

    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == ["first_name"]


def test_such_characters_in_unknown_keys_and_headers_do_no_harm(client: Client) -> None:
    form = a_form()

    answer = post_json(
        client, form, r'{"email": "nina@nordwind.example", "\ud800\u0000": 1}', HTTP_USER_AGENT="a\x00b\udc80"
    )

    assert answer.status_code == 202
    assert Submission.objects.get().dropped == ["��"]


@pytest.mark.parametrize(
    "body", [" ", "nina", "[1]", '"text"', "{", '{"email": NaN}', "[" * 50_000, b"\xff\xfe", "9" * 5000]
)
def test_what_is_not_json_is_not_parseable(client: Client, body: str | bytes) -> None:
    answer = post_json(client, a_form(), body)

    assert answer.status_code == 400
    assert answer.json()["error"] == "not_parseable"


def test_no_depth_of_nesting_is_an_error_of_ours() -> None:
    """Some depth can just be read and no longer written: which one depends on who calls, so all are tried."""
    depths = range(600, 1000)
    for opened, closed in (("[", "]"), ('{"a":', "}")):
        bodies = [f'{{"email": {opened * depth}1{closed * depth}}}' for depth in depths]
        taken = [_is_read(body) for body in bodies]
        assert taken == sorted(taken, reverse=True)  # the shallow are read, the deep are not, and nothing else happens
        assert taken[0] and not taken[-1]


def _is_read(body: str) -> bool:
    try:
        posts.read(RequestFactory().post("/f/x/", body, content_type="application/json"))
    except NotParseable:
        return False
    return True


def test_other_content_types_are_not_parseable(client: Client) -> None:
    form = a_form()

    assert client.post(f"/f/{form.public_id}/", "x", content_type="text/plain").status_code == 400
    assert client.post(f"/f/{form.public_id}/", "x", content_type="multipart/form-data").status_code == 400
    too_many = "&".join(f"a{number}=1" for number in range(1500))
    assert client.post(f"/f/{form.public_id}/", too_many, "application/x-www-form-urlencoded").status_code == 400


@pytest.mark.parametrize(
    ("type", "body"),
    [
        ("application/x-www-form-urlencoded", b"email=n@nordwind.example&first_name=J%F6rg"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\nJ\xf6rg\r\n--b--\r\n',
        ),
    ],
)
def test_bytes_that_are_not_utf_8_are_not_parseable(client: Client, type: str, body: bytes) -> None:
    answer = client.generic("POST", f"/f/{a_form().public_id}/", body, type)

    assert answer.status_code == 400
    assert not Submission.objects.exists()


def test_the_sign_for_a_damaged_character_may_be_typed(client: Client) -> None:
    assert client.post(f"/f/{a_form().public_id}/", {**NINA, "first_name": "J\ufffdrg"}).status_code == 303
    body = "email=n@nordwind.example&first_name=J%EF%BF%BDrg"
    assert client.post(f"/f/{a_form('B').public_id}/", body, "application/x-www-form-urlencoded").status_code == 303


def test_too_much_is_refused_unread(client: Client, settings: Settings) -> None:
    settings.FORM_POST_BYTES = 2048
    form = a_form()

    answer = client.post(f"/f/{form.public_id}/", {**NINA, "first_name": "x" * 3000})

    assert answer.status_code == 413
    assert not Submission.objects.exists()


@pytest.mark.parametrize("public_id", ["unknown", "a" * 500, "%00", "ä"])
def test_an_unknown_form_is_not_found(client: Client, public_id: str) -> None:
    assert client.post(f"/f/{public_id}/", NINA).status_code == 404


@pytest.mark.parametrize("state", [FormState.DRAFT, FormState.CLOSED])
def test_a_form_that_is_not_live_is_gone(client: Client, state: str) -> None:
    form = a_form(state=state)
    a_page(form)

    assert client.post(f"/f/{form.public_id}/", NINA).status_code == 410
    assert client.get("/p/demo/").status_code == 410
    assert not Submission.objects.exists()


def test_an_unpublished_page_is_gone_but_what_was_typed_into_it_is_kept(client: Client) -> None:
    form = a_form()
    page = a_page(form, published=False)

    assert client.get("/p/demo/").status_code == 410
    assert client.post(f"/f/{form.public_id}/", {**NINA, "_page": "demo"}).status_code == 303
    assert Submission.objects.get().page == page


def test_too_many_posts_are_told_when_to_come_back(client: Client, settings: Settings) -> None:
    settings.FORM_POSTS_PER_MINUTE = 2
    form, other = a_form(), a_form("Another")
    answers = [
        client.post(f"/f/{form.public_id}/", {**NINA, "first_name": str(number)}, REMOTE_ADDR="198.51.100.9")
        for number in range(3)
    ]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert client.post(f"/f/{form.public_id}/", NINA, REMOTE_ADDR="198.51.100.10").status_code == 303
    assert client.post(f"/f/{other.public_id}/", NINA, REMOTE_ADDR="198.51.100.9").status_code == 303


def test_a_page_of_another_form_is_not_believed(client: Client) -> None:
    a_page(a_form("Another"), slug="other")

    client.post(f"/f/{a_form().public_id}/", {**NINA, "_page": "other"})

    assert Submission.objects.get().page is None


@pytest.mark.django_db(transaction=True)
def test_a_form_deleted_within_its_remembered_second_is_not_found(client: Client, settings: Settings) -> None:
    settings.FORM_DEFINITION_SECONDS = 60
    form = a_form()
    page = a_page(form)
    url = f"/f/{form.public_id}/"
    client.get(url)
    LandingPage.objects.filter(pk=page.pk).delete()
    kept_without_its_page = client.post(url, {**NINA, "_page": "demo"})
    Submission.objects.all().delete()
    form.delete()

    assert kept_without_its_page.status_code == 303
    assert client.post(url, {**NINA, "first_name": "Later"}).status_code == 404


def test_a_post_costs_one_statement_and_touches_no_session(
    client: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.FORM_DEFINITION_SECONDS = 60
    form = a_form()
    client.get(f"/f/{form.public_id}/")

    with django_assert_num_queries(1):
        answer = client.post(f"/f/{form.public_id}/", NINA)

    assert "Vary" not in answer
    assert not answer.cookies
    assert not MatchKey.objects.exists()
    assert SubmissionKey.objects.count() == 1


def test_a_landing_page_may_be_kept_by_a_browser_for_a_moment_and_sets_no_cookie(client: Client) -> None:
    a_page(a_form(), title="Plan routes", body="First.\n\nSecond.")

    answer = client.get("/p/demo/?utm_source=mail")

    assert answer["Cache-Control"] == "private, max-age=15"
    assert not answer.cookies
    assert "Vary" not in answer
    assert 'name="utm_source" value="mail"' in answer.content.decode()
