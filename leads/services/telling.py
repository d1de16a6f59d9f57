"""Who is told, and what becomes of tasks, when leads change hands, become ready, are returned or closed.

Called by the services that do these things, in their transaction, with all leads of the batch at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from contacts.models import Role, User
from leads.models import Lead, NoticeKind, Status
from leads.services.notices import News, notify, notify_each
from leads.services.tasks_of_leads import bring_back_of_leads, cancel_of_leads, hand_over

SELLING = (Role.SALESPERSON, Role.SALES_MANAGER)


def changed_hands(previous: Mapping[int, int | None], *, to: User | None, by: User | None) -> None:
    """Leads are `to`'s now (None: nobody's): who has them and who had them are told, and tasks go along.

    `previous`: who had each lead before, by lead id.
    """
    hand_over(previous, to=to)
    had: dict[int, list[int]] = defaultdict(list)
    for lead_id, owner_id in previous.items():
        if owner_id is not None and (to is None or owner_id != to.pk):
            had[owner_id].append(lead_id)
    words = f"Now with {to or 'nobody'}"
    notify_each(NoticeKind.TAKEN, {pk: News(ids, words) for pk, ids in had.items()}, by=by)
    if to is not None:
        notify(NoticeKind.ASSIGNED, lead_ids=list(previous), to=[to], by=by)


def became_ready(lead_ids: Sequence[int], *, by: User | None) -> None:
    """Leads wait for sales: their owners are told, of those that nobody has everybody in sales."""
    if not lead_ids:
        return
    owners: dict[int, list[int]] = defaultdict(list)
    nobodys = []
    for lead_id, owner_id in Lead.objects.filter(pk__in=lead_ids).order_by("pk").values_list("pk", "owner"):
        if owner_id is None:
            nobodys.append(lead_id)
        else:
            owners[owner_id].append(lead_id)
    notify_each(NoticeKind.READY, {pk: News(ids) for pk, ids in owners.items()}, by=by)
    if nobodys:
        notify(NoticeKind.IN_QUEUE, lead_ids=nobodys, to=working_as(*SELLING), by=by, words="Sales-ready")


def came_to_calling(lead_ids: Sequence[int], *, by: User | None) -> None:
    """Leads that nobody has wait in the calling queue: teleprospectors are told."""
    nobodys = list(Lead.objects.filter(pk__in=lead_ids, owner=None).order_by("pk").values_list("pk", flat=True))
    if nobodys:
        notify(NoticeKind.IN_QUEUE, lead_ids=nobodys, to=working_as(Role.TELEPROSPECTOR), by=by, words="Calling queue")


def was_returned(lead_id: int, *, owner: int | None, by: User | None, reason: str) -> None:
    """Sales gave a lead back: managers are told, and marketers, whose it is again, with the reason."""
    to = {*working_as(Role.SALES_MANAGER, Role.MARKETER), *([owner] if owner else [])}
    notify(NoticeKind.RETURNED, lead_ids=[lead_id], to=to, by=by, words=reason.strip())


def were_closed(lead_ids: Sequence[int], *, status: str, by: User | None, reason: str = "") -> None:
    """Leads are closed: their open tasks go with them, and owners are told who closed them and why."""
    cancel_of_leads(lead_ids, by=by)
    _tell_owners(lead_ids, by=by, words=": ".join(part for part in (Status(status).label, reason.strip()) if part))


def were_opened(lead_ids: Sequence[int], *, by: User | None, reason: str = "") -> None:
    """Closed leads are open again: what went with them comes back, and owners are told."""
    bring_back_of_leads(lead_ids)
    _tell_owners(lead_ids, by=by, words=": ".join(part for part in ("Open again", reason.strip()) if part))


def _tell_owners(lead_ids: Sequence[int], *, by: User | None, words: str) -> None:
    owners: dict[int, list[int]] = defaultdict(list)
    for lead_id, owner_id in Lead.objects.filter(pk__in=lead_ids, owner__isnull=False).values_list("pk", "owner"):
        owners[owner_id].append(lead_id)
    notify_each(NoticeKind.STATUS, {pk: News(sorted(ids), words) for pk, ids in owners.items()}, by=by)


def working_as(*roles: str) -> list[int]:
    """Who works here in one of these roles, by id."""
    return list(User.objects.filter(role__in=roles, is_active=True).order_by("pk").values_list("pk", flat=True))
