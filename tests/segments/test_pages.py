"""Pages of segments, for marketers; others are refused, and nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.models import Contact, Role
from contacts.services.contacts import create_contact
from segments.models import How, Kind, Segment, State, Subject
from tests.build import a_contact, a_lead, a_segment, a_user, steps
from tests.segments.members import ids_in, settle

pytestmark = pytest.mark.django_db

NORWAY = {"field": "contact.country", "op": "is", "value": "NO"}


@pytest.fixture
def maria(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "maria"))
    return client


def form(**more: Any) -> dict[str, Any]:
    """What the browser sends for a segment without steps."""
    empty = {"step-TOTAL_FORMS": "3", "step-INITIAL_FORMS": "0"}
    return {"name": "Norway", "description": "", **empty, **more}


def test_a_segment_is_made_as_text_goes_live_and_finds_its_members(maria: Client) -> None:
    nina = a_contact(country="NO")

    made = maria.post("/segments/new/?subject=contact", form(condition='contact.country is "NO"'))
    segment = Segment.objects.get()
    assert made.status_code == 302 and segment.condition == NORWAY and segment.state == State.DRAFT
    assert "contact&#x27;s country is NO" in maria.get(f"/segments/{segment.pk}/").content.decode().replace("C", "c")

    maria.post(f"/segments/{segment.pk}/go-live/")
    settle()

    page = maria.get(f"/segments/{segment.pk}/").content.decode()
    assert ids_in(segment) == {nina.pk} and "Nina Lind" in page
    maria.post(f"/segments/{segment.pk}/stop/")
    segment.refresh_from_db()
    assert segment.state == State.STOPPED and ids_in(segment) == {nina.pk}


def test_a_condition_that_makes_no_sense_is_refused_where_it_was_typed(maria: Client) -> None:
    answer = maria.post("/segments/new/", form(condition='contact.shoe is "NO"'))

    assert answer.status_code == 422 and b"contact.shoe" in answer.content
    assert not Segment.objects.exists()


def test_a_segment_is_made_of_others_in_order(maria: Client) -> None:
    first, second = a_segment("First", NORWAY), a_segment("Second", NORWAY)
    chosen = {"step-0-how": "union", "step-0-segment": first.pk, "step-1-how": "except", "step-1-segment": second.pk}

    maria.post("/segments/new/?kind=compound", form(name="Made", **chosen))

    made = Segment.objects.get(name="Made")
    assert made.kind == Kind.COMPOUND
    assert made.steps == [{"how": "union", "segment": first.pk}, {"how": "except", "segment": second.pk}]


def test_the_numbers_of_steps_say_their_order(maria: Client) -> None:
    first, second = a_segment("First", NORWAY), a_segment("Second", NORWAY)
    chosen = {"step-0-how": "except", "step-0-segment": first.pk, "step-0-ORDER": "3", "step-1-ORDER": "1"}

    maria.post(
        "/segments/new/?kind=compound",
        form(name="Made", **chosen, **{"step-2-ORDER": "2"}) | {"step-2-how": "union", "step-2-segment": second.pk},
    )

    made = Segment.objects.get(name="Made")
    assert made.steps == [{"how": "union", "segment": second.pk}, {"how": "except", "segment": first.pk}]


def test_a_draft_is_tried_on_somebody_before_it_is_saved(maria: Client) -> None:
    a_contact("Otto", country="SE")
    fair = a_segment("Fair", kind=Kind.STATIC)
    typed = form(name="", condition='contact.country is "NO"', contact="Otto Lind", **{"try": "yes"})
    typed |= {"step-0-how": "union", "step-0-segment": fair.pk}
    a_lead(Contact.objects.get(), "Trucks")

    whole = maria.post("/segments/new/?subject=contact", typed)
    part = maria.post("/segments/new/?subject=contact", typed, headers={"HX-Request": "true"}).content.decode()
    leads = maria.post("/segments/new/?subject=lead", typed | {"step-0-segment": ""}).content.decode()
    nobody = maria.post("/segments/new/", typed | {"contact": "<b>Who</b>"}).content.decode()
    wrong = maria.post("/segments/new/", typed | {"condition": "contact.shoe is 5"}).content.decode()

    assert (
        whole.status_code == 200
        and "would not be in" in whole.content.decode()
        and "contact.country" in whole.content.decode()
    )
    assert "<form" not in part and "(SE)" in part and "Fair: not in" in part
    assert "Trucks" in leads and "would not be in" in leads
    assert "No contact of this name" in nobody and "<b>Who" not in nobody and "contact.shoe" in wrong
    assert Segment.objects.count() == 1


def test_the_second_of_two_who_edit_is_told_and_keeps_what_they_typed(maria: Client) -> None:
    segment = a_segment("Norway", NORWAY)
    maria.post(f"/segments/{segment.pk}/edit/", form(name="Theirs", condition="", version="1"))

    answer = maria.post(
        f"/segments/{segment.pk}/edit/", form(name="Mine", condition='contact.city is "Oslo"', version="1")
    )

    page = answer.content.decode()
    assert answer.status_code == 409 and "Someone else changed this segment" in page and "Mine" in page
    segment.refresh_from_db()
    assert segment.name == "Theirs" and segment.condition == {} and segment.version == 2
    again = maria.post(f"/segments/{segment.pk}/edit/", form(name="Mine", condition="", version="2"))
    assert again.status_code == 302


def test_what_goes_in_a_circle_is_said_on_the_page_and_does_not_go_live(maria: Client) -> None:
    first = a_segment("First", NORWAY)
    second = a_segment("Second", kind=Kind.COMPOUND, steps=steps(first))
    chosen = {"step-0-how": "union", "step-0-segment": second.pk}
    maria.post(f"/segments/{first.pk}/edit/", form(name="First", condition="", version="1", **chosen))

    page = maria.get(f"/segments/{first.pk}/").content.decode()
    answer = maria.post(f"/segments/{first.pk}/go-live/", follow=True).content.decode()

    assert "it goes in a circle" in page and "it goes in a circle" in answer
    first.refresh_from_db()
    assert first.live == {"condition": NORWAY, "steps": []}


def test_why_somebody_is_in_or_not_is_said_part_by_part(maria: Client) -> None:
    otto = a_contact("Otto", country="SE", city="Malmö")
    both = {"all": [NORWAY, {"not": {"field": "contact.city", "op": "is", "value": "Oslo"}}]}
    segment = a_segment("Norway", both)

    page = maria.get(f"/segments/{segment.pk}/why/?id={otto.pk}").content.decode()

    assert "Otto Lind is not in" in page and "(SE)" in page and "(Malmö)" in page
    assert page.count("does not hold") == 3  # all, Norway, and that the city is Oslo


def test_a_file_puts_known_people_into_a_list_and_lists_the_others(maria: Client) -> None:
    nina = create_contact(by=None, first_name="Nina", last_name="Lind", email="nina@example.com")
    fair = a_segment("Fair", kind=Kind.STATIC)
    file = SimpleUploadedFile("fair.csv", b"name;email\nNina;NINA@example.com\nX;<b>who</b>@nowhere.example\n")

    page = maria.post(f"/segments/{fair.pk}/file/", {"file": file}).content.decode()

    assert ids_in(fair) == {nina.pk} and Contact.objects.count() == 1
    assert "1 put in" in page and "&lt;b&gt;who&lt;/b&gt;" in page and "line 3" in page


def test_an_export_is_formula_safe(maria: Client) -> None:
    a_contact("=cmd()", "Lind", country="NO")
    segment = a_segment("Norway", NORWAY)
    settle()

    answer = maria.get(f"/segments/{segment.pk}/export.csv")

    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="norway.csv"'
    assert ",'=cmd(),Lind," in text


def test_a_start_asks_for_its_values_and_fills_the_form(maria: Client) -> None:
    asked = maria.get("/segments/new/?start=engaged").content.decode()
    filled = maria.get("/segments/new/?start=engaged&about=pricing&times=2&days=14").content.decode()

    assert 'name="about"' in asked and 'name="times"' in asked
    assert "at least 2 page_visited" in filled and "last 14 days" in filled


def test_a_contacts_page_shows_its_segments_and_puts_it_into_a_list(maria: Client) -> None:
    nina = a_contact(country="NO")
    a_segment("Norway", NORWAY)
    fair = a_segment("Fair", kind=Kind.STATIC)
    settle()

    card = maria.get(f"/segments/of-contact/{nina.pk}/").content.decode()
    maria.post("/segments/put-in/", {"segment": fair.pk, "ids": [nina.pk], "next": f"/contacts/{nina.pk}/"})

    assert "Norway" in card and "Fair" in card and "Take out" not in card
    assert ids_in(fair) == {nina.pk}
    card = maria.get(f"/segments/of-contact/{nina.pk}/").content.decode()
    assert "Take out of Fair" in card and "Take out of Norway" not in card
    maria.post("/segments/take-out/", {"segment": fair.pk, "ids": [nina.pk], "next": f"/contacts/{nina.pk}/"})
    assert ids_in(fair) == set()


def test_ticked_records_of_a_list_are_put_into_a_list_kept_by_hand(maria: Client) -> None:
    nina, otto = a_contact(), a_contact("Otto")
    fair = a_segment("Fair", kind=Kind.STATIC)

    page = maria.get("/contacts/").content.decode()
    choices = maria.get("/segments/choose/contact/").content.decode()
    maria.post("/segments/put-in/", {"segment": fair.pk, "ids": [nina.pk, "x"], "next": "/contacts/"})

    assert 'name="ids"' in page and "Fair" in choices and "Take out" in choices
    assert "Fair" not in maria.get("/segments/choose/lead/").content.decode()
    assert ids_in(fair) == {nina.pk} and otto.pk not in ids_in(fair)
    told = maria.post("/segments/take-out/", {"segment": fair.pk, "ids": [nina.pk, otto.pk], "next": "/contacts/"})
    assert ids_in(fair) == set() and told["Location"] == "/contacts/"


def test_a_draft_says_how_many_it_would_have_and_who_would_come_and_go(maria: Client) -> None:
    a_contact(country="NO")
    a_contact("Otto", country="SE")
    a_contact("Pia", country="SE")
    segment = a_segment("Norway", NORWAY)
    settle()
    in_sweden = {"field": "contact.country", "op": "is", "value": "SE"}
    Segment.objects.filter(pk=segment.pk).update(condition=in_sweden)

    said = maria.get(f"/segments/{segment.pk}/would/").content.decode()

    assert "2</strong> members now" in said and "+2" in said and "−1" in said


def test_what_is_deleted_is_back_with_one_click_and_for_thirty_days(maria: Client) -> None:
    nina = a_contact(country="NO")
    segment = a_segment("Norway", NORWAY)
    settle()

    told = maria.post(f"/segments/{segment.pk}/delete/", follow=True).content.decode()
    assert (
        f'action="/segments/{segment.pk}/restore/"' in told
        and "Norway" in maria.get("/segments/deleted/").content.decode()
    )
    assert maria.get(f"/segments/{segment.pk}/").status_code == 404
    assert "Norway" not in maria.get(f"/segments/of-contact/{nina.pk}/").content.decode()
    other = a_segment("Norway", NORWAY)
    refused = maria.post(f"/segments/{segment.pk}/restore/", follow=True).content.decode()
    assert "another segment called Norway" in refused
    maria.post(f"/segments/{other.pk}/delete/")
    Contact.objects.filter(pk=nina.pk).update(country="SE")

    maria.post(f"/segments/{segment.pk}/restore/")
    settle()

    assert ids_in(segment) == set() and segment.changes.count() == 2
    assert "Norway" in maria.get("/segments/").content.decode()


def test_what_is_used_says_by_what_and_stays(maria: Client) -> None:
    norway = a_segment("Norway", NORWAY)
    a_segment("Made", kind=Kind.COMPOUND, steps=steps(norway))
    a_segment("Planned", kind=Kind.COMPOUND, steps=steps(norway), live=False)

    page = maria.get(f"/segments/{norway.pk}/delete/").content.decode()
    maria.post(f"/segments/{norway.pk}/delete/")

    assert "Made" in page and "Planned" not in page and "Delete</button>" not in page
    assert Segment.objects.alive().filter(pk=norway.pk).exists()


@pytest.mark.parametrize("role", [Role.SALESPERSON, Role.TELEPROSPECTOR, Role.SALES_MANAGER])
def test_others_are_refused_everywhere_and_nothing_changes(client: Client, role: Role) -> None:
    nina = a_contact(country="NO")
    lead = a_lead(nina)
    segment, fair = a_segment("Norway", NORWAY), a_segment("Fair", kind=Kind.STATIC)
    settle()
    before = list(Segment.objects.order_by("pk").values())
    client.force_login(a_user(role))
    here = f"/segments/{segment.pk}/"
    reads = [
        "/segments/",
        "/segments/new/",
        "/segments/deleted/",
        here,
        f"{here}history/",
        f"{here}overlap/",
        f"{here}export.csv",
    ]
    reads += [f"{here}edit/", f"{here}would/", f"{here}delete/", f"{here}why/", f"/segments/{fair.pk}/file/"]
    reads += [f"/segments/of-contact/{nina.pk}/", f"/segments/of-lead/{lead.pk}/"]
    writes = [f"{here}go-live/", f"{here}stop/", f"{here}delete/", f"{here}restore/", f"{here}copy/"]

    answers = [client.get(url).status_code for url in reads]
    answers += [client.post(url).status_code for url in writes]
    chosen = {"segment": fair.pk, "ids": [nina.pk]}
    answers += [client.post(f"/segments/{what}/", chosen).status_code for what in ("put-in", "take-out")]

    assert answers == [403] * len(answers)
    assert list(Segment.objects.order_by("pk").values()) == before and ids_in(fair) == set()


def test_the_list_costs_as_many_queries_however_many_there_are(maria: Client, django_assert_num_queries: Any) -> None:
    for _ in range(2):
        a_segment(condition=NORWAY)
    maria.get("/segments/")
    with django_assert_num_queries(9):
        maria.get("/segments/")
    for _ in range(20):
        a_segment(condition=NORWAY, subject=Subject.LEAD)
    with django_assert_num_queries(9):
        maria.get("/segments/")


def test_a_step_whose_segment_was_deleted_stays_chosen_and_is_refused(maria: Client) -> None:
    norway, out = a_segment("Norway", NORWAY), a_segment("Opted out", NORWAY)
    made = a_segment("Made", kind=Kind.COMPOUND, steps=steps(norway, (How.EXCEPT, out)), live=False)
    maria.post(f"/segments/{out.pk}/delete/")
    sent: dict[str, Any] = {"name": "Made", "version": made.version, "step-TOTAL_FORMS": 2, "step-INITIAL_FORMS": 2}
    for place, (how, one) in enumerate([(How.UNION, norway), (How.EXCEPT, out)]):
        sent |= {f"step-{place}-how": how, f"step-{place}-segment": one.pk, f"step-{place}-ORDER": place + 1}

    begun = maria.get(f"/segments/{made.pk}/edit/").content.decode()
    page = maria.post(f"/segments/{made.pk}/edit/", sent)

    made.refresh_from_db()
    assert f'<option value="{out.pk}" selected' in begun
    assert "Opted out is deleted: bring it back, or choose another." in page.content.decode()
    assert [step["segment"] for step in made.steps] == [norway.pk, out.pk]
