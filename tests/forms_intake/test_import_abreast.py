"""Chunks of a file at once, each on a connection of its own: as if chunk had followed chunk."""

from __future__ import annotations

import random
import threading
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from contacts import match_keys
from contacts.models import Account, AccountKey, Contact, MatchKey
from contacts.privacy.erasing import erase
from contacts.privacy.requests import enter
from contacts.roles import Role
from contacts.services.contacts import create_contact
from forms_intake.imports import abreast, ahead, companies, import_leads, interests, jobs, keeping, people, storing
from forms_intake.imports.abreast import ABREAST, Turn
from forms_intake.imports.errors import Gone
from forms_intake.models import ImportRun, ImportState
from leads.models import Lead, LeadEvent, LeadMatchKey
from tests.build import a_user
from tests.forms_intake.files import a_file
from tests.threads import until_somebody_waits

COMPANY_HEADER = "Email,First,Id,Company,Domain,Company id,Town"
COMPANIES: dict[str, Any] = {
    "name": "Fair",
    "contact": {
        "fields": {"email": "Email", "first_name": {"column": "First", "update": "overwrite"}, "external_id": "Id"}
    },
    "account": {
        "fields": {
            "name": "Company",
            "domain": "Domain",
            "external_id": "Company id",
            "city": {"column": "Town", "update": "overwrite"},
        }
    },
    "lead": {"topic": "Trucks"},
}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of four rows, so that a short file has many."""
    monkeypatch.setattr(ahead, "CHUNK", 4)


@pytest.fixture
def lanes(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The threads that have written a chunk."""
    seen: set[str] = set()
    original = Turn.take

    def take(turn: Turn) -> None:
        seen.add(threading.current_thread().name)
        original(turn)

    monkeypatch.setattr(Turn, "take", take)
    return seen


def rows(seed: int, many: int = 40) -> list[str]:
    """Rows that often speak of the same people and companies, by one word or another, and contradict each other."""
    dice = random.Random(seed)

    def maybe(text: str) -> str:
        return text if dice.random() < 0.5 else ""

    def row(number: int) -> str:
        person, firm = dice.randrange(12), dice.randrange(5)
        email, external_id = maybe(f"p{person}@mail{number}.example"), f"X-{person}"
        if dice.random() < 0.5:
            email, external_id = f"p{person}@firm{firm}.example", maybe(external_id)
        told = (maybe(f"Firm {firm}"), maybe(f"firm{firm + dice.randrange(2)}.example"), maybe(f"F-{firm}"))
        return ",".join((email, f"Name {number}", external_id, *told, f"Town {number}"))

    return [row(number) for number in range(many)]


def stored(run: ImportRun) -> dict[str, object]:
    """All that an import made, without ids and times."""
    people = Contact.objects.values_list("email", "first_name", "external_id", "account__name", "account__domain")
    firms = Account.objects.values_list("name", "domain", "external_id", "city")
    counts = ("rows", "errors", "contacts_created", "contacts_matched", "accounts_created", "leads_created")
    return {
        "people": sorted(map(repr, people)),
        "firms": sorted(map(repr, firms)),
        "keys": sorted(MatchKey.objects.values_list("kind", "value", "contact__email", "contact__external_id")),
        "leads": sorted(map(repr, Lead.objects.values_list("contact__email", "contact__external_id", "topic"))),
        "events": LeadEvent.objects.count(),
        "counts": [getattr(run, name) for name in counts],
    }


def refused(errors: Path) -> str:
    return errors.read_text() if errors.exists() else ""


class Undone(Exception):
    """Ends a transaction that is not to be kept."""


def one_after_the_other(file: Path, mapping: dict[str, Any], errors: Path) -> tuple[dict[str, object], str]:
    """What an import in one transaction makes, which has one connection only; it is undone."""
    made: list[tuple[dict[str, object], str]] = []
    with suppress(Undone), transaction.atomic():
        run = import_leads(file, mapping, errors=errors)
        made.append((stored(run), refused(errors)))
        raise Undone
    errors.unlink(missing_ok=True)
    return made[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [0, 2, 4, pytest.param(range(5, 30), marks=pytest.mark.deep)])
def test_a_file_is_imported_with_chunks_at_once_as_if_one_had_followed_the_other(short, lanes, tmp_path, seed):
    for one in [seed] if isinstance(seed, int) else seed:
        file, errors = a_file(tmp_path, COMPANY_HEADER, *rows(one)), tmp_path / "errors.csv"
        expected = one_after_the_other(file, COMPANIES, errors)

        run = import_leads(file, COMPANIES, errors=errors)

        assert (stored(run), refused(errors)) == expected
        errors.unlink(missing_ok=True)
        models: tuple[type[Model], ...] = (LeadEvent, LeadMatchKey, Lead, MatchKey, Contact, AccountKey, Account)
        for model in models:
            model._default_manager.all().delete()
    assert lanes == {"MainThread", "import-writer"}


