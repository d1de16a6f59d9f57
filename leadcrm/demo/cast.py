"""The demo's companies and people, invented from a fixed seed."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from contacts import match_keys, normalise
from contacts.models import Account, Consent, ConsentLevel, Contact, User
from leadcrm.demo.catalogue import CAMPAIGNS, PAGES, Page
from leadcrm.demo.words import COINED, INDUSTRY, KINDS, NAMES, PLACES, TITLES

ACCOUNTS = 560
PEOPLE = 3000
MONTHS_BACK = 150
PRIVATE_MAIL = "mailbox.example"
FRESH_MINUTES = (4, 11, 19, 33, 52, 85, 130, 200, 330, 520, 1130, 1500, 1790, 2900, 4300)
"""How long ago the latest askers asked: what waits on the sales dashboard when somebody first looks."""


@dataclass
class Person:
    """One contact to be: first seen at `since` on `page`; `zeal` from 0 (once) to 3 (keen)."""

    contact: Contact
    since: datetime
    page: Page
    zeal: int
    fresh: bool = False
    second: Page | None = None
    second_at: datetime | None = None
    extra: dict[str, object] = field(default_factory=dict)


def office_moment(random: Random, day: datetime) -> datetime:
    """A moment of that day as office people have it; weekends mostly become Mondays."""
    if day.weekday() >= 5 and random.random() < 0.85:
        day += timedelta(days=7 - day.weekday())
    hour = random.choices(range(7, 22), [2, 6, 10, 11, 9, 5, 7, 9, 9, 7, 4, 2, 2, 2, 1])[0]
    return day.replace(hour=hour, minute=random.randrange(60), second=random.randrange(60), microsecond=0)


def make_accounts(random: Random, now: datetime, sales: list[User]) -> list[Account]:
    """The companies, each with its domain."""
    pairs = [(coined, kind) for coined in COINED for kind in KINDS]
    random.shuffle(pairs)
    accounts = []
    for coined, kind in pairs[:ACCOUNTS]:
        city, country = random.choice(PLACES).split(",")
        accounts.append(
            Account(
                name=f"{coined} {kind}",
                domain=f"{coined}-{kind.replace(' ', '-')}.example".lower(),
                industry=INDUSTRY[kind],
                employees=random.choice([6, 9, 14, 22, 35, 48, 70, 110, 160, 240, 420, 900]),
                country=country,
                city=city,
                owner=random.choice(sales) if random.random() < 0.4 else None,
                created_at=now - timedelta(days=random.uniform(MONTHS_BACK, MONTHS_BACK + 60)),
            )
        )
    return Account.objects.bulk_create(accounts)


def make_people(random: Random, now: datetime, accounts: list[Account], sales: list[User]) -> list[Person]:
    """The contacts with their keys and consents, in the order in which they were first seen."""
    taken: set[str] = set()
    weights = [random.paretovariate(1.3) for _ in accounts]
    people = [_person(random, now, random.choices(accounts, weights)[0], taken, sales) for _ in range(PEOPLE)]
    keen = [person for person in people if person.contact.account][: len(FRESH_MINUTES)]
    for number, (person, minutes) in enumerate(zip(keen, FRESH_MINUTES, strict=True)):
        _make_fresh(
            random, person, PAGES[number % 5 in (1, 3)], now - timedelta(minutes=minutes, seconds=random.randrange(60))
        )
    people.sort(key=lambda person: person.since)
    contacts = [person.contact for person in people]
    for contact, allocated in zip(contacts, match_keys.allocate_contact_ids(len(contacts)), strict=True):
        contact.pk = allocated
    kinds = match_keys.kinds_in_use()
    match_keys.claim(
        [(*key, each.pk) for each in contacts for key in match_keys.keys_of(match_keys.values_of(each), kinds)]
    )
    Contact.objects.bulk_create(contacts, batch_size=1000)
    Consent.objects.bulk_create(
        Consent(
            contact=person.contact,
            level=person.contact.consent_level,
            wording="May write to me about its products. I can take this back at any time.",
            source=f"Form: {person.page.form}",
            recorded_at=person.since,
        )
        for person in people
        if person.contact.consent_level
    )
    return people


def _person(random: Random, now: datetime, account: Account, taken: set[str], sales: list[User]) -> Person:
    firsts, lasts = random.choice(NAMES)
    first, last = random.choice(firsts.split()), random.choice(lasts.split())
    private = random.random() < 0.1
    # More came lately than long ago: the company grows.
    day = now - timedelta(days=MONTHS_BACK * random.random() ** 1.35)
    since = min(office_moment(random, day), now - timedelta(hours=random.uniform(6, 30)))
    title, role = random.choice(TITLES)
    phone = f"+49 30 {random.randrange(2_000_000, 9_000_000)}" if random.random() < 0.5 else ""
    contact = Contact(
        first_name=first,
        last_name=last,
        email=_address(first, last, PRIVATE_MAIL if private else account.domain, taken),
        phone=phone,
        phone_e164=normalise.phone(phone) if phone else "",
        job_title=title,
        role=role if random.random() < 0.7 else "",
        account=None if private else account,
        country=account.country,
        city=account.city,
        consent_level=ConsentLevel.MARKETING if random.random() < 0.6 else ConsentLevel.NONE,
        owner=random.choice(sales) if random.random() < 0.2 else None,
        custom={"language": random.choice(["de", "en", "fr", "es", "pl"])} if random.random() < 0.3 else {},
        created_at=since,
        updated_at=since,
    )
    person = Person(contact, since, _page(random, since, now), random.choices([0, 1, 2, 3], [46, 32, 15, 7])[0])
    if person.zeal >= 2 and random.random() < 0.35:
        person.second = random.choice([page for page in PAGES if page.makes_lead and page.slug != person.page.slug])
        person.second_at = min(
            office_moment(random, since + timedelta(days=random.uniform(4, 40))),
            now - timedelta(hours=random.uniform(5, 60)),
        )
        if person.second_at <= since:
            person.second = person.second_at = None
    if person.page.makes_lead:
        person.extra = {
            "fleet_size": random.choice([3, 5, 8, 12, 20, 35, 50, 80, 140, 300]),
            "timeframe": random.choices(["This quarter", "This year", "Just looking"], [2, 4, 5])[0],
        }
    return person


def _make_fresh(random: Random, person: Person, page: Page, since: datetime) -> None:
    """Someone who has just asked."""
    person.since = person.contact.created_at = person.contact.updated_at = since
    person.page, person.zeal, person.fresh = page, 1, True
    person.second = person.second_at = None
    person.extra = {"fleet_size": random.choice([12, 35, 60, 140]), "timeframe": "This quarter"}


def _page(random: Random, since: datetime, now: datetime) -> Page:
    """A page whose campaign ran at that time."""
    days_ago = (now - since).days
    running = [page for page in PAGES if CAMPAIGNS[page.campaign][0] >= days_ago >= CAMPAIGNS[page.campaign][1]]
    return random.choices(running, [page.weight for page in running])[0]


def _address(first: str, last: str, domain: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower().replace("ı", "i").replace("ł", "l"))
    name = plain.encode("ascii", "ignore").decode()
    found, number = f"{name}@{domain}", 2
    while found in taken:
        found, number = f"{name}{number}@{domain}", number + 1
    taken.add(found)
    return found
