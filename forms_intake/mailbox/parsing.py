"""A message as plain data, however broken it is: who, to whom, when, what, and what kind of message it is."""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from typing import Any

from contacts import normalise
from forms_intake.mailbox.verdicts import verdict_on
from forms_intake.mailbox.words import text_of_html, tidy, without_history
from forms_intake.validation import storable

MOST_PEOPLE = 50
MOST_PARTS = 200
MOST_FILES = 30
MOST_HOPS = 50
AUTO_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
OUT_OF_OFFICE = re.compile(
    r"^\W*(?:re:|aw:)?\W*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response)|out of (?:the )?office"
    r"|automatische antwort"
    r"|abwesenheit(?:snotiz)?|réponse automatique|respuesta automática|risposta automatica|autosvar)",
    re.IGNORECASE,
)
NOBODY = re.compile(r"^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+=-].*)?$", re.IGNORECASE)


@dataclass(frozen=True)
class Person:
    """An address in its one form, and the name beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True)
class Bounced:
    """An address that a message of ours did not reach, and why; `is_final`: it never will."""

    address: str
    why: str
    is_final: bool


@dataclass(frozen=True)
class Parsed:
    """What was read of a message. `auto` and `mailing_list` say why it is no person's writing; "" where it is."""

    key: str
    sender: Person
    to: list[Person] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    sent_at: datetime | None = None
    files: list[str] = field(default_factory=list)
    auto: str = ""
    mailing_list: str = ""
    bounced: list[Bounced] = field(default_factory=list)
    is_bounce: bool = False
    hops: int = 0
    verdict: str = ""
    verdict_why: str = ""


def parse(raw: bytes, *, trusted_host: str) -> Parsed:
    """Read a message. Never raises for what it holds."""
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    sender = next(iter(_people(message, "From")), Person(""))
    verdict = verdict_on(message, sender.address, trusted_host)
    bounced = _bounced(message)
    subject = _header(message, "Subject")[:300]
    return Parsed(
        key=_key(message, raw),
        sender=sender,
        to=[one for name in ("To", "Cc", "Delivered-To", "X-Original-To") for one in _people(message, name)][
            :MOST_PEOPLE
        ],
        subject=subject,
        text=without_history(_text(message)),
        sent_at=_moment(message),
        files=_files(message),
        auto=_auto(message, subject, sender),
        mailing_list=_header(message, "List-Id")[:200] or _header(message, "List-Unsubscribe")[:200],
        bounced=bounced,
        is_bounce=bool(bounced) or message.get_content_type() == "multipart/report",
        hops=len(message.get_all("Received") or []),
        verdict=verdict.word,
        verdict_why=verdict.why[:300],
    )


def as_json(parsed: Parsed) -> dict[str, Any]:
    """For keeping; `from_json` reads it again."""
    said = asdict(parsed)
    said["sent_at"] = parsed.sent_at.isoformat() if parsed.sent_at else None
    return said


def from_json(said: Mapping[str, Any]) -> Parsed:
    """What `as_json` kept."""
    rest = {key: value for key, value in said.items() if key not in ("sender", "to", "bounced", "sent_at")}
    return Parsed(
        sender=Person(**said["sender"]),
        to=[Person(**one) for one in said["to"]],
        bounced=[Bounced(**one) for one in said["bounced"]],
        sent_at=datetime.fromisoformat(said["sent_at"]) if said["sent_at"] else None,
        **rest,
    )


def _key(message: EmailMessage, raw: bytes) -> str:
    named = _header(message, "Message-ID")
    return hashlib.sha256(named.encode() if named else raw).hexdigest()


def _header(message: EmailMessage, name: str) -> str:
    """A header as text on one line; "" for none, and for one that cannot be read."""
    try:
        found = message.get(name)
        text = "" if found is None else str(found)
    except Exception:  # the parser of headers fails in many ways on what is none
        text = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return " ".join(storable(_clean(text)).split())


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _people(message: EmailMessage, name: str) -> list[Person]:
    try:
        values = [str(one) for one in message.get_all(name) or []]
    except Exception:
        values = [str(value) for key, value in message.raw_items() if key.lower() == name.lower()]
    found = []
    for words, address in getaddresses([value[:10_000] for value in values[:10]])[:MOST_PEOPLE]:
        plain = normalise.email(address)
        if plain:
            found.append(Person(plain, " ".join(storable(_clean(words)).split())[:200]))
    return found


def _moment(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    moment = found if found.tzinfo else found.replace(tzinfo=UTC)
    return moment if 1990 <= moment.year <= 9000 else None


def parts_of(message: EmailMessage) -> Iterable[EmailMessage]:
    """All parts but those of messages within it, as far as there may be."""
    waiting: list[Any] = [message]
    seen = 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        yield part
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            waiting = [*part.iter_parts(), *waiting] if hasattr(part, "iter_parts") else waiting


def _text(message: EmailMessage) -> str:
    plain, html = "", ""
    for part in parts_of(message):
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and not plain:
            plain = tidy(_content(part))
        elif kind == "text/html" and not html:
            html = text_of_html(_content(part))
    return plain or html


def _content(part: EmailMessage) -> str:
    try:
        content = part.get_content()
    except Exception:  # an unknown charset, broken base64
        payload = part.get_payload(decode=True)
        content = payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(part.get_payload())
    return storable(_clean(content)) if isinstance(content, str) else ""


def _files(message: EmailMessage) -> list[str]:
    """The names of what is attached."""
    names = []
    for part in parts_of(message):
        name = name_of_part(part)
        if name or part.get_content_disposition() == "attachment":
            plain = " ".join(storable(_clean(name or "without a name")).split())
            names.append(plain.replace("/", "_").replace("\\", "_")[:150])
    return names[:MOST_FILES]


def name_of_part(part: EmailMessage) -> str:
    """What a part is called as a file; "" for none, and where that cannot be read."""
    try:
        return str(part.get_filename() or "")
    except Exception:  # the parser of headers fails in many ways on what is none
        return ""


def _auto(message: EmailMessage, subject: str, sender: Person) -> str:
    said = _header(message, "Auto-Submitted").lower()
    if said and said != "no":
        return "It says that it was sent automatically."
    if any(_header(message, name) for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress")):
        return "It says that it is an automatic reply."
    precedence = _header(message, "Precedence").lower()
    if precedence in AUTO_PRECEDENCE:
        return f"It is sent in bulk (precedence {precedence})."
    if OUT_OF_OFFICE.match(subject):
        return "Its subject is that of an automatic reply."
    if NOBODY.match(sender.address.partition("@")[0]):
        return f"Nobody reads answers to {sender.address}."
    return ""


def _bounced(message: EmailMessage) -> list[Bounced]:
    """Whom a report of delivery says a message did not reach."""
    found = []
    for part in parts_of(message):
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks: Any = part.get_payload()
        for block in blocks[:MOST_PEOPLE] if isinstance(blocks, list) else []:
            said = {key.lower(): str(value) for key, value in block.raw_items()}
            named = said.get("original-recipient") or said.get("final-recipient") or ""
            address = normalise.email(named.rpartition(";")[2].strip())
            action = said.get("action", "").strip().lower()
            if address and action in ("failed", "delayed"):
                why = " ".join(storable(_clean(said.get("diagnostic-code") or said.get("status") or "")).split())[:200]
                found.append(Bounced(address, why, action == "failed" and not said.get("status", "5").startswith("4")))
    return found
