"""What stands between a lead and the next stage: the fields that its stage requires, for many leads at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leads.models import Lead, Process
from leads.process_stages import ProcessStages
from leads.stage_fields import Field, catalogue, missing_of


def processes_of(leads: Sequence[Lead]) -> dict[int | None, ProcessStages]:
    """The stages of the leads' processes by id; None for leads without one. One query."""
    wanted = {lead.process_id for lead in leads if lead.process_id is not None}
    stored = Process.objects.filter(pk__in=wanted).values_list("pk", "stages_stored") if wanted else []
    return {None: ProcessStages({}), **{pk: ProcessStages(stages) for pk, stages in stored}}


def missing_in(leads: Sequence[Lead], processes: Mapping[int | None, ProcessStages]) -> dict[int, list[Field]]:
    """What each lead still lacks in its present stage, by id; those that lack nothing are not there.

    No query where nothing is required, else one, and one more for custom fields.
    """
    required = {lead.pk: processes[lead.process_id].of(lead.stage).required for lead in leads}
    gated = [pk for pk, names in required.items() if names]
    if not gated:
        return {}
    fields = catalogue({name for pk in gated for name in required[pk]})
    rows = Lead.objects.filter(pk__in=gated).select_related("contact__account", "account", "product", "campaign")
    lacking = {lead.pk: missing_of(lead, required[lead.pk], fields) for lead in rows}
    return {pk: names for pk, names in lacking.items() if names}
