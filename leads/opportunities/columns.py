"""The columns of the list of opportunities."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.lists.columns import account_link
from leadcrm.lib.columns import ListColumn, attribute
from leadcrm.lib.links import address_of
from leadcrm.lib.numbers import amount
from leadcrm.lib.templatetags.look import age
from leads.models import Opportunity
from leads.opportunities.stages import OpportunityStatus


def _topic(one: Opportunity) -> SafeString:
    under = " · ".join(str(word) for word in (one.account or one.contact, one.product) if word)
    return format_html(
        '<strong><a href="{}" data-open>{}</a></strong><br><span class="quiet small">{}</span>',
        address_of("opportunities:detail", one.pk),
        one.topic,
        under,
    )


def _stage(one: Opportunity) -> str:
    if one.is_open:
        return str(one.get_stage_display())
    tone = "good" if one.status == OpportunityStatus.WON else ""
    return format_html('<span class="tag {}">{}</span>', tone, one.get_status_display())


def _value(one: Opportunity) -> str:
    """What it brought in, once it is won."""
    return amount(one.actual_revenue if one.status == OpportunityStatus.WON else one.value)


def _closes(one: Opportunity) -> str:
    day = one.expected_close if one.is_open else one.closed_on
    if day is None:
        return ""
    said = date_format(day, "j M Y")
    return format_html('{} <span class="tag bad">late</span>', said) if one.is_late else said


def _weighted(one: Any) -> Any:
    return None if one.value is None else round(one.value * one.chance / 100, 2)


def _account(one: Opportunity) -> Any:
    return None if one.account is None or one.account.deleted_at else one.account


OPPORTUNITY_COLUMNS = (
    ListColumn("topic", "Opportunity", attribute("topic"), _topic, ("product",)),
    ListColumn("stage", "Stage", attribute("get_stage_display"), _stage),
    ListColumn("value", "Value", attribute("value"), _value, edit="value", number=True),
    ListColumn("chance", "Chance", attribute("chance"), lambda one: f"{one.chance} %", edit="probability", number=True),
    ListColumn("forecast", "Forecast", attribute("category"), edit="forecast"),
    ListColumn("closes", "Closes", attribute("expected_close"), _closes, edit="expected_close"),
    ListColumn("owner", "Owner", attribute("owner"), edit="owner"),
    ListColumn("weighted", "Weighted", _weighted, lambda one: amount(_weighted(one)), number=True),
    ListColumn("account", "Account", _account, lambda one: account_link(one.account), cut=True),
    ListColumn("contact", "Contact", attribute("contact"), cut=True),
    ListColumn("product", "Product", attribute("product"), None, ("product",), "product", cut=True),
    ListColumn("campaign", "Campaign", attribute("campaign"), None, ("campaign",), "campaign", cut=True),
    ListColumn("competitor", "Competitor", attribute("competitor"), None, ("competitor",), "competitor", cut=True),
    ListColumn("territory", "Lead’s territory", attribute("lead.territory"), None, ("lead__territory",), cut=True),
    ListColumn("team", "Lead’s team", attribute("lead.team"), None, ("lead__team",), cut=True),
    ListColumn("source", "Lead’s source", attribute("lead.source"), None, ("lead__source",), cut=True),
    ListColumn("status", "Status", attribute("get_status_display")),
    ListColumn("closed_on", "Closed on", attribute("closed_on")),
    ListColumn(
        "revenue", "Actual revenue", attribute("actual_revenue"), lambda one: amount(one.actual_revenue), number=True
    ),
    ListColumn("lost_reason", "Lost because of", attribute("lost_reason"), None, ("lost_reason",), cut=True),
    ListColumn(
        "in_stage", "In its stage", attribute("stage_entered_at"), lambda one: age(one.stage_entered_at), number=True
    ),
    ListColumn("external_id", "External id", attribute("external_id"), edit="external_id", cut=True),
    ListColumn("created", "Created", attribute("created_at"), lambda one: age(one.created_at), number=True),
    ListColumn("updated", "Changed", attribute("updated_at"), lambda one: age(one.updated_at), number=True),
)
OPPORTUNITY_STANDARD = ("topic", "stage", "value", "chance", "forecast", "closes", "owner")