def strangers(many: int) -> list[str]:
    """Rows of which no two speak of the same person or company."""
    return [f"p{number}@firm{number}.example,,,,,," for number in range(many)]


@pytest.mark.django_db(transaction=True)
def test_chunks_about_different_people_are_under_way_at_the_same_time(short, tmp_path, monkeypatch):
    all_of_them, original = threading.Barrier(ABREAST, timeout=20), storing.store

    def store(*arguments: Any) -> None:
        all_of_them.wait()
        original(*arguments)

    monkeypatch.setattr(storing, "store", store)

    run = import_leads(a_file(tmp_path, COMPANY_HEADER, *strangers(4 * ABREAST)), COMPANIES)

    assert run.rows == run.contacts_created == 4 * ABREAST, "each waited for the others amid its own"


@pytest.mark.django_db(transaction=True)
def test_a_chunk_about_the_same_people_begins_once_the_one_before_has_committed(short, tmp_path, monkeypatch):
    told, original = [], people.recognise

    def recognise(found: list[Any], *more: Any) -> Any:
        told.append(Contact.objects.exclude(first_name="").count())
        return original(found, *more)

    monkeypatch.setattr(people, "recognise", recognise)
    monkeypatch.setattr(people, "claim_as_strangers", lambda *given: False)
    lines = [f"p{number % 4}@firm.example,Name {number},,,,," for number in range(12)]

    run = import_leads(a_file(tmp_path, COMPANY_HEADER, *lines), COMPANIES)

    assert told == [0, 4, 4]
    assert (run.contacts_created, run.contacts_matched, run.repeats) == (4, 0, 8)
    assert set(Contact.objects.values_list("first_name", flat=True)) == {f"Name {number}" for number in range(8, 12)}


@pytest.mark.django_db(transaction=True)
def test_a_chunk_waits_for_any_that_is_under_way_and_speaks_of_its_people(short, tmp_path, monkeypatch):
    """Not only for the one before it, which speaks of others."""
    told, slow, original = [], storing.store, people.recognise

    def store(*arguments: Any) -> None:
        sleep(0.3)
        slow(*arguments)

    def recognise(found: list[Any], *more: Any) -> Any:
        told.append((found[0].values["email"], Contact.objects.filter(first_name="First").count()))
        return original(found, *more)

    monkeypatch.setattr(storing, "store", store)
    monkeypatch.setattr(people, "recognise", recognise)
    monkeypatch.setattr(people, "claim_as_strangers", lambda *given: False)
    first = [f"p{number}@firm.example,First,,,,," for number in range(4)]
    again = [f"p{number}@firm.example,Again,,,,," for number in range(4)]

    run = import_leads(a_file(tmp_path, COMPANY_HEADER, *first, *strangers(8)[4:], *again), COMPANIES)

    assert told == [("p0@firm.example", 0), ("p4@firm4.example", 0), ("p0@firm.example", 4)]
    assert (run.contacts_created, run.contacts_matched, run.repeats, run.errors) == (8, 0, 4, 0)
    assert Contact.objects.filter(first_name="Again").count() == 4


@pytest.mark.django_db(transaction=True)
def test_chunks_make_different_companies_at_the_same_time_and_one_that_names_the_same_waits(
    short, tmp_path, monkeypatch
):
    under_way, made, original = threading.Semaphore(0), [], storing.store
    made_by_now: list[list[str]] = []

    def find_or_make(found: list[Any], *more: Any) -> Any:
        made_by_now.append(sorted(Account.objects.values_list("domain", flat=True)))
        made.append(find(found, *more))
        under_way.release()
        return made[-1]

    def store(found: list[Any], *more: Any) -> None:
        if found[0].values["email"] == "p0@firm0.example":
            assert under_way.acquire(timeout=20), "the first chunk's"
            assert under_way.acquire(timeout=20), "the second one made its companies before the first had committed"
        original(found, *more)

    find = companies.find_or_make
    monkeypatch.setattr(companies, "find_or_make", find_or_make)
    monkeypatch.setattr(storing, "store", store)
    colleagues = [f"q{number}@firm{number}.example,,,,,," for number in range(4)]

    run = import_leads(a_file(tmp_path, COMPANY_HEADER, *strangers(8), *colleagues), COMPANIES)

    assert (run.accounts_created, run.contacts_created, run.errors) == (8, 12, 0)
    assert [len(one) for one in made] == [4, 4, 0]
    assert made_by_now[:2] == [[], []]
    assert {f"firm{number}.example" for number in range(4)} <= set(made_by_now[2])


@pytest.mark.django_db(transaction=True)
def test_known_people_among_strangers_are_found_where_none_are_expected(short, tmp_path):
    known = Contact.objects.create(first_name="Nina", email="p9@firm9.example")
    match_keys.claim_for(known)

    run = import_leads(a_file(tmp_path, COMPANY_HEADER, *strangers(16)), COMPANIES)

    assert (run.contacts_created, run.contacts_matched, run.leads_created) == (15, 1, 16)
    assert Contact.objects.filter(email="p9@firm9.example").get() == known
    assert Lead.objects.filter(contact=known).count() == 1


