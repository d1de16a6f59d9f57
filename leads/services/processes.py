"""Processes are made, copied, edited, retired and chosen, and leads change theirs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from contacts.doorbells import facts_changed
from contacts.models import User
from leads.errors import InvalidValues, ProcessIsDefault, ProcessIsRetired
from leads.models import CampaignProcess, Lead, LeadEvent, Process
from leads.process_stages import ProcessStages, StageSettings, to_json
from leads.services.events import event
from leads.services.going_on import TICKS
from leads.services.process_sweeps import look_again

CHUNK = 1000
"""Leads per transaction when they change their process."""
SWITCHES = (
    *("first_score_moves", "score_makes_ready", "teleprospecting_ready_moves", "teleprospecting_accepted_moves"),
    "links_contacts",
)


@dataclass(frozen=True)
class ProcessValues:
    """All that is edited of a process. `switches`: those of SWITCHES that are on."""

    name: str
    readiness_policy: str
    switches: frozenset[str]
    stages: Sequence[StageSettings]


def locked_process(process_id: int) -> Process:
    """The row, locked until the transaction ends. Raises Process.DoesNotExist."""
    process: Process = Process.objects.select_for_update(no_key=True, of=("self",)).get(pk=process_id)
    return process


def copy_process(process_id: int, *, name: str, by: User) -> Process:
    """A new process like this one, neither default nor for any campaign. Raises InvalidValues for a taken name."""
    like = Process.objects.get(pk=process_id)
    fields = ("readiness_policy", "readiness_expression", "stages_stored", *SWITCHES)
    made = Process(name=_free(name), edited_by=by, edited_at=timezone.now(), **{n: getattr(like, n) for n in fields})
    with _name_told(), transaction.atomic():
        made.save(force_insert=True)
    return made


def update_process(process: Process, values: ProcessValues, *, by: User) -> None:
    """Write what was edited of a process whose row the caller has locked. Leads that a gate held and that is open now,
    or that were ticked before their tick moved leads on, are looked at again. Raises InvalidValues when the name is
    taken.
    """
    opened = set(_opened(process.stages, ProcessStages(to_json(values.stages))))
    opened |= {str(stage) for stage, name in TICKS.values() if name in values.switches and not getattr(process, name)}
    process.name, process.readiness_policy = values.name.strip(), values.readiness_policy
    process.stages_stored = to_json(values.stages)
    for name in SWITCHES:
        setattr(process, name, name in values.switches)
    process.edited_by, process.edited_at = by, timezone.now()
    written = ["name", "readiness_policy", "stages_stored", "edited_by", "edited_at", *SWITCHES]
    with _name_told(), transaction.atomic():
        process.save(update_fields=written)
        if opened:
            look_again(process, opened)


def _opened(before: ProcessStages, now: ProcessStages) -> list[str]:
    """The stages that require less than they did, or lead elsewhere."""
    return [
        one.stage.value
        for one in now.all()
        if set(before.of(one.stage).required) - set(one.required)
        or before.following(one.stage) != now.following(one.stage)
    ]


def retire(process_id: int, *, by: User) -> None:
    """Take no new leads into a process; those in it go on. Raises ProcessIsDefault."""
    with transaction.atomic():
        process = locked_process(process_id)
        if process.is_default:
            raise ProcessIsDefault(process.name)
        if process.retired_at is None:
            _edited(process, by, retired_at=timezone.now())


def bring_back(process_id: int, *, by: User) -> None:
    """Let a retired process take leads again."""
    with transaction.atomic():
        _edited(locked_process(process_id), by, retired_at=None)


def make_default(process_id: int, *, by: User) -> None:
    """New leads begin in this process from now on, unless their campaign has one. Raises ProcessIsRetired."""
    with transaction.atomic():
        both = Process.objects.filter(is_default=True) | Process.objects.filter(pk=process_id)
        list(both.select_for_update(no_key=True, of=("self",)).order_by("pk"))
        process = Process.objects.get(pk=process_id)
        if process.retired_at is not None:
            raise ProcessIsRetired(process.name)
        if not process.is_default:
            Process.objects.filter(is_default=True).update(is_default=False)
            _edited(process, by, is_default=True)


def note_edited(process: Process, *, by: User) -> None:
    """Say who edited it, and when; for what is edited elsewhere."""
    _edited(process, by)


def _edited(process: Process, by: User, **values: object) -> None:
    Process.objects.filter(pk=process.pk).update(**values, edited_by=by, edited_at=timezone.now())


def begin_campaign_in(process_id: int, campaign_id: int, *, by: User) -> str:
    """New leads of a campaign begin in this process from now on; the name of the process they began in, or "".

    Raises ProcessIsRetired.
    """
    with transaction.atomic():
        process = locked_process(process_id)
        if process.retired_at is not None:
            raise ProcessIsRetired(process.name)
        other = CampaignProcess.objects.select_related("process").filter(campaign=campaign_id).first()
        CampaignProcess.objects.update_or_create(campaign_id=campaign_id, defaults={"process": process})
        _edited(process, by)
    return other.process.name if other and other.process_id != process_id else ""


def leave_campaign(process_id: int, campaign_id: int, *, by: User) -> None:
    """New leads of a campaign begin in the default process again."""
    with transaction.atomic():
        process = locked_process(process_id)
        CampaignProcess.objects.filter(process=process, campaign=campaign_id).delete()
        _edited(process, by)


def switch_process(ids: Sequence[int], *, to: int, by: User | None) -> list[int]:
    """Give leads another process; the ids of those that had a different one, in order. Stage and history stay.

    Set-based, a chunk a transaction; closed and deleted leads stay as they are without a word. Raises ProcessIsRetired.
    """
    switched: list[int] = []
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), CHUNK):
        with transaction.atomic():
            switched += _switch(ordered[start : start + CHUNK], to, by)
            facts_changed()
    return switched


def _switch(ids: list[int], to: int, by: User | None) -> list[int]:
    process = Process.objects.get(pk=to)
    if process.retired_at is not None:
        raise ProcessIsRetired(process.name)
    leads = Lead.objects.alive().open().filter(pk__in=ids).exclude(process=to)
    locked = leads.select_for_update(no_key=True, of=("self",)).order_by("pk")
    before = dict(locked.values_list("pk", "process_id"))
    names = dict(Process.objects.filter(pk__in=set(before.values())).values_list("pk", "name"))
    now = timezone.now()
    Lead.objects.filter(pk__in=before).update(process=to, version=F("version") + 1, updated_at=now)
    LeadEvent.objects.bulk_create(
        event(pk, LeadEvent.Kind.SWITCHED, by, f"{names.get(was, 'None')} to {process.name}", now)
        for pk, was in before.items()
    )
    return list(before)


def _free(name: str) -> str:
    wanted = " ".join(name.split())[:100]
    if not wanted:
        raise InvalidValues({"name": "A process needs a name."})
    return wanted


@contextmanager
def _name_told() -> Iterator[None]:
    """The database decides whose a name is; say so in words."""
    try:
        yield
    except IntegrityError as error:
        if "leads_process_name" not in str(error):
            raise
        raise InvalidValues({"name": "There is a process of this name already."}) from None
