"""Who may do what with opportunities in the admin, by role alone."""

from __future__ import annotations

from contacts.permissions import is_marketer
from leadcrm.lib.permissions import allow
from leads.models import (
    Competitor,
    LostReason,
    Opportunity,
    OpportunityClose,
    OpportunityEvent,
    PipelineStage,
    Qualification,
)

allow(is_marketer, Competitor, LostReason, to=("view", "add", "change"))
allow(is_marketer, Opportunity, OpportunityClose, OpportunityEvent, PipelineStage, Qualification, to=("view",))
