"""What the palette offers without a search: actions on the record one looks at, what was looked at lately, views."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest

from contacts.access import may_edit, may_write
from contacts.lists.listing import listing_of
from contacts.models import Account, Contact, SavedView, User
from leadcrm.hits import Hit
from leadcrm.lib.links import url_of
from leads.actions import offered
from leads.editing import may_edit as may_edit_lead
from leads.models import Lead

PLACE = re.compile(r"/(leads|contacts|accounts)/(?:(\d{1,18})/)?")
NOTED = re.compile(r"(leads|contacts|accounts):(\d{1,18})")
MOST_RECENT = 8
READABLE: dict[str, Callable[[User], QuerySet]] = {
    "leads": lambda user: Lead.objects.visible_to(user).select_related("contact", "account", "process", "owner"),
    "contacts": lambda user: Contact.objects.visible_to(user).select_related("account"),
    "accounts": lambda user: Account.objects.alive(),
}
ICONS = {"leads": "target", "contacts": "user", "accounts": "building-2"}


def actions(request: HttpRequest, user: User, words: str) -> list[Hit]:
    """What this person can do to the record whose page, or panel, they look at."""
    place, number = _looked_at(request.headers.get("HX-Current-URL", ""))
    record = READABLE[place](user).filter(pk=number).first() if number else None
    if record is None:
        return []
    wanted = words.casefold().strip()
    hits = _of_lead(record, user) if isinstance(record, Lead) else _of_record(place, record, user)
    return [hit for hit in hits if wanted in hit.label.casefold()]


def _looked_at(url: str) -> tuple[str, int]:
    """The kind and number of the record that an address of ours shows; 0 for none."""
    parts = urlsplit(url)
    match = PLACE.fullmatch(parts.path)
    if match is None:
        return "", 0
    number = match[2] or (parse_qs(parts.query).get("panel") or ["0"])[0]
    return match[1], int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


def _of_lead(lead: Lead, user: User) -> Iterator[Hit]:
    name = str(lead.contact or lead.account or lead.topic)
    for action in offered(lead, user):
        yield Hit(action.title, name, url_of(f"leads:{action.name}", lead.pk), action.icon, sheet=True)
    if lead.contact_id and may_write(user):
        yield Hit("Log an interaction", name, url_of("leads:log", lead.pk), "notebook-pen", sheet=True)
    if may_edit_lead(user, lead):
        yield Hit("Edit the lead", name, url_of("leads:edit", lead.pk), "pencil")


def _of_record(place: str, record: Any, user: User) -> Iterator[Hit]:
    name = str(record)
    if place == "contacts" and may_write(user):
        yield Hit("Log an interaction", name, url_of("contacts:log", record.pk), "notebook-pen", sheet=True)
    if may_write(user):
        about = f"{place.removesuffix('s')}={record.pk}"
        yield Hit("New lead", name, f"{url_of('leads:new')}?{about}", "plus")
    if may_edit(user, record):
        yield Hit(f"Edit the {place.removesuffix('s')}", name, url_of(f"{place}:edit", record.pk), "pencil")


def recent(user: User, noted: str) -> list[Hit]:
    """The records that the browser noted ("leads:12,contacts:3"), as far as this person may see them now, in order."""
    wanted = [(match[1], int(match[2])) for match in map(NOTED.fullmatch, noted.split(",")[:MOST_RECENT]) if match]
    found: dict[tuple[str, int], Any] = {}
    for place in {place for place, _ in wanted}:
        rows = READABLE[place](user).filter(pk__in=[number for one, number in wanted if one == place])
        found |= {(place, row.pk): row for row in rows}
    return [_hit(place, found[place, number]) for place, number in wanted if (place, number) in found]


def _hit(place: str, record: Any) -> Hit:
    url = url_of(f"{place}:detail", record.pk)
    if isinstance(record, Lead):
        return Hit(str(record.contact or record.account or record.topic), record.topic, url, ICONS[place])
    remark = str(getattr(record, "account", None) or getattr(record, "city", "") or "")
    return Hit(str(record), remark, url, ICONS[place])


def views(user: User, words: str) -> list[Hit]:
    """Saved views this person sees whose name contains `words`."""
    wanted = words.casefold().strip()
    places = {entity: listing_of(entity).place for entity in settings.LISTINGS}
    return [
        Hit(view.name, places[view.entity], f"{url_of(f'{places[view.entity]}:list')}?view={view.pk}", "bookmark")
        for view in SavedView.objects.seen_by(user)
        if wanted in view.name.casefold()
    ]
