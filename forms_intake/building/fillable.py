"""What fields can fill: the attributes of each record, and custom fields."""

from __future__ import annotations

from contacts.models import CustomField
from forms_intake.targets import LONGEST

Group = tuple[str, list[tuple[str, str]]]


def what_can_be_filled() -> list[tuple[str, str] | Group]:
    """Choices for `FormField.fills`: the attributes of each record, custom fields last. One query."""
    groups: dict[str, list[tuple[str, str]]] = {"contact": [], "account": [], "lead": [], "event": []}
    for target in LONGEST:
        record, name = target.split(".")
        groups[record].append((target, f"{record.capitalize()}: {name.replace('_', ' ')}"))
    for field in CustomField.objects.all():
        target = f"{field.entity}.custom.{field.key}"
        words = f"{field.get_entity_display()}: {field.label}{' (archived)' if field.archived else ''}"
        groups[field.entity].append((target, words))
    return [("", "Nothing: kept on the submission only"), *((name.capitalize(), all) for name, all in groups.items())]
