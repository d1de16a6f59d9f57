"""Contacts, accounts and what happened, as other systems bring, read and edit them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Account, Contact, Entity, FieldChange, Interaction, Merge, Role
from contacts.services.contacts import create_contact
from leadcrm.api.models import KeptAnswer
from tests.api.calling import Api, an_api, problem_of
from tests.build import a_contact, a_context, a_custom_field, a_form, a_segment, a_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db


def test_a_contact_is_made_read_and_edited() -> None:
    a_custom_field("shoe_size", Entity.CONTACT, "number")
    ada = a_user(Role.ADMINISTRATOR)
    api = an_api(user=ada)

    made = api.post("/contacts", {"first_name": "Nina", "email": "Nina@Example.com", "custom": {"shoe_size": 38}})
    assert made.status_code == 201, made.content
    contact = made.json()
    assert (contact["email"], contact["custom"], made["ETag"]) == ("nina@example.com", {"shoe_size": 38}, '"1"')

    edited = api.patch(f"/contacts/{contact['id']}", {"city": "Kiel", "first_name": None}, **{"If-Match": made["ETag"]})
    assert (edited.json()["city"], edited.json()["first_name"], edited["ETag"]) == ("Kiel", "", '"2"')
    assert api.get("/contacts?email=NINA@example.com").json()["items"][0]["id"] == contact["id"]
    changed = FieldChange.objects.filter(field="city").get()
    assert (changed.actor_id, changed.cause[:4]) == (ada.pk, "api:")


def test_null_empties_the_number_that_others_gave_a_record() -> None:
    api = an_api()
    bodies = {"contacts": {"last_name": "Lind"}, "accounts": {"name": "Nordwind"}}

    for kind, body in bodies.items():
        made = api.post(f"/{kind}", body | {"external_id": None, "owner_id": None})
        assert (made.status_code, made.json()["external_id"]) == (201, "")
        named = api.patch(f"/{kind}/{made.json()['id']}", {"external_id": "K-7"}, **{"If-Match": "*"})
        emptied = api.patch(f"/{kind}/{made.json()['id']}", {"external_id": None}, **{"If-Match": "*"})
        assert (named.json()["external_id"], emptied.json()["external_id"]) == ("K-7", "")


def test_the_second_of_two_edits_is_told() -> None:
    contact = a_contact()
    api = an_api()
    api.patch(f"/contacts/{contact.pk}", {"city": "Kiel"}, **{"If-Match": '"1"'})

    second = api.patch(f"/contacts/{contact.pk}", {"city": "Bonn"}, **{"If-Match": '"1"'})
    blind = api.patch(f"/contacts/{contact.pk}", {"city": "Bonn"})

    assert problem_of(second)[:2] == (412, "changed_meanwhile")
    assert second.json()["current"] == 2
    assert problem_of(blind)[:2] == (428, "version_missing")
    contact.refresh_from_db()
    assert contact.city == "Kiel"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"email": "not an address"}, {"email"}),
        ({"account_id": 999_999}, {"account_id"}),
        ({"owner_id": 999_999}, {"owner_id"}),
        ({"account_id": 0}, {"account_id"}),
        ({"custom": {"unknown": 1}}, {"custom.unknown"}),
        ({"score": 100, "version": 7, "consent_level": 5}, {"score", "version", "consent_level"}),
        ({"role": "emperor"}, {"role"}),
        ({"first_name": "x" * 101}, {"first_name"}),
        ({"marketing_only": "maybe"}, {"marketing_only"}),
    ],
)
def test_what_cannot_be_used_is_named_by_field(body: Any, fields: set[str]) -> None:
    status, code, errors = problem_of(an_api().post("/contacts", body))

    assert (status, code) == (422, "invalid_values")
    assert set(errors) == fields
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"first_name": "a\\u0000b"}', b'{"a": NaN}', b"[" * 10_000, b'{"first_name":"\\ud800"}'],
)
def test_what_is_no_json_is_refused_once_and_clearly(body: bytes) -> None:
    assert problem_of(an_api().call("POST", "/contacts", body))[:2] == (400, "not_readable")


def test_a_body_that_is_too_large_is_refused() -> None:
    response = an_api().call("POST", "/contacts", b'{"first_name": "' + b"x" * 3_000_000 + b'"}')

    assert problem_of(response)[:2] == (413, "too_large")


def test_addresses_and_methods_that_are_not_there_are_problems_too() -> None:
    api = an_api()

    assert problem_of(api.get("/nowhere"))[0] == 404
    assert problem_of(api.get("/contacts/999999"))[0] == 404
    assert problem_of(api.call("DELETE", "/contacts"))[0] == 405
    assert problem_of(api.get("/contacts?limit=0"))[2].keys() == {"limit"}
    assert problem_of(api.get("/contacts?limit=99999999999999999999"))[2].keys() == {"limit"}
    assert problem_of(api.get("/contacts?cursor=nonsense"))[2].keys() == {"cursor"}
    assert problem_of(api.get("/contacts/99999999999999999999"))[0] == 422


def test_lists_are_paged_by_cursor_and_cost_the_same_for_many() -> None:
    people = [a_contact(f"P{number}") for number in range(7)]
    api = an_api()
    with CaptureQueriesContext(connection) as few:
        first = api.get("/contacts?limit=3").json()
    with CaptureQueriesContext(connection) as many:
        api.get("/contacts?limit=7")
    found, cursor = [*first["items"]], first["next"]
    while cursor:
        page = api.get(f"/contacts?limit=3&cursor={cursor}").json()
        found, cursor = found + page["items"], page["next"]

    assert [one["id"] for one in found] == [one.pk for one in people]
    assert abs(len(few) - len(many)) <= 1  # the first call notes that the token is used


def test_a_known_contact_is_named_to_whom_may_see_them_only() -> None:
    known = create_contact(email="mara@example.com", marketing_only=True)

    seen = an_api(Role.MARKETER).post("/contacts", {"email": "mara@example.com"})
    unseen = an_api(Role.SALESPERSON).post("/contacts", {"email": "mara@example.com"})

    assert problem_of(seen)[:2] == (409, "duplicate_contact")
    assert seen.json()["contact_id"] == known.pk
    assert str(known.pk) not in unseen.content.decode()


def test_a_merged_contact_is_found_as_who_it_became() -> None:
    gone, survivor = a_contact(), a_contact()
    Merge.objects.create(entity=Entity.CONTACT, gone_id=gone.pk, survivor_id=survivor.pk)
    Contact.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())

    response = an_api().get(f"/contacts/{gone.pk}")

    assert problem_of(response)[:2] == (404, "merged")
    assert response.json()["merged_into"] == survivor.pk


def test_an_account_is_made_once() -> None:
    api = an_api()

    made = api.post("/accounts", {"name": "Nordwind", "domain": "https://www.nordwind.example/x", "employees": 12})
    again = api.post("/accounts", {"name": "Nordwind too", "domain": "nordwind.example"})

    assert (made.status_code, made.json()["domain"]) == (201, "nordwind.example")
    assert problem_of(again)[:2] == (409, "duplicate_account")
    assert Account.objects.count() == 1


def test_interactions_come_in_batches_and_count_once() -> None:
    nina = create_contact(email="nina@example.com", external_id="N-1")
    context = a_context()
    api = an_api()
    items = [
        {"email": "Nina@example.com", "type": "page_visited", "subject": "/pricing", "dedupe_key": "v-1"},
        {"external_id": "N-1", "type": "downloaded", "marketing_context_id": context.pk, "payload": {"file": "a.pdf"}},
        {"contact_id": nina.pk, "type": "page_visited", "dedupe_key": "v-1"},
        {"email": "nobody@example.com", "type": "page_visited"},
        {"contact_id": nina.pk, "type": "note", "marketing_context_id": 999_999},
    ]

    first = api.post("/interactions", {"items": items}).json()
    second = api.post("/interactions", {"items": items[:1]}).json()

    assert [one["status"] for one in first["items"]] == ["created", "created", "repeated", "refused", "refused"]
    assert (first["created"], first["refused"], second["repeated"]) == (2, 2, 1)
    assert [one["field"] for one in first["items"][3:]] == ["email", "marketing_context_id"]
    assert second["items"][0]["interaction_id"] == first["items"][0]["interaction_id"]
    assert Interaction.objects.count() == 2
    listed = api.get(f"/contacts/{nina.pk}/interactions").json()["items"]
    assert {one["source"][:4] for one in listed} == {"api:"}


def test_a_batch_takes_as_many_statements_as_one() -> None:
    nina = create_contact(email="nina@example.com")
    api = an_api()
    api.get("/products")

    def statements(number: int) -> int:
        items = [
            {"contact_id": nina.pk, "type": "page_visited", "dedupe_key": f"{number}-{at}"} for at in range(number)
        ]
        with CaptureQueriesContext(connection) as captured:
            assert api.post("/interactions", {"items": items}).json()["created"] == number
        return len(captured)

    assert statements(2) == statements(200)


def test_a_key_makes_a_call_happen_once() -> None:
    api = an_api()
    body = {"last_name": "Lind"}

    first = api.post("/contacts", body, **{"Idempotency-Key": "k-1"})
    again = api.post("/contacts", body, **{"Idempotency-Key": "k-1"})
    other = api.post("/contacts", {"last_name": "Berg"}, **{"Idempotency-Key": "k-1"})
    refused = api.post("/contacts", {"email": "no"}, **{"Idempotency-Key": "k-2"})
    mended = api.post("/contacts", body, **{"Idempotency-Key": "k-2"})

    assert (again.status_code, again.content, again["ETag"]) == (201, first.content, first["ETag"])
    assert again["Idempotency-Replayed"] == "true" and "Idempotency-Replayed" not in first
    assert problem_of(other)[:2] == (422, "idempotency_key_reused")
    assert (refused.status_code, mended.status_code) == (422, 201)
    assert Contact.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_calls_with_one_key_at_once_one_happens() -> None:
    words = an_api().words

    def call() -> int:
        return int(Api(words).post("/contacts", {"last_name": "Lind"}, **{"Idempotency-Key": "k"}).status_code)

    assert at_once(*[call] * 6) == [201] * 6
    assert Contact.objects.count() == 1
    assert KeptAnswer.objects.count() == 1


def test_forms_take_posts_and_tell_what_became_of_them() -> None:
    form = a_form()
    api = an_api(Role.MARKETER)
    sent = {"values": {"email": "nina@example.com", "first_name": "Nina", "last_name": "Lind", "extra": 1}}

    taken = api.post(f"/forms/{form.public_id}/submissions", sent)
    again = api.post(f"/forms/{form.public_id}/submissions", sent)
    bad = api.post(f"/forms/{form.public_id}/submissions", {"values": {"email": "no"}})

    assert taken.status_code == 202 and again.json() == taken.json()
    assert problem_of(bad)[2].keys() >= {"email"}
    assert problem_of(api.post("/forms/nothing/submissions", sent))[0] == 404
    [one] = api.get("/submissions?state=pending").json()["items"]
    assert (one["id"], one["dropped"]) == (taken.json()["id"], ["extra"])
    assert api.get(f"/submissions/{one['id']}").json() == one
    assert api.get("/forms").json()["items"][0]["public_id"] == form.public_id


def test_segments_tell_who_is_in() -> None:
    segment = a_segment(kind="static")
    api = an_api(Role.MARKETER)

    assert api.get("/segments").json()["items"][0]["id"] == segment.pk
    assert api.get(f"/segments/{segment.pk}").json()["name"] == segment.name
    assert api.get(f"/segments/{segment.pk}/members").json() == {"items": [], "next": ""}
