"""What leads came through: kept by marketers, told on a lead's page, asked for in lists, conditions and reports."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import PARTS, Campaign, MarketingContext, Role, User
from leadcrm.lib.patience import TooSlow
from leads.conditions import compile_condition, lead_vocabulary
from leads.conditions.source import parse_source
from leads.marketing import counting
from leads.marketing.forms import ContextForm
from leads.marketing.narrowing import NAMES
from leads.models import Lead
from leads.reports.asked import asked_by
from leads.reports.computing import compute
from leads.reports.sets import leads_behind
from tests.build import a_campaign, a_context, a_form, a_lead, a_page, a_user

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def maria() -> Client:
    return signed_in(a_user(Role.MARKETER))


def through_all(**more: Any) -> tuple[MarketingContext, dict[str, MarketingContext]]:
    """A context that was come to through one of each part."""
    before = MarketingContext.objects.filter(kind=PARTS[0]).count()
    parts: dict[str, Any] = {part: a_context(f"The {part} {before or ''}".strip(), part) for part in PARTS}
    return a_context("Guide", source_code="G-1", **parts, **more), parts


def test_a_context_of_a_kind_is_its_own() -> None:
    fair, code = a_context("Fair", "event"), a_context("SPRING", "source_code")

    assert (fair.event_id, fair.medium_id) == (fair.pk, None)
    assert MarketingContext.objects.get(pk=fair.pk).event_id == fair.pk
    assert code.source_code == "SPRING"


@pytest.mark.parametrize("name", NAMES)
def test_leads_are_narrowed_by_what_they_came_through(maria: Client, name: str) -> None:
    guide, parts = through_all()
    lead = a_lead(marketing_context=guide)
    others: dict[str, Any] = {part: a_context(f"Other {part}", part) for part in PARTS}
    other = a_context("Other", source_code="G-2", **others)
    a_lead(marketing_context=other)
    a_lead()
    value = {"context": guide.pk, "source_code": "G-1"}.get(name) or parts[name].pk

    rows = maria.get(f"/leads/?{name}={value}").context["list"].rows

    assert [row.pk for row in rows] == [lead.pk]


def test_an_event_has_the_leads_that_came_from_it_and_through_its_pages(maria: Client) -> None:
    fair = a_context("Fair", "event")
    leads = {a_lead(marketing_context=fair).pk, a_lead(marketing_context=a_context(event=fair)).pk}
    a_lead(marketing_context=a_context())

    assert {row.pk for row in maria.get(f"/leads/?event={fair.pk}").context["list"].rows} == leads
    node = parse_source(f'{{"field": "marketing_context.event", "op": "is", "value": {fair.pk}}}', lead_vocabulary())
    assert {
        *Lead.objects.filter(compile_condition(node, lead_vocabulary(), now=timezone.now())).values_list(
            "pk", flat=True
        )
    } == leads
    asked = asked_by({"by": "marketing_context__event", "period": "all"})
    [row, without] = compute(asked)["rows"]
    assert (row["id"], row["counts"]["created"], without["id"]) == (fair.pk, 2, None)
    behind = leads_behind(asked, "created", {"group": str(fair.pk)})
    assert behind is not None
    assert {lead.pk for lead in behind} == leads


def test_scores_do_not_depend_on_what_nobody_is_told_of() -> None:
    assert "marketing_context.event" in lead_vocabulary().fields
    assert "marketing_context.event" not in lead_vocabulary(scoring=True).fields


def test_filters_that_offer_nothing_are_not_there_and_cost_one_query_however_many_contexts(maria: Client) -> None:
    assert 'name="medium"' not in maria.get("/leads/").content.decode()
    assert not maria.get("/leads/?medium=77").context["list"].form.is_valid()
    counts = []
    for _ in range(2):
        for _ in range(4):
            through_all()
        with CaptureQueriesContext(connection) as queries:
            assert 'name="medium"' in maria.get("/leads/").content.decode()
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_page_of_a_lead_leads_to_what_it_came_through_and_to_its_form_or_page(maria: Client) -> None:
    form = a_form("Ask for prices")
    page = a_page(form, slug="prices")
    guide, parts = through_all()
    context = page.marketing_context
    MarketingContext.objects.filter(pk=context.pk).update(source_code="G-1", **parts)

    told = maria.get(f"/leads/{a_lead(marketing_context=context).pk}/").content.decode()
    of_form = maria.get(f"/leads/{a_lead(marketing_context=form.marketing_context).pk}/").content.decode()

    for part, one in parts.items():
        assert f'href="/leads/?status=any&amp;{part}={one.pk}">The {part}</a>' in told
    assert 'href="/leads/?status=any&amp;source_code=G-1"' in told
    assert 'href="/p/prices/"' in told
    assert f'href="/leads/contexts/{context.pk}/"' in told
    assert all(f"/intakeform/{form.pk}/change/" in page for page in (told, of_form))


def test_who_does_not_keep_contexts_is_not_led_to_where_they_are_kept() -> None:
    guide, _ = through_all()
    theo = signed_in(a_user(Role.TELEPROSPECTOR))

    told = theo.get(f"/leads/{a_lead(marketing_context=guide).pk}/").content.decode()

    assert "The event" in told
    assert "/leads/contexts/" not in told


def test_contexts_are_listed_with_the_leads_each_brought(maria: Client) -> None:
    guide, parts = through_all(campaign=a_campaign("Spring"))
    a_lead(marketing_context=guide), a_lead(marketing_context=parts["event"])
    a_lead(marketing_context=guide, deleted_at=timezone.now())

    rows = {one.pk: (count, url) for one, count, url, *_ in maria.get("/leads/contexts/").context["rows"]}
    narrowed = maria.get("/leads/contexts/?kind=event").context["rows"]

    assert rows[guide.pk] == (1, f"/leads/?status=any&context={guide.pk}")
    assert rows[parts["event"].pk] == (2, f"/leads/?status=any&event={parts['event'].pk}")
    assert len(maria.get(rows[parts["event"].pk][1]).context["list"].rows) == 2
    assert [row[0] for row in narrowed] == [parts["event"]]


def test_lists_cost_as_many_queries_however_many_there_are(maria: Client) -> None:
    for url in ("/leads/contexts/", "/leads/campaigns/"):
        counts = []
        for _ in range(2):
            for _ in range(3):
                a_lead(marketing_context=through_all(campaign=a_campaign())[0], campaign=a_campaign())
            with CaptureQueriesContext(connection) as queries:
                assert maria.get(url).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


def test_where_counting_takes_too_long_the_report_is_named_instead(
    maria: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "ways"}}
    a_lead(marketing_context=a_context(campaign=a_campaign()))

    def too_slow(milliseconds: int) -> None:
        raise TooSlow

    monkeypatch.setattr(counting, "within", too_slow)

    assert "by=marketing_context&amp;period=all" in maria.get("/leads/contexts/").content.decode()
    assert "by=campaign&amp;period=all" in maria.get("/leads/campaigns/").content.decode()
    monkeypatch.undo()
    assert "by=campaign&amp;period=all" in maria.get("/leads/campaigns/").content.decode()  # not tried again so soon
    cache.clear()
    assert "by=campaign&amp;period=all" not in maria.get("/leads/campaigns/").content.decode()


def test_a_context_is_made_and_edited(maria: Client) -> None:
    press = a_context("Press", "medium")
    made = maria.post("/leads/contexts/new/", {"kind": "advertisement", "name": "Half a page", "medium": press.pk})
    half = MarketingContext.objects.get(name="Half a page")
    edited = maria.post(f"/leads/contexts/{half.pk}/", {"name": "Whole page", "medium": "", "source_code": "W"})

    assert (made.status_code, edited.status_code) == (302, 302)
    half.refresh_from_db()
    assert (half.name, half.medium, half.advertisement, half.source_code) == ("Whole page", None, half, "W")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "form", "name": "Sly"}, "not one of the available"),
        ({"kind": "medium", "name": " press "}, "There is one of this kind and name already"),
        ({"kind": "medium", "name": ""}, "required"),
        ({"kind": "event", "name": "Fair", "medium": "0"}, "not one of the available"),
    ],
)
def test_a_refusal_names_the_cause_and_keeps_what_was_typed(maria: Client, values: dict[str, str], said: str) -> None:
    a_context("Press", "medium")

    page = maria.post("/leads/contexts/new/", {**values, "source_code": "KEPT"})

    assert page.status_code == 422
    assert said in page.content.decode()
    assert 'value="KEPT"' in page.content.decode()
    assert MarketingContext.objects.count() == 1


def test_a_form_names_its_context_itself(maria: Client) -> None:
    context = a_form("Ask").marketing_context

    maria.post(f"/leads/contexts/{context.pk}/", {"name": "Other", "kind": "page", "source_code": "A"})

    context.refresh_from_db()
    assert (context.name, context.kind, context.source_code) == ("Ask", "form", "A")


@pytest.mark.parametrize("what", ["contexts", "campaigns"])
def test_the_second_to_save_is_told_what_changed_and_keeps_what_they_typed(maria: Client, what: str) -> None:
    one: Any = a_context("Fair", "event") if what == "contexts" else a_campaign("Fair")
    code = "source_code" if what == "contexts" else "code"
    url = f"/leads/{what}/{one.pk}/"
    seen = maria.get(url).context["form"]
    posted = {name: value for name, value in seen.flat_initial().items() if value} | {"seen": seen["seen"].value()}
    type(one).objects.filter(pk=one.pk).update(name="Expo")

    refused = maria.post(url, posted | {code: "MINE"})

    assert refused.status_code == 422
    assert "from “Fair” to “Expo”" in refused.content.decode().replace("&quot;", '"')
    assert 'value="MINE"' in refused.content.decode()
    one.refresh_from_db()
    assert getattr(one, code) == ""
    again = refused.context["form"]
    assert maria.post(url, {name: again.data.get(name, "") for name in again.fields}).status_code == 302
    one.refresh_from_db()
    assert (one.name, getattr(one, code)) == ("Expo", "MINE")


def test_a_campaign_is_made_and_one_that_ends_before_it_begins_is_not(maria: Client) -> None:
    values = {"name": "Spring", "starts_on": "2026-05-01", "ends_on": "2026-04-01", "active": "on"}

    refused = maria.post("/leads/campaigns/new/", values)
    made = maria.post("/leads/campaigns/new/", values | {"ends_on": "2026-06-01"})

    assert (refused.status_code, made.status_code) == (422, 302)
    assert str(Campaign.objects.get().ends_on) == "2026-06-01"


def test_a_lead_made_by_hand_may_say_what_it_came_from(maria: Client) -> None:
    campaign = a_campaign()
    fair = a_context("Fair", "event", campaign=campaign)
    values = {"topic": "Met at the fair", "person_last_name": "Lind", "source_type": "marketing"}

    maria.post("/leads/new/", values | {"marketing_context": fair.pk})
    maria.post("/leads/new/", values | {"topic": "Asked by phone"})

    named, plain = Lead.objects.order_by("pk")
    assert (named.marketing_context, named.campaign) == (fair, campaign)
    assert str(plain.marketing_context) == "By hand (by hand)"


def test_an_archived_context_is_no_longer_offered_and_what_came_through_it_stays(maria: Client) -> None:
    fair = a_context("Fair", "event")
    guide = a_context("Guide", event=fair)
    lead = a_lead(marketing_context=guide)
    place = f"/leads/contexts/{fair.pk}/"
    form = maria.get(place).context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {"seen": form["seen"].value()}
    data.pop("active")

    assert maria.post(place, data).status_code == 302

    fair.refresh_from_db()
    assert not fair.active
    assert [row[0] for row in maria.get("/leads/contexts/").context["rows"]] == [guide]
    assert [row[0] for row in maria.get("/leads/contexts/?archived=yes").context["rows"]] == [fair]
    assert {row[0] for row in maria.get("/leads/contexts/?archived=all").context["rows"]} == {fair, guide}
    assert "event" not in maria.get("/leads/").context["list"].form.fields
    asked = maria.get(f"/leads/?event={fair.pk}")
    assert asked.context["list"].rows == [lead]
    assert "event" in asked.context["list"].form.fields
    new = maria.get("/leads/new/").content.decode()
    assert f'<option value="{fair.pk}"' not in new
    kept = maria.get(f"/leads/contexts/{guide.pk}/").content.decode()
    assert f'<option value="{fair.pk}" selected>Fair' in kept


def test_of_two_who_name_one_alike_at_once_the_database_lets_one(maria: Client, monkeypatch: Any) -> None:
    a_context("Fair", "event")
    with pytest.raises(IntegrityError), transaction.atomic():
        a_context("FAIR", "event")
    for name, kind in (("Fair", "medium"), ("Import", "import"), ("Import", "import")):
        a_context(name, kind)
    monkeypatch.setattr(ContextForm, "clean_name", lambda form: form.cleaned_data["name"])
    monkeypatch.setattr(MarketingContext, "validate_constraints", lambda context, exclude=None: None)

    late = maria.post("/leads/contexts/new/", {"kind": "event", "name": "fair", "active": "on"})

    assert late.status_code == 422
    assert "There is one of this kind and name already." in late.content.decode()
    assert 'value="fair"' in late.content.decode()
