"""How a notice is said, on pages and in mails, and where it leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from contacts.models import User
from leads.models import Lead, Notice, NoticeKind

NAMED = 3
"""So many leads of a notice are named; the rest is counted."""

ICONS: Mapping[str, str] = {
    NoticeKind.ASSIGNED: "user-round-plus",
    NoticeKind.TAKEN: "user-round-minus",
    NoticeKind.IN_QUEUE: "inbox",
    NoticeKind.READY: "flame",
    NoticeKind.RETURNED: "undo-2",
    NoticeKind.STATUS: "circle-check-big",
    NoticeKind.LATE: "alarm-clock",
    NoticeKind.OVERSTAYED: "hourglass",
    NoticeKind.TASK_GIVEN: "list-plus",
    NoticeKind.TASK_DUE: "clock",
    NoticeKind.TASK_OVERDUE: "clock-alert",
    NoticeKind.MENTIONED: "at-sign",
    NoticeKind.COMMENTED: "message-square",
    NoticeKind.OPPORTUNITY: "handshake",
    NoticeKind.WORKSPACE: "plug",
    NoticeKind.SUBMITTED: "text-cursor-input",
}
# One and many; {by} is who did it, or "Somebody".
WORDS: Mapping[str, tuple[str, str]] = {
    NoticeKind.ASSIGNED: ("{by} gave you a lead", "{by} gave you {count} leads"),
    NoticeKind.TAKEN: ("{by} gave a lead of yours on", "{by} gave {count} leads of yours on"),
    NoticeKind.IN_QUEUE: ("A lead is new in your queue", "{count} leads are new in your queue"),
    NoticeKind.READY: ("A lead of yours is sales ready", "{count} leads of yours are sales ready"),
    NoticeKind.RETURNED: ("{by} returned a lead", "{by} returned {count} leads"),
    NoticeKind.STATUS: ("{by} changed a lead of yours", "{by} changed {count} leads of yours"),
    NoticeKind.LATE: ("A first response is late", "{count} first responses are late"),
    NoticeKind.OVERSTAYED: ("A lead is too long in its stage", "{count} leads are too long in their stages"),
    NoticeKind.TASK_GIVEN: ("{by} gave you a task", "{by} gave you {count} tasks"),
    NoticeKind.TASK_DUE: ("A task is due", "{count} tasks are due"),
    NoticeKind.TASK_OVERDUE: ("A task is overdue", "{count} tasks are overdue"),
    NoticeKind.MENTIONED: ("{by} mentions you", "{by} mentions you {count} times"),
    NoticeKind.COMMENTED: ("{by} commented on a lead of yours", "{by} commented on {count} leads of yours"),
    NoticeKind.OPPORTUNITY: ("{by} changed an opportunity", "{by} changed {count} opportunities"),
    NoticeKind.WORKSPACE: ("Something in the workspace needs you", "{count} things in the workspace need you"),
    NoticeKind.SUBMITTED: ("A form you follow was filled in", "A form you follow was filled in {count} times"),
}
NOBODYS: Mapping[str, tuple[str, str]] = {
    NoticeKind.ASSIGNED: ("You have a new lead", "You have {count} new leads"),
    NoticeKind.TAKEN: ("A lead of yours went on", "{count} leads of yours went on"),
    NoticeKind.STATUS: ("A lead of yours changed", "{count} leads of yours changed"),
    NoticeKind.TASK_GIVEN: ("You have a new task", "You have {count} new tasks"),
    NoticeKind.OPPORTUNITY: ("An opportunity changed hands", "{count} opportunities changed hands"),
}
"""The same when nobody in particular did it: a rule, a stage, time."""
OF_TASKS = frozenset({NoticeKind.TASK_GIVEN, NoticeKind.TASK_DUE, NoticeKind.TASK_OVERDUE})


def title_of(kind: str, count: int, by: str) -> str:
    """What happened, in one sentence. `by`: who did it, or ""."""
    one, many = WORDS[kind] if by or kind not in NOBODYS else NOBODYS[kind]
    # By replacing, because a name may hold braces.
    return (one if count == 1 else many).replace("{count}", f"{count:,}").replace("{by}", by or "Somebody")


@dataclass(frozen=True)
class Said:
    """A notice as drawn."""

    notice: Notice
    title: str
    about: str
    icon: str


def said(notices: Iterable[Notice], *, reader: User) -> list[Said]:
    """Notices in words, with the names of their first leads as far as `reader` may see these; one query for them."""
    some = list(notices)
    names = names_of({pk for one in some for pk in one.lead_ids[:NAMED]}, reader=reader)
    return [
        Said(
            one,
            title_of(one.kind, one.count, str(one.by or "")),
            about(one.lead_ids, one.count, one.words, names, of_tasks=one.kind in OF_TASKS),
            ICONS.get(one.kind, "bell"),
        )
        for one in some
    ]


def names_of(lead_ids: Iterable[int], *, reader: User) -> dict[int, str]:
    """How leads are called, by id; deleted ones, and those that `reader` may not see now, are not there."""
    leads = Lead.objects.visible_to(reader).filter(pk__in=set(lead_ids)).select_related("contact")
    return {lead.pk: f"{lead.contact}, {lead.topic}" if lead.contact else lead.topic for lead in leads}


def about(lead_ids: Sequence[int], count: int, words: str, names: Mapping[int, str], *, of_tasks: bool) -> str:
    """Which leads, and what is said besides."""
    named = [names[pk] for pk in dict.fromkeys(lead_ids[:NAMED]) if pk in names]
    more = count - len(named)
    leads = "; ".join(named) + (f"; and {more:,} more" if named and more > 0 and not of_tasks else "")
    return ". ".join(part for part in ((words, leads) if of_tasks else (leads, words)) if part)


def url_of_notice(notice: Notice) -> str:
    """Where a notice leads."""
    return path_of(notice.kind, notice.lead_ids, notice.count, notice.pk, notice.opportunity_ids)


def path_of(kind: str, lead_ids: Sequence[int], count: int, notice_id: int, opportunity_ids: Sequence[int] = ()) -> str:
    """Where it leads: its one opportunity, or the list of these; its one lead, the list of its leads, or the tasks."""
    if kind in settings.PLACES_OF_NOTICES:
        return reverse(settings.PLACES_OF_NOTICES[kind])
    if kind == NoticeKind.OPPORTUNITY:
        if len(opportunity_ids) == 1 and count == 1:
            return reverse("opportunities:detail", args=[opportunity_ids[0]])
        if opportunity_ids:
            return reverse("leads:notice_leads", args=[notice_id])
        return reverse("opportunities:list")
    if len(lead_ids) == 1 and count == 1:
        return reverse("leads:detail", args=[lead_ids[0]])
    if kind in OF_TASKS or not lead_ids:
        return reverse("leads:work")
    return reverse("leads:notice_leads", args=[notice_id])
