"""The admin in a real browser, under the policy that allows no inline script or style."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from contacts.models import Contact, Role
from contacts.services.contacts import create_contact
from forms_intake.models import IntakeForm, LandingPage
from leads.models import Lead
from scoring.models import ScoringModel, State
from tests.admin.pages import address
from tests.build import a_form, a_model, a_page, a_rule, a_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BROKEN = """
window.__broken = [];
document.addEventListener("securitypolicyviolation",
    event => window.__broken.push(event.violatedDirective + " " + event.blockedURI + " " + event.sourceFile));
"""


def test_the_admin_breaks_no_policy_and_a_model_goes_live_with_one_click(live_server: Any, page: Any) -> None:
    a_user(Role.ADMINISTRATOR, "ada")
    nina = create_contact(first_name="Nina", last_name="Lind", email="nina@lind.example")
    model = a_model()
    a_rule(model, 10, "Calls", interaction_type="call")
    form = a_form()
    a_page(form)
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script(BROKEN)

    def visit(where: str) -> None:
        page.goto(live_server.url + where)

    visit(reverse("admin:index"))
    page.fill("#id_username", "ada")
    page.fill("#id_password", "correct horse battery")
    page.press("#id_password", "Enter")
    page.get_by_role("heading", name="Site administration").wait_for()  # the address of the sign-in ends alike
    broken: list[str] = []
    for where in (
        address(Contact, "changelist"),
        address(Contact, "change", nina.pk),
        address(Lead, "add"),
        address(ScoringModel, "changelist"),
        address(ScoringModel, "change", model.pk),
        address(IntakeForm, "change", form.pk),
        address(LandingPage, "changelist"),
    ):
        visit(where)
        broken += page.evaluate("window.__broken")

    visit(address(IntakeForm, "change", form.pk))
    page.get_by_text("Add another Form field").click()
    visit(address(Lead, "add"))
    page.locator("[aria-labelledby=select2-id_contact-container]").click()
    page.locator(".select2-search__field").fill("lind.example")
    page.locator(".select2-results__option", has_text="Nina Lind").click()
    page.fill("#id_topic", "Route planning")
    broken += page.evaluate("window.__broken")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{address(Lead, 'changelist')}")
    visit(address(ScoringModel, "change", model.pk))
    page.locator("#rules-0 .tree > .group").wait_for()  # nothing moves any more
    page.get_by_text("Add another Rule", exact=True).click()
    page.locator("#rules-1 .tree > .group").wait_for()
    page.fill("#id_rules-1-name", "Hot")
    page.fill("#id_rules-1-points", "5")
    page.locator("#rules-1 .condition .add").first.click()
    page.locator("#rules-1 select.what").select_option("field:rating")
    broken += page.evaluate("window.__broken")
    page.get_by_role("button", name="Save and go live").click()
    page.get_by_text("is live as version 1").wait_for()

    assert broken == []
    assert wrong == []
    assert Lead.objects.get().contact == nina
    model.refresh_from_db()
    assert model.state == State.LIVE
    assert model.rules.get(name="Hot").condition == {"field": "rating", "op": "is", "value": "hot"}
