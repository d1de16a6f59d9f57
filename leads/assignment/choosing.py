"""Whom a rule gives a lead, of the people it knows: in memory, so that a preview decides as the real thing does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from leads.assignment.people import Crew, Somebody
from leads.models import AssignmentRule, AtWork, Strategy

MOST_TOLD = 30
"""No more people are named in one decision."""

Considered = list[Any]
"""[id, code, more...]: a person and what stood in the way, or what spoke for them; words.py has the sentences."""


@dataclass
class Choice:
    """`winner` None: nobody could take it. `considered`: in the order in which they were."""

    winner: int | None
    considered: list[Considered] = field(default_factory=list)


@dataclass
class Turns:
    """The turns of one rule: when it was last whose, by the count of turns. `taken` are those of this batch."""

    last: dict[int, int] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)

    def of(self, user_id: int) -> int:
        return self.last.get(user_id, 0)

    def take(self, user_id: int) -> None:
        self.last[user_id] = max(self.last.values(), default=0) + 1
        self.taken.add(user_id)


@dataclass
class Chooser:
    """Chooses for one rule, lead after lead; loads and turns go on from one to the next."""

    rule: AssignmentRule
    people: list[int]
    crew: Crew
    turns: Turns

    def choose(self, *, account_owner: int | None = None, without: int | None = None) -> Choice:
        """Whose the next lead is. `without`: somebody it must not be."""
        told: list[Considered] = []
        if self.rule.strategy == Strategy.ACCOUNT_OWNER and account_owner is not None:
            winner = self._from_account(account_owner, without, told)
            if winner is not None:
                return self._given(Choice(winner, told))
        return self._given(self._among(without, told))

    def _from_account(self, owner_id: int, without: int | None, told: list[Considered]) -> int | None:
        in_place = self._in_place_of(owner_id, without, told)
        if in_place is None or not self._takes(in_place, told, waits=self.rule.at_work == AtWork.WAIT):
            return None
        told.append([in_place.user.pk, "account"])
        return in_place.user.pk

    def _among(self, without: int | None, told: list[Considered]) -> Choice:
        """The first who can take it, in the order of the strategy; those at work before the others."""
        ordered = sorted(self.people, key=self._order)
        waiting: list[tuple[int, Somebody]] = []
        for pk in ordered:
            somebody = self._in_place_of(pk, without, told)
            if somebody is None or not self._takes(somebody, told, waits=self.rule.at_work == AtWork.WAIT):
                continue
            if self.rule.at_work == AtWork.FIRST and not somebody.at_work:
                waiting.append((pk, somebody))
                continue
            return self._won(pk, somebody, told)
        if waiting:
            return self._won(*waiting[0], told)
        return Choice(None, told[:MOST_TOLD])

    def _order(self, pk: int) -> tuple[int, int, int]:
        somebody = self.crew.get(pk)
        load = somebody.load if somebody and self.rule.strategy == Strategy.LOAD else 0
        return (load, self.turns.of(pk), pk)

    def _won(self, pk: int, somebody: Somebody, told: list[Considered]) -> Choice:
        self.turns.take(pk)  # also when somebody stands in: it was this person's turn
        code = {Strategy.NAMED: "named", Strategy.LOAD: "load"}.get(Strategy(self.rule.strategy), "turn")
        del told[MOST_TOLD - 1 :]
        told.append([somebody.user.pk, code, somebody.load] if code == "load" else [somebody.user.pk, code])
        return Choice(somebody.user.pk, told)

    def _in_place_of(self, pk: int, without: int | None, told: list[Considered]) -> Somebody | None:
        """This person, who stands in for them, or nobody."""
        somebody = self.crew.get(pk)
        if somebody is None or not somebody.here:
            told.append([pk, "left"])
            return None
        if somebody.away_until is None and pk != without:
            return somebody
        if pk == without:
            told.append([pk, "not_again"])
            return None
        told.append([pk, "away", somebody.away_until.isoformat() if somebody.away_until else ""])
        stands_in = self.crew.get(somebody.stand_in)
        if stands_in is None or not stands_in.here or stands_in.away_until or stands_in.user.pk == without:
            return None
        told.append([stands_in.user.pk, "stands_in", pk])
        return stands_in

    def _takes(self, somebody: Somebody, told: list[Considered], *, waits: bool) -> bool:
        if self.rule.within_capacity and somebody.full:
            told.append([somebody.user.pk, "full", somebody.load, somebody.capacity])
            return False
        if not somebody.at_work:
            if waits:
                told.append([somebody.user.pk, "off"])
                return False
            if self.rule.at_work == AtWork.FIRST:
                told.append([somebody.user.pk, "later"])
        return True

    def _given(self, choice: Choice) -> Choice:
        won = self.crew.get(choice.winner)
        if won is not None:
            won.load += 1
        return choice
