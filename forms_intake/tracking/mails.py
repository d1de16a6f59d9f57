"""Signed pixels and links for mails, and what becomes of them.

Where a link leads stands in its token, signed: nobody can make one that leads elsewhere. Letters of our own (to confirm
an address, about preferences) are not followed; what sends mailings, here or elsewhere, asks for pixel and links.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.db import connection
from django.urls import reverse

from contacts.errors import InvalidValues
from contacts.letters import address_of
from contacts.merging.became import became_of
from contacts.models import Contact, Entity, Interaction, InteractionType
from forms_intake.models import MailTouch, RawHit
from forms_intake.tracking.recording import alive
from forms_intake.tracking.robots import is_automatic, too_soon
from forms_intake.validation import storable
from leadcrm.lib.rows import insert

SALT = "forms_intake.mail"
LONGEST_LINK = 1500
LONGEST_TOKEN = 3000
TYPES = {RawHit.Kind.OPENED: InteractionType.EMAIL_OPENED, RawHit.Kind.CLICKED: InteractionType.EMAIL_CLICKED}
SOURCE = "mail"


@dataclass(frozen=True)
class Mail:
    """A mail as its sender knows it: `key` names it (100 characters at most), `sent_at` is when it went out."""

    key: str
    subject: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True)
class Token:
    """What a pixel or link says: whose mail it is, and where the link leads."""

    contact_id: int
    mail: str
    subject: str
    sent_at: datetime | None
    url: str

    @property
    def link_key(self) -> UUID:
        return UUID(bytes=hashlib.sha256(self.url.encode(errors="replace")).digest()[:16])


def signed_pixel(contact: Contact | int, mail: Mail) -> str:
    """The address of a picture that tells when this contact opens this mail. Raises InvalidValues."""
    return address_of(reverse("forms_intake:pixel", args=[_sign(contact, mail, "")]))


def signed_click(contact: Contact | int, mail: Mail, url: str) -> str:
    """The address that leads to `url` and tells when this contact follows it. Raises InvalidValues."""
    if not is_link(url):
        raise InvalidValues({"url": f"A link is a whole address of the web, {LONGEST_LINK} characters at most."})
    return address_of(reverse("forms_intake:click", args=[_sign(contact, mail, url)]))


def is_link(url: str) -> bool:
    """Whether an address of the web can be led to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = url.isprintable() and "\\" not in url and " " not in url
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and len(url) <= LONGEST_LINK


def read_token(token: str) -> Token | None:
    """What a token says; None for one that we did not sign."""
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        return _token(Signer(salt=SALT, sep="~").unsign_object(token))
    except (BadSignature, ValueError, TypeError, KeyError):
        return None


def as_body(token: Token) -> str:
    """A token as a raw row keeps it."""
    return json.dumps(_parts(token))


def _sign(contact: Contact | int, mail: Mail, url: str) -> str:
    key = storable(mail.key).strip()
    if not key or len(key) > 100:
        raise InvalidValues({"mail": "Name the mail, in at most 100 characters."})
    pk = contact if isinstance(contact, int) else contact.pk
    token = Token(pk, key, storable(mail.subject).strip()[:200], mail.sent_at, url)
    return Signer(salt=SALT, sep="~").sign_object(_parts(token), compress=True)


def _parts(token: Token) -> list[object]:
    sent = int(token.sent_at.timestamp()) if token.sent_at else 0
    return [token.contact_id, token.mail, token.subject, sent, token.url]


def _token(said: list[object]) -> Token:
    contact_id, mail, subject, sent, url = said
    assert isinstance(contact_id, int) and isinstance(sent, int)
    return Token(contact_id, str(mail), str(subject), datetime.fromtimestamp(sent, tz=UTC) if sent else None, str(url))


TOUCH = """
INSERT INTO forms_intake_mailtouch AS touch
    (contact_id, mail, subject, link, link_key, sent_at, times, robot_times, first_at, last_at)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::timestamptz[], %s::int[],
    %s::int[], %s::timestamptz[], %s::timestamptz[]) AS new (contact_id, mail, subject, link, link_key, sent_at, times,
    robot_times, first_at, last_at) ORDER BY contact_id, mail, link_key
ON CONFLICT (contact_id, mail, link_key) DO UPDATE SET times = touch.times + excluded.times,
    robot_times = touch.robot_times + excluded.robot_times,
    first_at = LEAST(touch.first_at, excluded.first_at), last_at = GREATEST(touch.last_at, excluded.last_at)
RETURNING id, contact_id, mail, link_key, interaction_id, robot_interaction_id
"""


