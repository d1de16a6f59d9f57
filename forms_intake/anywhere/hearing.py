"""Pages for forms of others that are heard: the script, the mapping, and which of their names came to nothing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from contacts.errors import InvalidValues
from contacts.views.editing import person
from forms_intake.anywhere import capturing
from forms_intake.anywhere.crossing import let_read, may_show, note_refusal, preflight
from forms_intake.anywhere.origins import as_sent
from forms_intake.models import FormCapture, FormState, IntakeForm
from forms_intake.spec.remembering import spec_of
from forms_intake.views.builder import form_or_404, head_of, marketers
from leadcrm.lib.errors import DomainError


@require_http_methods(["GET", "HEAD", "OPTIONS"])
def captures(request: HttpRequest, public_id: str) -> HttpResponse:
    """Which forms the script is to hear, and what their names mean; for pages of sites on the form's list."""
    form = spec_of(public_id)
    if form is not None and request.method == "OPTIONS":
        return preflight(request, form)
    origin = as_sent(request.META.get("HTTP_ORIGIN", ""))
    answer: HttpResponse
    if form is None or form.state != FormState.LIVE:
        answer = JsonResponse({"captures": []})
    elif origin and not may_show(request, form, origin):
        note_refusal(request, form, origin)
        answer = JsonResponse({"error": "origin_refused"}, status=403)
    else:
        found = FormCapture.objects.filter(form=form.id)[: capturing.MOST_CAPTURES]
        told = [{"id": one.pk, "selector": one.selector, "names": one.names} for one in found]
        answer = JsonResponse({"captures": told})
    answer["Cache-Control"] = "private, max-age=60"
    return let_read(request, form, answer)


@marketers
@require_http_methods(["GET", "HEAD", "POST"])
def capture_list(request: HttpRequest, form_id: int) -> HttpResponse:
    """The forms of others that this one hears; a POST adds one."""
    typed, errors = {"name": "", "selector": ""}, {}
    if request.method == "POST":
        typed = {name: request.POST.get(name, "")[:300] for name in typed}
        form_or_404(form_id)
        try:
            capturing.make_capture(form_id=form_id, by=person(request), **typed)
        except InvalidValues as problem:
            errors = dict(problem.errors)
        else:
            messages.success(request, "It is heard from now on. Say below which of its names mean what.")
            return redirect("forms_intake:captures_of", form_id)
    return _page(request, form_or_404(form_id), typed, errors)


@marketers
@require_POST
def capture_do(request: HttpRequest, form_id: int, capture_id: int) -> HttpResponse:
    """Map a name (`map` with `key`, empty for none), leave one out (`ignore`, `again`), or hear it no more (`stop`)."""
    capture = get_object_or_404(FormCapture, pk=capture_id, form=form_id)
    try:
        if "stop" in request.POST:
            capturing.forget_capture(capture_id=capture.pk)
            messages.success(request, f"{capture.name} is heard no longer.")
        elif name := request.POST.get("ignore") or request.POST.get("again"):
            capturing.ignore_name(capture_id=capture.pk, name=name, ignored="ignore" in request.POST)
        else:
            name, key = request.POST.get("map", ""), request.POST.get("key", "")
            offered = capturing.map_name(capture_id=capture.pk, name=name, key=key)
            if offered is not None and not offered.is_live:
                words = f"“{offered.field.label}” is not live yet: what is said there counts once the form goes live."
                messages.warning(request, words)
    except InvalidValues as problem:
        messages.error(request, " ".join(problem.errors.values()))
    except DomainError as problem:
        messages.error(request, problem.message)
    return redirect(reverse("forms_intake:captures_of", args=[form_id]) + f"#capture-{capture_id}")


def _page(request: HttpRequest, form: IntakeForm, typed: dict[str, str], errors: dict[str, str]) -> HttpResponse:
    offered = capturing.offered_by(form)
    by_key = {one.field.key: one for one in offered}
    fields = [one.field for one in offered]
    rows: list[dict[str, Any]] = []
    for capture in form.captures.select_related("made_by").prefetch_related("dropped"):
        dropped = list(capture.dropped.all())
        rows.append(
            {
                "capture": capture,
                "mapped": [(name, key, by_key.get(key)) for name, key in sorted(capture.names.items())],
                "dropped": [(one, capturing.likely(one.name, fields)) for one in dropped if not one.ignored],
                "ignored": [one for one in dropped if one.ignored],
            }
        )
    script = request.build_absolute_uri(reverse("forms_intake:capture_script"))
    context = head_of(form, "share") | {
        "rows": rows,
        "offered": offered,
        "code": format_html('<script src="{}" data-form="{}" async></script>', script, form.public_id),
        "typed": typed,
        "errors": errors,
    }
    return render(request, "forms_intake/anywhere/captures.html", context, status=422 if errors else 200)
