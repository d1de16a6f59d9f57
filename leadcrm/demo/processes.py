"""A second process beside the shipped one: what partners bring goes to sales without being called first."""

from __future__ import annotations

from datetime import timedelta

from contacts.models import User
from leads.models import Process
from leads.process_stages import StageField, StageSettings, StageTask
from leads.services.processes import SWITCHES, ProcessValues, copy_process, locked_process, update_process
from leads.stages import Stage

PARTNERS = "Partner leads"


def make_processes(by: User) -> None:
    """The process of partners' leads, on its own; nobody's leads are in it yet."""
    default = Process.objects.get(is_default=True)
    if Process.objects.filter(name=PARTNERS).exists():
        return
    made = locked_process(copy_process(default.pk, name=PARTNERS, by=by).pk)
    update_process(made, ProcessValues(PARTNERS, made.readiness_policy, frozenset(SWITCHES), STAGES), by=by)


def _stage(stage: Stage, *names: str, required: tuple[str, ...] = (), **more: object) -> StageSettings:
    fields = tuple(StageField(name, name in required) for name in names)
    settings = {"name": stage.label, "fields": fields} | more
    return StageSettings(stage, **settings)  # type: ignore[arg-type]


STAGES = [
    _stage(
        Stage.INQUIRY,
        *("contact", "account", "product"),
        required=("account", "product"),
        name="Brought in",
        limit=timedelta(hours=24),
    ),
    _stage(
        Stage.MARKETING_QUALIFICATION,
        *("sales_ready", "budget_amount", "purchase_timeframe"),
        required=("budget_amount",),
        name="Checked",
        limit=timedelta(hours=72),
        most=40,
    ),
    _stage(Stage.TELEPROSPECTING_ACCEPTANCE, used=False),
    _stage(Stage.TELEPROSPECTING_QUALIFICATION, used=False),
    _stage(
        Stage.SALES_ACCEPTANCE,
        *("owner", "accepted", "decision_maker"),
        name="With sales",
        limit=timedelta(hours=24),
        task=StageTask("Thank the partner", "", 1),
    ),
]
