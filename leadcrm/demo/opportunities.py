"""What came of the demo's qualified leads: opportunities in every stage, some won, some lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.utils import timezone

from leads.models import (
    Competitor,
    Lead,
    LostReason,
    Opportunity,
    OpportunityClose,
    OpportunityEvent,
    Qualification,
    Status,
)
from leads.opportunities.stages import PIPELINE, OpportunityStage, OpportunityStatus

RIVALS = ("Haulmind", "Rutaflow", "Convoyance")
NEWEST = 250
"""So many leads that were qualified last are looked at: the first FRESH of them, and of the others each STEP-th."""
FRESH, STEP = 14, 13
PER_VEHICLE = 340
ENDED_AFTER = timedelta(days=24)
"""Older ones have come to an end."""
NOTES = ("Signed after the pilot in one depot", "Two years, all depots", "Starts with the northern tours")
LOST_NOTES = ("A tenth too dear", "Stays with what they have for another year", "The budget went to new lorries")
DESCRIPTIONS = ("Wants one tool for all depots.", "Compares us with a spreadsheet.", "Needs an interface to their ERP.")


class Deals:
    """Opportunities made from leads, with the history that they would have."""

    def __init__(self, random: Random, now: datetime) -> None:
        self.random, self.now = random, now
        self.rivals = [Competitor.objects.get_or_create(name=name)[0] for name in RIVALS]
        self.reasons = list(LostReason.objects.all())
        self.made: list[Opportunity] = []
        self.events: list[OpportunityEvent] = []
        self.closes: list[OpportunityClose] = []

    def make_of(self, lead: Lead) -> None:
        """One opportunity, begun when the lead was qualified."""
        began = lead.closed_at or self.now
        deal = self._deal(lead, began)
        self.made.append(deal)
        self._tell(deal, OpportunityEvent.Kind.CREATED, began, detail=f"From the lead {lead}", target=deal.stage)
        age = self.now - began
        ends = age > ENDED_AFTER
        steps = 3 if ends else min(3, int(age.days / 5) + self.random.choice([0, 0, 1]))
        at, stage = began, OpportunityStage.QUALIFY
        for step in range(1, steps + 1):
            at += (self.now - at) * self.random.uniform(0.2, 0.5)
            self._tell(deal, OpportunityEvent.Kind.MOVED, at, source=stage, target=PIPELINE[step], since=deal)
            stage = PIPELINE[step]
            deal.stage_entered_at = at
        if ends:
            self._end(deal, stage, at + (self.now - at) * self.random.uniform(0.3, 0.9))
        else:
            self._stand(deal, stage)

    def _deal(self, lead: Lead, began: datetime) -> Opportunity:
        vehicles = lead.custom.get("fleet_size") or self.random.choice([8, 20, 35])
        account = lead.contact.account if lead.contact else lead.account
        deal: Opportunity = Opportunity(
            topic=f"{lead.topic} for {account}"[:200] if account else lead.topic,
            contact=lead.contact,
            account=account,
            lead=lead,
            campaign=lead.campaign,
            product=lead.product,
            owner=lead.owner,
            value=Decimal(round(int(vehicles) * PER_VEHICLE * self.random.uniform(0.8, 1.2), -2)),
            competitor=self.random.choice([*self.rivals, None, None, None]),
            description=self.random.choice([*DESCRIPTIONS, ""]),
            created_at=began,
            updated_at=began,
            stage_entered_at=began,
        )
        return deal

    def _stand(self, deal: Opportunity, stage: OpportunityStage) -> None:
        """It is open: expected to close soon, some a little late."""
        self._put(deal, stage)
        days = self.random.choice([-6, 9, 18, 26, 40, 55, 75, 110])
        deal.expected_close = timezone.localdate(self.now) + timedelta(days=days)
        if self.random.random() < 0.15:
            deal.probability = self.random.choice([20, 45, 70, 90])

    def _end(self, deal: Opportunity, stage: OpportunityStage, at: datetime) -> None:
        won = self.random.random() < 0.58
        deal.status = OpportunityStatus.WON if won else OpportunityStatus.LOST
        deal.closed_on = deal.expected_close = timezone.localdate(at)
        note = self.random.choice(NOTES if won else LOST_NOTES)
        if won:
            deal.actual_revenue = (deal.value or Decimal(0)) * self.random.choice([90, 95, 100, 100, 110]) / 100
        else:
            deal.lost_reason = self.random.choice(self.reasons)
        close = OpportunityClose(
            status=deal.status,
            from_stage=stage,
            closed_on=deal.closed_on,
            actual_revenue=deal.actual_revenue,
            lost_reason=deal.lost_reason,
            competitor=None if won else deal.competitor,
            note=note,
            actor=deal.owner,
            recorded_at=at,
        )
        close.opportunity = deal
        self.closes.append(close)
        detail = note if won else f"{deal.lost_reason}: {note}"
        kind = OpportunityEvent.Kind.WON if won else OpportunityEvent.Kind.LOST
        self._tell(deal, kind, at, detail=detail, source=stage, target=OpportunityStage.CLOSE, since=deal)
        self._put(deal, OpportunityStage.CLOSE)
        deal.stage_entered_at = at

    @staticmethod
    def _put(deal: Opportunity, stage: OpportunityStage) -> None:
        """Where its story has led; the machine guards what people do, this is made up."""
        deal.__dict__["stage"] = stage.value

    def _tell(
        self,
        deal: Opportunity,
        kind: str,
        at: datetime,
        *,
        detail: str = "",
        source: str = "",
        target: str = "",
        since: Opportunity | None = None,
    ) -> None:
        self.events.append(
            OpportunityEvent(
                opportunity=deal,
                kind=kind,
                from_stage=source,
                to_stage=target,
                actor=deal.owner,
                detail=detail[:300],
                value=deal.value,
                entered_at=since.stage_entered_at if since else None,
                happened_at=at,
            )
        )

    def store(self) -> None:
        """Write all of them, and that qualifying made them."""
        Opportunity.objects.bulk_create(self.made)
        for event in self.events:
            event.opportunity_id = event.opportunity.pk
        for close in self.closes:
            close.opportunity_id = close.opportunity.pk
        OpportunityEvent.objects.bulk_create(self.events)
        OpportunityClose.objects.bulk_create(self.closes)
        Qualification.objects.bulk_create(
            Qualification(
                lead=deal.lead,
                actor=deal.owner,
                qualified_at=deal.created_at,
                contact=deal.contact,
                account=deal.account,
                opportunity=deal,
                before_contact=deal.contact,
                before_account=deal.lead.account if deal.lead else None,
                made_opportunity=True,
                opportunity_version=deal.version,
            )
            for deal in self.made
        )


def make_opportunities(random: Random, now: datetime) -> None:
    """What some of the leads that were qualified last came to."""
    leads = Lead.objects.alive().filter(status=Status.QUALIFIED, owner__isnull=False)
    newest = leads.select_related("contact__account", "account", "owner", "product", "campaign").order_by("-closed_at")
    deals, last = Deals(random, now), list(newest[:NEWEST])
    for lead in [*last[:FRESH], *last[FRESH::STEP]]:
        deals.make_of(lead)
    deals.store()
