"""Lists, dashboards and homes as a signed-in person gets them, through the whole application in this process.

Every list as it opens, in each order it offers, page 1,000, with each filter once (a value that many rows have, one
that twenty have, one that none has), with a search that finds and one that does not. `ours` is the p95 of the slowest.
Each page must take as many queries as with `SMALL` leads.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench import seed
from bench.report import Report, percentile, short
from bench.server import Server, vacuum
from contacts.models import Account, Campaign, Contact, Product, Role, User
from contacts.views import accounts, contacts
from leadcrm.lib.paging import PAGE, Sort, page_of
from leads.models import Lead, Process
from leads.views import records

DEFAULT = {"leads": 50_000, "rounds": 1}
FULL = {"leads": 1_000_000, "rounds": 1}
GOAL_MS = 100
EACH = 20
"""How often a page is asked for in a round, after once that does not count."""
SMALL = 5_000
DEEP = 1000
CURSOR = re.compile(r"at=[^&]*")
TABS, AGES = ("mine", "unassigned", "team"), ("fresh", "old", "late")
CALLERS = ("F17+L17", "%2B12000000017", "u17%40d18.example")
RARE = "Rare"
UNUSED = "Unused"

RARITIES = """
INSERT INTO contacts_product (name, code, active) VALUES ('Rare', 'rare', true), ('Unused', 'unused', true);
INSERT INTO contacts_campaign (name, code, active) VALUES ('Rare', 'rare', true), ('Unused', 'unused', true);
UPDATE leads_lead SET product_id = (SELECT id FROM contacts_product WHERE name = 'Rare')
    WHERE id %% (%(leads)s / 20) = 1;
UPDATE leads_lead SET campaign_id = (SELECT id FROM contacts_campaign WHERE name = 'Rare')
    WHERE id %% (%(leads)s / 20) = 2;
