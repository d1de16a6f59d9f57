"""The blocks of a page: added, edited on a page of their own beside the preview, ordered, copied and removed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.views.editing import person
from forms_intake.building.definition import fingerprint
from forms_intake.errors import ImageRefused, PageGone
from forms_intake.landing.block_form import BlockForm
from forms_intake.landing.blocks import KINDS, summary
from forms_intake.landing.definition import variant_of
from forms_intake.landing.editing import add_block, copy_block, find_block, locked, move_block, remove_block, write
from forms_intake.landing.images import take_image
from forms_intake.landing.views.around import (
    builder_url,
    framing,
    head_of,
    letter_of,
    marketers,
    page_or_404,
    preview_of,
)
from forms_intake.landing.views.builder import draw
from forms_intake.models import LandingPage
from leadcrm.lib.errors import DomainError
from leadcrm.lib.pages import wants_part


def _done(request: HttpRequest, page_id: int, letter: str, block_id: str, said: str) -> HttpResponse:
    """Back to the draft; for htmx the draft itself."""
    if wants_part(request):
        return draw(request, page_id, letter, saved=block_id)
    messages.success(request, said)
    return redirect(builder_url(page_id, letter, block_id))


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, page_id: int) -> HttpResponse:
    """A block of the kind that is asked for."""
    kind = request.GET.get("kind") or request.POST.get("kind", "")
    if kind not in KINDS:
        raise Http404
    if request.method != "POST":
        page = page_or_404(page_id)
        return _page(request, page, None, BlockForm(kind=kind))
    with transaction.atomic():
        page = locked(page_id)
        letter = letter_of(request, page)
        edit = BlockForm(request.POST, request.FILES, kind=kind)
        if edit.is_valid() and (values := _with_uploads(edit, request)) is not None:
            try:
                block = add_block(page, letter, kind, values)
            except DomainError as error:
                edit.add_error(None, error.message)
            else:
                write(page, person(request))
                return _done(request, page_id, letter, block["id"], f"{KINDS[kind].label} is added.")
    return _page(request, page_or_404(page_id), None, edit)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, page_id: int, block_id: str) -> HttpResponse:
    """Only what this person edited is saved; if someone saved meanwhile they are told, and keep what they typed."""
    if request.method != "POST":
        page = page_or_404(page_id)
        block = _found(page, letter_of(request, page), block_id)
        return _page(request, page, block, BlockForm(kind=block["kind"], block=block))
    with transaction.atomic():
        page = locked(page_id)
        letter = letter_of(request, page)
        try:
            block = find_block(page, letter, block_id)
        except PageGone:
            kind = request.GET.get("kind", "")
            if kind not in KINDS:
                raise
            # Somebody removed it: what was typed can still be added, as a block of its own.
            typed = BlockForm(request.POST, request.FILES, kind=kind)
            return _page(request, page_or_404(page_id), None, typed, gone=True)
        typed = BlockForm(request.POST, request.FILES, kind=block["kind"], block=block)
        if typed.is_valid() and (values := _with_uploads(typed, request)) is not None:
            block |= values
            write(page, person(request))
            return _done(request, page_id, letter, block_id, f"{KINDS[block['kind']].label} is saved.")
        block = find_block(page_or_404(page_id), letter, block_id)
    return _page(request, page_or_404(page_id), block, typed)


def _with_uploads(edit: BlockForm, request: HttpRequest) -> dict[str, Any] | None:
    """What the block says, with pictures that came along kept; None where one is refused."""
    values = edit.values
    for name, file in edit.uploads.items():
        alt = values.get(name.replace("image", "alt"), "")
        try:
            values[name] = take_image(file=file, name=str(file.name), alt=alt, by=person(request)).pk
        except ImageRefused as error:
            edit.add_error(f"{name}_file", error.message)
            return None
    return values


def _found(page: LandingPage, letter: str, block_id: str) -> dict[str, Any]:
    try:
        return find_block(page, letter, block_id)
    except PageGone as error:
        raise Http404 from error


def _page(
    request: HttpRequest, page: LandingPage, block: dict[str, Any] | None, typed: BlockForm, *, gone: bool = False
) -> HttpResponse:
    letter = letter_of(request, page)
    context: dict[str, Any] = head_of(page, "builder") | {
        "unit": block,
        "kind": typed.kind,
        "edit": typed,
        "gone": gone,
        "variant": variant_of(page.draft, letter),
        **preview_of(request, page, letter),
    }
    status = 409 if gone else 422 if typed.is_bound else 200
    return framing(render(request, "forms_intake/landing/block.html", context, status=status))


@marketers
@require_POST
def copy(request: HttpRequest, page_id: int, block_id: str) -> HttpResponse:
    letter = letter_of(request, page_or_404(page_id))
    twin = copy_block(page_id=page_id, letter=letter, block_id=block_id, by=person(request))
    return _done(request, page_id, letter, twin["id"], "It is copied.")


@marketers
@require_POST
def move(request: HttpRequest, page_id: int, block_id: str) -> HttpResponse:
    """Put it in the place `to`, counted from 0."""
    wanted = request.POST.get("to", "")
    to = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 6 else 0
    letter = letter_of(request, page_or_404(page_id))
    move_block(page_id=page_id, letter=letter, block_id=block_id, to=to, by=person(request))
    if wants_part(request):
        return draw(request, page_id, letter)
    return redirect(builder_url(page_id, letter, block_id))


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, page_id: int, block_id: str) -> HttpResponse:
    """Asks, then removes; not when someone changed the block since."""
    page = page_or_404(page_id)
    letter = letter_of(request, page)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        block = remove_block(page_id=page_id, letter=letter, block_id=block_id, seen=seen, by=person(request))
        messages.success(request, f"{KINDS[block['kind']].label} is removed.")
        return redirect(builder_url(page_id, letter))
    block = _found(page, letter, block_id)
    context = head_of(page, "builder") | {
        "unit": block,
        "kind": KINDS[block["kind"]],
        "words": summary(block),
        "letter": letter,
        "seen": fingerprint(block),
    }
    return render(request, "forms_intake/landing/remove.html", context)
