"""Scoring models as people edit them, the versions that are live, and the scores they give."""

from scoring.models.model import ModelVersion, ScoringModel, ScoringModelQuerySet, State, Target
from scoring.models.rule import Axis, Category, Counting, Decay, Grade, Rule, RuleGroup, Scope
from scoring.models.run import RescoreChunk, RescoreRun, RescoreRunQuerySet
from scoring.models.score import LeadScore, ScoreChange
from scoring.models.switches import ProcessReadiness, Switches
from scoring.rehearsal.models import Rehearsal, RehearsedLead

__all__ = [
    "Axis",
    "Category",
    "Counting",
    "Decay",
    "Grade",
    "LeadScore",
    "ModelVersion",
    "ProcessReadiness",
    "Rehearsal",
    "RehearsedLead",
    "RescoreChunk",
    "RescoreRun",
    "RescoreRunQuerySet",
    "Rule",
    "RuleGroup",
    "Scope",
    "ScoreChange",
    "ScoringModel",
    "ScoringModelQuerySet",
    "State",
    "Switches",
    "Target",
]
