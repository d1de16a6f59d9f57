"""The fields of a form: added, edited on a page of their own, ordered, copied and removed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.views.editing import person
from forms_intake.building.definition import fingerprint, freeze_field
from forms_intake.building.editing import copy_field, locked, move_field, next_position, remove_field, touch
from forms_intake.building.field_form import FieldForm
from forms_intake.building.starters import READY_MADE
from forms_intake.models import FieldType, FormField, IntakeForm
from forms_intake.views.builder import builder_url, draw, form_or_404, head_of, marketers
from leadcrm.lib.pages import wants_part


def _done(request: HttpRequest, form_id: int, field_id: int, said: str) -> HttpResponse:
    """Back to the draft; for htmx the draft itself."""
    if wants_part(request):
        return draw(request, form_id, saved=field_id)
    messages.success(request, said)
    return redirect(builder_url(form_id, field_id))


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, form_id: int) -> HttpResponse:
    """A field behind all others, of the type that is asked for."""
    wanted = request.GET.get("type", "")
    type = wanted if wanted in FieldType.values else FieldType.TEXT.value
    if request.method != "POST":
        form = form_or_404(form_id)
        return _page(request, form, None, FieldForm(instance=FormField(form=form, type=type)))
    with transaction.atomic():
        form = locked(form_id)
        edit = FieldForm(request.POST, instance=FormField(form=form, position=next_position(form)))
        if edit.is_valid():
            field = edit.save()
            touch(form, person(request))
            return _done(request, form_id, field.pk, f"“{field.label}” is added.")
    return _page(request, form_or_404(form_id), None, edit)


@marketers
@require_POST
def ready_made(request: HttpRequest, form_id: int) -> HttpResponse:
    """Add what `add` names, as far as the form does not have it."""
    _, wanted = READY_MADE.get(request.POST.get("add", ""), ("", []))
    field = None
    with transaction.atomic():
        form = locked(form_id)
        keys, filled = set(form.fields.values_list("key", flat=True)), set(form.fields.values_list("fills", flat=True))
        for one in wanted:
            if one["key"] not in keys and (not one.get("fills") or one["fills"] not in filled):
                field = FormField.objects.create(form=form, position=next_position(form), **one)
        if field:
            touch(form, person(request))
    return _done(request, form_id, field.pk if field else 0, "Added." if field else "It is there already.")


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, form_id: int, field_id: int) -> HttpResponse:
    """Only what this person edited is saved; if someone saved meanwhile they are told, and keep what they typed."""
    if request.method != "POST":
        field = get_object_or_404(FormField.objects.select_related("form"), form=form_id, pk=field_id)
        return _page(request, form_or_404(form_id), field, FieldForm(instance=field))
    with transaction.atomic():
        form = locked(form_id)
        stored = form.fields.filter(pk=field_id).first()
        if stored is None:
            # Somebody removed it: what was typed can still be added, as a field of its own.
            typed = FieldForm(request.POST, instance=FormField(form=form))
            return _page(request, form_or_404(form_id), None, typed, gone=True)
        typed = FieldForm(request.POST, instance=stored)
        if typed.is_valid():
            typed.save()
            touch(form, person(request))
            return _done(request, form_id, field_id, f"“{stored.label}” is saved.")
    return _page(request, form_or_404(form_id), FormField.objects.get(pk=field_id), typed)


def _page(
    request: HttpRequest, form: IntakeForm, field: FormField | None, typed: FieldForm, *, gone: bool = False
) -> HttpResponse:
    context: dict[str, Any] = head_of(form, "builder") | {"field": field, "edit": typed, "gone": gone}
    status = 409 if gone else 422 if typed.is_bound else 200
    return render(request, "forms_intake/builder/field.html", context, status=status)


@marketers
@require_POST
def copy(request: HttpRequest, form_id: int, field_id: int) -> HttpResponse:
    twin = copy_field(form_id=form_id, field_id=field_id, by=person(request))
    return _done(request, form_id, twin.pk, f"“{twin.label}” is added.")


@marketers
@require_POST
def move(request: HttpRequest, form_id: int, field_id: int) -> HttpResponse:
    """Put it in the place `to`, counted from 0."""
    wanted = request.POST.get("to", "")
    to = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else 0
    move_field(form_id=form_id, field_id=field_id, to=to, by=person(request))
    if wants_part(request):
        return draw(request, form_id)
    return redirect(builder_url(form_id, field_id))


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, form_id: int, field_id: int) -> HttpResponse:
    """Asks, then removes; not when someone changed the field since."""
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        field = remove_field(form_id=form_id, field_id=field_id, seen=seen, by=person(request))
        messages.success(request, f"“{field.label}” is removed.")
        return redirect(builder_url(form_id))
    field = get_object_or_404(FormField, form=form_id, pk=field_id)
    context = head_of(form_or_404(form_id), "builder") | {"field": field, "seen": fingerprint(freeze_field(field))}
    return render(request, "forms_intake/builder/remove.html", context)
