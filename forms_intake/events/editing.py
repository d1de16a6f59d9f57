"""Making and changing events, and how they stand. One transaction each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from contacts.models import MarketingContext, User
from forms_intake.building.definition import fingerprint, freeze
from forms_intake.building.editing import make_form
from forms_intake.building.lifecycle import close as form_closes
from forms_intake.building.lifecycle import go_live as form_goes_live
from forms_intake.building.starters import REGISTRATION
from forms_intake.errors import NotReady
from forms_intake.events.book import Book
from forms_intake.events.errors import EventGone, NotNow
from forms_intake.events.moving import move_sessions
from forms_intake.events.offering import add_version, offer_sessions
from forms_intake.events.telling import call_off, is_told, write_to_all
from forms_intake.models import (
    Event,
    EventSession,
    EventState,
    FormState,
    IntakeForm,
)
from forms_intake.spec.remembering import forget_specs

IN_CALENDARS = frozenset({"name", "place", "online_url", "starts_at", "ends_at", "time_zone"})
"""What people who have a place are told when it changes."""
CLOSED_WORDS = gettext_noop("Registration is closed.")
CANCELLED_WORDS = gettext_noop("This event is cancelled.")
CONTEXT = MarketingContext.Kind.EVENT


class Saved(NamedTuple):
    """What followed from saving an event: whether people who registered are told, and how many sessions moved."""

    told: bool
    moved: int


def context_taken(name: str, event: Event) -> bool:
    """Whether another event has the marketing context of this name."""
    owner = Event.objects.filter(marketing_context__kind=CONTEXT, marketing_context__name__iexact=name)
    return owner.exclude(pk=event.pk).exists()


@transaction.atomic
def make_event(
    event: Event, *, campaign_id: int | None, product_id: int | None, by: User | None, like: Event | None = None
) -> Event:
    """Keep a new event, as a draft, with a registration form that is ready to go live; `like` gives its questions and
    its sessions, as long after the beginning. A marketing context of its name that was made by hand becomes its own,
    with whatever came through it.
    """
    context = MarketingContext.objects.filter(kind=CONTEXT, name__iexact=event.name).first()
    context = context or MarketingContext(kind=CONTEXT)
    context.name, context.campaign_id, context.product_id, context.active = event.name, campaign_id, product_id, True
    context.save()
    event.marketing_context = context
    event.edited_at, event.edited_by = timezone.now(), by
    name = _free_name(f"Registration: {event.name}"[:95])
    questions = freeze(like.form) if like and like.form else REGISTRATION.definition
    event.form = make_form(name=name, definition=questions, by=by, like=context)
    event.save()
    _keep_form_context(event)
    if like is not None:
        later = event.starts_at - like.starts_at
        EventSession.objects.bulk_create(
            EventSession(
                event=event,
                name=one.name,
                room=one.room,
                capacity=one.capacity,
                starts_at=one.starts_at + later,
                ends_at=one.ends_at + later,
            )
            for one in like.sessions.all()
        )
        offer_sessions(event.pk, by=by)
    return event


def _free_name(name: str) -> str:
    taken = set(IntakeForm.objects.filter(name__startswith=name).values_list("name", flat=True))
    return next(one for one in [name, *(f"{name} {n}" for n in range(2, 1000))] if one not in taken)


def _keep_form_context(event: Event) -> None:
    """The form's own context is about what the event's is."""
    context = event.marketing_context
    if event.form is not None:
        MarketingContext.objects.filter(pk=event.form.marketing_context_id).update(
            event=context, campaign=context.campaign_id, product=context.product_id
        )
        transaction.on_commit(forget_specs)


@transaction.atomic
def save_event(
    event: Event, *, before: Mapping[str, Any], campaign_id: int | None, product_id: int | None, by: User
) -> Saved:
    """Keep what was edited. Sessions move with it; places that became free go to who waits for them.

    `before`: its columns as they were stored.
    """
    list(Event.objects.filter(pk=event.pk).select_for_update(no_key=True))
    changed = {name for name, value in before.items() if getattr(event, name) != value}
    told = bool(changed & IN_CALENDARS) and is_told(event)
    event.sequence += told
    event.edited_at, event.edited_by = timezone.now(), by
    event.save()
    moved = move_sessions(event, before=before)
    context = event.marketing_context
    context.name, context.campaign_id, context.product_id = event.name, campaign_id, product_id
    context.save()
    _keep_form_context(event)
    if told:
        write_to_all(event, "event_changed")
    if changed & {"capacity", "waitlist", "ends_at"}:
        fill_places([event.pk])
    return Saved(told, moved)


@transaction.atomic
def fill_places(event_ids: Collection[int]) -> None:
    """Give free places to who waits for them."""
    book = Book(event_ids)
    book.fill()
    book.close()


def held(event_id: int) -> Event:
    """The event, held until the transaction ends. Raises EventGone."""
    rows = Event.objects.filter(pk=event_id).select_for_update(no_key=True, of=("self",))
    event: Event | None = rows.select_related("marketing_context", "form").first()
    if event is None:
        raise EventGone(event_id)
    return event


@transaction.atomic
def open_registration(event_id: int, *, by: User) -> Event:
    """Go live, with its form: from now on people can register. Raises EventGone, NotNow, NotReady."""
    event = held(event_id)
    if event.state == EventState.CANCELLED:
        raise NotNow("It was cancelled, and who was registered has been told. Make a new one.")
    if event.is_over:
        raise NotNow("It is over. Move it to another day first.")
    if event.form is None:
        raise NotReady(["It has no registration form."])
    if event.form.state != FormState.LIVE:
        form_goes_live(form_id=event.form.pk, seen=fingerprint(freeze(event.form)), by=by, note="With its event.")
    event.state = EventState.LIVE
    event.save(update_fields=["state"])
    return event


@transaction.atomic
def close_registration(event_id: int) -> Event:
    """Nobody can register any more; who is, stays. Raises EventGone, NotNow."""
    event = held(event_id)
    if event.state != EventState.LIVE:
        raise NotNow(f"It is not live: {event.get_state_display().lower()}.")
    event.state = EventState.CLOSED
    event.save(update_fields=["state"])
    close_form(event, CLOSED_WORDS)
    return event


@transaction.atomic
def delete_draft(event_id: int) -> str:
    """Delete an event that nobody has seen, for good, with its sessions and its registration form; its name. Its
    marketing context stays, as one made by hand: other ways may lead through it, and an event of its name takes it
    again. Raises EventGone, NotNow.
    """
    event = held(event_id)
    if event.state != EventState.DRAFT or event.registrations.exists():
        raise NotNow("People have seen it: cancel it instead.")
    form = event.form
    if form is not None and (form.submissions.exists() or form.page_uses.exists()):
        raise NotNow("Its form is on a page or has been answered: cancel the event instead.")
    event.delete()
    if form is not None:
        form.delete()
        MarketingContext.objects.filter(pk=form.marketing_context_id).delete()
    transaction.on_commit(forget_specs)
    return event.name


@transaction.atomic
def cancel_event(event_id: int, *, words: str, by: User) -> Event:
    """It does not take place: who is registered or waits is cancelled with it and told, and their calendars drop it."""
    event = held(event_id)
    if event.state == EventState.CANCELLED:
        raise NotNow("Somebody has cancelled it already.")
    if event.is_over:
        raise NotNow("It is over; nothing can be cancelled any more.")
    event.state, event.cancelled_words = EventState.CANCELLED, words.strip()
    event.sequence += 1
    event.edited_at, event.edited_by = timezone.now(), by
    event.save()
    close_form(event, f"{CANCELLED_WORDS}\n\n{event.cancelled_words}".strip())
    call_off(event, by=by)
    return event


def close_form(event: Event, words: str) -> None:
    """Posts are refused with these words, unless its editor has given it others."""
    if event.form is None or event.form.state != FormState.LIVE:
        return
    form = form_closes(form_id=event.form.pk)
    if form.version is not None and not form.version.definition["settings"].get("closed_message"):
        definition = deepcopy(form.version.definition)
        definition["settings"]["closed_message"] = words
        add_version(form, definition, None)
