"""How a lead looks to other systems, and what they may say of one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from ninja import Field, Schema

from contacts.api.people import ContactIn
from leadcrm.lib.api.shapes import Given, Id
from leads.models import Lead
from leads.stages import Stage

Money = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=2)]


class WhoOut(Schema):
    """Whom a lead is about, as far as another system needs to reach them."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    job_title: str
    account_id: int | None
    account_name: str
    consent_level: int

    @staticmethod
    def resolve_account_name(one: Any) -> str:
        return one.account.name if one.account else ""


class LeadOut(Schema):
    """One expression of interest. `score` is that of the model which comes closest to its threshold."""

    id: int
    topic: str
    status: str
    status_reason_id: int | None
    status_reason: str
    stage: Stage
    stage_entered_at: datetime
    process_id: int | None
    process_state: str
    sales_ready: bool
    sales_ready_at: datetime | None
    accepted_at: datetime | None
    accepted_by_id: int | None
    owner_id: int | None
    contact_id: int | None
    contact: WhoOut | None
    account_id: int | None
    person_first_name: str
    person_last_name: str
    person_email: str
    person_phone: str
    product_id: int | None
    campaign_id: int | None
    marketing_context_id: int | None
    related_lead_id: int | None
    description: str
    rating: str
    priority: str
    estimated_value: Decimal | None
    source_id: int | None
    source_type: str
    team_id: int | None
    territory_id: int | None
    follow_up_on: date | None
    purchase_timeframe: str
    budget_amount: Decimal | None
    budget_status: str
    need: str
    purchase_need: str
    purchase_process: str
    decision_maker: str
    teleprospecting_ready: bool
    teleprospecting_accepted: bool
    score: int | None
    grade: str
    scored_at: datetime | None
    recycled_count: int
    closed_at: datetime | None
    close_reason: str
    external_id: str
    custom: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_status_reason(one: Lead) -> str:
        return str(one.status_reason or "")


class LeadBegins(Given):
    """What a lead may begin with. Campaign and product are those of the marketing context unless said."""

    nullable: ClassVar[frozenset[str]] = frozenset({"estimated_value"})

    topic: str | None = None
    account_id: Id | None = None
    product_id: Id | None = None
    campaign_id: Id | None = None
    description: str | None = None
    rating: str | None = None
    estimated_value: Money | None = None
    source_id: Id | None = None
    source_type: str | None = None
    team_id: Id | None = None
    territory_id: Id | None = None
    priority: str | None = None
    owner_id: Id | None = None
    external_id: str | None = None
    person_first_name: str | None = None
    person_last_name: str | None = None
    person_email: str | None = None
    person_phone: str | None = None
    custom: dict[str, Any] | None = None


class LeadIn(LeadBegins):
    """A lead that arrives: of whom, what about, where from.

    The contact is `contact_id`, or whoever `contact` describes: matched by the workspace's strategy, else made.
    """

    contact_id: Id | None = None
    contact: ContactIn | None = None
    marketing_context_id: Id | None = None


class LeadEdit(LeadBegins):
    """An edit: what is not named stays."""

    nullable: ClassVar[frozenset[str]] = frozenset(
        {
            *("estimated_value", "budget_amount", "follow_up_on"),
            *("teleprospecting_ready", "teleprospecting_accepted"),
        }
    )

    follow_up_on: date | None = None
    purchase_timeframe: str | None = None
    budget_amount: Money | None = None
    budget_status: str | None = None
    need: str | None = None
    purchase_need: str | None = None
    purchase_process: str | None = None
    decision_maker: str | None = None
    teleprospecting_ready: bool = False
    teleprospecting_accepted: bool = False


class Decision(Schema):
    """How what arrived was matched."""

    contact: str
    lead: str
    reason: str


class ArrivedOut(Schema):
    """The lead, and whether it (201) and its contact are new or were known."""

    decision: Decision
    lead: LeadOut


class MoveOut(Schema):
    """One move of a lead: from where, to where, who or what moved it and why, and the visit that ended with it."""

    id: int
    from_stage: Stage
    to_stage: Stage
    cause: str
    actor_id: int | None
    reason: str
    entered_at: datetime
    moved_at: datetime
    taken_back: bool
