"""What a live segment asks for may go: then the last good members stay, and it says so. Never silently nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Contact, CustomField, CustomFieldType, Entity, Product
from leads.conditions import InvalidCondition
from leads.models import Lead
from segments.models import How, Kind, Segment, Subject
from segments.why import why
from tests.build import a_contact, a_custom_field, a_lead, a_product, a_segment, steps
from tests.segments.members import ids_in, settle

pytestmark = pytest.mark.django_db

Making = Callable[[Contact, Lead], tuple[Segment, Callable[[], Any]]]


def with_custom_field(nina: Contact, lead: Lead) -> tuple[Segment, Callable[[], Any]]:
    field = a_custom_field("size", Entity.CONTACT)
    Contact.objects.filter(pk=nina.pk).update(custom={"size": "big"})
    segment = a_segment("Big", {"field": "contact.custom.size", "op": "is", "value": "big"})
    return segment, CustomField.objects.filter(pk=field.pk).delete


def with_product(nina: Contact, lead: Lead) -> tuple[Segment, Callable[[], Any]]:
    product = a_product("Trucks")
    Lead.objects.filter(pk=lead.pk).update(product=product)
    for_it = {"field": "product", "op": "is_one_of", "value": [product.pk]}
    return a_segment("Trucks", {"all": [for_it]}, subject=Subject.LEAD), Product.objects.filter(pk=product.pk).delete


def with_product_of_leads(nina: Contact, lead: Lead) -> tuple[Segment, Callable[[], Any]]:
    product = a_product("Trucks")
    Lead.objects.filter(pk=lead.pk).update(product=product)
    asked = {"related": "leads", "where": {"field": "product", "op": "is", "value": product.pk}}
    return a_segment("Asked for trucks", asked), Product.objects.filter(pk=product.pk).delete


def with_step(nina: Contact, lead: Lead) -> tuple[Segment, Callable[[], Any]]:
    inner = a_segment("Everybody")
    made = a_segment("Made", kind=Kind.COMPOUND, steps=steps(inner, (How.UNION, inner)))
    return made, Segment.objects.filter(pk=inner.pk).delete


def with_segment(nina: Contact, lead: Lead) -> tuple[Segment, Callable[[], Any]]:
    inner = a_segment("Everybody")
    in_it = {"related": "contact.segments", "where": {"field": "segment", "op": "is", "value": inner.pk}}
    deleted = Segment.objects.filter(pk=inner.pk)
    return a_segment("Made", in_it), lambda: deleted.update(deleted_at=timezone.now())


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (with_custom_field, "At field: there is no field"),
        (with_product, "At all.0.value: the product with the number"),
        (with_product_of_leads, "At where.value: the product with the number"),
        (with_step, "At steps.0: its segment does not exist any more"),
        (with_segment, "At where.value: the segment with the number"),
    ],
)
def test_the_last_good_members_stay_and_it_says_so(make: Making, told: str) -> None:
    nina = a_contact()
    lead = a_lead(nina)
    segment, go = make(nina, lead)
    settle()
    members = {lead.pk} if segment.subject == Subject.LEAD else {nina.pk}
    assert ids_in(segment) == members

    go()
    Contact.objects.filter(pk=nina.pk).update(country="SE")
    settle()
    Segment.objects.filter(pk=segment.pk).update(next_refresh_at=timezone.now())
    settle()

    segment.refresh_from_db()
    assert ids_in(segment) == members and segment.members_count == 1
    assert segment.error.startswith(told)
    assert segment.next_refresh_at is not None and segment.next_refresh_at > timezone.now()
    with pytest.raises(InvalidCondition):
        why(segment, segment.live or {}, members.pop(), now=timezone.now())


def test_a_value_that_is_no_number_among_numbers_is_nothing_and_nobody_else_leaves() -> None:
    a_custom_field("size", Entity.CONTACT, type=CustomFieldType.NUMBER)
    nina, otto = a_contact(custom={"size": 12}), a_contact("Otto", custom={"size": 3})
    a_contact("Pia", custom={"size": "n/a"})
    segment = a_segment("Big", {"field": "contact.custom.size", "op": "greater", "value": 10})
    settle()

    Contact.objects.filter(pk=otto.pk).update(custom={"size": 30})
    settle()

    segment.refresh_from_db()
    assert ids_in(segment) == {nina.pk, otto.pk} and segment.error == ""


def test_segments_of_contacts_and_of_leads_that_are_asked_for_at_once_are_each_looked_for_among_their_own() -> None:
    lead = a_lead(a_contact())
    people, leads = a_segment("People"), a_segment("Leads", subject=Subject.LEAD)
    asked = [
        {"related": relation, "where": {"field": "segment", "op": "is", "value": segment.pk}}
        for relation, segment in (("contact.segments", people), ("segments", leads))
    ]
    both = a_segment("Both", {"all": asked}, subject=Subject.LEAD)

    settle()

    both.refresh_from_db()
    assert (ids_in(both), both.error) == ({lead.pk}, "")
