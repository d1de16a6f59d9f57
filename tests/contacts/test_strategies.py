"""A new matching strategy: committed at once, its keys made in the background, also after an interruption."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts import match_keys
from contacts.models import Contact, ContactMatchingStrategy, MatchKey, Role
from contacts.services import strategies
from contacts.tasks import backfill_strategies
from tests.admin.pages import address, fields_on
from tests.build import a_contact, a_user

pytestmark = pytest.mark.django_db


def a_waiting_strategy(*attributes: str) -> ContactMatchingStrategy:
    return ContactMatchingStrategy.objects.create(
        name="New", attributes=list(attributes), created_at=timezone.now() - timedelta(minutes=1)
    )


def test_a_strategy_made_in_the_admin_leaves_its_keys_to_the_background(client: Client) -> None:
    a_contact(phone="+49 30 1234567")
    client.force_login(a_user(Role.ADMINISTRATOR))
    where = address(ContactMatchingStrategy, "add")

    answer = client.post(where, fields_on(client.get(where), name="By phone", attributes=["phone"]))

    assert answer.status_code == 302
    assert ContactMatchingStrategy.objects.get(name="By phone").backfilled_at is None
    assert not MatchKey.objects.exists()


def test_the_background_gives_keys_to_those_who_are_there_the_oldest_first() -> None:
    older, younger = a_contact(phone="+49 30 1234567"), a_contact(phone="+49301234567")
    a_contact(phone="+49 30 7654321", deleted_at=timezone.now())
    strategy = a_waiting_strategy("phone")

    backfill_strategies()

    strategy.refresh_from_db()
    assert strategy.backfilled_at is not None
    assert MatchKey.objects.get().contact == older
    assert not younger.match_keys.exists()


def test_it_goes_on_where_it_was_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strategies, "CHUNK", 2)
    people = [a_contact(phone=f"+4930123456{number}") for number in range(5)]
    strategy = a_waiting_strategy("phone")

    strategies.backfill_chunk(ContactMatchingStrategy, strategies.claim_chunk)
    strategy.refresh_from_db()
    reached = strategy.backfilled_to
    backfill_strategies()

    assert reached == people[1].pk
    assert set(MatchKey.objects.values_list("contact", flat=True)) == {one.pk for one in people}


def test_a_strategy_waits_until_all_who_do_not_know_it_have_ended() -> None:
    a_contact(phone="+49 30 1234567")
    ContactMatchingStrategy.objects.create(name="Brand new", attributes=["phone"])

    backfill_strategies()

    assert not MatchKey.objects.exists()


def test_who_changed_while_keys_were_made_keeps_only_what_is_still_said(monkeypatch: pytest.MonkeyPatch) -> None:
    edited, deleted = a_contact(phone="+49 30 1234567"), a_contact(phone="+49 30 7654321")
    a_waiting_strategy("phone")

    def claim_late(wanted: Any) -> Any:
        Contact.objects.filter(pk=edited.pk).update(phone="+49 30 1111111")
        Contact.objects.filter(pk=deleted.pk).update(deleted_at=timezone.now())
        return match_keys.CLAIMS.claim(wanted)

    monkeypatch.setattr(match_keys, "claim", claim_late)
    backfill_strategies()

    assert not MatchKey.objects.exists()
