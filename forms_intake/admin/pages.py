"""Landing pages: what is the page's own. What it says is edited, and goes live, in the builder."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from contacts.models import MarketingContext
from forms_intake.admin.contexts import WithContext, keep_context
from forms_intake.models import LandingPage, PageForm, PageImage, PageSlug, PageTest, PageVersion, PageVisits
from leadcrm.lib.admin import LookOnly, QuickAdmin, as_json


class LandingPageForm(WithContext):
    context_kind = MarketingContext.Kind.PAGE


@admin.register(LandingPage)
class LandingPageAdmin(QuickAdmin):
    form = LandingPageForm
    list_display = ("title", "where", "state", "edited_at", "created_at")
    list_filter = ("state",)
    ordering = ("title",)
    sortable_by = ("title", "created_at")
    readonly_fields = (
        "where",
        "builder",
        "slug",
        "state",
        "version",
        "archived_at",
        "deleted_at",
        "deleted_by",
        "draft_shown",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    ("where", "builder"),
                    ("slug", "state", "version"),
                    ("archived_at", "deleted_at", "deleted_by"),
                )
            },
        ),
        ("Where its leads come from", {"fields": (("campaign", "product"),)}),
        ("The draft", {"classes": ("collapse",), "fields": ("draft_shown",)}),
    )

    @admin.display(description="page")
    def where(self, page: LandingPage) -> str:
        address = reverse("forms_intake:page", args=[page.slug])
        return format_html('<a href="{}">{}</a>', address, address) if page.state == "live" else "Not live."

    @admin.display(description="builder")
    def builder(self, page: LandingPage) -> str:
        return format_html('<a href="{}">Edit its blocks</a>', reverse("forms_intake:page_builder", args=[page.pk]))

    draft_shown = as_json("draft")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Pages are made in the builder."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """In the builder, once it is archived: there it can be restored."""
        return False

    def save_model(self, request: HttpRequest, obj: LandingPage, form: Any, change: bool) -> None:
        keep_context(form, name=obj.title)
        super().save_model(request, obj, form, change)


@admin.register(PageVersion)
class PageVersionAdmin(LookOnly):
    list_display = ("page", "number", "created_at", "created_by", "note")
    list_select_related = ("page", "created_by")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("page", "number", "created_at", "created_by", "note", "definition_shown")
    readonly_fields = ("definition_shown",)
    definition_shown = as_json("definition")


@admin.register(PageForm)
class PageFormAdmin(LookOnly):
    list_display = ("page", "form", "shown")
    list_select_related = ("page", "form")
    ordering = ("-pk",)
    sortable_by = ()


@admin.register(PageSlug)
class PageSlugAdmin(LookOnly):
    list_display = ("slug", "page", "since")
    list_select_related = ("page",)
    ordering = ("slug",)
    sortable_by = ()


@admin.register(PageImage)
class PageImageAdmin(LookOnly):
    list_display = ("name", "alt", "width", "height", "size", "added_by", "created_at")
    list_select_related = ("added_by",)
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("name", "alt", "width", "height", "size", "small_width", "key", "added_by", "created_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("large", "small", "social")


@admin.register(PageTest)
class PageTestAdmin(LookOnly):
    list_display = ("page", "number", "started_at", "ended_at", "winner")
    list_select_related = ("page",)
    ordering = ("-pk",)
    sortable_by = ()


@admin.register(PageVisits)
class PageVisitsAdmin(LookOnly):
    list_display = ("page", "form", "day", "test", "variant", "visits", "visitors")
    list_select_related = ("page", "form")
    ordering = ("-pk",)
    sortable_by = ()
