"""The board of leads: those on their way, by stage, each card knowing where it may go and what stands before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from contacts.models import User
from leadcrm.lib.boards import Place
from leads.access import may_move
from leads.filters import LeadFilter
from leads.models import Lead, Process
from leads.process_stages import ProcessStages
from leads.services.gates import missing_in
from leads.stages import ORDER, Stage, is_forward


class BoardFilter(LeadFilter):
    """The filters of the list, but those that the board itself answers."""

    stage = None
    status = None


@dataclass(frozen=True)
class Target:
    """A stage a card may go to, and whether that is back: then a reason is asked."""

    stage: Stage
    name: str
    back: bool


@dataclass(frozen=True)
class Card:
    """One lead on the board, and where its page is. `lacking`: labels of fields that its stage requires and that are
    empty.
    """

    lead: Lead
    url: str
    lasted: timedelta
    is_late: bool
    targets: list[Target]
    lacking: list[str]

    @property
    def name(self) -> str:
        return str(self.lead.contact or self.lead.account or self.lead.topic)

    @property
    def about(self) -> str:
        """What it is about, and the contact's account."""
        company = self.lead.contact.account if self.lead.contact else None
        return f"{self.lead.topic[:70]} · {company}" if company else self.lead.topic[:70]

    @property
    def waits(self) -> bool:
        """Whether it is sales ready, and not where sales looks."""
        return self.lead.sales_ready and self.lead.stage != Stage.SALES_ACCEPTANCE

    @property
    def onward(self) -> list[Target]:
        return [target for target in self.targets if not target.back]

    @property
    def goes_back(self) -> bool:
        return any(target.back for target in self.targets)

    @property
    def can(self) -> str:
        """The stages it may go to, for the page."""
        return " ".join(target.stage for target in self.targets)


def places_of(process: Process | None) -> list[Place]:
    """The columns: the stages as one process has them, or, with several processes in view, as they are in code."""
    stages = process.stages if process else ProcessStages({})
    return [Place(one.stage, one.name, one.most, one.most_refuses) for one in stages.all() if one.used]


def cards_of(leads: Sequence[Lead], user: User) -> list[Card]:
    """Cards in the same order. One query where stages require fields, and one for custom fields."""
    processes: dict[int | None, ProcessStages] = {lead.process_id: lead.stages for lead in leads}
    missing = missing_in(leads, processes) if leads else {}
    now, place = timezone.now(), reverse("leads:list")
    cards = []
    for lead in leads:
        limit = lead.stages.of(lead.stage).limit
        lasted = now - lead.stage_entered_at
        targets = targets_of(lead) if may_move(user, lead) else []
        lacking = [field.label for field in missing.get(lead.pk, [])]
        cards.append(Card(lead, f"{place}{lead.pk}/", lasted, bool(limit and lasted > limit), targets, lacking))
    return cards


def targets_of(lead: Lead) -> list[Target]:
    """Where a person may move it: on to the next stage, to sales when it is sales ready, and back."""
    if not lead.process_runs:
        return []
    following = lead.stages.following(lead.stage)
    onward: list[Stage] = [] if following in {None, Stage.SALES_ACCEPTANCE} else [Stage(following or "")]
    if lead.sales_ready and is_forward(lead.stage, Stage.SALES_ACCEPTANCE):
        onward.append(Stage.SALES_ACCEPTANCE)
    places = [(stage, False) for stage in onward] + [(stage, True) for stage in lead.stages.earlier(lead.stage)]
    return [Target(stage, lead.stages.name_of(stage), back) for stage, back in places]


STAGES = {stage.value for stage in ORDER}
