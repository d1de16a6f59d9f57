"""Building a page: its blocks in order beside what visitors see, its settings, going live, and its versions."""

from __future__ import annotations

import math
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.views.editing import person
from forms_intake.building.definition import fingerprint
from forms_intake.errors import ImageRefused
from forms_intake.landing.blocks import KINDS, summary
from forms_intake.landing.changes import differences
from forms_intake.landing.checks import Finding, findings_of
from forms_intake.landing.definition import forms_of, settings_of, variant_of, variants_of
from forms_intake.landing.editing import choose_dark, choose_theme, duplicate, keep_settings, locked, make_page
from forms_intake.landing.images import take_image
from forms_intake.landing.lifecycle import DIFFERENCE, EXPECTED, go_live, restore
from forms_intake.landing.live import image_specs
from forms_intake.landing.results import days_of
from forms_intake.landing.settings_form import NewPageForm, SettingsForm
from forms_intake.landing.starters import STARTERS, begin
from forms_intake.landing.statistics import LEAST_VISITORS, planned
from forms_intake.landing.testing import restarts, running_test
from forms_intake.landing.themes import THEMES
from forms_intake.models import IntakeForm, LandingPage
from leadcrm.lib.errors import DomainError
from leadcrm.lib.pages import render_page, wants_part

COPY = "copy-"
MOST_VERSIONS = 50
MOST_COPIED = 200
DESKTOP, PHONE = "desktop", "phone"


def marketers(view: Any) -> Any:
    """Pages of who builds landing pages; everybody else is refused."""
    return login_required(permission_required("forms_intake.change_landingpage", raise_exception=True)(view))


def page_or_404(page_id: int) -> LandingPage:
    related = ("version__created_by", "edited_by", "marketing_context__campaign")
    return get_object_or_404(LandingPage.objects.select_related(*related), pk=page_id, deleted_at=None)


def builder_url(page_id: int, letter: str = "", block_id: str = "") -> str:
    """The draft's page, at one of its blocks."""
    query = f"?variant={letter}" if letter and letter != "A" else ""
    anchor = f"#block-{block_id}" if block_id else ""
    return reverse("forms_intake:page_builder", args=[page_id]) + query + anchor


def letter_of(request: HttpRequest, page: LandingPage) -> str:
    """The variant that is asked for, else the first."""
    letter: str = variant_of(page.draft, request.GET.get("variant", ""))["letter"]
    return letter


def head_of(page: LandingPage, here: str) -> dict[str, Any]:
    """What every page of one landing page begins with. `lp`: `page` is the pager's in templates."""
    return {"lp": page, "here": here, "edited": page.version is not None and page.version.definition != page.draft}


def preview_of(request: HttpRequest, page: LandingPage, letter: str) -> dict[str, Any]:
    """The preview beside an editor."""
    width = PHONE if request.GET.get("width") == PHONE else DESKTOP
    frame = reverse("forms_intake:page_frame", args=[page.pk]) + f"?variant={letter}"
    dark = settings_of(page.draft)["dark"]
    return {"frame": frame, "width": width, "letter": letter, "stamp": fingerprint(page.draft), "dark": dark}


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


