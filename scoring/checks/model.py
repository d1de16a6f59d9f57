"""All checks of a model: what its definition says, and whom it would meet today."""

from __future__ import annotations

from django.utils import timezone

from leadcrm.lib.facts import patient_count
from leadcrm.lib.patience import TooSlow, within
from leads.conditions import Vocabulary, lead_vocabulary
from leads.models import Lead
from scoring.checks.conditions import conditions_findings, never_given
from scoring.checks.finding import AUDIENCE, Finding, warning
from scoring.checks.grades import grades_findings, threshold_findings
from scoring.checks.rules import rules_findings
from scoring.definition import ModelSpec, draft_spec
from scoring.facts import leads_of
from scoring.models import ScoringModel, Target
from scoring.moments import At
from scoring.reach import Range, reach_of

LOOKING_MS = 200


def findings_in(model: ModelSpec, vocabulary: Vocabulary) -> list[Finding]:
    """What is wrong or doubtful in a definition: errors first, then part by part. `vocabulary` is that of scoring.

    Asks the database only for the names of records that conditions refer to.
    """
    never = never_given(model, vocabulary)
    findings = [
        *conditions_findings(model, vocabulary),
        *threshold_findings(model, never),
        *grades_findings(model, never),
        *rules_findings(model),
    ]
    return sorted(findings, key=lambda finding: finding.rank)


def reach_in(model: ModelSpec, vocabulary: Vocabulary) -> Range:
    """All scores that a definition can give lie within."""
    return reach_of(model, never=never_given(model, vocabulary))


def findings_of(model: ScoringModel, vocabulary: Vocabulary | None = None) -> list[Finding]:
    """The same of a draft, and whether its audience meets nobody today."""
    known = vocabulary or lead_vocabulary(scoring=True)
    spec = draft_spec(model)
    findings = findings_in(spec, known)
    if not any(finding.is_error and finding.place.position in ("audience", "minimum_consent") for finding in findings):
        findings += _nobody(spec, known)
    return sorted(findings, key=lambda finding: finding.rank)


def errors_in(model: ScoringModel) -> list[Finding]:
    """What keeps a draft from going live."""
    return [found for found in findings_in(draft_spec(model), lead_vocabulary(scoring=True)) if found.is_error]


def _nobody(model: ModelSpec, vocabulary: Vocabulary) -> list[Finding]:
    """Said only when it is certain within a moment, and when there are open leads at all."""
    scored = leads_of(model, Lead.objects.all(), vocabulary, now=At(timezone.now()))
    try:
        with within(LOOKING_MS):
            if scored.order_by().exists():
                return []
    except TooSlow:
        return []
    count = patient_count(Lead.objects.open().order_by("-pk"), at_least=1)
    if not count:
        return []
    none = (
        "It meets none of the {} open leads." if count.number > 1 else "It does not meet the only open lead there is."
    )
    alone = " Only leads that have an account and no contact count for it." if model.target == Target.ACCOUNT else ""
    return [warning("audience_meets_nobody", AUDIENCE, none.format(count) + alone, "Edit whom it scores")]
