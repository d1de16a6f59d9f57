"""A file goes through the pages: sent, mapped, looked at, imported, undone, and imported again with equal results."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models import Account, Consent, Contact, CustomField, Interaction, MatchKey, Role
from contacts.services.contacts import create_contact, update_contact
from forms_intake.models import ImportReject, ImportRun, ImportState, SavedMapping
from leads.models import Lead
from segments.models import Kind, Segment, Subject
from tests.build import a_segment, a_user, an_opportunity
from tests.forms_intake.test_education import EXAMPLES, REAL, an_education_file
from tests.forms_intake.wizard import begun, do, mapped, page_of, send, workbook

pytestmark = pytest.mark.django_db

FILE = (
    "E-Mail;Vorname;Nachname;Firma;Role;Budget\n"
    "nina@lind.example;Nina;Lind;Lind Logistik;boss;1200\n"
    "jörg@rot.example;Jörg;Rot;Rot GmbH;Champion;\n"
    "no address;Eva;Blau;Blau AG;;7\n"
).encode("cp1252")


@pytest.fixture
def marketer(client: Client, settings, tmp_path) -> Client:
    settings.IMPORTS_FOLDER = str(tmp_path / "imports")
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def state() -> dict[str, object]:
    """What is alive, without ids and moments."""
    contacts = Contact.objects.alive().order_by("external_id", "email").values_list(
        "email", "external_id", "first_name", "last_name", "phone", "country", "city", "consent_level", "custom",
        "account__name",
    )  # fmt: skip
    leads = Lead.objects.alive().filter(contact__deleted_at=None).order_by("external_id", "contact__email", "topic")
    return {
        "contacts": list(contacts),
        "accounts": list(Account.objects.alive().order_by("name").values_list("name", "domain", "custom")),
        "leads": list(leads.values_list("external_id", "topic", "status", "stage", "custom", "contact__email")),
        "keys": sorted(MatchKey.objects.filter(contact__deleted_at=None).values_list("kind", "value")),
        "consents": Consent.objects.filter(contact__deleted_at=None).count(),
        "interactions": Interaction.objects.filter(contact__deleted_at=None).count(),
    }


def figures(run: ImportRun) -> list[int]:
    return [run.rows, run.leads_created, run.contacts_created, run.contacts_matched, run.accounts_created, run.errors]


def test_columns_encoding_and_delimiter_are_found(marketer):
    run = begun(marketer, FILE)

    assert run.mapping["file"] == {"encoding": "cp1252", "delimiter": ";"}
    columns = marketer.get(reverse("forms_intake:import_columns", args=[run.pk])).context["columns"]
    assert {column.name: column.target for column in columns} == {
        "E-Mail": "contact.email",
        "Vorname": "contact.first_name",
        "Nachname": "contact.last_name",
        "Firma": "account.name",
        "Role": "contact.role",
        "Budget": "",
    }


def test_a_file_is_checked_imported_undone_and_imported_again(marketer):
    run = begun(marketer, FILE)
    page = page_of(marketer, run)
    boss = next(name for name in page if name.startswith("word-4-") and not page[name])
    assert mapped(
        marketer, run, **{"to-5": "lead.new", boss: "decision_maker", "topic": "Trucks", "save_as": "Fair"}
    ).status_code == 302  # fmt: skip

    shown = marketer.get(reverse("forms_intake:import", args=[run.pk])).context["preview"]
    verdicts = [line.verdict for line in shown]
    assert [(one.contact, one.account, one.lead, bool(one.reason)) for one in verdicts] == [
        ("new", "new", "new", False),
        ("new", "new", "new", False),
        ("", "", "", True),
    ]
    assert not Contact.objects.exists()
    assert not CustomField.objects.exists()

    run = do(marketer, run, "check")
    assert run.state == ImportState.DRAFT
    assert run.checked == {
        "rows": 3, "refused": 1, "contacts_created": 2, "contacts_matched": 0, "accounts_created": 2,
        "leads_created": 2, "leads_known": 0, "whole": True,
    }  # fmt: skip
    assert not Contact.objects.exists()

    run = do(marketer, run, "run")
    assert (run.state, figures(run)) == (ImportState.DONE, [3, 2, 2, 0, 2, 1])
    first = state()
    assert Contact.objects.get(first_name="Nina").role == "decision_maker"
    assert Lead.objects.get(contact__first_name="Nina").custom == {"budget": 1200}
    errors = b"".join(marketer.get(reverse("forms_intake:import_errors", args=[run.pk])).streaming_content).decode()
    assert "4,E-Mail,this is no e-mail address,no address,Eva,Blau,Blau AG,,7" in errors

    assert do(marketer, run, "undo").state == ImportState.UNDONE
    assert not Contact.objects.alive().exists()
    assert not Lead.objects.alive().exists()
    assert not Account.objects.alive().exists()
    assert (run.undone or {})["contacts"] == 2
    assert "Its leads" not in marketer.get(reverse("forms_intake:import", args=[run.pk])).content.decode()

    marketer.post(reverse("forms_intake:import_do", args=[run.pk, "again"]))
    second = do(marketer, ImportRun.objects.latest("pk"), "run")
    assert figures(second) == figures(run)
    assert state() == first
    assert SavedMapping.objects.get().name == "Fair"
    # The same columns: the mapping is remembered.
    assert begun(marketer, FILE).mapping["lead"]["topic"] == "Trucks"


def test_the_preview_says_whom_new_contacts_and_accounts_look_like_and_nothing_is_decided_by_it(marketer):
    corp = Account.objects.create(name="Lind Logistics Corporation", domain="lind-logistics.example")
    create_contact(first_name="Nina", last_name="Lind", email="nina@home.example", phone="+46 8 123 45 67")
    run = begun(
        marketer,
        b"Email,First name,Last name,Phone,Company\n"
        b"nina@lind.example,Nina,LIND,,Lind Logistics Corp.\n"
        b"n.lindgren@lind-logistics.test,Nils,Lindgren,+46 8 1234567,Lind Logistic\n"
        b"eva@blau.example,Eva,Blau,,Blau AG\n"
        b"nina@home.example,Nina,Lind,,\n",
    )
    mapped(marketer, run, topic="Trucks")
    page = marketer.get(reverse("forms_intake:import", args=[run.pk]))

    lines = page.context["preview"]
    assert [[near.why for near in line.people] for line in lines] == [["Same name"], ["Same phone number"], [], []]
    companies = [[(near.record, near.why) for near in line.companies] for line in lines]
    assert companies == [
        [(corp, "Same name but for the legal form")],
        [(corp, "Same domain but for its ending")],
        [],
        [],
    ]
    assert [line.said["topic"] for line in lines] == ["Trucks"] * 4
    assert [line.verdict.contact for line in lines] == ["new", "new", "new", "known"]
    said = page.content.decode()
    assert "Its account looks like" in said and reverse("accounts:detail", args=[corp.pk]) in said
    run = do(marketer, run, "run")
    assert (run.contacts_created, run.accounts_created) == (3, 4)


def test_a_preview_costs_the_same_number_of_queries_however_many_rows_look_like_somebody(marketer):
    for number in range(12):
        Account.objects.create(name=f"Lind {number} Limited")
        create_contact(first_name="Nina", last_name=f"Lind {number}", email=f"nina{number}@home.example")
    asked = []
    for most in (2, 12):
        rows = [f"n{number}@work{number}.example,Nina,Lind {number},Lind {number} Ltd" for number in range(most)]
        run = begun(marketer, "\n".join(["Email,First name,Last name,Company", *rows]).encode())
        mapped(marketer, run, topic="Trucks")
        with CaptureQueriesContext(connection) as queries:
            page = marketer.get(reverse("forms_intake:import", args=[run.pk]))
        assert all(line.people and line.companies for line in page.context["preview"])
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_undoing_puts_back_what_nobody_has_changed_since_and_keeps_what_is_in_use(marketer):
    nina = create_contact(email="nina@lind.example", city="Kiel", last_name="Lind")
    run = begun(marketer, b"email,first name,city,phone,company\nnina@lind.example,Nina,Bonn,+49 30 1234567,Lind\n"
                          b"jo@rot.example,Jo,Ulm,,Rot\nmo@rot.example,Mo,Ulm,,Rot\n")  # fmt: skip
    mapped(marketer, run, **{"update-2": "overwrite", "topic": "Trucks"})
    run = do(marketer, run, "run")
    nina.refresh_from_db()
    assert (nina.first_name, nina.city, nina.phone_e164, run.contacts_matched) == ("Nina", "Bonn", "+49301234567", 1)
    keys = set(nina.match_keys.values_list("kind", "value"))
    update_contact(nina.pk, version=nina.version, changes={"first_name": "Nina Maria"})
    used = Lead.objects.get(contact__email="jo@rot.example")
    an_opportunity(lead=used, contact=used.contact)

    run = do(marketer, run, "undo")

    nina.refresh_from_db()
    assert (nina.first_name, nina.city, nina.phone, nina.phone_e164) == ("Nina Maria", "Kiel", "", "")
    assert set(nina.match_keys.values_list("kind", "value")) <= keys
    assert list(Contact.objects.alive().order_by("email").values_list("email", flat=True)) == [
        "jo@rot.example",
        "nina@lind.example",
    ]
    assert list(Account.objects.alive().values_list("name", flat=True)) == ["Rot"]
    assert [(run.undone or {})[f"kept_{what}"] for what in ("leads", "contacts", "fields")] == [1, 1, 1]


def test_people_are_put_into_a_list_and_taken_out_again(marketer):
    fair = a_segment("Fair", kind=Kind.STATIC, subject=Subject.CONTACT)
    nina = create_contact(email="nina@lind.example")
    run = begun(marketer, b"email\nnina@lind.example\nmo@rot.example\n")
    mapped(
        marketer, run, topic="Trucks", segment=fair.pk, consent_level="marketing", consent_basis="Ticked at the fair"
    )

    run = do(marketer, run, "run")
    assert (run.problem, fair.picks.count()) == ("", 2)
    nina.refresh_from_db()
    assert nina.consent_level == 4

    do(marketer, run, "undo")
    nina.refresh_from_db()
    assert not fair.picks.filter(contact=nina).exists()
    assert (nina.consent_level, nina.consents.count()) == (0, 0)


def test_people_are_put_into_a_list_that_is_made_for_them(marketer):
    a_segment("Regulars", kind=Kind.DYNAMIC)
    run = begun(marketer, b"email\nnina@lind.example\n")

    refused = mapped(marketer, run, topic="Trucks", new_list="Regulars")
    assert (refused.status_code, "it is no list that is live" in refused.content.decode()) == (422, True)

    post = page_of(marketer, run) | {"topic": "Trucks", "new_list": "Fair of 2026"}
    for _ in range(2):  # a double click
        assert marketer.post(reverse("forms_intake:import_columns", args=[run.pk]), post).status_code == 302
    run = do(marketer, run, "run")

    fair = Segment.objects.get(name="Fair of 2026")
    assert (fair.kind, fair.subject, fair.picks.count()) == (Kind.STATIC, Subject.CONTACT, 1)


def test_leads_of_a_file_go_to_those_who_may_have_some_and_stay_with_whom_they_were_for(marketer):
    a_user(Role.READER, "rita"), a_user(Role.SALESPERSON, "sam")
    run = begun(marketer, FILE)
    where = reverse("forms_intake:import_columns", args=[run.pk])

    offered = dict(marketer.get(where).context["form"].fields["owner"].choices)
    assert "sam" in offered and "rita" not in offered

    run.mapping["lead"] = {"topic": "Trucks", "owner": "rita"}
    run.save()
    assert mapped(marketer, run, topic="Vans").status_code == 302
    run.refresh_from_db()
    assert (run.mapping["lead"]["topic"], run.mapping["lead"]["owner"]) == ("Vans", "rita")


def test_rows_of_nothing_but_delimiters_are_passed_over(marketer):
    run = begun(marketer, b"email;city\nnina@lind.example;Kiel\n;\n ; \nmo@rot.example;Kiel\n;;;;\n")
    mapped(marketer, run, topic="Trucks")

    run = do(marketer, run, "run")

    assert (run.rows, run.leads_created, run.errors) == (2, 2, 0)


def test_a_workbook_is_imported_like_any_file(marketer):
    content = workbook(["Email", "First name", "Employees"], ["mo@rot.example", "Mo", 12], [], ["", "Nobody", None])
    run = begun(marketer, content, name="people.xlsx")
    mapped(marketer, run, topic="Trucks")

    run = do(marketer, run, "run")

    assert figures(run) == [2, 1, 1, 0, 1, 1]
    assert Account.objects.get().employees == 12
    assert ImportReject.objects.get().line == 4


def test_consent_needs_its_basis_and_people_something_that_says_who_they_are(marketer):
    run = begun(marketer, b"email\nmo@rot.example\n")

    answer = mapped(marketer, run, topic="Trucks", consent_level="marketing")
    assert answer.status_code == 422
    assert "why may we?" in answer.content.decode()

    answer = mapped(marketer, run, topic="Kept as typed", **{"to-0": ""})
    assert answer.status_code == 422
    assert "Nothing says who the people are" in answer.content.decode()
    assert "Kept as typed" in answer.content.decode()


def real_leads() -> bytes:
    if not REAL.exists():
        pytest.skip("the real leads are not here")
    return REAL.read_bytes()


@pytest.mark.parametrize("real", [False, pytest.param(True, marks=pytest.mark.deep)])
def test_real_leads_are_imported_undone_and_imported_again_with_equal_results(marketer, real, tmp_path):
    mapping = json.loads((EXAMPLES / "education-leads.mapping.json").read_text())
    content = real_leads() if real else an_education_file(tmp_path, 240).read_bytes()
    run = begun(marketer, content, name="education-leads.csv", mapping=mapping)
    assert mapped(marketer, run).status_code == 302
    run.refresh_from_db()
    said = {one["key"]: one for one in run.mapping["custom"]}
    assert said["do_not_email"]["column"] == run.mapping["consent"]["column"] == "Do Not Email"

    run = do(marketer, run, "run")
    assert run.state == ImportState.DONE
    assert run.leads_created + run.errors == run.rows == content.count(b"\n") - 1
    first = state()

    do(marketer, run, "undo")
    assert [len(value) if isinstance(value, list) else value for value in state().values()] == [0, 0, 0, 0, 0, 0]

    second = begun(marketer, content, name="education-leads.csv", mapping=mapping)
    assert mapped(marketer, second).status_code == 302
    second = do(marketer, second, "run")
    assert figures(second) == figures(run)
    assert state() == first


def test_others_cannot_see_imports_nor_their_refused_rows(marketer, client):
    run = begun(marketer, FILE)
    mapped(marketer, run)
    client.force_login(a_user(Role.SALES_MANAGER, "mona"))

    for name, args in (
        ("imports", []),
        ("import", [run.pk]),
        ("import_errors", [run.pk]),
        ("import_columns", [run.pk]),
    ):
        assert client.get(reverse(f"forms_intake:{name}", args=args)).status_code == 403
    assert client.post(reverse("forms_intake:import_do", args=[run.pk, "run"])).status_code == 403
    assert send(client, FILE).status_code == 403
    run.refresh_from_db()
    assert (run.state, ImportRun.objects.count()) == (ImportState.DRAFT, 1)


def test_while_it_is_undone_the_share_and_the_rows_that_are_left_agree(marketer):
    rows = "".join(f"p{number}@x.example\n" for number in range(4))
    run = begun(marketer, b"Email\n" + rows.encode())
    mapped(marketer, run)
    do(marketer, run, "run")
    page = reverse("forms_intake:import", args=[run.pk])

    marketer.post(reverse("forms_intake:import_do", args=[run.pk, "undo"]))
    begin = marketer.get(page).content.decode()
    ImportRun.objects.update(position=1)
    later = marketer.get(page).content.decode()

    assert "Being undone 0 %" in begin and "4 of 4</strong> rows left to undo" in begin
    assert "Being undone 75 %" in later and "1 of 4</strong> rows left to undo" in later