def framing(response: HttpResponse) -> HttpResponse:
    """Let a page of ours show the preview in a frame."""
    response._csp_update = {"frame-src": ["'self'"]}  # type: ignore[attr-defined]
    return response


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
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new draft: from a starter, or a copy of another page."""
    others = LandingPage.objects.filter(archived_at=None).order_by("title").only("pk", "title")[:MOST_COPIED]
    choices = [(one.key, one.label) for one in STARTERS] + [
        (f"{COPY}{one.pk}", f"A copy of {one.title}") for one in others
    ]
    initial = {"begin": request.GET.get("begin") or STARTERS[0].key, "form": request.GET.get("form")}
    form = NewPageForm(request.POST if request.method == "POST" else None, choices=choices, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        if said["begin"].startswith(COPY):
            other = page_or_404(int(said["begin"].removeprefix(COPY)))
            definition: Any = other.draft
            like: Any = other.marketing_context
        else:
            shown = said["form"]
            definition = begin(said["begin"], name=said["name"], form_id=shown.pk if shown else None)
            like = shown.marketing_context if shown else None
        made = make_page(name=said["name"], definition=definition, by=person(request), like=like)
        messages.success(request, f"{made.title} is made, as a draft. Nobody sees it until it goes live.")
        return redirect(builder_url(made.pk))
    words = {one.key: one.words for one in STARTERS}
    begins = [(radio, words.get(str(radio.data["value"]), "")) for radio in form["begin"]]
    context = {"form": form, "begins": begins}
    return render(request, "forms_intake/landing/new.html", context, status=422 if form.is_bound else 200)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, page_id: int) -> HttpResponse:
    """Address, search results and networks. Whoever saves second is told, and keeps what they typed."""
    if request.method == "POST":
        edit, is_kept = _settings_posted(request, page_id)
        if is_kept:
            messages.success(request, "Saved.")
            return redirect("forms_intake:page_settings", page_id)
    else:
        page = page_or_404(page_id)
        edit = SettingsForm(page=page, stored=settings_of(page.draft))
    page = page_or_404(page_id)
    said = settings_of(page.draft)
    context = head_of(page, "settings") | {
        "edit": edit,
        "said": said,
        "shared": image_specs([said["social_image"]] if said["social_image"] else []).get(said["social_image"]),
        "address": request.build_absolute_uri(reverse("forms_intake:page", args=[page.slug])),
    }
    return render(request, "forms_intake/landing/settings.html", context, status=422 if edit.is_bound else 200)


def _settings_posted(request: HttpRequest, page_id: int) -> tuple[SettingsForm, bool]:
    """The form as it was sent, and whether it is kept."""
    try:
        with transaction.atomic():
            stored = locked(page_id)
            edit = SettingsForm(request.POST, request.FILES, page=stored, stored=settings_of(stored.draft))
            return edit, edit.is_valid() and _keep(edit, stored, request)
    except IntegrityError:  # somebody took the address at the same moment
        edit.add_error("slug", "Another page is there.")
        return edit, False


def _keep(edit: SettingsForm, page: LandingPage, request: HttpRequest) -> bool:
    values, file = dict(edit.cleaned_data), edit.cleaned_data.get("social_image_file")
    if file:
        try:
            made = take_image(file=file, name=str(file.name), alt="", by=person(request))
        except ImageRefused as error:
            edit.add_error("social_image_file", error.message)
            return False
        values["social_image"] = made.pk
    keep_settings(page, values, person(request))
    return True


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


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def live(request: HttpRequest, page_id: int) -> HttpResponse:
    """Says what is wrong and what changes, and goes live with what was read."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            version = go_live(
                page_id=page_id,
                seen=request.POST.get("seen", ""),
                note=request.POST.get("note", ""),
                by=person(request),
                expected=per_cent(request.POST.get("expected", ""), EXPECTED, most=90),
                difference=per_cent(request.POST.get("difference", ""), DIFFERENCE, most=500),
            )
        except DomainError as error:
            problem, status = error.message, error.status
        else:
            messages.success(request, f"It is live, as version {version.number}.")
            return redirect(builder_url(page_id))
    page = page_or_404(page_id)
    findings = findings_of(page)
    context = head_of(page, "builder") | {
        "findings": findings,
        "stops": any(one.stops for one in findings),
        "differences": differences(page.version.definition, page.draft) if page.version else [],
        "seen": fingerprint(page.draft),
        "problem": problem,
        **_about_test(page),
    }
    return render(request, "forms_intake/landing/live.html", context, status=status)


def _about_test(page: LandingPage) -> dict[str, Any]:
    """What going live means for tests, planned from the conversion of the last days where there is one."""
    several, running = len(variants_of(page.draft)), running_test(page)
    ends = running is not None and restarts(page)
    if several < 2 or (running and not ends):
        return {"ends_test": running.number if running and ends else 0}
    days = days_of(page)
    rate = 100 * days.counted / days.visited if days.visited >= LEAST_VISITORS and days.counted else EXPECTED
    return {
        "begins_test": True,
        "ends_test": running.number if running else 0,
        "several": several,
        "expected": round(min(90.0, rate), 1),
        "difference": DIFFERENCE,
        "planned": planned(min(90.0, rate) / 100, DIFFERENCE / 100),
    }


def per_cent(said: str, otherwise: float, *, most: float) -> float:
    """What was typed as per cent, within reason."""
    try:
        number = float(said)
    except ValueError:
        return otherwise
    return min(max(number, 0.1), most) if math.isfinite(number) else otherwise


@marketers
@require_POST
def duplicating(request: HttpRequest, page_id: int) -> HttpResponse:
    twin = duplicate(page_id=page_id, by=person(request))
    messages.success(request, f"This is the copy, {twin.title}: a draft, at an address of its own.")
    return redirect(builder_url(twin.pk))


@marketers
@require_safe
def versions(request: HttpRequest, page_id: int) -> HttpResponse:
    """What the page said, version by version, and how any two differ (`from`, `to`: numbers, 0 is the draft)."""
    page = page_or_404(page_id)
    known = list(page.versions.select_related("created_by").order_by("-number")[:MOST_VERSIONS])
    numbers = {one.number: one for one in known}
    latest = known[0].number if known else 0
    begins, ends = _number(request, "from", page.version.number if page.version else latest), _number(request, "to", 0)
    begins, ends = (begins if begins in numbers else latest), (ends if ends in numbers else 0)
    definitions = {0: page.draft} | {number: one.definition for number, one in numbers.items()}
    context = head_of(page, "versions") | {
        "versions": known,
        "from_number": begins,
        "to_number": ends,
        "choices": [(0, "The draft"), *((one.number, f"Version {one.number}") for one in known)],
        "differences": differences(definitions[begins], definitions[ends]) if known else [],
        "seen": fingerprint(page.draft),
    }
    return render(request, "forms_intake/landing/versions.html", context)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else otherwise


@marketers
@require_POST
def restoring(request: HttpRequest, page_id: int, number: int) -> HttpResponse:
    """Make an older version the draft, unless somebody changed the draft since the page was read."""
    try:
        restore(page_id=page_id, number=number, seen=request.POST.get("seen", ""), by=person(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("forms_intake:page_versions", page_id)
    messages.success(request, f"The draft says what version {number} said. Go live with it when it is right.")
    return redirect(builder_url(page_id))
