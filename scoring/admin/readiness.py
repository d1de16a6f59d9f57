"""What follows from scores: the switches, and when leads of a process are sales ready."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from leadcrm.lib.admin import JsonField, QuickAdmin
from leads.models import ReadinessPolicy
from scoring.errors import InvalidExpression
from scoring.models import ProcessReadiness, ScoringModel, Switches
from scoring.readiness_expression import check, in_words, set_readiness
from scoring.switches import turn


@admin.register(Switches)
class SwitchesAdmin(QuickAdmin):
    list_display = ("__str__", "sales_ready", "qualification", "clean_up")
    ordering = ("id",)
    fields = ("sales_ready", "qualification", "clean_up")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return not Switches.objects.exists() and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Switches | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Switches, form: Any, change: bool) -> None:
        turn(sales_ready=obj.sales_ready, qualification=obj.qualification, clean_up=obj.clean_up)


class ReadinessForm(forms.ModelForm):
    readiness_expression = JsonField(
        required=False, help_text='Such as {"all": [{"model": 1}, {"not": {"model": 2}}]}; for that policy only.'
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("readiness_policy") == ReadinessPolicy.EXPRESSION and "readiness_expression" in found:
            if not found["readiness_expression"]:
                raise ValidationError({"readiness_expression": "This policy needs an expression; there is none yet."})
            try:
                check(found["readiness_expression"], set(ScoringModel.objects.values_list("id", flat=True)))
            except InvalidExpression as error:
                raise ValidationError({"readiness_expression": error.message}) from None
        return found


@admin.register(ProcessReadiness)
class ProcessReadinessAdmin(QuickAdmin):
    """When leads of each process are sales ready; the rest of a process is edited with the process."""

    form = ReadinessForm
    list_display = ("name", "readiness_policy")
    ordering = ("name",)
    fields = ("name", "readiness_policy", "readiness_expression", "in_words", "models")
    readonly_fields = ("name", "in_words", "models")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ProcessReadiness | None = None) -> bool:
        return False

    @admin.display(description="In words")
    def in_words(self, process: ProcessReadiness) -> str:
        try:
            check(process.readiness_expression)
        except InvalidExpression:
            return "Nothing yet."
        return in_words(process.readiness_expression, dict(ScoringModel.objects.values_list("id", "name")))

    @admin.display(description="Models and their numbers")
    def models(self, process: ProcessReadiness) -> str:
        return ", ".join(f"{name} {pk}" for pk, name in ScoringModel.objects.values_list("id", "name")) or "None."

    def save_model(self, request: HttpRequest, obj: ProcessReadiness, form: Any, change: bool) -> None:
        set_readiness(obj.pk, policy=obj.readiness_policy, expression=obj.readiness_expression)
