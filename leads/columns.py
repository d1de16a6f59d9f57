"""The columns of the list of leads."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.lists.columns import account_link, place_of, who
from leadcrm.lib.columns import ListColumn, attribute
from leadcrm.lib.links import address_of
from leadcrm.lib.numbers import whole
from leadcrm.lib.templatetags.look import age, score
from leads.models import Lead, Status


def account_of(lead: Lead) -> Any:
    """The company behind a lead: its contact's, or without a contact its own."""
    return lead.contact.account if lead.contact else lead.account


def _who(lead: Lead) -> str:
    url = address_of("leads:detail", lead.pk)
    contact = lead.contact
    under = str(contact.account or "") if contact else ""
    name = contact or lead.person_name or lead.account or lead.topic
    return who(url, name, contact.initials if contact else "", lead.contact_id or lead.pk, under)


def _topic(lead: Lead) -> str:
    topic: str = lead.topic
    if lead.unread:
        topic = format_html('<strong>{}</strong> <span class="tag">Unread</span>', topic)
    return format_html('{} <span class="quiet small">{}</span>', topic, lead.product) if lead.product else topic


def _score(lead: Lead) -> str:
    """What its score is, leading to why (static/js/hints.js)."""
    if lead.score is None:
        return score(None)
    return format_html(
        '<a href="{}" data-hint="{}" aria-label="Score {}{}: why">{}</a>',
        address_of("leads:why", lead.pk),
        lead.pk,
        whole(lead.score),
        f", {lead.grade}" if lead.grade else "",
        score(lead.score, lead.grade),
    )


def _stage(lead: Lead) -> str:
    if not lead.is_open:
        tone = "good" if lead.status == Status.QUALIFIED else ""
        return format_html('<span class="tag {}">{}</span>', tone, lead.get_status_display())
    ready = SafeString(' <span class="tag brand">Sales ready</span>') if lead.sales_ready else ""
    return format_html("{}{}", lead.get_stage_display(), ready)


def _rating(lead: Lead) -> str:
    return format_html('<span class="tag {}">{}</span>', lead.rating, lead.get_rating_display()) if lead.rating else ""


def _why_closed(lead: Lead) -> str:
    return "" if lead.is_open else lead.close_reason


def _respond_by(lead: Lead) -> str:
    """By when somebody must answer; late once that has passed and nobody has."""
    if lead.respond_by is None:
        return ""
    late = lead.is_open and lead.responded_at is None and lead.respond_by < timezone.now()
    moment = date_format(timezone.localtime(lead.respond_by), "j M, H:i")
    if lead.responded_at is not None:
        return format_html('<span class="quiet">{} answered</span>', moment)
    return format_html('<span class="tag bad">late</span> {}', moment) if late else moment


ACCOUNT = ("account",)
LEAD_COLUMNS = (
    ListColumn("contact", "Contact", lambda one: one.contact or one.account, _who, ACCOUNT),
    ListColumn("topic", "Topic", attribute("topic"), _topic, ("product",), "topic", cut=True),
    ListColumn("score", "Score", attribute("score"), _score),
    ListColumn("stage", "Stage", attribute("get_stage_display"), _stage),
    ListColumn("owner", "Owner", attribute("owner"), edit="owner"),
    ListColumn("age", "Age", attribute("created_at"), lambda one: age(one.created_at), number=True),
    ListColumn("rating", "Sales rating", attribute("get_rating_display"), _rating, edit="rating"),
    ListColumn("account", "Account", account_of, lambda one: account_link(account_of(one)), ACCOUNT, cut=True),
    ListColumn("email", "E-mail", attribute("contact.email"), cut=True),
    ListColumn("phone", "Phone", attribute("contact.phone")),
    ListColumn("job_title", "Job title", attribute("contact.job_title"), cut=True),
    ListColumn("place", "Place", lambda one: place_of(one.contact or one.account), None, ACCOUNT, cut=True),
    ListColumn("product", "Product", attribute("product"), None, ("product",), "product", cut=True),
    ListColumn("campaign", "Campaign", attribute("campaign"), None, ("campaign",), "campaign", cut=True),
    ListColumn("source", "Source", attribute("source"), None, ("source",), "source", cut=True),
    ListColumn("source_type", "Source type", attribute("get_source_type_display"), edit="source_type", cut=True),
    ListColumn("context", "Marketing context", attribute("marketing_context"), None, ("marketing_context",), cut=True),
    ListColumn("priority", "Priority", attribute("get_priority_display"), edit="priority"),
    ListColumn("team", "Team", attribute("team"), None, ("team",), "team", cut=True),
    ListColumn("territory", "Territory", attribute("territory"), None, ("territory",), "territory", cut=True),
    ListColumn("respond_by", "First response by", attribute("respond_by"), _respond_by),
    ListColumn("estimated_value", "Estimated value", attribute("estimated_value"), edit="estimated_value", number=True),
    ListColumn("grade", "Grade", attribute("grade")),
    ListColumn("status", "Status", attribute("get_status_display")),
    ListColumn("status_reason", "Status reason", attribute("status_reason"), None, ("status_reason",), cut=True),
    ListColumn("recycled", "Times recycled", attribute("recycled_count"), number=True),
    ListColumn("follow_up", "Follow-up", attribute("follow_up_on"), edit="follow_up_on", number=True),
    ListColumn("sales_ready", "Sales ready", attribute("sales_ready")),
    ListColumn(
        "ready_for", "Waits for sales", attribute("sales_ready_at"), lambda one: age(one.sales_ready_at), number=True
    ),
    ListColumn(
        "in_stage", "In its stage", attribute("stage_entered_at"), lambda one: age(one.stage_entered_at), number=True
    ),
    ListColumn("process", "Process", attribute("process"), None, ("process",), cut=True),
    ListColumn("purchase_timeframe", "Purchase timeframe", attribute("get_purchase_timeframe_display")),
    ListColumn("budget_amount", "Budget", attribute("budget_amount"), number=True),
    ListColumn("purchase_need", "Purchase need", attribute("get_purchase_need_display")),
    ListColumn("purchase_process", "Purchase process", attribute("get_purchase_process_display")),
    ListColumn("decision_maker", "Decision maker", attribute("get_decision_maker_display")),
    ListColumn("external_id", "External id", attribute("external_id"), edit="external_id", cut=True),
    ListColumn("closed", "Closed", attribute("closed_at"), lambda one: age(one.closed_at), number=True),
    ListColumn("close_reason", "Why closed", attribute("close_reason"), _why_closed, cut=True),
    ListColumn("created", "Created", attribute("created_at"), number=True),
    ListColumn("updated", "Changed", attribute("updated_at"), lambda one: age(one.updated_at), number=True),
)
LEAD_STANDARD = ("contact", "topic", "score", "stage", "owner", "age")
