"""Making the demo workspace: Kestrane, its market, and the months behind it. The same people every time, up to now."""

from __future__ import annotations

from datetime import datetime
from random import Random

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import User
from forms_intake.imports.copying import copy_in
from forms_intake.models import LandingPage
from leadcrm.demo.ads import make_ads
from leadcrm.demo.assigning import make_assignment
from leadcrm.demo.browsing import make_browsing
from leadcrm.demo.calls import make_calls
from leadcrm.demo.captures import make_captures
from leadcrm.demo.cast import Person, make_accounts, make_people
from leadcrm.demo.catalogue import PAGES, Catalogue, make_catalogue
from leadcrm.demo.connections import make_connections
from leadcrm.demo.consents import make_consents, make_purposes
from leadcrm.demo.duplicates import make_duplicates
from leadcrm.demo.edits import make_edits
from leadcrm.demo.elsewhere import make_elsewhere
from leadcrm.demo.events import make_events
from leadcrm.demo.files import make_files
from leadcrm.demo.german import make_german_page
from leadcrm.demo.judging import DEMAND, FIT
from leadcrm.demo.lists import make_views
from leadcrm.demo.mailbox import make_mailbox_of_sales
from leadcrm.demo.months import Months
from leadcrm.demo.opportunities import make_opportunities
from leadcrm.demo.orphans import make_orphans
from leadcrm.demo.pages import TESTED, add_test, make_visits
from leadcrm.demo.people import make_colleagues
from leadcrm.demo.people import make_people as make_logins
from leadcrm.demo.posts import make_posts
from leadcrm.demo.processes import make_processes
from leadcrm.demo.segments import make_segments
from leadcrm.demo.visits import Visits
from leadcrm.demo.work import ask_for_no_calls, make_work, make_work_on_opportunities
from leads import match_keys
from leads.models import Lead, LeadEvent, StageChange, Status
from leads.services.records import NewLead, open_leads
from scoring.exchange import load_model
from scoring.lifecycle import go_live
from scoring.queue import score_changes
from scoring.runs import advance_run
from segments.queue import refresh_changes, refresh_due

SEED = 20261123
STAGING = """
CREATE TEMPORARY TABLE demo_story (id bigint, stage text, entered timestamptz, owner_id bigint, ready_at timestamptz,
    hold boolean, accepted_at timestamptz, accepted_by_id bigint, status text, closed_at timestamptz, reason text)
    ON COMMIT DROP
"""
# Without it the planner takes tables that were filled a moment ago for empty.
STATISTICS = "ANALYZE contacts_account, contacts_contact, contacts_interaction, leads_lead"
COPY_STORIES = "COPY demo_story FROM STDIN (FORMAT csv, NULL E'\\x01')"
# What was closed for the engine's eyes alone: a closed lead lets nobody write on it.
OPEN_AGAIN = """
UPDATE leads_lead lead SET status = 'open' FROM demo_story story WHERE story.id = lead.id AND lead.status <> 'open'
"""
RECYCLED = """
UPDATE leads_lead lead SET recycled_count = back.times, recycled_at = back.latest, recycle_reason_id = back.reason
FROM (
    SELECT lead_id, count(*) AS times, max(happened_at) AS latest,
        (array_agg(recycle_reason_id ORDER BY happened_at DESC))[1] AS reason
    FROM leads_leadevent WHERE kind = 'returned' GROUP BY lead_id
) back WHERE back.lead_id = lead.id
"""
TELL = """
UPDATE leads_lead lead SET stage = story.stage, stage_entered_at = story.entered, owner_id = story.owner_id,
    sales_ready = story.ready_at IS NOT NULL, sales_ready_at = story.ready_at, ready_hold = story.hold,
    accepted_at = story.accepted_at, accepted_by_id = story.accepted_by_id, status = story.status,
    status_reason_id = CASE WHEN story.status = 'qualified' THEN 3 WHEN story.status <> 'open' THEN 6
        WHEN story.accepted_at IS NOT NULL THEN 2 ELSE 1 END,
    source_id = (SELECT id FROM leads_leadsource WHERE name = 'Landing page'),
    estimated_value = CASE WHEN story.ready_at IS NOT NULL THEN 2500 + lead.id % 37 * 750 END,
    closed_at = story.closed_at, close_reason = story.reason,
    updated_at = GREATEST(story.entered, story.closed_at, story.accepted_at)
FROM demo_story story WHERE story.id = lead.id
"""


# Everybody has opened what they have but for the newest of it.
READ = """
UPDATE leads_lead lead SET unread = false FROM demo_story story
WHERE story.id = lead.id AND lead.unread
    AND (story.accepted_at IS NOT NULL OR story.entered < now() - interval '2 days')
"""


