"""Segments made of segments: in order, without circles, and following each other."""

from __future__ import annotations

from functools import partial

import pytest

from contacts.models import Contact, OutboxEvent
from segments.errors import SegmentInUse, SegmentNotReady
from segments.models import How, Kind, State, Subject
from segments.services.lifecycle import delete_segment, go_live, restore_segment, stop, update_segment
from tests.build import a_contact, a_lead, a_segment, steps
from tests.segments.members import ids_in, settle

pytestmark = pytest.mark.django_db


def country(code: str) -> dict[str, str]:
    return {"field": "contact.country", "op": "is", "value": code}


def test_union_intersect_and_except_apply_in_order() -> None:
    norway, sweden = a_segment("Norway", country("NO")), a_segment("Sweden", country("SE"))
    bosses = a_segment("Bosses", {"field": "contact.job_title", "op": "contains", "value": "head"})
    nina, otto = a_contact(country="NO", job_title="Head of ops"), a_contact("Otto", country="SE")
    pia = a_contact("Pia", country="SE", job_title="Head of IT")
    settle()

    made = a_segment(
        "Nordics",
        kind=Kind.COMPOUND,
        steps=steps(norway, (How.UNION, sweden), (How.EXCEPT, bosses)),
    )
    reverse = a_segment(
        "Nordics, bosses first out",
        kind=Kind.COMPOUND,
        steps=steps(norway, (How.EXCEPT, bosses), (How.UNION, sweden)),
    )
    both = a_segment("Swedish bosses", country("SE"), steps=steps((How.INTERSECT, bosses)))
    settle()

    assert ids_in(made) == {otto.pk}
    assert ids_in(reverse) == {otto.pk, pia.pk}
    assert ids_in(both) == {pia.pk} and nina.pk not in ids_in(both)


def test_a_segment_follows_those_it_is_made_of_by_step_and_by_condition() -> None:
    norway = a_segment("Norway", country("NO"))
    by_step = a_segment("By step", kind=Kind.COMPOUND, steps=steps(norway))
    in_norway = {"related": "contact.segments", "where": {"field": "segment", "op": "is", "value": norway.pk}}
    by_condition = a_segment("By condition", in_norway)
    leads = a_segment("Their leads", in_norway, subject=Subject.LEAD)
    nina = a_contact(country="DE")
    lead = a_lead(nina)
    settle()

    Contact.objects.filter(pk=nina.pk).update(country="NO")
    settle()

    assert ids_in(norway) == ids_in(by_step) == ids_in(by_condition) == {nina.pk}
    assert ids_in(leads) == {lead.pk}


def test_a_circle_is_refused_and_named() -> None:
    first = a_segment("First", country("NO"))
    second = a_segment("Second", kind=Kind.COMPOUND, steps=steps(first))
    in_second = {"related": "contact.segments", "where": {"field": "segment", "op": "is", "value": second.pk}}
    edited = update_segment(first.pk, version=first.version, changes={"condition": in_second})

    with pytest.raises(SegmentNotReady) as refused:
        go_live(edited)

    assert refused.value.problems == [("Segments", "it goes in a circle: First is made of Second is made of First")]
    first.refresh_from_db()
    assert first.live == {"condition": country("NO"), "steps": []}


def test_a_segment_of_leads_cannot_be_a_step_of_one_of_contacts() -> None:
    leads = a_segment("Leads", subject=Subject.LEAD)

    with pytest.raises(SegmentNotReady) as refused:
        a_segment("Mixed", kind=Kind.COMPOUND, steps=steps(leads))

    assert refused.value.problems == [("Step 1", "Leads is of leads")]


def test_what_others_are_made_of_is_neither_stopped_nor_deleted() -> None:
    norway = a_segment("Norway", country("NO"))
    made = a_segment("Made", kind=Kind.COMPOUND, steps=steps(norway))

    for refuse in (stop, partial(delete_segment, by=None)):
        with pytest.raises(SegmentInUse) as refused:
            refuse(norway)
        assert refused.value.users == ["Made"]
    delete_segment(made, by=None)
    delete_segment(norway, by=None)


def test_who_joins_and_leaves_is_told_to_other_systems_when_asked_for() -> None:
    nina = a_contact(country="NO")
    segment = a_segment("Norway", country("NO"), announce=True)
    a_segment("Quiet", country("NO"))
    settle()
    Contact.objects.filter(pk=nina.pk).update(country="SE")
    settle()

    told = [
        (event.kind, event.payload["segment"], event.payload["contact"]) for event in OutboxEvent.objects.order_by("id")
    ]
    assert told == [("segment.joined", segment.pk, nina.pk), ("segment.left", segment.pk, nina.pk)]


def test_a_condition_on_a_segment_that_was_never_live_is_refused() -> None:
    draft = a_segment("Planned", country("NO"), live=False)
    in_it = {"related": "contact.segments", "where": {"field": "segment", "op": "is", "value": draft.pk}}

    with pytest.raises(SegmentNotReady, match="Planned has never been live"):
        a_segment("Made", in_it)


def test_what_comes_back_without_what_it_was_made_of_comes_back_stopped() -> None:
    norway = a_segment("Norway", country("NO"))
    made = a_segment("Made", kind=Kind.COMPOUND, steps=steps(norway))
    delete_segment(made, by=None)
    stop(norway)

    back = restore_segment(made.pk)

    assert (back.state, back.next_refresh_at) == (State.STOPPED, None)
