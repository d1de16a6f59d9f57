"""What leads refuse, by name."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.utils import timezone

from contacts.errors import CannotRestore, ChangedMeanwhile, InvalidValues, RecordGone, UnknownField
from leadcrm.lib.errors import DomainError
from leads.stages import Stage

__all__ = [
    "AlreadyAccepted",
    "AlreadyTaken",
    "AskedTwice",
    "BeingCalled",
    "CannotRestore",
    "CannotUndoCall",
    "ChangedHands",
    "ChangedMeanwhile",
    "CommentRefused",
    "FieldsMissing",
    "FinishRefused",
    "HasContact",
    "InvalidStrategy",
    "InvalidValues",
    "LeadIsClosed",
    "LeadIsOpen",
    "NotPossibleNow",
    "ProcessHasEnded",
    "ProcessIsDefault",
    "ProcessIsRetired",
    "ProcessRuns",
    "ReadinessRefused",
    "ReasonMissing",
    "RecordGone",
    "StageIsFull",
    "StageMoveRefused",
    "TaskClosed",
    "TaskTaken",
    "UnknownField",
]


class StageMoveRefused(DomainError):
    """A person asked for a move that the process does not allow. Nothing moved."""

    code = "stage_move_refused"

    def __init__(self, lead_id: int, target: str, reason: str) -> None:
        super().__init__(
            f"This lead cannot move to {Stage(target).label}: {reason}.",
            lead_id=lead_id,
            target=str(target),
            reason=reason,
        )
        self.lead_id, self.target, self.reason = lead_id, target, reason


class FieldsMissing(StageMoveRefused):
    """The stage that a lead would leave requires `fields` (pairs of name and label), which are empty."""

    code = "fields_missing"

    def __init__(self, lead_id: int, target: str, stage: str, fields: list[tuple[str, str]]) -> None:
        labels = ", ".join(label for _, label in fields)
        super().__init__(lead_id, target, f"{stage} needs {labels} first")
        self.data |= {"stage": stage, "fields": [name for name, _ in fields]}
        self.stage, self.fields = stage, fields


class StageIsFull(StageMoveRefused):
    """The stage (called `stage`) holds as many leads as its process lets it: `most`."""

    code = "stage_is_full"

    def __init__(self, lead_id: int, target: str, stage: str, most: int) -> None:
        super().__init__(lead_id, target, f"{stage} holds {most} leads, as many as its process allows")
        self.data |= {"stage": stage, "most": most}
        self.stage, self.most = stage, most


class FinishRefused(DomainError):
    """The process of this lead cannot be finished yet; `fields` (pairs of name and label) are what its stage lacks."""

    code = "finish_refused"

    def __init__(self, lead_id: int, reason: str, fields: list[tuple[str, str]] | None = None) -> None:
        super().__init__(f"This lead's process cannot be finished: {reason}.", lead_id=lead_id, reason=reason)
        self.fields = fields or []
        self.data |= {"fields": [name for name, _ in self.fields]}
        self.lead_id, self.reason = lead_id, reason


class ProcessHasEnded(DomainError):
    """The lead is open, but its process is finished or abandoned (`state`, in words)."""

    code = "process_has_ended"

    def __init__(self, lead_id: int, state: str) -> None:
        super().__init__(f"This lead's process is {state}. Reactivate it first.", lead_id=lead_id, state=state)
        self.lead_id, self.state = lead_id, state


class ProcessIsDefault(DomainError):
    """The default process cannot be retired: new leads would begin nowhere."""

    code = "process_is_default"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the default process. Make another one the default first.", name=name)


class ProcessIsRetired(DomainError):
    """A retired process takes no new leads."""

    code = "process_is_retired"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is retired and takes no new leads. Bring it back first.", name=name)


class ProcessRuns(DomainError):
    """Only a finished or abandoned process can be reactivated."""

    code = "process_runs"

    def __init__(self, lead_id: int) -> None:
        super().__init__("This lead's process is active already.", lead_id=lead_id)
        self.lead_id = lead_id


class ReadinessRefused(DomainError):
    """Sales ready cannot be set, cleared, accepted or returned as the lead stands now."""

    code = "readiness_refused"

    def __init__(self, lead_id: int, reason: str) -> None:
        super().__init__(f"{reason}.", lead_id=lead_id, reason=reason)
        self.lead_id, self.reason = lead_id, reason


class AlreadyAccepted(ReadinessRefused):
    """Someone was first to accept this lead: `accepted_by` (a name), at `accepted_at`."""

    code = "already_accepted"

    def __init__(self, lead_id: int, accepted_by: str, accepted_at: datetime) -> None:
        super().__init__(lead_id, f"{accepted_by} has accepted this lead already")
        self.data |= {"accepted_by": accepted_by, "accepted_at": accepted_at}
        self.accepted_by, self.accepted_at = accepted_by, accepted_at


class AlreadyTaken(DomainError):
    """Someone was first to take it: `owner` (a name). Only whoever may assign gives it to somebody else."""

    code = "already_taken"

    def __init__(self, record_id: int, owner: str, *, record: str = "lead") -> None:
        super().__init__(f"{owner} has taken this {record} already.", owner=owner, **{f"{record}_id": record_id})
        self.record_id, self.owner = record_id, owner


class ChangedHands(DomainError):
    """What a person asked for was theirs to do, and is not since `owner` (a name, "" for nobody) has it."""

    code = "changed_hands"

    def __init__(self, record_id: int, action: str, owner: str, *, record: str = "lead") -> None:
        has = f"{owner} has this {record} now" if owner else f"This {record} has changed meanwhile"
        ids = {f"{record}_id": record_id}
        super().__init__(f"{has}: “{action}” is no longer yours to do.", action=action, owner=owner, **ids)
        self.record_id, self.owner = record_id, owner


class BeingCalled(DomainError):
    """Somebody else has this lead in hand for a call: `person` (a name), until `until`. Nothing is saved."""

    code = "being_called"

    def __init__(self, lead_id: int, person: str, until: datetime) -> None:
        when = timezone.localtime(until)
        super().__init__(
            f"{person} has this lead in hand, until {when:%H:%M}.", lead_id=lead_id, person=person, until=until
        )
        self.lead_id, self.person, self.until = lead_id, person, until


class CannotUndoCall(DomainError):
    """What came of a call stays: `problems` prevent taking it back, a sentence each. Nothing was taken back."""

    code = "cannot_undo_call"

    def __init__(self, lead_id: int, problems: list[str]) -> None:
        super().__init__(f"The call cannot be taken back. {' '.join(problems)}", lead_id=lead_id, problems=problems)
        self.lead_id, self.problems = lead_id, problems


class NotToBeCalled(DomainError):
    """The contact of this lead, `contact` (a name), asked not to be called."""

    code = "not_to_be_called"

    def __init__(self, lead_id: int, contact: str) -> None:
        super().__init__(f"{contact} asked not to be called.", lead_id=lead_id, contact=contact)
        self.lead_id, self.contact = lead_id, contact


class NotPossibleNow(DomainError):
    """What a person asked for is not offered for this lead as it stands now. Nothing is saved."""

    code = "not_possible_now"

    def __init__(self, lead_id: int, action: str) -> None:
        super().__init__(f"“{action}” is not possible as this lead stands now.", lead_id=lead_id, action=action)
        self.lead_id, self.action = lead_id, action


class LeadIsClosed(DomainError):
    """The lead must be open for this; reopen it first."""

    code = "lead_is_closed"

    def __init__(self, lead_id: int) -> None:
        super().__init__("This lead is closed. Reopen it first.", lead_id=lead_id)
        self.lead_id = lead_id


class CommentRefused(DomainError):
    """A comment is not this person's to edit or delete now."""

    code = "comment_refused"
    status: ClassVar[int] = 403

    def __init__(self, comment_id: int, words: str) -> None:
        super().__init__(words, comment_id=comment_id)
        self.comment_id = comment_id


