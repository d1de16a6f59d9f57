"""Themes: every pair of colours that is read can be read (WCAG 2.2 AA), and every theme says all that pages ask for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from contacts.models import Role
from forms_intake.landing.themes import THEMES
from forms_intake.models import LandingPage
from tests.build import a_form, a_page, a_user
from tests.test_contrast import EDGE, TEXT, contrast

SHEETS = Path(__file__).resolve().parents[2] / "static" / "css" / "landing"
PAIRS = [
    *((ink, ground, TEXT) for ink in ("ink", "ink-2", "link") for ground in ("paper", "tint", "card")),
    ("ink", "field", TEXT),
    ("ink-2", "field", TEXT),
    ("bad", "card", TEXT),
    ("ink", "bad-soft", TEXT),
    *((ink, "hero-ground", TEXT) for ink in ("hero-ink", "hero-ink-2", "hero-accent")),
    ("brand-ink", "brand", TEXT),
    ("brand-ink", "brand-strong", TEXT),
    ("hero-brand-ink", "hero-brand", TEXT),
    ("hero-brand-ink", "hero-brand-strong", TEXT),
    ("foot-ink", "foot-ground", TEXT),
    ("edge", "card", EDGE),
    ("edge", "field", EDGE),
    ("brand", "paper", EDGE),
    ("hero-brand", "hero-ground", EDGE),
    ("focus", "paper", EDGE),
    ("focus", "tint", EDGE),
    ("focus", "card", EDGE),
]


def colours(theme: str, *, dark: bool = False) -> dict[str, str]:
    """The colours of a theme by name; by night those that its other sheet puts in their place."""
    names = [theme, f"dark/{theme}"] if dark else [theme]
    text = "".join((SHEETS / f"{name}.css").read_text() for name in names)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", text))


@pytest.mark.parametrize("dark", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("theme", THEMES)
def test_what_a_theme_writes_can_be_read(theme: str, dark: bool) -> None:
    found = colours(theme, dark=dark)
    weak = {
        (ink, ground): round(contrast(found[ink], found[ground]), 2)
        for ink, ground, least in PAIRS
        if contrast(found[ink], found[ground]) < least
    }

    assert not weak


@pytest.mark.parametrize("theme", THEMES)
def test_a_theme_says_all_that_pages_ask_for(theme: str) -> None:
    asked = set(re.findall(r"var\(--([\w-]+)\)", (SHEETS / "page.css").read_text()))
    said = set(re.findall(r"--([\w-]+):", (SHEETS / f"{theme}.css").read_text()))

    assert asked <= said


@pytest.mark.parametrize("theme", THEMES)
def test_by_night_no_colour_of_the_day_is_left(theme: str) -> None:
    day, night = colours(theme), (SHEETS / "dark" / f"{theme}.css").read_text()

    assert set(day) == set(re.findall(r"--([\w-]+):\s*#", night))
    assert "color-scheme: dark" in night


def test_pages_fetch_nothing_from_elsewhere() -> None:
    for sheet in SHEETS.rglob("*.css"):
        assert "@import" not in sheet.read_text()
        assert "url(" not in sheet.read_text()


NIGHT = 'media="screen and (prefers-color-scheme: dark)"'


@pytest.mark.django_db
def test_a_page_is_dark_on_dark_devices_only_where_its_maker_says_so(client: Client) -> None:
    page = a_page(a_form(), theme="paper")
    client.force_login(a_user(Role.MARKETER))
    theme = f"/pages/{page.pk}/theme/"

    assert 'id="dark-no" aria-pressed="true"' in client.get(f"/pages/{page.pk}/").content.decode()
    client.post(theme, {"variant": "A", "dark": "yes"})

    page = LandingPage.objects.get()
    assert (page.draft["settings"]["dark"], page.draft["variants"][0]["theme"]) == (True, "paper")
    assert NIGHT not in client.get("/p/demo/").content.decode()
    assert NIGHT in client.get(f"/pages/{page.pk}/frame/").content.decode()
    whole = client.get(f"/pages/{page.pk}/frame/?dark=1").content.decode()
    assert "css/landing/dark/paper" in whole and NIGHT not in whole
    builder = client.get(f"/pages/{page.pk}/").content.decode()
    assert 'id="dark-yes" aria-pressed="true"' in builder and "dark=1" in builder
    assert "Dark where the visitor" in client.get(f"/pages/{page.pk}/versions/").content.decode()


@pytest.mark.django_db
def test_who_sets_only_the_address_of_a_page_does_not_make_it_light_again(client: Client) -> None:
    page = a_page(a_form(), settings={"dark": True})
    client.force_login(a_user(Role.MARKETER))

    said = {"name": "Demo", "slug": "demo", "title": "Demo", "language": "en"}
    assert client.post(f"/pages/{page.pk}/settings/", said).status_code == 302

    assert LandingPage.objects.get().draft["settings"]["dark"] is True
    assert NIGHT in client.get("/p/demo/").content.decode()
