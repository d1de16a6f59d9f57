"""Whoever comes by a signed link is asked enough to send the form, and told at a field what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
from django.test import Client

from forms_intake.asking import Known, asked_of
from forms_intake.building.checks import findings_of
from forms_intake.known import word_for
from forms_intake.models import Ask, FieldType, IntakeForm
from forms_intake.spec.reading import draft_spec
from forms_intake.spec.shape import FormSpec
from forms_intake.validation import check
from tests.build import a_contact, a_form
from tests.forms_intake.test_asking import a_known_contact, door, known_and_form, post

pytestmark = pytest.mark.django_db


def numbered(**settings: Any) -> IntakeForm:
    """A form whose e-mail and customer number are asked only where they are not known, matched by the number."""
    fields = {"email": "contact.email", "number": "contact.external_id", "first_name": "contact.first_name"}
    form = a_form(fields=fields, contact_attributes=["external_id"], **settings)
    form.fields.update(ask=Ask.UNKNOWN)
    return form


def test_who_may_say_otherwise_who_they_are_is_asked_where_the_letter_to_confirm_goes(client: Client) -> None:
    nina = a_known_contact(email="nina@nordwind.example", first_name="Nina")
    form, word = numbered(double_opt_in=True), word_for(nina.pk)

    page = client.get(door(form), {"who": word}).content.decode()

    assert 'name="number"' in page and 'name="email"' in page and "nordwind" not in page
    said = {"number": "K-17", "email": "nina@nordwind.example", "_who": word}
    assert post(client, form, **said).json()["waits_for"] == "confirmation by mail"
    nina.external_id = "K-17"
    nina.save()
    assert 'name="email"' in client.get(door(form), {"who": word}).content.decode()
    assert [one.field for one in findings_of(form) if "where the letter to confirm goes" in one.words] == ["Email"]
    form.fields.filter(key="number").delete()
    assert not [one for one in findings_of(form) if "where the letter to confirm goes" in one.words]
    assert 'name="email"' not in client.get(door(form), {"who": word}).content.decode()
    assert post(client, form, _who=word).status_code == 202


@pytest.mark.parametrize("double_opt_in", [False, True])
def test_who_says_who_is_asked_whatever_few_questions_a_form_asks_at_once(client: Client, double_opt_in: bool) -> None:
    lind = a_contact(email="", first_name="", last_name="Lind")
    form = a_form(fields={"first_name": "contact.first_name", "email": "contact.email"}, asks_at_most=1)
    IntakeForm.objects.filter(pk=form.pk).update(double_opt_in=double_opt_in)
    form.fields.update(ask=Ask.UNKNOWN)

    page = client.get(door(form), {"who": word_for(lind.pk)}).content.decode()

    assert 'name="first_name"' in page and 'name="email"' in page


def test_what_is_wrong_is_said_beside_a_field_also_where_that_was_not_asked(client: Client) -> None:
    contact, form = known_and_form()

    for word, key, said in ((word_for(contact.pk), "email", "nobody"), ("", "job_title", "x" * 999)):
        eve = {"email": "eve@other.example", "first_name": "Eve", "job_title": "Spy"}
        page = client.post(door(form), eve | {"_who": word, key: said})
        text = page.content.decode()
        assert page.status_code == 422
        assert f'name="{key}"' in text and f'id="field-{key}-error"' in text
        assert "1 field needs your attention." in text


def test_who_leaves_out_who_they_are_is_told_at_a_field_that_they_were_asked(client: Client) -> None:
    form = numbered()
    for change in ({"ask": Ask.KNOWN}, {"ask": Ask.ALWAYS, "type": FieldType.HIDDEN}):
        form.fields.filter(key="number").update(**change)
        assert set(post(client, form, first_name="Nina").json()["errors"]) == {"email"}

    nina = a_known_contact(email="", first_name="Nina")
    fields = {"first_name": "contact.first_name", "phone": "contact.phone"}
    by_both = a_form("Call me", fields=fields, contact_attributes=["first_name", "phone"])
    by_both.fields.update(ask=Ask.UNKNOWN)
    assert set(post(client, by_both, _who=word_for(nina.pk)).json()["errors"]) == {"phone"}


VALUES = {"first_name": "Nina", "phone": "+49 30 1234567", "email": "nina@nordwind.example", "number": "K-17"}
FILLS = {"number": "external_id"}


def some_of(keys: Iterable[str]) -> Iterator[frozenset[str]]:
    keys = list(keys)
    return (frozenset(some) for number in range(len(keys) + 1) for some in combinations(keys, number))


def variants_of(form: FormSpec) -> Iterator[FormSpec]:
    """The form with each field asked always or only where it is not known, few at once or all, confirmed or not."""
    for spared, most, double_opt_in in product(some_of(VALUES), (0, 1), (False, True)):
        fields = [replace(one, ask=Ask.UNKNOWN if one.key in spared else Ask.ALWAYS) for one in form.fields]
        yield replace(form, fields=tuple(fields), asks_at_most=most, double_opt_in=double_opt_in)


@pytest.mark.parametrize("strategy", ["email", "external_id", "first_name phone"])
def test_whatever_is_known_what_is_asked_is_enough_and_every_error_is_at_a_field_that_is_asked(strategy: str) -> None:
    fields = {key: f"contact.{FILLS.get(key, key)}" for key in VALUES}
    stored = draft_spec(a_form(fields=fields, contact_attributes=strategy.split()).pk)
    says_who = frozenset().union(*stored.identifying)

    for form, filled in product(variants_of(stored), some_of(VALUES)):
        known = Known(1, filled, {key: VALUES[key] for key in filled & says_who})
        asked = {one.key for one in asked_of(form, known)}
        for typed in some_of(asked):
            checked = check(form, {key: [VALUES[key]] for key in typed}, known=known)
            assert checked.errors.keys() <= asked - typed
            assert not (typed == asked and checked.errors)
