"""Telling people what others, or time, did with their leads: in the application and, as each chose, by e-mail.

Everything is written in the caller's transaction: who rolls back has told nobody. However many leads a batch has, each
person is told once of it, and news that follows within minutes is added to a notice that is still unread.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import OutboxEvent, User
from contacts.services.forgetting import in_chunks
from leadcrm.lib.doorbell import ring_on_commit
from leads.models import Mail, Notice, NoticeChoice, NoticeKind, usual_mail

DELIVER_MAIL = "leads.deliver_mail"
MOST_LEADS = 1000
"""So many leads of a notice are kept and can be listed; the rest is counted."""
KEPT = timedelta(days=180)
GATHERED = timedelta(minutes=1)
"""So long mails about what a machine did wait for more of it, so that a long run sends few."""
FOLDED = timedelta(minutes=10)
"""Within so long, news of the same kind is added to a notice that nobody has read yet."""

# A notice that another transaction is adding to is passed by instead of waited for: then there are two.
FOLD = """
WITH news AS (SELECT * FROM jsonb_to_recordset(%(news)s::jsonb) AS one
    (to_id bigint, lead_ids jsonb, opportunity_ids jsonb, count int)),
unread AS (
    SELECT DISTINCT ON (notice.to_id) notice.id, notice.to_id FROM leads_notice notice
    WHERE notice.to_id IN (SELECT to_id FROM news) AND shown AND read_at IS NULL AND digested_at IS NULL
      AND kind = %(kind)s AND key = ''
      AND by_id IS NOT DISTINCT FROM %(by)s AND words = %(words)s AND created_at > %(since)s
    ORDER BY notice.to_id, notice.id DESC
), free AS (
    SELECT notice.id FROM leads_notice notice
    WHERE notice.id IN (SELECT id FROM unread) AND read_at IS NULL ORDER BY notice.id FOR UPDATE SKIP LOCKED
)
UPDATE leads_notice notice SET count = notice.count + news.count,
    lead_ids = (notice.lead_ids || ARRAY(SELECT jsonb_array_elements_text(news.lead_ids)::bigint))[1:%(most)s],
    opportunity_ids = (notice.opportunity_ids
        || ARRAY(SELECT jsonb_array_elements_text(news.opportunity_ids)::bigint))[1:%(most)s]
FROM news WHERE notice.id IN (SELECT id FROM free) AND notice.to_id = news.to_id
RETURNING notice.id, notice.to_id
"""
INSERT = """
INSERT INTO leads_notice (to_id, kind, by_id, words, lead_ids, opportunity_ids, count, key, shown, mail)
SELECT one.to_id, %(kind)s, %(by)s, one.words, ARRAY(SELECT jsonb_array_elements_text(one.lead_ids)::bigint),
    ARRAY(SELECT jsonb_array_elements_text(one.opportunity_ids)::bigint), one.count, %(key)s, one.shown, one.mail
FROM jsonb_to_recordset(%(news)s::jsonb)
    AS one
    (to_id bigint, words text, lead_ids jsonb, opportunity_ids jsonb, count int, shown boolean, mail text)
