"""Every theme, wide and narrow, for who likes light and who likes dark: no rule of axe-core is broken (WCAG 2.2 AA)."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from forms_intake.landing.themes import THEMES
from forms_intake.models import FieldType, FormField, IntakeForm
from tests.build import a_form, a_page
from tests.landing.test_public_pages import all_blocks, an_image

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.deep]
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def a_form_of_all_kinds() -> IntakeForm:
    form = a_form(fields={"email": "contact.email"})
    kinds: list[dict[str, Any]] = [
        {"key": "words", "type": FieldType.LONG_TEXT, "required": True, "help": "As long as you like."},
        {"key": "one", "type": FieldType.CHOICE, "choices": ["A", "B"], "required": True},
        {"key": "radio", "type": FieldType.CHOICE, "choices": ["A", "B"], "display": "radio", "required": True},
        {"key": "some", "type": FieldType.MULTI_CHOICE, "choices": ["A", "B"]},
        {"key": "tick", "type": FieldType.CONSENT, "consent_level": 4, "required": True},
        {"key": "day", "type": FieldType.DATE},
    ]
    for place, row in enumerate(kinds, 3):
        FormField.objects.create(form=form, position=place, label=row["key"].capitalize(), **row)
    return form


@pytest.mark.parametrize("theme", THEMES)
def test_a_page_of_all_blocks_breaks_no_rule_as_it_is_and_with_mistakes(
    page: Page, live_server: Any, theme: str
) -> None:
    form = a_form_of_all_kinds()
    a_page(
        form,
        theme=theme,
        blocks=all_blocks(form.pk, an_image().pk, "Words to read"),
        settings={"language": "de", "dark": True},
    )
    axe, broken = Axe(), []
    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{live_server.url}/p/demo/")
            broken += _broken(axe, page, f"{theme}, {width}, {scheme}")
            page.locator("form button").click()
            page.wait_for_selector(".form-errors")
            page.wait_for_load_state()  # what it looks like too
            broken += _broken(axe, page, f"{theme}, {width}, {scheme}, with mistakes")
    assert broken == []


def _broken(axe: Axe, page: Page, where: str) -> list[str]:
    answer = axe.run(page, options=RULES).response
    assert len(answer["passes"]) > 20
    found = answer["violations"]
    return [
        f"{where}: {one['id']}: {one['help']}: {[node['html'][:120] for node in one['nodes']][:3]}" for one in found
    ]
