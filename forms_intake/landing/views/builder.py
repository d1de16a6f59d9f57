"""Building a page: its blocks in order beside what visitors see, and its theme."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from contacts.views.editing import person
from forms_intake.landing.blocks import KINDS, summary
from forms_intake.landing.checks import Finding, findings_of
from forms_intake.landing.definition import forms_of, variant_of, variants_of
from forms_intake.landing.editing import choose_dark, choose_theme
from forms_intake.landing.themes import THEMES
from forms_intake.landing.views.around import (
    builder_url,
    framing,
    head_of,
    letter_of,
    marketers,
    page_or_404,
    preview_of,
)
from forms_intake.models import IntakeForm
from leadcrm.lib.pages import render_page, wants_part


def draw(request: HttpRequest, page_id: int, letter: str, *, saved: str = "") -> HttpResponse:
    """The page, or for htmx the draft alone; `saved` is the block that was just written."""
    page = page_or_404(page_id)
    variant = variant_of(page.draft, letter)
    findings = findings_of(page)
    forms = IntakeForm.objects.in_bulk(forms_of(page.draft))
    context = head_of(page, "builder") | {
        "variant": variant,
        "variants": variants_of(page.draft),
        "lines": _lines(variant["blocks"], findings, forms),
        "findings": findings,
        "kinds": [one for one in KINDS.values() if one.name != "form" or not _has_form(variant)],
        "themes": THEMES.values(),
        "saved": saved,
        **preview_of(request, page, variant["letter"]),
    }
    response = render_page(request, "forms_intake/landing/builder.html", context, part="draft")
    return framing(response)


def _has_form(variant: dict[str, Any]) -> bool:
    return any(block["kind"] == "form" for block in variant["blocks"])


def _lines(blocks: list[dict[str, Any]], findings: list[Finding], forms: dict[int, IntakeForm]) -> list[dict[str, Any]]:
    return [
        {
            "id": block["id"],
            "kind": KINDS[block["kind"]],
            "place": place,
            "words": summary(block),
            "form": forms.get(block.get("form") or 0),
            "beside": bool(block.get("beside")),
            "findings": [one for one in findings if one.block == block["id"]],
        }
        for place, block in enumerate(blocks)
    ]


@marketers
@require_safe
def builder(request: HttpRequest, page_id: int) -> HttpResponse:
    page = page_or_404(page_id)
    return draw(request, page_id, letter_of(request, page))


@marketers
@require_POST
def theme(request: HttpRequest, page_id: int) -> HttpResponse:
    """Choose how a variant looks, or (`dark`: yes or no) whether the page is dark on devices that are."""
    letter, dark = request.POST.get("variant", ""), request.POST.get("dark", "")
    if dark:
        choose_dark(page_id=page_id, dark=dark == "yes", by=person(request))
    else:
        choose_theme(page_id=page_id, letter=letter, theme=request.POST.get("theme", ""), by=person(request))
    if wants_part(request):
        return draw(request, page_id, letter)
    return redirect(builder_url(page_id, letter))