class LeadIsOpen(DomainError):
    """Only a closed lead can be reopened."""

    code = "lead_is_open"

    def __init__(self, lead_id: int) -> None:
        super().__init__("This lead is open already.", lead_id=lead_id)
        self.lead_id = lead_id


class ReasonMissing(DomainError):
    """What a person did needs a reason, for whoever reads the history."""

    code = "reason_missing"
    status: ClassVar[int] = 422

    def __init__(self, what: str) -> None:
        super().__init__(f"Say why you {what}.", what=what)


class TaskClosed(DomainError):
    """Somebody was first: the task is done or cancelled, by `who` (a name, "" for nobody) at `when`."""

    code = "task_closed"

    def __init__(self, task_id: int, state: str, who: str, when: datetime | None) -> None:
        moment = f" at {timezone.localtime(when):%H:%M on %d.%m.%Y}" if when else ""
        done = "has done this task already" if state == "done" else "has cancelled this task"
        super().__init__(f"{who or 'Somebody'} {done}{moment}.", task_id=task_id, state=state, who=who)
        self.task_id, self.state, self.who, self.when = task_id, state, who, when


class TaskTaken(DomainError):
    """Someone was first to take this task from the queue: `owner` (a name)."""

    code = "task_taken"

    def __init__(self, task_id: int, owner: str) -> None:
        super().__init__(f"{owner} has taken this task already.", task_id=task_id, owner=owner)
        self.task_id, self.owner = task_id, owner


class TaskGivenAway(DomainError):
    """The task is `owner`'s (a name) by now: it is no longer this person's to change."""

    code = "task_given_away"
    status: ClassVar[int] = 403

    def __init__(self, task_id: int, owner: str) -> None:
        super().__init__(f"{owner} has this task now: it is no longer yours to change.", task_id=task_id, owner=owner)
        self.task_id, self.owner = task_id, owner


class InvalidStrategy(DomainError):
    """A lead matching strategy names something that leads cannot be matched on."""

    code = "invalid_strategy"
    status: ClassVar[int] = 422

    def __init__(self, attributes: list[str], expected: tuple[str, ...]) -> None:
        super().__init__(f"A lead matching strategy is made of {', '.join(expected)}.", attributes=attributes)


class HasContact(DomainError):
    """Somebody else said first whose this lead is. Nothing changed."""

    code = "has_contact"

    def __init__(self, lead_id: int, contact: str) -> None:
        super().__init__(f"Somebody was first: this lead is {contact}'s by now.", lead_id=lead_id, contact=contact)


class AskedTwice(DomainError):
    """A form that changes many leads was sent once more: `job_id` does what it asked for."""

    code = "asked_twice"

    def __init__(self, job_id: int) -> None:
        super().__init__("This was asked for already; it is done once.", job_id=job_id)
        self.job_id = job_id
