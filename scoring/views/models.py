"""Every scoring model at a glance, and making and deleting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from contacts.views.editing import person
from leadcrm.lib.errors import DomainError
from leadcrm.lib.pages import render_page, wants_part
from scoring.definition import draft_spec, freeze, spec_of
from scoring.editing import delete_model, make_model
from scoring.forms import NewModelForm, SwitchesForm
from scoring.insight import Bin, Spread, bins_of, is_quick, spreads
from scoring.models import RescoreRun, ScoringModel, State, Switches
from scoring.starters import BY_KEY, STARTERS
from scoring.switches import turn

COPY = "copy-"


def marketers(view: Any) -> Any:
    """Pages of who writes models; everybody else is refused."""
    return login_required(permission_required("scoring.change_scoringmodel", raise_exception=True)(view))


def model_or_404(model_id: int) -> ScoringModel:
    models = ScoringModel.objects.select_related("version__created_by", "edited_by", "owner")
    return get_object_or_404(models.prefetch_related("grades", "groups", "rules__group"), pk=model_id)


@dataclass(frozen=True)
class Row:
    """A model in the list; what its scores say is of the version that is live."""

    model: ScoringModel
    threshold: int
    spread: Spread
    bins: list[Bin]
    edited: bool
    running: bool

    @property
    def counts(self) -> list[tuple[int, bool]]:
        """For the small drawing: how many leads a bin has, and whether they are ready."""
        return [(one.count, one.ready) for one in self.bins]

    @property
    def said(self) -> str:
        """What the drawing shows, in words."""
        return f"Scores from {self.bins[0].low} to {self.bins[-1].high}, ready at {self.threshold}" if self.bins else ""

    @property
    def ready(self) -> int:
        return self.spread.ready(self.threshold)


@marketers
@require_safe
def model_list(request: HttpRequest) -> HttpResponse:
    """Live ones first; as many queries whatever their number. What takes a moment to count comes after the page."""
    models = ScoringModel.objects.select_related("version__created_by", "edited_by").prefetch_related(
        "grades", "groups", "rules__group"
    )
    running = set(RescoreRun.objects.under_way().values_list("model_id", flat=True))
    counted = wants_part(request) or is_quick()
    known = spreads() if counted else {}
    order = [State.LIVE, State.DRAFT, State.STOPPED]
    rows = [
        _row(model, known.get(model.pk, Spread({}, {}, {})), model.pk in running)
        for model in sorted(models, key=lambda model: (order.index(State(model.state)), model.name))
    ]
    context = {"rows": rows, "counted": counted, "switches": _switches()}
    return render_page(request, "scoring/models/list.html", context, part="table")


def _switches() -> list[tuple[str, bool]]:
    """Each switch in words, and whether it is on."""
    form = SwitchesForm(instance=Switches.now())
    return [(str(field.help_text), bool(field.initial)) for field in form.visible_fields()]


def _row(model: ScoringModel, spread: Spread, running: bool) -> Row:
    live = spec_of(model.version) if model.version is not None else None
    threshold = live.threshold if live else model.threshold
    edited = live is not None and model.state == State.LIVE and draft_spec(model) != live
    return Row(model, threshold, spread, bins_of(spread, threshold), edited, running)


@marketers
@require_http_methods(["GET", "POST"])
def switches(request: HttpRequest) -> HttpResponse:
    """What scores do by themselves. Whoever turns them second is told what was turned meanwhile."""
    changes: list[tuple[str, str, str]] = []
    form = SwitchesForm(instance=Switches.now())
    if request.method == "POST":
        form = SwitchesForm(request.POST, instance=Switches.now())
        changes = form.changes_meanwhile()
        if not changes and form.is_valid():
            turn(**{name: form.cleaned_data[name] for name in SwitchesForm.Meta.fields})
            messages.success(request, "Saved. What was turned on is being made up for.")
            return redirect("scoring:models")
        form = SwitchesForm(form.rebased_data(), instance=Switches.now())
    status = 409 if changes else 200
    return render(request, "scoring/models/switches.html", {"form": form, "changes": changes}, status=status)


@marketers
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new draft: empty, from a starter, or a copy of another model."""
    models = ScoringModel.objects.order_by("name")
    choices = [(starter.key, starter.label) for starter in STARTERS]
    choices += [(f"{COPY}{model.pk}", f"A copy of {model.name}") for model in models]
    wanted = {"begin": request.GET.get("begin") or STARTERS[0].key}
    form = NewModelForm(request.POST if request.method == "POST" else None, choices=choices, initial=wanted)
    if request.method == "POST" and form.is_valid():
        begin = form.cleaned_data["begin"]
        definition = _definition(begin)
        try:
            model = make_model(form.cleaned_data["name"], by=person(request), definition=definition)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{model.name} is made, as a draft. It scores nothing until it goes live.")
            return redirect("scoring:builder", model.pk)
    words = {starter.key: starter.words for starter in STARTERS}
    context = {"form": form, "begins": [(radio, words.get(str(radio.data["value"]), "")) for radio in form["begin"]]}
    return render(request, "scoring/models/new.html", context, status=422 if form.is_bound else 200)


def _definition(begin: str) -> dict[str, Any]:
    if begin.startswith(COPY):
        return freeze(model_or_404(int(begin.removeprefix(COPY))))
    return BY_KEY[begin].definition


@marketers
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, model_id: int) -> HttpResponse:
    """Asks, then deletes a draft that never was live."""
    model = model_or_404(model_id)
    if request.method == "POST":
        delete_model(model.pk)
        messages.success(request, f"{model.name} is deleted.")
        return redirect("scoring:models")
    return render(
        request, "scoring/models/delete.html", {"model": model, "back_url": reverse("scoring:builder", args=[model.pk])}
    )
