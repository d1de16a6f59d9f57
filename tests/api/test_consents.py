"""Other systems record consents, and read the proof."""

from __future__ import annotations

import pytest

from contacts.models import Consent, Role
from contacts.privacy.erasing import erase
from contacts.privacy.requests import enter
from contacts.services.contacts import create_contact
from tests.api.calling import an_api, problem_of
from tests.build import a_purpose, a_user

pytestmark = pytest.mark.django_db


def test_a_consent_comes_from_another_system_with_its_proof_and_is_told_back() -> None:
    nina, news, api = create_contact(email="nina@nordwind.example"), a_purpose(level=3), an_api()

    given = api.post(f"/contacts/{nina.pk}/consents", {"purpose_id": news.pk, "page": "https://shop.example/"})
    api.post(f"/contacts/{nina.pk}/consents", {"level": 0, "given": False, "source": "Shop"})

    assert given.status_code == 200
    first = Consent.objects.order_by("pk")[0]
    assert (first.how, first.wording, first.page) == ("api", "Write to me about products.", "https://shop.example/")
    told = api.get(f"/contacts/{nina.pk}/consents").json()
    assert [one["given"] for one in told["items"]] == [False, True]
    nina.refresh_from_db()
    assert nina.consent_level == 0


def test_it_must_say_what_about_and_who_only_reads_records_nothing() -> None:
    nina = create_contact(email="nina@nordwind.example")

    assert problem_of(an_api().post(f"/contacts/{nina.pk}/consents", {}))[0] == 422
    assert problem_of(an_api().post(f"/contacts/{nina.pk}/consents", {"purpose_id": 999_999}))[0] == 422
    assert problem_of(an_api(Role.READER).post(f"/contacts/{nina.pk}/consents", {"level": 4}))[0] == 403
    assert not Consent.objects.exists()


def test_the_words_of_a_purpose_are_those_in_the_language_that_is_said() -> None:
    nina, news, api = create_contact(email="nina@nordwind.example"), a_purpose(others={"de": "Ja."}), an_api()

    told = api.post(f"/contacts/{nina.pk}/consents", {"purpose_id": news.pk, "language": "de"}).json()
    strange = api.post(f"/contacts/{nina.pk}/consents", {"purpose_id": news.pk, "language": "xx"})

    assert (told["wording"], told["language"]) == ("Ja.", "de")
    assert problem_of(strange)[0] == 422
    assert Consent.objects.count() == 1


def test_who_was_erased_is_not_brought_back_by_a_program() -> None:
    nina = create_contact(email="nina@nordwind.example")
    erase(enter(kind="erasure", contact=nina, by=None).pk, typed=nina.email, by=a_user(Role.ADMINISTRATOR))

    status, code, _ = problem_of(an_api().post("/contacts", {"email": "nina@nordwind.example"}))

    assert (status, code) == (409, "was_erased")
