"""What another site makes a browser do that is signed in here: nothing. Looking changes nothing, posts need a word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

from contacts.models import Role
from tests.build import a_user
from tests.role_matrix import MATRIX, PUBLIC
from tests.role_world import World, a_world
from tests.test_role_matrix import answer, unrendered

__all__ = ["unrendered"]
pytestmark = pytest.mark.django_db

WITHOUT_OUR_WORD = PUBLIC - {"sign-in/", "sign-out/", "admin/login/"} | {"forms/<int:form_id>/preview/"}
"""What takes posts from anywhere: it knows nobody by a cookie, or it writes nothing."""

LEAVE_A_TRACE = {
    "events/<int:event_id>/export/": "contacts_listexport",
    "segments/<int:segment_id>/export.csv": "contacts_listexport",
    "views/<slug:entity>/export/": "contacts_listexport",
    "leads/reports/": "leads_reportresult",
    "leads/reports/table.csv": "leads_reportresult",
}
"""What looking writes down, where it does: who took which list along; a report that was computed."""


@pytest.fixture
def world() -> World:
    return a_world()


def exempt() -> Iterator[str]:
    """Every address whose posts need no word of ours, as Django writes it."""

    def below(patterns: list[Any], prefix: str) -> Iterator[str]:
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from below(pattern.url_patterns, route)
            elif getattr(pattern.callback, "csrf_exempt", False):
                yield route

    return below(get_resolver().url_patterns, "")


def test_only_what_knows_nobody_by_a_cookie_takes_posts_without_our_word() -> None:
    assert [route for route in exempt() if not route.startswith("api/v1/") and route not in WITHOUT_OUR_WORD] == []


def test_a_post_without_our_word_is_refused_everywhere_and_changes_nothing(world: World, unrendered: None) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(a_user(Role.ADMINISTRATOR))
    wrong = []
    for route in MATRIX.keys() - WITHOUT_OUR_WORD:
        status, _, written = answer(client, "post", world.path(route), world.sent.get(route))
        if status != 403 or written:
            wrong.append(f"{route}: {status} {written[:1]}")

    assert not wrong, "\n".join(wrong)


def test_looking_at_a_page_changes_nothing(world: World, unrendered: None) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(a_user(Role.ADMINISTRATOR))
    wrong = []
    for route in MATRIX:
        _, _, written = answer(client, "get", world.path(route))
        trace = LEAVE_A_TRACE.get(route)
        if told := [one for one in written if trace is None or trace not in one]:
            wrong.append(f"{route}: {told[0][:150]}")

    assert not wrong, "\n".join(wrong)
