"""What visitors meet: quick, light, legible pages that say to search engines and networks what they are about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.landing.blocks import COLUMNS, KINDS, LINKS
from forms_intake.landing.definition import new_definition
from forms_intake.landing.editing import keep_settings, locked, make_page
from forms_intake.landing.images import take_image
from forms_intake.landing.themes import THEMES
from forms_intake.models import PageSlug, Submission
from forms_intake.spec.remembering import forget_specs
from tests.build import a_form, a_page, a_user
from tests.forms_intake.test_hostile import HOSTILE, is_inert
from tests.landing.pictures import an_upload
from tests.landing.reading import Outline

pytestmark = pytest.mark.django_db
STATIC = Path(__file__).resolve().parents[2] / "static"


def all_blocks(form_id: int | None, image_id: int | None = None, words: str = "Words") -> list[dict[str, Any]]:
    """One of each kind, every field of which says `words`."""
    blocks = []
    for kind in KINDS.values():
        said = {name: words if value == "" else value for name, value in kind.begins.items()}
        said |= {name: image_id for name in said if name.startswith("image")}
        said |= {name: "https://nordwind.example/" for name in said if name.startswith("link")}
        blocks.append({"kind": kind.name, **said})
    for block in blocks:
        if block["kind"] == "form":
            block |= {"form": form_id, "button": words[:50]}
    return [block for block in blocks if block["kind"] != "form" or form_id]


def an_image(alt: str = "A lorry at a ramp") -> Any:
    return take_image(file=an_upload(), name="fleet.png", alt=alt, by=a_user(Role.MARKETER, "mia"))


@pytest.mark.parametrize("theme", THEMES)
def test_a_page_of_all_blocks_is_light_and_has_order(client: Client, theme: str) -> None:
    form = a_form(fields={"email": "contact.email", "first_name": "contact.first_name", "company": "account.name"})
    a_page(form, blocks=all_blocks(form.pk, an_image().pk, "Words that say something. " * 4), theme=theme)

    answer = client.get("/p/demo/")
    text = answer.content.decode()
    sheets = [STATIC / "css/landing/page.css", STATIC / f"css/landing/{theme}.css"]
    read = Outline(text)

    assert answer.status_code == 200
    assert f"css/landing/{theme}" in text
    assert len(answer.content) + sum(len(sheet.read_bytes()) for sheet in sheets) < 50_000
    assert read.headings.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(read.headings, read.headings[1:], strict=False))
    assert read.headings[0] == 1
    assert [read.elements.count(name) for name in ("main", "header", "footer", "nav")] == [1, 1, 1, 1]
    assert len(read.ids) == len(set(read.ids))
    assert all(one.get("id") in read.labelled for one in read.controls)
    assert "script" not in read.elements
    assert not read.handlers
    assert all(one.get("alt") and one.get("width") and one.get("height") for one in read.images)


def test_what_search_engines_and_networks_are_told_stands_in_the_head(client: Client) -> None:
    image = an_image()
    said = {"description": "Guide & more", "social_title": "Read it", "social_image": image.pk, "noindex": True}
    a_page(a_form(), title="Plan routes", settings=said)

    text = client.get("/p/demo/?utm_source=mail").content.decode()

    assert "<title>Plan routes · " in text
    assert '<meta name="description" content="Guide &amp; more">' in text
    assert '<link rel="canonical" href="http://testserver/p/demo/">' in text
    assert '<meta property="og:title" content="Read it">' in text
    assert f'<meta property="og:image" content="http://testserver/p/images/{image.key}-social.jpg">' in text
    assert '<meta name="twitter:card" content="summary_large_image">' in text
    assert '<meta name="robots" content="noindex">' in text
    assert client.get(f"/p/images/{image.key}-social.jpg")["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_in_every_field_come_out_inert(client: Client, hostile: str) -> None:
    form = a_form(name=hostile)
    blocks = all_blocks(form.pk, an_image(hostile).pk, hostile)
    for block in blocks:
        block |= {name: hostile for name in block if name.startswith("link")}
    said = dict.fromkeys(("title", "description", "social_title", "social_description", "canonical"), hostile)
    page = a_page(form, blocks=blocks, settings=said, title=hostile)
    client.force_login(a_user(Role.MARKETER))

    shown = [client.get(f"/pages/{page.pk}/{end}") for end in ("", "frame/", "settings/", "live/", "versions/")]
    shown += [client.get("/pages/"), client.get("/p/demo/"), client.get(f"/forms/{form.pk}/share/")]
    shown += [client.get(f"/pages/{page.pk}/blocks/{one['id']}/") for one in page.draft["variants"][0]["blocks"]]

    for answer in shown:
        assert answer.status_code == 200
        assert is_inert(answer.content.decode())
        assert "'unsafe" not in answer["Content-Security-Policy"]
    assert not [link for link in Outline(client.get("/p/demo/").content.decode()).links if "script" in link]


def test_links_that_are_not_safe_are_left_out_of_pages(client: Client) -> None:
    bad = "javascript:alert(1)"
    hero = {"kind": "hero", "heading": "Go", "button": "Go", "link": bad, "text": f"[x]({bad})"}
    footer = {"kind": "footer"} | {f"label_{n}": "x" for n in LINKS} | {f"link_{n}": bad for n in LINKS}
    a_page(None, blocks=[hero, footer])

    assert "javascript" not in client.get("/p/demo/").content.decode().replace("[x](javascript:alert(1))", "")


def test_an_old_address_leads_to_where_the_page_is_and_what_is_posted_from_there_is_its_own(client: Client) -> None:
    form = a_form()
    page = a_page(form, slug="spring")
    about = {"campaign": None, "product": None, "name": "Summer", "slug": "summer"}
    keep_settings(locked(page.pk), about, a_user(Role.MARKETER))
    forget_specs()

    moved = client.get("/p/spring/?utm_source=mail")
    client.post(f"/f/{form.public_id}/", {"email": "nina@nordwind.example", "_page": "spring"})

    assert (moved.status_code, moved["Location"]) == (301, "/p/summer/?utm_source=mail")
    assert client.get("/p/summer/").status_code == 200
    assert Submission.objects.get().page == page
    assert PageSlug.objects.get().slug == "spring"


def test_a_stopped_page_says_so_kindly_and_a_draft_is_not_there(client: Client) -> None:
    a_page(a_form(), published=False, settings={"stopped_message": "See you next spring."})
    make_page(name="New", definition=new_definition("New", []), by=None, slug="new")

    gone = client.get("/p/demo/")

    assert (gone.status_code, "See you next spring." in gone.content.decode()) == (410, True)
    assert client.get("/p/new/").status_code == 404


def test_a_page_without_a_form_or_a_hero_still_has_its_heading(client: Client) -> None:
    a_page(None, title="Plan routes", blocks=[{"kind": "text", "text": "Words."}])

    read = Outline(client.get("/p/demo/").content.decode())

    assert read.headings == [1]
    assert "form" not in read.elements


def test_a_wrong_field_gives_the_same_page_again(client: Client) -> None:
    form = a_form()
    a_page(
        form,
        blocks=[
            {"kind": "hero", "heading": "Plan"},
            {"kind": "form", "form": form.pk},
            {"kind": "footer", "text": "Kestrane"},
        ],
    )

    again = client.post(f"/f/{form.public_id}/", {"email": "nina", "_page": "demo"})

    assert again.status_code == 422
    assert "This is not an e-mail address." in again.content.decode()
    assert "Kestrane" in again.content.decode()
    assert "no-store" in again["Cache-Control"]


def test_columns_that_say_nothing_are_left_out(client: Client) -> None:
    a_page(
        None,
        blocks=[
            {"kind": "hero", "heading": "Go"},
            {"kind": "columns", "title_1": "One", f"body_{COLUMNS[-1]}": "Four"},
        ],
    )

    assert client.get("/p/demo/").content.decode().count('class="column"') == 2


def test_where_no_page_is_a_page_is_missed_in_the_language_of_who_looks(client: Client) -> None:
    english = client.get("/p/nope/")
    german = client.get("/p/nope/", headers={"Accept-Language": "de"})

    assert (english.status_code, "There is no page here." in english.content.decode()) == (404, True)
    assert "Hier ist keine Seite." in german.content.decode()
