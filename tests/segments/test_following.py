"""Following changes comes to the same as asking from the ground up, whatever happens and in whatever order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from random import Random
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import Account, Change, Consent, Contact, Interaction, InteractionType
from contacts.services.contacts import delete_contacts
from leads.models import Lead
from leads.models.process import Cause
from leads.services.moves import move_leads
from leads.stages import Stage
from segments import queue
from segments.models import How, Kind, Segment, Subject
from segments.refresh import CONSUMER
from segments.services import lifecycle
from tests.build import a_contact, a_lead, a_segment, an_account, an_interaction, steps
from tests.segments.members import ids_in, ids_wanted, settle
from tests.threads import at_once, until_somebody_waits

NORWAY = {"field": "contact.country", "op": "is", "value": "NO"}
CALLED = {"did": "call", "at_least": 2, "within_days": 30}
NEVER_VISITED = {"did": "page_visited", "none": True}
BEYOND = {"related": "leads", "where": {"field": "stage", "op": "is_not", "value": "inquiry"}}
BUSY_COMPANY = {"related": "account.contacts", "where": {"did": "call"}}
CONSENTED = {"related": "contact.consents", "where": {"field": "given", "op": "is", "value": True}}


def segments_of_everything() -> list[Segment]:
    """One segment of each way to depend on something."""
    norway = a_segment(condition=NORWAY)
    called = a_segment(condition={"any": [CALLED, {"not": BEYOND}]})
    made = a_segment(kind=Kind.COMPOUND, steps=steps(norway, (How.UNION, called), (How.EXCEPT, called)))
    in_made = {"related": "contact.segments", "where": {"field": "segment", "op": "is", "value": made.pk}}
    return [
        norway,
        called,
        made,
        a_segment(condition=BUSY_COMPANY),
        a_segment(condition=CONSENTED),
        a_segment(condition={"all": [NEVER_VISITED, NORWAY]}, subject=Subject.LEAD),
        a_segment(condition={"any": [in_made, {"field": "account.country", "op": "is", "value": "NO"}]}),
        a_segment(condition=in_made, subject=Subject.LEAD),
    ]


def something_happens(random: Random) -> None:
    """One change of one fact, written as somebody might."""
    people, companies = list(Contact.objects.order_by("id")), list(Account.objects.order_by("id"))
    contact, company = random.choice(people), random.choice(companies)
    lead = random.choice(list(Lead.objects.order_by("id")))
    what = random.randrange(9)
    if what == 0:
        Contact.objects.filter(pk=contact.pk).update(country=random.choice(["NO", "SE"]))
    elif what == 1:
        an_interaction(contact, random.choice([InteractionType.CALL, InteractionType.PAGE_VISITED]))
    elif what == 2:
        Interaction.objects.filter(contact=contact).delete()
    elif what == 3:
        Contact.objects.filter(pk=contact.pk).update(account=random.choice([company, None]))
    elif what == 4:
        Account.objects.filter(pk=company.pk).update(country=random.choice(["NO", "SE"]))
    elif what == 5:
        Lead.objects.filter(pk=lead.pk).update(contact=contact)
    elif what == 6:
        move_leads([lead.pk], Stage.MARKETING_QUALIFICATION, cause=Cause.FIRST_SCORE)
    elif what == 7:
        Consent.objects.create(contact=contact, level=1, given=random.choice([True, False]))
    else:
        a_lead(a_contact(country="NO", account=company))
        delete_contacts([contact.pk], by=None) if len(people) > 4 else None


class FollowingComesToTheSame(TestCase):
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=True), st.integers(1, 12))
    def test_as_asking_from_the_ground_up(self, random: Random, changes: int) -> None:
        self.check(random, changes)

    @pytest.mark.deep
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=True), st.integers(1, 12))
    def test_as_asking_from_the_ground_up_at_length(self, random: Random, changes: int) -> None:
        self.check(random, changes)

    def check(self, random: Random, changes: int) -> None:
        for company in (an_account("Acme", country="NO"), an_account("Bolt", country="SE")):
            a_lead(a_contact(account=company, country="SE"))
            a_lead(a_contact(account=company, country="NO"))
        segments = segments_of_everything()
        settle()

        for _ in range(changes):
            something_happens(random)
            if random.random() < 0.5:
                queue.refresh_changes()
        while queue.refresh_changes():
            pass

        for segment in segments:
            wanted = ids_wanted(segment)  # reads it again
            assert ids_in(segment) == wanted, (segment.live, segment.error)
            assert segment.members_count == len(wanted)


@pytest.mark.django_db(transaction=True)
def test_facts_written_while_workers_follow_are_all_followed() -> None:
    people = [a_contact(country="SE") for _ in range(20)]
    norway, called = a_segment(condition=NORWAY), a_segment(condition=CALLED)
    settle()

    def write(mine: list[Contact]) -> None:
        for contact in mine:
            Contact.objects.filter(pk=contact.pk).update(country="NO")
            an_interaction(contact, InteractionType.CALL)
            an_interaction(contact, InteractionType.CALL)

    def follow() -> None:
        for _ in range(40):
            queue.refresh_changes()
            queue.refresh_due()

    done = at_once(lambda: write(people[:10]), lambda: write(people[10:]), follow, follow)
    settle()

    assert done == [None] * 4
    for segment in (norway, called):
        assert ids_in(segment) == ids_wanted(segment) == {contact.pk for contact in people}
        assert segment.members_count == 20
        assert segment.changes.count() == 20  # nobody joined twice


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("end", [lifecycle.stop, partial(lifecycle.delete_segment, by=None)])
def test_the_last_segment_ends_while_a_worker_follows_and_neither_waits_for_the_other(
    end: Callable[[Segment], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker has taken changes up, and waits for the segment that is being ended."""
    segment = a_segment(condition=NORWAY)
    settle()
    a_contact(country="NO")
    ending, taken, follow, hear = Event(), Event(), queue._follow, queue.hear

    def follow_slowly(subjects: Mapping[str, Collection[int]]) -> None:
        taken.set()
        ending.wait(10)
        follow(subjects)

    def hear_slowly() -> None:
        ending.set()
        until_somebody_waits()
        hear()

    monkeypatch.setattr(queue, "_follow", follow_slowly)
    monkeypatch.setattr(lifecycle, "hear", hear_slowly)

    def end_it() -> object:
        taken.wait(10)
        return end(segment)

    followed, ended = at_once(queue.refresh_changes, end_it)

    assert not isinstance(followed, Exception)
    assert not isinstance(ended, Exception)
    assert followed
    assert not Change.objects.filter(consumer=CONSUMER).exists()
