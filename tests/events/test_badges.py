"""Badges on paper: names in any letters the fonts have, however long, and those they have not are named."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from fpdf import FPDF

from contacts.models import Contact, Role
from forms_intake.events import paper
from forms_intake.events.paper import BOLD, COLUMNS, ROWS, WORDS, Badge, badges_pdf, undrawn
from forms_intake.events.views import badges
from tests.build import a_user
from tests.events.making import an_event, registers

NAMES = ["Łucja Żółć", "Ελένη Παπαδοπούλου", "Юлия Щербакова", "עומר לוי", "سارة عمر", "Նարե", "ნინო"]


def a_badge(name: str, company: str = "Nordwind") -> Badge:
    return Badge("Open day", name, company, "https://crm.example/events/at/abc/")


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_ten_stand_on_a_page_and_codes_are_as_large_as_scanners_want() -> None:
    each = ROWS * COLUMNS
    for number, pages in ((0, 1), (1, 1), (each, 1), (each + 1, 2)):
        pdf = badges_pdf([a_badge(f"Guest {n}") for n in range(number)], title="Badges")
        assert pdf.startswith(b"%PDF-") and pages_of(pdf) == pages


def test_letters_of_many_scripts_are_drawn_and_those_that_are_not_are_named(settings: Any) -> None:
    assert undrawn(NAMES) == []
    assert undrawn(["Nina", "张伟", "Омар"]) == ["张伟"]
    assert badges_pdf([a_badge(name, company=name) for name in [*NAMES, "张伟"]], title="Badges").startswith(b"%PDF-")

    settings.BADGE_FONT = str(BOLD)
    assert badges_pdf([a_badge("Nina")], title="Badges").startswith(b"%PDF-")


@pytest.mark.parametrize(
    "name",
    ["Nina", "N" * 200, "Donaudampfschifffahrtsgesellschaftskapitän Nina", "Nina " * 40, "", "\u202eNina\u0301 😀"],
)
def test_however_long_a_name_it_stays_on_its_badge(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[float, float]] = []
    cell = FPDF.cell

    def watched(pdf: Any, w: Any = None, h: Any = None, text: str = "", *more: Any, **named: Any) -> Any:
        drawn.append((pdf.get_string_width(text), pdf.get_y() + (h or 0)))
        return cell(pdf, w, h, text, *more, **named)

    monkeypatch.setattr(FPDF, "cell", watched)
    badges_pdf([a_badge(name, company=name)], title="Badges")

    assert all(width <= WORDS + 0.1 and bottom <= paper.TOP + paper.HEIGHT for width, bottom in drawn)


@pytest.mark.django_db
def test_marketers_get_the_list_as_it_is_narrowed_as_a_pdf(client: Client) -> None:
    client.force_login(a_user(Role.MARKETER))
    event = an_event()
    for name in ("nina", "omar"):
        registers(event, name)
    Contact.objects.filter(first_name="Omar").update(first_name="伟", last_name="张")

    page = client.get(f"/events/{event.pk}/badges/?q=lind").content.decode()
    assert f'href="/events/{event.pk}/badges.pdf?q=lind"' in page and "no letters for" not in page
    assert "no letters for <bdi>伟 张</bdi>" in client.get(f"/events/{event.pk}/badges/").content.decode()
    answer = client.get(f"/events/{event.pk}/badges.pdf?q=lind")
    assert (answer["Content-Type"], pages_of(answer.content)) == ("application/pdf", 1)
    assert answer["Content-Disposition"] == f'attachment; filename="badges-{event.slug}.pdf"'


@pytest.mark.django_db
def test_more_badges_than_are_drawn_at_once_are_offered_in_parts(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(a_user(Role.MARKETER))
    monkeypatch.setattr(badges, "MOST_BADGES", 2)
    event = an_event()
    for name in ("eva", "omar", "ada", "nina", "tom"):
        registers(event, name)
    url = f"/events/{event.pk}/badges/"

    def shown(part: str) -> list[str]:
        page = client.get(f"{url}?q=lind&part={part}").content.decode()
        return re.findall(r"<strong><bdi>(\w+) Lind", page)

    page = client.get(f"{url}?q=lind").content.decode()
    assert "1–2 of 5 badges" in page
    assert '<strong aria-current="page">1–2</strong>' in page
    assert '<a href="?q=lind&amp;part=2">3–4</a>' in page and '<a href="?q=lind&amp;part=3">5</a>' in page
    assert [shown(part) for part in ("1", "2", "3")] == [["Ada", "Eva"], ["Nina", "Omar"], ["Tom"]]
    assert [shown(part) for part in ("0", "4", "x", "")] == [["Ada", "Eva"]] * 4
    second = client.get(f"{url}?q=lind&part=2").content.decode()
    assert f'href="/events/{event.pk}/badges.pdf?q=lind&amp;part=2"' in second
    pdf = client.get(f"/events/{event.pk}/badges.pdf?part=3")
    assert pdf["Content-Disposition"] == f'attachment; filename="badges-{event.slug}-5-5.pdf"'


def test_the_fonts_come_with_their_licence() -> None:
    assert all((Path(paper.FONTS) / name).stat().st_size > 1000 for name in ("LICENCE.txt", "DejaVuSans.ttf"))
