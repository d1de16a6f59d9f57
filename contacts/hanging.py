"""What apps above hang on a contact, and so goes and comes back with it. The roof names them in HANGS_ON_CONTACTS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from contacts.models import Record, User


@dataclass(frozen=True)
class Hanging:
    """One record that is being worked on: what it is about, whose it is, and where it can be seen."""

    record: Record
    owner: User | None
    url: str


class Hanger(Protocol):
    """One kind of records that hang on contacts."""

    def in_work_on(self, contact_id: int) -> list[Hanging]:
        """Those of a contact that somebody still works on."""

    def went_with(self, contact_ids: Sequence[int], *, by: User | None) -> None:
        """Write down, within the transaction that deletes these contacts, that theirs go too."""

    def came_back_with(self, contact_id: int, *, by: User | None) -> None:
        """Write down that a contact's are back."""

    def was_reached(self, contact_id: int, *, by: User, at: datetime) -> None:
        """Somebody has talked to the contact or written to it; within the transaction that says so."""


def hangers() -> list[Hanger]:
    """All kinds that hang on contacts."""
    return [import_string(name) for name in settings.HANGS_ON_CONTACTS]


def in_work_on(contact: Record) -> list[Hanging]:
    """All that somebody still works on and that a contact's deletion would take away."""
    return [one for hanger in hangers() for one in hanger.in_work_on(contact.pk)]
