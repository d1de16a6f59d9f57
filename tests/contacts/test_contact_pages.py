"""Pages of contacts and accounts: lists, making, editing, deleting, the story."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Account, Contact, CustomFieldType, Entity, Interaction, Role, User
from contacts.services.accounts import create_account
from contacts.services.contacts import create_contact, delete_contacts, update_contact
from tests.build import a_contact, a_custom_field, a_user, an_account, an_interaction


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def fields_of(page: Any) -> dict[str, Any]:
    """What a browser would send back of the form on a page."""
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields} | {"marketing_only": ""}


@pytest.mark.django_db
def test_the_list_shows_contacts_by_name_and_searches_them():
    a_contact("Nina", "Lind", email="nina@nordwind.example")
    a_contact("Ole", "berg")
    client = signed_in(a_user())

    page = client.get("/contacts/")
    found = client.get("/contacts/?q=nordw+NINA")

    assert [str(row) for row in page.context["list"].rows] == ["Ole berg", "Nina Lind"]
    assert [str(row) for row in found.context["list"].rows] == ["Nina Lind"]
    assert "at least three letters" in client.get("/contacts/?q=ni").content.decode()


@pytest.mark.django_db
def test_contacts_kept_for_marketing_are_hidden_from_sales_and_not_from_marketing():
    hidden = a_contact("Mara", "Hidden", marketing_only=True)
    salesperson, marketer = signed_in(a_user()), signed_in(a_user(Role.MARKETER))

    assert salesperson.get("/contacts/").context["list"].rows == []
    assert salesperson.get(f"/contacts/{hidden.pk}/").status_code == 404
    assert salesperson.get("/contacts/options/?contact=mara").content.decode().strip() == ""
    assert marketer.get("/contacts/").context["list"].rows == [hidden]
    assert marketer.get(f"/contacts/{hidden.pk}/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contacts/", "/accounts/"])
def test_a_list_costs_the_same_at_sixty_and_at_a_thousand_rows(path, django_assert_num_queries):
    client = signed_in(a_user())
    owner, account = a_user(), an_account("First", owner=None)
    for number in (60, 1000):
        Contact.objects.bulk_create(
            [Contact(last_name=f"{number} {one}", owner=owner, account=account) for one in range(number)]
        )
        Account.objects.bulk_create([Account(name=f"{number} {one}", owner=owner) for one in range(number)])
        with django_assert_num_queries(13):
            client.get(path)


@pytest.mark.django_db
def test_filters_live_in_the_url_and_page_with_it():
    anna = a_user(username="anna")
    for number in range(60):
        a_contact("Nina", f"Lind {number:02}", owner=anna if number < 55 else None)
    client = signed_in(anna)

    first = client.get("/contacts/?owner=me")
    second = client.get("/contacts/" + first.context["list"].next_url)

    assert first.context["list"].page.said == "55"
    assert [row.last_name for row in second.context["list"].rows] == [f"Lind {n}" for n in range(50, 55)]
    assert "owner=me" in second.context["list"].previous_url
    assert client.get("/contacts/?owner=17&sort=shoe&at=nonsense").status_code == 200


@pytest.mark.django_db
def test_making_a_contact_with_custom_fields_and_an_account():
    a_custom_field("size", Entity.CONTACT, CustomFieldType.NUMBER)
    account, anna = an_account("Nordwind"), a_user(username="anna")
    client = signed_in(anna)

    answer = client.post(
        f"/contacts/new/?account={account.pk}",
        {"first_name": "Nina", "email": "nina@nordwind.example", "account": "nordwind", "custom__size": "12"},
    )

    nina = Contact.objects.get()
    assert answer["Location"] == f"/contacts/{nina.pk}/"
    assert (nina.account, nina.custom) == (account, {"size": 12})
    page = client.get(f"/contacts/{nina.pk}/").content.decode()
    assert "Nordwind" in page
    assert "Size" in page


@pytest.mark.django_db
def test_likely_duplicates_are_shown_before_saving_and_typed_values_stay():
    create_contact(first_name="Nina", last_name="Lind")
    client = signed_in(a_user())
    typed = {"first_name": "Nina", "last_name": "Lind", "city": "Tromsø"}

    asked = client.post("/contacts/new/", typed)

    assert asked.status_code == 409
    page = asked.content.decode()
    assert "Same name" in page
    assert "Tromsø" in page
    assert "Save anyway" in page
    assert Contact.objects.count() == 1
    client.post("/contacts/new/", {**typed, "anyway": "1"})
    assert Contact.objects.count() == 2


@pytest.mark.django_db
def test_an_identity_cannot_be_saved_anyway():
    create_contact(email="nina@nordwind.example")
    client = signed_in(a_user())

    answer = client.post("/contacts/new/", {"email": "NINA@nordwind.example", "anyway": "1"})

    assert answer.status_code == 409
    assert "Another contact already has this e-mail address." in answer.content.decode()
    assert "Save anyway" not in answer.content.decode()
    assert Contact.objects.count() == 1


@pytest.mark.django_db
def test_a_duplicate_kept_for_marketing_is_no_link_for_sales():
    hidden = create_contact(email="mara@nordwind.example", marketing_only=True)

    page = signed_in(a_user()).post("/contacts/new/", {"email": "mara@nordwind.example"}).content.decode()

    assert f"/contacts/{hidden.pk}/" not in page


@pytest.mark.django_db
def test_an_edit_writes_only_what_was_edited():
    nina = create_contact(first_name="Nina", city="Oslo", role="champion", marketing_only=True)
    client = signed_in(a_user(Role.MARKETER))
    sent = fields_of(client.get(f"/contacts/{nina.pk}/edit/")) | {"city": "Bergen", "marketing_only": "on"}

    answer = client.post(f"/contacts/{nina.pk}/edit/", sent)

    nina.refresh_from_db()
    assert answer.status_code == 302
    assert (nina.city, nina.first_name, nina.role, nina.marketing_only, nina.version) == (
        "Bergen",
        "Nina",
        "champion",
        True,
        2,
    )


@pytest.mark.django_db
def test_who_saves_second_is_told_what_changed_keeps_what_they_typed_and_loses_nothing_of_the_first():
    nina = create_contact(first_name="Nina", city="Oslo")
    client = signed_in(a_user())
    sent = fields_of(client.get(f"/contacts/{nina.pk}/edit/")) | {"first_name": "Ninja"}
    update_contact(nina.pk, version=1, changes={"city": "Bergen"})

    told = client.post(f"/contacts/{nina.pk}/edit/", sent)

    page = told.content.decode()
    assert told.status_code == 409
    assert "City: from Oslo to <strong>Bergen</strong>" in page
    assert 'value="Ninja"' in page
    nina.refresh_from_db()
    assert (nina.first_name, nina.city) == ("Nina", "Bergen")

    client.post(f"/contacts/{nina.pk}/edit/", dict(told.context["form"].data.items()))
    nina.refresh_from_db()
    assert (nina.first_name, nina.city, nina.version) == ("Ninja", "Bergen", 3)


@pytest.mark.django_db
@pytest.mark.parametrize("seen", ["", "nonsense", "[]", json.dumps({"city": 7})])
def test_an_edit_without_what_was_seen_is_still_an_edit(seen):
    nina = create_contact(first_name="Nina", city="Oslo")
    client = signed_in(a_user(Role.MARKETER))
    sent = fields_of(client.get(f"/contacts/{nina.pk}/edit/")) | {"city": "Bergen", "seen": seen}

    assert client.post(f"/contacts/{nina.pk}/edit/", sent).status_code == 302

    nina.refresh_from_db()
    assert (nina.city, nina.first_name) == ("Bergen", "Nina")


@pytest.mark.django_db
def test_what_others_own_is_read_and_not_edited_by_sales():
    nina = create_contact(first_name="Nina", owner_id=a_user(username="ben").pk)
    client = signed_in(a_user())

    assert client.get(f"/contacts/{nina.pk}/").status_code == 200
    assert client.get(f"/contacts/{nina.pk}/edit/").status_code == 403
    assert client.post(f"/contacts/{nina.pk}/delete/").status_code == 403
    nina.refresh_from_db()
    assert nina.deleted_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "made"), [("contacts", a_contact), ("accounts", an_account)])
def test_records_are_given_to_those_who_may_edit_them_and_stay_with_whom_they_are(kind, made):
    rita, sam, eve = a_user(Role.READER, "rita"), a_user(Role.SALESPERSON, "sam"), a_user(username="eve")
    User.objects.filter(pk=eve.pk).update(is_active=False)
    free, held = made("Nordwind", owner=None), made("Südwind", owner=rita)
    client = signed_in(a_user(Role.MARKETER))

    offered = client.get(f"/{kind}/{free.pk}/edit/").context["form"].fields["owner"].queryset
    typed = fields_of(client.get(f"/{kind}/{held.pk}/edit/"))
    saved = client.post(f"/{kind}/{held.pk}/edit/", typed | {"city": "Oslo"})

    assert sam in offered and rita not in offered and eve not in offered
    assert (typed["owner"], saved.status_code) == (rita.pk, 302)
    held.refresh_from_db()
    assert (held.owner, held.city) == (rita, "Oslo")


@pytest.mark.django_db
def test_deleting_can_be_undone_from_recently_deleted():
    anna = a_user()
    nina = create_contact(first_name="Nina", email="nina@nordwind.example", owner_id=anna.pk)
    client = signed_in(anna)

    assert client.get(f"/contacts/{nina.pk}/delete/").status_code == 200
    gone = client.post(f"/contacts/{nina.pk}/delete/", follow=True)
    assert "Nina" in gone.content.decode()
    assert client.get(f"/contacts/{nina.pk}/").status_code == 404

    assert signed_in(a_user()).post(f"/contacts/{nina.pk}/restore/").status_code == 403
    client.post(f"/contacts/{nina.pk}/restore/")
    assert client.get(f"/contacts/{nina.pk}/").status_code == 200


@pytest.mark.django_db
def test_a_contact_whose_email_was_taken_stays_deleted_and_says_why():
    anna = a_user(Role.SALES_MANAGER)
    nina = create_contact(email="nina@nordwind.example")
    delete_contacts([nina.pk], by=anna)
    create_contact(email="nina@nordwind.example")

    page = signed_in(anna).post(f"/contacts/{nina.pk}/restore/", follow=True)

    assert "Another contact already has this e-mail address." in page.content.decode()


@pytest.mark.django_db
def test_the_story_pages_through_interactions():
    nina = a_contact()
    now = timezone.now()
    Interaction.objects.bulk_create(
        [
            Interaction(contact=nina, type="page_visited", subject=f"/page-{n}", occurred_at=now - timedelta(hours=n))
            for n in range(50)
        ]
    )
    client = signed_in(a_user())

    first = client.get(f"/contacts/{nina.pk}/")
    second = client.get(first.context["older_url"])

    def told(page: Any) -> list[str]:
        return [entry.about for _, entries in page.context["story"].days for entry in entries]

    assert told(first) + told(second) == [f"/page-{n}" for n in range(50)]
    assert not second.context["older_url"]


@pytest.mark.django_db
def test_an_interaction_is_logged_and_told_in_the_story():
    nina = a_contact()
    client = signed_in(a_user(first_name="Anna"))

    answer = client.post(
        f"/contacts/{nina.pk}/log/", {"type": "call", "subject": "Budget", "details": "Has 10k", "next": "/contacts/"}
    )

    assert answer["Location"] == "/contacts/"
    page = client.get(f"/contacts/{nina.pk}/").content.decode()
    assert "Had a call" in page
    assert "Has 10k" in page
    assert client.post(f"/contacts/{nina.pk}/log/", {"type": "form_submitted", "subject": "x"}).status_code == 422
    assert Interaction.objects.count() == 1


@pytest.mark.django_db
def test_a_mistyped_year_is_told_where_it_was_typed():
    nina = a_contact()
    typed = {"type": "call", "subject": "Budget", "occurred_at": "0202-11-01T12:00"}

    answer = signed_in(a_user()).post(f"/contacts/{nina.pk}/log/", typed)

    assert (answer.status_code, Interaction.objects.count()) == (422, 0)
    assert "not in 202" in answer.content.decode()


@pytest.mark.django_db
def test_hostile_names_are_inert():
    hostile = "<script>alert(1)</script>"
    nina = a_contact(hostile, "\"'><img src=x onerror=alert(1)>", city=hostile)
    an_interaction(nina, subject=hostile)
    client = signed_in(a_user(Role.MARKETER))

    for path in ("/contacts/", f"/contacts/{nina.pk}/", f"/contacts/{nina.pk}/edit/", f"/contacts/{nina.pk}/delete/"):
        page = client.get(path).content.decode()
        assert hostile not in page
        assert "<img src=x" not in page


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "said"), [("xn--pple-43d.com", True), ("xn--bcher-kva.example", False)])
def test_an_accounts_page_tells_a_domain_from_one_it_looks_like(typed, said):
    account = create_account(name="Apple", domain=typed)

    page = signed_in(a_user()).get(f"/accounts/{account.pk}/").content.decode()

    assert ("letters of several alphabets: <code>xn--pple-43d.com</code>" in page) is said


@pytest.mark.django_db
def test_accounts_are_made_edited_and_shown_with_their_people():
    client = signed_in(a_user())
    client.post("/accounts/new/", {"name": "Nordwind", "domain": "https://nordwind.example", "employees": "12"})
    account = Account.objects.get()
    a_contact("Nina", "Lind", account=account)

    page = client.get(f"/accounts/{account.pk}/").content.decode()
    again = client.post("/accounts/new/", {"name": "Other", "domain": "nordwind.example", "anyway": "1"})
    edited = fields_of(client.get(f"/accounts/{account.pk}/edit/")) | {"industry": "Logistics"}
    client.post(f"/accounts/{account.pk}/edit/", edited)

    assert "Nina Lind" in page
    assert "Another account already has this domain." in again.content.decode()
    account.refresh_from_db()
    assert (account.industry, account.employees) == ("Logistics", 12)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/contacts/", "/contacts/new/", "/contacts/deleted/", "/accounts/", "/accounts/options/"]
)
def test_strangers_are_sent_to_sign_in(path):
    assert Client().get(path)["Location"].startswith("/sign-in/")
