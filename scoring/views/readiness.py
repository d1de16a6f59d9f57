"""When leads of a process are sales ready by their scores, as an administrator says it over models."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from contacts.views.editing import person
from leadcrm.lib.seen_form import SeenForm
from leads.access import may_configure
from leads.models import Process, ReadinessPolicy
from leads.services.processes import locked_process, note_edited
from scoring.errors import InvalidExpression
from scoring.models import ScoringModel
from scoring.readiness_expression import check, in_words, set_readiness
from scoring.readiness_text import parse, to_text


class ReadinessForm(SeenForm):
    """The policy, and the expression in words: typed as it is read."""

    readiness_policy = forms.ChoiceField(
        widget=forms.RadioSelect, label="Sales ready by score when", choices=ReadinessPolicy.choices
    )
    expression = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Names of models with and, or, not and parentheses. Names with such words in them stand in quotes.",
    )

    def __init__(self, data: Any = None, *, process: Process, names: dict[int, str]) -> None:
        self.names, self.tree = names, None
        said = process.readiness_expression
        text = to_text(said, names) if said else ""
        super().__init__(data, initial={"readiness_policy": process.readiness_policy, "expression": text})
        self.remember()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        text = found.get("expression", "").strip()
        by_expression = found.get("readiness_policy") == ReadinessPolicy.EXPRESSION
        if by_expression and not text:
            self.add_error("expression", "Say over which models.")
        elif text:
            try:
                self.tree = parse(text, self.names)
                check(self.tree, set(self.names))
            except InvalidExpression as error:
                self.add_error("expression", error.message)
        return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def readiness(request: HttpRequest, process_id: int) -> HttpResponse:
    """The policy and the expression of a process. Who saves second is told what changed, and keeps what they typed."""
    user = person(request)
    if not may_configure(user):
        raise PermissionDenied
    process = get_object_or_404(Process, pk=process_id)
    names = dict(ScoringModel.objects.order_by("name").values_list("pk", "name"))
    changes: list[tuple[str, str, str]] = []
    form = ReadinessForm(process=process, names=names)
    if request.method == "POST":
        with transaction.atomic():
            process = locked_process(process_id)
            form = ReadinessForm(request.POST, process=process, names=names)
            changes = form.changes_meanwhile()
            if not changes and form.is_valid():
                set_readiness(process_id, policy=form.cleaned_data["readiness_policy"], expression=form.tree)
                note_edited(process, by=user)
                messages.success(request, "Saved. Leads that are scored are looked at again.")
                return redirect("leads:process", process_id)
        if changes:
            form = ReadinessForm(form.rebased_data(), process=process, names=names)
    said = process.readiness_expression
    context = {
        "process": process,
        "form": form,
        "changes": changes,
        "models": ScoringModel.objects.filter(pk__in=names).order_by("name"),
        "in_words": in_words(said, names) if said else "",
    }
    status = 409 if changes else 422 if form.is_bound else 200
    return render(request, "scoring/readiness.html", context, status=status)
