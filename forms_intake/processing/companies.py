"""Which account a submission speaks of: by web domain, else by exactly the same name; made when neither is known."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from contacts import normalise
from contacts.free_mail import company_domain
from contacts.models import Account
from forms_intake.processing.intents import Intent
from leadcrm.lib.rows import insert

MANY = 1000
EVERY_COMPANY = 0x6C656164
BESIDE_OTHERS = "SELECT pg_advisory_xact_lock_shared(%s)"
ALL_TURNS = "SELECT pg_advisory_xact_lock(%s)"
TAKE_TURNS = "SELECT pg_advisory_xact_lock(number) FROM unnest(%s::bigint[]) AS turns (number)"
# What was merged into an account was known by other words (contacts.models.AccountKey): so is the account.
BY_DOMAIN = """
WITH asked AS (SELECT %s::text[] AS domains)
SELECT account.domain, account.id FROM contacts_account account
WHERE account.domain = ANY ((SELECT domains FROM asked)::text[]) AND account.domain <> ''
    AND account.deleted_at IS NULL
UNION ALL
SELECT key.value, account.id FROM contacts_accountkey key JOIN contacts_account account ON account.id = key.account_id
WHERE key.kind = 'domain' AND key.value = ANY ((SELECT domains FROM asked)::text[]) AND account.deleted_at IS NULL
    AND NOT EXISTS (SELECT FROM contacts_account own WHERE own.domain = key.value AND own.deleted_at IS NULL)
"""
BY_NAME = """
WITH asked AS MATERIALIZED (SELECT name FROM unnest(%s::text[]) AS asked (name))
SELECT name, id, domain FROM (
    SELECT asked.name, account.id, account.domain, 0 AS place
    FROM asked JOIN contacts_account account ON upper(account.name) = upper(asked.name)
    WHERE account.deleted_at IS NULL
    UNION ALL
    SELECT asked.name, account.id, account.domain, 1
    FROM asked JOIN contacts_accountkey key ON key.kind = 'name' AND key.value = upper(asked.name)
    JOIN contacts_account account ON account.id = key.account_id WHERE account.deleted_at IS NULL
) known ORDER BY place, id
"""

LONGEST_NAME = 200
"""Characters: a domain may be longer than a name."""


@dataclass
class _Company:
    """What one submission says of a company. `stated` is a domain somebody typed, `implied` the e-mail's."""

    submission_id: int
    name: str
    stated: str
    implied: str
    said: dict[str, Any]
    custom: dict[str, Any]

    @property
    def is_named(self) -> bool:
        """Whether somebody spoke of a company; an e-mail address alone finds one that is known, and makes none."""
        return bool(self.name or self.stated)

    @property
    def domain(self) -> str:
        return self.stated or self.implied


def match_accounts(intents: Sequence[Intent]) -> dict[int, int]:
    """Account ids by submission id, for the submissions that name a company; new accounts are made.

    A mail provider's domain is nobody's company. A known account is linked to, never changed: the post is anonymous.
    """
    companies = [company for intent in intents if (company := _company(intent))]
    if not companies:
        return {}
    if named := [company for company in companies if company.is_named]:
        take_turns([company.name for company in named], [company.domain for company in named])
    domains, names = _known(companies)
    found: dict[int, int] = {}
    decisions = {intent.submission.pk: intent.decision for intent in intents}
    made: list[tuple[_Company, Account]] = []
    by_domain: dict[str, Account] = {}
    by_name: dict[str, Account] = {}
    waiting: list[tuple[_Company, Account]] = []
    for company in companies:
        by_its_domain = domains.get(company.domain)
        known = by_its_domain or _by_name(company, names)
        if known:
            found[company.submission_id] = known
            decisions[company.submission_id]["account"] = _linked(company, known, bool(by_its_domain))
            continue
        account = by_domain.get(company.domain) if company.domain else by_name.get(company.name.upper())
        if account is None and not company.is_named:
            continue
        if account is None:
            account = _new_account(company)
            made.append((company, account))
            if company.domain:
                by_domain[company.domain] = account
            if company.name:
                by_name[company.name.upper()] = account
        waiting.append((company, account))
    # By domain, as imports do: of two who make the same companies at once one waits, and none for each other.
    insert(account for company, account in sorted(made, key=lambda one: one[0].domain))
    for company, account in waiting:
        decisions[company.submission_id]["account"] = _made_for(company, account)
    return found | {company.submission_id: account.pk for company, account in waiting}


def _linked(company: _Company, account_id: int, by_domain: bool) -> dict[str, Any]:
    how = "Known by its web domain." if by_domain else "Known by exactly this name."
    return {
        "key": f"domain: {company.domain}" if by_domain else f"name: {company.name}",
        "winner": account_id,
        "reason": f"{how} A known company is linked, never changed by a post.",
        "new": False,
    }


def _made_for(company: _Company, account: Account) -> dict[str, Any]:
    key = f"domain: {company.domain}" if company.domain else f"name: {company.name}"
    return {"key": key, "winner": account.pk, "reason": "No company was known by this.", "new": True}


def _company(intent: Intent) -> _Company | None:
    said = intent.values("account")
    name = normalise.plain(said.pop("name", ""))
    stated = company_domain(said.pop("domain", ""))
    custom = intent.custom("account")
    # An e-mail at a company's own domain says which company is meant, when only its name was asked for, or nothing.
    implied = company_domain(normalise.email(intent.values("contact").get("email", "")))
    if not (name or stated or implied):
        return None
    return _Company(intent.submission.pk, name, stated, implied, said, custom)


def take_turns(names: Iterable[str], domains: Iterable[str]) -> None:
    """Until the transaction ends, go one after the other with whoever speaks of one of the same companies.

    Names are not unique in the database. To be called once a transaction, after contact keys were claimed. Whoever
    speaks of more than MANY takes the turns of all at once, because a database holds few locks.
    """
    words = {word for word in (*domains, *(name.upper() for name in names)) if word}
    with connection.cursor() as cursor:
        if len(words) > MANY:
            cursor.execute(ALL_TURNS, [EVERY_COMPANY])
            return
        go_beside_others()
        turns = sorted(int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], signed=True) for word in words)
        cursor.execute(TAKE_TURNS, [turns])


def go_beside_others() -> None:
    """Until the transaction ends, let nobody take the turns of all at once; wait for whoever has them."""
    with connection.cursor() as cursor:
        cursor.execute(BESIDE_OTHERS, [EVERY_COMPANY])


def _known(companies: list[_Company]) -> tuple[dict[str, int], dict[str, list[tuple[int, str]]]]:
    with connection.cursor() as cursor:
        cursor.execute(BY_DOMAIN, [list({company.domain for company in companies if company.domain})])
        domains = dict(cursor.fetchall())
        cursor.execute(BY_NAME, [list({company.name for company in companies if company.name})])
        names: dict[str, list[tuple[int, str]]] = {}
        for name, account_id, domain in cursor.fetchall():
            names.setdefault(name, []).append((account_id, domain))
    return domains, names


def _by_name(company: _Company, names: dict[str, list[tuple[int, str]]]) -> int | None:
    """The oldest account of that name that no domain tells apart from this company."""
    for account_id, domain in names.get(company.name, []):
        if not domain or not company.domain:
            return account_id
    return None


def _new_account(company: _Company) -> Account:
    name = (company.name or company.domain)[:LONGEST_NAME]
    return Account(name=name, domain=company.domain, custom=company.custom, **company.said)
