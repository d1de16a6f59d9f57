"""Scoring models with their grades and rules, going live and stopping."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import admin, messages
from django.db.models import ForeignKey, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from contacts.models import User
from leadcrm.lib.admin import QuickAdmin, QuickInline
from leadcrm.lib.errors import DomainError
from leads.condition_field import AdminConditionInput, ConditionField
from leads.conditions import Vocabulary, lead_vocabulary
from scoring.definition import is_edited
from scoring.errors import ModelNotReady
from scoring.lifecycle import go_live, stop
from scoring.model_form import CheckedModel
from scoring.models import Grade, Rule, RuleGroup, ScoringModel, State
from scoring.rule_form import CheckedRule
from scoring.turns import change_models
from scoring.words import in_words, rule_in_words


class GradeInline(admin.TabularInline):
    model = Grade
    extra = 0
    fields = ("axis", "name", "from_score")
    ordering = ("axis", "from_score")
    verbose_name_plural = "Grades: a name for scores from this one up to the next grade"


class GroupInline(admin.TabularInline):
    model = RuleGroup
    extra = 0
    fields = ("name", "category", "cap", "position")
    verbose_name_plural = "Groups: rules of one half of the score, under one cap"


class RuleForm(CheckedRule):
    condition = ConditionField(
        subject="scoring",
        widget=AdminConditionInput("scoring"),
        help_text="On the lead, its contact and account.",
    )


class RuleFormSet(BaseInlineFormSet):
    """Its rules are checked as those of the model that is being edited above them."""

    def _construct_form(self, i: int, **more: Any) -> Any:
        form = super()._construct_form(i, **more)  # type: ignore[misc]
        form.target = self.instance.target
        return form


class RuleInline(QuickInline):
    model = Rule
    form = RuleForm
    formset = RuleFormSet
    readonly_fields = ("in_words",)
    fieldsets = (
        (None, {"fields": (("name", "points", "position", "group"), "in_words")}),
        (
            "When something happened",
            {
                "fields": (
                    ("interaction_type", "subject_contains"),
                    ("counting", "at_least"),
                    ("day_cap", "cap"),
                    ("window_days", "scope"),
                    ("decay", "half_life_days"),
                ),
            },
        ),
        ("When this is so", {"fields": ("condition",)}),
    )

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **more: Any) -> Any:
        if db_field.name == "group":
            match = request.resolver_match
            more["queryset"] = RuleGroup.objects.filter(model=match.kwargs.get("object_id") if match else None)
        return super().formfield_for_foreignkey(db_field, request, **more)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return lead_vocabulary(scoring=True)

    @admin.display(description="In words")
    def in_words(self, rule: Rule) -> str:
        return rule_in_words(rule, self.vocabulary) if rule.pk else "Save it to read it as a sentence."


class ScoringModelForm(CheckedModel):
    audience = ConditionField(
        subject="scoring",
        widget=AdminConditionInput("scoring"),
        help_text="Which open leads get a score; empty: all of them.",
    )


@admin.register(ScoringModel)
class ScoringModelAdmin(QuickAdmin):
    """What is edited is the draft; going live freezes it as a version and scores every lead anew."""

    form = ScoringModelForm
    inlines = (GradeInline, GroupInline, RuleInline)
    list_display = ("name", "state", "live_version", "target", "threshold", "owner")
    list_filter = ("state",)
    list_select_related = ("version", "owner")
    ordering = ("name",)
    sortable_by = ("name", "threshold")
    readonly_fields = ("state", "live_version", "unlike_live", "audience_in_words", "versions")
    actions = ("make_live", "make_stopped")
    fieldsets = (
        (None, {"fields": (("name", "owner"), "description")}),
        ("Live", {"fields": (("state", "live_version"), "unlike_live", "versions")}),
        ("Whom it scores", {"fields": (("target", "minimum_consent"), "audience", "audience_in_words")}),
        ("When a lead is sales ready", {"fields": ("threshold",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [each for each in self.fieldsets if obj or each[0] != "Live"]

    @admin.display(description="live version")
    def live_version(self, model: ScoringModel) -> str:
        return f"{model.version.number}" if model.version and model.state == State.LIVE else "None"

    @admin.display(description="since then")
    def unlike_live(self, model: ScoringModel) -> str:
        if model.version is None:
            return "It has not been live yet."
        if is_edited(model):
            return "It was edited; leads are scored as before until you go live again."
        return "Nothing was edited."

    @admin.display(description="in words")
    def audience_in_words(self, model: ScoringModel) -> str:
        return in_words(model.audience, lead_vocabulary(scoring=True), nothing="Every open lead.")

    @admin.display(description="versions")
    def versions(self, model: ScoringModel) -> str:
        address = reverse("admin:scoring_modelversion_changelist")
        return format_html('<a href="{}?model__id__exact={}">All versions</a>', address, model.pk)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        if {"_go_live", "_stop"} & request.POST.keys():
            change_models()  # before the model is held: passes under way must be able to write its scores
        obj.edited_at, obj.edited_by = timezone.now(), request.user
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: ScoringModel | None = None) -> bool:
        """Only what never was live: scores and their history point to the rest, which can be stopped."""
        never_live = obj is None or (obj.version_id is None and obj.state == State.DRAFT)
        return never_live and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **more: Any) -> HttpResponse:
        context["is_live"] = bool(context.get("original") and context["original"].state == State.LIVE)
        return super().render_change_form(request, context, *args, **more)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        return self._asked_for(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        return self._asked_for(request, obj) or super().response_change(request, obj)

    def _asked_for(self, request: HttpRequest, model: ScoringModel) -> HttpResponse | None:
        if "_go_live" in request.POST:
            self._go_live(request, model)
        elif "_stop" in request.POST:
            self._stop(request, model)
        else:
            return None
        return HttpResponseRedirect(reverse("admin:scoring_scoringmodel_change", args=[model.pk]))

    def _go_live(self, request: HttpRequest, model: ScoringModel) -> None:
        assert isinstance(request.user, User)
        try:
            version = go_live(model, by=request.user)
        except ModelNotReady as error:
            for found in error.findings:
                self.message_user(request, f"{model} cannot go live. {found}", messages.ERROR)
            return
        said = f"{model} is live as version {version.number}; every open lead is being scored with it."
        self.message_user(request, said, messages.SUCCESS)

    def _stop(self, request: HttpRequest, model: ScoringModel) -> None:
        try:
            stop(model)
        except DomainError as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        self.message_user(request, f"{model} is stopped; its scores are being removed.", messages.SUCCESS)

    @admin.action(description="Go live", permissions=["change"])
    def make_live(self, request: HttpRequest, queryset: QuerySet[ScoringModel]) -> None:
        for model in queryset:
            self._go_live(request, model)

    @admin.action(description="Stop", permissions=["change"])
    def make_stopped(self, request: HttpRequest, queryset: QuerySet[ScoringModel]) -> None:
        for model in queryset:
            self._stop(request, model)
