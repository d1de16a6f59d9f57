"""What a person can do to one opportunity on its page: in which words, who may, when, and which service does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms

from contacts.models import User
from leads.models import Opportunity
from leads.opportunities import closing
from leads.opportunities.access import may_assign, may_work_on
from leads.opportunities.forms import Losing, Move, NewOwner, Nothing, Onward, Why, Winning
from leads.opportunities.moves import move_opportunities
from leads.opportunities.stages import next_stage

Run = Callable[[int, User, Mapping[str, Any]], object]


@dataclass(frozen=True)
class Action:
    """`title` heads its form, `button` does it, `done` says that it happened. `form` Nothing: one click."""

    name: str
    button: str
    title: str
    done: str
    icon: str
    run: Run
    may: Callable[[User, Opportunity], bool]
    when: Callable[[Opportunity], bool]
    form: type[Nothing] = Nothing
    words: str = ""
    key: str = ""

    @property
    def needs_words(self) -> bool:
        fields = {**self.form.base_fields, **self.form.declared_fields}
        return any(not field.widget.is_hidden for field in fields.values())

    def form_for(self, opportunity: Opportunity, data: Any = None) -> forms.Form:
        """Its form, bound when there is data."""
        return self.form(data, opportunity=opportunity)


def _is_open(one: Opportunity) -> bool:
    return one.is_open


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in [
        Action(
            "take",
            "Take it",
            "Take the opportunity",
            "The opportunity is yours.",
            "user-round-plus",
            lambda pk, user, data: closing.take_opportunity(pk, by=user),
            may_work_on,
            lambda one: one.is_open and one.owner_id is None,
            words="You become its owner. Its stage stays.",
        ),
        Action(
            "move-on",
            "Move on",
            "Move to the next stage",
            "Moved on.",
            "arrow-right",
            lambda pk, user, data: move_opportunities([pk], data["to"], by=user),
            may_work_on,
            lambda one: one.is_open and next_stage(one.stage) is not None,
            Onward,
            words="It goes to the next stage.",
        ),
        Action(
            "win",
            "Won",
            "Close as won",
            "Won.",
            "trophy",
            lambda pk, user, data: closing.win(pk, by=user, revenue=data["revenue"], on=data["on"], note=data["note"]),
            may_work_on,
            _is_open,
            Winning,
            "It is closed, with what it brings in.",
            key="w",
        ),
        Action(
            "lose",
            "Lost",
            "Close as lost",
            "Lost.",
            "circle-x",
            lambda pk, user, data: closing.lose(
                pk, by=user, reason=data["reason"], on=data["on"], competitor=data["competitor"], note=data["note"]
            ),
            may_work_on,
            _is_open,
            Losing,
            "It is closed, with the reason. It can be opened again.",
        ),
        Action(
            "move",
            "Move",
            "Move to another stage",
            "Moved.",
            "arrow-left-right",
            lambda pk, user, data: move_opportunities([pk], data["to"], by=user, reason=data["reason"]),
            may_work_on,
            _is_open,
            Move,
            "It goes to a stage that you choose, on or back.",
        ),
        Action(
            "assign",
            "Assign",
            "Assign the opportunity",
            "Assigned.",
            "user-round-cog",
            lambda pk, user, data: closing.assign_opportunities([pk], to=data["to"], by=user),
            may_assign,
            _is_open,
            NewOwner,
            "Somebody else becomes its owner. Its stage stays.",
        ),
        Action(
            "reopen",
            "Reopen",
            "Open the opportunity again",
            "Open again.",
            "rotate-ccw",
            lambda pk, user, data: closing.reopen(pk, by=user, reason=data["reason"]),
            may_work_on,
            lambda one: not one.is_open,
            Why,
            "It goes back to the stage it was closed from. How it was closed stays in its history.",
        ),
    ]
}
LEADING = ("take", "move-on", "win", "reopen")


def offered(opportunity: Opportunity, user: User) -> list[Action]:
    """What this person can do to it now, the most likely first."""
    return [one for one in ACTIONS.values() if one.may(user, opportunity) and one.when(opportunity)]


def first_of(actions: Sequence[Action]) -> Action | None:
    """What brings it on, if anything does: the others are kept behind it."""
    return next((action for action in actions if action.name in LEADING), None)