ORDER BY one.to_id ON CONFLICT DO NOTHING RETURNING id, to_id
"""


@dataclass(frozen=True)
class News:
    """What one person is told: of which leads, in which further words, of how many things (leads unless said), of
    which opportunities.
    """

    lead_ids: Sequence[int] = ()
    words: str = ""
    count: int = 0
    opportunity_ids: Sequence[int] = ()

    @property
    def number(self) -> int:
        return self.count or len(self.lead_ids) or len(self.opportunity_ids) or 1

    def ids(self, most: int = MOST_LEADS) -> dict[str, list[int]]:
        """The first of what it is about, as rows and payloads have them."""
        return {"lead_ids": list(self.lead_ids[:most]), "opportunity_ids": list(self.opportunity_ids[:most])}


@dataclass(frozen=True)
class _Way:
    """How a person hears of it."""

    shown: bool
    mail: Mail

    @property
    def heard(self) -> bool:
        return self.shown or self.mail != Mail.OFF


def notify(
    kind: str,
    *,
    lead_ids: Sequence[int],
    to: Iterable[User | int | None],
    by: User | None,
    words: str = "",
    key: str = "",
) -> list[int]:
    """Tell each of `to` (users or their ids; None is nobody) once of all these leads; the ids of who was told.

    Never who did it, `by`, nor who no longer works here. `words` is what is said besides (a reason, who has it now).
    `key` names the cause, where the same one may be met again: each person is told of it once. A constant number of
    statements however many leads and people.
    """
    people = {one.pk if isinstance(one, User) else one for one in to if one is not None}
    return notify_each(kind, {pk: News(lead_ids, words) for pk in people}, by=by, key=key)


def notify_each(
    kind: str, news: Mapping[int, News], *, by: User | None, key: str = "", since: datetime | None = None
) -> list[int]:
    """Tell every person (by id) their own news, as `notify` does. `since`: when a long run began whose news are to be
    one notice, as long as it is unread.
    """
    others = {pk: one for pk, one in news.items() if by is None or pk != by.pk}
    if not others:
        return []
    ways = {pk: way for pk, way in _ways(kind, list(others)).items() if way.heard}
    if not ways:
        return []
    with transaction.atomic():
        told: dict[int, int] = {}
        if not key:
            for words in {others[pk].words for pk, way in ways.items() if way.shown}:
                same = {pk: others[pk] for pk, way in ways.items() if way.shown and others[pk].words == words}
                told |= _fold(kind, same, by=by, words=words, since=since)
        rest = {pk: one for pk, one in others.items() if pk in ways and pk not in told}
        told |= _insert(kind, rest, ways, by=by, key=key)
        mailed = [pk for pk in sorted(told) if ways[pk].mail == Mail.ONCE]
        if mailed:
            payloads = [_payload(kind, pk, told[pk], others[pk], by) for pk in mailed]
            due = timezone.now() + (GATHERED if by is None else timedelta())
            OutboxEvent.objects.bulk_create(
                OutboxEvent(kind="mail", payload=payload, due_at=due) for payload in payloads
            )
            ring_on_commit(DELIVER_MAIL)
    return sorted(told)


def _ways(kind: str, people: Sequence[int]) -> dict[int, _Way]:
    """How each of these people, as far as they still work here, wants to hear of this kind. Two queries."""
    active = User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True)
    usual = _Way(True, usual_mail(kind))
    chosen = NoticeChoice.objects.filter(user__in=people, kind=kind).values_list("user", "in_app", "mail")
    choices = {user: _Way(in_app, Mail(mail)) for user, in_app, mail in chosen}
    return {pk: choices.get(pk, usual) for pk in active}


def _fold(
    kind: str, news: Mapping[int, News], *, by: User | None, words: str, since: datetime | None
) -> dict[int, int]:
    """Add to what these people have not read yet; the notice by person, where there was one to add to."""
    rows = [{"to_id": pk, **one.ids(), "count": one.number} for pk, one in news.items()]
    lately = timezone.now() - FOLDED
    with connection.cursor() as cursor:
        cursor.execute(
            FOLD,
            {
                "news": json.dumps(rows),
                "kind": kind,
                "by": by.pk if by else None,
                "words": words[:300],
                "since": min(since, lately) if since else lately,
                "most": MOST_LEADS,
            },
        )
        return {to: pk for pk, to in cursor.fetchall()}


def _insert(
    kind: str, news: Mapping[int, News], ways: Mapping[int, _Way], *, by: User | None, key: str
) -> dict[int, int]:
    """New notices; their ids by person, without those who have been told of this cause already."""
    rows = [
        {
            "to_id": pk,
            "words": one.words[:300],
            **one.ids(),
            "count": one.number,
            "shown": ways[pk].shown,
            "mail": ways[pk].mail,
        }
        for pk, one in news.items()
    ]
    if not rows:
        return {}
    with connection.cursor() as cursor:
        parameters = {"news": json.dumps(rows), "kind": kind, "by": by.pk if by else None, "key": key[:100]}
        cursor.execute(INSERT, parameters)
        return {to: pk for pk, to in cursor.fetchall()}


def _payload(kind: str, to: int, notice: int, news: News, by: User | None) -> dict[str, object]:
    """What the mail will say; the leads are looked up when it is sent, as they are then."""
    return {
        "to": to,
        "notice": notice,
        "kind": str(kind),
        "count": news.number,
        **news.ids(5),
        "words": news.words[:300],
        "by": str(by) if by else "",
    }


def mark_read(user: User, notice_ids: Sequence[int] | None = None) -> int:
    """Mark notices of this person as read, all of them unless some are named; how many were not. One that is being
    added to in this moment stays unread: it has news.
    """
    unread = Notice.objects.filter(to=user, shown=True, read_at=None)
    if notice_ids is not None:
        unread = unread.filter(pk__in=notice_ids)
    free = unread.order_by("pk").select_for_update(skip_locked=True).values("pk")
    with transaction.atomic():
        return Notice.objects.filter(pk__in=list(free.values_list("pk", flat=True))).update(read_at=timezone.now())


def mark_unread(user: User, notice_ids: Sequence[int]) -> int:
    """Undo `mark_read`."""
    return Notice.objects.filter(to=user, pk__in=notice_ids).update(read_at=None)


def choose(user: User, wanted: Mapping[NoticeKind, tuple[bool, Mail]]) -> None:
    """How a person wants to hear of these kinds from now on: in the application or not, and by which mail."""
    NoticeChoice.objects.bulk_create(
        [NoticeChoice(user=user, kind=kind, in_app=in_app, mail=mail) for kind, (in_app, mail) in wanted.items()],
        update_conflicts=True,
        unique_fields=["user", "kind"],
        update_fields=["in_app", "mail"],
    )


def forget_notices() -> int:
    """Remove notices that are older than anybody looks back; how many."""
    return in_chunks(Notice.objects.filter(created_at__lt=timezone.now() - KEPT), 5000)
