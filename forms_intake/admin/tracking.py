"""Websites and what came from them: the sites to edit on their pages, the rest to look at."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import (
    Hit,
    Identification,
    MailTouch,
    PageRule,
    RawHit,
    Visit,
    Visitor,
    VisitorIdentity,
    Website,
)
from leadcrm.lib.admin import LookOnly


@admin.register(Website)
class WebsiteAdmin(LookOnly):
    list_display = ("name", "active", "created_at")
    ordering = ("name",)
    fields = ("name", "public_id", "origins", "marketing_context", "active", "created_at")


@admin.register(PageRule)
class PageRuleAdmin(LookOnly):
    list_display = ("name", "website", "match", "pattern", "host", "active")
    list_select_related = ("website",)
    fields = ("website", "name", "match", "pattern", "host", "marketing_context", "position", "active")


@admin.register(RawHit)
class RawHitAdmin(LookOnly):
    """What waits for a worker, and what nothing could be made of."""

    list_display = ("pk", "kind", "received_at", "error")
    fields = ("kind", "website_id", "received_at", "user_agent", "robot", "error")


@admin.register(Visitor)
class VisitorAdmin(LookOnly):
    list_display = ("pk", "first_seen", "last_seen")
    fields = ("first_seen", "last_seen")


@admin.register(VisitorIdentity)
class VisitorIdentityAdmin(LookOnly):
    list_display = ("visitor", "contact", "since", "how")
    list_select_related = ("visitor", "contact")
    fields = ("visitor", "contact", "since", "how")
    numbers = ("visitor_id",)


@admin.register(Identification)
class IdentificationAdmin(LookOnly):
    list_display = ("contact", "since", "submission")
    list_select_related = ("contact", "submission")
    fields = ("contact", "since", "submission")


@admin.register(Visit)
class VisitAdmin(LookOnly):
    list_display = ("website", "visitor", "contact", "started_at", "pages", "landing")
    list_select_related = ("website", "visitor", "contact")
    numbers = ("visitor_id",)
    fields = (
        ("website", "visitor", "contact"),
        ("started_at", "ended_at", "pages", "later"),
        ("landing", "referrer"),
        "tags",
    )


@admin.register(Hit)
class HitAdmin(LookOnly):
    list_display = ("visit", "host", "path", "at", "rule")
    list_select_related = ("visit", "rule")
    numbers = ("visit_id",)
    fields = ("visit", "website", "at", "host", "path", "title", "rule")


@admin.register(MailTouch)
class MailTouchAdmin(LookOnly):
    list_display = ("contact", "mail", "link", "times", "robot_times", "last_at")
    list_select_related = ("contact",)
    fields = (
        ("contact", "mail", "subject"),
        "link",
        ("sent_at", "first_at", "last_at"),
        ("times", "robot_times"),
        ("interaction", "robot_interaction"),
    )
