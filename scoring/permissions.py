"""Who may do what with scoring models and scores, by role alone."""

from __future__ import annotations

from contacts.permissions import is_marketer
from leadcrm.lib.permissions import allow
from scoring.models import (
    Grade,
    LeadScore,
    ModelVersion,
    ProcessReadiness,
    RescoreRun,
    Rule,
    RuleGroup,
    ScoreChange,
    ScoringModel,
    Switches,
)
from scoring.rehearsal.models import Rehearsal, RehearsedLead

allow(is_marketer, ScoringModel, Grade, Rule, RuleGroup)
allow(is_marketer, Switches, to=("view", "add", "change"))
allow(is_marketer, ProcessReadiness, to=("view", "change"))
allow(is_marketer, LeadScore, ModelVersion, RescoreRun, ScoreChange, to=("view",))
allow(is_marketer, Rehearsal, RehearsedLead)
