"""Scores in the story of a lead: each change with the rules that made it."""

from __future__ import annotations

from collections.abc import Iterable

from leadcrm.lib.numbers import signed, whole
from leadcrm.lib.paging import Cursor
from leads.models import Lead
from leads.story import Entry, Rank, Source
from scoring.steps import ScoreStep, score_steps

MOST = 1000
"""Changes of one lead's scores that its story knows."""


def score_source(lead: Lead) -> Source:
    """The changes of the lead's scores as entries of its story."""

    def entries(cursor: Cursor | None, size: int) -> Iterable[Entry]:
        steps = score_steps(lead, limit=MOST)
        told = [_entry(step, len(steps) - place) for place, step in enumerate(steps)]
        return [entry for entry in told if _comes_after(entry, cursor)][:size]

    return entries


def _comes_after(entry: Entry, cursor: Cursor | None) -> bool:
    if cursor is None:
        return True
    when, rank, pk = cursor.values
    return (-entry.when.timestamp(), entry.rank, -entry.pk) > (-when.timestamp(), rank, -pk)


def _entry(step: ScoreStep, place: int) -> Entry:
    """`place` counts from the oldest change, so that it names the same one on every page."""
    because = ", ".join(f"{signed(part.points)} {part.name}" for part in step.parts[:6])
    title = f"Score {whole(step.previous)} to" if step.previous is not None else "First score"
    return Entry(
        step.changed_at,
        Rank.SCORE,
        place,
        title,
        about=whole(step.score),
        detail=f"{because} ({step.model})" if because else step.model,
        points=step.score - (step.previous or 0),
    )
