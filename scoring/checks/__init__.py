"""What is wrong, or doubtful, in a scoring model: found before it goes live, each thing where it can be mended."""

from scoring.checks.conditions import without_contact_problem
from scoring.checks.finding import Finding, Part, Severity
from scoring.checks.model import errors_in, findings_in, findings_of, reach_in
from scoring.checks.rules import rule_findings

__all__ = [
    "Finding",
    "Part",
    "Severity",
    "errors_in",
    "findings_in",
    "findings_of",
    "reach_in",
    "rule_findings",
    "without_contact_problem",
]
