"""Forms and their fields."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from contacts.models import MarketingContext
from contacts.views.editing import person
from forms_intake.admin.checks import NOBODY, doubts_about, known_by
from forms_intake.admin.contexts import WithContext, keep_context
from forms_intake.building.fillable import what_can_be_filled
from forms_intake.building.lifecycle import as_saved_elsewhere
from forms_intake.models import FieldType, FormField, FormState, FormVersion, IntakeForm, LandingPage, PageState
from leadcrm.lib.admin import FIELDS, LookOnly, QuickAdmin, QuickInline, as_json
from leadcrm.lib.edited_together import EditedTogether

WITH_CHOICES = (FieldType.CHOICE, FieldType.MULTI_CHOICE)


class FormFieldForm(EditedTogether):
    """One field; what its type needs must be there."""

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        type = found.get("type")
        if type in WITH_CHOICES and not found.get("choices"):
            self.add_error("choices", "Give at least one choice.")
        if type == FieldType.CONSENT and found.get("consent_level") is None and not found.get("purpose"):
            self.add_error("consent_level", "Say what ticking it agrees to, or choose a purpose.")
        if type != FieldType.CONSENT and found.get("purpose"):
            self.add_error("purpose", "Only a consent field has one.")
        if type != FieldType.CONSENT and found.get("consent_level") is not None:
            self.add_error("consent_level", "Only a consent field has one.")
        return found


class FieldsTogether(forms.BaseInlineFormSet):
    """No two fields fill one attribute: the second would silently win or lose. A live form knows people by some."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form not in self.deleted_forms]
        filled = Counter(form.cleaned_data.get("fills") for form in kept if hasattr(form, "cleaned_data"))
        for form in kept:
            target = getattr(form, "cleaned_data", {}).get("fills")
            if target and filled[target] > 1:
                form.add_error("fills", "Another field of this form fills it too.")
        if self.instance.state == FormState.LIVE and not known_by(self.instance, filter(None, filled)):
            raise forms.ValidationError(f"{NOBODY} Until then, keep it as a draft.")


class FormFieldInline(QuickInline):
    model = FormField
    form = FormFieldForm
    formset = FieldsTogether
    fieldsets = (
        (None, {"fields": (("label", "key", "type"), ("fills", "required", "update"))}),
        (
            "Further",
            {
                "classes": ("collapse",),
                "fields": (
                    ("placeholder", "default"),
                    ("choices", "consent_level", "purpose"),
                    ("max_length", "position"),
                ),
            },
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **more: Any) -> Any:
        if db_field.name == "fills":
            choices: Any = what_can_be_filled()
            return forms.ChoiceField(choices=choices, required=False, help_text=db_field.help_text)
        return super().formfield_for_dbfield(db_field, request, **more)


class IntakeFormForm(WithContext):
    context_kind = MarketingContext.Kind.FORM


@admin.register(IntakeForm)
class IntakeFormAdmin(QuickAdmin):
    form = IntakeFormForm
    inlines = (FormFieldInline,)
    formfield_overrides = FIELDS
    list_display = ("name", "state", "campaign", "product", "created_at")
    list_filter = ("state",)
    list_select_related = ("marketing_context__campaign", "marketing_context__product")
    ordering = ("name",)
    sortable_by = ("name", "created_at")
    readonly_fields = ("address", "shown_on")
    fieldsets = (
        (None, {"fields": (("name", "state"), ("campaign", "product"))}),
        ("Where it is", {"fields": ("address", "shown_on")}),
        ("What a post makes", {"fields": (("creates", "topic"), ("lead_owner", "after_closed"))}),
        ("How posts are matched", {"fields": (("contact_strategy", "lead_strategy"),)}),
        ("Afterwards", {"fields": ("double_opt_in", "thank_you", "redirect_url")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        return [each for each in super().get_fieldsets(request, obj) if obj or each[0] != "Where it is"]

    @admin.display(description="address for posts")
    def address(self, form: IntakeForm) -> str:
        return format_html("<code>{}</code>", reverse("forms_intake:receive", args=[form.public_id]))

    @admin.display(description="landing pages")
    def shown_on(self, form: IntakeForm) -> str:
        links = [
            (
                reverse("forms_intake:page", args=[page.slug]),
                page.title,
                "" if page.state == PageState.LIVE else f" ({page.get_state_display().lower()})",
            )
            for page in LandingPage.objects.filter(uses__form=form, uses__shown=True, archived_at=None)
        ]
        return format_html_join(", ", '<a href="{}">{}</a>{}', links) or "None yet."

    @admin.display(description="campaign")
    def campaign(self, form: IntakeForm) -> Any:
        return form.marketing_context.campaign

    @admin.display(description="product")
    def product(self, form: IntakeForm) -> Any:
        return form.marketing_context.product

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Close it instead: what was posted to it stays readable."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is fed is set up on the pages of who feeds it."""
        return not (obj is not None and obj.fed_by) and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: IntakeForm, form: Any, change: bool) -> None:
        keep_context(form, name=obj.name)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        as_saved_elsewhere(form.instance, by=person(request))
        for doubt in doubts_about(form.instance):
            self.message_user(request, doubt, messages.WARNING)


@admin.register(FormVersion)
class FormVersionAdmin(LookOnly):
    """What forms said when they went live."""

    list_display = ("form", "number", "created_at", "created_by", "note")
    list_select_related = ("form", "created_by")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("form", "number", "created_at", "created_by", "note", "whole")
    whole = as_json("definition")
