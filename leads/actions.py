"""What a person can do to one lead on its page: in which words, who may, whether as it stands now, and which service
does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms

from contacts.models import User
from leads.access import may_accept, may_assign, may_move, may_qualify, may_return, may_take
from leads.action_forms import Back, Closing, Next, Nothing, Owner, Reason, Recycling, Reopening, following
from leads.models import Cause, Lead
from leads.services import closing, ending, readiness
from leads.services.moves import move_leads
from leads.services.readiness import locked_lead
from leads.services.records import update_lead
from leads.stages import ORDER, Stage

Run = Callable[[int, User, Mapping[str, Any]], object]


@dataclass(frozen=True)
class Action:
    """`title` heads its form, `button` does it, `done` says that it happened. `form` Nothing: one click.

    `claims_keys`: it locks match keys and then the lead.
    """

    name: str
    button: str
    title: str
    done: str
    icon: str
    run: Run
    may: Callable[[User, Lead], bool]
    when: Callable[[Lead], bool]
    form: type[Nothing] = Nothing
    words: str = ""
    key: str = ""
    claims_keys: bool = False
    on_bar: bool = False
    """Drawn as a box to tick on the process bar, not among what else can be done."""

    @property
    def needs_words(self) -> bool:
        return any(not field.widget.is_hidden for field in self.form.base_fields.values())

    def form_for(self, lead: Lead, data: Any = None, **initial: str) -> forms.Form:
        """Its form, bound when there is data; else begun with what the address said."""
        return self.form(data, lead=lead, initial=initial)


def _waits(lead: Lead) -> bool:
    return lead.is_open and lead.sales_ready and lead.accepted_at is None and lead.stage == Stage.SALES_ACCEPTANCE


def _can_move_on(lead: Lead) -> bool:
    stage = following(lead)
    return lead.process_runs and stage is not None and (stage != Stage.SALES_ACCEPTANCE or lead.sales_ready)


def _tick(name: str, ticked: bool) -> Run:
    """Set or take away a tick as any other edit of the lead is made, whatever else was saved meanwhile."""

    def run(pk: int, user: User, data: Mapping[str, Any]) -> object:
        return update_lead(pk, version=locked_lead(pk).version, changes={name: ticked}, by=user)

    return run


def _stands(name: str, ticked: bool, lead: Lead) -> bool:
    return lead.process_runs and getattr(lead, name) == ticked


def _ticks(name: str, label: str) -> list[Action]:
    return [
        Action(
            f"{name.replace('_', '-')}{'' if ticked else '-not'}",
            label,
            label,
            f"{label}{'' if ticked else ': no longer'}.",
            "square-check" if ticked else "square",
            _tick(name, ticked),
            may_move,
            partial(_stands, name, not ticked),
            on_bar=True,
        )
        for ticked in (True, False)
    ]


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in [
        Action(
            "accept",
            "Accept",
            "Accept the lead",
            "Accepted, the lead is yours.",
            "check",
            lambda pk, user, data: readiness.accept(pk, by=user),
            may_accept,
            _waits,
            words="It becomes yours, and everybody sees that you take it up.",
            key="a",
        ),
        Action(
            "take",
            "Take it",
            "Assign to me",
            "The lead is yours.",
            "user-round-plus",
            lambda pk, user, data: closing.take(pk, by=user),
            may_take,
            lambda lead: lead.is_open and lead.owner_id is None,
            words="You become its owner. Its stage stays, and nothing is accepted.",
        ),
        Action(
            "move-on",
            "Move on",
            "Move to the next stage",
            "Moved on.",
            "arrow-right",
            lambda pk, user, data: move_leads([pk], data["to"], actor=user, cause=Cause.PERSON),
            may_move,
            _can_move_on,
            Next,
            words="It goes to the next stage of its process.",
        ),
        Action(
            "close",
            "Close",
            "Close the lead",
            "Closed.",
            "circle-check-big",
            lambda pk, user, data: closing.close(
                pk, by=user, status=data["reason"].status, reason=data["reason"], note=data["note"]
            ),
            may_move,
            lambda lead: lead.is_open,
            Closing,
            "Its next interest is a new lead. A closed lead can be opened again.",
        ),
        Action(
            "assign",
            "Assign",
            "Assign the lead",
            "Assigned.",
            "user-round-cog",
            lambda pk, user, data: closing.assign([pk], to=data["to"], by=user),
            may_assign,
            lambda lead: lead.is_open,
            Owner,
            words="Somebody else becomes its owner. Its stage stays.",
        ),
        Action(
            "ready",
            "Set sales ready",
            "Set sales ready",
            "Sales ready: it waits for sales now.",
            "flame",
            lambda pk, user, data: readiness.set_sales_ready(pk, by=user, reason=data["reason"]),
            may_qualify,
            lambda lead: lead.process_runs and not lead.sales_ready,
            Reason,
            "It goes to Sales acceptance at once, past the stages between.",
        ),
        Action(
            "return",
            "Return",
            "Return to marketing",
            "Returned to marketing.",
            "undo-2",
            lambda pk, user, data: readiness.return_to_marketing(pk, by=user, reason=data["reason"], note=data["note"]),
            may_return,
            readiness.can_be_returned,
            Recycling,
            "It goes back to Automated marketing qualification, counted as recycled, and no salesperson has it any "
            "more. If it was sales ready, scores leave it alone until they have been below the threshold once.",
            key="r",
        ),
        Action(
            "move-back",
            "Move back",
            "Move back to an earlier stage",
            "Moved back.",
            "arrow-left",
            lambda pk, user, data: move_leads([pk], data["to"], actor=user, cause=Cause.PERSON, reason=data["reason"]),
            may_move,
            lambda lead: lead.process_runs and lead.stage != Stage.INQUIRY,
            Back,
            words="It goes to an earlier stage that you choose, and you say why.",
        ),
        Action(
            "clear-ready",
            "Clear sales ready",
            "Clear sales ready",
            "No longer sales ready.",
            "flame-kindling",
            lambda pk, user, data: readiness.clear_sales_ready(pk, by=user, reason=data["reason"]),
            may_qualify,
            lambda lead: lead.is_open and lead.sales_ready,
            Reason,
            "It stays in its stage. Scores leave it alone until they have been below the threshold once.",
        ),
        Action(
            "finish",
            "Finish",
            "Finish the process",
            "Its process is finished.",
            "flag",
            lambda pk, user, data: ending.finish(pk, by=user),
            may_move,
            lambda lead: lead.process_runs and lead.stage == ORDER[-1],
            words="The lead stays open; nothing moves it any more.",
        ),
        Action(
            "abandon",
            "Abandon",
            "Abandon the process",
            "Its process is abandoned.",
            "circle-off",
            lambda pk, user, data: ending.abandon(pk, by=user, reason=data["reason"]),
            may_move,
            lambda lead: lead.process_runs,
            Reason,
            "The lead stays open where it is; nothing moves it any more.",
        ),
        Action(
            "reactivate",
            "Reactivate",
            "Reactivate the process",
            "Its process goes on.",
            "play",
            lambda pk, user, data: ending.reactivate(pk, by=user),
            may_move,
            lambda lead: lead.is_open and not lead.process_runs,
            words="Its process goes on in the stage it is in.",
        ),
        *_ticks("teleprospecting_ready", "Teleprospecting ready"),
        *_ticks("teleprospecting_accepted", "Teleprospecting accepted"),
        Action(
            "reopen",
            "Reopen",
            "Open the lead again",
            "Open again.",
            "rotate-ccw",
            lambda pk, user, data: closing.reopen(pk, by=user, reason=data["reason"], to=data["to"]),
            may_move,
            lambda lead: not lead.is_open,
            Reopening,
            words="It is open and scored again; what happened before stays in its story.",
            claims_keys=True,
        ),
    ]
}


def offered(lead: Lead, user: User) -> list[Action]:
    """What this person can do to this lead now, the most likely first."""
    return [one for one in ACTIONS.values() if not one.on_bar and one.may(user, lead) and one.when(lead)]


def first_of(actions: Sequence[Action], lead: Lead) -> Action | None:
    """What brings the lead on, if anything does: the others are kept behind it. Whoever has accepted it closes it."""
    leading = {"accept", "take", "move-on", "reactivate", "reopen"} | ({"close"} if lead.accepted_at else set())
    return next((action for action in actions if action.name in leading), None)
