"""What a lead can be, in words: its status, its rating, and what people find out on the way."""

from __future__ import annotations

from django.db import models


class Status(models.TextChoices):
    OPEN = "open", "Open"
    QUALIFIED = "qualified", "Qualified"
    DISQUALIFIED = "disqualified", "Disqualified"


class Rating(models.TextChoices):
    """The sales rating: a person's opinion, apart from the computed grade."""

    HOT = "hot", "Hot"
    WARM = "warm", "Warm"
    COLD = "cold", "Cold"


class Priority(models.TextChoices):
    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"
    URGENT = "urgent", "Urgent"


class PurchaseTimeframe(models.TextChoices):
    IMMEDIATE = "immediate", "Immediate"
    THIS_QUARTER = "this_quarter", "This quarter"
    NEXT_QUARTER = "next_quarter", "Next quarter"
    THIS_YEAR = "this_year", "This year"
    UNKNOWN = "unknown", "Unknown"


class PurchaseProcess(models.TextChoices):
    INDIVIDUAL = "individual", "Individual"
    COMMITTEE = "committee", "Committee"
    UNKNOWN = "unknown", "Unknown"


class YesNo(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"


class Need(models.TextChoices):
    """How much the contact needs what we sell."""

    MUST = "must", "Must have"
    SHOULD = "should", "Should have"
    GOOD = "good", "Good to have"
    NONE = "none", "No need"


class BudgetStatus(models.TextChoices):
    NONE = "none", "No committed budget"
    MAY = "may", "May buy"
    CAN = "can", "Can buy"
    WILL = "will", "Will buy"


class SourceType(models.TextChoices):
    """Whose work brought the lead."""

    MARKETING = "marketing", "Marketing"
    SALES = "sales", "Sales"
    TELEPROSPECTING = "teleprospecting", "Teleprospecting"


class ProcessState(models.TextChoices):
    """Whether an open lead still goes through its process. Closing ends that too; of closed leads this says nothing."""

    ACTIVE = "active", "Active"
    FINISHED = "finished", "Finished"
    ABANDONED = "abandoned", "Abandoned"
