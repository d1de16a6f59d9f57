"""What a mail says: each thing the person is told, in the words of the application, with where it leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from contacts.letters import compose
from contacts.models import User
from leads.mail.claiming import Batch
from leads.models import Notice
from leads.notice_words import NAMED, OF_TASKS, about, names_of, path_of, title_of

MOST_SAID = 100
"""So many things one mail says; the rest is counted."""


def message_of(batch: Batch, user: User) -> EmailMessage | None:
    """The mail to `user`; None when there is nothing left to say. Two or three queries."""
    items = _items(batch, user)
    if not items:
        return None
    digest = any(event.payload.get("digest") for event in batch.events)
    context = {
        "user": user,
        "items": items[:MOST_SAID],
        "more": max(len(items) - MOST_SAID, 0),
        "digest": digest,
        "workspace": settings.WORKSPACE_NAME,
        "choices_url": link(reverse("leads:notice_choices")),
    }
    return EmailMessage(
        subject=_one_line(_subject(items, digest)),
        body=render_to_string("leads/mail.txt", context),
        to=[user.email],
        headers=_headers(batch),
    )


def letter_of(batch: Batch) -> EmailMessage | None:
    """The letter to one of the people we keep; None when what it was about is gone."""
    message = compose(batch.events[0].payload)
    if message is not None:
        message.extra_headers |= _headers(batch)
    return message


def _headers(batch: Batch) -> dict[str, str]:
    host = urlsplit(settings.SITE_URL).hostname or "localhost"
    return {"Message-ID": f"<{batch.id}@{host}>", "Auto-Submitted": "auto-generated"}


def link(path: str) -> str:
    """The whole address of a page."""
    return settings.SITE_URL.rstrip("/") + path


def _subject(items: Sequence[Mapping[str, str]], digest: bool) -> str:
    if digest:
        return f"{settings.WORKSPACE_NAME}: your day, {timezone.localdate():%d.%m.%Y}"
    return items[0]["title"] if len(items) == 1 else f"{items[0]['title']}, and {len(items) - 1} more"


def _one_line(words: str) -> str:
    """A header holds no line break, whatever a name holds."""
    return " ".join(words.split())[:200]


def _items(batch: Batch, user: User) -> list[dict[str, str]]:
    facts = [event.payload for event in batch.events if "kind" in event.payload]
    digested = [pk for event in batch.events for pk in event.payload.get("notices", [])]
    notices = list(Notice.objects.filter(pk__in=digested).select_related("by").order_by("kind", "pk"))
    facts += [_fact(notice) for notice in notices]
    facts = _together(facts)
    names = names_of({pk for fact in facts for pk in fact["lead_ids"][:NAMED]}, reader=user)
    return [_item(fact, names) for fact in facts]


def _together(facts: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """What one person did in one way, in however many steps, is said once."""
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for fact in facts:
        same = (fact["kind"], fact["by"], fact["words"])
        if same not in found:
            found[same] = dict(fact)
        else:
            known = found[same]
            known["count"] += fact["count"]
            for ids in ("lead_ids", "opportunity_ids"):
                known[ids] = [*known.get(ids, ()), *fact.get(ids, ())][:NAMED]
            known["notice"] = max(known["notice"], fact["notice"])
    return list(found.values())


def _fact(notice: Notice) -> dict[str, Any]:
    by = str(notice.by) if notice.by else ""
    return {
        "notice": notice.pk,
        "kind": notice.kind,
        "count": notice.count,
        "lead_ids": notice.lead_ids,
        "opportunity_ids": notice.opportunity_ids,
        "words": notice.words,
        "by": by,
    }


def _item(fact: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, str]:
    about_opportunities = fact.get("opportunity_ids", ())  # what was written before there were any has none
    path = path_of(fact["kind"], fact["lead_ids"], fact["count"], fact["notice"], about_opportunities)
    return {
        "title": title_of(fact["kind"], fact["count"], fact["by"]),
        "about": about(fact["lead_ids"], fact["count"], fact["words"], names, of_tasks=fact["kind"] in OF_TASKS),
        "url": link(path),
    }