def make_demo() -> None:
    """Make the demo workspace, scored. A second call changes nothing."""
    with transaction.atomic():
        staff = make_logins()
        if not LandingPage.objects.filter(slug=PAGES[0].slug).exists():
            _make_workspace(staff)
    while advance_run() or score_changes() or score_changes(bulk=True):
        pass
    while refresh_due() or refresh_changes() or refresh_changes(bulk=True):
        pass


def _make_workspace(staff: dict[str, User]) -> None:
    random, now = Random(SEED), timezone.now()  # noqa: S311  (the same demo every time, no secret)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL leadcrm.bulk = 'on'")
    staff = {**staff, **make_colleagues()}
    sales = [staff[name] for name in ("sam", "mona", "lena", "raj")]
    catalogue = make_catalogue(timezone.localdate(now))
    for definition in (DEMAND, FIT):
        go_live(load_model(definition, by=staff["maria"]), by=staff["maria"])
    accounts = make_accounts(random, now, sales)
    people = make_people(random, now, accounts, sales)
    visits = Visits(random, now, catalogue)
    visits.add_all(people)
    visits.store()
    leads, fresh = _open(people, catalogue)
    with connection.cursor() as cursor:
        cursor.execute(STATISTICS)
    months = Months(random, leads, fresh, staff)
    months.live_through(now)
    _store(months)
    make_calls(Random(SEED), now, staff)  # noqa: S311
    make_posts(random, now, people, leads, catalogue)
    make_browsing(now, catalogue)
    add_test(catalogue.pages[TESTED], now, staff["maria"])
    make_purposes(now, staff["maria"])
    german = make_german_page(Random(SEED), now, staff["maria"])  # noqa: S311
    make_visits(Random(SEED), now, catalogue.pages | {german.slug: german})  # noqa: S311
    make_segments(random, now, staff["maria"])
    make_consents(Random(SEED), now, staff, catalogue)  # noqa: S311
    make_views(staff)
    make_files(staff["maria"])
    make_assignment(staff, timezone.localdate(now))
    make_orphans(Random(SEED), now, people, staff["maria"])  # noqa: S311
    make_duplicates(Random(SEED), now, people, staff)  # noqa: S311
    make_edits(Random(SEED), now, people, staff)  # noqa: S311
    make_work(staff, now)
    make_processes(staff["ada"])
    make_opportunities(Random(SEED), now)  # noqa: S311
    make_work_on_opportunities(staff, now)
    ask_for_no_calls(staff["theo"])
    make_connections(staff, now)
    make_elsewhere(Random(SEED), now, catalogue)  # noqa: S311
    make_ads(staff, now)
    make_mailbox_of_sales(staff, now)
    make_events(Random(SEED), now, staff, catalogue)  # noqa: S311
    make_captures(staff, catalogue)


def _open(people: list[Person], catalogue: Catalogue) -> tuple[list[Lead], set[int]]:
    """The leads of these people in the order in which they came, and the ids of those that have just come."""
    wishes: list[tuple[datetime, bool, NewLead]] = []
    for person in people:
        for page, at in ((person.page, person.since), (person.second, person.second_at)):
            if page and at and page.makes_lead:
                context = catalogue.contexts[page.slug]
                about = page.topic or page.form
                wishes.append(
                    (
                        at,
                        person.fresh,
                        NewLead(about, person.contact.pk, None, context, created_at=at, custom=person.extra),
                    )
                )
    wishes.sort(key=lambda wish: wish[0])
    leads = open_leads([new for _, _, new in wishes], detail="Through its landing page")
    return leads, {lead.pk for lead, (_, is_fresh, _) in zip(leads, wishes, strict=True) if is_fresh}


def _store(months: Months) -> None:
    """Write what the stories left behind, and how they stand."""
    StageChange.objects.bulk_create(months.moves, batch_size=2000)
    LeadEvent.objects.bulk_create(months.events, batch_size=2000)
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        copy_in(
            COPY_STORIES,
            (
                (
                    story.pk,
                    story.stage,
                    story.entered,
                    story.owner.pk if story.owner else None,
                    story.ready_at,
                    story.hold,
                    story.accepted_at,
                    story.accepted_by.pk if story.accepted_by else None,
                    story.status,
                    story.closed_at,
                    story.reason,
                )
                for story in months.stories.values()
            ),
        )
        cursor.execute(OPEN_AGAIN)
        cursor.execute(RECYCLED)
        cursor.execute(TELL)
        cursor.execute(READ)
    match_keys.release([story.pk for story in months.stories.values() if story.status != Status.OPEN])
