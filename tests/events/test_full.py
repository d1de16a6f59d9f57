"""Whoever registers for a full event is told so before and after, on the page; everybody is told the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from forms_intake.confirming import token_of
from forms_intake.models import Event, IntakeForm, Submission
from forms_intake.spec.remembering import forget_specs
from tests.build import a_page
from tests.events.making import an_event, form_of, registers
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db

SITE = "https://www.example.com"
BEFORE = {
    "en": "Every place is taken at present: who registers now joins the waiting list.",
    "de": "Zurzeit sind alle Plätze vergeben: Wer sich jetzt anmeldet, kommt auf die Warteliste.",
    "es": "En este momento todas las plazas están ocupadas: quien se inscriba ahora pasa a la lista de espera.",
    "fr": "Toutes les places sont prises pour le moment : les nouvelles inscriptions vont sur la liste d’attente.",
}
AFTER = {
    "en": "A mail will tell you whether you have a place or are on the waiting list.",
    "de": "Eine E-Mail sagt Ihnen, ob Sie einen Platz haben oder auf der Warteliste stehen.",
    "es": "Un correo le dirá si tiene plaza o está en la lista de espera.",
    "fr": "Un e-mail vous dira si vous avez une place ou si vous êtes sur la liste d’attente.",
}
SAID = {"email": "ida@nordwind.example", "first_name": "Ida", "last_name": "Lind"}


def speaking(event: Event, language: str, **settings: object) -> str:
    """Let its form speak a language; the form's address."""
    form = IntakeForm.objects.select_related("version").get(event=event)
    assert form.version is not None
    form.version.definition["settings"] |= {"language": language, **settings}
    form.version.save(update_fields=["definition"])
    forget_specs()
    return f"/f/{form.public_id}/"


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def sent(client: Client, address: str, **said: str) -> tuple[str, str]:
    """Send the form: where that leads, and what stands there."""
    where = client.post(address, SAID | said)["Location"]
    return where, text(client.get(where))


@pytest.mark.parametrize("language", BEFORE)
def test_a_full_event_says_so_above_the_button_and_in_the_thanks(client: Client, language: str) -> None:
    event = an_event(capacity=1)
    door = speaking(event, language)
    assert BEFORE[language] not in text(client.get(f"{door}frame/"))
    assert AFTER[language] not in sent(client, door)[1]
    registers(event)

    before, _, button = text(client.get(f"{door}frame/")).rpartition('<button class="btn go"')
    assert BEFORE[language] in before and BEFORE[language] not in button
    assert AFTER[language] in sent(client, door, first_name="Another")[1]
    assert AFTER[language] in sent(client, f"{door}?frame=", first_name="Third")[1]
    where, kiosk = sent(client, door, first_name="Fourth", _kiosk="1")
    assert AFTER[language] in kiosk and "kiosk=1" in where


@pytest.mark.parametrize("waitlist", ["auto", "none"])
def test_the_page_of_a_full_event_says_so_once_above_its_form(client: Client, waitlist: str) -> None:
    event = an_event(capacity=1, waitlist=waitlist)
    door = f"/f/{form_of(event).public_id}/"
    assert "Every place is taken" not in text(client.get(door))
    registers(event)

    for page in (text(client.get(door)), text(client.get(f"{door}?kiosk=1"))):
        assert page.count("Every place is taken") == 1
        assert page.index("Every place is taken") < page.index('<form class="card form"')


def test_whoever_is_registered_already_is_told_the_same_as_who_is_not(client: Client) -> None:
    event = an_event(capacity=1)
    registers(event, "nina")
    door = f"/f/{form_of(event).public_id}/"
    known = client.post(door, SAID | {"email": "nina@nordwind.example", "first_name": "Nina"})
    unknown = client.post(door, SAID)

    assert known["Location"] == unknown["Location"] == f"{door}thanks/?full=1"


def test_who_sends_again_what_took_the_last_place_is_answered_as_the_first_time(client: Client) -> None:
    event = an_event(capacity=2)
    door = f"/f/{form_of(event).public_id}/"
    registers(event, "tom")
    first = client.post(door, SAID)["Location"]
    processed()
    found_full = client.post(door, SAID | {"email": "nina@nordwind.example"})["Location"]
    Event.objects.update(capacity=3)

    assert client.post(door, SAID)["Location"] == first == f"{door}thanks/"
    assert client.post(door, SAID | {"email": "nina@nordwind.example"})["Location"] == found_full
    assert found_full == f"{door}thanks/?full=1"


def test_programs_and_the_script_of_other_pages_are_told_that_it_is_full(client: Client) -> None:
    event = an_event(capacity=1)
    form = form_of(event)
    IntakeForm.objects.filter(pk=form.pk).update(origins=[SITE])
    forget_specs()
    door = f"/f/{form.public_id}/"
    free = client.post(door, SAID, content_type="application/json")
    assert free.status_code == 202 and "full" not in free.json()
    registers(event)

    full = client.post(door, SAID | {"first_name": "Another"}, content_type="application/json")
    parts = client.get(f"{door}embed/", HTTP_ORIGIN=SITE).json()

    assert full.status_code == 202 and full.json()["full"] is True
    assert BEFORE["en"] in parts["html"] and AFTER["en"] in parts["full"]


def test_without_a_waiting_list_nothing_is_said_of_one(client: Client) -> None:
    event = an_event(capacity=1, waitlist="none")
    registers(event)
    door = f"/f/{form_of(event).public_id}/"

    page, (_, thanks) = text(client.get(f"{door}frame/")), sent(client, door)

    assert "Every place is taken at present, and there is no waiting list." in page
    assert "A mail will tell you whether one was left for you." in thanks and "waiting list" not in thanks


def test_who_has_to_confirm_first_is_told_before_and_after_their_click(client: Client) -> None:
    event = an_event(capacity=1)
    registers(event)
    door = speaking(event, "de", double_opt_in=True)

    where, mailbox = sent(client, door)
    link = f"/f/confirm/{token_of(Submission.objects.latest('pk'))}/"
    clicked = text(client.post(link))

    assert where == f"{door}mailbox/?full=1" and AFTER["de"] in mailbox
    assert AFTER["de"] in clicked and AFTER["de"] not in text(client.get(link))


def test_on_a_landing_page_it_is_said_in_the_language_of_the_page(client: Client) -> None:
    event = an_event(capacity=1)
    page = a_page(form_of(event), settings={"language": "fr"})
    registers(event)
    forget_specs()
    door = f"/f/{form_of(event).public_id}/"

    shown = text(client.get(f"/p/{page.slug}/"))
    where, thanks = sent(client, door, _page=page.slug)

    assert BEFORE["fr"] in shown
    assert where == f"{door}thanks/?page={page.slug}&full=1" and AFTER["fr"] in thanks


OVER = {"en": "This event is over.", "de": "Diese Veranstaltung ist vorbei."}


@pytest.mark.parametrize("language", OVER)
def test_whoever_confirms_after_a_full_event_is_told_that_it_is_over_and_promised_no_mail(
    client: Client, language: str
) -> None:
    event = an_event(capacity=1)
    registers(event)
    sent(client, speaking(event, language, double_opt_in=True))
    past = timezone.now() - timedelta(minutes=5)
    Event.objects.update(starts_at=past - timedelta(hours=1), ends_at=past)

    clicked = text(client.post(f"/f/confirm/{token_of(Submission.objects.latest('pk'))}/"))

    assert OVER[language] in clicked and AFTER[language] not in clicked
