"""Building a form: its fields in order with a preview, what it does, going live, and its versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from contacts.models import ConsentLevel
from contacts.views.editing import person
from forms_intake import validation
from forms_intake.asking import Known
from forms_intake.building.changes import differences
from forms_intake.building.checks import Finding, findings_of
from forms_intake.building.definition import fingerprint, freeze
from forms_intake.building.editing import locked, make_form, touch
from forms_intake.building.lifecycle import close, go_live, restore
from forms_intake.building.settings_form import NewForm, SettingsForm
from forms_intake.building.starters import BY_KEY, READY_MADE, STARTERS
from forms_intake.landing.markup import marked
from forms_intake.looks.fields import when_words
from forms_intake.looks.form import form_view
from forms_intake.models import Ask, FedBy, FieldType, FormField, IntakeForm, LandingPage, PageState, Submission
from forms_intake.posts import RESERVED
from forms_intake.spec.reading import draft_spec
from forms_intake.spec.shape import FieldSpec, FormSpec
from leadcrm.lib.errors import DomainError
from leadcrm.lib.facts import COUNTED, Count
from leadcrm.lib.pages import render_page

COPY = "copy-"
MOST_VERSIONS = 50


def marketers(view: Any) -> Any:
    """Pages of who builds forms; everybody else is refused."""
    return login_required(permission_required("forms_intake.change_intakeform", raise_exception=True)(view))


def form_or_404(form_id: int) -> IntakeForm:
    related = (
        "version__created_by",
        "edited_by",
        "marketing_context",
        "lead_owner",
        "contact_strategy",
        "lead_strategy",
    )
    return get_object_or_404(IntakeForm.objects.select_related(*related), pk=form_id, fed_by=FedBy.VISITORS)


def builder_url(form_id: int, field_id: int = 0) -> str:
    """The draft's page, at one of its fields."""
    return reverse("forms_intake:builder", args=[form_id]) + (f"#field-{field_id}" if field_id else "")


def head_of(form: IntakeForm, here: str) -> dict[str, Any]:
    """What every page of one form begins with."""
    return {"form": form, "here": here, "edited": _is_edited(form)}


def _is_edited(form: IntakeForm) -> bool:
    return form.version is not None and form.version.definition != freeze(form)


def draw(request: HttpRequest, form_id: int, *, saved: int = 0) -> HttpResponse:
    """The page, or for htmx the draft alone; `saved` is the field that was just written."""
    form = form_or_404(form_id)
    spec = draft_spec(form_id)
    findings = findings_of(form)
    rows = list(form.fields.order_by("position", "pk"))
    context = head_of(form, "builder") | {
        "lines": _lines(rows, spec, findings),
        "findings": findings,
        "view": form_view(spec, preview=True),
        "types": [(value, label) for value, label in FieldType.choices],
        "ready_made": _not_there_yet(rows),
        "saved": saved,
        "seen": fingerprint(freeze(form)),
    }
    return render_page(request, "forms_intake/builder/builder.html", context, part="draft")


def _lines(rows: list[FormField], spec: FormSpec, findings: list[Finding]) -> list[dict[str, Any]]:
    labels = {row.key: row.label for row in rows}
    return [
        {
            "field": row,
            "place": place,
            "fills": fills_words(one),
            "when": when_words(one.shown, labels) if one.shown else "",
            "asked": row.get_ask_display() if row.ask != Ask.ALWAYS else "",
            "findings": [finding for finding in findings if finding.field_id == row.pk],
        }
        for place, (row, one) in enumerate(zip(rows, spec.fields, strict=True))
    ]


def fills_words(field: FieldSpec) -> str:
    """What a field fills, in words; "" for nothing."""
    if field.type == FieldType.CONSENT and field.purpose:
        return f"Consent: {field.purpose}"
    if field.type == FieldType.CONSENT and field.consent_level:
        return f"Consent: {ConsentLevel(field.consent_level).label}"
    if field.target is None:
        return ""
    name = field.custom.label if field.custom else field.target.name.replace("_", " ")
    return f"{field.target.record.capitalize()}: {name}"


