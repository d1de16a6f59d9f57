"""Accounts of a chunk: by domain, else external id, else name; mail providers never make one (rows.py)."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable
from typing import Any

from contacts import normalise
from forms_intake.imports.copying import NULL, allocate, copy_in, execute, fetch
from forms_intake.imports.holding import hold_accounts, new_rows
from forms_intake.imports.job import Again, Company, Job, Person, Tally, custom_of, to_json
from forms_intake.imports.rows import Row, Values
from forms_intake.models import Update
from forms_intake.processing.companies import LONGEST_NAME, go_beside_others, take_turns
from leadcrm.lib.arrays import numbers, words
from leadcrm.lib.claims import Key

# In the order of ids, as whoever holds accounts takes them.
BY_UNIQUE = """
SELECT {name}, id, domain, external_id FROM contacts_account
WHERE {name} = ANY(%s::text[]) AND {name} <> '' AND deleted_at IS NULL ORDER BY id
"""
# What was merged into an account was known by other words (contacts.models.AccountKey): so is the account.
BY_KEPT = """
SELECT key.value, found.id, found.domain, found.external_id
FROM contacts_accountkey key JOIN contacts_account found ON found.id = key.account_id AND found.deleted_at IS NULL
WHERE key.kind = %s AND key.value = ANY(%s::text[])
"""
HELD = " FOR KEY SHARE"
BY_NAME = """
SELECT asked.name, found.id, found.domain, found.external_id
FROM unnest(%s::text[]) AS asked (name) CROSS JOIN LATERAL (
    (SELECT id, domain, external_id FROM contacts_account
    WHERE upper(name) = upper(asked.name) AND deleted_at IS NULL ORDER BY id LIMIT 1)
    UNION ALL
    (SELECT account.id, account.domain, account.external_id
    FROM contacts_accountkey key JOIN contacts_account account ON account.id = key.account_id
    WHERE key.kind = 'name' AND key.value = upper(asked.name) AND account.deleted_at IS NULL)
    LIMIT 1
) found
"""
COPY_ACCOUNTS = """
COPY contacts_account (id, name, domain, industry, employees, phone, country, city, external_id, custom, version)
FROM STDIN (FORMAT csv, NULL E'\\x01')
"""
STAGING = """
DROP TABLE IF EXISTS import_account;
CREATE TEMPORARY TABLE import_account (id bigint, fill jsonb, force jsonb, custom_fill jsonb, custom_force jsonb)
    ON COMMIT DROP
"""
COPY_STAGING = "COPY import_account FROM STDIN (FORMAT csv, NULL E'\\x01')"
LOCK = """
SELECT id, domain, external_id FROM contacts_account
WHERE id = ANY(%s::bigint[]) AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE
"""
UPDATE = """
UPDATE contacts_account a SET domain = n.domain, industry = n.industry, employees = n.employees, phone = n.phone,
    country = n.country, city = n.city, external_id = n.external_id, custom = n.custom,
    version = a.version + 1, updated_at = now()
FROM (
    SELECT o.id, COALESCE(s.force->>'domain', NULLIF(o.domain, ''), s.fill->>'domain', '') AS domain,
        COALESCE(NULLIF(o.external_id, ''), s.fill->>'external_id', s.force->>'external_id', '') AS external_id,
        COALESCE(s.force->>'industry', NULLIF(o.industry, ''), s.fill->>'industry', '') AS industry,
        COALESCE((s.force->>'employees')::int, o.employees, (s.fill->>'employees')::int) AS employees,
        COALESCE(s.force->>'phone', NULLIF(o.phone, ''), s.fill->>'phone', '') AS phone,
        COALESCE(s.force->>'country', NULLIF(o.country, ''), s.fill->>'country', '') AS country,
        COALESCE(s.force->>'city', NULLIF(o.city, ''), s.fill->>'city', '') AS city,
        s.custom_fill || o.custom || s.custom_force AS custom
    FROM import_account s JOIN contacts_account o ON o.id = s.id
) n
WHERE n.id = a.id AND (a.domain, a.external_id, a.industry, a.employees, a.phone, a.country, a.city, a.custom)
    IS DISTINCT FROM (n.domain, n.external_id, n.industry, n.employees, n.phone, n.country, n.city, n.custom)
