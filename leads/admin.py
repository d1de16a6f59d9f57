"""Leads' surroundings in Django's admin: processes, ways to match, history."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Field, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

import leads.assignment_admin
import leads.attachments.admin
import leads.bulk_admin
import leads.code_list_admin
import leads.opportunities.admin
import leads.permissions
import leads.work_admin  # noqa: F401
from contacts.admin.facts import contact_ids_found_by
from contacts.admin.record_form import RecordForm
from contacts.admin.records import Deleted, RecordAdmin
from contacts.models import Entity
from leadcrm.lib.admin import LookOnly, QuickAdmin
from leadcrm.lib.edited_together import EditedTogether
from leads import match_keys
from leads.errors import LeadIsClosed
from leads.models import (
    Call,
    CallClaim,
    CallLater,
    CampaignProcess,
    Lead,
    LeadEvent,
    LeadMatchingStrategy,
    LeadMatchKey,
    Process,
    ProcessSweep,
    ReadinessPolicy,
    StageChange,
    Status,
)
from leads.services import records
from leads.services.deleting import delete_leads, restore_lead


class WaitingForSales(admin.SimpleListFilter):
    """Sales ready, open and not yet accepted: few rows, with an index of their own."""

    title = "sales"
    parameter_name = "sales"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waiting for sales")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        waiting = {"status": Status.OPEN, "sales_ready": True, "accepted_at": None, "deleted_at": None}
        return queryset.filter(**waiting) if self.value() else queryset


class LeadForm(RecordForm):
    """`contact` is chosen once."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if not self.instance.pk and "process" in self.fields:
            self.fields["process"].required = False


LEAD_NUMBER = "The number of a lead."


class OneDefault(EditedTogether):
    """There is always one default: another takes its place, none leaves it."""

    def clean_is_default(self) -> bool:
        wanted: bool = self.cleaned_data["is_default"]
        if self.initial.get("is_default") and not wanted:
            raise ValidationError("Make another one the default instead.")
        if wanted and getattr(self.instance, "retired_at", None):
            raise ValidationError("It is retired; bring it back first.")
        return wanted


class WithDefault(QuickAdmin):
    """Small tables of which one row is the default."""

    form = OneDefault

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj.is_default:
            type(obj)._default_manager.filter(is_default=True).exclude(pk=obj.pk).update(is_default=False)
        super().save_model(request, obj, form, change)


class ProcessForm(OneDefault):
    def clean_readiness_policy(self) -> str:
        """An expression over models is written where models are known, and first."""
        policy: str = self.cleaned_data["readiness_policy"]
        if policy == ReadinessPolicy.EXPRESSION and not self.instance.readiness_expression:
            where = (
                "Readiness of processes" if self.instance.pk else "Readiness of processes, once the process is saved"
            )
            raise ValidationError(f"There is no expression yet: write it under “{where}”, which chooses this as well.")
        return policy


class CampaignInline(admin.TabularInline):
    model = CampaignProcess
    extra = 0
    verbose_name = "campaign"
    verbose_name_plural = "Campaigns whose new leads begin in this process"


@admin.register(Process)
class ProcessAdmin(WithDefault):
    form = ProcessForm
    inlines = (CampaignInline,)
    list_display = ("name", "is_default", "readiness_policy", "first_score_moves", "score_makes_ready")
    ordering = ("name",)
    fields = (
        ("name", "is_default"),
        "readiness_policy",
        ("first_score_moves", "score_makes_ready"),
        ("teleprospecting_ready_moves", "teleprospecting_accepted_moves"),
        "links_contacts",
    )

    def formfield_for_choice_field(self, db_field: Field, request: HttpRequest, **more: Any) -> Any:
        """An expression over models is written where models are known."""
        if db_field.name == "readiness_policy":
            more["help_text"] = "An expression is written under “Readiness of processes”."
        return super().formfield_for_choice_field(db_field, request, **more)


class LeadStrategyForm(OneDefault):
    attributes = forms.MultipleChoiceField(
        choices=[(name, name.replace("_", " ").capitalize()) for name in match_keys.ATTRIBUTES],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="All that are ticked must be the same; none: always a new lead.",
    )

    def clean_attributes(self) -> list[str]:
        ticked: list[str] = self.cleaned_data["attributes"]
        if ticked and "contact" not in ticked:
            raise ValidationError("Tick contact too: a lead belongs to somebody.")
        return list(match_keys.kind_of(ticked))


