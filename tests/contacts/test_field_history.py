"""Who changed which field, from what to what: written by the database, whoever writes, and told in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.acting import acting
from contacts.field_history import changes_of, tell
from contacts.models import Account, Contact, CustomFieldType, Entity, FieldChange, Role, User
from contacts.services import accounts, contacts
from contacts.services.contacts import update_contact
from contacts.services.forgetting import forget
from leads.models import Lead, Rating
from leads.services import records
from leads.services.records import update_lead
from leads.stages import Stage
from tests.build import a_contact, a_custom_field, a_lead, a_user, an_account
from tests.threads import at_once


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def noted(subject: str, pk: int) -> list[tuple[str, Any, Any]]:
    rows = changes_of(subject, [pk]).order_by("pk")
    return [(row.field, row.before, row.after) for row in rows]


@pytest.mark.django_db
def test_each_changed_field_is_noted_and_no_other_whoever_writes():
    contact = a_contact(job_title="Buyer", custom={"size": 3, "plan": "basic"})

    Contact.objects.filter(pk=contact.pk).update(job_title="Head of buying", city="", updated_at=timezone.now())
    Contact.objects.filter(pk=contact.pk).update(custom={"size": 4, "tags": ["a"]})

    told = noted("contact", contact.pk)
    assert told[:1] == [("job_title", "Buyer", "Head of buying")]
    assert sorted(told[1:]) == [("custom.plan", "basic", None), ("custom.size", 3, 4), ("custom.tags", None, ["a"])]


@pytest.mark.django_db
def test_scores_and_moves_have_histories_of_their_own():
    lead = a_lead()

    Lead.objects.filter(pk=lead.pk).update(score=90, grade="Hot", stage=Stage.SALES_ACCEPTANCE, sales_ready=True)
    Contact.objects.update(consent_level=5, updated_at=timezone.now())

    assert not FieldChange.objects.exists()


@pytest.mark.django_db
def test_many_rows_changed_by_one_statement_are_all_noted():
    account = an_account()
    people = [a_contact(f"Nina {number}") for number in range(5)]

    Contact.objects.exclude(pk=people[4].pk).update(account=account)

    rows = FieldChange.objects.filter(field="account_id", after=account.pk)
    assert set(rows.values_list("subject_id", flat=True)) == {one.pk for one in people[:4]}
    assert len(set(rows.values_list("changed_at", flat=True))) == 1


@pytest.mark.django_db
def test_every_field_that_people_edit_is_noted():
    editable = {
        "contacts_contact": contacts.EDITABLE,
        "contacts_account": accounts.EDITABLE,
        "leads_lead": (*records.EDITABLE, "contact_id"),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, encode(tgargs, 'escape') FROM pg_trigger WHERE tgname = 'field_history'"
        )
        audited = {table: set(words.split("\\000")[1].split(",")) for table, words in cursor.fetchall()}

    # A new column: run leadcrm.lib.audit.audited again in a migration, with all of them.
    assert {table: set(names) - audited[table] for table, names in editable.items()} == {
        table: set() for table in editable
    }


@pytest.mark.django_db
def test_field_history_is_never_changed():
    contact = a_contact(city="Oslo")
    Contact.objects.filter(pk=contact.pk).update(city="Bergen")

    with pytest.raises(Exception, match="never changed"), transaction.atomic():
        FieldChange.objects.update(before="Rome")

    User.objects.filter(pk=a_user().pk).delete()  # may still make it nobody's
    assert noted("contact", contact.pk) == [("city", "Oslo", "Bergen")]


@pytest.mark.django_db
def test_who_saves_a_page_is_who_changed_it():
    sam, contact = a_user(first_name="Sam"), a_contact(city="Oslo")
    client = signed_in(sam)
    page = client.get(f"/contacts/{contact.pk}/edit/")
    form = page.context["form"]
    posted = {name: form[name].value() or "" for name in form.fields} | {"city": "Bergen"}

    answer = client.post(f"/contacts/{contact.pk}/edit/", posted, headers={"X-Request-Id": "req-7"})

    assert answer.status_code == 302
    change = FieldChange.objects.get()
    assert (change.actor, change.cause, change.before, change.after) == (sam, "page:req-7", "Oslo", "Bergen")


@pytest.mark.django_db(transaction=True)
def test_nobody_is_left_on_the_connection_for_the_next_request():
    sam, contact = a_user(), a_contact(city="Oslo")

    with acting(sam, cause="page:1"):
        Contact.objects.filter(pk=contact.pk).update(city="Bergen")
        with acting(None, cause="import:7"):
            Contact.objects.filter(pk=contact.pk).update(city="Rome")
        with transaction.atomic():
            Contact.objects.filter(pk=contact.pk).update(city="Paris")
    Contact.objects.filter(pk=contact.pk).update(city="Lima")
    with pytest.raises(ZeroDivisionError), acting(sam), transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(city="Never")
        raise ZeroDivisionError
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(city="Quito")

    told = [(row.after, row.actor, row.cause) for row in FieldChange.objects.order_by("pk")]
    assert told == [
        ("Bergen", sam, "page:1"),
        ("Rome", None, "import:7"),
        ("Paris", sam, "page:1"),
        ("Lima", None, ""),
        ("Quito", None, ""),
    ]


@pytest.mark.django_db
def test_a_transaction_that_goes_on_goes_on_as_the_system():
    sam, contact = a_user(), a_contact(city="Oslo")

    with acting(sam, cause="it's; DROP TABLE %s"):
        Contact.objects.filter(pk=contact.pk).update(city="Bergen")
    Contact.objects.filter(pk=contact.pk).update(city="Rome")

    told = [(row.actor, row.cause) for row in FieldChange.objects.order_by("pk")]
    assert told == [(sam, "its DROP TABLE s"), (None, "")]


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_are_told_apart():
    people = [a_user() for _ in range(6)]
    contacts = [a_contact(city="Oslo") for _ in people]

    def move(user: User, contact: Contact) -> None:
        with acting(user):
            for place in ("Bergen", "Rome", "Paris"):
                Contact.objects.filter(pk=contact.pk).update(city=place)

    at_once(*(lambda u=user, c=contact: move(u, c) for user, contact in zip(people, contacts, strict=True)))

    for user, contact in zip(people, contacts, strict=True):
        assert set(changes_of("contact", [contact.pk]).values_list("actor", flat=True)) == {user.pk}


@pytest.mark.django_db
def test_telling_who_acts_adds_no_query():
    sam, contact = a_user(), a_contact()

    with CaptureQueriesContext(connection) as alone:
        update_contact(contact.pk, version=1, changes={"city": "Bergen"})
    with acting(sam), CaptureQueriesContext(connection) as told:
        update_contact(contact.pk, version=2, changes={"city": "Rome"})

    assert len(told) == len(alone)


@pytest.mark.django_db
def test_what_a_record_was_like_goes_with_it_for_good():
    gone, stays = a_contact(city="Oslo"), a_contact(city="Oslo")
    lead = a_lead(gone)
    Contact.objects.update(city="Bergen")
    Lead.objects.filter(pk=lead.pk).update(rating=Rating.HOT)
    Contact.objects.filter(pk=gone.pk).update(deleted_at=timezone.now() - timedelta(days=31))

    forget()

    assert set(FieldChange.objects.values_list("subject", "subject_id")) == {("contact", stays.pk)}


@pytest.mark.django_db
def test_history_is_told_in_labels_and_names():
    manager = a_user(Role.SALES_MANAGER)
    before, after = an_account("Nordwind"), an_account("Südwind")
    a_custom_field("plan", Entity.LEAD, CustomFieldType.CHOICE, label="Their plan", choices=["basic", "big"])
    lead = a_lead(None, account=before, rating=Rating.COLD)

    with acting(manager, cause="page:1"):
        update_lead(
            lead.pk,
            version=1,
            changes={
                "account_id": after.pk,
                "rating": Rating.HOT,
                "budget_amount": 1500,
                "purchase_need": "yes",
                "custom": {"plan": "big"},
            },
            by=manager,
        )
    Account.objects.filter(pk=before.pk).delete()
    Lead.objects.filter(pk=lead.pk).update(rating="")

    rows = list(changes_of("lead", [lead.pk]).select_related("actor").order_by("pk"))
    told = [(one.label, one.before, one.after, one.by) for one in tell(rows, Lead, manager)]
    by = str(manager)
    assert sorted(told[:5]) == [
        ("Account", f"one that is gone ({before.pk})", "Südwind", by),
        ("Budget", "", "1,500", by),
        ("Purchase need", "", "Yes", by),
        ("Sales rating", "Cold", "Hot", by),
        ("Their plan", "", "big", by),
    ]
    assert told[5:] == [("Sales rating", "Hot", "", "")]


@pytest.mark.django_db
def test_the_page_lists_changes_filters_them_by_field_and_pages(django_assert_num_queries):
    user, contact = a_user(), a_contact(city="Oslo")
    client = signed_in(user)
    moment = timezone.now()
    FieldChange.objects.bulk_create(
        FieldChange(
            subject="contact",
            subject_id=contact.pk,
            field="city" if number % 2 else "job_title",
            before=f"{number}",
            after=f"{number + 1}",
            changed_at=moment - timedelta(minutes=number),
            actor=user,
        )
        for number in range(120)
    )
    where = f"/contacts/{contact.pk}/history/"

    first = client.get(where)
    second = client.get(where + first.context["next_url"])
    cities = client.get(where + "?field=city")

    assert [one.before for one in first.context["told"]] == [str(number) for number in range(50)]
    assert second.context["told"][0].before == "50"
    assert {one.label for one in cities.context["told"]} == {"City"}
    assert cities.context["said"] == "60"
    assert first.context["fields"] == [("city", "City"), ("job_title", "Job title")]
    assert len(client.get(where + "?field=nonsense&at=nonsense").context["told"]) == 50
    card = client.get(where, headers={"HX-Request": "true"})
    assert len(card.context["told"]) == 5 and "All changes" in card.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["contacts", "accounts", "leads"])
def test_the_history_of_what_one_may_not_see_is_not_there(place):
    hidden = a_contact(marketing_only=True)
    lead = a_lead(hidden)
    pk = {"contacts": hidden.pk, "accounts": an_account(deleted_at=timezone.now()).pk, "leads": lead.pk}[place]

    assert signed_in(a_user()).get(f"/{place}/{pk}/history/").status_code == 404
    assert Client().get(f"/{place}/{pk}/history/").status_code == 302


@pytest.mark.django_db
def test_a_contact_kept_for_marketing_is_not_named_to_sales():
    sam = a_user()
    hidden, account = a_contact("Mara", "Hidden", marketing_only=True), an_account()
    lead = a_lead(None, account=account, owner=sam)
    Lead.objects.filter(pk=lead.pk).update(contact=hidden)

    body = signed_in(sam).get(f"/leads/{lead.pk}/history/").content.decode()

    assert "a contact kept for marketing" in body
    assert "Mara" not in body.split("<table")[1]
