"""Who is told when opportunities change hands or are closed. Called in the transaction of what does these things."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from contacts.models import Role, User
from leads.models import NoticeKind, Opportunity
from leads.services.notices import News, notify_each
from leads.services.telling import working_as

NAMED = 3
"""So many opportunities of one notice are named; the rest is counted."""


def changed_hands(given: Sequence[tuple[Opportunity, int | None]], *, to: User | None, by: User | None) -> None:
    """Opportunities are `to`'s now (None: nobody's), each with the id of who had it: both sides are told, once each.
    What nobody in particular did (`by` None) is told of by whoever knows why: leaving.py.
    """
    if not given or by is None:
        return
    had: dict[int, list[str]] = defaultdict(list)
    for one, previous in given:
        if previous is not None and (to is None or previous != to.pk):
            had[previous].append(one.topic)
    news = {
        pk: News(words=_words(f"Now with {to or 'nobody'}", topics), count=len(topics)) for pk, topics in had.items()
    }
    if to is not None:
        news[to.pk] = _news("Yours now", [one for one, _ in given])
    notify_each(NoticeKind.OPPORTUNITY, news, by=by)


def were_closed(rows: Sequence[Opportunity], *, by: User | None) -> None:
    """Opportunities are won, or lost: each owner is told of theirs, and the sales managers of all, once."""
    theirs: dict[int, list[Opportunity]] = defaultdict(list)
    for one in rows:
        if one.owner_id is not None:
            theirs[one.owner_id].append(one)
    told = {**theirs, **{pk: list(rows) for pk in working_as(Role.SALES_MANAGER)}}
    news = {pk: _news(some[0].get_status_display(), some) for pk, some in told.items()}
    notify_each(NoticeKind.OPPORTUNITY, news, by=by)


def _news(what: str, some: Sequence[Opportunity]) -> News:
    """What is told to somebody who may read these."""
    return News(words=_words(what, [one.topic for one in some]), opportunity_ids=[one.pk for one in some])


def _words(what: str, topics: Sequence[str]) -> str:
    more = len(topics) - NAMED
    return f"{what}: {'; '.join(topics[:NAMED])}" + (f"; and {more:,} more" if more > 0 else "")
