"""A file of leads becomes contacts, accounts and leads, and finds them again the next time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from contacts.models import Account, Change, Consent, Contact, CustomField, Interaction, InteractionKey, MatchKey
from contacts.services.contacts import create_contact
from forms_intake.imports import InvalidMapping, import_leads
from forms_intake.imports.values import day
from forms_intake.models import ImportRun
from leads.models import CampaignProcess, Lead, LeadEvent, LeadMatchKey, Process, StageChange, Status
from leads.stages import Stage
from tests.build import a_campaign, a_custom_field, a_lead, a_user, an_account
from tests.forms_intake.files import HEADER, a_file, a_mapping

pytestmark = pytest.mark.django_db

NINA = "nina@lind.example,Nina,Lind,+49 30 1234567,N-1,Lind Logistik"


def everything() -> list[list[object]]:
    models: list[Any] = [Contact, Account, Lead, MatchKey, LeadMatchKey]
    return [list(model._default_manager.order_by("pk").values()) for model in models]


def test_cells_of_several_lines_with_quotes_and_commas_are_kept_as_they_are(tmp_path):
    note = 'Asked for two things:\n"a price", and\na date'
    quoted = note.replace('"', '""')
    file = a_file(tmp_path, "Email,First,Note", f'a@lind.example,None,"{quoted}"', "b@lind.example,Ben,Short")
    contact = {"fields": {"email": "Email", "first_name": "First"}}

    run = import_leads(
        file, a_mapping(contact=contact, account={}, lead={"topic": "Fair", "fields": {"description": "Note"}})
    )

    assert (run.leads_created, run.errors) == (2, 0)
    told = dict(Lead.objects.values_list("contact__first_name", "description"))
    assert told == {"None": note, "Ben": "Short"}


def test_a_row_becomes_a_contact_an_account_and_a_lead(tmp_path):
    run = import_leads(a_file(tmp_path, HEADER, NINA), a_mapping())

    lead, contact, account = Lead.objects.get(), Contact.objects.get(), Account.objects.get()
    assert (lead.contact, lead.topic, lead.status, lead.stage) == (
        contact,
        "Route planning",
        Status.OPEN,
        Stage.INQUIRY,
    )
    assert (contact.first_name, contact.email, contact.external_id) == ("Nina", "nina@lind.example", "N-1")
    assert (contact.phone, contact.phone_e164) == ("+49 30 1234567", "+49301234567")
    assert (account.name, account.domain, contact.account) == ("Lind Logistik", "lind.example", account)
    assert lead.marketing_context == run.marketing_context
    assert run.marketing_context is not None and run.marketing_context.kind == "import"
    assert (run.rows, run.leads_created, run.contacts_created, run.accounts_created, run.errors) == (1, 1, 1, 1, 0)
    assert run.finished_at is not None
    assert LeadEvent.objects.get().kind == LeadEvent.Kind.CREATED
    assert not StageChange.objects.exists()


def test_leads_of_a_campaign_with_a_process_of_its_own_begin_in_it(tmp_path):
    other = Process.objects.create(name="Other")
    CampaignProcess.objects.create(campaign=a_campaign("Fair"), process=other)

    import_leads(a_file(tmp_path, HEADER, NINA), a_mapping(lead={"topic": "x", "campaign": "Fair"}))

    assert Lead.objects.get().process == other


def test_an_imported_contact_has_the_same_keys_as_one_made_by_hand(tmp_path):
    import_leads(a_file(tmp_path, HEADER, NINA), a_mapping())
    imported = set(MatchKey.objects.values_list("kind", "value"))
    MatchKey.objects.all().delete()
    Contact.objects.update(email="", external_id="")

    create_contact(
        first_name="Nina", last_name="Lind", email="nina@lind.example", external_id="N-1", phone="+49301234567"
    )

    assert imported == set(MatchKey.objects.values_list("kind", "value"))


def test_a_second_import_of_a_file_changes_nothing(tmp_path):
    file = a_file(tmp_path, HEADER, NINA, "omar@haddad.example,Omar,Haddad,,,")
    mapping = a_mapping(
        consent={"level": "marketing", "basis": "Asked at the fair"},
        interactions=[{"column": "First", "types": {"Nina": "meeting"}}],
    )
    import_leads(file, mapping)
    before = everything()

    again = import_leads(file, mapping)

    after = everything()
    assert before == after
    assert (again.leads_created, again.leads_updated, again.contacts_created, again.accounts_created) == (0, 0, 0, 0)
    assert (again.contacts_matched, again.errors) == (2, 0)
    assert Consent.objects.count() == 2
    assert Interaction.objects.count() == InteractionKey.objects.count() == 1
    assert ImportRun.objects.count() == 2


def test_what_has_no_date_happens_once_its_lead_is_there_whatever_our_clock_says(tmp_path, monkeypatch):
    """The lead began when the database said so; what came before it would not count for it."""
    behind = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: behind)

    import_leads(
        a_file(tmp_path, HEADER, NINA), a_mapping(interactions=[{"column": "First", "types": {"Nina": "meeting"}}])
    )

    assert Interaction.objects.get().occurred_at >= Lead.objects.get().created_at > behind


def test_contacts_are_found_by_e_mail_and_filled_but_not_overwritten(tmp_path):
    nina = create_contact(first_name="Ninotschka", email="NINA@lind.example")

    run = import_leads(a_file(tmp_path, HEADER, NINA), a_mapping())

    nina.refresh_from_db()
    assert (run.contacts_created, run.contacts_matched) == (0, 1)
    assert (nina.first_name, nina.last_name, nina.email) == ("Ninotschka", "Lind", "nina@lind.example")
    assert (nina.external_id, nina.phone_e164, nina.version) == ("N-1", "+49301234567", 2)
    assert nina.account == Account.objects.get()
    assert MatchKey.objects.get(kind="external_id", value="N-1").contact == nina


def test_contacts_are_found_by_external_id_and_keep_the_e_mail_they_have(tmp_path):
    nina = create_contact(email="nina@old.example", external_id="N-1")

    import_leads(a_file(tmp_path, HEADER, NINA), a_mapping())

    nina.refresh_from_db()
    assert Contact.objects.count() == 1
    assert (nina.email, nina.last_name) == ("nina@old.example", "Lind")
    assert not MatchKey.objects.filter(value="nina@lind.example").exists()


def test_a_mapping_may_overwrite_and_may_leave_alone(tmp_path):
    nina = create_contact(first_name="Ninotschka", email="nina@lind.example")
    mapping = a_mapping()
    mapping["contact"]["fields"]["first_name"] = {"column": "First", "update": "overwrite"}
    mapping["contact"]["fields"]["last_name"] = {"column": "Last", "update": "never"}

    import_leads(a_file(tmp_path, HEADER, NINA), mapping)

    nina.refresh_from_db()
    assert (nina.first_name, nina.last_name) == ("Nina", "")


def test_rows_about_one_person_make_one_contact_and_with_numbers_of_their_own_two_leads(tmp_path):
    file = a_file(
        tmp_path,
        "Email,First,Number",
        "nina@lind.example,Nina,L-1",
        "NINA@lind.example,Other,L-2",
        "nina@lind.example,,L-1",
    )
    mapping = a_mapping(
        contact={"fields": {"email": "Email", "first_name": "First"}},
        account={"from_email": False},
        lead={"topic": "Route planning", "fields": {"external_id": "Number"}},
    )

    run = import_leads(file, mapping)

    assert Contact.objects.get().first_name == "Nina"
    assert set(Lead.objects.values_list("external_id", flat=True)) == {"L-1", "L-2"}
    assert (run.rows, run.contacts_created, run.leads_created, run.errors) == (3, 1, 2, 0)
    assert not Account.objects.exists()


def test_rows_are_taken_one_after_the_other_wherever_a_chunk_ends(tmp_path, monkeypatch):
    lines = [f"p{n % 7}@a{n % 3}.example,First{n},,+49 30 12345{n:02d},," for n in range(25)]
    mapping = a_mapping()
    import_leads(a_file(tmp_path, HEADER, *lines), mapping)
    columns = ("email", "first_name", "phone", "account__domain")
    whole = set(Contact.objects.values_list(*columns))
    made: list[Any] = [LeadMatchKey, LeadEvent, Lead, MatchKey, Contact, Account]
    for model in made:
        model._default_manager.all().delete()

    monkeypatch.setattr("forms_intake.imports.ahead.CHUNK", 4)
    import_leads(a_file(tmp_path, HEADER, *lines), mapping)

    assert set(Contact.objects.values_list(*columns)) == whole
    assert len(whole) == 21


def test_accounts_are_found_by_domain_then_name_and_mail_providers_make_none(tmp_path):
    by_domain, by_name = an_account("Lind GmbH", domain="lind.example"), an_account("Haddad & Sons")
    file = a_file(
        tmp_path,
        HEADER,
        NINA,
        "omar@gmail.com,Omar,,,,haddad & SONS",
        "ada@gmail.com,Ada,,,,",
        "eve@web.de,Eve,,,,Neue Firma",
    )

    import_leads(file, a_mapping())

    accounts = dict(Contact.objects.values_list("first_name", "account__name"))
    assert accounts == {"Nina": "Lind GmbH", "Omar": "Haddad & Sons", "Ada": None, "Eve": "Neue Firma"}
    assert Account.objects.count() == 3
    by_domain.refresh_from_db()
    by_name.refresh_from_db()
    assert (by_domain.name, by_name.domain) == ("Lind GmbH", "")


def test_accounts_are_found_by_domain_however_it_is_written(tmp_path):
    an_account("B\u00fccher", domain="b\u00fccher.example")
    rows = ["nina@xn--bcher-kva.example,Nina,", "ole@gmail.com,Ole,www.xn--bcher-kva.example"]
    mapping = a_mapping(
        contact={"fields": {"email": "Email", "first_name": "First"}}, account={"fields": {"domain": "Web"}}
    )

    import_leads(a_file(tmp_path, "Email,First,Web", *rows), mapping)

    assert list(Contact.objects.values_list("account__name", flat=True)) == ["B\u00fccher"] * 2


def test_custom_fields_are_made_typed_and_filled(tmp_path):
    file = a_file(
        tmp_path, "Id,Visits,Seen,Job,Wants,News", 'a,"1,204",24.12.2025,Student,Trucks; Ships,Yes', "b,,,Select,,"
    )
    fields = [
        {"entity": "lead", "key": "visits", "type": "number", "column": "Visits"},
        {"entity": "contact", "key": "seen", "type": "date", "column": "Seen", "format": "%d.%m.%Y"},
        {"entity": "contact", "key": "job", "type": "choice", "column": "Job", "choices": ["Student", "Other"]},
        {"entity": "lead", "key": "wants", "type": "multi_choice", "column": "Wants", "choices": ["Ships", "Trucks"]},
        {"entity": "lead", "key": "news", "type": "yes_no", "column": "News", "label": "Newsletter"},
    ]
    mapping = a_mapping(contact={"fields": {"external_id": "Id"}}, account={}, custom=fields, empty_values=["Select"])

    import_leads(file, mapping)

    a, b = Lead.objects.order_by("contact__external_id").select_related("contact")
    assert a.custom == {"visits": 1204, "wants": ["Ships", "Trucks"], "news": True}
    assert a.contact is not None and a.contact.custom == {"seen": "2025-12-24", "job": "Student"}
    assert b.custom == {} and b.contact is not None and b.contact.custom == {}
    assert CustomField.objects.get(key="news").label == "Newsletter"


def test_a_custom_value_that_is_there_stays(tmp_path):
    field = a_custom_field("visits", type="number")
    mapping = a_mapping(custom=[{"entity": "lead", "key": field.key, "type": "number", "column": "Phone"}])
    del mapping["contact"]["fields"]["phone"]
    import_leads(a_file(tmp_path, HEADER, "a@b.example,,,3,,"), mapping)

    import_leads(a_file(tmp_path, HEADER, "a@b.example,,,4,,"), mapping)

    assert Lead.objects.get().custom == {"visits": 3}


def test_the_outcome_closes_leads_and_a_won_one_has_been_through_the_process(tmp_path):
    file = a_file(tmp_path, "Id,Won,On", "a,1,2026-03-01", "b,0,", "c,x,2026-03-02")
    status = {"column": "Won", "values": {"1": "qualified", "x": "disqualified"}, "closed_at": "On"}
    mapping = a_mapping(contact={"fields": {"external_id": "Id"}}, account={}, lead={"topic": "T", "status": status})

    import_leads(file, mapping)
    import_leads(file, mapping)

    won, still, lost = Lead.objects.order_by("contact__external_id")
    assert (won.status, won.stage, won.closed_at) == (
        "qualified",
        Stage.SALES_ACCEPTANCE,
        datetime(2026, 3, 1, tzinfo=UTC),
    )
    assert (still.status, still.stage, still.closed_at) == ("open", Stage.INQUIRY, None)
    assert (lost.status, lost.stage) == ("disqualified", Stage.INQUIRY)
    assert StageChange.objects.get().lead == won
    assert list(LeadMatchKey.objects.values_list("lead", flat=True).distinct()) == [still.pk]


def test_consent_is_recorded_with_its_basis_and_never_against_what_a_person_said(tmp_path):
    asked = create_contact(email="asked@b.example")
    Consent.objects.create(contact=asked, level=4, given=False)
    consent = {"column": "First", "values": {"yes": "marketing"}, "basis": "Ticked a box at the fair"}

    import_leads(
        a_file(tmp_path, HEADER, "new@b.example,yes,,,,", "no@b.example,no,,,,", "asked@b.example,yes,,,,"),
        a_mapping(consent=consent),
    )

    levels = dict(Contact.objects.values_list("email", "consent_level"))
    assert levels == {"new@b.example": 4, "no@b.example": 0, "asked@b.example": 0}
    given = Consent.objects.get(given=True)
    assert (given.contact.email, given.wording) == ("new@b.example", "Ticked a box at the fair")


def test_changes_go_to_the_bulk_lane(tmp_path):
    import_leads(a_file(tmp_path, HEADER, NINA), a_mapping())

    changes = list(Change.objects.values_list("subject", "bulk"))
    assert ("lead", True) in changes
    assert all(bulk for _, bulk in changes)


def test_a_byte_order_mark_and_other_delimiters_and_encodings_are_read(tmp_path):
    marked = tmp_path / "marked.csv"
    marked.write_bytes("\ufeffEmail;First\nbjörn@b.example;Björn\n".encode())
    latin = tmp_path / "latin.csv"
    latin.write_bytes("Email;First\nasa@b.example;Åsa\n".encode("cp1252"))
    contact = {"fields": {"email": "Email", "first_name": "First"}}

    import_leads(marked, a_mapping(contact=contact, account={}, file={"delimiter": ";"}))
    import_leads(latin, a_mapping(contact=contact, account={}, file={"delimiter": ";", "encoding": "cp1252"}))

    assert set(Contact.objects.values_list("first_name", flat=True)) == {"Björn", "Åsa"}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"nmae": "x"}, "nmae"),
        ({"name": ""}, "name"),
        ({"contact": {"fields": {}}}, "contact.fields"),
        ({"contact": {"fields": {"email": "Mail"}}}, "contact.fields.email"),
        ({"contact": {"fields": {"shoe_size": "First"}}}, "contact.fields.shoe_size"),
        ({"contact": {"fields": {"email": {"column": "Email", "update": "often"}}}}, "contact.fields.email.update"),
        ({"contact": {"strategy": "By nose", "fields": {"email": "Email"}}}, "contact.strategy"),
        ({"lead": {}}, "lead"),
        ({"lead": {"topic": "x", "status": {"column": "Id", "values": {"1": "won"}}}}, "lead.status.values.1"),
        ({"lead": {"topic": "x", "owner": "nobody"}}, "lead.owner"),
        ({"lead": {"topic": "x", "fields": {"sales_ready": "Id"}}}, "lead.fields.sales_ready"),
        ({"lead": {"topic": "x", "fields": {"stage": "Id"}}}, "lead.fields.stage"),
        ({"custom": [{"entity": "lead", "key": "a b", "column": "Id"}]}, "custom.0"),
        ({"custom": [{"entity": "lead", "key": "a", "column": "Id", "tpye": "text"}]}, "custom.0.tpye"),
        ({"create_missing": False, "lead": {"topic": "x", "campaign": "Fair"}}, "lead.campaign"),
        ({"consent": {"level": "full", "basis": "x"}}, "consent.level"),
    ],
)
def test_a_mapping_with_a_fault_is_refused_with_its_position_and_nothing_is_made(tmp_path, change, path):
    with pytest.raises(InvalidMapping) as refused:
        import_leads(a_file(tmp_path, HEADER, NINA), a_mapping(**change))

    assert refused.value.path == path
    assert not ImportRun.objects.exists()
    assert not CustomField.objects.exists()
    assert not Lead.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("update", "domain"), [("fill", "old.example"), ("overwrite", "lind.example")])
def test_a_known_account_gets_what_identifies_it(tmp_path, update, domain):
    an_account("Lind", external_id="L-1", domain="old.example"), an_account("Haddad")
    fields = {"name": "Company", "external_id": "Id", "domain": "Last"}
    mapping = a_mapping(
        contact={"fields": {"email": "Email"}}, account={"fields": fields, "from_email": False, "update": update}
    )
    file = a_file(tmp_path, HEADER, "a@b.example,,lind.example,,L-1,", "c@b.example,,,,H-1,haddad")

    import_leads(file, mapping)

    accounts = Account.objects.order_by("pk").values_list("name", "external_id", "domain")
    assert list(accounts) == [("Lind", "L-1", domain), ("Haddad", "H-1", "")]


def test_what_identifies_another_account_is_left_to_it(tmp_path):
    lind = an_account("Lind", domain="lind.example")
    an_account("Haddad", external_id="H-1")
    fields = {"external_id": "Id", "domain": "Last"}
    mapping = a_mapping(contact={"fields": {"email": "Email"}}, account={"fields": fields, "from_email": False})

    run = import_leads(a_file(tmp_path, HEADER, "a@b.example,,lind.example,,H-1,"), mapping)

    assert (run.errors, run.accounts_created) == (0, 0)
    assert Contact.objects.get().account == lind
    assert list(Account.objects.order_by("pk").values_list("external_id", "domain")) == [
        ("", "lind.example"),
        ("H-1", ""),
    ]


@pytest.mark.parametrize("active", [True, False])
def test_an_owner_who_works_here_no_more_gets_no_leads(tmp_path, active):
    a_user(username="ole", is_active=active)

    import_leads(a_file(tmp_path, HEADER, "a@b.example,,,,,"), a_mapping(lead={"topic": "T", "owner": "ole"}))

    assert Lead.objects.filter(owner__username="ole").exists() == active


def test_a_domain_longer_than_a_name_names_its_account_in_short(tmp_path):
    domain = ".".join(["a" * 60] * 3) + ".aaaaaaaaaaaaaaaaaaaaaaaaaaa.de"

    run = import_leads(a_file(tmp_path, HEADER, f"n@{domain},Nina,Lind,,,"), a_mapping())

    account = Account.objects.get()
    assert (run.errors, account.name, account.domain) == (0, domain[:200], domain)


def test_a_day_is_not_named_by_its_week():
    with pytest.raises(ValueError, match="this is no date"):
        day("")("2026-W01-1")

    assert day("")("2026-01-05 10:00").isoformat() == "2026-01-05"


@pytest.mark.parametrize(
    ("model", "said"), [(Contact, {"consent_level": 0}), (Lead, {"topic": "Fair"}), (LeadEvent, {"kind": "created"})]
)
def test_what_an_import_leaves_to_the_database_is_what_the_product_begins_with(model, said):
    """The database's defaults and the models' are written apart (contacts 0041, leads 0060)."""
    lead = a_lead()
    said |= {"lead_id": lead.pk, "detail": ""} if model is LeadEvent else {}
    names = ", ".join(said)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({', '.join(['%s'] * len(said))}) RETURNING id",
            list(said.values()),
        )
        stored = model._default_manager.get(pk=cursor.fetchone()[0])

    begins = model(**said)
    times = {"created_at", "updated_at", "stage_entered_at", "happened_at"}
    plain = [one for one in model._meta.concrete_fields if not one.primary_key and not one.generated]
    differ = {
        one.attname
        for one in plain
        if one.attname not in times and getattr(stored, one.attname) != getattr(begins, one.attname)
    }
    assert differ == set()
    assert all(abs(getattr(stored, name) - timezone.now()) < timedelta(minutes=1) for name in times & set(vars(stored)))
