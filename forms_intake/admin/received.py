"""What came in: submissions, import runs, keys of posts. To look at; a failed submission can be tried again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from contacts.models import User
from forms_intake.models import Submission, SubmissionKey, SubmissionState
from forms_intake.services.submissions import retry
from leadcrm.lib.admin import LookOnly, as_json, fits_at_once, shortened


class Unfinished(admin.SimpleListFilter):
    """The two states that have an index of their own."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, state.label) for state in (SubmissionState.PENDING, SubmissionState.FAILED)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(state=self.value()) if self.value() else queryset


@admin.register(Submission)
class SubmissionAdmin(LookOnly):
    list_display = ("public_id", "form", "state", "why", "contact", "lead", "received_at")
    list_filter = (Unfinished, "form")
    list_select_related = ("form", "contact", "lead")
    exact = ("public_id",)
    search_help_text = "The id the poster was told."
    actions = ("process_again",)
    readonly_fields = (
        "public_id",
        "on_its_page",
        "state",
        "error",
        "attempts",
        "form",
        "page",
        "payload_shown",
        "dropped",
        "origin_shown",
        "decision_shown",
        "contact",
        "lead",
        "interaction",
        "run_anew",
        "received_at",
        "processed_at",
        "deleted_at",
        "emptied_at",
    )
    fields = readonly_fields
    payload_shown, origin_shown, decision_shown = as_json("payload"), as_json("origin"), as_json("decision")

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("forms_intake.change_submission")

    @admin.action(description="Process again", permissions=["retry"])
    def process_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        assert isinstance(request.user, User)
        ids = fits_at_once(self, request, queryset)
        waiting = retry(ids, by=request.user) if ids else []
        self.message_user(request, f"{len(waiting)} wait to be processed again.")

    @admin.display(description="edit and retry")
    def on_its_page(self, submission: Submission) -> str:
        address = reverse("forms_intake:submission", args=[submission.pk])
        return format_html('<a href="{}">Open its page</a>', address)

    @admin.display(description="reason")
    def why(self, submission: Submission) -> str:
        return shortened(submission.error)

    def found_by(self, term: str) -> Q:
        try:
            return Q(public_id=UUID(term))
        except ValueError:
            return Q(pk__in=[])


@admin.register(SubmissionKey)
class SubmissionKeyAdmin(LookOnly):
    list_display = ("public_id", "expires_at")
    list_display_links = None
    ordering = ("-expires_at",)
    fields = ("public_id", "expires_at")
