"""The pages that are measured: every list, board, queue, dashboard and report, with what each can be asked for."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.test import Client

from bench.report import percentile, short
from contacts.models import Account, Campaign, Contact, MarketingContext, Product, Role, SavedView, User
from contacts.views import accounts, contacts
from leadcrm.lib.paging import PAGE, Sort, page_of
from leads.models import Lead, LeadSource, Opportunity, Process, StatusReason
from leads.views import records

DEEP = 1000
CURSOR = re.compile(r"at=[^&]*")
TABS, AGES = ("mine", "unassigned", "team"), ("fresh", "old", "late")
CALLERS = ("F17+L17", "%2B12000000017", "u17%40d18.example")
REPORTS = ("funnel", "time", "response", "returned")
SOURCE = "Fair"
RARE = "Rare"
UNUSED = "Unused"


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
    manager = signed_in(others[Role.SALES_MANAGER])
    pages.append(Page("without-contact", "/leads/without-contact/", marketing))
    return [
        *pages,
        Page("ready manager", "/leads/ready/?tab=team", manager),
        *everybodys(seller, sales, manager, signed_in(others[Role.ADMINISTRATOR])),
    ]


def everybodys(seller: User, sales: Client, manager: Client, ruler: Client) -> list[Page]:
    """What else a day is made of: opportunities, work, notices, reports, and the pages of single records."""
    lead = Lead.objects.sales_ready().order_by("pk")[0]
    deal = Opportunity.objects.filter(owner=seller).order_by("pk")[0]
    return [
        *(
            page
            for client, who in ((sales, "salesperson"), (manager, "manager"))
            for page in opportunities(client, who)
        ),
        *(Page(f"work {tab}", f"/leads/work/?tab={tab}", sales) for tab in ("", "queue", "done")),
        Page("notices", "/leads/notices/", sales),
        Page("notices count", "/leads/notices/count/", sales),
        *(Page(f"report {name}", f"/leads/reports/?report={name}", manager) for name in REPORTS),
        Page("lead", f"/leads/{lead.pk}/", sales),
        Page("contact", f"/contacts/{lead.contact_id}/", manager),
        Page("account", f"/accounts/{lead.contact.account_id}/" if lead.contact else "/accounts/", manager),
        Page("opportunity", f"/opportunities/{deal.pk}/", sales),
        *(Page(place, f"/leads/{place}/", manager) for place in ("assignment", "teams", "bulk/jobs")),
        *(Page(place, f"/leads/{place}/", ruler) for place in ("campaigns", "contexts", "processes", "lists")),
        *(Page(f"report {name} leads", first_list(manager, name), manager) for name in REPORTS[:1]),
    ]


def first_list(client: Client, report: str) -> str:
    """The address of the leads behind the first figure of a report."""
    page = client.get(f"/leads/reports/?report={report}").content.decode()
    found = re.search(r'href="(/leads/reports/leads/[^"]*)"', page)
    return found[1].replace("&amp;", "&") if found else "/leads/reports/"


def opportunities(client: Client, who: str) -> list[Page]:
    """Opportunities as lists, board, pipeline and forecast."""
    asked = ("", "status=won", "status=lost", "stage=propose", "owner=me", "q=Company+77", "q=nobody-at-all")
    places = ("board/", "pipeline/", "forecast/", "soon/")
    return [
        *(Page(f"opportunities {who} {query}", f"/opportunities/?{query}", client) for query in asked),
        *(Page(f"opportunities {who} {place}", f"/opportunities/{place}", client) for place in places),
    ]


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
        *(f"source={LeadSource.objects.get(name=name).pk}" for name in (SOURCE, RARE, UNUSED)),
        *("source_type=sales", "recycled=yes", "unread=yes", "response=waiting", "response=late"),
        *(f"status=any&status_reason={reason.pk}" for reason in StatusReason.objects.order_by("pk")[:3]),
        *(f"context={context.pk}" for context in MarketingContext.objects.order_by("pk")[:2]),
        *(f"view={view.pk}" for view in SavedView.objects.filter(entity="lead").order_by("pk")[:3]),
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