UPDATE leads_lead SET status = 'disqualified', closed_at = now() WHERE id %% (%(leads)s / 20) = 3;
UPDATE leads_lead SET stage = 'teleprospecting_acceptance' WHERE id %% (%(leads)s / 20) = 4 AND NOT sales_ready;
UPDATE leads_lead SET teleprospecting_ready = true, owner_id = NULL WHERE id %% 20 = 7 AND NOT sales_ready;
UPDATE leads_lead SET owner_id = NULL WHERE id %% (%(leads)s / 20) = 5 OR (sales_ready AND id %% 20 = 6);
DELETE FROM contacts_change;
"""
"""What almost no lead has, for the filters that find little; and one lead in twenty waits to be called."""


@dataclass
class Page:
    """A page, who looks at it, and what its requests took."""

    name: str
    url: str
    client: Client
    first_ms: float = 0
    queries: int = 0
    took_ms: list[float] = field(default_factory=list)

    def get(self) -> float:
        start = time.perf_counter()
        response = self.client.get(self.url)
        took = (time.perf_counter() - start) * 1000
        if response.status_code != 200:
            raise RuntimeError(f"{self.url} answered {response.status_code}")
        return took

    @property
    def p95_ms(self) -> float:
        return percentile(self.took_ms, 0.95)

    def figures(self) -> dict[str, float]:
        """`first_ms`: with nothing remembered from earlier requests."""
        figures = {"p95_ms": self.p95_ms, "p50_ms": percentile(self.took_ms, 0.5), "first_ms": self.first_ms}
        return {name: short(value) for name, value in figures.items()} | {"queries": self.queries}


def measure(server: Server, *, leads: int, rounds: int) -> Report:
    """The p95 in milliseconds of every page, and which take more queries than with few leads."""
    few = {page.name: page.queries for page in prepared(server, min(SMALL, leads))}
    pages = prepared(server, leads)
    runs = [one_round(pages) for _ in range(rounds)]
    connection.close()
    server.drop(server.run)
    slowest = max(pages, key=lambda page: page.p95_ms)
    growing = {page.name: [few[page.name], page.queries] for page in pages if page.queries > few[page.name]}
    return Report(
        name="lists",
        ours=slowest.p95_ms,
        limit=GOAL_MS,
        ratio=slowest.p95_ms / GOAL_MS,
        goal=GOAL_MS,
        goal_is="ours below, and no page takes more queries than with few leads",
        ok=slowest.p95_ms < GOAL_MS and not growing,
        n=sum(len(page.took_ms) for page in pages),
        unit="ms",
        runs=runs,
        more={
            "slowest": slowest.name,
            "over": sum(page.p95_ms >= GOAL_MS for page in pages),
            "more_queries": growing,
            "leads": leads,
            "pages": {page.name: page.figures() for page in pages},
        },
    )


def prepared(server: Server, leads: int) -> list[Page]:
    """A copy of the company of that size with what lists are narrowed by, and each page asked for once."""
    connection.close()
    server.create(server.run, like=seed.ensure(server, leads))
    server.use(server.run)
    with connection.cursor() as cursor:
        cursor.execute(RARITIES, {"leads": max(leads, 200)})
    vacuum("leads_lead")
    pages = every_page()
    for page in pages:
        cache.clear()
        page.first_ms = page.get()
        with CaptureQueriesContext(connection) as queries:
            page.get()
        page.queries = len(queries)
    return pages


def one_round(pages: list[Page]) -> dict[str, float]:
    """Ask for each page `EACH` times; the worst p95 of this round, and how long all took."""
    worst = total = 0.0
    for page in pages:
        page.get()
        took = [page.get() for _ in range(EACH)]
        page.took_ms += took
        worst, total = max(worst, percentile(took, 0.95)), total + sum(took)
    return {"ours": worst, "mean_ms": total / EACH / len(pages)}


def every_page() -> list[Page]:
    """The pages, as a salesperson with leads of their own sees them, and homes as each role does."""
    seller = User.objects.filter(role=Role.SALESPERSON).order_by("pk")[0]
    others = {role: User.objects.create_user(f"bench-{role}", role=role) for role in Role if role != Role.SALESPERSON}
    sales, marketing = signed_in(seller), signed_in(others[Role.MARKETER])
    pages = [
        *listed("leads", lead_queries(seller), sales),
        *listed("contacts", contact_queries(seller), sales),
        *listed("accounts", account_queries(seller), sales),
        *(Page(f"ready {tab}", f"/leads/ready/?tab={tab}", sales) for tab in TABS),
        *(Page(f"ready {tab} {age}", f"/leads/ready/?tab={tab}&age={age}", sales) for tab in TABS for age in AGES),
        *(
            Page(f"ready events {kind}", f"/leads/ready/events/?kind={kind}", sales)
            for kind in ("sales_ready", "accepted")
        ),
        *listed("leads/board", board_queries(), signed_in(others[Role.SALES_MANAGER])),
        Page("board salesperson", "/leads/board/", sales),
        Page("queue", "/leads/queue/", signed_in(others[Role.TELEPROSPECTOR])),
        Page("queue manager", "/leads/queue/", signed_in(others[Role.SALES_MANAGER])),
        *(
            Page(f"calls in {who}", f"/leads/queue/incoming/?who={who}", signed_in(others[Role.TELEPROSPECTOR]))
            for who in CALLERS
        ),
        *(Page(f"ready news {tab}", f"/leads/ready/news/?tab={tab}", sales) for tab in TABS),
        *(Page(f"{name} marketer", f"/{name}/", marketing) for name in ("leads", "contacts", "accounts")),
        *(Page(f"home {role}", "/", signed_in(user)) for role, user in others.items()),
        *(Page(f"search {word}", f"/search/?q={word}", sales) for word in ("F17", "Company", "nobody-at-all")),
    ]
    return [*pages, Page("ready manager", "/leads/ready/?tab=team", signed_in(others[Role.SALES_MANAGER]))]


def listed(place: str, queries: list[str], client: Client) -> list[Page]:
    """A list as each of `queries` asks for it; the name of a far page is the same at every size."""
    return [Page(f"{place} {CURSOR.sub('page 1,000', query)}", f"/{place}/?{query}", client) for query in queries]


def signed_in(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def lead_queries(user: User) -> list[str]:
    leads = Lead.objects.visible_to(user)
    usual = leads.open()
    return [
        *("", "sort=newest", "sort=oldest"),
        *(f"sort={sort.key}&at={deep(usual, sort)}" for sort in (records.BY_SCORE, records.NEWEST, records.OLDEST)),
        *(f"stage={stage}" for stage in ("marketing_qualification", "teleprospecting_acceptance", "inquiry")),
        *(f"stage=teleprospecting_acceptance&sort={sort}" for sort in ("newest", "oldest")),
        *("stage=sales_acceptance", "sales_ready=yes", "sales_ready=no", "rating=hot"),
        *("status=any", "status=disqualified", "status=qualified", "status=any&sort=oldest", "status=closed"),
        *("created=7", "created=1&sort=newest", "created=older&sort=oldest", "owner=me&status=closed"),
        *("owner=me", "owner=nobody", f"owner={user.pk + 1}", "owner=me&sort=newest", "owner=nobody&sort=oldest"),
        *(f"product={Product.objects.get(name=name).pk}" for name in ("Product 1", RARE, UNUSED)),
        *(f"campaign={Campaign.objects.get(name=name).pk}" for name in ("Campaign 1", RARE, UNUSED)),
        f"product={Product.objects.get(name=RARE).pk}&sort=newest",
        f"product={Product.objects.get(name='Product 1').pk}&campaign={Campaign.objects.get(name='Campaign 3').pk}",
        *("q=F17+L17", "q=F17", "q=Company+77", "q=Company", "q=nobody-at-all", "q=F17&owner=me"),
    ]


def board_queries() -> list[str]:
    process = Process.objects.get(is_default=True).pk
    return [
        *("", f"process={process}", "owner=nobody", "rating=hot", "sales_ready=yes"),
        *(f"product={Product.objects.get(name=name).pk}" for name in ("Product 1", RARE, UNUSED)),
        *("q=F17", "q=nobody-at-all"),
    ]


def contact_queries(user: User) -> list[str]:
    people = Contact.objects.visible_to(user)
    by_name, newest = contacts.SORTS
    return [
        *("", "sort=newest", f"at={deep(people, by_name)}", f"sort=newest&at={deep(people, newest)}"),
        *("owner=me", "owner=nobody", "role=decision_maker", "role=other", "consent=1", "consent=5"),
        *("q=F17+L17", "q=F17", "q=d77.example", "q=nobody-at-all", "q=F17&sort=newest", "role=champion&sort=newest"),
    ]


def account_queries(user: User) -> list[str]:
    everyone = Account.objects.alive()
    by_name, newest = accounts.SORTS
    return [
        *("", "sort=newest", f"at={deep(everyone, by_name)}", f"sort=newest&at={deep(everyone, newest)}"),
        *(f"owner={user.pk}", "owner=nobody", "q=Company+77", "q=Company", "q=nobody-at-all", "q=Company&sort=newest"),
    ]


def deep(rows: QuerySet, sort: Sort) -> str:
    """The cursor at which page 1,000 begins, or the last page of a smaller list."""
    return page_of(rows, sort, size=max(1, min((DEEP - 1) * PAGE, rows.count() - PAGE))).next
