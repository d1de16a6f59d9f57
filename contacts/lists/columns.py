"""The columns of the lists of contacts and accounts."""

from __future__ import annotations

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from contacts.models import Account, Contact
from leadcrm.lib.columns import ListColumn, attribute
from leadcrm.lib.links import address_of
from leadcrm.lib.templatetags.look import age, face

MARKETING_ONLY = SafeString(' <span class="tag">Marketing only</span>')


def place_of(record: Any) -> str:
    """City and country."""
    return ", ".join(filter(None, [record.city, record.country])) if record else ""


def account_link(account: Account | None) -> str:
    """Its name, leading to its page unless it is deleted."""
    if account is None or account.deleted_at:
        return ""
    return format_html('<a class="link" href="{}">{}</a>', address_of("accounts:detail", account.pk), account)


def who(url: str, name: object, initials: str, of: Any, under: object = "") -> SafeString:
    """The first cell of a row: a face, a name that opens the record, and a second line."""
    return format_html(
        '<span class="who">{}<span><strong><a href="{}" data-open>{}</a></strong>'
        '<span class="quiet small">{}</span></span></span>',
        face(initials, of),
        url,
        name,
        under,
    )


def _contact(contact: Contact) -> SafeString:
    under = format_html("{}{}", contact.job_title, MARKETING_ONLY if contact.marketing_only else "")
    return who(address_of("contacts:detail", contact.pk), contact, contact.initials, contact.pk, under)


def _account(account: Account) -> SafeString:
    link = '<strong><a href="{}" data-open>{}</a></strong>'
    return format_html(link, address_of("accounts:detail", account.pk), account)


def _living_account(contact: Contact) -> Account | None:
    account = contact.account
    return None if account is None or account.deleted_at else account


CONTACT_COLUMNS = (
    ListColumn("name", "Name", attribute("name"), _contact),
    ListColumn("account", "Account", _living_account, lambda one: account_link(one.account), cut=True),
    ListColumn("email", "E-mail", attribute("email"), edit="email", cut=True),
    ListColumn("phone", "Phone", attribute("phone"), edit="phone"),
    ListColumn("place", "Place", place_of, cut=True),
    ListColumn("owner", "Owner", attribute("owner"), edit="owner"),
    ListColumn("job_title", "Job title", attribute("job_title"), edit="job_title", cut=True),
    ListColumn("role", "Role", attribute("get_role_display"), edit="role"),
    ListColumn("city", "City", attribute("city"), edit="city", cut=True),
    ListColumn("country", "Country", attribute("country"), edit="country", cut=True),
    ListColumn("consent", "Consent", attribute("get_consent_level_display"), cut=True),
    ListColumn("marketing_only", "Marketing only", attribute("marketing_only")),
    ListColumn("do_not_call", "Do not call", attribute("do_not_call"), edit="do_not_call"),
    ListColumn("do_not_email", "Do not e-mail", attribute("do_not_email"), edit="do_not_email"),
    ListColumn("industry", "Industry", attribute("account.industry"), cut=True),
    ListColumn("external_id", "External id", attribute("external_id"), edit="external_id", cut=True),
    ListColumn("created", "Created", attribute("created_at"), lambda one: age(one.created_at), number=True),
    ListColumn("updated", "Changed", attribute("updated_at"), lambda one: age(one.updated_at), number=True),
)
CONTACT_STANDARD = ("name", "account", "email", "phone", "place", "owner")

ACCOUNT_COLUMNS = (
    ListColumn("name", "Name", attribute("name"), _account, cut=True),
    ListColumn("domain", "Domain", attribute("domain"), edit="domain", cut=True),
    ListColumn("industry", "Industry", attribute("industry"), edit="industry", cut=True),
    ListColumn("employees", "Employees", attribute("employees"), edit="employees", number=True),
    ListColumn("place", "Place", place_of, cut=True),
    ListColumn("owner", "Owner", attribute("owner"), edit="owner"),
    ListColumn("phone", "Phone", attribute("phone"), edit="phone"),
    ListColumn("city", "City", attribute("city"), edit="city", cut=True),
    ListColumn("country", "Country", attribute("country"), edit="country", cut=True),
    ListColumn("external_id", "External id", attribute("external_id"), edit="external_id", cut=True),
    ListColumn("created", "Created", attribute("created_at"), lambda one: age(one.created_at), number=True),
    ListColumn("updated", "Changed", attribute("updated_at"), lambda one: age(one.updated_at), number=True),
)
ACCOUNT_STANDARD = ("name", "domain", "industry", "employees", "place", "owner")
