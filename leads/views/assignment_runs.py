"""The rules asked again on demand: whom about, what would change, and how far it is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from contacts.models import User
from contacts.views.editing import person
from leadcrm.lib.pages import render_page
from leads.assignment import runs
from leads.models import AssignmentRun
from leads.views.assignment import keeps_rules


class ScopeForm(forms.Form):
    """Which leads."""

    whose = forms.ChoiceField(label="Leads of")
    ready = forms.BooleanField(required=False, initial=True, label="Only sales-ready ones")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        people = User.objects.order_by("first_name", "last_name", "username")
        self.fields["whose"] = forms.ChoiceField(
            label="Leads of",
            choices=[
                ("nobody", "Nobody"),
                ("all", "Nobody and anybody, as each rule says"),
                *((str(one.pk), f"{one}, to give to others") for one in people),
            ],
        )

    def scope(self) -> dict[str, Any]:
        whose = self.cleaned_data["whose"]
        return {"whose": int(whose) if whose.isdecimal() else whose, "ready": self.cleaned_data["ready"]}


@keeps_rules
@require_http_methods(["GET", "HEAD", "POST"])
def asking(request: HttpRequest) -> HttpResponse:
    """The form, and the latest preview or run; posting starts a preview."""
    form = ScopeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with transaction.atomic():
            run = runs.start(form.scope(), by=person(request), preview=True)
        return redirect("leads:assignment_run", run.pk)
    latest = AssignmentRun.objects.order_by("-pk").select_related("started_by").first()
    return _page(request, form, latest)


@keeps_rules
@require_http_methods(["GET", "HEAD"])
def one(request: HttpRequest, run_id: int) -> HttpResponse:
    """One preview or run; for htmx only how far it is."""
    run = get_object_or_404(AssignmentRun.objects.select_related("started_by"), pk=run_id)
    whose = run.scope.get("whose", "nobody")
    return _page(request, ScopeForm(initial={"whose": str(whose), "ready": run.scope.get("ready")}), run)


def _page(request: HttpRequest, form: ScopeForm, run: AssignmentRun | None) -> HttpResponse:
    context = {
        "form": form,
        "run": run,
        "result": runs.result_of(run) if run else None,
        "moves": run is not None and run.state in runs.OPEN,
        "whose": form.fields["whose"],
        "scope_words": _words(run) if run else "",
    }
    return render_page(request, "assignment/run.html", context, part="run", status=422 if form.is_bound else 200)


def _words(run: AssignmentRun) -> str:
    whose = run.scope.get("whose")
    ready = "sales-ready " if run.scope.get("ready") else ""
    if isinstance(whose, int):
        return f"Open {ready}leads of {User.objects.filter(pk=whose).first() or 'somebody'}, to give to others"
    return f"Open {ready}leads that nobody has" if whose == "nobody" else f"Open {ready}leads, as each rule says"


@keeps_rules
@require_POST
def do(request: HttpRequest, run_id: int) -> HttpResponse:
    """What the preview showed, in earnest."""
    preview = get_object_or_404(AssignmentRun, pk=run_id, preview=True)
    scope = {name: preview.scope[name] for name in ("whose", "ready") if name in preview.scope}
    with transaction.atomic():
        run = runs.start(scope, by=person(request), preview=False)
    return redirect("leads:assignment_run", run.pk)


@keeps_rules
@require_POST
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    runs.cancel(run_id)
    messages.success(request, "Cancelled. What was done stays.")
    return redirect(reverse("leads:assignment_run", args=[run_id]))
