"""Nodes to the text view, which `parse_text` reads back as the same nodes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from leads.conditions.nodes import All, Any, Compare, Did, Everything, Node, Not, Related, Scalar
from leads.conditions.operators import FieldType, Takes
from leads.conditions.phrases import PHRASES, by_name
from leads.conditions.vocabulary import Choice, Field, Vocabulary, rows_of


def to_text(node: Node, vocabulary: Vocabulary) -> str:
    """Such as `stage is "inquiry" and not (contact.city contains "ber" or at least 2 call in last 30 days)`."""
    if isinstance(node, Everything):
        return "everything"
    if isinstance(node, All | Any):
        word = "all" if isinstance(node, All) else "any"
        if len(node.nodes) == 1:
            return f"{word} of ({to_text(node.nodes[0], vocabulary)})"
        return (" and " if word == "all" else " or ").join(_factor(child, vocabulary) for child in node.nodes)
    if isinstance(node, Not):
        return f"not ({to_text(node.node, vocabulary)})"
    if isinstance(node, Compare):
        return _comparison(vocabulary.fields[node.field], node)
    return _counted(node, vocabulary)


def _factor(node: Node, vocabulary: Vocabulary) -> str:
    """What may stand beside `and`, `or` and `where`."""
    text = to_text(node, vocabulary)
    return f"({text})" if isinstance(node, All | Any) and len(node.nodes) > 1 else text


def _comparison(field: Field, node: Compare) -> str:
    takes, value = field.operators[node.op].takes, node.value
    written = str(value)
    if takes in (Takes.ONE, Takes.TWO, Takes.SEVERAL):
        values = value if isinstance(value, tuple) else (value,)
        names = {record: name for name, record in by_name(field).items()} if field.type is FieldType.REFERENCE else {}
        words = [_scalar(each, names) for each in values if each is not None]
        listed = f"({', '.join(words)})" if takes is Takes.SEVERAL else ""
        written = listed or " and ".join(words)
    phrase = PHRASES[node.op].replace("{} days", _days(value)) if isinstance(value, int) else PHRASES[node.op]
    return f"{field.name} {phrase.format(written)}"


def _scalar(value: Scalar, names: Mapping[Choice, str]) -> str:
    """`names` are those of records."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return str(int(value)) if value == int(value) else f"{value:f}"
    if isinstance(value, int):
        return quoted(names[value]) if value in names else f"#{value}"
    return value.isoformat() if isinstance(value, date) else quoted(value)


def quoted(text: str) -> str:
    """As it stands in the text view: one line, in quotes."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _counted(node: Did | Related, vocabulary: Vocabulary) -> str:
    parts = [_count(node), node.behaviour if isinstance(node, Did) else node.relation]
    if isinstance(node, Did):
        if node.subject_contains:
            parts.append(f"about {quoted(node.subject_contains)}")
        if node.within_days is not None:
            parts.append(f"in last {_days(node.within_days)}")
        if node.not_in_last_days is not None:
            parts.append(f"not in last {_days(node.not_in_last_days)}")
    if node.where is not None:
        words = to_text(node.where, rows_of(node, vocabulary))
        parts.append(f"where {words if isinstance(node.where, Compare) else f'({words})'}")
    return " ".join(parts)


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def _count(node: Did | Related) -> str:
    least, most = node.at_least, node.at_most
    if most is None:
        return f"at least {least}" if least > 1 else "any"
    if least == most:
        return f"exactly {least}" if least else "no"
    return f"{least} to {most}" if least else f"at most {most}"