"""
IDENTIFYING = frozenset({"name", "domain", "external_id"})
UNIQUE = frozenset({"domain", "external_id"})


class Known:
    """Companies by what identifies them: those stored, and those that earlier rows made.

    With `hold`, those found by what is unique are held until the transaction ends: `held` says which (holding.py).
    """

    def __init__(self, named: Collection[Values], *, hold: bool = False) -> None:
        self.found: dict[str, dict[str, Company]] = {name: {} for name in IDENTIFYING}
        self.by_id: dict[int, Company] = {}
        self.held: set[int] = set()
        for name in ("domain", "external_id"):
            if asked := {values[name] for values in named if name in values}:
                statement = BY_UNIQUE.format(name=name) + (HELD if hold else "")
                self._add(name, rows := fetch(statement, [words(asked)]))
                self.held.update(row[1] for row in rows if hold)
                if missing := asked - self.found[name].keys():
                    self._add(name, fetch(BY_KEPT, [name, words(missing)]))
        if asked := {values["name"] for values in named if "name" in values}:
            rows = fetch(BY_NAME, [words(asked)])
            self._add("name", [(normalise.name_key(value), *rest) for value, *rest in rows])

    def _add(self, name: str, rows: list[tuple[Any, ...]]) -> None:
        found, by_id = self.found[name], self.by_id
        for value, account_id, domain, external_id in rows:
            company = by_id.get(account_id)
            if company is None:
                company = by_id[account_id] = Company({}, domain, account_id, external_id)
            found[value] = company

    def get(self, values: Values) -> Company | None:
        domain = values.get("domain", "")
        company = self.found["domain"].get(domain)
        if company is None and "external_id" in values:
            company = self.found["external_id"].get(values["external_id"])
        if company is None and "name" in values:
            company = self.found["name"].get(normalise.name_key(values["name"]))
            # Two companies may have one name; two domains are two companies.
            if company and domain and company.domain not in ("", domain):
                return None
        return company

    def register(self, company: Company, values: Values) -> None:
        company.domain = company.domain or values.get("domain", "")
        for name in IDENTIFYING & values.keys():
            self.found[name].setdefault(_compared(name, values), company)

    def may_have(self, company: Company, name: str) -> bool:
        """Whether what rows say identifies a company identifies no other: then it may become its own."""
        return self.found[name].get(company.values[name]) is company


def identified(rows: Iterable[Row]) -> tuple[set[Key], set[Key]]:
    """What identifies the companies of these rows, each with its kind, as `Known` compares it; and the same of those
    of which they say more than a domain. Pure.
    """
    named: set[Key] = set()
    told: set[Key] = set()
    for row in rows:
        said = row.company
        if len(said) == 1 and "domain" in said:
            named.add(("domain", said["domain"]))
        else:
            told.update((name, _compared(name, said)) for name in IDENTIFYING & said.keys())
    return named | told, told


def _compared(name: str, values: Values) -> str:
    value: str = values[name]
    return normalise.name_key(value) if name == "name" else value


def known_of(people: list[Person]) -> Known:
    """The accounts that the rows of these people name, as they are stored."""
    return Known(_distinct(people).values())


def _distinct(people: list[Person]) -> dict[Hashable, Values]:
    """What rows say of companies, each that identifies one once, in the order of the file, by all it says."""
    found: dict[Hashable, Values] = {}
    for person in people:
        for row in person.rows:
            said = row.company
            if len(said) == 1 and "domain" in said:  # and nothing else, as most say
                found[said["domain"]] = said
            elif not IDENTIFYING.isdisjoint(said):
                found[to_json(said)] = said
    return found


def _known(named: Collection[Values], job: Job) -> Known:
    """Looked up again once it is our turn: whoever was before us may have made what was missing.

    Of companies that are known by a domain there can be no two, so their makers need no turns.
    """
    known = Known(named, hold=job.holds)
    missing = [values for values in named if known.get(values) is None]
    if not missing:
        return known
    if all(len(values) == 1 and "domain" in values for values in missing):
        go_beside_others()
        return known
    take_turns([one.get("name", "") for one in missing], [one.get("domain", "") for one in missing])
    return Known(named, hold=job.holds)


def find_or_make(people: list[Person], job: Job, tally: Tally) -> set[Key]:
    """Give every person whose rows name a company its account, made where there is none; the domains of those made.

    Raises Again when what identifies one changed since it was looked up.
    """
    known = _known(_distinct(people).values(), job)
    by_domain = known.found["domain"]
    companies: dict[int, Company] = {}
    for person in people:
        for row in person.rows:
            said = row.company
            if not said or IDENTIFYING.isdisjoint(said):
                continue
            company = by_domain.get(said.get("domain", "")) or known.get(said)
            if company is None:
                company = Company({}, "")
            person.company = person.company or company
            if len(said) == 1 and company.domain and company.domain == said.get("domain"):
                continue  # a colleague: nothing that is not known of it
            companies[id(company)] = company
            known.register(company, said)
            job.merge("account", company.values, said)
    new = [company for company in companies.values() if company.id is None]
    old = [company for company in companies.values() if company.id is not None]
    for company in old:
        company.values = {
            name: value for name, value in company.values.items() if name not in UNIQUE or known.may_have(company, name)
        }
    _update(old, job, tally)
    new.sort(key=lambda company: company.domain)
    for company, allocated in zip(new, allocate("contacts_account", len(new)), strict=True):
        company.id = allocated
    hold_accounts(known.by_id.keys() - known.held, job)
    with new_rows(job):
        copy_in(COPY_ACCOUNTS, map(_columns, new))
    tally.accounts_created += len(new)
    tally.accounts += [company.id for company in new if company.id is not None]
    return {("domain", company.domain) for company in new if company.domain}


def _columns(company: Company) -> tuple[object, ...]:
    get = company.values.get
    return (
        company.id,
        (get("name") or company.domain or get("external_id", ""))[:LONGEST_NAME],
        company.domain,
        get("industry", ""),
        get("employees", NULL),
        get("phone", ""),
        get("country", ""),
        get("city", ""),
        get("external_id", ""),
        custom_of(company.values),
        1,
    )


def _update(companies: list[Company], job: Job, tally: Tally) -> None:
    told = [company for company in companies if _tells_something(company, job)]
    if told:
        execute(STAGING)
        changes = ((company.id, *job.changes("account", company.values)) for company in told)
        copy_in(COPY_STAGING, changes)
        locked = {row[0]: row[1:] for row in fetch(LOCK, [numbers(company.id for company in told if company.id)])}
        if any(locked.get(company.id or 0) != (company.stored_domain, company.external_id) for company in told):
            raise Again  # whose it is was decided by these
        execute(UPDATE)
        tally.known_accounts += [company.id for company in told if company.id is not None]


def _tells_something(company: Company, job: Job) -> bool:
    """Whether rows may say more of a known company than what it was known by."""
    said = company.values.keys() - {"name"}
    if company.external_id:
        said -= {"external_id"}
    if company.stored_domain == company.values.get("domain") or (
        company.stored_domain and job.policy("account", "domain") != Update.OVERWRITE
    ):
        said -= {"domain"}
    return bool(said)
