"""What the registration form of an event offers: its sessions, in its draft and in what visitors see."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from django.db import transaction
from django.db.models import F

from contacts.models import User
from forms_intake.building.definition import freeze_field
from forms_intake.building.editing import locked, next_position, touch
from forms_intake.events.book import Book
from forms_intake.events.errors import EventGone, SessionTaken
from forms_intake.events.telling import told_of, write_to
from forms_intake.models import (
    Event,
    EventSession,
    FieldType,
    FormField,
    FormVersion,
    IntakeForm,
    RegistrationState,
    SessionPlace,
)
from forms_intake.spec.remembering import forget_specs

FILLS = "event.sessions"
SESSIONS_FIELD = {"key": "sessions", "label": "Which sessions will you come to?", "fills": FILLS}


@transaction.atomic
def keep_session(session: EventSession, *, by: User) -> bool:
    """Keep a new or edited session; the form offers it, and who waits for a place in it gets one that became free.

    Whether people are told: who is in it or waits for it is written to once when its name, time or room is another,
    and their calendars change. Raises EventGone.
    """
    hold(session.event_id)
    before = EventSession.objects.filter(pk=session.pk).first()
    session.save()
    offer_sessions(session.event_id, by=by)
    told = told_of(session, before=before)
    is_news = told.update(sequence=F("sequence") + 1) > 0
    book = Book([session.event_id])
    book.fill()
    moved_up = [one.pk for one, _ in book.letters.values()]  # their own letter says how all stands now
    write_to("event_changed", told.exclude(pk__in=moved_up).values_list("public_id", flat=True))
    book.close()
    return is_news


@transaction.atomic
def remove_session(session_id: int, *, event_id: int, by: User) -> None:
    """Remove a session nobody has a place in. Raises EventGone, SessionTaken."""
    hold(event_id)
    session = EventSession.objects.filter(pk=session_id, event=event_id).first()
    if session is None:
        return
    people = SessionPlace.objects.filter(session=session).exclude(state=RegistrationState.CANCELLED).count()
    if people:
        raise SessionTaken(session.name, people)
    session.delete()
    offer_sessions(event_id, by=by)


def offer_sessions(event_id: int, *, by: User | None) -> None:
    """Let the registration form offer the sessions there are: its draft, and what visitors see."""
    event = Event.objects.select_related("form").get(pk=event_id)
    if event.form_id is None:
        return
    names = list(event.sessions.order_by("starts_at", "pk").values_list("name", flat=True))
    form = locked(event.form_id)
    field = form.fields.filter(fills=FILLS).first()
    if names and field is None:
        taken = form.fields.filter(key=SESSIONS_FIELD["key"]).exists()
        said = SESSIONS_FIELD | {"key": "event_sessions"} if taken else SESSIONS_FIELD
        field = FormField(form=form, type=FieldType.MULTI_CHOICE, position=_before_consent(form), **said)
    if field is not None and not names:
        field.delete()
        field = None
    elif field is not None and field.choices != names:
        field.choices = names
        field.save()
    touch(form, by)
    if form.version is not None:
        definition = deepcopy(form.version.definition)
        before = definition["fields"]
        definition["fields"] = _with_sessions(before, freeze_field(field) if field is not None else None)
        if definition["fields"] != before:
            add_version(form, definition, by)


def _with_sessions(fields: list[dict[str, Any]], asking: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The fields that visitors see with the choices of `asking`, or without it. What else they see of it stays."""
    shown = next((one for one in fields if one.get("fills") == FILLS), None)
    others = [one for one in fields if one is not shown]
    if asking is None:
        return others
    if shown is not None:
        place = fields.index(shown)
    else:
        behind = (FieldType.CONSENT, FieldType.HIDDEN)
        place = next((n for n, one in enumerate(others) if one["type"] in behind), len(others))
    return [*others[:place], (shown or asking) | {"choices": asking["choices"]}, *others[place:]]


def _before_consent(form: IntakeForm) -> int:
    """The place of a new field: the end of the questions, before consent and what nobody sees. Made free."""
    behind = form.fields.filter(type__in=(FieldType.CONSENT, FieldType.HIDDEN)).order_by("position", "pk").first()
    if behind is None:
        return next_position(form)
    form.fields.filter(position__gte=behind.position).update(position=F("position") + 1)
    return behind.position


def hold(event_id: int) -> None:
    """Hold an event until the transaction ends. Raises EventGone."""
    if not list(Event.objects.filter(pk=event_id).order_by().values_list("pk").select_for_update(no_key=True)):
        raise EventGone(event_id)


def add_version(form: IntakeForm, definition: dict[str, Any], by: User | None) -> None:
    """What visitors see from now on, whatever else the draft says."""
    last = form.versions.order_by("-number").values_list("number", flat=True).first() or 0
    form.version = FormVersion.objects.create(
        form=form, number=last + 1, definition=definition, created_by=by, note="As its event says."
    )
    form.save(update_fields=["version"])
    transaction.on_commit(forget_specs)
