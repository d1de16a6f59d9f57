"""Two contacts side by side: what each holds, what would be taken, what hangs on each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from contacts import custom_fields
from contacts.merging.consent import level_together
from contacts.merging.fields import CUSTOM, REFUSALS, is_blank, values_of
from contacts.merging.rehoming import moved_as_is, pointing_at
from contacts.merging.seam import movers
from contacts.models import ConsentLevel, Contact, ContactRole, Entity, Merge

LABELS = {
    "first_name": "First name",
    "last_name": "Last name",
    "email": "E-mail",
    "phone": "Phone",
    "job_title": "Job title",
    "role": "Role",
    "account_id": "Account",
    "country": "Country",
    "city": "City",
    "marketing_only": "For marketing only",
    "do_not_call": "Do not call",
    "do_not_email": "Do not e-mail",
    "owner_id": "Owner",
    "external_id": "External id",
    "consent_level": "Consent",
}


@dataclass(frozen=True)
class Row:
    """One field: what either holds, in words ("" for nothing), and whether the other's is taken."""

    name: str
    label: str
    ours: str
    theirs: str
    same: bool
    taken: bool
    strict: bool = False
    """Nobody chooses: what either asked of us holds."""


@dataclass(frozen=True)
class Hangs:
    """Records of one kind: how many hang on either."""

    label: str
    ours: int
    theirs: int


def rows_of(survivor: Contact, gone: Contact, take: Collection[str]) -> list[Row]:
    """The fields that either has filled, as people read them. `take`: those that come from the other."""
    labels = labels_of(Entity.CONTACT, LABELS)
    ours, theirs = values_of(survivor), values_of(gone)
    names = [*labels, *(name for name in ours | theirs if name not in labels)]
    return [
        Row(
            name,
            labels.get(name, name.removeprefix(CUSTOM)),
            words_of(survivor, name, ours.get(name)),
            words_of(gone, name, theirs.get(name)),
            ours.get(name) == theirs.get(name),
            name in take,
            name in REFUSALS and ours.get(name) != theirs.get(name),
        )
        for name in names
        if not (is_blank(ours.get(name)) and is_blank(theirs.get(name)))
    ]


def labels_of(entity: str, labels: Mapping[str, str]) -> dict[str, str]:
    """What fields are called, custom ones with their own names behind them. One query."""
    return {**labels, **{f"{CUSTOM}{one.key}": one.label for one in custom_fields.fields_of(entity)}}


def stays_of(merge: Merge, contact: Contact) -> str:
    """Which fields stay as they are with the survivor when a merge of contacts is undone, in words."""
    return stay_words(merge, values_of(contact) | {"consent_level": contact.consent_level}, LABELS)


def stay_words(merge: Merge, held: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Which of the fields that a merge wrote somebody changed since, so that undoing leaves them: "Phone, City".

    `held`: what the survivor holds now. No query unless there are such.
    """
    changed = [name for name, taken in merge.after.items() if held.get(name) != taken]
    called = labels_of(merge.entity, labels) if changed else {}
    return ", ".join(called.get(name, name.removeprefix(CUSTOM)) for name in changed)


def words_of(contact: Contact, name: str, value: Any) -> str:
    """A value as people read it."""
    if is_blank(value):
        return ""
    if name in ("account_id", "owner_id"):
        return str(getattr(contact, name.removesuffix("_id")))
    if name == "role":
        return str(ContactRole(value).label) if value in ContactRole.values else str(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def hangs_on(survivor: Contact, gone: Contact) -> list[Hangs]:
    """How much of what goes along hangs on either, by kind: a query a kind."""
    own = {label for mover in movers() for label in mover.moves}
    fields = [one for one in pointing_at(Contact) if one.model._meta.label in own and one.name == "contact"]
    found: dict[str, dict[int, int]] = {}
    for field in [*fields, *moved_as_is()]:
        rows: Any = field.model._base_manager.filter(**{f"{field.name}__in": [survivor.pk, gone.pk]}).order_by()
        for pk, count in rows.values_list(field.attname).annotate(count=Count("pk")):
            label = str(field.model._meta.verbose_name_plural).capitalize()
            found.setdefault(label, {})[pk] = found.get(label, {}).get(pk, 0) + count
    return [Hangs(label, by.get(survivor.pk, 0), by.get(gone.pk, 0)) for label, by in sorted(found.items())]


def consent_words(survivor: Contact, gone: Contact) -> tuple[str, str, str]:
    """The consent in force of either and of both together."""
    levels = (survivor.consent_level, gone.consent_level, level_together(survivor, gone))
    return tuple(str(ConsentLevel(level).label) for level in levels)  # type: ignore[return-value]
