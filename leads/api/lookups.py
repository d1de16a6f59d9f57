"""What other systems look up to name it: reasons, sources, processes with their stages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Schema

from leadcrm.lib.api.calling import Routes
from leads.models import LeadSource, Process, RecycleReason, StatusReason
from leads.stages import ORDER, Stage

routes = Routes(tags=["Lookups"])


class ReasonOut(Schema):
    id: int
    name: str
    note_required: bool


class StatusReasonOut(ReasonOut):
    status: str


class SourceOut(Schema):
    id: int
    name: str


class StageOut(Schema):
    """One of the five stages, as a process calls it, and whether it uses it."""

    stage: Stage
    name: str
    used: bool


class ProcessOut(Schema):
    id: int
    name: str
    is_default: bool
    stages: list[StageOut]


@routes.reads("/status-reasons", "", list[StatusReasonOut], operation_id="listStatusReasons", summary="Status reasons")
def list_status_reasons(request: HttpRequest) -> Any:
    """Why a lead has its status; closing names one."""
    return list(StatusReason.objects.offered())


@routes.reads("/return-reasons", "", list[ReasonOut], operation_id="listReturnReasons", summary="Reasons to return")
def list_return_reasons(request: HttpRequest) -> Any:
    """Why a lead goes back to marketing."""
    return list(RecycleReason.objects.offered())


@routes.reads("/lead-sources", "", list[SourceOut], operation_id="listLeadSources", summary="Lead sources")
def list_sources(request: HttpRequest) -> Any:
    """What kind of thing brings leads."""
    return list(LeadSource.objects.offered())


@routes.reads("/processes", "", list[ProcessOut], operation_id="listProcesses", summary="Processes")
def list_processes(request: HttpRequest) -> Any:
    """The processes leads go through, with what each calls the stages."""
    return [
        {"id": one.pk, "name": one.name, "is_default": one.is_default, "stages": _stages(one)}
        for one in Process.objects.filter(retired_at=None).order_by("name")
    ]


def _stages(process: Process) -> list[dict[str, Any]]:
    stages = process.stages
    return [{"stage": one, "name": stages.name_of(one), "used": stages.uses(one)} for one in ORDER]
