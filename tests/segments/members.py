"""What tests of segments share: letting everything settle, and reading who is in."""

from __future__ import annotations

from django.utils import timezone

from segments import queue
from segments.definition import read, vocabulary_of, wanted
from segments.models import Segment


def settle() -> None:
    """What the worker does until nothing waits: segments that are due, then changes."""
    while queue.refresh_due() or queue.refresh_changes() or queue.refresh_changes(bulk=True):
        pass


def ids_in(segment: Segment) -> set[int]:
    """The ids of the members as stored."""
    return set(segment.members.values_list(f"{segment.subject}_id", flat=True))


def ids_wanted(segment: Segment) -> set[int]:
    """The ids of those who meet what went live, computed from the ground up."""
    segment.refresh_from_db()
    assert segment.live is not None
    vocabulary = vocabulary_of(segment.subject)
    definition = read(segment, segment.live, vocabulary, stored=True)
    return set(wanted(definition, vocabulary, now=timezone.now()).values_list("id", flat=True))
