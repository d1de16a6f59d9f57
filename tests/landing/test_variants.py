"""A/B tests: one variant once per browser, counted honestly, decided honestly, and no cache mixes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Role
from forms_intake.building.definition import fingerprint
from forms_intake.landing.counting import gather
from forms_intake.landing.definition import new_definition, new_variant
from forms_intake.landing.editing import make_page
from forms_intake.landing.lifecycle import go_live
from forms_intake.landing.results import compare
from forms_intake.models import IntakeForm, LandingPage, PageTest, PageVisits, Submission
from forms_intake.spec.remembering import forget_specs
from tests.build import a_form, a_page, a_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "mia", first_name="Mia", last_name="Berg"))
    return client


def a_browser() -> Client:
    return Client(HTTP_USER_AGENT=FIREFOX)


def under_test(form: IntakeForm | None = None, weights: tuple[int, int] = (50, 50)) -> LandingPage:
    form = form or a_form()
    definition = new_definition("Plan", [{"kind": "hero", "heading": "Heading A"}, {"kind": "form", "form": form.pk}])
    other: list[dict[str, Any]] = [{"kind": "hero", "heading": "Heading B"}, {"kind": "form", "form": form.pk}]
    definition["variants"].append(new_variant("B", other, "paper", name="Another heading"))
    for variant, weight in zip(definition["variants"], weights, strict=True):
        variant["weight"] = weight
    page = make_page(name="Plan", definition=definition, by=None, slug="plan")
    live(page)
    return page


def live(page: LandingPage) -> None:
    page.refresh_from_db()
    go_live(page_id=page.pk, seen=fingerprint(page.draft), by=a_user(Role.MARKETER))
    forget_specs()


def letter_seen(client: Client) -> str:
    text = client.get("/p/plan/").content.decode()
    return "B" if "Heading B" in text else "A"


def counted(page: LandingPage, letter: str, visitors: int, people: int, number: int = 1) -> None:
    """A past of so many visitors of a variant, of whom so many sent the form."""
    PageVisits.objects.create(
        page=page, day=timezone.localdate(), test=number, variant=letter, visits=visitors, visitors=visitors, slot=9
    )
    form = page.uses.get().form
    Submission.objects.bulk_create(
        [
            Submission(
                public_id=f"{ord(letter):08x}-0000-4000-8000-{n:012x}", form=form, page=page, variant=letter, payload={}
            )
            for n in range(people)
        ]
    )


def test_a_browser_sees_the_same_variant_again_and_a_cookie_says_nothing_else() -> None:
    under_test()

    for _ in range(6):
        browser = a_browser()
        first = letter_seen(browser)
        cookies = list(browser.cookies.values())
        assert {letter_seen(browser) for _ in range(3)} == {first}
        assert [one.value for one in cookies] == [f"1{first}"]
        assert cookies[0]["httponly"]
        assert cookies[0]["samesite"] == "Lax"


def test_both_are_seen_as_their_weights_say() -> None:
    under_test(weights=(1, 100))

    seen = [letter_seen(a_browser()) for _ in range(30)]

    assert seen.count("B") >= 20


def test_no_cache_keeps_a_page_under_test_and_browsers_may_keep_others_for_a_moment() -> None:
    under_test()
    a_page(a_form("Another"), slug="other")

    tested, other = a_browser().get("/p/plan/"), a_browser().get("/p/other/")

    assert tested["Cache-Control"] == "private, no-store"
    assert "Cookie" in tested["Vary"]
    assert other["Cache-Control"] == "private, max-age=15"
    assert not other.cookies


def test_visits_are_those_of_people_outside(marketer: Client) -> None:
    page = a_page(a_form(), slug="plan")
    browser = a_browser()

    for _ in range(3):
        browser.get("/p/plan/")
    browser.head("/p/plan/")
    browser.get("/p/plan/", headers={"Sec-Purpose": "prefetch"})
    for agent in ("Googlebot/2.1", "curl/8.0", ""):
        Client(HTTP_USER_AGENT=agent).get("/p/plan/")
    marketer.get("/p/plan/", headers={"User-Agent": FIREFOX})
    marketer.get(f"/pages/{page.pk}/frame/", headers={"User-Agent": FIREFOX})

    rows = PageVisits.objects.filter(page=page)
    assert sum(row.visits for row in rows) == 3
    assert sum(row.visitors for row in rows) == 0


def test_in_a_test_a_browser_counts_once_and_robots_and_the_team_are_in_no_variant(marketer: Client) -> None:
    page = under_test()
    browser = a_browser()

    for _ in range(3):
        browser.get("/p/plan/")
    robot = Client(HTTP_USER_AGENT="Googlebot/2.1").get("/p/plan/")
    team = marketer.get("/p/plan/?variant=B", headers={"User-Agent": FIREFOX})

    rows = PageVisits.objects.filter(page=page)
    assert (sum(row.visits for row in rows), sum(row.visitors for row in rows)) == (3, 1)
    assert not robot.cookies
    assert 'name="_variant"' not in robot.content.decode() + team.content.decode()
    assert "Heading B" in team.content.decode()


def test_a_submission_knows_its_variant_and_a_mistake_shows_the_same_one_again() -> None:
    form = a_form()
    page = under_test(form)
    sent = {"email": "nina@nordwind.example", "_page": "plan", "_variant": "B"}
    browser = a_browser()

    again = browser.post(f"/f/{form.public_id}/", sent | {"email": "nina"})
    browser.post(f"/f/{form.public_id}/", sent)
    browser.post(f"/f/{form.public_id}/", sent | {"email": "theo@nordwind.example", "_variant": "B'--"})

    assert "Heading B" in again.content.decode()
    assert 'name="_variant" value="B"' in again.content.decode()
    assert [(one.page, one.variant) for one in Submission.objects.order_by("pk")] == [(page, "B"), (page, "")]


def test_little_is_said_to_be_not_enough(marketer: Client) -> None:
    page = under_test()
    counted(page, "A", 99, 5)
    counted(page, "B", 400, 90)

    text = marketer.get(f"/pages/{page.pk}/results/").content.decode()

    assert "Not enough yet" in text
    assert "btn go" not in text.split("<tbody>")[1].split("</tbody>")[0]


def test_before_anybody_saw_both_nothing_is_compared() -> None:
    under_test()
    row = compare(PageTest.objects.get(), {}).rows[1]

    assert (row.rate, row.lift_words, row.chance_words) == ("–", "", "")


def test_a_good_figure_before_the_plan_is_reached_is_no_result(marketer: Client) -> None:
    page = under_test()
    counted(page, "A", 300, 20)
    counted(page, "B", 300, 60)

    found = compare(PageTest.objects.get(), {"B": "Another heading"})

    assert found.verdict.is_early
    assert found.verdict.better == ""
    assert "too early to choose" in found.verdict.heading
    assert "stops when it looks good is wrong" in found.verdict.words


@pytest.mark.parametrize(
    ("people", "heading", "better"), [(120, "Variant B", "B"), (52, "No difference", ""), (12, "Variant A", "A")]
)
def test_when_the_plan_is_reached_it_says_what_can_be_said(people: int, heading: str, better: str) -> None:
    page = under_test()
    PageTest.objects.update(planned=500, started_at=timezone.now() - timedelta(days=9))
    counted(page, "A", 510, 50)
    counted(page, "B", 510, people)

    verdict = compare(PageTest.objects.get(), {}).verdict

    assert verdict.heading.startswith(heading)
    assert (verdict.better, verdict.is_early) == (better, False)


def test_people_count_once_and_spam_and_what_came_before_do_not() -> None:
    page = under_test()
    counted(page, "A", 10, 3)
    Submission.objects.filter(variant="A").order_by("pk").first().delete()  # type: ignore[union-attr]
    spam, early = Submission.objects.order_by("pk")
    Submission.objects.filter(pk=spam.pk).update(state="spam")
    Submission.objects.filter(pk=early.pk).update(received_at=timezone.now() - timedelta(days=3))

    assert compare(PageTest.objects.get(), {}).rows[0].share.hits == 0


def test_choosing_a_winner_shows_it_to_everybody_and_keeps_the_figures(marketer: Client) -> None:
    page = under_test()
    browser = a_browser()
    browser.get("/p/plan/")

    asked = marketer.get(f"/pages/{page.pk}/results/end/?variant=B").content.decode()
    marketer.post(f"/pages/{page.pk}/results/end/", {"test": "1", "variant": "B"})
    forget_specs()
    twice = marketer.post(f"/pages/{page.pk}/results/end/", {"test": "1", "variant": "A"})

    test = PageTest.objects.get()
    page.refresh_from_db()
    assert "Not enough yet" in asked
    assert (test.winner, test.ended_by.first_name if test.ended_by else "") == ("B", "Mia")
    assert twice.status_code == 409
    assert letter_seen(browser) == "B"
    assert browser.get("/p/plan/")["Cache-Control"] == "private, max-age=15"
    assert [one["letter"] for one in page.draft["variants"]] == ["A"]
    assert page.draft == page.version.definition if page.version else False


def test_what_the_draft_says_beside_the_winner_stays_a_draft(marketer: Client) -> None:
    page = under_test()
    page.draft["variants"][1]["blocks"][0]["heading"] = "Heading B, better"
    page.save(update_fields=["draft"])

    marketer.post(f"/pages/{page.pk}/results/end/", {"test": "1", "variant": "B"})
    forget_specs()
    page.refresh_from_db()

    assert page.draft["variants"][0]["blocks"][0]["heading"] == "Heading B, better"
    assert "Heading B<" in a_browser().get("/p/plan/").content.decode()


def test_changing_what_is_compared_begins_another_test_and_says_so(marketer: Client) -> None:
    page = under_test()
    page.draft["variants"][1]["blocks"][0]["heading"] = "Heading B, changed"
    page.save(update_fields=["draft"])

    told = marketer.get(f"/pages/{page.pk}/live/")
    marketer.post(f"/pages/{page.pk}/live/", {"seen": told.context["seen"], "expected": "nan", "difference": "30"})

    assert "the running test 1 ends" in told.content.decode()
    assert [(one.number, one.winner, bool(one.ended_at)) for one in PageTest.objects.order_by("number")] == [
        (1, "", True),
        (2, "", False),
    ]
    assert PageTest.objects.get(number=2).difference == 30


def test_a_title_for_search_engines_may_change_while_a_test_runs() -> None:
    page = under_test()
    page.draft["settings"]["description"] = "New"
    page.save(update_fields=["draft"])

    live(page)

    assert PageTest.objects.get().ended_at is None


def test_variants_are_added_named_and_removed_in_the_draft(marketer: Client) -> None:
    page = a_page(a_form(), slug="plan")

    marketer.post(f"/pages/{page.pk}/variants/add/", {"variant": "A"})
    marketer.post(f"/pages/{page.pk}/variants/edit/?variant=B", {"name": "Shorter", "weight": "20"})
    page.refresh_from_db()
    made: list[dict[str, Any]] = page.draft["variants"]
    editor = marketer.get(f"/pages/{page.pk}/?variant=B").content.decode()
    first = marketer.post(f"/pages/{page.pk}/variants/remove/", {"variant": "A"})
    marketer.post(f"/pages/{page.pk}/variants/remove/", {"variant": "B"})
    page.refresh_from_db()

    assert [(one["letter"], one["name"], one["weight"]) for one in made] == [("A", "", 50), ("B", "Shorter", 20)]
    assert not {one["id"] for one in made[0]["blocks"]} & {one["id"] for one in made[1]["blocks"]}
    assert "Shorter" in editor
    assert first.status_code == 409
    assert [one["letter"] for one in page.draft["variants"]] == ["A"]
    assert not PageTest.objects.exists()


def test_the_counts_of_past_days_become_one_row_each() -> None:
    page = a_page(a_form(), slug="plan")
    today = timezone.localdate()
    PageVisits.objects.bulk_create(
        PageVisits(page=page, day=today - timedelta(days=back), slot=slot, visits=2, visitors=1)
        for back in (0, 5)
        for slot in range(3)
    )

    gather()
    gather()

    rows = PageVisits.objects.order_by("day", "slot").values_list("day", "slot", "visits", "visitors")
    assert list(rows) == [(today - timedelta(days=5), 0, 6, 3)] + [(today, slot, 2, 1) for slot in range(3)]


def test_a_remembered_page_asks_the_database_nothing_but_to_count_afterwards(
    settings: Any, django_assert_num_queries: Any
) -> None:
    settings.FORM_DEFINITION_SECONDS = 60
    a_page(a_form(), slug="plan")
    browser = a_browser()
    browser.get("/p/plan/")

    with django_assert_num_queries(1) as queries:
        browser.get("/p/plan/")
    forget_specs()

    assert "forms_intake_pagevisits" in queries[0]["sql"]