def _not_there_yet(rows: list[FormField]) -> list[tuple[str, str]]:
    """What can be added with one click, and would fill nothing twice."""
    filled, keys = {row.fills for row in rows if row.fills}, {row.key for row in rows}
    return [
        (name, label)
        for name, (label, fields) in READY_MADE.items()
        if any(one["key"] not in keys and one.get("fills", "") not in filled for one in fields)
    ]


@marketers
@require_safe
def builder(request: HttpRequest, form_id: int) -> HttpResponse:
    return draw(request, form_id)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new draft: from a starter, or a copy of another form."""
    others = IntakeForm.objects.filter(fed_by=FedBy.VISITORS).order_by("name").only("pk", "name")[:200]
    choices = [(one.key, one.label) for one in STARTERS] + [
        (f"{COPY}{one.pk}", f"A copy of {one.name}") for one in others
    ]
    begin = request.GET.get("begin") or STARTERS[0].key
    form = NewForm(request.POST if request.method == "POST" else None, choices=choices, initial={"begin": begin})
    if request.method == "POST" and form.is_valid():
        begin, like = form.cleaned_data["begin"], None
        if begin.startswith(COPY):
            other = form_or_404(int(begin.removeprefix(COPY)))
            definition, like = freeze(other), other.marketing_context
        else:
            definition = BY_KEY[begin].definition
        made = make_form(name=form.cleaned_data["name"], definition=definition, by=person(request), like=like)
        messages.success(request, f"{made.name} is made, as a draft. Nobody can post to it until it goes live.")
        return redirect(builder_url(made.pk))
    words = {one.key: one.words for one in STARTERS}
    context = {"form": form, "begins": [(radio, words.get(str(radio.data["value"]), "")) for radio in form["begin"]]}
    return render(request, "forms_intake/builder/new.html", context, status=422 if form.is_bound else 200)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest, form_id: int) -> HttpResponse:
    """What a form does beside asking. Whoever saves second is told who changed what, and keeps what they typed."""
    if request.method == "POST":
        with transaction.atomic():
            stored = locked(form_id)
            edit = SettingsForm(request.POST, instance=stored)
            if edit.is_valid():
                touch(edit.save(), person(request))
                messages.success(request, "Saved.")
                return redirect(builder_url(form_id))
    else:
        edit = SettingsForm(instance=form_or_404(form_id))
    form = form_or_404(form_id)
    context = head_of(form, "settings") | {"edit": edit}
    return render(request, "forms_intake/builder/settings.html", context, status=422 if edit.is_bound else 200)


@csrf_exempt
@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: HttpRequest, form_id: int) -> HttpResponse:
    """The draft as visitors would see it, to be tried: a post is checked, and says what would be kept. Writes nothing.

    `known`: as somebody whom a link identifies and of whom we know the name and e-mail.
    """
    form, spec = form_or_404(form_id), draft_spec(form_id)
    known = None
    if request.GET.get("known"):
        usual = {"contact.email", "contact.first_name", "contact.last_name"}
        fields = [one for one in spec.fields if one.target and f"{one.target.record}.{one.target.name}" in usual]
        identity = {one.key: "nina@example.com" for one in fields if one.target and one.target.name == "email"}
        known = Known(0, frozenset(one.key for one in fields), identity)
    checked, typed = None, None
    if request.method == "POST":
        posted = {key: [str(text) for text in texts] for key, texts in request.POST.lists()}
        checked = validation.check(spec, posted, reserved=RESERVED, known=known)
        typed = validation.typed(posted, spec)
    view = form_view(spec, typed=typed, errors=checked.errors if checked else None, known=known, preview=True)
    by_key = {one.key: one for one in spec.fields}
    kept = checked.values.items() if checked else ()
    context = head_of(form, "preview") | {
        "view": view,
        "thanks": marked(spec.thank_you),
        "trying": True,
        "known": bool(known),
        "checked": checked,
        "kept": [(by_key[key].label, _in_words(value), fills_words(by_key[key])) for key, value in kept],
        "intro": [part for part in spec.intro.replace("\r\n", "\n").split("\n\n") if part.strip()],
    }
    return render(request, "forms_intake/builder/preview.html", context)


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def live(request: HttpRequest, form_id: int) -> HttpResponse:
    """Says what is wrong and what changes, and goes live with what was read."""
    problem, status = "", 200
    if request.method == "POST":
        try:
            version = go_live(
                form_id=form_id,
                seen=request.POST.get("seen", ""),
                note=request.POST.get("note", ""),
                by=person(request),
            )
        except DomainError as error:
            problem, status = error.message, error.status
        else:
            messages.success(request, f"It is live, as version {version.number}.")
            return redirect("forms_intake:share", form_id)
    form = form_or_404(form_id)
    findings, definition = findings_of(form), freeze(form)
    context = head_of(form, "builder") | {
        "findings": findings,
        "stops": any(one.stops for one in findings),
        "differences": differences(form.version.definition, definition) if form.version else [],
        "seen": fingerprint(definition),
        "problem": problem,
    }
    return render(request, "forms_intake/builder/live.html", context, status=status)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest, form_id: int) -> HttpResponse:
    """Asks, then closes: visitors read the closed message, and posts are refused with 410."""
    form = form_or_404(form_id)
    if request.method == "POST":
        close(form_id=form_id)
        messages.success(request, f"{form.name} is closed. What was posted stays.")
        return redirect(builder_url(form_id))
    shown = LandingPage.objects.filter(uses__form=form, uses__shown=True, state=PageState.LIVE, archived_at=None)
    context = head_of(form, "builder") | {"pages": shown.order_by("title")}
    return render(request, "forms_intake/builder/close.html", context)


@marketers
@require_safe
def versions(request: HttpRequest, form_id: int) -> HttpResponse:
    """What the form said, version by version, and how any two differ (`from`, `to`: numbers, 0 is the draft)."""
    form = form_or_404(form_id)
    known = list(form.versions.select_related("created_by").order_by("-number")[:MOST_VERSIONS])
    numbers = {one.number: one for one in known}
    draft = freeze(form)
    latest = known[0].number if known else 0
    begin, end = _number(request, "from", form.version.number if form.version else latest), _number(request, "to", 0)
    begin, end = (begin if begin in numbers else latest), (end if end in numbers else 0)
    definitions = {0: draft} | {number: one.definition for number, one in numbers.items()}
    context = head_of(form, "versions") | {
        "versions": [(one, _posted(form, one.pk)) for one in known],
        "from_number": begin,
        "to_number": end,
        "choices": [(0, "The draft"), *((one.number, f"Version {one.number}") for one in known)],
        "differences": differences(definitions[begin], definitions[end]) if known else [],
        "seen": fingerprint(draft),
    }
    return render(request, "forms_intake/builder/versions.html", context)


def _posted(form: IntakeForm, version_id: int) -> Count:
    found = Submission.objects.filter(form=form, version=version_id).order_by("-pk").values("pk")[: COUNTED + 1].count()
    return Count(min(found, COUNTED), found > COUNTED)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else otherwise


@marketers
@require_POST
def restoring(request: HttpRequest, form_id: int, number: int) -> HttpResponse:
    """Make an older version the draft, unless somebody changed the draft since the page was read."""
    try:
        restore(form_id=form_id, number=number, seen=request.POST.get("seen", ""), by=person(request))
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("forms_intake:versions", form_id)
    messages.success(request, f"The draft says what version {number} said. Go live with it when it is right.")
    return redirect(builder_url(form_id))
