"""What a message is, and what is to become of it: said in words, so that a person can be shown why. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum

from django.conf import settings

from contacts import match_keys, normalise
from contacts.models import Contact, User
from forms_intake.mailbox.parsing import MOST_HOPS, Parsed, Person
from forms_intake.mailbox.verdicts import FAILED
from forms_intake.models import Effect, Mailbox, MailRule, MailState


class What(StrEnum):
    """What a message turned out to be; the value is how pages say it."""

    FROM_KNOWN = "from somebody known"
    FROM_US = "from one of us"
    BOUNCE = "undeliverable"
    FROM_UNKNOWN = "from a stranger"
    AUTOMATIC = "automatic"
    MAILING_LIST = "a mailing list"
    OWN = "our own mail"
    LOOP = "a loop"
    SUSPICIOUS = "suspicious"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Decision:
    """`state` it is kept in, `what` it is, `why`; `contacts` (ids) whose interactions it becomes, `by` who of us wrote
    it, `rule` the one that fitted a stranger.
    """

    state: str
    what: What
    why: str
    contacts: Sequence[int] = ()
    by: User | None = None
    rule: MailRule | None = None


def decide(parsed: Parsed, mailbox: Mailbox, *, trusted: bool = False) -> Decision:
    """What becomes of a message now. `trusted`: a person has looked at it and vouches for its sender."""
    if (left := _left_alone(parsed, mailbox)) is not None:
        return left
    if parsed.is_bounce:
        return _bounce(parsed, trusted)
    colleague = _colleague(parsed.sender.address)
    known = _contacts([parsed.sender])
    if parsed.verdict == FAILED and not trusted:
        stranger = None if colleague or known else _stranger(parsed, mailbox)
        if stranger is not None and stranger.state == MailState.IGNORED:
            return stranger
        whom = "one of us" if colleague else "somebody known" if known else "a stranger"
        return Decision(
            MailState.SUSPICIOUS, What.SUSPICIOUS, f"It says that it is from {whom}. {parsed.verdict_why}"[:300]
        )
    if colleague is not None:
        return _from_us(parsed, mailbox, colleague)
    if known:
        return Decision(
            MailState.KEPT, What.FROM_KNOWN, f"{parsed.sender.address} is known.", [one.pk for one in known.values()]
        )
    return _stranger(parsed, mailbox)


def _left_alone(parsed: Parsed, mailbox: Mailbox) -> Decision | None:
    """What is nobody's writing to us."""
    ours = normalise.email(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    if not parsed.sender.address and not parsed.is_bounce:
        return Decision(MailState.IGNORED, What.UNREADABLE, "It does not say who sent it.")
    if parsed.hops > MOST_HOPS:
        return Decision(MailState.IGNORED, What.LOOP, f"It went through {parsed.hops} servers.")
    if parsed.sender.address in {ours, normalise.email(mailbox.address)} and not parsed.is_bounce:
        return Decision(MailState.IGNORED, What.OWN, f"{parsed.sender.address} is our own address.")
    if parsed.is_bounce:
        return None
    if parsed.mailing_list:
        return Decision(MailState.IGNORED, What.MAILING_LIST, "It was sent to a mailing list.")
    if parsed.auto:
        return Decision(MailState.IGNORED, What.AUTOMATIC, parsed.auto)
    return None


def _bounce(parsed: Parsed, trusted: bool) -> Decision:
    if parsed.verdict == FAILED and not trusted and _contacts([Person(one.address) for one in parsed.bounced]):
        return Decision(
            MailState.SUSPICIOUS, What.SUSPICIOUS, f"It says that mail came back. {parsed.verdict_why}"[:300]
        )
    failed = [one for one in parsed.bounced if one.is_final]
    if not failed:
        return Decision(MailState.IGNORED, What.BOUNCE, "It tells of a delay, or of nobody by name.")
    known = _contacts([Person(one.address) for one in failed])
    if not known:
        return Decision(MailState.IGNORED, What.BOUNCE, f"Nobody is known by {failed[0].address}.")
    why = f"Mail to {', '.join(known)} came back: {failed[0].why or 'no reason given'}."
    return Decision(MailState.KEPT, What.BOUNCE, why[:300], [one.pk for one in known.values()])


def _from_us(parsed: Parsed, mailbox: Mailbox, colleague: User) -> Decision:
    """What one of us wrote, with the mailbox in copy."""
    own = {normalise.email(mailbox.address), parsed.sender.address}
    known = _contacts([one for one in parsed.to if one.address not in own])
    if not known:
        return Decision(
            MailState.IGNORED,
            What.FROM_US,
            f"{colleague} wrote it; nobody is known by whom it was sent to.",
            by=colleague,
        )
    why = f"{colleague} wrote to {', '.join(known)}."
    return Decision(MailState.KEPT, What.FROM_US, why[:300], [one.pk for one in known.values()], by=colleague)


def _stranger(parsed: Parsed, mailbox: Mailbox) -> Decision:
    rules = list(mailbox.rules.select_related("owner", "marketing_context"))
    for place, rule in enumerate(rules, 1):
        if not fits(rule, parsed):
            continue
        state = MailState.IGNORED if rule.effect == Effect.IGNORE else MailState.KEPT
        why = f"Nobody is known by {parsed.sender.address}; rule {place}, {rule}, fits."
        return Decision(state, What.FROM_UNKNOWN, why[:300], rule=rule)
    why = f"Nobody is known by {parsed.sender.address}, and {'no rule fits' if rules else 'there is no rule'}."
    return Decision(MailState.IGNORED, What.FROM_UNKNOWN, why)


def fits(rule: MailRule, parsed: Parsed) -> bool:
    """Whether all that a rule asks for is so."""
    if rule.recipient and normalise.email(rule.recipient) not in {one.address for one in parsed.to}:
        return False
    domain, asked = parsed.sender.address.rpartition("@")[2], rule.domain.casefold().lstrip("@.")
    if asked and domain != asked and not domain.endswith("." + asked):
        return False
    if rule.subject and rule.subject.casefold() not in parsed.subject.casefold():
        return False
    return not rule.words or rule.words.casefold() in parsed.text.casefold()


def _colleague(address: str) -> User | None:
    """Who of us writes from this address."""
    return User.objects.filter(email__iexact=address, is_active=True).order_by("pk").first() if address else None


def _contacts(people: Sequence[Person]) -> dict[str, Contact]:
    """The living contacts who are known by these addresses, by address."""
    keys = {("email", one.address): one.address for one in people if one.address}
    owners = match_keys.owners_of(list(keys)) if keys else {}
    alive = Contact.objects.alive().in_bulk(owners.values()) if owners else {}
    return {keys[key]: alive[pk] for key, pk in owners.items() if pk in alive}