@admin.register(LeadMatchingStrategy)
class LeadMatchingStrategyAdmin(WithDefault):
    """The attributes stay as they were made: open leads own keys made of them."""

    form = LeadStrategyForm
    list_display = ("name", "attributes", "is_default", "backfilled_at")
    ordering = ("name",)
    fields = ("name", "attributes", "is_default")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("attributes",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self.message_user(request, "Open leads get its keys in the background.")


@admin.register(Lead)
class LeadAdmin(RecordAdmin):
    """Stage, status, score and sales ready follow from what happens to a lead, on its page; here they are shown."""

    entity = Entity.LEAD
    create, update = records.create_lead, records.update_lead
    delete, restore = delete_leads, restore_lead
    form = LeadForm
    list_display = ("topic", "contact", "stage", "status", "sales_ready", "score", "grade", "owner", "created_at")
    list_filter = (Deleted, WaitingForSales)
    list_select_related = ("contact", "owner")
    ordering = ("-id",)
    sortable_by = ()
    exact = ("external_id",)
    search_help_text = "Parts of the contact's name or e-mail address, the external id, or the lead's number."
    readonly_fields = (
        *("status", "stage", "stage_entered_at", "sales_ready", "sales_ready_at", "accepted_by", "accepted_at"),
        *("respond_by", "responded_at"),
        *("score", "grade", "scored_at", "status_reason", "closed_at", "close_reason"),
        *("related_lead", "marketing_context", "recycled_count", "recycled_at", "recycle_reason"),
        *("created_at", "updated_at", "deleted_at", "deleted_by"),
    )
    fieldsets = (
        (None, {"fields": ("topic", ("contact", "account"), ("product", "campaign"), "owner", "seen_version")}),
        (
            "Whom it is about",
            {"fields": (("person_first_name", "person_last_name"), ("person_email", "person_phone"))},
        ),
        ("Facts", {"fields": ("description", ("rating", "priority"), ("team", "territory"), "process", "external_id")}),
        (
            "Where it stands",
            {
                "fields": (
                    ("status", "stage", "stage_entered_at"),
                    ("score", "grade", "scored_at"),
                    ("sales_ready", "sales_ready_at"),
                    ("accepted_by", "accepted_at"),
                    ("respond_by", "responded_at"),
                    ("status_reason", "closed_at", "close_reason"),
                    ("recycled_count", "recycled_at", "recycle_reason"),
                ),
            },
        ),
        (
            "History",
            {
                "fields": (
                    ("marketing_context", "related_lead"),
                    ("created_at", "updated_at"),
                    ("deleted_at", "deleted_by"),
                ),
                "classes": ("collapse",),
            },
        ),
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is closed is only looked at; it is opened again on its own page."""
        return (obj is None or obj.is_open) and super().has_change_permission(request, obj)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **more: Any) -> Any:
        lead = context.get("original")
        if lead is not None and not lead.is_open and request.method == "GET":
            page = reverse("leads:detail", args=[lead.pk])
            said = format_html('{} <a href="{}">Its page</a>', LeadIsClosed(lead.pk).message, page)
            self.message_user(request, said, messages.WARNING)
        return super().render_change_form(request, context, *args, **more)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        shown = super().get_fieldsets(request, obj)
        return shown if obj else [each for each in shown if each[0] not in {"Where it stands", "History"}]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.readonly_fields, "contact") if obj else self.readonly_fields

    def found_by(self, term: str) -> Q:
        return super().found_by(term) | Q(contact_id__in=contact_ids_found_by(term))


@admin.register(LeadMatchKey)
class LeadMatchKeyAdmin(LookOnly):
    list_display = ("kind", "value", "lead")
    list_select_related = ("lead",)
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(StageChange)
class StageChangeAdmin(LookOnly):
    list_display = ("lead", "from_stage", "to_stage", "cause", "actor", "moved_at")
    list_select_related = ("lead", "actor")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(LeadEvent)
class LeadEventAdmin(LookOnly):
    list_display = ("lead", "kind", "detail", "actor", "happened_at")
    list_select_related = ("lead", "actor")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(CallClaim)
class CallClaimAdmin(LookOnly):
    list_display = ("lead", "person", "claimed_at", "until")
    list_select_related = ("lead", "person")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(ProcessSweep)
class ProcessSweepAdmin(LookOnly):
    list_display = ("process", "stages", "next_id", "asked_at")
    list_select_related = ("process",)
    ordering = ("id",)


@admin.register(CallLater)
class CallLaterAdmin(LookOnly):
    list_display = ("lead", "why", "person", "due_at", "reason")
    list_select_related = ("lead", "person")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER


@admin.register(Call)
class CallAdmin(LookOnly):
    list_display = ("lead", "outcome", "person", "came_in", "passed_on", "happened_at", "undone_at")
    list_select_related = ("lead", "person")
    numbers = ("lead_id",)
    search_help_text = LEAD_NUMBER
