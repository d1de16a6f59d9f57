"""Purposes, wordings, what somebody agrees to, and the proof of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.consent.purposes import add_wording, in_force_at, latest_wordings, wordings_by_purpose
from contacts.errors import InvalidValues
from contacts.models import Consent, Contact, How, Interaction, PurposeWording, Role
from contacts.services.consents import UNSUBSCRIBED, record_consent, standing, standing_of, withdraw_all
from tests.build import a_contact, a_form, a_purpose, a_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def level_of(contact: Contact) -> int:
    contact.refresh_from_db()
    return contact.consent_level


def test_agreeing_to_a_purpose_raises_the_level_and_taking_it_back_leaves_what_the_others_come_to():
    nina, news, calls = a_contact(), a_purpose("News", level=3), a_purpose("Offers", level=4)

    record_consent(contact_id=nina.pk, purpose=news)
    record_consent(contact_id=nina.pk, purpose=calls)
    assert level_of(nina) == 4

    record_consent(contact_id=nina.pk, purpose=calls, given=False)
    assert level_of(nina) == 3
    assert standing_of(nina.pk).agrees_to(news.pk)
    assert not standing_of(nina.pk).agrees_to(calls.pk)

    record_consent(contact_id=nina.pk, purpose=news, given=False)
    assert level_of(nina) == 0


def test_a_consent_in_general_outlives_a_purpose_that_is_taken_back():
    nina, news = a_contact(), a_purpose(level=3)
    record_consent(contact_id=nina.pk, level=4, how=How.IMPORT)
    record_consent(contact_id=nina.pk, purpose=news)

    record_consent(contact_id=nina.pk, purpose=news, given=False)

    assert level_of(nina) == 4


def test_unsubscribing_takes_back_everything_but_what_was_asked_for_once_however_often_it_is_said():
    nina, news, service = a_contact(), a_purpose(level=4), a_purpose(level=2)
    record_consent(contact_id=nina.pk, purpose=news)
    record_consent(contact_id=nina.pk, purpose=service)

    first = withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)
    again = withdraw_all(contact_id=nina.pk, how=How.UNSUBSCRIBE)

    assert [(one.purpose, one.given) for one in first] == [(news, False), (None, False)]
    assert again == []
    assert level_of(nina) == UNSUBSCRIBED
    now = standing_of(nina.pk)
    assert not now.agrees_to(news.pk)
    assert now.agrees_to(service.pk)
    assert Interaction.objects.filter(contact=nina, type="email_unsubscribed").count() == 1


def a_statement(purpose: int | None, level: int, given: bool) -> Consent:
    return Consent(purpose_id=purpose, level=purpose or level, given=given)


STATEMENTS = st.lists(
    st.builds(a_statement, st.sampled_from([None, 1, 2, 3, 4, 5]), st.integers(0, 5), st.booleans()), max_size=12
)


@given(STATEMENTS, st.integers(0, 5))
@settings(max_examples=150)
def test_whatever_was_said_before_taking_everything_back_leaves_at_most_that(statements, level):
    now = standing([*statements, Consent(level=level, given=False)])

    assert now.level <= level
    assert not any(said.given and said.level > level for said in now.said.values())


@given(STATEMENTS, st.integers(1, 5))
@settings(max_examples=150)
def test_taking_one_purpose_back_never_raises_and_never_touches_another(statements, purpose):
    before = standing(statements)
    after = standing([*statements, Consent(purpose_id=purpose, level=0, given=False)])

    assert after.level <= before.level
    assert not after.agrees_to(purpose)
    others = {pk for pk in before.said if pk != purpose and before.agrees_to(pk)}
    assert others == {pk for pk in after.said if after.agrees_to(pk)}


def test_words_are_never_edited_better_ones_are_a_new_version_in_force_from_then():
    news = a_purpose(text="Old words.")
    before = timezone.now()
    add_wording(purpose_id=news.pk, text="New  words.", by=None)
    same = add_wording(purpose_id=news.pk, text="New words.", by=None)

    assert [(one.number, one.text) for one in news.wordings.all()] == [(2, "New words."), (1, "Old words.")]
    assert same.number == 2
    PurposeWording.objects.filter(number=1).update(created_at=before - timedelta(days=1))
    words = wordings_by_purpose([news.pk])
    old = in_force_at(words, news.pk, before)
    new = in_force_at(words, news.pk, timezone.now() + timedelta(seconds=1))
    assert [one and one.number for one in (old, new)] == [1, 2]


def test_who_words_a_purpose_second_is_told_of_the_first_and_what_they_wrote():
    news = a_purpose()
    add_wording(purpose_id=news.pk, text="By Mona.", by=a_user(username="mona"))

    with pytest.raises(InvalidValues, match=r"mona made version 2 meanwhile: “By Mona\.”"):
        add_wording(purpose_id=news.pk, text="By Maria.", by=None, number=1)


@pytest.mark.django_db(transaction=True)
def test_two_new_versions_at_once_are_two_versions():
    news = a_purpose()

    at_once(*[lambda n=n: add_wording(purpose_id=news.pk, text=f"Words {n}", by=None) for n in range(4)])

    assert sorted(news.wordings.values_list("number", flat=True)) == [1, 2, 3, 4, 5]


class TestPages:
    def test_a_marketer_makes_a_purpose_words_it_anew_and_retires_it(self, client: Client):
        client.force_login(a_user(Role.MARKETER))
        made = {"name": "Events", "description": "", "level": 3, "confirm": "on", "text": "Invite me to events."}

        answer = client.post("/consent/new/", made, follow=True)
        address = answer.redirect_chain[-1][0]
        client.post(f"{address}wording/", {"text": "Invite me to your events.", "number": "1"})
        late = client.post(f"{address}wording/", {"text": "Do invite me.", "number": "1"})
        client.post(f"{address}switch/")

        assert late.status_code == 422
        assert "Do invite me." in late.content.decode()
        assert "made version 2 meanwhile" in late.content.decode()
        listed = client.get("/consent/").content.decode()
        assert "Invite me to your events." in listed
        assert 'data-label="Asked for by"><div>' in listed  # one text, also where rows are folded
        assert "retired" in listed

    def test_what_somebody_says_on_the_phone_is_written_down_with_the_words_in_force(self, client: Client):
        nina, news = a_contact(), a_purpose()
        theo = a_user(Role.TELEPROSPECTOR)
        client.force_login(theo)

        said = {"what": f"purpose:{news.pk}", "given": "given", "source": "On the phone", "wording": ""}
        client.post(f"/contacts/{nina.pk}/consent/", said)

        consent = Consent.objects.get()
        assert (consent.how, consent.source, consent.recorded_by) == ("person", "On the phone", theo)
        assert consent.version == news.wordings.get()
        assert consent.wording == "Write to me about products."
        assert "On the phone" in client.get(f"/contacts/{nina.pk}/consent/").content.decode()

    def test_the_proof_goes_along_as_a_file_without_formulas(self, client: Client):
        nina = a_contact()
        record_consent(contact_id=nina.pk, level=4, wording="=cmd()", source="Fair", ip="192.0.2.1")
        client.force_login(a_user(Role.MARKETER))

        text = b"".join(client.get(f"/contacts/{nina.pk}/consent.csv")).decode()

        assert "'=cmd()" in text
        assert "192.0.2.1" in text


class TestLanguages:
    def test_words_for_a_visitor_are_theirs_those_without_the_region_or_the_first(self) -> None:
        words = PurposeWording(text="Yes.", language="en", others={"de": "Ja.", "pt": "Sim."})

        assert words.said_in("de") == ("Ja.", "de")
        assert words.said_in("pt-BR") == ("Sim.", "pt")
        assert words.said_in("en") == ("Yes.", "en")
        assert words.said_in("fr") == ("Yes.", "en")
        assert PurposeWording(text="Ja.").said_in("de") == ("Ja.", "")

    def test_a_language_more_is_a_new_version_and_the_old_one_stays_as_it_was(self) -> None:
        news = a_purpose(text="Yes.", language="en")

        add_wording(purpose_id=news.pk, text="Yes.", language="en", others={"de": "  Ja. ", "fr": " "}, by=None)
        add_wording(purpose_id=news.pk, text="Yes.", language="en", others={"de": "Ja."}, by=None)

        assert [(one.number, one.others) for one in news.wordings.all()] == [(2, {"de": "Ja."}), (1, {})]

    @pytest.mark.parametrize("others", [{"xx": "?"}, {"en": "Yes."}, {"de": "x" * 1001}])
    def test_words_in_no_language_or_one_twice_or_too_many_are_refused(self, others: dict[str, str]) -> None:
        news = a_purpose(text="Yes.", language="en")

        with pytest.raises(InvalidValues):
            add_wording(purpose_id=news.pk, text="Yes.", language="en", others=others, by=None)

        assert news.wordings.count() == 1

    def test_a_consent_keeps_the_words_and_their_language_for_whom_they_were_said(self) -> None:
        nina, news = a_contact(), a_purpose(text="Yes.", language="en", others={"de": "Ja."})

        given = record_consent(contact_id=nina.pk, purpose=news, version=news.wordings.get(), language="de")
        record_consent(contact_id=nina.pk, purpose=news, given=False)

        assert [(one.wording, one.language) for one in Consent.objects.order_by("pk")] == [("Ja.", "de"), ("", "")]
        assert given.version == news.wordings.get()

    def test_a_marketer_adds_the_languages_that_forms_speak_and_any_other(self, client: Client) -> None:
        client.force_login(a_user(Role.MARKETER))
        news = a_purpose(text="Yes.")
        a_form(language="de")
        address = f"/consent/{news.pk}/"

        page = client.get(address).content.decode()
        typed = {"number": "1", "text": "Yes.", "language": "en", "text_de": "Ja."}
        half = client.post(f"{address}wording/", typed | {"more": "it"})
        twice = client.post(f"{address}wording/", typed | {"more": "de", "more_text": "Jawohl."})
        client.post(f"{address}wording/", typed | {"more": "it", "more_text": "Sì."})
        again = client.get(address).content.decode()
        client.post(f"{address}wording/", {"number": "2", "text": "Yes.", "text_de": "Ja.", "text_it": "Sì."})

        assert 'name="text_de"' in page and 'name="text_fr"' not in page and 'name="text_en"' not in page
        assert half.status_code == 422 and "Say both" in half.content.decode()
        assert twice.status_code == 422 and "There are words in Deutsch already." in twice.content.decode()
        assert 'name="text_it"' in again and "Sì." in again
        latest = latest_wordings([news.pk])[news.pk]
        assert (latest.number, latest.text, latest.language) == (2, "Yes.", "en")
        assert latest.others == {"de": "Ja.", "it": "Sì."}
        assert "English, Deutsch, Italiano" in client.get("/consent/").content.decode()

    def test_the_proof_and_its_file_name_the_language(self, client: Client) -> None:
        client.force_login(a_user(Role.ADMINISTRATOR))
        nina, news = a_contact(), a_purpose(text="Yes.", others={"de": "Ja."})
        record_consent(contact_id=nina.pk, purpose=news, version=news.wordings.get(), language="de")

        page = client.get(f"/contacts/{nina.pk}/consent/").content.decode()
        file = client.get(f"/contacts/{nina.pk}/consent.csv").getvalue().decode()

        assert "<q>Ja.</q>" in page and "version 1, Deutsch" in page
        assert "Ja.,de," in file
