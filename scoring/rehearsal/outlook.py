"""What going live would do to open leads, lead by lead: by the rules of scoring/readiness.py, without doing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from leads.models import Process, Status
from leads.stages import Stage
from scoring.batch import Range
from scoring.definition import ModelSpec
from scoring.readiness import any_is_enough, judge_of, never_left
from scoring.rehearsal.now import Verdict


class Fate(StrEnum):
    """What would become of a lead; each has one."""

    BECOMES = "becomes"
    """It becomes sales ready."""
    ALREADY = "already"
    """It is sales ready, and scores say so too."""
    STOPS = "stops"
    """It is sales ready and stays so, though scores no longer say so."""
    BY_HAND = "by_hand"
    """It is sales ready and stays so, though scores say so neither now nor then: a person did, or scores once."""
    HELD = "held"
    """Scores say ready, but a person cleared that, and it holds until they have said otherwise once."""
    PROCESS = "process"
    """Scores say ready, but in its process they decide nothing."""
    SWITCH = "switch"
    """Scores say ready, but automatic sales ready is switched off."""
    POLICY = "policy"
    """It reaches the threshold, but its process asks for more than that."""
    NOTHING = "nothing"


@dataclass(frozen=True)
class Turn:
    """A lead that would become sales ready, or (`becomes` False) whose scores would no longer say so. `before` and
    `after`: its score in the rehearsed model; None where it has none.
    """

    lead_id: int
    becomes: bool
    before: int | None
    after: int | None


@dataclass
class Outlook:
    """How many leads have which fate. `begins`: they leave Inquiry with their first score; `released`: a hold that a
    person put on them ends.
    """

    fates: dict[str, int] = field(default_factory=dict)
    begins: int = 0
    released: int = 0

    def of(self, fate: str) -> int:
        return self.fates.get(fate, 0)

    def add(self, fate: Fate) -> None:
        self.fates[fate] = self.of(fate) + 1

    def as_json(self) -> dict[str, Any]:
        return {"fates": self.fates, "begins": self.begins, "released": self.released}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Outlook:
        return cls(dict(data["fates"]), data["begins"], data["released"])


@dataclass(frozen=True)
class OpenLead:
    """What the engine would read of a lead beside its scores."""

    lead_id: int
    process_id: int | None
    sales_ready: bool
    ready_hold: bool
    stage: str


Scores: TypeAlias = dict[int, Verdict]
"""What the models (by id) say of a lead that score it."""


class Foresight:
    """Tells fates. `specs`: the rehearsed model, then all that are live, its own live version perhaps among them;
    `switches`: those of scoring.
    """

    def __init__(self, specs: Sequence[ModelSpec], switches: Mapping[str, bool]) -> None:
        self.specs, self.switches = specs, switches
        self.processes = Process.objects.in_bulk()
        self.judges = {pk: judge_of(process) for pk, process in self.processes.items()}

    def look(self, batch: Range, said: Mapping[int, Sequence[Verdict | None]], outlook: Outlook) -> list[Turn]:
        """Add the fates of the batch's open leads to `outlook`; the leads that turn. `said`: see `verdicts`."""
        turns: list[Turn] = []
        beginners: list[int] = []
        rehearsed = self.specs[0].model_id
        for lead in _open_leads(batch):
            before, after = self._scores(said.get(lead.lead_id, ()))
            says, said_so = self._say(lead, after), self._say(lead, before)
            fate = self._fate(lead, says=says, said_so=said_so, reaches=rehearsed in after and after[rehearsed][2])
            outlook.add(fate)
            outlook.released += lead.ready_hold and said_so and not says
            if fate in {Fate.BECOMES, Fate.STOPS}:
                was, becomes = before.get(rehearsed), after.get(rehearsed)
                turns.append(Turn(lead.lead_id, fate == Fate.BECOMES, was and was[0], becomes and becomes[0]))
            elif after and self._may_begin(lead):
                beginners.append(lead.lead_id)
        outlook.begins += len(never_left(beginners))
        return turns

    def _scores(self, verdicts: Sequence[Verdict | None]) -> tuple[Scores, Scores]:
        """(before going live, after it)."""
        known = [(spec, verdict) for spec, verdict in zip(self.specs, verdicts, strict=False) if verdict is not None]
        before = {spec.model_id: verdict for spec, verdict in known if spec is not self.specs[0]}
        after = {model_id: verdict for model_id, verdict in before.items() if model_id != self.specs[0].model_id}
        return before, after | {spec.model_id: verdict for spec, verdict in known if spec is self.specs[0]}

    def _say(self, lead: OpenLead, scores: Scores) -> bool:
        judge = self.judges.get(lead.process_id or 0, any_is_enough)
        return judge({model_id for model_id, (_, _, reached) in scores.items() if reached}, scores.keys())

    def _fate(self, lead: OpenLead, *, says: bool, said_so: bool, reaches: bool) -> Fate:
        if lead.sales_ready:
            return Fate.ALREADY if says else Fate.STOPS if said_so else Fate.BY_HAND
        if not says:
            return Fate.POLICY if reaches else Fate.NOTHING
        if lead.ready_hold:
            return Fate.HELD
        process = self.processes.get(lead.process_id or 0)
        if process is None or not process.score_makes_ready:
            return Fate.PROCESS
        return Fate.BECOMES if self.switches["sales_ready"] else Fate.SWITCH

    def _may_begin(self, lead: OpenLead) -> bool:
        process = self.processes.get(lead.process_id or 0)
        moves = process is not None and process.first_score_moves and self.switches["qualification"]
        return moves and not lead.sales_ready and lead.stage == Stage.INQUIRY


def _open_leads(batch: Range) -> Iterator[OpenLead]:
    leads = batch.leads().filter(status=Status.OPEN, deleted_at=None, contact__deleted_at=None)
    rows = leads.values_list("id", "process_id", "sales_ready", "ready_hold", "stage")
    return (OpenLead(*row) for row in rows)
