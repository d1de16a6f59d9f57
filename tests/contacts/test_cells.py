"""Cells of lists edited in place: one field, saved by itself, by who may, and never over what somebody else saved."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Contact, Role, User
from leads.models import Lead
from tests.build import a_contact, a_custom_field, a_lead, a_user

pytestmark = pytest.mark.django_db
IN_PLACE = {"X-Requested-With": "fetch"}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened(client: Client, url: str) -> dict[str, Any]:
    """What the form of a cell would send."""
    form = client.get(url).context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_one_field_is_saved_and_the_cell_comes_back_as_it_is():
    lead = a_lead(topic="Fleet", rating="hot", custom={"fleet": "4"})
    a_custom_field("fleet")
    client = signed_in(a_user(Role.TELEPROSPECTOR))
    url = f"/leads/{lead.pk}/cell/rating/"

    answer = client.post(url, opened(client, url) | {"rating": "cold", "topic": "Smuggled"}, headers=IN_PLACE)

    assert (answer.status_code, "Cold" in answer.content.decode()) == (200, True)
    custom = f"/leads/{lead.pk}/cell/custom.fleet/"
    client.post(custom, opened(client, custom) | {"custom__fleet": "40"})
    stored = Lead.objects.get()
    assert (stored.rating, stored.topic, stored.custom) == ("cold", "Fleet", {"fleet": "40"})


def test_without_scripts_it_is_a_page_and_leads_back_to_the_list():
    nina = a_contact()
    client = signed_in(a_user(Role.TELEPROSPECTOR))
    url = f"/contacts/{nina.pk}/cell/job_title/?next=/contacts/%3Fsort=newest"

    assert 'name="next" value="/contacts/?sort=newest"' in client.get(url).content.decode()
    saved = client.post(url, opened(client, url) | {"job_title": "Buyer", "next": "/contacts/?sort=newest"})

    assert saved["Location"] == "/contacts/?sort=newest"
    assert Contact.objects.get().job_title == "Buyer"


def test_the_second_of_two_is_told_what_was_saved_and_keeps_what_they_typed():
    lead = a_lead(topic="Fleet")
    first, second = signed_in(a_user(Role.MARKETER)), signed_in(a_user(Role.SALES_MANAGER))
    url = f"/leads/{lead.pk}/cell/topic/"
    mine, theirs = opened(first, url), opened(second, url)
    first.post(url, mine | {"topic": "Fleet 2"})

    told = second.post(url, theirs | {"topic": "Fleet 3"}, headers=IN_PLACE)

    assert told.status_code == 409
    assert "changed topic from Fleet to Fleet 2" in told.content.decode()
    assert told.context["form"]["topic"].value() == "Fleet 3"
    assert Lead.objects.get().topic == "Fleet 2"
    again = {name: told.context["form"][name].value() or "" for name in told.context["form"].fields}
    assert second.post(url, again).status_code == 302
    assert Lead.objects.get().topic == "Fleet 3"


def test_what_others_saved_in_another_field_stands_in_nobodys_way():
    lead = a_lead(topic="Fleet")
    client = signed_in(a_user(Role.MARKETER))
    topic, rating = f"/leads/{lead.pk}/cell/topic/", f"/leads/{lead.pk}/cell/rating/"
    mine, theirs = opened(client, topic), opened(client, rating)

    client.post(rating, theirs | {"rating": "hot"})
    client.post(topic, mine | {"topic": "Fleet 2"})

    stored = Lead.objects.get()
    assert (stored.topic, stored.rating) == ("Fleet 2", "hot")


def test_a_value_that_does_not_hold_is_told_at_the_field():
    nina = a_contact(email="nina@nordwind.example")
    client = signed_in(a_user(Role.TELEPROSPECTOR))
    url = f"/contacts/{nina.pk}/cell/email/"

    answer = client.post(url, opened(client, url) | {"email": "nonsense"}, headers=IN_PLACE)

    assert answer.status_code == 422
    assert "This is not an e-mail address." in answer.content.decode()
    assert 'value="nonsense"' in answer.content.decode()


@pytest.mark.parametrize(("key", "status"), [("rating", 403), ("score", 404), ("nothing", 404), ("owner", 403)])
def test_only_who_may_edit_the_record_edits_a_cell_and_only_one_that_is_edited(key: str, status: int):
    lead = a_lead(owner=a_user())
    client = signed_in(a_user(Role.TELEPROSPECTOR))

    assert client.get(f"/leads/{lead.pk}/cell/{key}/").status_code == status
    assert client.post(f"/leads/{lead.pk}/cell/{key}/", {key: "hot"}).status_code == status
    assert f"/leads/{lead.pk}/cell/" not in client.get("/leads/").content.decode()
    assert Lead.objects.get().version == 1


def test_who_may_not_assign_edits_everything_but_the_owner_of_their_own():
    anna = a_user(Role.TELEPROSPECTOR)
    lead = a_lead(owner=anna)

    assert signed_in(anna).get(f"/leads/{lead.pk}/cell/owner/").status_code == 403
    assert signed_in(a_user(Role.SALES_MANAGER)).get(f"/leads/{lead.pk}/cell/owner/").status_code == 200
