"""What a connector of an advertising network must answer. Adding one is a module with such a class and a line in
CONNECTORS; nothing else in the house knows of any network.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from leadcrm.lib.errors import DomainError


@dataclass(frozen=True)
class Said:
    """One question in its exact words, and what was answered; of a statement to tick (`is_consent`), whether it was."""

    question: str
    answer: str
    is_consent: bool = False
    ticked: bool = False


@dataclass(frozen=True)
class From:
    """Which ad it came through, as far as the network says."""

    account_id: str = ""
    account_name: str = ""
    campaign_id: str = ""
    campaign_name: str = ""
    creative_id: str = ""
    form_id: str = ""
    form_name: str = ""


@dataclass(frozen=True)
class Answer:
    """One lead as the person handed it in. `external_id` is "" where a file does not say it."""

    external_id: str
    said: Sequence[Said]
    through: From = field(default_factory=From)
    submitted_at: datetime | None = None
    is_test: bool = False


@dataclass(frozen=True)
class Told:
    """What a webhook tells: that there is a lead with this id, or that its person withdrew it."""

    external_id: str
    submitted_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class Unreadable:
    """A row of a file that is no lead, and why."""

    line: int
    why: str


@dataclass(frozen=True)
class SecretField:
    """A secret somebody types in once: its key, its label, where to find it."""

    key: str
    label: str
    help: str


@dataclass(frozen=True)
class Access:
    """What a connector needs to ask the network: its secrets by key, and the ad account."""

    secrets: Mapping[str, str]
    account_id: str = ""

    def __repr__(self) -> str:
        return f"Access(account_id={self.account_id!r}, secrets=...)"


class NotTaken(DomainError):
    """A notification or a file that makes no sense."""

    code = "not_taken"
    status = 400


class TooMany(Exception):
    """More leads were handed in between two moments than the network lists."""


class Network(Protocol):
    """An advertising network. All of it is pure but `fetch` and `ids_between`, which ask over the net and raise
    leadcrm.lib.outward.NotAnswered.
    """

    kind: str
    label: str
    secrets: Sequence[SecretField]
    by_file: str
    """How leads come without any access: by which file of the network's, saved where. "" where it has none."""
    setting_up: Sequence[str]
    """What somebody has to do over there, step by step. `{address}` is the address of the webhook."""
    known_questions: Mapping[str, str]
    """What the network's ready-made questions fill, by their words in small letters."""

    def challenge(self, access: Access, asked: Mapping[str, str]) -> Mapping[str, str] | None:
        """The answer (JSON) to a GET that checks whose the address is; None where nothing is asked."""

    def is_genuine(self, access: Access, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the network itself signed this notification. Takes as long whatever is wrong with it."""

    def told(self, access: Access, body: bytes) -> Sequence[Told]:
        """The leads a genuine notification tells of. Raises NotTaken."""

    def fetch(self, access: Access, external_id: str) -> Answer:
        """One lead, with the words of its questions."""

    def ids_between(self, access: Access, start: datetime, end: datetime) -> Iterable[Told]:
        """The leads of the account that were handed in then, all of them. Raises TooMany."""

    def read_file(self, path: Path, name: str) -> Iterator[Answer | Unreadable]:
        """The leads in a file that somebody saved over there. Raises NotTaken."""


CONNECTORS = ["forms_intake.ads.linkedin.LinkedIn"]
"""Every network there is a connector for."""


class _Networks:
    @cached_property
    def all(self) -> dict[str, Network]:
        made: list[Network] = [import_string(name)() for name in CONNECTORS]
        return {one.kind: one for one in made}


_networks = _Networks()


def networks() -> dict[str, Network]:
    """The networks by kind."""
    return _networks.all


def network_of(kind: str) -> Network:
    """The network of a connector. Raises KeyError for one whose module is gone."""
    return _networks.all[kind]
