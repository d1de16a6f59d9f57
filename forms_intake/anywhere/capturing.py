"""Hearing what is sent through a form of somebody else's: by a mapping of their names to our fields.

Only what is mapped leaves their page, and of the rest only the names, so that somebody can map them. Passwords, files
and numbers of payment cards never do; the script leaves them out, and here they are dropped once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from contacts.errors import InvalidValues, RecordGone
from contacts.models import User
from forms_intake.anywhere.crossing import may_show
from forms_intake.anywhere.origins import as_sent
from forms_intake.building.definition import thaw_fields
from forms_intake.imports.guessing import BY_NAME, plain
from forms_intake.models import DroppedName, FieldType, FormCapture, FormField, IntakeForm
from forms_intake.posts import RESERVED, UNMAPPED, Post
from forms_intake.spec.remembering import forget_specs
from forms_intake.spec.shape import FieldSpec, FormSpec
from forms_intake.validation import Checked, salvage, storable
from leadcrm.lib import ratelimit

log = structlog.get_logger("forms_intake.capturing")

MOST_CAPTURES = 20
MOST_NAMES = 100
"""That a mapping holds, and that are remembered as dropped, for each captured form."""
NAME_CHARACTERS = 100
CARD = re.compile(r"(?:[0-9][ -]?){12,18}[0-9]")
PLAIN_SELECTOR = re.compile(r"[^{}<>;\\\x00-\x1f]{1,200}")
HEARD = """
WITH heard AS (
    UPDATE forms_intake_formcapture SET heard_at = clock_timestamp()
    WHERE id = %(capture)s AND form_id = %(form)s RETURNING id, names
)
INSERT INTO forms_intake_droppedname AS known (capture_id, name, last_at)
SELECT heard.id, told.name, clock_timestamp()
FROM heard, unnest(%(names)s::varchar[]) AS told (name)
WHERE NOT heard.names ? told.name
    AND (SELECT count(*) FROM forms_intake_droppedname WHERE capture_id = heard.id) < %(most)s
