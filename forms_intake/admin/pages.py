"""Landing pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from contacts.models import MarketingContext
from forms_intake.admin.contexts import WithContext, keep_context
from forms_intake.models import LandingPage
from leadcrm.lib.admin import QuickAdmin


class LandingPageForm(WithContext):
    context_kind = MarketingContext.Kind.PAGE


@admin.register(LandingPage)
class LandingPageAdmin(QuickAdmin):
    form = LandingPageForm
    list_display = ("title", "preview", "form", "published", "created_at")
    list_filter = ("published",)
    list_select_related = ("form",)
    ordering = ("title",)
    sortable_by = ("title", "created_at")
    prepopulated_fields = {"slug": ("title",)}
    readonly_fields = ("preview",)
    fieldsets = (
        (None, {"fields": (("title", "slug"), ("form", "published"), "preview")}),
        ("What people read", {"fields": ("body", "button")}),
        ("Where its leads come from", {"fields": (("campaign", "product"),)}),
    )

    @admin.display(description="page")
    def preview(self, page: LandingPage) -> str:
        if not page.pk:
            return "Save it first."
        address = reverse("forms_intake:page", args=[page.slug])
        return format_html('<a href="{}">{}</a>', address, address) if page.published else "Not published."

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Unpublish it instead: its leads point to where they came from."""
        return False

    def save_model(self, request: HttpRequest, obj: LandingPage, form: Any, change: bool) -> None:
        keep_context(form, name=obj.title)
        super().save_model(request, obj, form, change)
