"""The condition language: ask anything of a lead, its contact, its account and what the contact did.

A JSON tree is parsed against a vocabulary into frozen nodes, compiled to a Q, and described in a sentence. All but
`fields.py`, `opportunity.py`, `related.py` and `vocabularies.py` knows no model. For people: docs/conditions.md.
"""

from leads.conditions.compile import behaviours_in, compile_condition, fields_in, next_change, relations_in
from leads.conditions.contradiction import never_holds
from leads.conditions.describe import describe
from leads.conditions.dump import to_json
from leads.conditions.errors import InvalidCondition, InvalidText
from leads.conditions.nodes import Node
from leads.conditions.parse import parse
from leads.conditions.parse_text import parse_text
from leads.conditions.source import parse_source
from leads.conditions.to_text import to_text
from leads.conditions.trace import Traced, trace
from leads.conditions.vocabularies import (
    contact_vocabulary,
    lead_vocabulary,
    opportunity_vocabulary,
    without_contact,
)
from leads.conditions.vocabulary import Vocabulary

__all__ = [
    "InvalidCondition",
    "InvalidText",
    "Node",
    "Traced",
    "Vocabulary",
    "behaviours_in",
    "compile_condition",
    "contact_vocabulary",
    "describe",
    "fields_in",
    "lead_vocabulary",
    "never_holds",
    "next_change",
    "opportunity_vocabulary",
    "parse",
    "parse_source",
    "parse_text",
    "relations_in",
    "to_json",
    "to_text",
    "trace",
    "without_contact",
]
