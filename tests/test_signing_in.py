"""Signing in and out, and being slowed down."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from contacts.models import Role
from tests.build import a_form, a_page, a_user
from tests.workers import empty_broker

pytestmark = pytest.mark.django_db
GOOD = {"username": "nina", "password": "correct horse battery"}


def test_the_right_password_leads_on_to_where_one_wanted_to_go() -> None:
    a_user(username="nina")

    response = Client().post("/sign-in/?next=/leads/ready/", GOOD | {"next": "/leads/ready/"})

    assert response["Location"] == "/leads/ready/"


def test_it_never_leads_to_another_site() -> None:
    a_user(username="nina")

    assert Client().post("/sign-in/", GOOD | {"next": "https://evil.example/"})["Location"] == "/"


def test_who_was_signed_out_meanwhile_comes_back_to_the_page_and_not_to_where_its_button_led() -> None:
    form = a_form()
    gone, page = Client(), f"/forms/{form.pk}/?width=phone"

    sent = gone.post(f"/forms/{form.pk}/close/", HTTP_REFERER=f"http://testserver{page}")
    from_elsewhere = gone.post(f"/forms/{form.pk}/close/", HTTP_REFERER="https://evil.example/forms/1/")
    looked = gone.get(page, HTTP_REFERER="http://testserver/forms/")

    assert parse_qs(urlsplit(sent["Location"]).query)["next"] == [page]
    assert parse_qs(urlsplit(from_elsewhere["Location"]).query)["next"] == [f"/forms/{form.pk}/close/"]
    assert parse_qs(urlsplit(looked["Location"]).query)["next"] == [page]


def test_an_address_that_only_takes_posts_says_so_to_people_and_to_nobody_else() -> None:
    ada = Client()
    ada.force_login(a_user(Role.ADMINISTRATOR, "ada"))

    read = ada.get("/submissions/do/", HTTP_ACCEPT="text/html,*/*")
    asked = ada.get("/submissions/do/", HTTP_ACCEPT="application/json")

    assert (read.status_code, read["Allow"]) == (405, "POST")
    assert "only takes what is sent from a page" in read.content.decode()
    assert (asked.status_code, asked.content) == (405, b"")


def test_a_wrong_password_is_said_without_telling_which_part_was_wrong() -> None:
    a_user(username="nina")
    known = Client().post("/sign-in/", GOOD | {"password": "x"}).content.decode()
    unknown = Client().post("/sign-in/", {"username": "nobody", "password": "x"}).content.decode()

    assert "Please enter a correct username and password" in known
    assert "Please enter a correct username and password" in unknown


def test_too_many_tries_are_slowed_down_even_with_the_right_password(settings: Settings) -> None:
    empty_broker()
    settings.SIGN_INS_PER_MINUTE = 3
    a_user(username="nina")
    for _ in range(3):
        Client().post("/sign-in/", GOOD | {"password": "guess"}, REMOTE_ADDR="192.0.2.1")

    response = Client().post("/sign-in/", GOOD, REMOTE_ADDR="192.0.2.1")
    from_elsewhere = Client().post("/sign-in/", GOOD, REMOTE_ADDR="192.0.2.2")
    somebody_else = Client().post("/sign-in/", {"username": "otto", "password": "x"}, REMOTE_ADDR="192.0.2.3")

    assert response.status_code == from_elsewhere.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "Too many tries" in response.content.decode()
    assert somebody_else.status_code == 200


def test_the_admin_has_no_sign_in_of_its_own() -> None:
    asked = Client().get("/admin/login/?next=/admin/contacts/")
    tried = Client().post("/admin/login/?next=/admin/contacts/", GOOD)

    assert asked["Location"] == tried["Location"] == "/sign-in/?next=%2Fadmin%2Fcontacts%2F"
    assert "_auth_user_id" not in tried.client.session


def test_who_may_not_enter_the_admin_is_refused_and_not_sent_round() -> None:
    client = Client()
    client.force_login(a_user())

    assert client.get("/admin/", follow=True).status_code == 403


def test_what_is_shown_to_who_is_signed_in_is_kept_by_no_cache_on_the_way() -> None:
    client = Client()
    client.force_login(a_user(Role.ADMINISTRATOR))

    answers = {path: client.get(path) for path in ("/", "/contacts/", "/leads/", "/views/contact/export/", "/sign-in/")}
    assert [path for path, one in answers.items() if "private" not in one.get("Cache-Control", "")] == []
    a_page(a_form())
    assert client.get("/p/demo/")["Cache-Control"] == "private, max-age=15"


def test_signing_out_needs_a_post() -> None:
    client = Client()
    client.force_login(a_user())

    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/"
    assert client.get("/").status_code == 302


def test_error_pages_say_what_to_do() -> None:
    response = Client().get("/nothing-here/")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
