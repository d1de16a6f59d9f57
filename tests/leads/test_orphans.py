"""Leads without a contact get one: by a person, by the strategy when they are made, many at once by command."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactMatchingStrategy, FieldChange, MatchKey, Role, User
from contacts.services.contacts import create_contact, delete_contacts
from leads.errors import HasContact, InvalidValues, LeadIsClosed
from leads.models import Lead, LeadMatchKey, Process, SourceType, Status
from leads.orphans.command import link_orphans
from leads.orphans.linking import create_and_link, link_contact
from leads.orphans.resolving import Becomes, orphans, preview, resolve
from leads.services.by_hand import enter_lead
from leads.services.records import NewLead, create_lead, open_leads
from leads.stages import Stage
from tests.build import a_contact, a_context, a_lead, a_user, an_account
from tests.threads import at_once


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def an_orphan(first: str = "Nina", last: str = "Lind", email: str = "", phone: str = "", **more: Any) -> Lead:
    values = {"person_first_name": first, "person_last_name": last, "person_email": email, "person_phone": phone}
    lead: Lead = a_lead(None, account=more.pop("account", None), **values, **more)
    return lead


def without_linking() -> None:
    Process.objects.update(links_contacts=False)


# When it is entered.


@pytest.mark.django_db
def test_a_new_lead_is_linked_to_whom_its_email_says_where_its_process_wants_that():
    nina, maria = create_contact(first_name="Nina", email="nina@nordwind.example"), a_user(Role.MARKETER)

    linked = create_lead(by=maria, topic="Routes", person_email="NINA@nordwind.example", person_last_name="Lind")
    unknown = create_lead(by=maria, topic="Routes", person_email="other@nordwind.example")
    without_linking()
    left = create_lead(by=maria, topic="Fleet", person_email="nina@nordwind.example")

    assert [lead.contact for lead in (linked, unknown, left)] == [nina, None, None]
    assert LeadMatchKey.objects.filter(lead=linked).exists()
    with pytest.raises(InvalidValues, match="not an e-mail"):
        create_lead(by=maria, topic="Routes", person_email="nonsense")
    with pytest.raises(InvalidValues, match="whom it is about"):
        create_lead(by=maria, topic="Routes")


@pytest.mark.django_db
def test_a_deleted_contact_is_nobodys_and_machines_that_name_a_contact_ask_nothing_more():
    nina = create_contact(email="nina@nordwind.example")
    delete_contacts([nina.pk], by=None)

    [orphan] = open_leads([NewLead("Routes", person_email="nina@nordwind.example")])
    with CaptureQueriesContext(connection) as queries:
        open_leads([NewLead("Routes", contact_id=a_contact().pk, marketing_context=a_context())])

    assert orphan.contact is None
    assert not any("contactmatchingstrategy" in query["sql"] for query in queries)


# By a person.


@pytest.mark.django_db
def test_a_person_links_a_known_contact_and_the_second_is_told_who_was_first():
    sam, nina, ole = a_user(), a_contact("Nina", "Lind"), a_contact("Ole", "Berg")
    lead = an_orphan(marketing_context=a_context())

    link_contact(lead.pk, nina.pk, by=sam)
    with pytest.raises(HasContact, match="Nina Lind's by now"):
        link_contact(lead.pk, ole.pk, by=sam)

    lead.refresh_from_db()
    assert (lead.contact, lead.version) == (nina, 2)
    assert LeadMatchKey.objects.filter(lead=lead).exists()


@pytest.mark.django_db
def test_a_closed_lead_gets_no_contact_and_none_is_made():
    lead = an_orphan(status="disqualified")

    with pytest.raises(LeadIsClosed):
        create_and_link(lead.pk, by=a_user(), last_name="Lind", email="nina@nordwind.example")

    assert not Contact.objects.exists() and not MatchKey.objects.exists()


@pytest.mark.django_db
def test_the_page_offers_whom_the_lead_may_mean_and_links_them():
    maria = a_user(Role.MARKETER)
    nina = create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example")
    lead = an_orphan(email="nina@nordwind.example")
    client = signed_in(maria)

    page = client.get(f"/leads/{lead.pk}/contact/")
    answer = client.post(f"/leads/{lead.pk}/contact/", {"do": "choose", "contact": f"(#{nina.pk})"})
    again = client.post(f"/leads/{lead.pk}/contact/", {"do": "choose", "contact": f"(#{nina.pk})"})

    assert [one.record for one in page.context["suggestions"]] == [nina]
    assert "Link or make the contact" in client.get(f"/leads/{an_orphan().pk}/").content.decode()
    assert answer.status_code == 302
    assert Lead.objects.get(pk=lead.pk).contact == nina
    assert again.status_code == 409
    assert FieldChange.objects.get(field="contact_id").actor == maria


@pytest.mark.django_db
def test_the_page_makes_a_new_contact_and_keeps_what_was_typed_when_it_is_refused():
    maria, account = a_user(Role.MARKETER), an_account()
    create_contact(email="taken@nordwind.example")
    lead = an_orphan("Nina", "Lind", "nina@nordwind.example", account=account)
    client = signed_in(maria)
    form = client.get(f"/leads/{lead.pk}/contact/").context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"do": "create", "account": f"(#{account.pk})"}
    typed.pop("marketing_only", None)

    refused = client.post(f"/leads/{lead.pk}/contact/", typed | {"email": "taken@nordwind.example", "city": "Oslo"})
    made = client.post(f"/leads/{lead.pk}/contact/", typed | {"city": "Oslo"})

    assert refused.status_code == 422 and 'value="Oslo"' in refused.content.decode()
    assert made.status_code == 302
    contact = Lead.objects.get(pk=lead.pk).contact
    assert (contact.email, contact.city, contact.account) == ("nina@nordwind.example", "Oslo", account)


@pytest.mark.django_db
def test_who_may_not_edit_or_see_a_lead_does_not_link_it():
    lead, nina = an_orphan(owner=a_user()), a_contact()
    reader, other = signed_in(a_user(Role.READER)), signed_in(a_user())
    said = {"do": "choose", "contact": f"(#{nina.pk})"}

    assert reader.post(f"/leads/{lead.pk}/contact/", said).status_code == 403
    assert other.post(f"/leads/{lead.pk}/contact/", said).status_code == 404
    assert signed_in(a_user(Role.TELEPROSPECTOR)).post(f"/leads/{lead.pk}/contact/", said).status_code == 403
    assert other.get("/leads/without-contact/").status_code == 403
    assert other.post("/leads/without-contact/link/", {"ids": [lead.pk]}).status_code == 403
    assert Lead.objects.get(pk=lead.pk).contact is None


# Many at once.


@pytest.mark.django_db
def test_the_command_previews_then_links_and_makes_contacts_for_marketing_only():
    account = an_account()
    nina = create_contact(first_name="Nina", email="nina@nordwind.example")
    known = an_orphan(email="nina@nordwind.example", marketing_context=a_context())
    new = an_orphan("Ole", "Berg", "ole@nordwind.example", "+49 30 2239515", account=account)
    twin = an_orphan("Ole", "Berg", "ole@nordwind.example")
    nameless = an_orphan("Only", "Name")
    silent = a_lead(None, account=account)
    closed = an_orphan(email="nina@nordwind.example", status=Status.DISQUALIFIED)
    said: list[str] = []

    would = link_orphans(apply=False, say=said.append)
    before = (Contact.objects.count(), MatchKey.objects.count(), LeadMatchKey.objects.count())
    done = link_orphans(apply=True, say=said.append)
    again = link_orphans(apply=True, say=said.append)

    assert (would.linked, would.created, would.left) == (done.linked, done.created, done.left) == (2, 1, 1)
    assert before == (1, 1, 0)
    assert (again.seen, again.left) == (1, 1)
    made = Lead.objects.get(pk=new.pk).contact
    assert (made.first_name, made.marketing_only, made.account) == ("Ole", True, account)
    assert made.phone_e164 == "+49302239515"
    assert Lead.objects.get(pk=twin.pk).contact == made
    assert Lead.objects.get(pk=known.pk).contact == nina
    assert not Contact.objects.get(pk=nina.pk).marketing_only
    assert list(Lead.objects.filter(contact=None).order_by("pk")) == [nameless, silent, closed]
    assert MatchKey.objects.filter(contact=made, kind="email").exists()
    assert any("1 more leads have no contact" in line for line in said)
    assert set(FieldChange.objects.filter(field="contact_id").values_list("cause", flat=True)) == {
        "command:link-orphans"
    }


@pytest.mark.django_db
def test_what_turns_out_to_be_somebody_known_stands_for_them():
    ContactMatchingStrategy.objects.create(name="By phone", attributes=["phone"])
    ole = create_contact(first_name="Ole", email="ole@nordwind.example")
    first = an_orphan("Ole", "Berg", "ole@nordwind.example", "+49302239515")
    ContactMatchingStrategy.objects.update(is_default=False)
    ContactMatchingStrategy.objects.filter(attributes=["phone"]).update(is_default=True)
    second = an_orphan("O.", "Berg", "", "+49302239515")

    resolve(list(orphans().order_by("pk")), by=None, cause="test")

    assert {Lead.objects.get(pk=lead.pk).contact_id for lead in (first, second)} == {ole.pk}
    assert set(MatchKey.objects.values_list("contact", flat=True)) == {ole.pk}


@pytest.mark.django_db
def test_a_lead_that_changed_since_it_was_read_is_left_and_nothing_stays_behind():
    lead = an_orphan(email="nina@nordwind.example", marketing_context=a_context())
    [read] = orphans()
    Lead.objects.filter(pk=lead.pk).update(person_email="other@nordwind.example", version=2)

    [told] = resolve([read], by=None, cause="test")

    assert told.becomes == Becomes.LEFT
    assert not Contact.objects.exists() and not MatchKey.objects.exists() and not LeadMatchKey.objects.exists()


@pytest.mark.django_db
def test_a_hundred_orphans_cost_as_many_statements_as_two():
    for number in range(2):
        an_orphan(email=f"few{number}@nordwind.example", marketing_context=a_context(f"c{number}"))
    with CaptureQueriesContext(connection) as few:
        resolve(list(orphans()), by=None, cause="test")
    for number in range(100):
        an_orphan(email=f"many{number}@nordwind.example", marketing_context=a_context(f"d{number}"))
    with CaptureQueriesContext(connection) as many:
        resolve(list(orphans()), by=None, cause="test")

    assert len(many) == len(few)


@pytest.mark.django_db(transaction=True)
def test_linking_at_once_from_several_sides_makes_each_person_once():
    leads = [an_orphan("Nina", f"L{number}", f"nina{number % 5}@nordwind.example") for number in range(20)]
    half = [lead.pk for lead in leads]

    def link(ids: list[int]) -> object:
        return resolve(list(orphans().filter(pk__in=ids).order_by("pk")), by=None, cause="test")

    answers = at_once(
        lambda: link(half),
        lambda: link(half[::2]),
        lambda: link(half[5:]),
        lambda: create_contact(email="nina3@nordwind.example"),
    )
    link(half)

    assert not [one for one in answers[:3] if isinstance(one, Exception)]
    assert Contact.objects.count() == 5
    assert not Lead.objects.filter(contact=None).exists()
    assert set(MatchKey.objects.values_list("contact", flat=True)) == set(Contact.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_marketer_sees_all_orphans_with_what_linking_would_do_and_links_the_ticked():
    maria = a_user(Role.MARKETER)
    nina = create_contact(first_name="Nina", last_name="Lind", email="nina@nordwind.example")
    known, new = an_orphan(email="nina@nordwind.example"), an_orphan("Ole", "Berg", "ole@nordwind.example")
    stays = an_orphan("Only", "Name")
    client = signed_in(maria)

    page = client.get("/leads/without-contact/")
    client.post("/leads/without-contact/link/", {"ids": [known.pk, stays.pk]})

    shown = [(one.lead, one.becomes, contact) for one, contact in page.context["rows"]]
    assert shown == [(known, "linked", nina), (new, "created", None), (stays, "left", None)]
    assert "/leads/without-contact/" in client.get("/leads/").content.decode()  # in the rail
    assert Lead.objects.get(pk=known.pk).contact == nina
    assert set(Lead.objects.filter(contact=None)) == {new, stays}
    assert client.post("/leads/without-contact/link/", {"ids": ["x", "9" * 30]}).status_code == 302
    Lead.objects.filter(contact=None).delete()
    assert 'class="pager"' not in client.get("/leads/without-contact/").content.decode()  # which would say "0"


@pytest.mark.django_db
def test_a_preview_writes_nothing():
    an_orphan(email="nina@nordwind.example")

    with CaptureQueriesContext(connection) as queries:
        preview(list(orphans()))

    assert all(query["sql"].startswith("SELECT") or "unnest" in query["sql"] for query in queries)
    assert not MatchKey.objects.exists()


# What sales enters.


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.SALES_MANAGER])
def test_a_lead_that_sales_enters_is_taken_over_by_them(role):
    sam = a_user(role)

    lead = enter_lead(by=sam, topic="Routes", contact_id=a_contact().pk)

    assert (lead.owner, lead.accepted_by, lead.sales_ready, lead.stage) == (sam, sam, True, Stage.SALES_ACCEPTANCE)
    assert lead.source_type == SourceType.SALES
    change = lead.stage_changes.get()
    assert (change.cause, change.actor) == ("sales_ready_hand", sam)


@pytest.mark.django_db
def test_a_manager_who_gives_what_they_enter_to_somebody_leaves_them_to_accept_it():
    mona, sam = a_user(Role.SALES_MANAGER), a_user()

    lead = enter_lead(by=mona, topic="Routes", contact_id=a_contact().pk, owner_id=sam.pk)

    assert (lead.owner, lead.accepted_at, lead.stage) == (sam, None, Stage.SALES_ACCEPTANCE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "source"),
    [(Role.MARKETER, SourceType.MARKETING), (Role.TELEPROSPECTOR, SourceType.TELEPROSPECTING)],
)
def test_what_others_enter_begins_in_inquiry(role, source):
    lead = enter_lead(by=a_user(role), topic="Routes", contact_id=a_contact().pk)

    assert (lead.stage, lead.sales_ready, lead.source_type) == (Stage.INQUIRY, False, source)


@pytest.mark.django_db
def test_the_form_enters_a_lead_of_somebody_who_is_not_known_yet():
    sam = a_user()
    typed = {"topic": "Routes", "person_last_name": "Lind", "person_email": "nina@nordwind.example"}

    answer = signed_in(sam).post("/leads/new/", typed)

    lead = Lead.objects.get()
    assert answer.status_code == 302
    assert (lead.contact, lead.person_name, lead.owner, lead.stage) == (None, "Lind", sam, Stage.SALES_ACCEPTANCE)
