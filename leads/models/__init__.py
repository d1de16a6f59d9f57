"""The story's nouns: the lead, its process, what matches it and its history. Import them from here."""

from leads.models.history import LeadEvent, StageChange
from leads.models.lead import Lead, LeadQuerySet, PurchaseProcess, PurchaseTimeframe, Rating, Status, YesNo
from leads.models.matching import LeadMatchingStrategy, LeadMatchKey
from leads.models.process import CampaignProcess, Cause, Process, ReadinessPolicy

__all__ = [
    "CampaignProcess",
    "Cause",
    "Lead",
    "LeadEvent",
    "LeadMatchKey",
    "LeadMatchingStrategy",
    "LeadQuerySet",
    "Process",
    "PurchaseProcess",
    "PurchaseTimeframe",
    "Rating",
    "ReadinessPolicy",
    "StageChange",
    "Status",
    "YesNo",
]
