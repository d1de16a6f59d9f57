"""The list of forms: how each stands, and how much came in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import Count as Number
from django.db.models import IntegerField, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from forms_intake.anywhere.visits import Seen, seen_lately
from forms_intake.models import FedBy, FormState, IntakeForm, Submission, SubmissionState
from leadcrm.lib.facts import COUNTED, Count

MOST_FORMS = 200
ORDER = (FormState.LIVE, FormState.DRAFT, FormState.CLOSED)


class Capped(Subquery):
    """How many rows a sliced query has: counting ends where the slice does."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@login_required
@permission_required("forms_intake.view_intakeform", raise_exception=True)
@require_GET
def form_list(request: HttpRequest) -> HttpResponse:
    """Forms with what each received, live ones first; by state, and by a part of the name."""
    state, said = request.GET.get("state", ""), request.GET.get("q", "").replace("\x00", "").strip()[:100]
    state = state if state in FormState.values else ""
    of_form = Submission.objects.filter(form=OuterRef("pk")).order_by().values("pk")
    newest = Submission.objects.filter(form=OuterRef("pk")).order_by("-received_at", "-pk").values("received_at")
    forms = IntakeForm.objects.filter(fed_by=FedBy.VISITORS)
    forms = forms.select_related("marketing_context__campaign", "lead_owner", "version")
    if state:
        forms = forms.filter(state=state)
    if said:
        forms = forms.filter(name__icontains=said)
    found = forms.annotate(
        asked=Number("fields", distinct=True),
        on_pages=Number("page_uses", filter=Q(page_uses__shown=True, page_uses__page__archived_at=None), distinct=True),
        received=Capped(of_form[: COUNTED + 1]),
        failed=Capped(of_form.filter(state=SubmissionState.FAILED)[: COUNTED + 1]),
        spam=Capped(of_form.filter(state=SubmissionState.SPAM)[: COUNTED + 1]),
        latest=Subquery(newest[:1]),
    ).order_by("name", "pk")[:MOST_FORMS]
    seen = seen_lately([form.pk for form in found])
    rows = sorted(
        (_row(form, seen.get(form.pk, Seen())) for form in found),
        key=lambda row: ORDER.index(FormState(row["form"].state)),
    )
    context = {"forms": rows, "state": state, "states": FormState.choices, "said": said, "most": MOST_FORMS}
    return render(request, "forms_intake/form_list.html", context)


def _row(form: Any, seen: Seen) -> dict[str, Any]:
    return {
        "form": form,
        "seen": seen,
        "received": Count(min(form.received, COUNTED), form.received > COUNTED),
        "failed": Count(min(form.failed, COUNTED), form.failed > COUNTED),
        "spam": Count(min(form.spam, COUNTED), form.spam > COUNTED),
    }
