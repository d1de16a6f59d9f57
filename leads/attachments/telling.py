"""What apps above know of the files of a lead beside its rows: what is on its way, or could not be taken, and what
brought a file that nobody who works here attached. The roof names them in TELLS_OF_FILES.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.module_loading import import_string

from contacts.models import User
from leads.models import Lead


@dataclass(frozen=True)
class Note:
    """A sentence about files that are not there, and where more is said ("": nowhere this person may go)."""

    words: str
    url: str = ""
    is_bad: bool = False


@dataclass(frozen=True)
class FilesTold:
    """`notes` of files that are not there; `came_by`: what brought a file, by its name."""

    notes: Sequence[Note] = ()
    came_by: Mapping[str, str] = field(default_factory=dict)


def told_of_files(lead: Lead, user: User) -> FilesTold:
    """What all of them know, as far as this person may read it."""
    tellers: list[Callable[[Lead, User], FilesTold]] = [import_string(name) for name in settings.TELLS_OF_FILES]
    found = [teller(lead, user) for teller in tellers]
    return FilesTold(
        [note for one in found for note in one.notes],
        {name: words for one in found for name, words in one.came_by.items()},
    )