@pytest.mark.django_db(transaction=True)
def test_somebody_who_is_being_erased_while_claimed_as_a_stranger_stays_away(short, tmp_path, monkeypatch):
    nina, boss = create_contact(first_name="Nina", email="p9@firm9.example"), a_user(Role.ADMINISTRATOR)
    request, original, begun = (
        enter(kind="erasure", contact=nina, by=boss),
        people.claim_as_strangers,
        threading.Event(),
    )

    def erase_slowly() -> None:
        with transaction.atomic():
            erase(request.pk, typed=nina.email, by=boss)
            begun.set()
            until_somebody_waits()
        connection.close()

    def claim(found: list[Any], job: Any) -> bool:
        if any(person.values["email"] == nina.email for person in found) and not begun.is_set():
            erasing.start()
            assert begun.wait(20)
        return original(found, job)

    erasing = threading.Thread(target=erase_slowly)
    monkeypatch.setattr(people, "claim_as_strangers", claim)

    run = import_leads(a_file(tmp_path, COMPANY_HEADER, *strangers(16)), COMPANIES)

    erasing.join()
    assert (run.contacts_created, run.leads_created, run.errors) == (15, 15, 1)
    assert not Contact.objects.filter(email=nina.email).exists()
    assert not MatchKey.objects.filter(value=nina.email).exists()


@pytest.mark.django_db(transaction=True)
def test_behind_a_chunk_that_cannot_be_written_nothing_is(short, tmp_path, monkeypatch):
    original = interests.store

    def store(found: list[Any], job: Any, tally: Any) -> None:
        if any(person.values["email"].startswith("p5@") for person in found):
            raise Gone("campaign")
        original(found, job, tally)

    monkeypatch.setattr(interests, "store", store)
    with pytest.raises(Gone):
        import_leads(a_file(tmp_path, COMPANY_HEADER, *strangers(24)), COMPANIES)
    run = ImportRun.objects.get()
    assert (run.state, run.position) == (ImportState.FAILED, 4)
    assert Contact.objects.count() == Lead.objects.count() == Account.objects.count() == 4
    assert "import-writer" not in {thread.name for thread in threading.enumerate()}, "nobody is left waiting"


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_stopped_ends_with_the_chunks_that_have_committed(short, tmp_path, settings, monkeypatch):
    settings.IMPORTS_FOLDER = str(tmp_path)
    key, size = keeping.keep(["\n".join([COMPANY_HEADER, *strangers(40)]).encode()])
    run = ImportRun.objects.create(
        name="people.csv", state=ImportState.RUNNING, file=key, size=size, file_kind="csv", mapping=COMPANIES, about=40
    )
    original, begun = Turn.begin, []

    def begin(turn: Turn) -> None:
        original(turn)
        begun.append(turn.at)
        if len(begun) == 3:
            stopping.start()
            sleep(0.3)

    def stop() -> None:
        jobs.ask(run.pk, ImportState.CANCELLED)
        connection.close()

    stopping = threading.Thread(target=stop)
    monkeypatch.setattr(Turn, "begin", begin)
    while jobs.advance():
        pass
    stopping.join()
    run.refresh_from_db()
    assert run.state == ImportState.CANCELLED
    assert 0 < run.position < 40
    assert Contact.objects.count() == Lead.objects.count() == run.position
    monkeypatch.undo()

    jobs.ask(run.pk, ImportState.RUNNING)
    while jobs.advance():
        pass
    run.refresh_from_db()
    assert (run.state, run.rows, run.contacts_created) == (ImportState.DONE, 40, 40)


@pytest.mark.django_db(transaction=True)
def test_a_chunk_that_waits_too_long_amid_its_own_lets_go_and_comes_again(short, tmp_path, monkeypatch):
    """The one before may be waiting for somebody who waits for this one, which the database cannot see."""
    monkeypatch.setattr(abreast, "PATIENCE", 0.05)
    original = companies.find_or_make
    tried: list[int] = []

    def find_or_make(found: list[Any], job: Any, tally: Any) -> None:
        if not tried:
            sleep(0.5)
        tried.append(len(found))
        original(found, job, tally)

    original_alone = Turn.alone
    let_go: list[int] = []

    def alone(turn: Turn) -> None:
        let_go.append(turn.at)
        original_alone(turn)

    monkeypatch.setattr(companies, "find_or_make", find_or_make)
    monkeypatch.setattr(Turn, "alone", alone)

    run = import_leads(a_file(tmp_path, COMPANY_HEADER, *strangers(8)), COMPANIES)

    assert 4 in let_go
    assert (run.rows, run.contacts_created, run.errors) == (8, 8, 0)
