"""What entering a stage sets going: the task that the process wants done there, and who is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from contacts.models import User
from leads.models import Lead
from leads.process_stages import ProcessStages
from leads.services.gates import processes_of
from leads.services.tasks_of_leads import generate_for_stage
from leads.services.telling import came_to_calling
from leads.stages import Stage


def entered(
    leads: Sequence[Lead],
    target: Stage,
    *,
    by: User | None,
    known: Mapping[int | None, ProcessStages] | None = None,
) -> None:
    """To be called in the transaction in which these leads entered `target`. `known`: their processes, if read."""
    processes = known or processes_of(leads)
    wanted: dict[int | None, list[int]] = defaultdict(list)
    for lead in leads:
        if processes[lead.process_id].of(target).task.title:
            wanted[lead.process_id].append(lead.pk)
    for process, lead_ids in wanted.items():
        generate_for_stage(lead_ids, stage=target, task=processes[process].of(target).task, by=by)
    if target == Stage.TELEPROSPECTING_ACCEPTANCE:
        came_to_calling([lead.pk for lead in leads], by=by)
