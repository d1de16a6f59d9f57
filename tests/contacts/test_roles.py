"""Who may do what: one matrix; who only reads is refused whatever they send."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from contacts.models import Contact, Role, User
from contacts.roles import MATRIX, Ability, can
from tests.build import a_contact, a_user


@pytest.mark.parametrize("ability", Ability)
def test_the_matrix_answers_for_every_ability_and_nobody_inactive_or_unknown_has_any(ability: Ability) -> None:
    assert {role for role in Role if can(User(role=role), ability)} == MATRIX[ability]
    assert not any(can(User(role=role, is_active=False), ability) for role in Role)
    assert not can(AnonymousUser(), ability)


def test_who_only_reads_has_nothing_but_reading() -> None:
    reading = {Ability.SEE_EVERY_LEAD, Ability.SEE_MARKETING_ONLY, Ability.REPORT}

    assert {ability for ability in Ability if can(User(role=Role.READER), ability)} == reading


@pytest.mark.django_db
def test_a_reader_reads_a_contact_is_refused_every_change_and_signs_out() -> None:
    nina = a_contact()
    client = Client()
    client.force_login(a_user(Role.READER))

    page = client.get(f"/contacts/{nina.pk}/")
    assert page.status_code == 200
    assert f"/contacts/{nina.pk}/edit/" not in page.content.decode()
    for path in (
        f"/contacts/{nina.pk}/edit/",
        f"/contacts/{nina.pk}/delete/",
        f"/contacts/{nina.pk}/log/",
        "/contacts/new/",
    ):
        assert client.post(path, {"last_name": "Changed"}).status_code == 403, path
    assert Contact.objects.values_list("last_name", "version").get() == ("Lind", 1)
    assert client.post("/sign-out/").status_code == 302
