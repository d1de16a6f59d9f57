"""A new page: from a starter, or as a copy of another."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from contacts.views.editing import person
from forms_intake.landing.editing import duplicate, make_page
from forms_intake.landing.settings_form import NewPageForm
from forms_intake.landing.starters import STARTERS, begin
from forms_intake.landing.views.around import builder_url, marketers, page_or_404
from forms_intake.models import LandingPage

COPY = "copy-"
MOST_COPIED = 200


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
@require_POST
def duplicating(request: HttpRequest, page_id: int) -> HttpResponse:
    twin = duplicate(page_id=page_id, by=person(request))
    messages.success(request, f"This is the copy, {twin.title}: a draft, at an address of its own.")
    return redirect(builder_url(twin.pk))
