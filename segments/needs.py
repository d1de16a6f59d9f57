"""What the members of a segment depend on: which changes can matter to it, and when time alone can."""

from __future__ import annotations

from datetime import datetime, timedelta

from contacts.models import Further
from leads.conditions import Vocabulary, next_change
from leads.conditions.fields import OUTCOME_FIELDS
from leads.conditions.nodes import Compare, Related, walk
from segments.definition import Definition
from segments.models import Subject

SCORES = frozenset({"score", "grade", "scored_at"})
OUTCOMES = frozenset(field.name for field in OUTCOME_FIELDS) - SCORES
LEADS = frozenset({"leads", "other_leads", "campaigns", "products"})
"""Relations that a contact may lose with a lead."""
ROUND = timedelta(minutes=30)
"""How often a segment is refreshed from the ground up, whatever was heard: what nobody tells of (the name of a
campaign, the state of a submission, an interaction dated ahead) is then found."""
SOON = timedelta(minutes=1)
"""After going live: facts whose transactions had begun before were told to nobody."""


COLLEAGUES = "colleagues"
"""A contact's facts matter to the others of its account."""


def needs_of(definition: Definition) -> list[str]:
    """What a live segment must hear of: values of `Further`, and perhaps COLLEAGUES."""
    needs: set[str] = {Further.ARRIVALS} if definition.subject == Subject.CONTACT else set()
    for node in walk(definition.node, inside=True):
        if isinstance(node, Compare):
            needs |= {Further.SCORES} if node.field in SCORES else set()
            needs |= {Further.OUTCOMES} if node.field in OUTCOMES else set()
        elif isinstance(node, Related):
            needs |= {Further.CONSENTS} if node.relation == "contact.consents" else set()
            needs |= {Further.DEPARTURES} if node.relation in LEADS else set()
            needs |= {COLLEAGUES} if node.relation == "account.contacts" else set()
    return sorted(str(need) for need in needs)


def next_refresh(definition: Definition, vocabulary: Vocabulary, *, now: datetime) -> datetime:
    """When to refresh from the ground up again: at the next round, or when time alone may change members if sooner."""
    time_matters = next_change(definition.node, vocabulary, now=now)
    return min(now + ROUND, time_matters) if time_matters else now + ROUND
