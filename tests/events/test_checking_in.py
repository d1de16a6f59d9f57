"""Whoever is checked in came once; a check-in that is taken back never was."""

from __future__ import annotations

import pytest

from contacts.models import Change, Interaction, InteractionType, Role
from forms_intake.events.acting import check_in, undo_check_in
from forms_intake.models import EventRegistration, Submission
from tests.build import a_user
from tests.events.making import a_session, an_event, posts, registers
from tests.forms_intake.posting import processed

pytestmark = pytest.mark.django_db


def came(registration: EventRegistration) -> list[str]:
    """Where their timeline says they came to: "" is the event."""
    rows = Interaction.objects.filter(contact=registration.contact_id, type=InteractionType.EVENT_CHECKED_IN)
    return sorted(payload.get("session", "") for payload in rows.values_list("payload", flat=True))


def test_a_check_in_taken_back_counts_no_longer_and_a_second_one_counts_once() -> None:
    event, other = an_event(), an_event()
    nina, tom, elsewhere = registers(event, "nina"), registers(event, "tom"), registers(other, "nina")
    theo = a_user(Role.TELEPROSPECTOR, first_name="Theo", last_name="Tell")
    check_in([nina.pk, tom.pk], by=theo)
    check_in([elsewhere.pk], by=theo)
    assert came(nina) == ["", ""]
    Change.objects.all().delete()

    undo_check_in([nina.pk], by=theo)

    assert (came(nina), came(tom)) == ([""], [""]), "that of the other event and of the other person stay"
    assert Change.objects.filter(subject="contact", subject_id=nina.contact_id).exists(), "scores follow"
    assert not Change.objects.filter(subject="contact", subject_id=tom.contact_id).exists()
    step = nina.steps.latest("pk")
    assert step.what.startswith("Check-in taken back: ") and step.what.endswith(" by Theo Tell")
    assert step.by == theo

    check_in([nina.pk], by=theo)
    assert came(nina) == ["", ""]
    undo_check_in([nina.pk], by=theo)
    check_in([nina.pk], by=theo)
    assert came(nina) == ["", ""]


def test_what_was_written_down_at_the_door_of_a_session_goes_with_the_check_in() -> None:
    event = an_event()
    talk = a_session(event, "Talk")
    nina, by = registers(event, "nina", sessions=["Talk"]), a_user()
    check_in([nina.pk], by=by)
    check_in([nina.pk], by=by, session_id=talk.pk)
    assert came(nina) == ["", "Talk"]

    undo_check_in([nina.pk], by=by)
    assert came(nina) == []

    check_in([nina.pk], by=by, session_id=talk.pk)
    assert came(nina) == ["Talk"]


def test_who_walked_in_and_is_taken_back_and_checked_in_came_once() -> None:
    event, by = an_event(), a_user()
    post = posts(event, "tom")
    Submission.objects.filter(pk=post.pk).update(origin={"walk_in": True, "came": True, "by": by.pk})
    processed(post)
    tom = EventRegistration.objects.get()
    assert came(tom) == [""]

    undo_check_in([tom.pk], by=by)
    assert came(tom) == []
    check_in([tom.pk], by=by)

    assert came(tom) == [""]
