"""Reports: every figure is what a naive count gives, opens the leads it counts, and comes at once."""

from __future__ import annotations

import statistics
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
import time_machine
from django.utils import timezone

from contacts.models import Role
from leadcrm.lib import doorbell
from leadcrm.lib.patience import TooSlow
from leads.models import (
    Cause,
    Lead,
    LeadEvent,
    Opportunity,
    Process,
    RecycleReason,
    ReportResult,
    StageChange,
    Status,
)
from leads.reports import keeping
from leads.reports.asked import PRESETS, asked_by
from leads.reports.computing import compute
from leads.services.closing import close, reopen
from leads.services.ending import abandon, reactivate
from leads.services.readiness import accept, clear_sales_ready, mark_sales_ready, return_to_marketing
from leads.stages import ORDER
from leads.story import Show, sources_of
from leads.tasks import compute_reports
from leads.views import reports
from scoring.readiness import never_left
from tests.build import a_campaign, a_contact, a_context, a_lead, a_recycle_reason, a_user

NOW = datetime(2026, 11, 12, 15, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVENTS = ("sales_ready", "accepted", "returned")


@pytest.fixture
def history(db):
    """Sixty leads with all kinds of histories over seventy days, some of them deleted."""
    random = Random(20261128)
    contact, gone = a_contact(), a_contact(deleted_at=NOW)
    campaigns = [a_campaign(), a_campaign(), None]
    process = Process.objects.get(is_default=True)
    process.stages_stored = {"teleprospecting_qualification": {"hours": 48}}
    process.save()
    for number in range(60):
        created = NOW - timedelta(minutes=random.randrange(70 * 24 * 60))
        steps = random.randrange(len(ORDER))
        lead = a_lead(
            gone if number % 20 == 7 else contact,
            created_at=created,
            campaign=random.choice(campaigns),
            deleted_at=NOW if number % 20 == 3 else None,
        )
        at = created
        for source, target in pairwise(ORDER[: steps + 1]):
            entered, at = at, min(at + random.randrange(1, 200) * HOUR, NOW)
            StageChange.objects.create(
                lead=lead, from_stage=source, to_stage=target, cause=Cause.PERSON, entered_at=entered, moved_at=at
            )
        back = random.randrange(steps + 1)
        for kind in EVENTS:
            if random.random() < 0.4:
                wait = random.randrange(1, 20000) * timedelta(minutes=1) if kind == "accepted" else timedelta()
                LeadEvent.objects.create(lead=lead, kind=kind, happened_at=created + HOUR + wait)
        ready = created + HOUR if random.random() < 0.5 else None
        Lead.objects.filter(pk=lead.pk).update(
            stage=ORDER[back],
            status=(status := random.choice([Status.OPEN, Status.OPEN, Status.QUALIFIED, Status.DISQUALIFIED])),
            closed_at=None if status == Status.OPEN else min(at + random.randrange(200) * HOUR, NOW),
            process_state="abandoned" if (abandoned := random.random() < 0.2) else "active",
            process_ended_at=min(at + random.randrange(200) * HOUR, NOW) if abandoned else None,
            stage_entered_at=at,
            sales_ready=ready is not None,
            sales_ready_at=ready,
            accepted_at=ready and random.choice([None, ready + random.randrange(1, 20000) * timedelta(minutes=1)]),
        )
        if random.random() < 0.3:
            won = {"status": "won", "stage": "close", "closed_on": NOW.date()} if random.random() < 0.5 else {}
            Opportunity.objects.create(topic="Deal", lead=lead, **won)


def living():
    return [
        lead for lead in Lead.objects.select_related("contact") if not lead.deleted_at and not lead.contact.deleted_at
    ]


def naive_funnel(asked):
    leads = [lead for lead in living() if asked.begins <= lead.created_at < asked.ends]
    events = {(event.lead_id, event.kind) for event in LeadEvent.objects.all()}
    furthest = {lead.pk: ORDER.index(lead.stage) for lead in leads}
    for move in StageChange.objects.all():
        for stage in (move.from_stage, move.to_stage):
            furthest[move.lead_id] = max(furthest.get(move.lead_id, 0), ORDER.index(stage))
    won = {one.lead_id for one in Opportunity.objects.all() if one.status == "won"}
    counts = {
        stage.value: sum(furthest[lead.pk] >= place for lead in leads) for place, stage in enumerate(ORDER) if place
    }
    return counts | {
        "created": len(leads),
        "sales_ready": sum(lead.sales_ready or (lead.pk, "sales_ready") in events for lead in leads),
        "accepted": sum(lead.accepted_at is not None or (lead.pk, "accepted") in events for lead in leads),
        "qualified": sum(lead.status == "qualified" for lead in leads),
        "won": sum(lead.pk in won for lead in leads),
        "disqualified": sum(lead.status == "disqualified" for lead in leads),
    }


def asked(**words):
    return asked_by({name.rstrip("_"): str(value) for name, value in words.items()})


def test_the_funnel_is_what_counting_one_by_one_gives(history):
    with time_machine.travel(NOW, tick=False):
        for period in PRESETS:
            question = asked(report="funnel", period=period, by="campaign")
            figures = compute(question)

            assert figures["total"] == naive_funnel(question)
            assert figures["before"] == (naive_funnel(question.before) if question.before else None)
            assert sum(row["counts"]["created"] for row in figures["rows"]) == figures["total"]["created"]


def test_times_in_stages_are_what_counting_one_by_one_gives(history):
    with time_machine.travel(NOW, tick=False):
        question = asked(report="time", period="30")
        figures = {one["stage"]: one for one in compute(question)["stages"]}
    alive = {lead.pk: lead for lead in living()}
    for stage in ORDER:
        moves = [
            move
            for move in StageChange.objects.filter(from_stage=stage, lead__in=list(alive))
            if question.begins <= move.moved_at < question.ends
        ]
        ended = []
        for lead in alive.values():
            ends = [moment for moment in (lead.closed_at, lead.process_ended_at) if moment]
            been = bool(ends) and min(ends) > lead.stage_entered_at
            if lead.stage == stage and been and question.begins <= min(ends) < question.ends:
                ended.append((lead.pk, min(ends) - lead.stage_entered_at))
        lengths = [move.moved_at - move.entered_at for move in moves] + [length for _, length in ended]
        lasted = sorted(one.total_seconds() for one in lengths)
        one = figures[stage]
        assert one["visits"] == len(lasted)
        assert one["left"] == len({move.lead_id for move in moves} | {pk for pk, _ in ended})
        assert one["median"] == (pytest.approx(statistics.median(lasted)) if lasted else None)
        there = [lead for lead in alive.values() if lead.process_runs and lead.is_open and lead.stage == stage]
        limit = 48 * 3600 if stage == "teleprospecting_qualification" else one["over"]
        assert one["there"] == len(there)
        assert one["stuck"] == sum((NOW - lead.stage_entered_at).total_seconds() > limit for lead in there)
        if len(lasted) > 1:
            assert one["ninetieth"] == pytest.approx(statistics.quantiles(lasted, n=10, method="inclusive")[-1])


def test_responses_are_what_counting_one_by_one_gives(history):
    with time_machine.travel(NOW, tick=False):
        question = asked(report="response", period="90")
        figures = compute(question)
    events = list(LeadEvent.objects.order_by("happened_at"))
    ready, waited, never = [], [], []
    for lead in living():
        moments = [one.happened_at for one in events if (one.lead_id, one.kind) == (lead.pk, "sales_ready")]
        during = [one for one in moments if question.begins <= one < question.ends]
        if during:
            ready.append(lead)
            taken = [one.happened_at for one in events if (one.lead_id, one.kind) == (lead.pk, "accepted")]
            taken = [one for one in taken if one >= during[0]]
            if taken:
                waited.append((taken[0] - max(one for one in moments if one <= taken[0])).total_seconds())
            else:
                never.append(lead)
    total = figures["total"]

    assert total["ready"] == len(ready) > len(waited) > 5
    assert total["within_3600"] == sum(900 <= one < 3600 for one in waited)
    assert total["within_604800"] == sum(86400 <= one < 604800 for one in waited)
    assert total["not_yet"] == sum(lead.is_open and lead.sales_ready for lead in never)
    assert total["given_back"] == sum(lead.is_open and not lead.sales_ready for lead in never)
    parts = [number for name, number in total.items() if name not in {"ready", "late"}]
    assert sum(parts) == total["ready"]
    assert figures["lengths"]["median"] == pytest.approx(statistics.median(waited))


def test_a_lead_that_goes_on_in_its_stage_is_timed_anew_and_its_ended_visits_are_counted_once(db):
    lead, by = a_lead(a_contact(), stage_entered_at=NOW - 300 * HOUR), a_user(Role.MARKETER)
    for hours, change in (
        (200, lambda: close(lead.pk, by=by, status="qualified")),
        (50, lambda: reopen(lead.pk, by=by, reason="Called back")),
        (40, lambda: abandon(lead.pk, by=by, reason="Silent")),
        (20, lambda: reactivate(lead.pk, by=by)),
    ):
        with time_machine.travel(NOW - hours * HOUR, tick=False):
            change()
    lead = Lead.objects.get()
    with time_machine.travel(NOW, tick=False):
        inquiry = compute(asked(report="time"))["stages"][0]

    assert lead.stage_entered_at == NOW - 20 * HOUR
    assert (inquiry["visits"], inquiry["left"], inquiry["there"]) == (2, 1, 1)
    assert inquiry["median"] == (100 + 10) / 2 * 3600
    assert never_left([lead.pk]) == [lead.pk]
    moved = sources_of(lead, Show.MOVES, by)[0](None, 10)
    assert not list(moved)


def test_what_sales_gave_back_had_been_waiting_for_sales_all_the_same(db, client):
    seller, marketer = a_user(Role.SALESPERSON), a_user(Role.MARKETER)
    leads = [a_lead(a_contact()).pk for _ in range(4)]
    mark_sales_ready(leads, cause=Cause.SALES_READY_BY_HAND, detail="Asked for a price")
    accept(leads[0], by=seller)
    accept(leads[1], by=seller)
    return_to_marketing(leads[1], by=seller, reason=RecycleReason.objects.filter(note_required=False)[0])
    clear_sales_ready(leads[2], by=marketer, reason="A student")

    client.force_login(marketer)
    page = client.get("/leads/reports/?report=response")
    total = {
        head: cell for head, (cell, *_) in zip(page.context["heads"], page.context["rows"][0]["cells"], strict=True)
    }

    assert total["Became sales ready"] == 4
    assert total["Accepted within 15 min"] == 2
    assert (total["Not accepted yet"], total["Given back without"]) == (1, 1)


def test_returned_leads_are_counted_once_however_often_they_came_back(history):
    LeadEvent.objects.create(lead=Lead.objects.earliest("pk"), kind="returned", happened_at=NOW - HOUR)
    LeadEvent.objects.create(lead=Lead.objects.earliest("pk"), kind="returned", happened_at=NOW - 2 * HOUR)
    with time_machine.travel(NOW, tick=False):
        question = asked(report="returned", period="30")
        total = compute(question)["total"]
    during = LeadEvent.objects.filter(kind="returned", happened_at__gte=question.begins, happened_at__lt=question.ends)
    back = {event.lead_id for event in during} & {lead.pk for lead in living()}

    assert total["returned"] == len(back)
    assert total["ready_again"] + total["open"] <= total["returned"]


def test_every_return_counts_for_its_own_reason_and_leads_are_told_apart(db, client):
    seller, budget, early = a_user(Role.SALES_MANAGER), a_recycle_reason("No budget"), a_recycle_reason("Not ready yet")
    twice, once = a_lead(a_contact()), a_lead(a_contact())
    days = {40: (twice, budget), 9: (twice, early), 5: (once, early), 2: (twice, early)}
    for ago, (lead, reason) in days.items():
        with time_machine.travel(NOW - timedelta(days=ago), tick=False):
            mark_sales_ready([lead.pk], cause=Cause.SALES_READY_BY_HAND, detail="Asked")
            return_to_marketing(lead.pk, by=seller, reason=reason)
            Lead.objects.filter(pk=lead.pk).update(ready_hold=False)

    client.force_login(seller)
    with time_machine.travel(NOW, tick=False):
        page = client.get("/leads/reports/?report=returned&period=90")
        rows = {row["name"]: [number for number, *_ in row["cells"][:2]] for row in page.context["rows"]}
        returns = next(fact for fact in page.context["facts"] if fact.label == "Returns")
        listed = client.get(returns.url)
        of_early = client.get(page.context["rows"][0]["cells"][0][1])
        leads_of_early = client.get(page.context["rows"][0]["cells"][1][1])
        drawn = page.context["columns"]
        of_a_week = [client.get(part.url).context["page"].said for part in drawn]

    assert rows == {"Not ready yet": [3, 2], "No budget": [1, 1]}
    assert page.context["facts"][1].value == "2"
    assert listed.context["page"].said == "4"
    assert "No budget" in listed.content.decode()
    assert (of_early.context["page"].said, leads_of_early.context["page"].said) == ("3", "2")
    assert sum(part.value for part in drawn) == 4
    assert of_a_week == [str(part.value) for part in drawn]


def test_rows_by_source_code_take_leads_without_one_together(db, client):
    client.force_login(a_user(Role.MARKETER))
    for code in ("none", "none", "Spring & more", ""):
        a_lead(a_contact(), marketing_context=a_context(kind="form", name="A form", source_code=code))
    a_lead(a_contact())
    page = client.get("/leads/reports/?report=funnel&by=marketing_context__source_code")
    rows = {(row["name"], row["is_none"]): row["cells"][0] for row in page.context["rows"]}

    assert {key: number for key, (number, *_) in rows.items()} == {
        ("none", False): 2,
        ("None", True): 2,
        ("Spring & more", False): 1,
    }
    for number, url, _ in rows.values():
        assert client.get(url).context["page"].said == str(number)


def test_every_figure_opens_as_many_leads_as_it_says(history, client):
    client.force_login(a_user(Role.MARKETER))
    wrong, opened = [], 0
    with time_machine.travel(NOW, tick=False):
        for report in ("funnel", "time", "response", "returned"):
            for value, url in figures_on(client.get(f"/leads/reports/?report={report}&period=90&by=campaign").context):
                opened += 1
                said = client.get(url).context["page"].said
                if said != value:
                    wrong.append((url, value, said))

    assert opened > 80
    assert not wrong


def figures_on(page):
    """What a report says and where it leads."""
    yield from ((fact.value, fact.url) for fact in page.get("facts", []) if fact.url)
    for row in page.get("rows", []):
        yield from ((str(number), url) for number, url, _ in row["cells"])
    for row in page.get("times", []):
        yield from ((str(number), url) for number, url in (row["left"], row["there"], row["stuck"]))


def test_days_are_the_workspaces_also_those_on_which_clocks_change(db, settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        for moment in ("2026-10-24T21:59Z", "2026-10-24T22:00Z", "2026-10-25T22:59Z", "2026-10-25T23:00Z"):
            a_lead(created_at=moment)
        question = asked(report="funnel", from_="2026-10-25", to="2026-10-25")
        figures = compute(question)

    assert figures["total"]["created"] == 2
    assert figures["before"]["created"] == 1


def test_narrowing_and_the_previous_period_are_in_the_address(db):
    question = asked(report="returned", from_="2026-03-01", to="2026-03-31", campaign="12", by="product")

    assert asked_by(dict(pair.split("=") for pair in question.query.split("&"))) == question
    assert (str(question.before.first), str(question.before.last)) == ("2026-01-29", "2026-02-28")
    assert "campaign=12" in question.link()
    assert asked(report="nonsense", from_="2026-13-45", to="x", campaign="'; --", by="owner__password") == asked()


def test_what_takes_too_long_is_computed_by_a_worker_and_kept_meanwhile(db, client, monkeypatch):
    client.force_login(a_user(Role.READER))
    monkeypatch.setattr(keeping, "AT_ONCE_MS", 1)
    a_lead()

    def take_long(question):
        if len(ReportResult.objects.filter(computed_at=None)) == 0:
            raise TooSlow
        return compute(question)

    monkeypatch.setattr(keeping, "compute", take_long)
    page = client.get("/leads/reports/")
    assert "Being counted" in page.content.decode()
    assert page.context["kept"].pending

    assert keeping.compute_one()
    assert not keeping.compute_one()
    page = client.get("/leads/reports/")
    assert page.context["kept"].figures["total"]["created"] == 1
    assert not page.context["kept"].pending


def test_periods_end_where_days_do_and_compare_with_none_before_the_first(db, client):
    client.force_login(a_user(Role.READER))
    for last in ("4100-01-01", "9999-12-31"):
        question = asked(report="time", from_="2000-01-01", to=last)
        assert question.last == timezone.localdate() + timedelta(days=366)
        assert question.before is None
        assert client.get(f"/leads/reports/?from=2000-01-01&to={last}").status_code == 200
    assert asked(report="funnel", from_="9000-01-01", to="9999-12-31") == asked(report="funnel")


def test_one_report_that_fails_says_so_and_the_next_is_computed_in_a_task_of_its_own(db, client, monkeypatch):
    client.force_login(a_user(Role.READER))
    for minutes, name in ((9, "funnel"), (6, "response"), (3, "returned")):
        asked_at = timezone.now() - timedelta(minutes=minutes)
        ReportResult.objects.create(asked=asked(report=name).query, asked_at=asked_at)

    def compute_or_fail(question):
        if question.report == "funnel":
            return ReportResult.objects.extra(where=["1 / 0 = 1"]).count()
        if question.report == "response":
            raise TooSlow
        return compute(question)

    monkeypatch.setattr(keeping, "compute", compute_or_fail)
    rung: list[str] = []
    monkeypatch.setattr(doorbell, "ring", rung.append)
    compute_reports()
    assert ReportResult.objects.filter(computed_at=None).count() == 2
    assert rung == ["leads.report"]
    compute_reports()
    compute_reports()
    compute_reports()

    assert len(rung) == 3
    assert "These figures could not be computed" in client.get("/leads/reports/").content.decode()
    assert "longer than 60 seconds" in client.get("/leads/reports/?report=response").content.decode()
    assert client.get("/leads/reports/?report=returned").context["kept"].figures["total"]["returned"] == 0


def test_what_fails_while_somebody_waits_is_said_on_the_page_and_tried_again_when_asked(db, client, monkeypatch):
    client.force_login(a_user(Role.READER))
    monkeypatch.setattr(keeping, "compute", lambda question: LeadEvent.objects.extra(where=["1 / 0 = 1"]).count())
    page = client.get("/leads/reports/")
    assert page.status_code == 200
    assert "These figures could not be computed" in page.content.decode()

    monkeypatch.setattr(keeping, "compute", compute)
    assert client.get("/leads/reports/" + page.context["here"]).context["kept"].error
    again = client.get("/leads/reports/" + page.context["again_url"])
    assert again.context["kept"].pending
    assert "again" not in again.context["here"]
    keeping.compute_one()
    assert client.get("/leads/reports/" + page.context["here"]).context["kept"].figures["total"]["created"] == 0


def test_a_list_behind_a_figure_that_takes_too_long_says_what_to_do(db, client, monkeypatch):
    client.force_login(a_user(Role.READER))
    a_lead()
    given = []

    @contextmanager
    def within(milliseconds):
        given.append(milliseconds)
        yield
        raise TooSlow

    monkeypatch.setattr(reports, "within", within)
    page = client.get("/leads/reports/leads/?report=funnel&figure=created").content.decode()

    assert given == [5000]
    assert "Ask for fewer days" in page
    assert "Back to the report" in page


def test_the_table_is_a_file_for_who_may_export(history, client):
    for role, status in ((Role.READER, 403), (Role.SALESPERSON, 403), (Role.SALES_MANAGER, 200)):
        client.force_login(a_user(role))
        answer = client.get("/leads/reports/table.csv?report=funnel&period=all&by=campaign")
        assert answer.status_code == status
    lines = b"".join(answer.streaming_content).decode().splitlines()

    assert lines[0].endswith("Won,Disqualified")
    assert len(lines) == 4


def test_no_leads_is_said_so_and_leads_on(db, client):
    client.force_login(a_user(Role.MARKETER))

    assert "No leads in these days" in client.get("/leads/reports/").content.decode()
