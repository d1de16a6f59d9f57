"""A condition as somebody typed or pasted it: the text view, or JSON."""

from __future__ import annotations

import json

from leads.conditions.errors import InvalidCondition, InvalidText
from leads.conditions.nodes import Node
from leads.conditions.parse import parse
from leads.conditions.parse_text import parse_text
from leads.conditions.tokens import refuse_at
from leads.conditions.values import echo
from leads.conditions.vocabulary import Vocabulary

LONGEST_SOURCE = 200_000


def parse_source(source: str, vocabulary: Vocabulary, *, stored: bool = False) -> Node:
    """The checked form of a text as `to_text` writes it, or of JSON (with a bracket first); `stored` as for `parse`.

    Raises InvalidText for what is no condition as text or no JSON at all, InvalidCondition for what the JSON says.
    """
    if len(source) > LONGEST_SOURCE:
        raise InvalidCondition(
            path="", problem=f"{len(source):,} characters", expected=f"at most {LONGEST_SOURCE:,} of them"
        )
    if source.lstrip()[:1] not in ("{", "["):
        return parse_text(source, vocabulary, stored=stored)
    return parse(_json(source), vocabulary, stored=stored)


def _json(source: str) -> object:
    try:
        return json.loads(source)
    except json.JSONDecodeError as error:
        after = echo(source[error.pos : error.pos + 1]) if error.pos < len(source) else "the end"
        refuse_at(source, error.pos, f"{after} will not do here", f"JSON ({error.msg[:1].lower()}{error.msg[1:]})")
    except RecursionError:
        raise InvalidText(line=1, column=1, problem="nested too deeply", expected="at most 10 levels") from None
    except ValueError:  # a number of thousands of digits
        raise InvalidText(line=1, column=1, problem="a number is too long", expected="shorter numbers") from None
