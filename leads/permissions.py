"""Who may do what with leads in the admin, by role alone."""

from __future__ import annotations

from rules.permissions import permissions

from contacts.permissions import is_marketer
from leadcrm.lib.permissions import allow
from leads.models import (
    Attachment,
    Call,
    CallClaim,
    CallLater,
    CampaignProcess,
    Lead,
    LeadComment,
    LeadEvent,
    LeadMatchingStrategy,
    LeadMatchKey,
    LeadSource,
    Process,
    ProcessSweep,
    RecycleReason,
    StageChange,
    StatusReason,
)

allow(is_marketer, LeadMatchingStrategy, LeadSource, RecycleReason, StatusReason)
allow(is_marketer, Lead, to=("view", "change"))
allow(
    is_marketer,
    Attachment,
    Call,
    CallClaim,
    CallLater,
    CampaignProcess,
    LeadComment,
    LeadEvent,
    LeadMatchKey,
    Process,
    ProcessSweep,
    StageChange,
    to=("view",),
)
permissions["leads.use_conditions"] = is_marketer  # as access.may_ask; administrators may do everything
