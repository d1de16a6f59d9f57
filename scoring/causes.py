"""Why a score changed when it did: a new version, an interaction that came in, something about the record, or time.

The history keeps what a score was made of, not why; the cause is worked out from which rules made the difference and
what was recorded between one change and the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import QuerySet

from contacts.models import Interaction
from leads.models import Lead
from scoring.definition import RuleSpec
from scoring.evidence import Seen, seen_of
from scoring.models import Target
from scoring.steps import ScoreStep, score_steps

TOLD = 20
"""How many changes are told with their cause; all are drawn."""
LOOKED_AT = 500
NAMED = 3
SOON = timedelta(minutes=2)
"""A first score that follows so soon on something follows from it."""
SLACK = timedelta(seconds=10)
"""No transaction that records interactions takes longer."""


@dataclass(frozen=True)
class Cause:
    """One change of a score, why it came about in words, and the interactions that made it: the latest few, and
    how many more."""

    step: ScoreStep
    words: str
    seen: list[Seen] = field(default_factory=list)
    more: int = 0

    @property
    def change(self) -> int:
        return self.step.score - (self.step.previous or 0)


def causes_of(lead: Lead, *, limit: int = TOLD) -> list[Cause]:
    """The latest changes of all scores of the lead, newest first. Three queries, however much happened."""
    steps = score_steps(lead, limit=limit)
    recorded = _recorded(lead, steps) if steps else []
    causes = []
    for place, step in enumerate(steps):
        before = next((one for one in steps[place + 1 :] if one.spec.model_id == step.spec.model_id), None)
        causes.append(_cause(lead, step, before, recorded))
    return causes


def _recorded(lead: Lead, steps: Sequence[ScoreStep]) -> list[Interaction]:
    """What was recorded of the people whose interactions count, since the day before the oldest of these steps."""
    people: QuerySet[Interaction] = Interaction.objects.all()
    if any(step.spec.target == Target.ACCOUNT for step in steps):
        people = people.filter(contact__account=lead.account_id)
    else:
        people = people.filter(contact=lead.contact_id)
    since = steps[-1].changed_at - timedelta(days=1)
    return list(people.filter(recorded_at__gt=since, robot=False).order_by("-occurred_at", "-pk")[:LOOKED_AT])


def _cause(lead: Lead, step: ScoreStep, before: ScoreStep | None, recorded: Iterable[Interaction]) -> Cause:
    if step.previous is None:
        return Cause(step, _first(lead, step))
    if before is not None and before.spec.version_id != step.spec.version_id:
        return Cause(step, f"Version {step.version.number} went live")
    since = before.changed_at if before is not None else step.changed_at - timedelta(days=1)
    rules = {rule.id: rule for rule in step.spec.rules}
    moved = [rules[part.rule_id] for part in step.parts if part.rule_id in rules]
    counting = [one for one in recorded if any(_counts(one, rule) for rule in moved)]
    made = [one for one in counting if since < one.recorded_at <= step.changed_at]
    # Recorded is when its transaction began: it may have been committed only after the change before.
    made = made or [one for one in counting if since - SLACK < one.recorded_at <= step.changed_at]
    if made:
        seen = [seen_of(lead, one) for one in made[:NAMED]]
        more = f" and {len(made) - 1} more" if len(made) > 1 else ""
        return Cause(step, f"{seen[0]}{more}", seen, len(made) - len(seen))
    if any(not rule.is_behaviour for rule in moved):
        return Cause(step, "Something about the lead, its contact or account changed")
    gone = any(part.points < 0 for part in step.parts)
    return Cause(step, "Time passed" if gone else "Interactions came to it or were corrected")


def _first(lead: Lead, step: ScoreStep) -> str:
    if step.changed_at - lead.created_at < SOON:
        return "The lead was made"
    if step.version.number == 1 and step.changed_at - step.version.created_at < timedelta(days=1):
        return "The model went live"
    return "It came into the audience"


def _counts(one: Interaction, rule: RuleSpec) -> bool:
    """Whether the interaction is of the kind that the rule counts."""
    about = rule.subject_contains.casefold()
    return one.type == rule.interaction_type and (not about or about in one.subject.casefold())
