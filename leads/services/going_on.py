"""Leads that were ticked for the next stage go on as soon as nothing holds them: at once, or when the field that a gate
asked for is filled in.
"""

from __future__ import annotations

from collections.abc import Sequence

from contacts.models import User
from leads.models import Cause, Lead, ProcessState
from leads.process_stages import OPTIONAL
from leads.services.gates import processes_of
from leads.services.moves import move_leads
from leads.stages import Stage

TICKS = {
    "teleprospecting_ready": (Stage.MARKETING_QUALIFICATION, "teleprospecting_ready_moves"),
    "teleprospecting_accepted": (Stage.TELEPROSPECTING_ACCEPTANCE, "teleprospecting_accepted_moves"),
}
"""Where a tick moves a lead on by itself, and the switch of its process that says so. Going back takes ticks away."""


def go_on_where_ticked(ids: Sequence[int], *, actor: User | None = None) -> list[int]:
    """Move those of the leads on that a tick sends on, where their process says so and no gate holds them; their ids.

    The others keep their ticks, and stay without a word; an `actor` is told that a stage is full (StageIsFull).
    Two queries for any number, besides the moves.
    """
    moved: list[int] = []
    for tick, (stage, switch) in TICKS.items():
        ticked = {tick: True, f"process__{switch}": True}
        leads = Lead.objects.alive().open().filter(pk__in=ids, stage=stage, process_state=ProcessState.ACTIVE, **ticked)
        due = list(leads.only("process_id").order_by("pk"))
        if not due:
            continue
        processes = processes_of(due)
        for target in OPTIONAL:
            there = [lead.pk for lead in due if processes[lead.process_id].following(stage) == target]
            if there:
                moved += move_leads(there, target, actor=actor, cause=Cause.TICKED)
    return sorted(set(moved))
