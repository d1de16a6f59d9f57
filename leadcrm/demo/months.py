"""The months behind the demo, lived through: the engine scores as of each of some days, and people act on it.

The scores are the engine's own, computed from the facts up to that day, so history, charts and dates agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from django.db import connection

from contacts.models import User
from leadcrm.demo.words import LOST_REASONS, RETURN_REASONS, WON_REASONS
from leads.conditions import lead_vocabulary
from leads.models import Cause, Lead, LeadEvent, RecycleReason, StageChange, Status
from leads.stages import Stage
from scoring import write
from scoring.batch import Range
from scoring.compute import all_scores_of
from scoring.definition import live_models
from scoring.moments import At

DAYS_AGO = (
    *(
        135,
        120,
        105,
        92,
        80,
        70,
        61,
        53,
        46,
        40,
        34,
        29,
        25,
        21,
        18,
        15,
        13,
        11,
        9,
        7.5,
        6,
        5,
        4,
        3,
        2.3,
        1.7,
        1.1,
        0.6,
    ),
    0,
)
# A day's pass finds what happened since the last one; each score gets the time of the interaction that made it.
DATE_SCORES = """
UPDATE scoring_scorechange change SET changed_at = GREATEST(lead.created_at + interval '1 second', COALESCE(
    (SELECT max(occurred_at) + interval '1 second' FROM contacts_interaction touch
     WHERE touch.contact_id = lead.contact_id AND touch.occurred_at > %(before)s AND touch.occurred_at <= %(now)s),
    %(now)s - (%(now)s - %(before)s) * ((lead.id * 7919 %% 997) / 1000.0)))
FROM leads_lead lead WHERE lead.id = change.lead_id AND change.changed_at = %(now)s
"""
REACHED = """
SELECT score.lead_id, model.name, change.changed_at
FROM scoring_leadscore score JOIN scoring_scoringmodel model ON model.id = score.model_id
CROSS JOIN LATERAL (SELECT changed_at FROM scoring_scorechange WHERE lead_id = score.lead_id
    AND model_id = score.model_id ORDER BY id DESC LIMIT 1) change
