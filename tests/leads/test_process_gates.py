"""What a process as data allows: which stages there are, and which fields stand before the next one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from contacts.models import Role, User
from leads.actions import offered
from leads.errors import FieldsMissing, InvalidValues, StageMoveRefused
from leads.models import CampaignProcess, Cause, Lead, Process, StageChange, Status
from leads.process_bar import steps
from leads.process_stages import ProcessStages, to_json
from leads.services.moves import move_leads
from leads.services.readiness import set_sales_ready
from leads.services.records import NewLead, open_leads, update_lead
from leads.stages import ORDER, Stage
from tests.build import a_campaign, a_contact, a_custom_field, a_lead, a_product, a_user, an_account

INQUIRY, MARKETING, ACCEPTANCE, CALLING, SALES = ORDER


def a_process(name: str = "Other", **stages: Any) -> Process:
    """`stages` by value: what the row keeps of each."""
    return Process.objects.create(name=name, stages_stored=stages)


def requiring(*names: str) -> dict[str, Any]:
    return {"fields": [{"name": name, "required": True} for name in names]}


def on(lead: Lead, to: str, **more: Any) -> list[int]:
    return move_leads([lead.pk], to, actor=a_user(), **{"cause": Cause.PERSON, **more})


def stage_of(lead: Lead) -> str:
    return str(Lead.objects.values_list("stage", flat=True).get(pk=lead.pk))


@pytest.mark.django_db
def test_the_shipped_process_has_the_fields_of_the_reference_stage_by_stage():
    stages = Process.objects.get().stages

    shown = {one.stage: [field.name for field in one.fields] for one in stages.all()}
    assert shown[MARKETING] == ["sales_ready", "teleprospecting_ready"]
    assert shown[CALLING][:4] == ["purchase_timeframe", "budget_amount", "purchase_need", "purchase_process"]
    assert not any(one.required or one.limit or not one.used for one in stages.all())
    assert ProcessStages(to_json(stages.all())).all() == stages.all()


@pytest.mark.django_db
def test_a_gate_names_stage_and_fields_and_opens_when_they_are_filled():
    a_custom_field("region", label="Region"), a_custom_field("old", archived=True)
    process = a_process(
        inquiry={"name": "Asked", **requiring("purchase_need", "contact.email", "custom.region", "custom.old")}
    )
    contact = a_contact()
    lead = a_lead(contact, process=process, purchase_need="no")

    with pytest.raises(
        FieldsMissing, match=r"Asked needs Purchase need, E-?mail.* of the contact, Region first"
    ) as told:
        on(lead, MARKETING)
    assert [name for name, _ in told.value.fields] == ["purchase_need", "contact.email", "custom.region"]
    assert (stage_of(lead), StageChange.objects.count()) == (INQUIRY, 0)

    type(contact).objects.update(email="nina@nordwind.example")
    Lead.objects.update(purchase_need="yes", custom={"region": "North"})
    assert on(lead, MARKETING) == [lead.pk]


@pytest.mark.django_db
def test_the_account_is_the_leads_own_or_its_contacts_and_no_deleted_one():
    process = a_process(inquiry=requiring("account.country"))
    account = an_account(country="NO")
    theirs, own = a_lead(a_contact(account=account), process=process), a_lead(None, account=account, process=process)

    assert move_leads([theirs.pk, own.pk], MARKETING, cause=Cause.FIRST_SCORE) == [theirs.pk, own.pk]

    later = a_lead(None, account=an_account("Gone", country="NO", deleted_at=own.created_at), process=process)
    with pytest.raises(FieldsMissing):
        on(later, MARKETING)


@pytest.mark.django_db
def test_gates_hold_automation_too_but_not_what_is_sales_ready():
    process = a_process(inquiry=requiring("budget_amount"), teleprospecting_acceptance=requiring("purchase_need"))
    lacking, zero = a_lead(process=process), a_lead(process=process, budget_amount=0)

    assert move_leads([lacking.pk, zero.pk], MARKETING, cause=Cause.FIRST_SCORE) == [zero.pk]
    set_sales_ready(lacking.pk, by=a_user(), reason="Met at the fair")

    assert stage_of(lacking) == SALES


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("required", "lacking", "filled"),
    [
        ("contact.consent_level", {"consent_level": 0}, {"consent_level": 2}),
        ("contact.country", {"country": ""}, {"country": "no"}),
    ],
)
def test_no_consent_is_nothing_and_a_country_called_no_is_something(required, lacking, filled):
    process = a_process(inquiry=requiring(required))
    held, free = (a_lead(a_contact(**of), process=process) for of in (lacking, filled))

    assert move_leads([held.pk, free.pk], MARKETING, cause=Cause.FIRST_SCORE) == [free.pk]


@pytest.mark.django_db
def test_a_stage_that_was_switched_off_requires_nothing():
    off = {"used": False, **requiring("budget_amount")}
    lead = a_lead(process=a_process(teleprospecting_acceptance=off), stage=ACCEPTANCE)

    assert on(lead, CALLING) == [lead.pk]


@pytest.mark.django_db
def test_going_back_needs_no_fields():
    lead = a_lead(process=a_process(marketing_qualification=requiring("budget_amount")), stage=MARKETING)

    assert on(lead, INQUIRY, reason="Too early") == [lead.pk]


@pytest.mark.django_db
def test_gates_of_a_thousand_leads_of_two_processes_cost_as_many_statements_as_those_of_one(django_assert_num_queries):
    gated = a_process(inquiry=requiring("contact.email", "budget_amount", "product"))
    contact, product = a_contact(email="n@x.example"), a_product()
    leads = Lead.objects.bulk_create(
        Lead(contact=contact, topic="Many", process=process, budget_amount=1, product=product)
        for process in (gated, Process.objects.get(is_default=True))
        for _ in range(500)
    )

    for ids in ([leads[0].pk], [lead.pk for lead in leads[1:]]):
        with django_assert_num_queries(9):  # as without gates, and the required fields
            assert move_leads(ids, MARKETING, cause=Cause.FIRST_SCORE) == ids


@pytest.mark.django_db
def test_a_stage_that_is_not_used_is_passed_over():
    neither = a_process(
        "No calls", teleprospecting_acceptance={"used": False}, teleprospecting_qualification={"used": False}
    )
    one = a_process("Calls", teleprospecting_acceptance={"used": False})
    lead, other = a_lead(process=neither, stage=MARKETING), a_lead(process=one, stage=MARKETING)

    with pytest.raises(StageMoveRefused, match="does not use that stage"):
        on(lead, ACCEPTANCE)
    with pytest.raises(StageMoveRefused, match="not sales ready"):
        on(lead, SALES)
    assert on(other, CALLING) == [other.pk]
    with pytest.raises(StageMoveRefused, match="does not use that stage"):
        on(other, ACCEPTANCE, reason="Back")
    assert lead.stages.following(MARKETING) == SALES
    assert Process(stages_stored={"inquiry": {"used": False}}).stages.uses(INQUIRY)


@pytest.mark.django_db
def test_a_lead_in_a_stage_that_was_switched_off_goes_on_from_there():
    lead = a_lead(stage=ACCEPTANCE, process=a_process(teleprospecting_acceptance={"used": False}))

    assert on(lead, CALLING) == [lead.pk]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tick", "at", "switch", "arrives"),
    [
        ("teleprospecting_ready", MARKETING, True, ACCEPTANCE),
        ("teleprospecting_ready", MARKETING, False, MARKETING),
        ("teleprospecting_ready", INQUIRY, True, INQUIRY),
        ("teleprospecting_ready", SALES, True, SALES),
        ("teleprospecting_accepted", ACCEPTANCE, True, CALLING),
        ("teleprospecting_accepted", ACCEPTANCE, False, ACCEPTANCE),
        ("teleprospecting_accepted", MARKETING, True, MARKETING),
    ],
)
def test_a_tick_moves_a_lead_on_where_its_process_says_so(tick, at, switch, arrives):
    Process.objects.update(**{f"{tick}_moves": switch})
    lead, anna = a_lead(stage=at), a_user()

    saved = update_lead(lead.pk, version=lead.version, changes={tick: True}, by=anna)

    assert (stage_of(lead), saved.stage, getattr(saved, tick)) == (arrives, arrives, True)
    assert [change.cause for change in StageChange.objects.all()] == ([Cause.TICKED] if arrives != at else [])
    update_lead(lead.pk, version=saved.version, changes={tick: False}, by=anna)
    assert stage_of(lead) == arrives  # taking the tick away moves nothing


@pytest.mark.django_db
def test_a_tick_before_a_closed_gate_is_kept_and_moves_nothing():
    lead = a_lead(stage=MARKETING, process=a_process(marketing_qualification=requiring("budget_amount")))

    update_lead(lead.pk, version=lead.version, changes={"teleprospecting_ready": True}, by=a_user())

    assert (stage_of(lead), Lead.objects.get().teleprospecting_ready) == (MARKETING, True)


@pytest.mark.django_db
def test_new_leads_begin_in_the_process_of_their_campaign():
    autumn, spring, other = a_campaign(), a_campaign(), a_process()
    CampaignProcess.objects.create(campaign=autumn, process=other)
    new = [NewLead("A", a_contact().pk, campaign_id=campaign) for campaign in (autumn.pk, spring.pk, None)]

    default = Process.objects.get(is_default=True)
    assert [lead.process_id for lead in open_leads(new)] == [other.pk, default.pk, default.pk]

    Process.objects.filter(pk=other.pk).update(retired_at=a_lead().created_at)
    assert [lead.process_id for lead in open_leads(new)] == [default.pk] * 3


@pytest.mark.django_db
def test_a_retired_process_keeps_its_leads_working_and_takes_no_new_ones():
    retired = a_process(inquiry={"name": "Asked"})
    kept, other = a_lead(process=retired), a_lead()
    Process.objects.filter(pk=retired.pk).update(retired_at=kept.created_at)

    with pytest.raises(InvalidValues, match="retired"):
        update_lead(other.pk, version=other.version, changes={"process_id": retired.pk}, by=a_user())
    assert update_lead(kept.pk, version=kept.version, changes={"topic": "Fleet"}, by=a_user()).topic == "Fleet"
    assert on(kept, MARKETING) == [kept.pk]


@pytest.mark.django_db
def test_a_lead_that_changes_its_process_keeps_stage_and_history():
    lead, other = a_lead(stage=CALLING), a_process(teleprospecting_qualification={"name": "Call", "hours": 1})
    Lead.objects.update(stage_entered_at=lead.stage_entered_at - timedelta(hours=2))

    moved = update_lead(lead.pk, version=lead.version, changes={"process_id": other.pk}, by=a_user())

    step = steps(moved)[3]
    assert (moved.stage, step.name, step.state, step.is_late) == (CALLING, "Call", "now", True)


WORKERS = {Role.MARKETER, Role.TELEPROSPECTOR, Role.SALES_MANAGER, Role.ADMINISTRATOR}
SELLERS = {Role.SALESPERSON, Role.SALES_MANAGER, Role.ADMINISTRATOR}
WRITERS = WORKERS | SELLERS
TABLE: dict[str, tuple[set[Stage], set[bool], bool, set[Role]]] = {
    # action: in these stages, sales ready or not, open or closed, for these roles (of a lead nobody has)
    "accept": ({SALES}, {True}, True, SELLERS),
    "return": (set(ORDER), {True}, True, SELLERS),
    "ready": (set(ORDER), {False}, True, WORKERS),
    "clear-ready": (set(ORDER), {True}, True, WORKERS),
    "move-back": (set(ORDER) - {INQUIRY}, {True, False}, True, WRITERS),
    "close": (set(ORDER), {True, False}, True, WRITERS),
    "finish": ({SALES}, {True, False}, True, WRITERS),
    "abandon": (set(ORDER), {True, False}, True, WRITERS),
    "reopen": (set(ORDER), {True, False}, False, WRITERS),
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("ready", [True, False])
@pytest.mark.parametrize("stage", ORDER)
def test_what_a_role_is_offered_in_a_stage(stage, ready, status, role):
    lead = Lead(stage=stage, status=status, sales_ready=ready, process=Process())

    told = {action.name for action in offered(lead, User(pk=1, role=role, is_active=True))}

    is_open = status == Status.OPEN
    expected = {
        name
        for name, (stages, readiness, when_open, roles) in TABLE.items()
        if stage in stages and ready in readiness and is_open == when_open and role in roles
    }
    if role in WRITERS and is_open and stage != SALES and (stage != CALLING or ready):
        expected.add("move-on")
    if is_open and not ready and stage not in {INQUIRY, MARKETING} and role in WORKERS:
        expected.add("return")
    assert told - {"take", "assign"} == expected
