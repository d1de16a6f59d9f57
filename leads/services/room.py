"""How many leads a stage may hold at once, where its process says so: people are refused beyond, machines never."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from leads.errors import StageIsFull
from leads.models import Lead, ProcessState
from leads.process_stages import ProcessStages
from leads.stages import ORDER, Stage

LOCK = 0x5 << 40
"""Advisory locks of stages with a limit: this plus the process's id times ten plus the place of the stage."""


def room_in(
    leads: Sequence[Lead], processes: Mapping[int | None, ProcessStages], target: Stage
) -> dict[int | None, int]:
    """How many more leads `target` takes, for each process of the leads that refuses more than some.

    Whoever asks keeps others who ask waiting until the transaction ends, so that two people never share the last place.
    """
    room: dict[int | None, int] = {}
    for process_id in sorted({lead.process_id for lead in leads if lead.process_id is not None}):
        settings = processes[process_id].of(target)
        if settings.most and settings.most_refuses:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK + process_id * 10 + ORDER.index(target)])
            room[process_id] = settings.most - count_in(process_id, target, up_to=settings.most)
    return room


def count_in(process_id: int, stage: Stage, *, up_to: int) -> int:
    """How many leads of a process are in a stage now, counted no further than `up_to`."""
    there = Lead.objects.alive().open().filter(process=process_id, stage=stage, process_state=ProcessState.ACTIVE)
    return int(there[:up_to].count())


def take_room(lead: Lead, target: Stage, stages: ProcessStages, room: dict[int | None, int]) -> None:
    """Take one place for the lead, where places are numbered. Raises StageIsFull."""
    if lead.process_id not in room:
        return
    if room[lead.process_id] < 1:
        raise StageIsFull(lead.pk, target, stages.name_of(target), stages.of(target).most or 0)
    room[lead.process_id] -= 1
