"""A marketer makes a landing page in the browser: blocks, theme, address, going live, and back."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.landing.checks import findings_of
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import add_version, make_page
from forms_intake.landing.starters import begin
from forms_intake.models import IntakeForm, LandingPage, PageForm, PageImage
from tests.admin.pages import fields_on
from tests.build import a_campaign, a_form, a_page, a_user
from tests.landing.pictures import an_upload

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def marketer(client: Client) -> Client:
    client.force_login(a_user(Role.MARKETER, "mia", first_name="Mia", last_name="Berg"))
    return client


def a_draft(form: IntakeForm | None = None, **more: Any) -> LandingPage:
    blocks: list[dict[str, Any]] = [{"kind": "hero", "heading": "Plan"}, {"kind": "text", "text": "Words"}]
    blocks += [{"kind": "form", "form": form.pk}] if form else []
    return make_page(name=more.pop("name", "Plan"), definition=new_definition("Plan", blocks), by=None, **more)


def blocks_of(page: LandingPage) -> list[dict[str, Any]]:
    page.refresh_from_db()
    blocks: list[dict[str, Any]] = page.draft["variants"][0]["blocks"]
    return blocks


def kinds_of(page: LandingPage) -> list[str]:
    return [block["kind"] for block in blocks_of(page)]


def save(client: Client, where: str, **typed: Any) -> Any:
    """What was on the page, with this typed into it."""
    return client.post(where, fields_on(client.get(where)) | typed)


def test_from_nothing_to_a_live_page_in_a_few_steps(marketer: Client) -> None:
    form = a_form("Ask for a demo")

    made = marketer.post("/pages/new/", {"name": "See it work", "begin": "offer", "form": form.pk})
    page = LandingPage.objects.get()
    save(marketer, f"/pages/{page.pk}/blocks/new/?kind=text", heading="Questions", text="**Is it quick?** Yes.")
    before = Client().get("/p/see-it-work/").status_code
    read = marketer.get(f"/pages/{page.pk}/live/")
    live = marketer.post(f"/pages/{page.pk}/live/", {"seen": read.context["seen"], "note": "First"})

    assert made["Location"] == f"/pages/{page.pk}/"
    assert kinds_of(page) == ["hero", "form", "columns", "text", "footer"]
    assert (before, live.status_code) == (404, 302)
    shown = Client().get("/p/see-it-work/").content.decode()
    assert "<strong>Is it quick?</strong>" in shown
    assert f'action="/f/{form.public_id}/"' in shown
    assert page.versions.get().note == "First"


def test_visitors_see_what_is_live_while_the_draft_is_edited(marketer: Client) -> None:
    page = a_page(a_form(), title="Plan")
    hero = blocks_of(page)[0]["id"]

    save(marketer, f"/pages/{page.pk}/blocks/{hero}/", heading="Plan better")

    assert "Plan better" not in Client().get("/p/demo/").content.decode()
    assert "Plan better" in marketer.get(f"/pages/{page.pk}/frame/").content.decode()
    assert "changes are not live yet" in marketer.get(f"/pages/{page.pk}/").content.decode()
    told = marketer.get(f"/pages/{page.pk}/live/")
    assert [one.after for one in told.context["differences"]] == ["Plan better"]


def test_blocks_are_moved_copied_and_removed(marketer: Client) -> None:
    page = a_draft()
    hero, text = (block["id"] for block in blocks_of(page))

    moved = marketer.post(f"/pages/{page.pk}/blocks/{text}/move/", {"to": "0"}, headers=HTMX)
    marketer.post(f"/pages/{page.pk}/blocks/{text}/copy/")
    copied = kinds_of(page)
    seen = marketer.get(f"/pages/{page.pk}/blocks/{hero}/remove/").context["seen"]
    marketer.post(f"/pages/{page.pk}/blocks/{hero}/remove/", {"seen": seen})

    assert b'id="draft"' in moved.content
    assert copied == ["text", "text", "hero"]
    assert kinds_of(page) == ["text", "text"]
    assert len({block["id"] for block in blocks_of(page)}) == 2


def test_a_page_shows_one_form(marketer: Client) -> None:
    page = a_draft(form := a_form())
    block = blocks_of(page)[2]["id"]

    refused = save(marketer, f"/pages/{page.pk}/blocks/new/?kind=form", form=form.pk)
    copied = marketer.post(f"/pages/{page.pk}/blocks/{block}/copy/")

    assert refused.status_code == 422
    assert "It has a form already" in refused.content.decode()
    assert copied.status_code == 409
    assert kinds_of(page) == ["hero", "text", "form"]


def test_whoever_saves_a_block_second_is_told_and_keeps_what_they_typed(marketer: Client) -> None:
    page = a_draft()
    where = f"/pages/{page.pk}/blocks/{blocks_of(page)[0]['id']}/"
    second = fields_on(marketer.get(where)) | {"eyebrow": "Mine"}
    save(marketer, where, heading="Theirs")

    told = marketer.post(where, second)
    text = told.content.decode()
    again = marketer.post(where, fields_on(told))

    assert told.status_code == 422
    assert "Heading from “Plan” to “Theirs”" in text
    assert 'value="Mine"' in text
    assert again.status_code == 302
    assert (blocks_of(page)[0]["heading"], blocks_of(page)[0]["eyebrow"]) == ("Theirs", "Mine")


def test_a_block_that_was_removed_meanwhile_can_be_added_with_what_was_typed(marketer: Client) -> None:
    page = a_draft()
    text = blocks_of(page)[1]["id"]
    where = f"/pages/{page.pk}/blocks/{text}/?kind=text"
    typed = fields_on(marketer.get(where)) | {"heading": "Kept"}
    seen = marketer.get(f"/pages/{page.pk}/blocks/{text}/remove/").context["seen"]
    marketer.post(f"/pages/{page.pk}/blocks/{text}/remove/", {"seen": seen})

    told = marketer.post(where, typed)

    assert told.status_code == 409
    assert 'value="Kept"' in told.content.decode()
    assert "removed this block while you were editing it" in told.content.decode()


def test_links_and_pictures_are_checked_where_they_are_typed(marketer: Client) -> None:
    page = a_draft()
    where = f"/pages/{page.pk}/blocks/new/?kind=hero"

    link = save(marketer, where, heading="Go", button="Go", link="javascript:alert(1)")
    no_alt = save(marketer, where, heading="Go", image_file=an_upload())
    no_picture = save(marketer, where, heading="Go", alt="A lorry", image_file=an_upload(b"<svg onload=alert(1)>"))
    kept = save(marketer, where, heading="Go", alt="A lorry", image_file=an_upload())

    assert "Only links with https, http, mailto or tel" in link.content.decode()
    assert "Say what the image shows" in no_alt.content.decode()
    assert "This is no image that can be read" in no_picture.content.decode()
    assert [link.status_code, no_alt.status_code, no_picture.status_code, kept.status_code] == [422, 422, 422, 302]
    assert blocks_of(page)[-1]["image"] == PageImage.objects.get().pk


def test_what_would_be_wrong_keeps_a_page_from_going_live_and_says_why(marketer: Client) -> None:
    page = a_draft(a_form(state="draft"))
    page.draft["settings"]["title"] = ""
    page.draft["variants"][0]["blocks"].append({"kind": "image", "id": "a1", "image": 7, "alt": ""} | {"caption": ""})
    page.save()

    read = marketer.get(f"/pages/{page.pk}/live/")
    words = " ".join(one.words for one in read.context["findings"] if one.stops)
    from_the_page = marketer.post(
        f"/pages/{page.pk}/live/", {"seen": marketer.get(f"/pages/{page.pk}/").context["stamp"]}
    )

    assert "no title" in words
    assert "is a draft: it takes no posts" in words
    assert "its image is gone" in words
    assert from_the_page.status_code == 422
    assert Client().get(f"/p/{page.slug}/").status_code == 404


def test_nobody_goes_live_with_what_they_have_not_read(marketer: Client) -> None:
    page = a_draft(a_form())
    seen = marketer.get(f"/pages/{page.pk}/live/").context["seen"]
    marketer.post(f"/pages/{page.pk}/theme/", {"theme": "paper", "variant": "A"})

    refused = marketer.post(f"/pages/{page.pk}/live/", {"seen": seen})

    assert refused.status_code == 409
    assert "Mia Berg changed Plan while you were looking at it" in refused.content.decode()


def test_versions_are_kept_compared_and_brought_back(marketer: Client) -> None:
    page = a_page(a_form(), title="First")
    hero = blocks_of(page)[0]["id"]
    save(marketer, f"/pages/{page.pk}/blocks/{hero}/", heading="Second")
    page.refresh_from_db()
    add_version(page, by=None)

    shown = marketer.get(f"/pages/{page.pk}/versions/?from=1&to=2")
    marketer.post(f"/pages/{page.pk}/versions/1/restore/", {"seen": shown.context["seen"]})

    assert [(one.before, one.after) for one in shown.context["differences"]] == [("First", "Second")]
    assert blocks_of(page)[0]["heading"] == "First"
    assert "Second" in Client().get("/p/demo/").content.decode()


def test_a_page_is_stopped_archived_and_brought_back(marketer: Client) -> None:
    page = a_page(a_form(), title="Plan routes")

    marketer.post(f"/pages/{page.pk}/stop/")
    stopped = Client().get("/p/demo/").status_code
    marketer.post(f"/pages/{page.pk}/archive/")
    hidden, listed = (
        f'id="page-{page.pk}"' in marketer.get(f"/pages/{query}").content.decode() for query in ("", "?state=archived")
    )
    marketer.post(f"/pages/{page.pk}/bring-back/")
    seen = marketer.get(f"/pages/{page.pk}/live/").context["seen"]
    marketer.post(f"/pages/{page.pk}/live/", {"seen": seen})

    assert stopped == 410
    assert (hidden, listed) == (False, True)
    assert Client().get("/p/demo/").status_code == 200


def test_a_copy_is_a_draft_of_its_own_with_the_same_campaign(marketer: Client) -> None:
    page = a_page(a_form(), title="Plan routes")
    page.marketing_context.campaign = a_campaign("Spring")
    page.marketing_context.save()

    marketer.post(f"/pages/{page.pk}/duplicate/")

    twin = LandingPage.objects.exclude(pk=page.pk).get()
    assert (twin.title, twin.slug, twin.state) == ("Plan routes (copy)", "demo-2", "draft")
    assert twin.marketing_context.campaign == page.marketing_context.campaign
    assert twin.marketing_context_id != page.marketing_context_id
    assert twin.uses.get().form == page.uses.get().form


def test_an_address_that_others_have_or_had_is_refused(marketer: Client) -> None:
    page, other = a_page(a_form(), slug="one"), a_page(a_form("Another"), slug="two")
    save(marketer, f"/pages/{other.pk}/settings/", slug="three")

    taken = save(marketer, f"/pages/{page.pk}/settings/", slug="three")
    older = save(marketer, f"/pages/{page.pk}/settings/", slug="two")
    back = save(marketer, f"/pages/{other.pk}/settings/", slug="two")

    assert "Another page is there." in taken.content.decode()
    assert "was there before" in older.content.decode()
    assert back.status_code == 302
    assert Client().get("/p/three/")["Location"] == "/p/two/"


def test_the_preview_shows_what_is_typed_and_writes_nothing(marketer: Client) -> None:
    page = a_draft()
    before = blocks_of(page)

    shown = marketer.post(
        f"/pages/{page.pk}/typed/?kind=hero&block={before[0]['id']}",
        {"heading": "<b>Typed</b>", "link": "javascript:1"},
    ).content.decode()
    new = marketer.post(f"/pages/{page.pk}/typed/?kind=text", {"heading": "Brand new"}).content.decode()

    assert "&amp;lt;b&amp;gt;Typed&amp;lt;/b&amp;gt;" in shown
    assert "javascript:1" not in shown
    assert "Brand new" in new
    assert blocks_of(page) == before


def test_the_frame_may_stand_only_in_pages_of_ours(marketer: Client) -> None:
    page = a_draft()

    frame, editor = marketer.get(f"/pages/{page.pk}/frame/"), marketer.get(f"/pages/{page.pk}/")

    assert "frame-ancestors 'self'" in frame["Content-Security-Policy"]
    assert frame["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in editor["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in editor["Content-Security-Policy"]


def test_forms_and_pages_lead_to_each_other(marketer: Client) -> None:
    form = a_form("Ask for a demo")
    page = a_page(form, title="Plan routes")

    assert f'href="/pages/{page.pk}/"' in marketer.get(f"/forms/{form.pk}/share/").content.decode()
    assert f'href="/forms/{form.pk}/"' in marketer.get(f"/pages/{page.pk}/").content.decode()
    assert f'href="/forms/{form.pk}/"' in marketer.get("/pages/").content.decode()
    assert PageForm.objects.get().shown


def test_the_list_asks_as_much_for_many_pages_as_for_few(marketer: Client, django_assert_max_num_queries: Any) -> None:
    for number in range(6):
        a_page(a_form(f"Form {number}"), slug=f"page-{number}")

    marketer.get("/pages/")
    with django_assert_max_num_queries(12):
        assert marketer.get("/pages/").status_code == 200


def test_hints_for_who_writes_a_page_are_pointed_out_until_they_are_replaced() -> None:
    page = make_page(name="Plan", definition=begin("offer", name="Plan", form_id=None), by=None)
    hints = [one.words for one in findings_of(page) if "a hint of ours" in one.words]
    assert [words.split("“")[0] for words in hints] == ["Hero: ", "Columns: "]

    for block in page.draft["variants"][0]["blocks"]:
        for name in block.keys() & {"text", "title_1", "body_1", "title_2", "body_2", "title_3", "body_3"}:
            block[name] = "Our own words"

    assert not [one for one in findings_of(page) if "a hint of ours" in one.words]


def test_what_is_to_think_about_is_read_before_a_page_goes_live(marketer: Client) -> None:
    page = make_page(name="Plan", definition=begin("offer", name="Plan", form_id=None), by=None)

    assert 'class="card findings" open>' in marketer.get(f"/pages/{page.pk}/live/").content.decode()
    assert 'class="card findings">' in marketer.get(f"/pages/{page.pk}/").content.decode()
