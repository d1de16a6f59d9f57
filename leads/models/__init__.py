"""The story's nouns: the lead, its process, what matches it and its history. Import them from here."""

from leads.models.history import LeadEvent, StageChange
from leads.models.lead import Lead, LeadQuerySet, Rating, Status
from leads.models.matching import LeadMatchingStrategy, LeadMatchKey
from leads.models.process import Cause, Process, ReadinessPolicy

__all__ = [
    "Cause",
    "Lead",
    "LeadEvent",
    "LeadMatchKey",
    "LeadMatchingStrategy",
    "LeadQuerySet",
    "Process",
    "Rating",
    "ReadinessPolicy",
    "StageChange",
    "Status",
]
