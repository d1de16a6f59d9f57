"""The list of forms: where each can be reached, how to embed it, and how much came in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.db.models import IntegerField, OuterRef, Prefetch, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_GET

from forms_intake.models import FieldType, FormField, IntakeForm, LandingPage, Submission, SubmissionState
from forms_intake.posts import HONEYPOT
from forms_intake.views.hosted import INPUT_TYPES
from leadcrm.lib.facts import COUNTED, Count

MOST_FORMS = 200


class Capped(Subquery):
    """How many rows a sliced query has: counting ends where the slice does."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


@login_required
@permission_required("forms_intake.view_intakeform", raise_exception=True)
@require_GET
def form_list(request: HttpRequest) -> HttpResponse:
    """All forms, with what each received."""
    of_form = Submission.objects.filter(form=OuterRef("pk")).order_by().values("pk")
    forms = (
        IntakeForm.objects.select_related("marketing_context__campaign", "lead_owner")
        .prefetch_related(
            Prefetch("fields", FormField.objects.order_by("position", "pk")),
            Prefetch("pages", LandingPage.objects.order_by("slug")),
        )
        .annotate(
            received=Capped(of_form[: COUNTED + 1]),
            failed=Capped(of_form.filter(state=SubmissionState.FAILED)[: COUNTED + 1]),
            latest=Subquery(Submission.objects.filter(form=OuterRef("pk")).order_by("-pk").values("received_at")[:1]),
        )
        .order_by("name")[:MOST_FORMS]
    )
    context = {"forms": [_row(request, form) for form in forms]}
    return render(request, "forms_intake/form_list.html", context)


def _row(request: HttpRequest, form: Any) -> dict[str, Any]:
    url = request.build_absolute_uri(reverse("forms_intake:receive", args=[form.public_id]))
    return {
        "form": form,
        "url": url,
        "received": Count(min(form.received, COUNTED), form.received > COUNTED),
        "failed": Count(min(form.failed, COUNTED), form.failed > COUNTED),
        "embed": embed_snippet(form, url),
    }


def embed_snippet(form: IntakeForm, url: str) -> str:
    """A plain HTML form for somebody else's page that posts to this one."""
    fields = [
        {"field": field, "input_type": INPUT_TYPES.get(FieldType(field.type), "text")} for field in form.fields.all()
    ]
    context = {"fields": fields, "url": url, "honeypot": HONEYPOT}
    lines = render_to_string("forms_intake/embed.html", context).splitlines()
    return "\n".join(line for line in lines if line.strip())