WHERE score.reached AND score.lead_id = ANY(%s) ORDER BY score.lead_id
"""


@dataclass
class Story:
    """One lead as it stands, while the months go by."""

    pk: int
    created_at: datetime
    entered: datetime
    stage: str = Stage.INQUIRY
    owner: User | None = None
    ready_at: datetime | None = None
    hold: bool = False
    accepted_at: datetime | None = None
    accepted_by: User | None = None
    closed_at: datetime | None = None
    status: str = Status.OPEN
    reason: str = ""
    waits: bool = False
    plans: list[tuple[datetime, str]] = field(default_factory=list)


class Months:
    """Everybody's stories, and the rows they leave behind."""

    def __init__(self, random: Random, leads: list[Lead], fresh: set[int], staff: dict[str, User]) -> None:
        self.random, self.staff = random, staff
        self.sales = [user for name, user in staff.items() if name in ("sam", "mona", "lena", "raj")]
        self.stories = {
            lead.pk: Story(lead.pk, lead.created_at, lead.created_at, waits=lead.pk in fresh) for lead in leads
        }
        self.moves: list[StageChange] = []
        self.events: list[LeadEvent] = []
        self.return_reasons = {reason.name: reason for reason in RecycleReason.objects.all()}

    def live_through(self, now: datetime) -> None:
        """From the first day to `now`."""
        before = now - timedelta(days=DAYS_AGO[0] + 20)
        for number, days in enumerate(DAYS_AGO):
            today = now - timedelta(days=days)
            born = [story for story in self.stories.values() if story.created_at <= today]
            if born:
                self._score(before, today, max(story.pk for story in born))
                for story in born:
                    if story.created_at > before:
                        self._begin(story)
                self._become_ready([story for story in born if self._may_become_ready(story)])
                closed = [story.pk for story in born if self._follow_plans(story, today)]
                # The engine must leave them alone from here on; the rest is written at the end.
                Lead.objects.open().filter(pk__in=closed).update(status=Status.QUALIFIED)
            if number % 6 == 1:
                self._analyse()
            before = today

    def _analyse(self) -> None:
        """Tell the planner how many scores there are by now; it cannot hear of it inside this transaction."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE scoring_leadscore, scoring_scorechange")

    def _score(self, before: datetime, today: datetime, up_to: int) -> None:
        models, everyone = live_models(), Range(0, up_to)
        wanted = all_scores_of(models, everyone.leads(), lead_vocabulary(scoring=True), now=At(today))
        write.scores(wanted, everyone, models, now=today)
        with connection.cursor() as cursor:
            cursor.execute(DATE_SCORES, {"before": before, "now": today})

    def _move(self, story: Story, to: str, at: datetime, cause: str, by: User | None = None, reason: str = "") -> None:
        self.moves.append(
            StageChange(
                lead_id=story.pk,
                from_stage=story.stage,
                to_stage=to,
                cause=cause,
                actor=by,
                reason=reason,
                entered_at=story.entered,
                moved_at=at,
            )
        )
        story.stage, story.entered = to, at

    def _event(self, story: Story, kind: str, at: datetime, by: User | None, detail: str = "") -> None:
        self.events.append(LeadEvent(lead_id=story.pk, kind=kind, actor=by, detail=detail, happened_at=at))

    def _begin(self, story: Story) -> None:
        """The first score moves a lead on; some are then looked at by the teleprospector."""
        self._move(story, Stage.MARKETING_QUALIFICATION, story.created_at + timedelta(seconds=1), Cause.FIRST_SCORE)
        if not story.waits and self.random.random() < 0.3:
            at = story.created_at + timedelta(days=self.random.uniform(0.4, 9))
            story.plans.append((at, "hand over"))

    def _may_become_ready(self, story: Story) -> bool:
        return story.status == Status.OPEN and not story.ready_at and not story.hold

    def _become_ready(self, stories: list[Story]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(REACHED, [[story.pk for story in stories]])
            reached = cursor.fetchall()
        for pk, model, at in reached:
            self._ready(self.stories[pk], at, Cause.SALES_READY_BY_SCORE, model, None)

    def _ready(self, story: Story, at: datetime, cause: str, detail: str, by: User | None) -> None:
        at = max(at, story.entered + timedelta(seconds=1))
        story.ready_at = at
        self._event(story, LeadEvent.Kind.SALES_READY, at, by, detail)
        self._move(story, Stage.SALES_ACCEPTANCE, at, cause, by, detail)
        if self.random.random() < 0.55:
            story.owner = self.random.choice(self.sales)
            by = self.staff["mona"]
            self._event(story, LeadEvent.Kind.ASSIGNED, at + timedelta(minutes=2), by, f"To {story.owner}")
        if not story.waits:
            hours = min(self.random.lognormvariate(2.2, 1.1), 90)
            story.plans = [
                (at + timedelta(hours=hours), self.random.choices(["accept", "return", "lose"], [72, 13, 15])[0])
            ]

    def _follow_plans(self, story: Story, today: datetime) -> bool:
        """Do what was planned up to today; whether that closed the lead."""
        if story.status != Status.OPEN:
            return False
        while story.plans and story.plans[0][0] <= today and story.status == Status.OPEN:
            at, what = story.plans.pop(0)
            at = max(at, story.entered + timedelta(minutes=3))
            getattr(self, "_" + what.replace(" ", "_"))(story, at)
        return story.status != Status.OPEN

    def _hand_over(self, story: Story, at: datetime) -> None:
        if story.ready_at:
            return
        self._move(story, Stage.TELEPROSPECTING_ACCEPTANCE, at, Cause.PERSON, self.staff["maria"])
        if self.random.random() < 0.75:
            story.plans.append((at + timedelta(days=self.random.uniform(0.2, 3)), "take up"))

    def _take_up(self, story: Story, at: datetime) -> None:
        theo = self.staff["theo"]
        self._move(story, Stage.TELEPROSPECTING_QUALIFICATION, at, Cause.PERSON, theo)
        story.owner = theo
        roll = self.random.random()
        if roll < 0.65:
            what = "recommend" if roll < 0.35 else "lose"
            story.plans.append((at + timedelta(days=self.random.uniform(0.5, 8)), what))

    def _recommend(self, story: Story, at: datetime) -> None:
        words = self.random.choice(["Called: wants an offer this month", "Called: asks for a pilot in one depot"])
        self._ready(story, at, Cause.SALES_READY_BY_HAND, words, self.staff["theo"])

    def _accept(self, story: Story, at: datetime) -> None:
        seller = story.owner if story.owner in self.sales else self.random.choice(self.sales)
        story.owner = story.accepted_by = seller
        story.accepted_at = at
        self._event(story, LeadEvent.Kind.ACCEPTED, at, seller)
        roll = self.random.random()
        if roll < 0.92:
            story.plans.append((at + timedelta(days=self.random.uniform(2, 24)), "win" if roll < 0.55 else "lose"))

    def _return(self, story: Story, at: datetime) -> None:
        seller = story.owner if story.owner in self.sales else self.random.choice(self.sales)
        reason, note = self.random.choice(RETURN_REASONS)
        words = f"{reason}: {note}"
        story.ready_at, story.hold, story.owner = None, True, None
        self._event(story, LeadEvent.Kind.RETURNED, at, seller, words)
        self.events[-1].recycle_reason = self.return_reasons[reason]
        self._move(story, Stage.MARKETING_QUALIFICATION, at, Cause.PERSON, seller, words)

    def _win(self, story: Story, at: datetime) -> None:
        self._close(story, at, Status.QUALIFIED, self.random.choice(WON_REASONS))

    def _lose(self, story: Story, at: datetime) -> None:
        self._close(story, at, Status.DISQUALIFIED, self.random.choice(LOST_REASONS))

    def _close(self, story: Story, at: datetime, status: str, reason: str) -> None:
        by = story.owner or self.random.choice(self.sales)
        story.status, story.closed_at, story.reason, story.plans = status, at, reason, []
        self._event(story, LeadEvent.Kind(status), at, by, reason)