ORDER BY told.name
ON CONFLICT (capture_id, name) DO UPDATE SET last_at = excluded.last_at
"""


@dataclass(frozen=True)
class Heard:
    """What a script says beside the values: through which capture, and which names it left out."""

    capture_id: int
    unmapped: tuple[str, ...] = ()


def is_card_number(text: str) -> bool:
    """Whether a text holds what is written like the number of a payment card, with a check digit that is right."""
    for found in CARD.finditer(text):
        digits = [int(one) for one in found.group() if one.isdigit()]
        doubled = [sum(divmod(2 * one, 10)) for one in digits[-2::-2]]
        if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1:
            return True
    return False


def without_cards(
    fields: Sequence[FieldSpec], texts: Mapping[str, list[str]]
) -> tuple[dict[str, list[str]], list[str]]:
    """What was captured, without what looks like a payment card, and under which keys that was. Phone numbers stay."""
    phones = {one.key for one in fields if one.type == FieldType.PHONE}
    held = [key for key, said in texts.items() if key not in phones and any(is_card_number(text) for text in said)]
    return {key: said for key, said in texts.items() if key not in held}, held


def note_heard(form: FormSpec, heard: Heard) -> None:
    """Remember that a captured form was sent, and which of its names nothing stands for; once a minute for each.
    Never in the way of the post.
    """
    names = [storable(one)[:NAME_CHARACTERS] for one in heard.unmapped if one.strip()][:MOST_NAMES]
    if not ratelimit.allow(f"heard:{heard.capture_id}:{hash(tuple(names))}", limit=1, seconds=60).allowed:
        return
    said: dict[str, Any] = {
        "capture": heard.capture_id,
        "form": form.id,
        "names": sorted(set(names)),
        "most": MOST_NAMES,
    }
    try:
        with connection.cursor() as cursor:
            cursor.execute(HEARD, said)
    except DatabaseError as error:
        log.warning("what was dropped was not noted", error=repr(error))


def as_heard(request: HttpRequest, form: FormSpec, post: Post) -> Post:
    """The post, captured only if it can have been: through a form that is heard for this one, from a page of a site on
    its list. Everything else that says so is a post like any other: with what is required, and the captcha.
    """
    if not post.capture:
        return post
    origin = as_sent(request.META.get("HTTP_ORIGIN", ""))
    by_us = request.META.get("HTTP_SEC_FETCH_SITE") == "same-origin"
    if post.capture in form.captures and (by_us or may_show(request, form, origin)):
        return post
    return replace(post, capture=0)


def captured(form: FormSpec, post: Post) -> Checked:
    """What was heard, as far as it can be kept: nobody can be asked to mend it, so that what does not fit a field is
    listed as dropped, and nothing is required.
    """
    texts, held = without_cards(form.fields, post.texts)
    checked = salvage(form, texts, reserved=RESERVED)
    checked.dropped = [*held, *checked.dropped][:MOST_NAMES]
    note_heard(form, Heard(post.capture, tuple(post.texts.get(UNMAPPED, ()))))
    return checked


def make_capture(*, form_id: int, name: str, selector: str, by: User) -> FormCapture:
    """Hear another form for this one. Raises InvalidValues."""
    name, selector = name.strip(), selector.strip()
    if not name:
        raise InvalidValues({"name": "Say where it stands."})
    if not PLAIN_SELECTOR.fullmatch(selector):
        raise InvalidValues({"selector": "Give a CSS selector such as #contact or form.enquiry."})
    with transaction.atomic():
        form = IntakeForm.objects.select_for_update(no_key=True).get(pk=form_id)
        if form.captures.filter(selector=selector).exists():
            raise InvalidValues({"selector": "This form is heard already."})
        if form.captures.count() >= MOST_CAPTURES:
            raise InvalidValues({"selector": f"At most {MOST_CAPTURES} for one form."})
        transaction.on_commit(forget_specs)
        return FormCapture.objects.create(form=form, name=name[:100], selector=selector, made_by=by)


@dataclass(frozen=True)
class Offered:
    """A field that names can be mapped to. What is not live yet is dropped at the door until it is."""

    field: FormField
    is_live: bool


def offered_by(form: IntakeForm) -> list[Offered]:
    """The fields of a draft, then those that only its live version has; while there is none, all count alike."""
    draft = list(form.fields.order_by("position", "pk"))
    if form.version is None:
        return [Offered(field, is_live=True) for field in draft]
    live = {field.key: field for field in thaw_fields(form.pk, form.version.definition["fields"])}
    known = {field.key for field in draft}
    return [
        *(Offered(field, field.key in live) for field in draft),
        *(Offered(field, is_live=True) for key, field in live.items() if key not in known),
    ]


def map_name(*, capture_id: int, name: str, key: str) -> Offered | None:
    """Say which field of ours one of their names means, "" for none: that field. Raises InvalidValues, RecordGone."""
    name = name.replace("\x00", "").strip()
    if not name or len(name) > NAME_CHARACTERS:
        raise InvalidValues({"name": f"Give the name of an input, of at most {NAME_CHARACTERS} characters."})
    with transaction.atomic():
        capture = _held(capture_id)
        offered = next((one for one in offered_by(capture.form) if one.field.key == key), None)
        if key and offered is None:
            raise InvalidValues({"key": "The form has no such field any more."})
        if key and name not in capture.names and len(capture.names) >= MOST_NAMES:
            raise InvalidValues({"name": f"At most {MOST_NAMES} names."})
        capture.names = {theirs: ours for theirs, ours in capture.names.items() if theirs != name}
        if key:
            capture.names[name] = key
            capture.dropped.filter(name=name).delete()
        capture.save(update_fields=["names"])
    return offered


def ignore_name(*, capture_id: int, name: str, ignored: bool = True) -> None:
    """Say that one of their names is of no use to us, or that it may be."""
    DroppedName.objects.filter(capture=capture_id, name=name).update(ignored=ignored, last_at=timezone.now())


def forget_capture(*, capture_id: int) -> None:
    """Hear that form no longer. What was sent through it stays."""
    with transaction.atomic():
        FormCapture.objects.filter(pk=capture_id).delete()
        transaction.on_commit(forget_specs)


def likely(name: str, fields: Iterable[FormField]) -> str:
    """The key of the field that one of their names seems to mean, "" for none."""
    word = plain(name)
    target = BY_NAME.get(word, "")
    for field in fields:
        if word in (plain(field.key), plain(field.label)) or (target and field.fills == target):
            return field.key
    return ""


def _held(capture_id: int) -> FormCapture:
    capture = FormCapture.objects.select_for_update(no_key=True, of=("self",)).filter(pk=capture_id).first()
    if capture is None:
        raise RecordGone("captured form", capture_id)
    return capture
