"""The condition language: ask anything of a lead, its contact, its account and what the contact did.

A JSON tree is parsed against a vocabulary into frozen nodes, compiled to a Q, and described in a sentence. All but
`fields.py` knows no model. For people: docs/conditions.md.
"""

from leads.conditions.compile import behaviours_in, compile_condition, fields_in, next_change
from leads.conditions.describe import describe
from leads.conditions.errors import InvalidCondition
from leads.conditions.fields import lead_vocabulary
from leads.conditions.nodes import Node
from leads.conditions.parse import parse
from leads.conditions.vocabulary import Vocabulary

__all__ = [
    "InvalidCondition",
    "Node",
    "Vocabulary",
    "behaviours_in",
    "compile_condition",
    "describe",
    "fields_in",
    "lead_vocabulary",
    "next_change",
    "parse",
]