@dataclass
class _Count:
    """What some rows say of one mail or link: how often people and robots did it."""

    token: Token
    contact_id: int
    kind: RawHit.Kind
    people: list[datetime]
    robots: list[datetime]


@dataclass(frozen=True)
class _Touched:
    """A count and the stored touch (`id`) it went into; which interactions tell of it already."""

    count: _Count
    id: int
    told: int | None
    robot_told: int | None


def write_touches(raws: Sequence[RawHit]) -> None:
    """Count what happened to mails; the first time of each contact, mail and link is an interaction."""
    counts = _counted(raws)
    if not counts:
        return
    rows = [
        (
            one.contact_id,
            one.token.mail,
            one.token.subject,
            one.token.url,
            str(one.token.link_key),
            one.token.sent_at,
            len(one.people),
            len(one.robots),
            min(one.people, default=None),
            max(one.people, default=None),
        )
        for one in counts.values()
    ]
    with connection.cursor() as cursor:
        cursor.execute(TOUCH, [list(column) for column in zip(*rows, strict=True)])
        stored = cursor.fetchall()
    _tell(
        [
            _Touched(counts[contact, mail, UUID(str(link))], pk, told, robot_told)
            for pk, contact, mail, link, told, robot_told in stored
        ]
    )


def _counted(raws: Iterable[RawHit]) -> dict[tuple[int, str, UUID], _Count]:
    tokens = [(raw, _token(json.loads(raw.body))) for raw in raws]
    people = _people({token.contact_id for _, token in tokens})
    found: dict[tuple[int, str, UUID], _Count] = {}
    for raw, token in tokens:
        contact_id = people.get(token.contact_id)
        if contact_id is None:
            continue
        kind = RawHit.Kind(raw.kind)
        one = found.setdefault(
            (contact_id, token.mail, token.link_key), _Count(token, contact_id, kind, people=[], robots=[])
        )
        automatic = raw.robot or is_automatic(raw.user_agent, in_mail=True) or too_soon(token.sent_at, raw.received_at)
        (one.robots if automatic else one.people).append(raw.received_at)
    return dict(sorted(found.items(), key=lambda item: (item[0][0], item[0][1], item[0][2])))


def _people(contact_ids: set[int]) -> dict[int, int]:
    """Who stands for these contacts now, as far as anybody does."""
    there = alive(contact_ids)
    found = {pk: pk for pk in there}
    for pk in contact_ids - there:
        further = became_of(Entity.CONTACT, pk)
        if further and alive([further]):
            found[pk] = further
    return found


def _tell(counted: Sequence[_Touched]) -> None:
    """An interaction where a person did it for the first time; and one of a robot where only robots have so far."""
    firsts = [one for one in counted if one.count.people and one.told is None]
    robots = [one for one in counted if not one.count.people and one.told is None and one.robot_told is None]
    made = insert(
        [
            *(_interaction(one.count, min(one.count.people), robot=False) for one in firsts),
            *(_interaction(one.count, min(one.count.robots), robot=True) for one in robots),
        ]
    )
    done = {one.id: row.pk for one, row in zip([*firsts, *robots], made, strict=True)}
    touches = list(MailTouch.objects.filter(pk__in=list(done)))
    ours = {one.id for one in firsts}
    for touch in touches:
        setattr(touch, "interaction_id" if touch.pk in ours else "robot_interaction_id", done[touch.pk])
    MailTouch.objects.bulk_update(touches, ["interaction", "robot_interaction"])


def _interaction(one: _Count, at: datetime, *, robot: bool) -> Interaction:
    said = {"mail": one.token.mail} | ({"link": one.token.url} if one.token.url else {})
    words = {"details": one.token.url} if one.token.url else {}
    return Interaction(
        contact_id=one.contact_id,
        type=TYPES[one.kind],
        subject=one.token.subject or one.token.mail,
        occurred_at=at,
        source=SOURCE,
        payload=said | words,
        robot=robot,
    )
