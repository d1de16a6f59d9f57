"""Mailboxes in the admin: to look at. Passwords are not among what is shown."""

from __future__ import annotations

from django.contrib import admin

from forms_intake.models import Mailbox, MailMessage, MailRule
from leadcrm.lib.admin import LookOnly


@admin.register(Mailbox)
class MailboxAdmin(LookOnly):
    list_display = ("name", "address", "active", "last_read_at", "last_error")
    fields = (
        ("name", "address", "active"),
        ("host", "port", "security"),
        ("username", "sealed_at", "folder"),
        ("trusted_host", "read_from"),
        ("uid_validity", "last_uid"),
        ("last_read_at", "read_at", "busy_until"),
        ("last_error", "last_error_at", "failing_since", "failures"),
        ("form", "created_at", "edited_by"),
    )


@admin.register(MailRule)
class MailRuleAdmin(LookOnly):
    list_display = ("name", "mailbox", "position", "effect", "owner")
    list_select_related = ("mailbox", "owner")


@admin.register(MailMessage)
class MailMessageAdmin(LookOnly):
    list_display = ("subject", "mailbox", "sender", "state", "what", "read_at")
    list_select_related = ("mailbox",)
    exact = ("sender",)
    exclude = ("said", "contacts")
