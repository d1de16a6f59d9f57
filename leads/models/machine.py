"""The machine that moves a lead through the five stages."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now
from django_fsm import RETURN_VALUE, FSMField, transition

from leads.models.choices import ProcessState, Status
from leads.models.guarded import Guarded
from leads.stages import ORDER, Stage


def is_on_its_way(lead: Any) -> bool:
    """Closed leads do not move; reopen them first. Nor do those whose process has ended; reactivate it first."""
    return bool(lead.status == Status.OPEN and lead.process_state == ProcessState.ACTIVE)


def is_sales_ready(lead: Any) -> bool:
    """Only what is sales ready, by score or by hand, may be put in front of sales."""
    return bool(lead.sales_ready)


class StageMachine(Guarded):
    """The stage of a lead, and its legal moves. `stage_entered_at` is when the present stage began.

    Each method sets only what the move implies; services.move_leads locks, saves and writes history.
    """

    stage = FSMField(max_length=40, choices=Stage.choices, default=Stage.INQUIRY, protected=True, editable=False)
    stage_entered_at = models.DateTimeField(db_default=Now(), editable=False)
    process_state = models.CharField(
        max_length=10, choices=ProcessState, default=ProcessState.ACTIVE, db_default=ProcessState.ACTIVE, editable=False
    )
    process_ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @transition(field=stage, source=Stage.INQUIRY, target=Stage.MARKETING_QUALIFICATION, conditions=[is_on_its_way])
    def begin_qualification(self) -> None: ...

    @transition(
        field=stage,
        source=Stage.MARKETING_QUALIFICATION,
        target=Stage.TELEPROSPECTING_ACCEPTANCE,
        conditions=[is_on_its_way],
    )
    def hand_to_teleprospecting(self) -> None: ...

    @transition(
        field=stage,
        source=[Stage.MARKETING_QUALIFICATION, Stage.TELEPROSPECTING_ACCEPTANCE],
        target=Stage.TELEPROSPECTING_QUALIFICATION,
        conditions=[is_on_its_way],
    )
    def accept_for_teleprospecting(self) -> None: ...

    @transition(
        field=stage,
        source=[
            Stage.INQUIRY,
            Stage.MARKETING_QUALIFICATION,
            Stage.TELEPROSPECTING_ACCEPTANCE,
            Stage.TELEPROSPECTING_QUALIFICATION,
        ],
        target=Stage.SALES_ACCEPTANCE,
        conditions=[is_on_its_way, is_sales_ready],
    )
    def hand_to_sales(self) -> None: ...

    @transition(
        field=stage,
        source=[
            Stage.MARKETING_QUALIFICATION,
            Stage.TELEPROSPECTING_ACCEPTANCE,
            Stage.TELEPROSPECTING_QUALIFICATION,
            Stage.SALES_ACCEPTANCE,
        ],
        target=RETURN_VALUE(*ORDER[:-1]),
        conditions=[is_on_its_way],
    )
    def go_back(self, to: str) -> str:
        """Back to an earlier stage, as a person may; services.move_leads has checked that it is earlier."""
        return to
