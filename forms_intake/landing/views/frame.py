"""The draft as visitors would see it, for the frame beside its editor: saved, or as it is being typed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from forms_intake.landing.block_form import UPLOAD, BlockForm
from forms_intake.landing.blocks import KINDS
from forms_intake.landing.definition import Definition, form_of, settings_of, variant_of, with_new_id
from forms_intake.landing.languages import words_of
from forms_intake.landing.live import as_live
from forms_intake.landing.rendering import html_of
from forms_intake.landing.views.around import letter_of, marketers, page_or_404
from forms_intake.looks.form import FormView, form_view
from forms_intake.models import IntakeForm, LandingPage
from forms_intake.spec.reading import draft_spec, specs_of


@marketers
@require_safe
def frame(request: HttpRequest, page_id: int) -> HttpResponse:
    """The draft (or a `version`) whole, to be looked at only; `dark`: as on a dark device, whatever this one is."""
    page = page_or_404(page_id)
    definition = page.draft
    number = request.GET.get("version", "")
    if number.isascii() and number.isdecimal() and len(number) < 7:
        version = page.versions.filter(number=int(number)).first()
        definition = version.definition if version else definition
    response = HttpResponse(document(page, definition, letter_of(request, page), dark="dark" in request.GET))
    response._csp_replace = {"frame-ancestors": ["'self'"]}  # type: ignore[attr-defined]
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Cache-Control"] = "private, no-store"
    return response


@marketers
@require_POST
def typed(request: HttpRequest, page_id: int) -> HttpResponse:
    """The frame again with one block as it is typed at this moment. Writes nothing."""
    page = page_or_404(page_id)
    letter, kind, block_id = letter_of(request, page), request.GET.get("kind", ""), request.GET.get("block", "")
    variant = variant_of(page.draft, letter)
    block = next((one for one in variant["blocks"] if one["id"] == block_id), None)
    if block is None and kind in KINDS:
        block = with_new_id({"kind": kind})
        end = len(variant["blocks"])
        end -= bool(variant["blocks"] and variant["blocks"][-1]["kind"] == "footer" and kind != "footer")
        variant["blocks"].insert(end, block)
    if block is not None:
        form = BlockForm(request.POST, kind=block["kind"])
        form.is_valid()  # what is wrong with it is said when it is saved
        block |= {name: value for name, value in form.cleaned_data.items() if not name.endswith(UPLOAD)}
        block.pop("seen", None)
    context = {"document": document(page, page.draft, letter), "width": request.GET.get("width", "")}
    return render(request, "forms_intake/landing/typed.html", context)


def document(page: LandingPage, definition: Definition, letter: str, *, dark: bool = False) -> str:
    """A whole page as text, with the form it shows as visitors meet it (a draft of one as it is)."""
    variant = variant_of(definition, letter)
    return html_of(as_live(page, definition), variant, _view(variant, definition), preview=True, dark=dark)


def _view(variant: dict[str, Any], definition: Definition) -> FormView | None:
    form_id = form_of(variant)
    if form_id is None or not IntakeForm.objects.filter(pk=form_id).exists():
        return None
    spec = specs_of([form_id]).get(form_id) or draft_spec(form_id)
    block = next(one for one in variant["blocks"] if one["kind"] == "form")
    said = settings_of(definition)
    words = words_of(said["language"], said)
    return form_view(spec, preview=True, button=block["button"], language=said["language"], words=words)
