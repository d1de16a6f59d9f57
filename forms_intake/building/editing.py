"""Writing drafts: making forms, and ordering, copying and removing their fields. One transaction each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from contacts.models import MarketingContext, User
from forms_intake.building.definition import (
    NOTIFY,
    SETTINGS,
    SETTINGS_SINCE,
    Definition,
    fingerprint,
    freeze,
    freeze_field,
    thaw_fields,
)
from forms_intake.errors import ChangedSince, FormGone
from forms_intake.models import FedBy, FormField, FormState, FormVersion, IntakeForm

KEY_CHARACTERS = 50
COPIED = " (copy)"


def locked(form_id: int) -> IntakeForm:
    """The form, held against other editors until the transaction ends. Raises FormGone.

    What visitors see of a live form that never had a version becomes its first, so that editing changes its draft only.
    """
    form = (
        IntakeForm.objects.select_for_update(of=("self",), no_key=True)
        .select_related("marketing_context")
        .filter(pk=form_id, fed_by=FedBy.VISITORS)
        .first()
    )
    if form is None:
        raise FormGone(form_id)
    if form.state == FormState.LIVE and form.version_id is None:
        add_version(form, by=None, note="As it was before it was first edited here.")
    return form


def add_version(form: IntakeForm, *, by: User | None, note: str = "") -> FormVersion:
    """Keep the draft as the newest version, and show it to visitors. The form must be held."""
    last = form.versions.order_by("-number").values_list("number", flat=True).first() or 0
    form.version = FormVersion.objects.create(
        form=form, number=last + 1, definition=freeze(form), created_by=by, note=note[:200]
    )
    form.save(update_fields=["version"])
    return form.version


def touch(form: IntakeForm, by: User | None) -> None:
    """Note who edited the draft last, and when."""
    form.edited_at, form.edited_by = timezone.now(), by
    form.save(update_fields=["edited_at", "edited_by"])


@transaction.atomic
def make_form(
    *, name: str, definition: Definition, by: User | None, like: MarketingContext | None = None
) -> IntakeForm:
    """A new draft; `like` gives its campaign and product."""
    context = MarketingContext.objects.create(
        kind=MarketingContext.Kind.FORM,
        name=name[:200],
        campaign_id=like.campaign_id if like else None,
        product_id=like.product_id if like else None,
    )
    form = IntakeForm.objects.create(name=name, state=FormState.DRAFT, marketing_context=context)
    write_draft(form, definition)
    touch(form, by)
    return form


def write_draft(form: IntakeForm, definition: Definition) -> None:
    """Make `definition` the draft. The form must be held. What it names that is gone is left out."""
    said = definition.get("settings", {})
    for name in SETTINGS:
        if name in said:
            setattr(form, name, said[name])
    for name, nothing in SETTINGS_SINCE.items():
        setattr(form, name, said.get(name, nothing))
    for relation in ("contact_strategy", "lead_strategy", "lead_owner"):
        pk = getattr(form, f"{relation}_id")
        model: Any = IntakeForm._meta.get_field(relation).related_model
        if pk is not None and not model.objects.filter(pk=pk).exists():
            setattr(form, f"{relation}_id", None)
    form.save()
    if NOTIFY in said:
        form.notify.set(User.objects.filter(pk__in=said[NOTIFY]))
    form.fields.all().delete()
    FormField.objects.bulk_create(thaw_fields(form.pk, definition.get("fields", [])))


def new_key(form: IntakeForm, label: str) -> str:
    """A key for a field called `label` that no other field of the form has."""
    plain = re.sub(r"[^a-z0-9]+", "_", slugify(label)).strip("_")
    begin = (plain if plain[:1].isalpha() else f"field_{plain}".rstrip("_"))[: KEY_CHARACTERS - 4] or "field"
    taken = set(form.fields.values_list("key", flat=True)) if form.pk else set()
    return next(key for key in [begin, *(f"{begin}_{n}" for n in range(2, 1000))] if key not in taken)


def next_position(form: IntakeForm) -> int:
    last = form.fields.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else min(last + 1, 32_767)


@transaction.atomic
def move_field(*, form_id: int, field_id: int, to: int, by: User) -> None:
    """Put a field in place `to`, counted from 0; beyond the ends is the end. Raises FormGone."""
    form = locked(form_id)
    fields = _fields(form)
    field = fields.pop(_place(fields, field_id))
    fields.insert(max(0, to), field)
    if _order(fields):
        touch(form, by)


@transaction.atomic
def copy_field(*, form_id: int, field_id: int, by: User) -> FormField:
    """The same field once more, behind it, filling nothing. Raises FormGone."""
    form = locked(form_id)
    fields = _fields(form)
    place = _place(fields, field_id)
    twin = FormField(form=form, **freeze_field(fields[place]))
    twin.label = twin.label[: 300 - len(COPIED)] + COPIED
    twin.key, twin.fills = new_key(form, fields[place].label), ""
    twin.position = next_position(form)
    twin.save()
    _order([*fields[: place + 1], twin, *fields[place + 1 :]])
    touch(form, by)
    return twin


@transaction.atomic
def remove_field(*, form_id: int, field_id: int, seen: str, by: User) -> FormField:
    """Remove a field, if it is as the person saw it. Raises ChangedSince, FormGone."""
    form = locked(form_id)
    fields = _fields(form)
    field = fields[_place(fields, field_id)]
    if fingerprint(freeze_field(field)) != seen:
        raise ChangedSince(f"“{field.label}”", by=str(form.edited_by or ""))
    FormField.objects.filter(pk=field.pk).delete()
    touch(form, by)
    return field


def must_be_as_seen(form: IntakeForm, seen: str) -> None:
    """Raise ChangedSince unless the draft is what the person was shown."""
    if fingerprint(freeze(form)) != seen:
        raise ChangedSince(form.name, by=str(form.edited_by or ""))


def _fields(form: IntakeForm) -> list[FormField]:
    return list(form.fields.order_by("position", "pk"))


def _place(fields: Sequence[FormField], field_id: int) -> int:
    for place, field in enumerate(fields):
        if field.pk == field_id:
            return place
    raise FormGone(field_id)


def _order(fields: Sequence[FormField]) -> bool:
    """Number the fields anew; whether any moved."""
    moved = [field for place, field in enumerate(fields) if field.position != place]
    for place, field in enumerate(fields):
        field.position = place
    FormField.objects.bulk_update(moved, ["position"])
    return bool(moved)
