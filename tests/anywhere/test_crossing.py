"""Pages of other origins: one list decides who may draw, frame and post, and nothing is shown to anybody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.models import FormState, IntakeForm, RefusedOrigin, Submission
from tests.build import a_form, a_user

pytestmark = pytest.mark.django_db
SITE, EVIL = "https://www.example.com", "https://evil.example.org"
POST = {"email": "nina@nordwind.example"}


@pytest.fixture
def form() -> IntakeForm:
    return a_form(origins=[SITE])


def allowed(response: Any) -> str:
    assert "Access-Control-Allow-Credentials" not in response
    assert "Origin" in response["Vary"]
    return str(response.headers.get("Access-Control-Allow-Origin", ""))


def ancestors(response: Any) -> str:
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))
    return str(policy["frame-ancestors"])


def test_a_listed_page_gets_the_form_and_may_read_what_it_posts(client: Client, form: IntakeForm) -> None:
    drawn = client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN=SITE)
    sent = client.post(f"/f/{form.public_id}/", POST, HTTP_ORIGIN=SITE, HTTP_ACCEPT="application/json")
    wrong = client.post(f"/f/{form.public_id}/", {"email": "?"}, HTTP_ORIGIN=SITE, HTTP_ACCEPT="application/json")
    assert (drawn.status_code, allowed(drawn), drawn["Cache-Control"]) == (200, SITE, "private, no-store")
    assert 'name="email"' in drawn.json()["html"] and "_token" in drawn.json()["html"]
    assert (sent.status_code, allowed(sent)) == (202, SITE)
    assert (wrong.status_code, allowed(wrong), list(wrong.json()["errors"])) == (422, SITE, ["email"])
    assert Submission.objects.get().state == "pending"


@pytest.mark.parametrize("origin", [EVIL, "null", "https://www.example.com.evil.org", "http://www.example.com"])
def test_any_other_page_neither_gets_the_form_nor_posts_by_script(
    client: Client, form: IntakeForm, origin: str
) -> None:
    address = f"/f/{form.public_id}/"
    drawn = client.get(f"{address}embed/", HTTP_ORIGIN=origin)
    asked = client.options(address, HTTP_ORIGIN=origin, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")
    sent = client.post(address, POST, "application/json", HTTP_ORIGIN=origin, HTTP_SEC_FETCH_MODE="cors")
    assert [allowed(one) for one in (drawn, asked, sent)] == ["", "", ""]
    assert (asked.status_code, sent.status_code, sent.json()["error"]) == (403, 403, "origin_refused")
    assert drawn.status_code == (200 if origin == "null" else 403)  # unreadable for the page all the same
    assert not Submission.objects.exists()


def test_a_browser_that_asks_first_is_told_what_a_listed_page_may_send(client: Client, form: IntakeForm) -> None:
    for address in (f"/f/{form.public_id}/", f"/f/{form.public_id}/embed/"):
        asked = client.options(address, HTTP_ORIGIN=SITE, HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST")
        assert (asked.status_code, allowed(asked)) == (204, SITE)
        assert asked["Access-Control-Allow-Headers"] == "Content-Type"


def test_plain_forms_post_from_anywhere_until_a_site_is_listed_and_then_from_that_one(client: Client) -> None:
    form = a_form()
    plain: dict[str, Any] = {"HTTP_SEC_FETCH_MODE": "navigate", "HTTP_ACCEPT": "text/html"}
    before = client.post(f"/f/{form.public_id}/", POST, HTTP_ORIGIN=EVIL, **plain)
    IntakeForm.objects.update(origins=[SITE])
    there = client.post(f"/f/{form.public_id}/", POST | {"last_name": "L"}, HTTP_ORIGIN=SITE, **plain)
    elsewhere = client.post(f"/f/{form.public_id}/", POST | {"last_name": "M"}, HTTP_ORIGIN=EVIL, **plain)
    hidden = client.post(f"/f/{form.public_id}/", POST | {"last_name": "N"}, HTTP_ORIGIN="null", **plain)
    ours = client.post(f"/f/{form.public_id}/", POST | {"last_name": "O"}, HTTP_ORIGIN="http://testserver", **plain)
    program = client.post(f"/f/{form.public_id}/", POST | {"last_name": "P"}, "application/json")
    statuses = [one.status_code for one in (before, there, elsewhere, hidden, ours, program)]
    assert statuses == [303, 303, 403, 303, 303, 202]
    assert EVIL in elsewhere.content.decode()


def test_only_listed_pages_hold_it_in_a_frame_and_nothing_else_of_ours(client: Client, form: IntakeForm) -> None:
    frame = f"/f/{form.public_id}/frame/"
    held = client.get(f"{frame}?at={SITE}")
    stranger = client.get(f"{frame}?at={EVIL}")
    again = client.post(f"/f/{form.public_id}/?frame={SITE}", {"email": "?"})
    done = client.post(f"/f/{form.public_id}/?frame={SITE}", POST)
    thanks = client.get(done["Location"])
    for one in (held, stranger, again, thanks):
        assert ancestors(one) == f"'self' {SITE}"
        assert "X-Frame-Options" not in one
    assert f'data-parent="{SITE}"' in held.content.decode()
    assert 'data-parent=""' in stranger.content.decode()  # nothing is posted to a page that is not on the list
    assert (again.status_code, done.status_code) == (422, 303)
    for address in (f"/f/{form.public_id}/", f"/f/{form.public_id}/thanks/", "/sign-in/"):
        assert ancestors(client.get(address)) == "'none'"
    assert ancestors(client.post(f"/f/{form.public_id}/", {"email": "?"})) == "'none'"
    assert client.get(f"/f/{form.public_id}/thanks/")["X-Frame-Options"] == "DENY"


def test_who_asked_without_being_allowed_is_counted_and_allowed_by_one_click(client: Client, form: IntakeForm) -> None:
    for number in range(3):
        client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN=EVIL, REMOTE_ADDR=f"192.0.2.{number}")
    noted = RefusedOrigin.objects.get()
    assert (noted.origin, noted.times) == (EVIL, 1)  # once a minute: a flood of refusals is no flood of writes
    client.force_login(a_user(Role.MARKETER))
    page = client.get(f"/forms/{form.pk}/share/").content.decode()
    assert EVIL in page and "Allow it" in page
    client.post(f"/forms/{form.pk}/origins/", {"allow": EVIL})
    form.refresh_from_db()
    assert sorted(form.origins) == sorted([SITE, EVIL])
    assert not RefusedOrigin.objects.exists()
    client.post(f"/forms/{form.pk}/origins/", {"remove": SITE})
    assert allowed(client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN=SITE)) == ""


def test_made_up_origins_fill_no_table(client: Client, form: IntakeForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forms_intake.anywhere.crossing.MOST_REFUSED", 3)
    for number in range(6):
        origin = f"https://made-up-{number}.example.org"
        client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN=origin, REMOTE_ADDR=f"198.51.100.{number}")
    assert RefusedOrigin.objects.count() == 3


def test_a_refused_address_is_kept_in_the_field_with_the_reason(client: Client, form: IntakeForm) -> None:
    client.force_login(a_user(Role.MARKETER))
    answer = client.post(f"/forms/{form.pk}/origins/", {"allow": 'https://*.com"><script>'})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "https://*.com&quot;&gt;&lt;script&gt;" in page and "Write it as" in page
    assert IntakeForm.objects.get(pk=form.pk).origins == [SITE]


def test_a_closed_form_says_so_where_it_stood(client: Client, form: IntakeForm) -> None:
    IntakeForm.objects.update(state=FormState.CLOSED)
    drawn = client.get(f"/f/{form.public_id}/embed/", HTTP_ORIGIN=SITE)
    framed = client.get(f"/f/{form.public_id}/frame/?at={SITE}")
    assert (drawn.status_code, allowed(drawn), drawn.json()["error"]) == (410, SITE, "closed")
    assert "closed" in framed.content.decode() and ancestors(framed) == f"'self' {SITE}"


def test_the_script_is_small_the_same_for_all_and_asked_for_again_only_when_it_changed(client: Client) -> None:
    first = client.get("/f/embed.js")
    again = client.get("/f/embed.js", HTTP_IF_NONE_MATCH=first["ETag"])
    assert (first.status_code, again.status_code) == (200, 304)
    assert first["Content-Type"] == "text/javascript; charset=utf-8"  # whatever the page around it is written in
    assert len(first.content) < 16_000
