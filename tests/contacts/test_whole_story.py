"""Everything about a contact on one timeline, narrowed by kind; an account's, of all its people since they joined."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.acting import acting
from contacts.models import ConsentLevel, Contact, Interaction, Role, User
from contacts.services.consents import record_consent
from contacts.services.contacts import update_contact
from leads.models import Cause, Lead, Task
from leads.services.closing import assign
from leads.services.moves import move_leads
from leads.services.records import update_lead
from leads.stages import Stage
from segments.models import Kind
from segments.services.picks import add
from tests.build import a_contact, a_lead, a_segment, a_user, an_account, an_interaction

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def entries(answer: Any) -> list[Any]:
    return [entry for _, those in answer.context["story"].days for entry in those]


def titles(answer: Any) -> set[str]:
    return {f"{entry.title} {entry.about}".strip() for entry in entries(answer)}


def lived_through(maria: User) -> Contact:
    """A contact with one entry of every kind."""
    nina = a_contact(city="Oslo")
    an_interaction(nina, "email_opened", subject="News", days_ago=3)
    an_interaction(nina, "call", subject="Asked for a price", days_ago=2)
    record_consent(contact_id=nina.pk, level=ConsentLevel.MARKETING, source="A form", by=maria)
    lead = a_lead(nina, "Route planning")
    move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, actor=maria, cause=Cause.PERSON)
    with acting(maria):
        update_contact(nina.pk, version=1, changes={"city": "Bergen"}, by=maria)
        update_lead(lead.pk, version=1, changes={"rating": "hot"}, by=maria)
    done = Task.objects.create(title="Ask for the budget", lead=lead, created_by=maria, state="done", done_by=maria)
    Task.objects.filter(pk=done.pk).update(done_at=timezone.now())
    Task.objects.create(title="Send the brochure", contact=nina, owner=maria)
    add(a_segment("Newsletter", kind=Kind.STATIC), [nina.pk], by=maria)
    return nina


KINDS = {
    "interactions": {"Opened an e-mail News", "Had a call Asked for a price"},
    "leads": {"Route planning: moved to Automated marketing qualification"},
    "tasks": {"To do: Ask for the budget", "Done: Ask for the budget", "To do: Send the brochure"},
    "segments": {"Joined the segment Newsletter"},
    "mails": {"Opened an e-mail News"},
    "consent": {"Agreed to Marketing"},
    "changes": {"City is now Bergen", "Sales rating is now Hot"},
}


def test_everything_known_of_a_contact_is_on_one_timeline_and_can_be_narrowed():
    maria = a_user(Role.MARKETER)
    nina = lived_through(maria)
    client = signed_in(maria)

    told = {kind: titles(client.get(f"/contacts/{nina.pk}/?show={kind}")) for kind in KINDS}
    everything = client.get(f"/contacts/{nina.pk}/?show=nonsense")

    assert told == KINDS
    assert titles(everything) == set().union(*KINDS.values())
    assert everything.context["shows"][0] == ("all", "All")
    moments = [entry.when for entry in entries(everything)]
    assert moments == sorted(moments, reverse=True)
    body = everything.content.decode()
    assert all(f"/contacts/{nina.pk}/?show={kind}" in body for kind in KINDS)  # links, for who has no script
    changed = next(entry for entry in entries(everything) if entry.title == "City is now")
    assert (changed.by, changed.detail) == (str(maria), "before: Oslo")


def test_htmx_gets_the_story_alone():
    maria = a_user(Role.MARKETER)
    nina = lived_through(maria)

    part = signed_in(maria).get(f"/contacts/{nina.pk}/?show=consent", headers={"HX-Request": "true"})

    assert titles(part) == KINDS["consent"]
    assert "<h1>" not in part.content.decode()


def test_who_sees_no_segments_is_told_of_none():
    nina = lived_through(a_user(Role.MARKETER))
    sales = signed_in(a_user())

    assert not titles(sales.get(f"/contacts/{nina.pk}/?show=all")) & KINDS["segments"]
    assert "segments" not in dict(sales.get(f"/contacts/{nina.pk}/").context["shows"])


def test_a_page_goes_on_where_the_one_before_ended_even_within_one_moment():
    nina, moment = a_contact(), timezone.now()
    rows = [Interaction(contact=nina, type="note", subject=f"n{n}", occurred_at=moment) for n in range(45)]
    Interaction.objects.bulk_create(rows)
    for city in [f"Town {number}" for number in range(45)]:
        Contact.objects.filter(pk=nina.pk).update(city=city)
    record_consent(contact_id=nina.pk, level=1)
    client = signed_in(a_user())

    seen, where = [], f"/contacts/{nina.pk}/"
    while where:
        answer = client.get(where)
        seen += [(entry.rank, entry.pk) for entry in entries(answer)]
        where = answer.context["older_url"].partition("#")[0]

    assert len(seen) == len(set(seen)) == 91


def test_a_long_story_costs_as_many_queries_as_a_short_one():
    maria = a_user(Role.MARKETER)
    nina = lived_through(maria)
    client = signed_in(maria)
    where = f"/contacts/{nina.pk}/"
    client.get(where)
    with CaptureQueriesContext(connection) as few:
        client.get(where)
    now = timezone.now()
    Interaction.objects.bulk_create(
        [Interaction(contact=nina, type="note", occurred_at=now - timedelta(minutes=n)) for n in range(300)]
    )
    for number in range(30):
        a_lead(nina, f"Lead {number}", owner=maria)
    Lead.objects.filter(contact=nina).update(rating="warm")
    Contact.objects.filter(pk=nina.pk).update(first_name="Nora", job_title="Buyer", owner=maria)
    with CaptureQueriesContext(connection) as many:
        client.get(where)

    assert len(many) - len(few) <= 1  # the names of those whom a field points to
    assert len(few) <= 27


def test_leads_that_one_may_not_see_stay_out_of_a_contacts_story():
    sam = a_user()
    hidden = a_contact(marketing_only=True)
    own = a_lead(hidden, "Mine", owner=sam)
    others = a_lead(hidden, "Not mine")
    move_leads([own.pk, others.pk], Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE)

    client = signed_in(sam)

    assert client.get(f"/contacts/{hidden.pk}/").status_code == 404
    through = client.get(f"/leads/{own.pk}/contact/?show=leads")
    assert {entry.title for entry in entries(through)} == {"Mine: moved to"}


def test_tasks_of_leads_that_one_may_not_see_stay_out_of_a_contacts_story():
    sam, mona, nina = a_user(), a_user(Role.SALES_MANAGER), a_contact()
    gone = a_lead(nina, "Gone", sales_ready=True, deleted_at=timezone.now())
    for title, lead in [
        ("Hidden", a_lead(nina, "Not mine")),
        ("Deleted", gone),
        ("Mine", a_lead(nina, "Mine", owner=sam)),
        ("Plain", None),
    ]:
        done = timezone.now()
        Task.objects.create(title=title, lead=lead, contact=nina, owner=mona, state="done", done_at=done, done_by=mona)

    told = {one: titles(signed_in(one).get(f"/contacts/{nina.pk}/?show=tasks")) for one in (sam, mona)}

    assert told[sam] == {f"{word} {title}" for word in ("To do:", "Done:") for title in ("Mine", "Plain")}
    assert told[mona] == told[sam] | {"To do: Hidden", "Done: Hidden"}


def test_an_account_tells_what_its_people_did_since_they_joined():
    account, sam = an_account(), a_user()
    early = a_contact("Early", "Bird", account=account)
    late = a_contact("Late", "Comer")
    an_interaction(early, "call", subject="Years ago", days_ago=900)
    an_interaction(late, "call", subject="At their last company", days_ago=2)
    Contact.objects.filter(pk=late.pk).update(account=account)
    an_interaction(late, "call", subject="Here", occurred_at=timezone.now() + timedelta(seconds=5))
    an_interaction(a_contact("Mara", "Hidden", marketing_only=True, account=account), "call", subject="Hidden")

    page = signed_in(sam).get(f"/accounts/{account.pk}/?show=interactions")

    assert [entry.about for entry in entries(page)] == ["Here", "Years ago"]
    assert entries(page)[0].detail == "Late Comer"
    assert signed_in(sam).get(f"/accounts/{account.pk}/?show=changes").status_code == 200


def test_who_was_told_of_a_contacts_leads_and_by_which_way_is_part_of_its_story() -> None:
    mona, sam = a_user(Role.SALES_MANAGER), a_user(first_name="Sam", last_name="Sellers")
    lead, other = a_lead(topic="Forty lorries", sales_ready=True), a_lead(a_contact("Otto"), "Secret")
    assign([lead.pk, other.pk], to=sam, by=mona)
    client = Client()
    client.force_login(mona)

    page = client.get(f"/contacts/{lead.contact_id}/?show=told").content.decode()

    assert "Sam Sellers was told:" in page
    assert "gave you a lead" in page
    assert "by e-mail" in page
    assert "Secret" not in page
    assert "was told:" in client.get(f"/contacts/{lead.contact_id}/").content.decode()
    assert "was told:" not in client.get(f"/contacts/{lead.contact_id}/?show=tasks").content.decode()
