"""What the workspace says of checks and domains, kept in the process: the door asks no table for it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache

from disposable_email_domains import blocklist
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from contacts import normalise
from contacts.errors import InvalidValues
from contacts.models import User
from forms_intake.models import DisposableDomain, Does, SpamRule
from forms_intake.spam.checks import BY_CODE
from leadcrm.lib.domains import ascii_of

MOST_SAID = 20_000
"""Domains that the workspace says something of; what is beyond is not read."""
OFTEN = 10
"""Rules are looked at again after so many times FORM_DEFINITION_SECONDS."""


@dataclass(frozen=True)
class Rules:
    """What each check does, by code, and which domains the workspace adds to the shipped list, or takes from it: both
    as that list has them, the way the network does.
    """

    does: dict[str, str]
    added: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    def is_disposable(self, domain: str) -> bool:
        """Whether addresses at a domain, or at one it lies below, are disposable. What is said here goes first."""
        labels = ascii_of(domain).split(".")
        for begin in range(max(1, len(labels) - 1)):
            part = ".".join(labels[begin:])
            if part in self.taken:
                return False
            if part in self.added or part in blocklist:
                return True
        return False


_known: tuple[float, Rules] | None = None


def rules() -> Rules:
    """The rules in force. Two queries, now and then."""
    global _known
    now = time.monotonic()
    if _known is None or _known[0] <= now or not settings.FORM_DEFINITION_SECONDS:
        _known = (now + OFTEN * settings.FORM_DEFINITION_SECONDS, _read())
    return _known[1]


def forget_rules() -> None:
    """Look at the rules again next time."""
    global _known
    _known = None


def _read() -> Rules:
    said = dict(SpamRule.objects.values_list("check_code", "does"))
    rows = DisposableDomain.objects.order_by("pk").values_list("domain", "is_disposable")[:MOST_SAID]
    domains = {ascii_of(domain): is_disposable for domain, is_disposable in rows}
    added = frozenset(domain for domain, is_disposable in domains.items() if is_disposable)
    does = {code: said.get(code, check.does.value) for code, check in BY_CODE.items()}
    return Rules(does, added, frozenset(domains.keys() - added))


@transaction.atomic
def say_what_checks_do(said: dict[str, str], *, by: User) -> None:
    """Write what each check does; what is as shipped needs no row. Raises InvalidValues."""
    for code, does in said.items():
        check = BY_CODE.get(code)
        if check is None or does not in Does.values:
            raise InvalidValues({code: "There is no such check, or nothing of the kind that it could do."})
        if check.does == does:
            SpamRule.objects.filter(check_code=code).delete()
        else:
            told = {"does": does, "said_by": by, "said_at": timezone.now()}
            SpamRule.objects.update_or_create(check_code=code, defaults=told)
    transaction.on_commit(forget_rules)


@transaction.atomic
def say_of_domain(typed: str, *, is_disposable: bool, by: User) -> str:
    """Say whether addresses at a domain are disposable; the domain as it is compared. Raises InvalidValues."""
    typed = normalise.domain(typed)
    domain = ascii_of(typed)
    if not domain:
        raise InvalidValues({"domain": "This is not a domain such as example.com."})
    if typed != domain:
        DisposableDomain.objects.filter(domain=typed).delete()  # as it was kept once
    if (domain in blocklist) == is_disposable:
        DisposableDomain.objects.filter(domain=domain).delete()  # as shipped
    else:
        told = {"is_disposable": is_disposable, "said_by": by, "said_at": timezone.now()}
        DisposableDomain.objects.update_or_create(domain=domain, defaults=told)
    transaction.on_commit(forget_rules)
    return domain


@lru_cache(maxsize=1)
def shipped() -> int:
    """How many domains the shipped list holds."""
    return len(blocklist)
