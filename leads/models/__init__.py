"""The story's nouns: the lead, its process, what matches it and its history. Import them from here."""

from leads.models.assignment import (
    AGAIN,
    CHANGED,
    AssignmentDue,
    AssignmentLog,
    AssignmentRule,
    AssignmentRun,
    AssignmentTurn,
    AtWork,
    FirstResponse,
    Leaver,
    Occasion,
    Strategy,
    Whose,
)
from leads.models.attachment import Attachment
from leads.models.bulk import BulkChunk, BulkJob, BulkRefusal, BulkWhat
from leads.models.calling import Call, CallClaim, CallLater, Outcome
from leads.models.choices import (
    BudgetStatus,
    Need,
    Priority,
    ProcessState,
    PurchaseProcess,
    PurchaseTimeframe,
    Rating,
    SourceType,
    Status,
    YesNo,
)
from leads.models.code_lists import CodeList, LeadSource, RecycleReason, StatusReason
from leads.models.comment import LeadComment
from leads.models.history import LeadEvent, StageChange
from leads.models.lead import Lead
from leads.models.lead_query import LeadQuerySet
from leads.models.matching import LeadMatchingStrategy, LeadMatchKey
from leads.models.notice import Mail, Notice, NoticeChoice, NoticeKind, usual_mail
from leads.models.opportunity import Opportunity, OpportunityQuerySet
from leads.models.opportunity_history import OpportunityClose, OpportunityEvent, Qualification
from leads.models.pipeline import Competitor, LostReason, PipelineStage
from leads.models.process import CampaignProcess, Cause, Process, ReadinessPolicy
from leads.models.process_sweep import ProcessSweep
from leads.models.report import ReportResult
from leads.models.task import Task, TaskOrigin, TaskState

__all__ = [
    "AGAIN",
    "CHANGED",
    "AssignmentDue",
    "AssignmentLog",
    "AssignmentRule",
    "AssignmentRun",
    "AssignmentTurn",
    "AtWork",
    "Attachment",
    "BudgetStatus",
    "BulkChunk",
    "BulkJob",
    "BulkRefusal",
    "BulkWhat",
    "Call",
    "CallClaim",
    "CallLater",
    "CampaignProcess",
    "Cause",
    "CodeList",
    "Competitor",
    "FirstResponse",
    "Lead",
    "LeadComment",
    "LeadEvent",
    "LeadMatchKey",
    "LeadMatchingStrategy",
    "LeadQuerySet",
    "LeadSource",
    "Leaver",
    "LostReason",
    "Mail",
    "Need",
    "Notice",
    "NoticeChoice",
    "NoticeKind",
    "Occasion",
    "Opportunity",
    "OpportunityClose",
    "OpportunityEvent",
    "OpportunityQuerySet",
    "Outcome",
    "PipelineStage",
    "Priority",
    "Process",
    "ProcessState",
    "ProcessSweep",
    "PurchaseProcess",
    "PurchaseTimeframe",
    "Qualification",
    "Rating",
    "ReadinessPolicy",
    "RecycleReason",
    "ReportResult",
    "SourceType",
    "StageChange",
    "Status",
    "StatusReason",
    "Strategy",
    "Task",
    "TaskOrigin",
    "TaskState",
    "Whose",
    "YesNo",
    "usual_mail",
]
